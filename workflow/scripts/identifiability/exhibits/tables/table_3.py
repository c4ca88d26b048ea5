"""Table 3: means without and with noise in training (Méloux et al., ICLR 2025, Table 3)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.comparisons import comparisons
from identifiability.evidence.ledger import WITHOUT_NOISE
from identifiability.evidence.sweeps import cutoff_of
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import NAMES, p_values, published_p, value_of, why_no_test
from identifiability.report.numerals import MISSING, decimal, exact, with_powers
from identifiability.report.printed import (
    Block,
    Cell,
    Printed,
    above,
    beside,
    block,
    bold,
    code,
    faint,
    spanning,
    table,
)

EXHIBIT = {
    "number": "3",
    "title": "Means without and with noise in training",
    "caption": """
        Means over the converged networks trained without and with noise on their inputs,
        at the loss cutoff of the text and at that of the released code, beside the
        published means (C15 to C20), with 95% bootstrap intervals (BCa, over networks).
        Interpretations per circuit are over the networks with a circuit, mappings per
        algorithm over those with an algorithm. The tests are Welch's and that of Mann and
        Whitney on ranks; g is Hedges' effect size. Under `released-noisy`, as in the
        released code, networks trained with noise are read on noisy inputs, and those
        without noise as under `released`.
    """,
    "category": "noise",
    "experiments": ("noise",),
    "claims": ("C15", "C16", "C17", "C18", "C19", "C20"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return comparisons(material.claims, material.folder)


def printed(found: Findings) -> Printed:
    """Without and with noise, at two cutoffs side by side, protocol by protocol."""
    rows = found.tables["table_3"]
    default = cutoff_of(found.settings.experiments["basic"].families[0])
    comparisons = list(dict.fromkeys(rows["comparison"]))
    cutoffs = [f"cutoff {_cutoff(comparison, default)}" for comparison in comparisons]
    heads = [faint("no noise"), faint("noise"), faint(above("p", "ranks")), faint("g")]
    return table(
        ["auto left", *["1fr right", "1fr right", "36pt right", "28pt right"] * len(cutoffs)],
        [
            [None, *(spanning(cutoff, across=len(heads)) for cutoff in cutoffs)],
            [None, *heads * len(cutoffs)],
        ],
        [_block(own, comparisons) for _, own in rows.groupby("quantity", sort=False)],
        tight=True,
    )


def _cutoff(comparison: str, default: str) -> str:
    """The cutoff of a comparison."""
    before = comparison.partition(" → ")[0].removeprefix(WITHOUT_NOISE).strip(", ")
    return with_powers(before) if before else default


def _block(rows: pd.DataFrame, comparisons: Sequence[str]) -> Block:
    """A quantity under every protocol; what is equal under two of them stands once."""
    first = rows.iloc[0]
    before, after = exact(first["published_before"]), exact(first["published_after"])
    published = f"published: {before} → {after}, {published_p(first['published'])}"
    by_protocol: dict[str, list[Cell]] = {}
    for protocol, own in rows.groupby("protocol", sort=False):
        compared = [own[own["comparison"] == comparison].iloc[0] for comparison in comparisons]
        cells = [cell for row in compared for cell in _cells(row)]
        if cells not in by_protocol.values():
            by_protocol[str(protocol)] = cells
    return block(
        [[code(protocol), *cells] for protocol, cells in by_protocol.items()],
        beside(bold(NAMES[first["quantity"]]), published),
    )


def _cells(row: "pd.Series[Any]") -> list[Cell]:
    """Two means with their intervals, and the tests between them."""
    reason = why_no_test(row)
    return [
        above(*value_of(row, "mean_before")),
        above(*value_of(row, "mean_after")),
        above("none", reason) if reason else above(*p_values(row)),
        MISSING if np.isnan(row["hedges_g"]) else decimal(row["hedges_g"]),
    ]
