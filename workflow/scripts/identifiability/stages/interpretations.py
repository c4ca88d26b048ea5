"""Stage ``interpretations``: the numbers of interpretations of every perfect circuit."""

import logging

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
_CIRCUITS_AT_ONCE = 100_000
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
        for first in range(0, len(own), _CIRCUITS_AT_ONCE):
            block = own.iloc[first : first + _CIRCUITS_AT_ONCE]
            masks = masks_of_ids(block["circuit_id"].to_numpy(), batch.networks.layer_sizes)
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
