"""Stage ``noisy``: circuits judged and read on noisy inputs, as released (D07).

For networks trained with noise, and those without that they are compared with. Circuits are judged
on noisy validation samples. To read interpretations, every Boolean row is represented by a noisy
input that is filed under it after its inputs were cut to integers: 0.95 becomes 0, so a row may be
represented by another one's input. The released code fixes no order of the samples; here the last
one filed under a row counts.
"""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits.candidates import circuit_ids, enumerate_candidates
from identifiability.circuits.interpretations import count_interpretations, readings
from identifiability.circuits.perfect import candidate_outputs, circuit_activations, enough
from identifiability.networks.datasets import noisy_samples
from identifiability.networks.families import Family
from identifiability.networks.gates import input_rows
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.stages.circuits import sizes_of_circuits
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate

_COLUMNS = [
    *NETWORK_KEYS,
    "target",
    "circuit_id",
    "n_hidden",
    "n_edges",
    "n_right",
    "n_interpretations",
    "n_interpretations_reachable",
]
_log = logging.getLogger(__name__)


def noisy(
    networks: pd.DataFrame,
    family: Family,
    noise: float,
    *,
    tie_tolerance: float = TIE_TOLERANCE,
) -> pd.DataFrame:
    """Rows of the artifact ``noisy``.

    Args:
        networks: The artifact ``networks`` of the family.
        family: The setting.
        noise: Standard deviation of the noise on the inputs that are read.
        tie_tolerance: Activations no further apart than this are the same.
    """
    parts = []
    for batch in batches(networks):
        for network in range(len(batch.networks)):
            one = batch.select(slice(network, network + 1))
            parts.append(_of_one(one, family, noise, tie_tolerance))
        _log.info("%s: judged %d networks on noise", batch.target.name, len(batch.networks))
    return concatenate(parts, _COLUMNS)


def noisy_representatives(inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The input that stands for every Boolean row.

    Args:
        inputs: Noisy samples in order, [sample, input].

    Returns:
        Float64 [row, input]: the last sample whose inputs, cut to integers and to 0 … 1, are the
        row; the row itself if there is none.
    """
    n_inputs = inputs.shape[1]
    chosen = input_rows(n_inputs)
    cut = np.clip(np.trunc(inputs), 0, 1).astype(np.int64)
    filed = cut @ (1 << np.arange(n_inputs - 1, -1, -1))
    for row in range(len(chosen)):
        samples = np.flatnonzero(filed == row)
        if len(samples):
            chosen[row] = inputs[samples[-1]]
    return chosen


def _of_one(batch: Batch, family: Family, noise: float, tie_tolerance: float) -> pd.DataFrame:
    """Rows of one network."""
    sizes = batch.networks.layer_sizes
    candidates = enumerate_candidates(sizes)
    seed = int(batch.keys["seed"].iloc[0])
    rows, inputs = noisy_samples(family, seed, batch.validation[0], noise)
    labels = np.array(batch.target.table, np.float64)[rows]
    right = np.concatenate(
        [
            (np.round(outputs) == labels).sum(-1)[0]
            for _, _, outputs in candidate_outputs(batch.networks, candidates, inputs[None])
        ]
    )
    found = np.flatnonzero(enough(right, np.array(len(rows))))
    masks = candidates.edge_masks(found)
    network = np.zeros(len(found), np.int64)
    values = circuit_activations(
        batch.networks, network, masks, noisy_representatives(inputs)[None]
    )
    counts = count_interpretations(readings(values, tie_tolerance), masks)
    hidden, edges = sizes_of_circuits(masks)
    return batch.rows(
        network,
        circuit_id=circuit_ids(sizes, masks),
        n_hidden=hidden,
        n_edges=edges,
        n_right=right[found],
        n_interpretations=[str(total) for total in counts.totals()],
        n_interpretations_reachable=counts.reachable.astype(str),
    )
