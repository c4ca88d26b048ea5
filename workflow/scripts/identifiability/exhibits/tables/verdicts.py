"""The verdicts in short, a row per claim."""

import pandas as pd

from identifiability.evidence.claims import verdicts
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "G",
    "title": "The verdicts in short",
    "caption": """
        The verdicts on the paper's claims (C), and on ours about its method (X): a row per
        claim, a column per protocol. Where the parts of a claim differ, how many have
        which verdict; with ≈, some interpretations are estimated. The table `claims` has
        every part.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return verdicts(material.one("claims"), material.ledger)
