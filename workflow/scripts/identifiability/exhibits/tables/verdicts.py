"""The verdicts in short, a row per claim."""

import pandas as pd

from identifiability.evidence.claims import verdicts
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.measured import signs_of
from identifiability.report.numerals import with_powers
from identifiability.report.printed import Printed, above, block, bold, code, table

EXHIBIT = {
    "number": "G",
    "title": "The verdicts in short",
    "caption": """
        The verdicts on the paper's claims (C) and on two claims of our own about its
        method (X), by protocol, with every part of a claim that has several. The values
        behind them are in Table H.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return verdicts(material.one("claims"), material.ledger)


def printed(found: Findings) -> Printed:
    """The claims with their verdicts, a sign per part and protocol."""
    measured = found.measured
    protocols = list(dict.fromkeys(measured["protocol"]))
    blocks = []
    for name, own in measured.groupby("claim", sort=False):
        claim = found.ledger.claims[str(name)]
        cells = [signs_of(own[own["protocol"] == p]) for p in protocols]
        statement = above(with_powers(claim.statement), claim.place)
        blocks.append(block([[bold(claim.id), statement, *cells]]))
    return table(
        ["auto left", "1fr left", *["46pt left"] * len(protocols)],
        [["Claim", "What the paper says", *map(code, protocols)]],
        blocks,
    )
