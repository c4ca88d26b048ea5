"""Table 4: each count on the entropy of the inputs (Méloux et al., ICLR 2025, Table 4)."""

import pandas as pd

from identifiability.evidence.comparisons import regressions
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "4",
    "title": "Regressions on the entropy of the inputs",
    "caption": """
        Each count on the joint entropy of the input distribution in bits, one distribution
        per network, by least squares over the converged networks, beside the published
        lines (C21 to C26): slope and intercept with 95% bootstrap intervals (BCa, over
        networks), p of the slope with that of Spearman's rank correlation beside it, and
        the share of the variance explained; corrected is for the number of tests in the
        table (Holm).
    """,
    "category": "distribution",
    "experiments": ("distribution",),
    "claims": ("C21", "C22", "C23", "C24", "C25", "C26"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return regressions(material.claims, material.folder)
