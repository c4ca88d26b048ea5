"""Stage ``digit_training`` of the experiment ``digits`` (section 4.3)."""

import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from identifiability.digits.images import Images
from identifiability.digits.settings import DigitsFamily
from identifiability.digits.training import sample, train_on_digits
from identifiability.networks.families import network_id

_log = logging.getLogger(__name__)


def digit_networks(
    family: DigitsFamily, images: Images, threads: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``digit_networks`` and ``digit_samples``.

    Args:
        family: The setting.
        images: All images of the data set.
        threads: Networks trained at a time; changes no result.
    """
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
    values = [layer[0] for layer in network.forward(own.inputs[None, held_out].astype(np.float64))]
    output = values[-1][:, 0]
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
    below = values[-1 - len(family.last)]
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
