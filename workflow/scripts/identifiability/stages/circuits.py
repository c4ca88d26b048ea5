"""Stage ``circuits``: every perfect circuit of every converged network."""

import logging

import numpy as np
import pandas as pd

from identifiability.candidates import circuit_ids, enumerate_candidates
from identifiability.circuits import perfect_circuits
from identifiability.stages.frames import NETWORK_KEYS, batches, concatenate

COLUMNS = [*NETWORK_KEYS, "target", "circuit_id", "n_hidden", "n_edges", "for_target", "for_model"]
_log = logging.getLogger(__name__)


def circuits(
    networks: pd.DataFrame, *, networks_at_once: int = 25, max_hidden: int | None = None
) -> pd.DataFrame:
    """Rows of the artifact ``circuits``, a network's sparsest circuits first.

    Args:
        networks: The artifact ``networks``.
        networks_at_once: Networks judged at a time; changes no result.
        max_hidden: Leave out circuits that keep more hidden neurons; None in the pipeline, whose
            protocols are filters on a complete list.
    """
    parts = []
    for batch in batches(networks):
        sizes = batch.networks.layer_sizes
        candidates = enumerate_candidates(sizes, max_hidden)
        for first in range(0, len(batch.networks), networks_at_once):
            block = slice(first, first + networks_at_once)
            found = perfect_circuits(
                batch.networks.select(block), batch.targets[block], candidates
            )
            part = batch.rows(
                found.network + first,
                circuit_id=circuit_ids(sizes, found.masks),
                n_hidden=sum((m > 0).sum(1) for m in found.masks[:-1]),
                n_edges=sum(np.bitwise_count(m).sum(1) for m in found.masks),
                for_target=found.for_target,
                for_model=found.for_model,
            )
            part = part.assign(order=found.network).sort_values(
                ["order", "n_edges", "n_hidden", "circuit_id"], ignore_index=True
            )
            parts.append(part[COLUMNS])
            _log.info(
                "%s: judged %d of %d networks by %d candidates each: %d perfect circuits",
                batch.target.name,
                min(first + networks_at_once, len(batch.networks)),
                len(batch.networks),
                len(candidates),
                sum(map(len, parts)),
            )
    return concatenate(parts, COLUMNS)
