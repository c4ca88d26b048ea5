"""Circuits of the last layers of a network, judged on real-valued inputs (paper, section 4.3).

The inputs of these circuits are the activations, on images held out from training, of the layer
below. Candidates are those of any network of this shape, every input kept. As in ``circuits``,
none gets a forward pass of its own.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.perfect import candidate_outputs, enough
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
        network: A batch of one, with one output.
        inputs: [sample, input].
        labels: What the output should round to, [sample].

    Returns:
        The circuits that are perfect by one of the three criteria (D01).
    """
    candidates = enumerate_candidates(network.layer_sizes)
    values = torch.from_numpy(inputs)[None]
    model = network.forward(values)[-1][0, :, 0].round()
    target = torch.from_numpy(labels).double()
    n_right = np.zeros(len(candidates), np.int64)
    n_same = np.zeros(len(candidates), np.int64)
    for _, first, outputs in candidate_outputs(network, candidates, values):
        rounded = outputs[0].round_()
        these = slice(first, first + len(rounded))
        n_right[these] = (rounded == target).sum(1)
        n_same[these] = (rounded == model).sum(1)
    for_target, for_model = n_right == len(labels), n_same == len(labels)
    for_sample = enough(n_right, np.array(len(labels)))
    found = np.flatnonzero(for_target | for_model | for_sample)
    return Judged(
        candidates.edge_masks(found), for_target[found], for_model[found], for_sample[found]
    )
