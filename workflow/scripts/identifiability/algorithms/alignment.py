"""Interchange interventions: which neuron sets carry which variable (paper, section 2; Q3).

Whether a set of neurons realises a variable depends on that variable alone. So every place, a
set of neurons in one hidden layer, is intervened on once per pair of inputs, and its response is
compared with the response that each variable requires.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.arrays import Device, namespace_on, on_device, to_numpy
from identifiability.networks.networks import Networks, weighted_sum


@dataclass(frozen=True)
class Place:
    """A non-empty set of hidden neurons in one layer.

    Attributes:
        layer: 1 is the first hidden layer.
        neurons: Indices within the layer, ascending.
    """

    layer: int
    neurons: tuple[int, ...]

    def bits(self, layer_sizes: tuple[int, ...]) -> int:
        """The set as a bit mask over all hidden neurons, layer by layer."""
        offset = sum(layer_sizes[1 : self.layer])
        return sum(1 << (offset + neuron) for neuron in self.neurons)

    def digits(self, layer_sizes: tuple[int, ...]) -> str:
        """The set as one digit per neuron of its layer, 1 = in the set."""
        return "".join("01"[i in self.neurons] for i in range(layer_sizes[self.layer]))


def places(layer_sizes: tuple[int, ...]) -> list[Place]:
    """All places of a network: 14 for (2, 3, 3, 1)."""
    return [
        Place(layer, tuple(i for i in range(width) if chosen >> i & 1))
        for layer, width in enumerate(layer_sizes[1:-1], start=1)
        for chosen in range(1, 2**width)
    ]


def responses(networks: Networks, device: Device = "cpu") -> NDArray[np.bool_]:
    """Intervenes on every place with every pair of input rows.

    The network runs on the base, with the place's neurons forced to the activations they have on
    the source. It answers 1 when its output exceeds 0.5.

    Args:
        networks: Single-output networks.
        device: Where to compute; the result does not depend on it.

    Returns:
        Answers, bool [network, place, base * n_rows + source], in the order of ``places``.
    """
    xp = namespace_on(device)
    activations = networks.activations(device)
    parameters = networks.parameters(device)
    answers = []
    for layer, width in enumerate(networks.layer_sizes[1:-1], start=1):
        here = activations[layer]  # [network, row, neuron]
        chosen = (np.arange(1, 2**width)[:, None] >> np.arange(width) & 1).astype(bool)
        values = xp.where(
            on_device(chosen[None, :, None, None, :], device),
            here[:, None, None, :, :],  # what they have on the source
            here[:, None, :, None, :],  # what they have on the base
        )  # [network, place, base, source, neuron]
        for above in range(layer, len(parameters)):
            weight, bias = (p[:, None, None, None] for p in parameters[above])
            values = networks.activate(weighted_sum(values, weight, bias), above)
        answer = values[..., 0] > 0.5
        answers.append(answer.reshape(*answer.shape[:2], -1))
    return to_numpy(xp.concat(answers, axis=1))


def count_agreements(
    answers: NDArray[np.bool_], required: NDArray[np.bool_], pairs: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Counts the pairs on which network and formula agree; over their number, this is the IIA.

    Args:
        answers: Answers of the network, [network, place, pair].
        required: Answers of the formula, [variable, pair].
        pairs: Which pairs count, [pair].

    Returns:
        int64 [network, variable, place].
    """
    # Agreements = pairs - answers with 1 - required with 1 + 2 * both 1.
    asked = answers[..., pairs].astype(np.int64)
    wanted = required[:, pairs].astype(np.int64)
    both = np.einsum("npr,vr->nvp", asked, wanted)
    return np.asarray(
        pairs.sum() - asked.sum(2)[:, None, :] - wanted.sum(1)[None, :, None] + 2 * both
    )
