"""Table 2: all minimal mappings of one network (Méloux et al., ICLR 2025, Table 2)."""

import pandas as pd

from identifiability.exhibits.example import Example
from identifiability.exhibits.material import Material
from identifiability.exhibits.table_files import NOTE
from identifiability.networks.names import place_name
from identifiability.report.findings import Findings
from identifiability.report.printed import MOST_ROWS, Cell, Printed, block, spanning, table

EXHIBIT = {
    "number": "2",
    "title": "All minimal mappings of one network",
    "caption": """
        Every minimal mapping of the network of Figure 2: the algorithm, and the hidden
        neurons that carry each of its intermediate variables. Hidden neurons are called
        by their layer and their place in it.
    """,
    "category": "example",
    "experiments": ("example",),
    "artifacts": ("summary", "networks", "circuits", "interpretations", "mappings", "formulas"),
    "protocols": "example",
}
NO_MAPPINGS = pd.DataFrame(columns=["algorithm", "mapping", "places"])
"""Table 2 of nothing."""


def make(material: Material) -> pd.DataFrame:
    """The table; no row if no network has a mapping."""
    example, note = material.example()
    table = NO_MAPPINGS.copy()
    if example is not None:
        table = mappings_of_one_network(example)
        note = f"The network is {example.network_id}, the protocol `{example.protocol.name}`"
    table.attrs[NOTE] = note
    return table


def printed(found: Findings) -> Printed:
    """Algorithms, and the places of their variables."""
    whole = found.tables["table_2"]
    shown = whole.head(MOST_ROWS)
    blocks = []
    for algorithm, own in shown.groupby("algorithm", sort=False):
        rows: list[list[Cell]] = [
            [str(i), _formula(places)] for i, places in enumerate(own["places"], start=1)
        ]
        rows[0].insert(0, spanning(_formula(str(algorithm)), down=len(rows)))
        blocks.append(block(rows))
    return table(
        ["auto left", "auto right", "1fr left"],
        [["Algorithm", None, "Places of its variables"]],
        blocks,
        more=len(whole) - len(shown),
    )


def _formula(text: str) -> str:
    """A formula in the usual signs."""
    return text.replace("*", "∧").replace("+", "∨")


def mappings_of_one_network(example: Example) -> pd.DataFrame:
    """Table 2: every minimal mapping, one row each.

    Returns:
        The algorithm, the number of the mapping among the algorithm's, and where each of its
        intermediate variables sits.
    """
    variables = example.formulas.set_index("formula_id")["variables"]
    return pd.DataFrame(
        [
            {
                "algorithm": row["formula"],
                "mapping": row["mapping_id"] + 1,
                "places": "; ".join(
                    f"{variable} at {place_name(layer, neurons)}"
                    for variable, layer, neurons in zip(
                        variables[row["formula_id"]], row["layers"], row["neurons"], strict=True
                    )
                )
                or "no intermediate variable",
            }
            for row in example.mappings.to_dict("records")
        ],
        columns=NO_MAPPINGS.columns,
    )
