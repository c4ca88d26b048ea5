"""The claims on the networks that compute their gates, whether or not they converged."""

from typing import Any

import pandas as pd

from identifiability.evidence.ledger import TESTS
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import signs
from identifiability.report.numerals import number, percent, with_powers
from identifiability.report.printed import (
    Cell,
    Printed,
    Row,
    block,
    bold,
    code,
    faint,
    spanning,
    table,
)

EXHIBIT = {
    "number": "N",
    "title": "Verdicts that change with the networks left out",
    "caption": """
        Parts of claims whose verdict differs between the networks that converged and those
        that are functional, right on every input whatever their loss: n, value and verdict
        on both. All other parts have the same verdict on both.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}
_VALUES = ("n", "value", "low", "high", "verdict")


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return on_both(material.one("claims"))


def on_both(measured: pd.DataFrame) -> pd.DataFrame:
    """Every part of the artifact ``claims`` on both pools, and whether the verdicts differ."""
    columns = ["claim", "part", "protocol", "statistic", "published", *_VALUES]
    table = measured[[*columns, *(f"other_{name}" for name in _VALUES)]]
    return table.assign(differs=table["verdict"] != table["other_verdict"])


def printed(found: Findings) -> Printed:
    """The parts whose verdicts differ, a row per protocol."""
    differs = found.tables["left_out"]
    differs = differs[differs["differs"]]
    converged = found.settings.analysed == "converged"
    prefixes = ("", "other_") if converged else ("other_", "")
    blocks = []
    for claim, own in differs.groupby("claim", sort=False):
        rows: list[Row] = []
        for _, row in own.iterrows():
            cells = [cell for prefix in prefixes for cell in _cells(row, prefix)]
            name = None if rows else bold(str(claim))
            part, published = with_powers(row["part"]), with_powers(row["published"])
            rows.append([name, part, code(row["protocol"]), published, *cells])
        blocks.append(block(rows))
    pools: list[Cell] = [spanning(name, across=3) for name in ("Converged", "Functional")]
    return table(
        [
            "auto left",
            "1fr left",
            "auto left",
            "auto left",
            *["auto right", "auto right", "auto left"] * 2,
        ],
        [
            [None, None, None, None, *pools],
            ["Claim", "Part", "Reading", "Published", *["n", "Value", None] * 2],
        ],
        blocks,
        tight=True,
    )


def _cells(row: "pd.Series[Any]", prefix: str) -> list[Cell]:
    """Networks, value and sign of the verdict on one of the two pools."""
    value = row[f"{prefix}value"]
    share = row["statistic"] == "share"
    written = "" if pd.isna(value) else percent(value) if share else number(value)
    shown: Cell = faint(written) if row["statistic"] in TESTS else written
    return [number(row[f"{prefix}n"]), shown, signs([row[f"{prefix}verdict"]])]
