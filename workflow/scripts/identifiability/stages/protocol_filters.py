"""Which of the circuits found are perfect, and which are candidates, under a protocol.

Circuits are found once, without regard to any protocol; what a protocol says of them is a filter
(paper, section 7).
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa

from identifiability.circuits.shapes import n_edges, n_hidden
from identifiability.protocols import TOLERANCES, VARIANTS, Protocol
from identifiability.stages.rows import WITHIN


def perfect(circuits: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The circuits, or cells of them, that are perfect under a protocol."""
    wanted = np.ones(len(circuits), bool)
    for column in needed(protocol):
        wanted &= circuits[column].fillna(False).to_numpy(bool)
    return circuits[wanted]


def needed(protocol: Protocol) -> list[str]:
    """The columns of circuits, and cells of them, that have to be true under a protocol.

    What says that a circuit is near the network takes the place of what says that both are rounded
    to the same: a circuit near it may be rounded to something else.
    """
    minimal = protocol.circuits == "minimal"
    if protocol.tolerance is not None:
        within = WITHIN[TOLERANCES.index(protocol.tolerance)]
        return [f"minimal_{within}" if minimal else within]
    rounded = f"for_{protocol.reference}"
    if minimal:
        return [rounded, "complete_minimal" if protocol.complete else "minimal"]
    return [rounded, "complete"] if protocol.complete else [rounded]


def admitted(circuits: pd.DataFrame, sizes: tuple[int, ...], protocol: Protocol) -> pd.DataFrame:
    """Those of the perfect circuits, or cells of them, that count under a protocol.

    Args:
        circuits: Rows with ``n_hidden`` and ``n_edges``; all that are perfect.
        sizes: Neurons per layer of the single-output networks.
        protocol: Whose criteria hold.
    """
    hidden, edges = (circuits[c].to_numpy(np.int64) for c in ("n_hidden", "n_edges"))
    found = circuits[protocol.admits(sizes, hidden, edges)]
    if protocol.circuits == "sparsest":
        fewest = found.groupby(["network_id", "target"])["n_edges"].transform("min")
        found = found[found["n_edges"] == fewest]
    return found


def protocol_tables(
    protocols: Sequence[Protocol], sizes: tuple[int, ...] | None = None
) -> dict[str, pa.Table]:
    """What the statements across files of the contracts read about protocols.

    Args:
        protocols: Those in question.
        sizes: Neurons per layer of the single-output networks, for ``admitted``.

    Returns:
        ``protocols``: a row each. ``admitted``: by ``protocol``, the cells (``n_hidden``,
        ``n_edges``) whose circuits are candidates.
    """
    rows = [
        {
            "protocol": p.name,
            "reference": p.reference,
            "inputs": p.inputs,
            "selection": p.circuits,
            "complete": p.complete,
            "tolerance": p.tolerance,
            "pairs": p.pairs,
            "mappings_listed": p.name not in VARIANTS,
        }
        for p in protocols
    ]
    found = {"protocols": pa.Table.from_pylist(rows)}
    if sizes is None:
        return found
    every = range(1, n_hidden(sizes) + 1), range(1, n_edges(sizes) + 1)
    cells = pd.DataFrame([*product(*every)], columns=["n_hidden", "n_edges"])
    hidden, edges = cells.to_numpy().T
    own = [cells[p.admits(sizes, hidden, edges)].assign(protocol=p.name) for p in protocols]
    return found | {"admitted": pa.Table.from_pandas(pd.concat(own), preserve_index=False)}
