"""Table 3: means without and with noise in training (Méloux et al., ICLR 2025, Table 3)."""

import pandas as pd

from identifiability.evidence.comparisons import comparisons
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "3",
    "title": "Means without and with noise in training",
    "caption": """
        Means over the converged networks trained without and with noise on their inputs,
        at the text's loss cutoff and at 1e-2, that of the released code, beside the
        published means (C15 to C20), with 95% bootstrap intervals (BCa, over networks).
        Interpretations per circuit are over the networks with a circuit, mappings per
        algorithm over those with an algorithm. p is Welch's, with that of Mann and
        Whitney's test beside it and Hedges' g; corrected is for the number of tests in the
        table (Holm). Under `released-noisy`, as in the released code, networks trained
        with noise are read on noisy inputs, and those without noise as under `released`.
    """,
    "category": "noise",
    "experiments": ("noise",),
    "claims": ("C15", "C16", "C17", "C18", "C19", "C20"),
    "paper": ("claims",),
    "protocols": "claims",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return comparisons(material.claims, material.folder)
