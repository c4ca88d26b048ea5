"""What the rows of all stages share; apart from ``frames``, so that it loads without torch."""

from typing import Any

import pandas as pd

NETWORK_KEYS = ["family", "seed", "network_id"]
EXACT = "exact"
STANDARD_ERRORS = {
    "n_interpretations": "standard_error",
    "n_interpretations_reachable": "standard_error_reachable",
}
"""What may be an estimate, and the column that holds its standard error."""
KNOWN_EXACTLY: dict[str, Any] = {"how": EXACT, **dict.fromkeys(STANDARD_ERRORS.values(), 0.0)}
"""How interpretations are known that were all counted."""


def as_cells(circuits: pd.DataFrame) -> pd.DataFrame:
    """Circuits, with their ``n_interpretations`` as digits, each as a cell of its own."""
    return circuits.assign(
        n_circuits=1,
        n_circuits_interpretable=(circuits["n_interpretations"] != "0").astype(int),
        n_circuits_one_interpretation=(circuits["n_interpretations"] == "1").astype(int),
        **KNOWN_EXACTLY,
    )


def concatenate(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The parts below one another; an empty frame with the columns if there are none."""
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
