"""The ladder as a table."""

from itertools import chain

import pandas as pd

from identifiability.evidence.ladder import ladder
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "F",
    "title": "Which criterion leaves one explanation",
    "caption": """
        The ladder in numbers: shares of the n converged networks of a family with exactly
        one explanation, with its 95% Wilson interval, and with none, as the criteria
        change step by step; x is the width k or the number of tasks n. A network with
        several targets counts once, with the share of its targets. Where `counted` is
        false, the count is left open; where `estimated` is true, it is of interpretations
        that are estimated.
    """,
    "category": "ladder",
    "experiments": ("size", "tasks"),
    "artifacts": ("summary",),
    "protocols": "ladder",
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return ladder(chain.from_iterable(material.sweeps()))
