"""What each difference between text and released code does to the four counts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.claims import estimated_in_part
from identifiability.evidence.differences import QUANTITIES, effects, effects_of
from identifiability.evidence.ledger import Difference, Side
from identifiability.evidence.sweeps import cutoff_of
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings, label_of, setting_of
from identifiability.report.measured import why
from identifiability.report.numerals import MISSING, about, interval, number, percent, with_powers
from identifiability.report.printed import (
    Block,
    Cell,
    Printed,
    above,
    beside,
    block,
    bold,
    faint,
    table,
)

EXHIBIT = {
    "number": "E",
    "title": "Each difference switched alone",
    "caption": """
        Each difference between the paper's text and the released code, switched alone,
        from the text (before) towards the code (after): the ratio of the mean counts over
        the converged networks with its 95% bootstrap interval, and the share of networks
        with exactly one, before and after. Networks are drawn together where they are the
        same on both sides. Differences that concern time and memory only (D08, D11, D12)
        are not switched.
    """,
    "category": "differences",
    "differences": True,
    "paper": ("claims", "differences"),
    "protocols": "differences",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return effects(
        material.differences, material.ledger.views, material.folder, material.scope.slugs
    )


def printed(found: Findings) -> Printed:
    """Every difference, and its effect on the four counts, comparison by comparison."""
    return table(
        ["auto left", *["1fr right"] * len(QUANTITIES)],
        [["Networks", "Circuits", "Interpretations", "Algorithms", "Minimal mappings"]],
        [_block(difference, found) for difference in found.differences],
    )


def _block(difference: Difference, found: Findings) -> Block:
    """What a difference does, a row per comparison."""
    effect = effects_of(found.tables["differences"])
    rows = []
    for before, after in difference.comparisons:
        key = difference.id, before.words, after.words
        cells = [_cell(effect[*key, count]) for count in QUANTITIES]
        rows.append([_networks(before, after, difference, found), *cells])
    change = with_powers(f"{difference.text} → {difference.released}")
    return block(rows, [bold(difference.id), change])


def _networks(before: Side, after: Side, difference: Difference, found: Findings) -> str:
    """Which networks a difference is measured on."""
    families = found.settings.families
    if before.family == after.family:
        gate = f", without {after.without_gate}" if after.without_gate else ""
        return f"{label_of(families[before.family])}{gate}"
    if difference.id == "D14":
        return setting_of("size", families[before.family])
    return f"{label_of(families[before.family])}: to {cutoff_of(families[after.family])}"


def _cell(row: Mapping[str, Any]) -> Cell:
    """The effect on one count: the ratio of the means, and the shares with exactly one."""
    if row["ratio"] == row["ratio_low"] == row["ratio_high"] == 1:
        return faint("as before")
    guessed = estimated_in_part(row["reason"])
    ratio: Cell = why(row["reason"]) or MISSING
    if not np.isnan(row["ratio"]):
        spread = interval(row["ratio_low"], row["ratio_high"])
        ratio = beside(about(f"× {number(row['ratio'])}", guessed), spread)
    shares = [row["unique_before"], row["unique_after"]]
    unique = about(" → ".join(map(percent, shares)), guessed)
    return above(ratio, "" if np.isnan(shares).any() else unique)
