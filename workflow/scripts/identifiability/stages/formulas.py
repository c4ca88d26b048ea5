"""Stage ``formulas``: the candidate algorithms for every target of a family."""

from collections.abc import Iterable

import pandas as pd

from identifiability.formulas import formulas as enumerate_formulas
from identifiability.gates import Gate
from identifiability.protocols import Protocol


def formulas(
    family: str, targets: Iterable[Gate], depth: int, protocols: Iterable[Protocol]
) -> pd.DataFrame:
    """Rows of the artifact ``formulas``.

    Args:
        family: Slug of the family.
        targets: Its gates.
        depth: Layers of weights in its networks.
        protocols: Whose rules list formulas.
    """
    protocols = list(protocols)
    return pd.DataFrame(
        [
            {
                "family": family,
                "target": target.name,
                "protocol": protocol.name,
                "formula_id": number,
                "formula": formula.text,
                "variables": [variable.text for variable in formula.variables],
                "variable_ids": [variable.variable_id for variable in formula.variables],
            }
            for target in dict.fromkeys(targets)
            for protocol in protocols
            for number, formula in enumerate(
                enumerate_formulas(target, protocol.formulas, protocol.variables, depth)
            )
        ],
        columns=[
            "family",
            "target",
            "protocol",
            "formula_id",
            "formula",
            "variables",
            "variable_ids",
        ],
    )
