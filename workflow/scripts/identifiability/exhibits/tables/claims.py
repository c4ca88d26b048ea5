"""The claims of the paper, part by part, with verdicts."""

import pandas as pd

from identifiability.evidence.claims import overview
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "H",
    "title": "The claims, part by part, with verdicts",
    "caption": """
        What the paper reports, what we find under each protocol, and the verdict by one
        rule for all. Values with 95% intervals; for claims about one particular network
        (C02 to C06), our median with the central 95% of our networks, and the percentile
        of the published value. Where interpretations are estimated, in how many networks.
    """,
    "category": "claims",
    "artifacts": ("claims",),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return overview(material.one("claims"), material.ledger)
