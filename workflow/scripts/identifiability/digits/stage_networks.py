"""Stages ``digit_images`` and ``digit_training`` of the experiment ``digits`` (section 4.3)."""

import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import torch

from identifiability.digits.images import Images
from identifiability.digits.settings import DigitsFamily
from identifiability.digits.training import sample, train_on_digits
from identifiability.networks.families import network_id

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


def digit_networks(
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
    network, loss = train_on_digits(own, family, seed)
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
