"""How much each criterion moves the share of networks with exactly one explanation."""

import pandas as pd

from identifiability.evidence.readings import QUESTIONS, criteria_of, shapley
from identifiability.exhibits.material import Material
from identifiability.report.columns import family_columns
from identifiability.report.findings import Findings
from identifiability.report.numerals import percent
from identifiability.report.printed import Cell, Printed, block, bold, faint, table

EXHIBIT = {
    "number": "O",
    "title": "What each criterion does to uniqueness",
    "caption": """
        From the combination of criteria that admits most to the one that admits least: the
        share of the networks with exactly one explanation under both, in percent, and how many
        points of the difference each criterion makes, averaged over all orders of switching
        them (Shapley shares). Where minimal or complete circuits are left open, so is this.
    """,
    "category": "readings",
    "experiments": ("size",),
    "artifacts": ("reading_shares",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return shapley(material.one("reading_shares"))


def printed(found: Findings) -> Printed:
    """Questions as blocks, criteria as rows, families as columns."""
    by_row = found.tables["criteria"].set_index(["question", "criterion", "family"])
    shown = {key: by_row[key].to_dict() for key in ("at_most", "at_least", "effect")}
    columns = family_columns(found.settings, EXHIBIT["experiments"])
    names = columns.families
    blocks = []
    for question, known in QUESTIONS.items():
        criteria = criteria_of(known)
        ends = [
            [title, *(_share(shown[key][question, criteria[0].name, f]) for f in names)]
            for title, key in (("admits most", "at_most"), ("admits least", "at_least"))
        ]
        rows = [
            [c.title, *(_points(shown["effect"][question, c.name, f]) for f in names)]
            for c in criteria
        ]
        blocks.append(block([ends[0], *rows, ends[1]], bold(f"Exactly one {question}")))
    return table(columns.widths, columns.heads, blocks, tight=True)


def _share(share: float) -> Cell:
    """A share in percent, without the sign."""
    return faint("open") if share != share else bold(percent(share).rstrip("%"))


def _points(effect: float) -> Cell:
    """A difference of shares in points, with its sign."""
    return faint("open") if effect != effect else f"{100 * effect:+.0f}".replace("-", "−")
