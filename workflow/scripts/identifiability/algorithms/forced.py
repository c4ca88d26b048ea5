"""What a network answers with some of its neurons forced (docs/protocols.md, joint interventions).

Any set of hidden neurons may be forced at once, each to what it is on a row of its own. What has
been worked out is kept, as long as all there is fits into memory: of two inputs and ten hidden
neurons, 5^10 answers.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.compiled_activations import code_of, read_out, readout_of
from identifiability.networks.networks import Networks
from identifiability.store.compiled import compiled

_MAX_KEPT = 2**24
"""Most answers of a network that are kept, 64 MiB of them."""


class Forced(NamedTuple):
    """A network, as compiled code reads it, and what is known of its answers.

    An intervention has a number: the sum, over the forced neurons, of the row from which a neuron
    is taken, counted from 1, times the neuron's ``digit``.

    Attributes:
        activations: Of the hidden neurons on every row, float64 [row, neuron].
        starts: The neuron with which each hidden layer begins, and their number, int64 [layer].
        weights: Above the first hidden layer, float64 [layer, to, from], padded with 0.
        biases: Float64 [layer, to].
        hidden: Code of the activation after hidden layers.
        last: Code of the activation after the last.
        slope: Of leaky ReLU below zero.
        above: The readout, as of ``read_out``.
        digits: Powers of the number of rows and one, int64 [neuron].
        known: Answers by the number of an intervention, base b in bit b, added to ``known_from``;
            what is less is another network's, or has not been worked out. Of length 0 if answers
            are not kept, int32 [intervention].
        known_from: A multiple of 2 to the number of rows.
        source_of: Room for the row from which each neuron is taken, -1 if it is free, int64
            [neuron].
        values: Room for activations, float64 [neuron].
    """

    activations: NDArray[np.float64]
    starts: NDArray[np.int64]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    hidden: int
    last: int
    slope: float
    above: float
    digits: NDArray[np.int64]
    known: NDArray[np.int32]
    known_from: int
    source_of: NDArray[np.int64]
    values: NDArray[np.float64]


def forced_networks(networks: Networks) -> Iterator[Forced]:
    """The networks one by one, ready to be intervened on until the next one is asked for.

    Args:
        networks: Single-output networks.
    """
    sizes = networks.layer_sizes
    hidden = np.concatenate(networks.activations()[1:-1], axis=2)
    n_hidden, choices = sum(sizes[1:-1]), 2 ** sizes[0] + 1
    codes = code_of(networks.activation), code_of(networks.output_activation)
    shape = (len(sizes) - 2, max(sizes[2:]), max(sizes[1:-1]))
    # One for all networks: to clear it for each would take longer than most searches.
    known = np.full(choices**n_hidden if choices**n_hidden <= _MAX_KEPT else 0, -1, np.int32)
    for number in range(len(networks)):
        weights, biases = np.zeros(shape), np.zeros(shape[:2])
        for layer in range(shape[0]):
            own, bias = networks.weights[layer + 1][number], networks.biases[layer + 1][number]
            weights[layer, : own.shape[0], : own.shape[1]] = own
            biases[layer, : len(bias)] = bias
        yield Forced(
            np.ascontiguousarray(hidden[number]),
            np.array([*accumulate(sizes[1:-1], initial=0)], np.int64),
            weights,
            biases,
            *codes,
            networks.negative_slope,
            readout_of(networks),
            np.array([choices**neuron for neuron in range(n_hidden)], np.int64),
            known,
            number << 2 ** sizes[0],
            np.full(n_hidden, -1, np.int64),
            np.zeros(n_hidden + 1),
        )


@compiled
def answers(network: Forced, intervention: int) -> int:
    """Works out the answers to an intervention, base b in bit b: whether the output exceeds 1/2.

    Args:
        network: The network, in which they are kept.
        intervention: Its number.
    """
    n_rows = len(network.activations)
    for neuron in range(len(network.source_of)):
        choice = intervention // network.digits[neuron] % (n_rows + 1)
        network.source_of[neuron] = choice - 1
    found = 0
    for base in range(n_rows):
        if _answer(network, base):
            found |= 1 << base
    if len(network.known):
        network.known[intervention] = network.known_from | found
    return found


@compiled
def _answer(network: Forced, base: int) -> bool:
    """The network's answer on a base, neurons forced as ``source_of`` says."""
    last = len(network.starts) - 1
    values = network.values
    changed = False  # whether anything below may differ from the run on the base
    for layer in range(last + 1):
        below = network.starts[layer - 1] if layer else 0
        begin = network.starts[layer]
        end = network.starts[layer + 1] if layer < last else begin + 1
        here = changed
        for neuron in range(begin, end):
            if layer < last and network.source_of[neuron] >= 0:
                values[neuron] = network.activations[network.source_of[neuron], neuron]
                here = True
            elif layer < last and not changed:
                values[neuron] = network.activations[base, neuron]
            else:
                # In the order of `weighted_sum`, to the last bit.
                total = network.biases[layer - 1, neuron - begin]
                for i in range(begin - below):
                    total += values[below + i] * network.weights[layer - 1, neuron - begin, i]
                code = network.hidden if layer < last else network.last
                ending = network.above if layer == last else np.nan
                values[neuron] = read_out(total, code, network.slope, ending)
        changed = here
    return bool(values[network.starts[last]] > 0.5)
