"""What the rows of all stages share; apart from ``frames``, which knows of networks."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.protocols import TOLERANCES

NETWORK_KEYS = ["family", "seed", "network_id"]
WITHIN = [f"within_{round(100 * tolerance):02d}" for tolerance in TOLERANCES]
"""Whether a circuit is within each of ``TOLERANCES``, in hundredths, of the network's output."""
CRITERIA = [
    "minimal",
    "complete",
    "complete_minimal",
    *WITHIN,
    *(f"minimal_{name}" for name in WITHIN),
]
"""What is asked of circuits that compute what the network does: null where it is not known."""
EXACT, ESTIMATE, NOT_DETERMINED = "exact", "estimate", "not determined"
"""How interpretations are known."""
MAX_RELATIVE_ERROR = 0.1
"""Largest standard error, as a share of the estimate, of a number that counts as determined."""
STANDARD_ERRORS = {
    "n_interpretations": "standard_error",
    "n_interpretations_reachable": "standard_error_reachable",
}
"""What may be an estimate, and the column that holds its standard error."""
CELL_NUMBERS = [
    "n_circuits",
    "how",
    *(column for pair in STANDARD_ERRORS.items() for column in pair),
]
"""What is said of a cell, exact or not."""
KNOWN_EXACTLY: dict[str, Any] = {"how": EXACT, **dict.fromkeys(STANDARD_ERRORS.values(), 0.0)}
"""How interpretations are known that were all counted."""


def single_output_sizes(networks: pd.DataFrame) -> tuple[int, ...]:
    """Neurons per layer of the artifact ``networks``, seen through one output."""
    *shared, _ = (int(size) for size in networks.iloc[0]["layer_sizes"])
    return (*shared, 1)


def sought(networks: pd.DataFrame) -> "pd.Series[bool]":
    """In which networks circuits and mappings are sought.

    In those that ``converged``, as the paper has it, and those that are ``functional``, right on
    every input.
    """
    return networks["converged"] | networks["functional"]


def as_cells(circuits: pd.DataFrame) -> pd.DataFrame:
    """Circuits, with their ``n_interpretations`` as digits, each as a cell of its own."""
    return circuits.assign(
        n_circuits=1,
        n_circuits_interpretable=(circuits["n_interpretations"] != "0").astype(int),
        n_circuits_one_interpretation=(circuits["n_interpretations"] == "1").astype(int),
        **KNOWN_EXACTLY,
    )


def concatenate(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The parts' rows in the order of their networks' seeds, so that shards can be put together.

    Rows of one seed stay in the order of the parts. Without parts: no rows, but the columns.
    """
    if not parts:
        return pd.DataFrame(columns=columns)
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values("seed", kind="stable", ignore_index=True)


def determined(
    total: NDArray[np.float64], standard_error: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether estimates are known well enough to be given: to a tenth, by their standard error.

    Circuits drawn that all agree, which makes it 0, do not say how far off they may be.
    """
    return (standard_error > 0) & (standard_error <= MAX_RELATIVE_ERROR * total)
