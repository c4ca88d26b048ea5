"""Activation and readout of one value, for compiled code; ``Networks.activate`` does arrays."""

import numpy as np

from identifiability.networks.networks import OUTPUT_ACTIVATIONS, Networks
from identifiability.store.compiled import compiled


def code_of(activation: str) -> int:
    """What ``activate`` calls an activation."""
    return OUTPUT_ACTIVATIONS.index(activation)


def readout_of(network: Networks) -> float:
    """What ``read_out`` calls a network's readout: NaN if it rounds."""
    return float("nan") if network.above is None else network.above


@compiled
def activate(total: float, activation: int, slope: float) -> float:
    """An activation, by index into ``OUTPUT_ACTIVATIONS``."""
    if activation == 0:
        return total if total > 0 else slope * total
    if activation == 1:
        return total if total > 0 else 0.0
    if activation == 2:
        return float(np.tanh(total))
    if activation == 3:
        return float(1 / (1 + np.exp(-total)))
    return total


@compiled
def read_out(total: float, activation: int, slope: float, above: float) -> float:
    """The output: its activation; or, unless ``above`` is NaN, whether that exceeds ``above``."""
    value = activate(total, activation, slope)
    if np.isnan(above):
        return value
    return 1.0 if value > above else 0.0
