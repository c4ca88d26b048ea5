"""What the hidden neurons of one network respond, as tables over the edges that they keep.

For networks with two inputs, two hidden layers and one output. A neuron of the first hidden layer
has four *edge masks*, the sets of its incoming edges that a circuit may keep. Once every neuron of
the first layer has its mask (together they are a *choice*), the second layer's responses are a
table over masks as well. The output of a circuit is the activation of the output's bias plus one
table row per neuron of the second layer, so no circuit needs a forward pass of its own.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.codes import choice_masks
from identifiability.circuits.perfect import masked_responses
from identifiability.networks.compiled_activations import code_of, read_out, readout_of
from identifiability.networks.networks import Networks
from identifiability.store.compiled import compiled

N_ROWS = 4
"""Input rows of a network with two inputs."""


class Responses(NamedTuple):
    """What the hidden neurons of one network respond on the four input rows.

    A named tuple, which compiled functions take as it is.

    Attributes:
        sizes: Neurons per layer, (2, a, b, 1).
        first: Activations of the first hidden layer, float64 [neuron, mask, row].
        second: Activations of the second, float64 [choice, neuron, mask, row]; 0 for mask 0.
        added: What they add to the output's sum, float64 [choice, neuron, mask, row].
        alone: What they add if no neuron below passes anything, float64 [neuron].
        bias: The output's bias.
        activation: The output's activation, an index into ``OUTPUT_ACTIVATIONS``.
        slope: Slope of leaky ReLU below zero.
        above: The readout, as of ``read_out``.
    """

    sizes: tuple[int, ...]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    added: NDArray[np.float64]
    alone: NDArray[np.float64]
    bias: float
    activation: int
    slope: float
    above: float


def tabulate(network: Networks) -> Responses:
    """Tabulates a batch of one single-output network."""
    (w1, b1), (w2, b2), (w3, b3) = network.parameters()
    inputs = network.activations()[0].swapaxes(1, 2)[:, None]  # [network, 1, input, row]
    first = masked_responses(network, 0, w1, b1, inputs)[0, 0]
    width = first.shape[0]
    values = first[np.arange(width), choice_masks(width)]  # [choice, neuron, row]
    second = masked_responses(network, 1, w2, b2, values[None])[0]
    added = second * w3[0, 0, None, :, None, None]
    return Responses(
        network.layer_sizes,
        # Functions are compiled for arrays without gaps.
        np.ascontiguousarray(first),
        np.ascontiguousarray(second),
        np.ascontiguousarray(added),
        np.ascontiguousarray((network.activate(b2, 1) * w3[:, 0])[0]),
        float(b3[0, 0]),
        code_of(network.output_activation),
        float(network.negative_slope),
        readout_of(network),
    )


@compiled
def kept_in_first(choice: int, width: int) -> int:
    """The neurons of the first layer that a choice keeps, as a bit mask."""
    kept = 0
    for neuron in range(width):
        kept |= (1 << neuron) * (choice >> 2 * neuron & 3 > 0)
    return kept


@compiled
def circuit_output(of: Responses, code: int, output: NDArray[np.float64]) -> None:
    """Adds up the output of a circuit, in the order of the network.

    Args:
        of: The network's responses.
        code: The circuit.
        output: Filled, [row].
    """
    _, first, second, _ = of.sizes
    choice = code & ((1 << 2 * first) - 1)
    output[:] = of.bias
    for neuron in range(second):
        mask = code >> (2 * first + first * neuron) & ((1 << first) - 1)
        if mask:
            for row in range(N_ROWS):
                output[row] += of.added[choice, neuron, mask, row]
    for row in range(N_ROWS):
        output[row] = read_out(output[row], of.activation, of.slope, of.above)


@compiled
def rounded_output(of: Responses, code: int, output: NDArray[np.float64]) -> None:
    """As ``circuit_output``, but rounded."""
    circuit_output(of, code, output)
    for row in range(N_ROWS):
        output[row] = np.round(output[row])
