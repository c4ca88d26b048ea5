"""The optimizer that networks are trained with."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from identifiability.store.compiled import compiled


@partial(compiled, error_model="numpy")
def adamw(
    p: NDArray[np.float32],
    gradient: NDArray[np.float32],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    step: int,
    learning_rate: float,
    weight_decay: float,
) -> None:
    """One step in place, as ``torch.optim.AdamW`` with its default betas and epsilon.

    Without weight decay it is ``torch.optim.Adam``. Nothing checks for a division by zero, as no
    loop with such a check becomes vector instructions; what is divided by is at least epsilon.

    Args:
        p: Parameters, [parameter].
        gradient: [parameter].
        mean: Running mean of the gradient, [parameter].
        square: Running mean of its square, [parameter].
        step: Its number, from 1.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
    """
    one, beta1, beta2 = np.float32(1), np.float32(0.9), np.float32(0.999)
    epsilon = np.float32(1e-8)
    shrink = np.float32(1 - learning_rate * weight_decay)
    step_size = np.float32(learning_rate / (1 - 0.9**step))
    correction = np.float32((1 - 0.999**step) ** 0.5)
    for i in range(len(p)):
        g = gradient[i]
        mean[i] = beta1 * mean[i] + (one - beta1) * g
        square[i] = beta2 * square[i] + (one - beta2) * g * g
        p[i] = p[i] * shrink - step_size * mean[i] / (np.sqrt(square[i]) / correction + epsilon)
