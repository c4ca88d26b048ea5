"""The claims of the paper, part by part, with verdicts."""

from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.claims import estimated_in_part, overview
from identifiability.evidence.ledger import TESTS
from identifiability.exhibits.exhibit import TABLES
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import signs, why
from identifiability.report.numerals import about, interval, number, percent, with_powers
from identifiability.report.printed import Cell, Printed, Row, block, bold, code, faint, table

EXHIBIT = {
    "number": "H",
    "title": "The claims, part by part, with verdicts",
    "caption": """
        The values behind the verdicts: what the paper reports and what we find under each
        protocol, with 95% intervals; for claims about one particular network (C02 to C06),
        our median with the central 95% of our networks.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}
_IN_OTHER_TABLES = {claim for exhibit in TABLES for claim in exhibit.claims}
"""Claims whose values stand in a table of their own."""


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return overview(material.one("claims"), material.ledger)


def printed(found: Findings) -> Printed:
    """The values behind the verdicts that no other table has, a row per part.

    A claim that is not about a protocol has no cell there.
    """
    measured = found.measured[~found.measured["claim"].isin(_IN_OTHER_TABLES)]
    protocols = [p for p in found.shown if p in set(measured["protocol"])]
    blocks = []
    for claim, parts in measured.groupby("claim", sort=False):
        rows: list[Row] = []
        for part, own in parts.groupby("part", sort=False):
            by_protocol = {str(row["protocol"]): row for _, row in own.iterrows()}
            cells = [_value(by_protocol[p]) if p in by_protocol else None for p in protocols]
            name = None if rows else bold(str(claim))
            rows.append([name, str(part), with_powers(own["published"].iloc[0]), *cells])
        blocks.append(block(rows))
    return table(
        ["auto left", "auto left", "74pt left", *["1fr left"] * len(protocols)],
        [["Claim", "Part", "Published", *map(code, protocols)]],
        blocks,
        tight=True,
    )


def _value(row: "pd.Series[Any]") -> Cell:
    """A measured value with its interval and the sign of its verdict."""
    sign = signs([row["verdict"]])
    if np.isnan(row["value"]):
        return [sign, why(row["reason"])]
    share = row["statistic"] == "share"
    value = percent(row["value"]) if share else number(row["value"])
    value = about(value, estimated_in_part(row["reason"]))
    if row["statistic"] in ("count", *TESTS):
        return [sign, value]
    return [sign, value, faint(interval(row["low"], row["high"], share=share))]
