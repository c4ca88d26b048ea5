"""Circuits of every network that tells two digits apart (C27)."""

import pandas as pd

from identifiability.digits.tables import CLAIM, PUBLISHED_PREFIX, by_network
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.numerals import number, percent
from identifiability.report.printed import MOST_ROWS, Printed, code, lines, table

EXHIBIT = {
    "number": "K",
    "title": "Circuits of every network that tells two digits apart",
    "caption": """
        Perfect circuits of the last layers of networks that tell two digits apart, network
        by network, under every protocol, with the accuracy on the images held out. Beside
        them stand what the paper reports of one network, and what the released notebook
        shows (C27).
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary",),
    "paper": ("claims",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return by_network(material.by_family("digit_summary"), material.ledger.claims[CLAIM])


def printed(found: Findings) -> Printed:
    """The networks of the claim, by seed, and beside them the published numbers."""
    whole = found.tables["digits"]
    own = whole[whole["family"] == next(iter(found.settings.digit_families))]
    protocols = [p for p in found.shown if p in own]
    published = [str(column) for column in own if str(column).startswith(PUBLISHED_PREFIX)]
    beside = [f"Published, {column.removeprefix(PUBLISHED_PREFIX)}" for column in published]
    rows = [
        [
            str(row["seed"]),
            percent(row["accuracy"]),
            *(number(row[p]) if row["converged"] else "not converged" for p in protocols),
            *(number(row[column]) for column in published),
        ]
        for row in own.to_dict("records")
    ]
    return table(
        ["auto right", "1fr right", *["auto right"] * len(protocols + published)],
        [["Seed", "Accuracy", *map(code, protocols), *beside]],
        lines(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
    )
