"""Table 1: every interpretation of one circuit (Méloux et al., ICLR 2025, Table 1)."""

from typing import Any

import numpy as np
import pandas as pd

from identifiability.circuits.words import interpretations_in_words
from identifiability.exhibits.example import Example
from identifiability.exhibits.material import Material
from identifiability.exhibits.table_files import NOTE
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.report.findings import Findings
from identifiability.report.numerals import number
from identifiability.report.printed import (
    MOST_ROWS,
    Cell,
    Printed,
    above,
    beside,
    bold,
    lines,
    spanning,
    table,
)

EXHIBIT = {
    "number": "1",
    "title": "All interpretations of one circuit",
    "caption": """
        Every interpretation of one circuit of the network of Figure 2: gate and separator
        per neuron. The circuit is the sparsest that has enough interpretations to compare,
        or else the one with the most. Hidden neurons are called by their layer and their
        place in it; an activation above its separator reads as 1. Gates of neurons with more
        than two parents are truth tables, first parent most significant.
    """,
    "category": "example",
    "experiments": ("example",),
    "artifacts": ("summary", "networks", "circuits", "interpretations", "mappings", "formulas"),
    "protocols": "example",
    "engine": ("tie_tolerance",),
}
_ENOUGH_INTERPRETATIONS = 10
NO_INTERPRETATIONS = pd.DataFrame({"circuit_id": pd.Series(dtype="str"), "interpretation": []})
"""Table 1 of nothing."""


def make(material: Material) -> pd.DataFrame:
    """The table; no row if no network has a mapping."""
    example, note = material.example()
    table = NO_INTERPRETATIONS.copy()
    if example is not None:
        table = interpretations_of_one_circuit(example, material.engine["tie_tolerance"])
        note = f"The network is {example.network_id}, the protocol `{example.protocol.name}`"
    table.attrs[NOTE] = note
    return table


def printed(found: Findings) -> Printed:
    """Neurons as columns; a column that never varies is one cell."""
    whole = found.tables["table_1"]
    shown = whole.head(MOST_ROWS)
    heads: list[Cell] = [None]
    rows: list[list[Cell]] = [[str(i)] for i in range(1, len(shown) + 1)]
    for neuron in [str(c).removesuffix(" gate") for c in shown if str(c).endswith(" gate")]:
        gates = shown[f"{neuron} gate"].str.partition(" over ")
        separators = [number(separator) for separator in shown[f"{neuron} separator"]]
        over = gates[2].iloc[0]
        heads.append(above(bold(neuron), over and f"over {over}"))
        cells = list(zip(gates[0], separators, strict=True))
        if len(set(cells)) == 1:
            rows[0].append(spanning(above(*cells[0]), down=len(rows)))
        else:
            for row, (gate, separator) in zip(rows, cells, strict=True):
                row.append(beside(f"{gate},", separator))
    return table(
        ["auto right", *["auto left"] * (len(heads) - 1)],
        [heads],
        lines(rows),
        more=len(whole) - len(shown),
    )


def interpretations_of_one_circuit(
    example: Example, tie_tolerance: float = TIE_TOLERANCE
) -> pd.DataFrame:
    """Table 1: every interpretation of one circuit, gate and separator per neuron.

    The circuit is the sparsest of the example's that has at least ten interpretations; if there
    is none, the one with the most.

    Returns:
        One row per interpretation: its number, the circuit, and per neuron kept its gate and
        separator. A gate is named if it has at most two parents; else it is a truth table over
        them, first parent most significant. No row if no circuit has an interpretation.
    """
    if example.circuits.empty:
        return NO_INTERPRETATIONS
    numbers = example.circuits["n_interpretations"].map(int)
    chosen = example.circuits.iloc[int(np.minimum(numbers, _ENOUGH_INTERPRETATIONS).argmax())]
    circuit_id = chosen["circuit_id"]
    rows: list[dict[str, Any]] = []
    listed = interpretations_in_words(example.single_output, circuit_id, tie_tolerance)
    for i, interpretation in enumerate(listed, start=1):
        row: dict[str, Any] = {"circuit_id": circuit_id, "interpretation": i}
        for neuron in interpretation:
            row[f"{neuron.name} gate"] = neuron.gate
            row[f"{neuron.name} separator"] = neuron.separator
        rows.append(row)
    return pd.DataFrame(rows) if rows else NO_INTERPRETATIONS
