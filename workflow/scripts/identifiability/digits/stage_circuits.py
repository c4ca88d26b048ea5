"""Stage ``digit_circuits`` of the experiment ``digits`` (paper, section 4.3)."""

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from identifiability.circuits.candidates import circuit_ids
from identifiability.circuits.shapes import count_candidates
from identifiability.digits.circuits import judge, last_layers
from identifiability.protocols import Protocol
from identifiability.stages.circuits import sizes_of_circuits
from identifiability.stages.frames import networks_of
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.stages.rows import NETWORK_KEYS, concatenate

_COLUMNS = [
    *NETWORK_KEYS, "circuit_id", "n_hidden", "n_edges", "for_target", "for_model", "for_sample"
]  # fmt: skip
_OUTCOME = ["converged", "accuracy", "n_held_out"]
_log = logging.getLogger(__name__)


def digit_circuits(
    trained: pd.DataFrame, samples: pd.DataFrame, n_layers: int, threads: int = 1
) -> pd.DataFrame:
    """Rows of the artifact ``digit_circuits``.

    Args:
        trained: The artifact ``digit_networks``.
        samples: The artifact ``digit_samples``.
        n_layers: Layers of weights in the part whose circuits are sought.
        threads: Networks worked on at a time; changes no result.
    """
    converged = trained[trained["converged"]]
    by_network = dict(tuple(samples.groupby("network_id")))

    def work(row: int) -> pd.DataFrame:
        one = converged.iloc[[row]]
        own = by_network[one["network_id"].iloc[0]]
        inputs = np.stack(own["inputs"].to_list())
        network = last_layers(networks_of(one), n_layers)
        found = judge(network, inputs, own["label"].to_numpy(np.float32))
        hidden, edges = sizes_of_circuits(found.masks)
        _log.info("%s: %d circuits", one["network_id"].iloc[0], len(hidden))
        return pd.DataFrame(
            {
                **{key: one[key].iloc[0] for key in NETWORK_KEYS},
                "circuit_id": circuit_ids(network.layer_sizes, found.masks),
                "n_hidden": hidden,
                "n_edges": edges,
                "for_target": found.for_target,
                "for_model": found.for_model,
                "for_sample": found.for_sample,
            }
        ).sort_values(["n_edges", "n_hidden", "circuit_id"], ignore_index=True)

    with ThreadPoolExecutor(threads) as pool:
        return concatenate(list(pool.map(work, range(len(converged)))), _COLUMNS)


def digit_summary(
    trained: pd.DataFrame,
    found: pd.DataFrame,
    protocols: Iterable[Protocol],
    sizes: Sequence[int],
) -> pd.DataFrame:
    """Rows of the artifact ``digit_summary``.

    Args:
        trained: The artifact ``digit_networks``.
        found: The artifact ``digit_circuits``.
        protocols: What they say of circuits applies.
        sizes: Neurons per layer of the part whose circuits are sought.
    """
    parts = []
    possible = count_candidates(tuple(sizes))
    for protocol in protocols:
        own = admitted(perfect(found, protocol), tuple(sizes), protocol)
        numbers = trained["network_id"].map(own["network_id"].value_counts()).fillna(0)
        parts.append(
            trained[[*NETWORK_KEYS, *_OUTCOME]].assign(
                protocol=protocol.name,
                n_candidates=protocol.n_candidates(tuple(sizes), possible),
                n_circuits=numbers.astype("Int64").where(trained["converged"]),
            )
        )
    return pd.concat(parts, ignore_index=True)
