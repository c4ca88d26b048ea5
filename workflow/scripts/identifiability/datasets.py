"""Training and validation samples (paper, section 3).

A sample is one of the Boolean input rows, so a dataset is the number of times each row was
drawn; the order of the samples is drawn again in every epoch.
"""

import numpy as np
from numpy.typing import NDArray

from identifiability.families import Family, generator


def draw_counts(family: Family, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draws a network's samples uniformly from the input rows.

    Returns:
        How often each row occurs among the training and the validation samples, int64 [row].
    """
    rng = generator(family.name, seed, "dataset")
    n_rows = 2 ** family.gates[0].n_inputs
    uniform = np.full(n_rows, 1 / n_rows)
    return (
        rng.multinomial(family.training.samples, uniform),
        rng.multinomial(family.training.validation_samples, uniform),
    )
