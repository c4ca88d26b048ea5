"""The ladder as a table."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd

from identifiability.evidence.ladder import ASKED, LADDER, ladder, ladder_shares
from identifiability.exhibits.material import Material
from identifiability.report.columns import family_columns
from identifiability.report.findings import Findings
from identifiability.report.numerals import about, percent
from identifiability.report.printed import (
    Block,
    Piece,
    Printed,
    block,
    bold,
    faint,
    table,
)

EXHIBIT = {
    "number": "F",
    "title": "Which criterion leaves one explanation",
    "caption": """
        The ladder in numbers: the share of the converged networks with exactly one
        explanation, criterion by criterion. A network with several targets counts once, with the
        share of its targets. The file has the share with none, and the intervals.
    """,
    "category": "ladder",
    "experiments": ("size", "tasks"),
    "artifacts": ("summary",),
    "protocols": "ladder",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return ladder(chain.from_iterable(material.sweeps()))


def printed(found: Findings) -> Printed:
    """Shares of networks with exactly one: steps as rows, families as columns."""
    columns = family_columns(found.settings, EXHIBIT["experiments"])
    return table(
        columns.widths,
        columns.heads,
        [_block(found.tables["table_ladder"], question, columns.families) for question in LADDER],
        tight=True,
    )


def _block(rows: pd.DataFrame, question: str, families: Sequence[str]) -> Block:
    """The shares with exactly one answer to a question, step by step, in whole percent."""
    shares = ladder_shares(rows, question, families)
    guessed = ladder_shares(rows, question, families, "estimated").astype(bool)
    return block(
        [
            [step.name, *map(_share, own, own_guessed)]
            for step, own, own_guessed in zip(LADDER[question], shares, guessed, strict=True)
        ],
        bold(f"Exactly one {ASKED[question]}"),
    )


def _share(share: float, guessed: bool) -> Piece:
    """A share in percent, without the sign."""
    return faint("open") if np.isnan(share) else about(percent(share).rstrip("%"), guessed)
