"""The tests behind C11 to C13, between numbers of tasks and between loss cutoffs."""

import pandas as pd

from identifiability.evidence.comparisons import comparisons
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "C",
    "title": "Tests between numbers of tasks, and between loss cutoffs",
    "caption": """
        Tests between successive numbers of tasks (C11, over the networks that have any, as
        in Figure 3), and of each loss cutoff against 1e-3 (C12, C13), under every
        protocol: means with 95% bootstrap intervals (BCa, over networks), and their
        difference with p of Welch's t-test and of Mann and Whitney's beside it; corrected
        is for the number of tests in the table (Holm).
    """,
    "category": "claims",
    "experiments": ("tasks", "loss"),
    "claims": ("C11", "C12", "C13"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return comparisons(material.claims, material.folder)
