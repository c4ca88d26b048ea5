"""Which of the circuits found are perfect, and which are candidates, under a protocol.

Circuits are found once, without regard to any protocol; what a protocol says of them is a filter
(paper, section 7).
"""

import numpy as np
import pandas as pd

from identifiability.protocols import Protocol


def perfect(circuits: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The circuits, or cells of them, that are perfect under a protocol."""
    wanted = circuits[f"for_{protocol.reference}"].to_numpy(bool)
    if protocol.circuits == "minimal":
        wanted = wanted & circuits["minimal"].fillna(False).to_numpy(bool)
    return circuits[wanted]


def admitted(circuits: pd.DataFrame, sizes: tuple[int, ...], protocol: Protocol) -> pd.DataFrame:
    """The circuits, or cells of them, that are candidates under a protocol.

    Args:
        circuits: Rows with ``n_hidden`` and ``n_edges``.
        sizes: Neurons per layer of the single-output networks.
        protocol: The reading of the criteria.
    """
    hidden, edges = (circuits[c].to_numpy(np.int64) for c in ("n_hidden", "n_edges"))
    return circuits[protocol.admits(sizes, hidden, edges)]
