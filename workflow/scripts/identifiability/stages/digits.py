"""Stages of the experiment ``digits``: images, networks, circuits (paper, section 4.3)."""

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import torch

from identifiability.candidates import circuit_ids, count_candidates
from identifiability.digits.circuits import judge, last_layers
from identifiability.digits.images import Images
from identifiability.digits.settings import DigitsFamily
from identifiability.digits.training import sample, train
from identifiability.families import network_id
from identifiability.protocols import Protocol
from identifiability.stages.circuits import sizes_of_circuits
from identifiability.stages.frames import networks_of
from identifiability.stages.rows import NETWORK_KEYS, concatenate
from identifiability.stages.summary import admitted, perfect

CIRCUIT_COLUMNS = [
    *NETWORK_KEYS, "circuit_id", "n_hidden", "n_edges", "for_target", "for_model", "for_sample"
]  # fmt: skip
_OUTCOME = ["converged", "accuracy", "n_held_out"]
_log = logging.getLogger(__name__)


def image_rows(images: Images) -> pd.DataFrame:
    """Rows of the artifact ``digit_images``."""
    number = len(images.digits)
    held_out = [None] * number if images.held_out is None else images.held_out
    return pd.DataFrame(
        {
            "image": np.arange(number),
            "digit": images.digits,
            "held_out": pd.array(held_out, dtype="boolean"),
            "largest": images.largest,
            "pixels": list(images.pixels),
        }
    )


def images_of(rows: pd.DataFrame) -> Images:
    """The inverse of ``image_rows``."""
    held_out = rows["held_out"]
    return Images(
        np.stack(rows["pixels"].to_list()).astype(np.uint8),
        rows["digit"].to_numpy(np.int64),
        None if held_out.isna().any() else held_out.to_numpy(bool),
        int(rows["largest"].iloc[0]),
    )


def networks(
    family: DigitsFamily, images: Images, threads: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``digit_networks`` and ``digit_samples``.

    Args:
        family: The setting.
        images: All images of the data set.
        threads: Networks trained at a time; changes no result.
    """
    # One thread a network, so that sums of products do not depend on their number.
    torch.set_num_threads(1)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda seed: _network(family, images, seed), range(family.seeds)))
    trained = pd.concat([network for network, _ in parts], ignore_index=True)
    _log.info(
        "%s: %d of %d networks converged", family.name, trained["converged"].sum(), len(trained)
    )
    return trained, pd.concat([samples for _, samples in parts], ignore_index=True)


def _network(family: DigitsFamily, images: Images, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One network, and the images that are held out from it."""
    own = sample(images, family, seed)
    network, loss = train(own, family, seed)
    held_out = np.flatnonzero(own.held_out)
    values = network.forward(torch.from_numpy(own.inputs[held_out]).double()[None])
    output = values[-1][0, :, 0].numpy()
    accuracy = float((output.round() == own.labels[held_out]).mean())
    name = network_id(family.name, seed)
    keys = {"family": family.name, "seed": seed, "network_id": name}
    row = {
        **keys,
        "digits": list(family.digits),
        "layer_sizes": list(network.layer_sizes),
        "activation": network.activation,
        "output_activation": network.output_activation,
        "negative_slope": network.negative_slope,
        "weights": [w[0].tolist() for w in network.weights],
        "biases": [b[0].tolist() for b in network.biases],
        "n_train": len(own.labels) - len(held_out),
        "n_held_out": len(held_out),
        "loss": loss,
        "accuracy": accuracy,
        "converged": accuracy > family.training.min_accuracy,
    }
    below = values[-1 - len(family.last)][0].numpy()
    samples = pd.DataFrame(
        {
            **keys,
            "image": own.image[held_out],
            "label": own.labels[held_out].astype(np.int64),
            "inputs": list(below),
            "output": output,
        }
    )
    return pd.DataFrame([row]), samples


def circuits(
    trained: pd.DataFrame, samples: pd.DataFrame, n_layers: int, threads: int = 1
) -> pd.DataFrame:
    """Rows of the artifact ``digit_circuits``.

    Args:
        trained: The artifact ``digit_networks``.
        samples: The artifact ``digit_samples``.
        n_layers: Layers of weights in the part whose circuits are sought.
        threads: Networks worked on at a time; changes no result.
    """
    torch.set_num_threads(1)
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
        return concatenate(list(pool.map(work, range(len(converged)))), CIRCUIT_COLUMNS)


def summary(
    trained: pd.DataFrame,
    found: pd.DataFrame,
    protocols: Iterable[Protocol],
    sizes: Sequence[int],
) -> pd.DataFrame:
    """Rows of the artifact ``digit_summary``.

    Args:
        trained: The artifact ``digit_networks``.
        found: The artifact ``digit_circuits``.
        protocols: The readings; what they say of circuits applies.
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
