"""What each difference between text and released code does to the four counts."""

import pandas as pd

from identifiability.evidence.differences import effects
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "E",
    "title": "Each difference switched alone",
    "caption": """
        Each difference between the paper's text and the released code, switched alone,
        from the text (before) towards the code (after): means and medians of circuits,
        interpretations, algorithms and minimal mappings over the converged networks, the
        ratio of the means with its 95% bootstrap interval over networks, drawn together
        where they are the same (paired), and the shares of networks with exactly one and
        with none. Differences that concern time and memory only (D08, D11, D12) are not
        switched. Where interpretations are estimated, the reason says in how many
        networks.
    """,
    "category": "differences",
    "differences": True,
    "paper": ("claims", "differences"),
    "protocols": "differences",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return effects(
        material.differences, material.ledger.views, material.folder, material.scope.slugs
    )
