"""How often the verdict on a claim differs between two readings."""

import pandas as pd

from identifiability.evidence.readings import CRITERIA, flips
from identifiability.exhibits.material import Material
from identifiability.readings import SIDES
from identifiability.report.findings import Findings
from identifiability.report.numerals import number, percent
from identifiability.report.printed import Printed, block, bold, table

EXHIBIT = {
    "number": "P",
    "title": "Verdicts that hang on the reading",
    "caption": """
        For claims on the four questions in networks of several widths, and on XOR alone:
        under how many readings the verdict is known, and is *reproduced*; the share of all pairs
        of readings with different verdicts; and the criterion that changes the verdict most
        often, where it alone is switched.
    """,
    "category": "readings",
    "artifacts": ("reading_verdicts",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return flips(material.one("reading_verdicts"))


def printed(found: Findings) -> Printed:
    """A row per part of a claim."""
    shown = found.tables["flips"]
    titles = {c.name: c.title for criteria in SIDES.values() for c in criteria}
    blocks = []
    for claim, own in shown.groupby("claim", sort=False):
        rows = []
        for part, parts in own.groupby("part", sort=False):
            differ = parts.set_index("criterion")["differ"]
            alone = differ.reindex(CRITERIA).dropna()
            most = str(alone.idxmax())
            whole = parts.iloc[0]
            rows.append(
                [
                    str(part),
                    number(whole["n_readings"]),
                    number(whole["reproduced"]),
                    percent(differ["any"]),
                    f"{titles[most]}, {percent(float(alone[most]))}" if alone[most] else "none",
                ]
            )
        blocks.append(block(rows, bold(str(claim))))
    return table(
        ["1fr left", *["auto right"] * 3, "auto left"],
        [["Claim", "readings", "reproduced", "pairs that differ", "most by one criterion"]],
        blocks,
        tight=True,
    )
