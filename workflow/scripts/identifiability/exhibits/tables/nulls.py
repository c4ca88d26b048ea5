"""What the paper's nulls rest on in our networks: equality, or want of power."""

from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.ledger import SIGNIFICANCE
from identifiability.evidence.statistics import MARGIN
from identifiability.evidence.verdicts import NULL
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import NAMES, signs
from identifiability.report.numerals import p_value, with_powers
from identifiability.report.printed import (
    Cell,
    Printed,
    Row,
    beside,
    block,
    bold,
    code,
    spanning,
    table,
)

EXHIBIT = {
    "number": "M",
    "title": "What the nulls rest on",
    "caption": """
        Where the paper finds no significant change: our verdict, the smallest change that
        our networks would show with a power of 80%, in standard deviations (for a line: of
        the count between networks two standard deviations of entropy apart), and p of a
        test of equivalence: that the change is smaller than half a standard deviation.
        Where p is small, equality is shown; where the smallest change is above 0.5, a null
        may rest on want of power alone.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}
_COLUMNS = [
    *("claim", "part", "protocol", "n", "value", "low", "high", "p"),
    *("detectable", "margin", "p_equal", "verdict"),
]


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return nulls(material.one("claims"))


def nulls(measured: pd.DataFrame) -> pd.DataFrame:
    """The nulls among the rows of the artifact ``claims``, with what they rest on."""
    return measured.loc[measured["kind"] == NULL, _COLUMNS].reset_index(drop=True)


def printed(found: Findings) -> Printed:
    """A row per null, columns per protocol."""
    shown = found.tables["nulls"]
    protocols = list(dict.fromkeys(shown["protocol"]))
    blocks = []
    for (name, quantity), parts in shown.groupby(
        ["claim", shown["part"].str.partition(", ")[0]], sort=False
    ):
        claim = found.ledger.claims[str(name)]
        heading = NAMES[claim.quantity] if claim.quantity else str(quantity).capitalize()
        rows: list[Row] = []
        for part, own in parts.groupby("part", sort=False):
            by_protocol = {str(row["protocol"]): row for _, row in own.iterrows()}
            cells = [cell for p in protocols for cell in _cells(by_protocol.get(p))]
            compared = str(part) if claim.quantity else str(part).removeprefix(f"{quantity}, ")
            rows.append([with_powers(compared), *cells])
        blocks.append(block(rows, beside(bold(heading), claim.id)))
    heads: list[Cell] = [spanning(code(p), across=3) for p in protocols]
    return table(
        ["1fr left", *["auto left", "auto right", "auto right"] * len(protocols)],
        [[None, *heads], ["Null", *[None, "80% power", "p equal"] * len(protocols)]],
        blocks,
        tight=True,
    )


def _cells(row: "pd.Series[Any] | None") -> list[Cell]:
    """The sign of the verdict, the smallest change found, and p of equivalence."""
    if row is None:
        return [None, None, None]
    if np.isnan(row["p_equal"]):
        return [signs([row["verdict"]]), None, None]
    p = p_value(row["p_equal"])
    return [
        signs([row["verdict"]]),
        f"{MARGIN * row['detectable'] / row['margin']:.2f}",
        bold(p) if row["p_equal"] < SIGNIFICANCE else p,
    ]
