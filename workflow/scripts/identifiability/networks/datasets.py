"""Training and validation samples (paper, sections 3 and 4).

A sample is one of the Boolean input rows, so a dataset is the number of times each row was
drawn; the order of the samples is drawn again in every epoch.
"""

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.families import Family, generator
from identifiability.networks.gates import input_rows


def input_probabilities(family: Family, seed: int) -> NDArray[np.float64]:
    """Probability of each input row in a network's samples, float64 [row].

    All equal, or in the experiment ``distribution`` u_i / sum(u) with u_i ~ U(0, 1).
    """
    n_rows = 2**family.n_inputs
    if family.training.input_probabilities == "uniform":
        return np.full(n_rows, 1 / n_rows)
    weights = generator(family.stream, seed, "probabilities").random(n_rows)
    return np.asarray(weights / weights.sum())


def draw_counts(family: Family, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draws a network's samples from the input rows.

    Returns:
        How often each row occurs among the training and the validation samples, int64 [row].
    """
    rng = generator(family.stream, seed, "dataset")
    probabilities = input_probabilities(family, seed)
    return (
        rng.multinomial(family.training.samples, probabilities),
        rng.multinomial(family.training.validation_samples, probabilities),
    )


def noisy_samples(
    family: Family, seed: int, counts: NDArray[np.int64], noise: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Validation samples with noise on their inputs (D07).

    Args:
        family: The setting.
        seed: Which network.
        counts: How often each input row occurs, [row].
        noise: Standard deviation of the noise.

    Returns:
        The input row of each sample, in random order, int64 [sample]; and its noisy inputs,
        float64 [sample, input].
    """
    rng = generator(family.stream, seed, "judging")
    rows = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    added = rng.normal(scale=noise, size=(len(rows), family.n_inputs))
    return rows, input_rows(family.n_inputs)[rows] + added
