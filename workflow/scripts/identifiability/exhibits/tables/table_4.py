"""Table 4: each count on the entropy of the inputs (Méloux et al., ICLR 2025, Table 4)."""

from typing import Any

import pandas as pd

from identifiability.evidence.comparisons import regressions
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import NAMES, p_values, published_p, value_of, why_no_test
from identifiability.report.numerals import exact, number, percent
from identifiability.report.printed import (
    Block,
    Printed,
    Row,
    beside,
    block,
    bold,
    code,
    faint,
    spanning,
    table,
)

EXHIBIT = {
    "number": "4",
    "title": "Regressions on the entropy of the inputs",
    "caption": """
        Each count on the joint entropy of the input distribution in bits, one distribution
        per network, by least squares over the converged networks, beside the published
        lines (C21 to C26): slope and intercept with 95% bootstrap intervals (BCa, over
        networks), p of the slope and of Spearman's rank correlation, and the share of the
        variance explained.
    """,
    "category": "distribution",
    "experiments": ("distribution",),
    "claims": ("C21", "C22", "C23", "C24", "C25", "C26"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return regressions(material.claims, material.folder)


def printed(found: Findings) -> Printed:
    """Lines on the entropy, quantity by quantity."""
    rows = found.tables["table_4"]
    return table(
        ["auto left", "auto right", *["1fr right"] * 2, *["auto right"] * 3],
        [[None, "n", "Slope per bit", "Intercept", "p", "p, ranks", "R²"]],
        [_block(own) for _, own in rows.groupby("quantity", sort=False)],
    )


def _block(rows: pd.DataFrame) -> Block:
    """The published line on a quantity, and that under every protocol."""
    first = rows.iloc[0]
    published = [
        spanning(beside(bold(NAMES[first["quantity"]]), "published"), across=2),
        faint(exact(first["published_slope"])),
        faint(exact(first["published_intercept"])),
        faint(published_p(first["published"]).removeprefix("p ").removeprefix("= ")),
        spanning(None, across=2),
    ]
    return block([published, *(_row(row) for _, row in rows.iterrows())])


def _row(row: "pd.Series[Any]") -> Row:
    """The line under a protocol."""
    p, p_rank = p_values(row)
    reason = why_no_test(row)
    return [
        code(row["protocol"]),
        number(row["n"]),
        beside(*value_of(row, "slope")),
        beside(*value_of(row, "intercept")),
        faint(reason) if reason else p,
        p_rank,
        percent(row["r_squared"]),
    ]
