"""The tests behind C11 to C13, between numbers of tasks and between loss cutoffs."""

from typing import Any

import pandas as pd

from identifiability.evidence.claims import estimated_in_part
from identifiability.evidence.comparisons import comparisons
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import p_values, why_no_test
from identifiability.report.numerals import about, number, with_powers
from identifiability.report.printed import (
    Cell,
    Printed,
    beside,
    block,
    bold,
    code,
    faint,
    spanning,
    table,
)

EXHIBIT = {
    "number": "C",
    "title": "Tests between numbers of tasks, and between loss cutoffs",
    "caption": """
        Tests between successive numbers of tasks (C11, over the networks that have any, as
        in Figure 3), and of each loss cutoff against that of the basic experiment (C12,
        C13), in other networks as published and in the same trainings, under every
        protocol: the difference of the means with p of Welch's t-test, or of the paired
        one, and whether it stays significant when corrected for the number of tests in the
        table (Holm).
    """,
    "category": "claims",
    "experiments": ("tasks", "loss"),
    "claims": ("C11", "C12", "C13"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return comparisons(material.claims, material.folder)


def printed(found: Findings) -> Printed:
    """Differences of means and p, a column per protocol."""
    tests = found.tables["tests"]
    protocols = list(dict.fromkeys(tests["protocol"]))
    blocks = []
    for (claim, quantity), own in tests.groupby(["claim", "quantity"], sort=False):
        rows = []
        for comparison, compared in own.groupby("comparison", sort=False):
            by_protocol = compared.set_index("protocol")
            change = _published_change(compared["published"].iloc[0])
            cells = [cell for p in protocols for cell in _cells(by_protocol.loc[p])]
            rows.append([with_powers(str(comparison)), change, *cells])
        heading = f"{str(quantity)[0].upper()}{str(quantity)[1:]}"
        blocks.append(block(rows, beside(bold(heading), str(claim))))
    return table(
        ["auto left", "auto left", *["1fr right", "auto right"] * len(protocols)],
        [["Comparison", "Published", *(spanning(code(p), across=2) for p in protocols)]],
        blocks,
    )


def _published_change(published: Any) -> str:
    """The published change in a word."""
    if not isinstance(published, str):
        return "not said"
    change = published.partition(",")[0]
    return "none" if change == "no significant change" else change


def _cells(row: "pd.Series[Any]") -> list[Cell]:
    """A difference of means, and its p."""
    reason = why_no_test(row)
    difference = about(number(row["difference"]), estimated_in_part(row["reason"]))
    return [difference, faint(f"none, {reason}") if reason else p_values(row)[0]]
