"""Circuits of networks that tell two digits apart, family by family."""

import pandas as pd

from identifiability.digits.tables import by_family
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "J",
    "title": "Circuits of networks that tell two digits apart, by family",
    "caption": """
        Perfect circuits of the last layers of networks that tell two digits apart, by pair
        of digits, neurons of the last layers (input of the circuits first) and protocol:
        the median over converged networks with its 95% interval, the fewest and the most,
        and the share of networks with several, with its 95% Wilson interval.
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return by_family(material.by_family("digit_summary"), material.scope.digit_families)
