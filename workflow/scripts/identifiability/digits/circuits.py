"""Circuits of the last layers of a network, judged on real-valued inputs (paper, section 4.3).

The inputs of these circuits are the activations, on images held out from training, of the layer
below. Candidates are those of any network of this shape, every input kept. As in ``circuits``,
none gets a forward pass of its own: circuits follow each other in the order of what they keep
below, and what is known there is looked up.
"""

from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.perfect import enough
from identifiability.networks.networks import Networks


def last_layers(network: Networks, n_layers: int) -> Networks:
    """The part of a network that lies above a layer: its last so many layers of weights."""
    return replace(network, weights=network.weights[-n_layers:], biases=network.biases[-n_layers:])


@dataclass(frozen=True, eq=False)
class Judged:
    """Circuits that are right often enough, in the order of enumeration.

    Attributes:
        masks: Edge masks, uint16 [circuit, neuron] per non-input layer.
        for_target: Whether the circuit gives every label, bool [circuit].
        for_model: Whether it gives what the full network gives, rounded, bool [circuit].
        for_sample: Whether it gives more than 99% of the labels, bool [circuit].
    """

    masks: list[NDArray[np.uint16]]
    for_target: NDArray[np.bool_]
    for_model: NDArray[np.bool_]
    for_sample: NDArray[np.bool_]


def judge(network: Networks, inputs: NDArray[np.float64], labels: NDArray[np.float32]) -> Judged:
    """Judges every circuit of a network on a sample of inputs.

    Args:
        network: A batch of one, with one output, and leaky ReLU after every layer.
        inputs: [sample, input].
        labels: What the output should round to, [sample].

    Returns:
        The circuits that are perfect by one of the three criteria (D01).
    """
    candidates = enumerate_candidates(network.layer_sizes)
    weights, biases = ([part[0] for part in parts] for parts in (network.weights, network.biases))
    model = network.forward(inputs[None])[-1][0, :, 0]
    below = np.zeros((len(candidates.levels), max(network.layer_sizes), len(labels)))
    below[0, : inputs.shape[1]] = inputs.T
    n_right, n_same = (np.zeros(len(candidates), np.int64) for _ in range(2))
    _count(
        tuple(level.parent for level in candidates.levels),
        tuple(level.masks for level in candidates.levels),
        tuple(weight.astype(np.float64) for weight in weights),
        tuple(bias.astype(np.float64) for bias in biases),
        network.negative_slope,
        below,
        labels.astype(np.float64),
        np.rint(model),
        n_right,
        n_same,
    )
    for_target, for_model = n_right == len(labels), n_same == len(labels)
    for_sample = enough(n_right, np.array(len(labels)))
    found = np.flatnonzero(for_target | for_model | for_sample)
    return Judged(
        candidates.edge_masks(found), for_target[found], for_model[found], for_sample[found]
    )


@numba.njit(cache=True, nogil=True)
def _respond(
    mask: int,
    weight: NDArray[np.float64],
    bias: float,
    slope: float,
    scale: float,
    below: NDArray[np.float64],
    response: NDArray[np.float64],
) -> None:
    """Fills what one neuron responds to the edges it keeps; 0 if it keeps none and is removed.

    Args:
        mask: Its edge mask.
        weight: [from].
        bias: Its bias.
        slope: Slope of leaky ReLU below zero.
        scale: Factor of the response.
        below: Activations of the layer below, [neuron, sample].
        response: [sample].
    """
    for sample in range(len(response)):
        response[sample] = bias if mask else 0.0
    for i in range(len(weight)):
        if mask >> i & 1:
            factor, values = weight[i], below[i]
            for sample in range(len(response)):
                response[sample] += factor * values[sample]
    for sample in range(len(response)):
        total = response[sample]
        response[sample] = scale * (total if total > 0 else slope * total)


@numba.njit(cache=True, nogil=True)
def _n_equal(total: NDArray[np.float64], slope: float, expected: NDArray[np.float64]) -> int:
    """On how many samples the output, given before its activation, rounds to what is expected."""
    number = 0
    for sample in range(len(total)):
        output = total[sample] if total[sample] > 0 else slope * total[sample]
        number += np.rint(output) == expected[sample]
    return number


@numba.njit(cache=True, nogil=True)
def _count(
    parents: tuple[NDArray[np.int64], ...],
    masks: tuple[NDArray[np.uint16], ...],
    weights: tuple[NDArray[np.float64], ...],
    biases: tuple[NDArray[np.float64], ...],
    slope: float,
    below: NDArray[np.float64],
    labels: NDArray[np.float64],
    model: NDArray[np.float64],
    n_right: NDArray[np.int64],
    n_same: NDArray[np.int64],
) -> None:
    """Counts the samples on which each circuit gives the label, and what the full network gives.

    Args:
        parents: Choice below of every choice, [choice] per hidden layer, as in ``Level``.
        masks: Edge masks, [choice, neuron] per hidden layer.
        weights: [to, from] per layer of weights.
        biases: [to] per layer of weights.
        slope: Slope of leaky ReLU below zero.
        below: Activations of the circuit at hand, [layer, neuron, sample] up to the layer below
            the last hidden one; the first holds the inputs, the rest is room.
        labels: [sample].
        model: What the full network gives, rounded, [sample].
        n_right: What is counted, [circuit].
        n_same: What is counted, [circuit].
    """
    last, n = len(parents) - 1, len(labels)
    width, width_below = weights[last].shape
    table = np.empty((width, 1 << width_below, n))
    current, chain, total = np.full(last + 1, -1), np.zeros(last + 1, np.int64), np.empty(n)
    for circuit in range(len(n_right)):
        chain[last] = circuit
        for layer in range(last, 0, -1):
            chain[layer - 1] = parents[layer][chain[layer]]
        stale = circuit == 0
        for layer in range(last):
            stale = stale or chain[layer] != current[layer]
            current[layer] = chain[layer]
            for to in range(len(weights[layer]) if stale else 0):
                mask, above = masks[layer][chain[layer], to], below[layer + 1, to]
                weight, bias = weights[layer][to], biases[layer][to]
                _respond(mask, weight, bias, slope, 1.0, below[layer], above)
        for to in range(width if stale else 0):
            weight, bias, scale = weights[last][to], biases[last][to], weights[last + 1][0, to]
            for mask in range(1 << width_below):
                _respond(mask, weight, bias, slope, scale, below[last], table[to, mask])
        for sample in range(n):
            total[sample] = biases[last + 1][0]
        for to in range(width):
            part = table[to, masks[last][circuit, to]]
            for sample in range(n):
                total[sample] += part[sample]
        n_right[circuit] = _n_equal(total, slope, labels)
        n_same[circuit] = _n_equal(total, slope, model)
