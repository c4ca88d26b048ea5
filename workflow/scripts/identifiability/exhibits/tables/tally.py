"""How many of the paper's claims are reproduced, by what they say."""

import pandas as pd

from identifiability.evidence.verdicts import KINDS, tally
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.numerals import number
from identifiability.report.printed import Cell, Printed, code, faint, lines, table

EXHIBIT = {
    "number": "L",
    "title": "Verdicts by kind of claim",
    "caption": """
        How many parts of the paper's claims are reproduced, of those that can be judged, by
        what they say: effects that the paper finds significant, effects that it does not
        find (nulls), means, medians and lines (levels), shares, and numbers of formulas or
        of one network's explanations (counts); and how many whole claims, with all their
        parts. Parts with fewer than 20 networks in a sample are left out, and so are tests
        within the same trainings, which the paper did not make.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}
_PLURAL = {
    **{kind: f"{kind[0].upper()}{kind[1:]}s" for kind in KINDS},
    "whole claim": "Whole claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return tally(material.one("claims"))


def printed(found: Findings) -> Printed:
    """A row per kind, a column per protocol."""
    counted = found.tables["tally"]
    protocols = list(dict.fromkeys(counted["protocol"]))
    by_kind = counted.set_index(["kind", "protocol"])
    rows = [
        [name, *(_reproduced(by_kind.loc[(kind, protocol)]) for protocol in protocols)]
        for kind, name in _PLURAL.items()
    ]
    return table(
        ["1fr left", *["auto right"] * len(protocols)],
        [["Reproduced, of those judged", *map(code, protocols)]],
        lines(rows),
    )


def _reproduced(row: "pd.Series[int]") -> Cell:
    """How many are reproduced, of how many, and how many have at least the same direction."""
    if not row["parts"]:
        return None
    more = f"(+ {number(row['same_direction'])} same direction)" if row["same_direction"] else ""
    return [f"{number(row['reproduced'])} of {number(row['parts'])}", faint(more)]
