"""Circuits of every network that tells two digits apart (C27)."""

import pandas as pd

from identifiability.digits.tables import CLAIM, by_network
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "K",
    "title": "Circuits of every network that tells two digits apart",
    "caption": """
        Perfect circuits of the last layers, under every protocol, of every network that
        tells two digits apart, with its accuracy on the images held out; empty where it
        did not converge. Beside those of the first family, what the paper reports of one
        network, and what the released notebook shows (C27).
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary",),
    "paper": ("claims",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return by_network(material.by_family("digit_summary"), material.ledger.claims[CLAIM])
