"""Stage ``interpretations``: the numbers of interpretations of every perfect circuit."""

import logging
from itertools import pairwise

import pandas as pd

from identifiability.candidates import masks_of_ids
from identifiability.circuits import circuit_activations
from identifiability.interpretations import count_interpretations, readings
from identifiability.networks import TIE_TOLERANCE
from identifiability.stages.frames import NETWORK_KEYS, batches, concatenate

COLUMNS = [
    *NETWORK_KEYS,
    "target",
    "circuit_id",
    "n_interpretations",
    "n_interpretations_reachable",
]
_TOTALS_AT_ONCE = 2**24
_log = logging.getLogger(__name__)


def interpretations(
    networks: pd.DataFrame, circuits: pd.DataFrame, *, tie_tolerance: float = TIE_TOLERANCE
) -> pd.DataFrame:
    """Rows of the artifact ``interpretations``, in the order of ``circuits``."""
    parts = []
    for batch in batches(networks):
        own = batch.keys.reset_index(names="network").merge(
            circuits[["network_id", "target", "circuit_id"]], on=["network_id", "target"]
        )
        sizes = batch.networks.layer_sizes
        # A circuit's total is gathered per power of two, of which there are at most so many.
        exponents = 1 + sum(above * 2**below for below, above in pairwise(sizes[1:]))
        step = max(1, _TOTALS_AT_ONCE // exponents)
        for first in range(0, len(own), step):
            block = own.iloc[first : first + step]
            masks = masks_of_ids(block["circuit_id"].to_numpy(), sizes)
            values = circuit_activations(batch.networks, block["network"].to_numpy(), masks)
            counts = count_interpretations(readings(values, tie_tolerance), masks)
            part = block.assign(
                n_interpretations=[str(total) for total in counts.totals()],
                n_interpretations_reachable=counts.reachable.astype(str),
            )
            parts.append(part[COLUMNS])
            _log.info(
                "%s: interpreted %d of %d circuits",
                batch.target.name,
                first + len(block),
                len(own),
            )
    return concatenate(parts, COLUMNS)
