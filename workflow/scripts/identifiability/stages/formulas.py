"""Stage ``formulas``: the candidate algorithms for every target."""

import logging
from collections.abc import Iterable

import pandas as pd

from identifiability.algorithms.formulas import candidate_formulas as enumerate_formulas
from identifiability.algorithms.formulas import searched
from identifiability.networks.gates import Gate
from identifiability.protocols import Protocol

_COLUMNS = [
    *("target", "protocol", "formula_id", "formula"),
    *("variables", "variable_ids", "users", "twin_of", "steps"),
]
_log = logging.getLogger(__name__)


def formulas(depth: int, targets: Iterable[Gate], protocols: Iterable[Protocol]) -> pd.DataFrame:
    """Rows of the artifact ``formulas``.

    Args:
        depth: Largest depth of a formula: layers of weights in the networks.
        targets: What the formulas compute.
        protocols: Whose rules list formulas.
    """
    protocols, targets = list(protocols), list(dict.fromkeys(targets))
    for target in targets:
        for protocol in protocols:
            if left_out := searched(target, protocol.formulas, protocol.variables, depth):
                _log.info("%s, %s: %s", target.name, protocol.name, left_out)
    return pd.DataFrame(
        [
            {
                "target": target.name,
                "protocol": protocol.name,
                "formula_id": number,
                "formula": formula.text,
                "variables": [variable.text for variable in formula.variables],
                "variable_ids": [variable.variable_id for variable in formula.variables],
                "users": [variable.user for variable in formula.variables],
                "twin_of": formula.twin_of,
                "steps": formula.steps,
            }
            for target in targets
            for protocol in protocols
            for number, formula in enumerate(
                enumerate_formulas(
                    target, protocol.formulas, protocol.variables, depth, protocol.steps
                )
            )
        ],
        columns=_COLUMNS,
    )
