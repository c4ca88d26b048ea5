"""Between which shares of networks with exactly one explanation the readings lie."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from identifiability.evidence.readings import QUESTIONS, spread
from identifiability.exhibits.material import Material
from identifiability.report.columns import family_columns
from identifiability.report.findings import Findings
from identifiability.report.numerals import percent
from identifiability.report.printed import Cell, Printed, faint, lines, table

EXHIBIT = {
    "number": "Q",
    "title": "Uniqueness over all readings",
    "caption": """
        The least and the largest share of the networks with exactly one explanation, in percent,
        over all combinations of the criteria that bear on the question, and in small type the
        share of the combinations under which more than half of the networks have exactly one.
        Combinations that are left open at a width are not in it.
    """,
    "category": "readings",
    "experiments": ("size",),
    "artifacts": ("reading_shares",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return spread(material.one("reading_shares"))


def printed(found: Findings) -> Printed:
    """Questions as rows, families as columns."""
    shown = found.tables["spread"].set_index(["question", "family"]).to_dict("index")
    columns = family_columns(found.settings, EXHIBIT["experiments"])
    names = columns.families
    return table(
        columns.widths,
        columns.heads,
        lines(
            [
                [f"Exactly one {question}", *(_range(shown[question, name]) for name in names)]
                for question in QUESTIONS
            ]
        ),
        tight=True,
    )


def _range(row: Mapping[Any, Any]) -> Cell:
    """The least and largest share, and how many readings leave most networks with one."""
    if not row["n_known"]:
        return faint("open")
    ends = [percent(row[key]).rstrip("%") for key in ("least", "most")]
    return [f"{ends[0]}–{ends[1]}", {"below": percent(row["majority"] / row["n_known"])}]
