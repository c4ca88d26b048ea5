"""Complete circuits: those that agree with the network whatever is taken out of both.

After Wang et al. (2023): for every set of hidden neurons that the circuit keeps, circuit and full
network have the same rounded output on every input when the activations of that set are 0 in both.
The empty set asks that the circuit computes what the network does.

``complete`` takes out one set after the other, in networks of any depth. ``complete_codes``, for
the networks of ``responses``, adds up the second hidden layer once for all sets of its neurons.
"""

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.meet_in_the_middle import wanted
from identifiability.circuits.responses import N_ROWS, Responses, kept_in_first
from identifiability.networks.compiled_activations import code_of, read_out, readout_of
from identifiability.networks.networks import Networks
from identifiability.store.compiled import compiled


def complete(network: Networks, masks: list[NDArray[np.uint16]]) -> NDArray[np.bool_]:
    """Which circuits are complete.

    Args:
        network: A batch of one single-output network.
        masks: Edge masks of its circuits, [circuit, neuron] per non-input layer.

    Returns:
        Booleans [circuit].
    """
    sizes = network.layer_sizes
    weight = np.zeros((len(sizes) - 1, max(sizes), max(sizes)))
    bias = np.zeros(weight.shape[:2])
    for layer, (own_weight, own_bias) in enumerate(network.parameters()):
        _, above, below = own_weight.shape
        weight[layer, :above, :below], bias[layer, :above] = own_weight[0], own_bias[0]
    names = [network.activation] * (len(sizes) - 2) + [network.output_activation]
    found = np.zeros(len(masks[0]), np.bool_)
    _find_complete(
        weight,
        bias,
        np.array(sizes),
        np.array([code_of(name) for name in names]),
        float(network.negative_slope),
        readout_of(network),
        network.input_values(),
        np.concatenate(masks, axis=1).astype(np.int64),
        found,
    )
    return found


@compiled
def _find_complete(
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    sizes: NDArray[np.int64],
    activations: NDArray[np.int64],
    slope: float,
    readout: float,
    inputs: NDArray[np.float64],
    masks: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Finds the complete circuits of one network.

    Args:
        weight: [layer, to, from], filled up with zeros.
        bias: [layer, to], likewise.
        sizes: Neurons per layer, inputs included.
        activations: What follows each layer, an index into ``OUTPUT_ACTIVATIONS``.
        slope: Slope of leaky ReLU below zero.
        readout: As ``above`` of ``read_out``.
        inputs: [row, input].
        masks: Edge masks of the circuits, [circuit, neuron].
        found: Filled, [circuit].
    """
    n_hidden = masks.shape[1] - 1
    # The full network, whose every edge is kept, without each set of hidden neurons.
    every = np.empty(n_hidden + 1, np.int64)
    number = 0
    for layer in range(len(sizes) - 1):
        for _ in range(sizes[layer + 1]):
            every[number] = (1 << sizes[layer]) - 1
            number += 1
    values = np.empty((2, weight.shape[1]))
    network = np.empty((1 << n_hidden, len(inputs)))
    for without in range(len(network)):
        for row in range(len(inputs)):
            network[without, row] = _output(
                weight, bias, sizes, activations, slope, readout, inputs[row], every, without,
                values,
            )  # fmt: skip
    for circuit in range(len(masks)):
        kept = 0
        for neuron in range(n_hidden):
            kept |= (1 << neuron) * (masks[circuit, neuron] > 0)
        without, agrees = 0, True
        while agrees:
            for row in range(len(inputs)):
                output = _output(
                    weight, bias, sizes, activations, slope, readout, inputs[row],
                    masks[circuit], without, values,
                )  # fmt: skip
                agrees &= output == network[without, row]
            if without == kept:
                break
            without = (without - kept) & kept  # the next subset of the neurons kept, ascending
        found[circuit] = agrees


@compiled
def _output(
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    sizes: NDArray[np.int64],
    activations: NDArray[np.int64],
    slope: float,
    readout: float,
    inputs: NDArray[np.float64],
    masks: NDArray[np.int64],
    without: int,
    values: NDArray[np.float64],
) -> float:
    """The rounded output of a circuit on one input row, some hidden neurons passing 0.

    Args:
        weight: As of ``_find_complete``.
        bias: As of ``_find_complete``.
        sizes: As of ``_find_complete``.
        activations: As of ``_find_complete``.
        slope: As of ``_find_complete``.
        readout: As of ``_find_complete``.
        inputs: The row, [input].
        masks: Edge masks, [neuron].
        without: Bit mask over the hidden neurons.
        values: Scratch, [2, neuron].
    """
    values[0, : len(inputs)] = inputs
    number = 0
    for layer in range(len(sizes) - 1):
        below, above = values[layer & 1], values[~layer & 1]
        for to in range(sizes[layer + 1]):
            mask = masks[number]
            if mask == 0 or without >> number & 1:
                above[to] = 0.0
            else:
                total = bias[layer, to]
                for i in range(sizes[layer]):
                    if mask >> i & 1:
                        total += weight[layer, to, i] * below[i]
                ending = readout if layer == len(sizes) - 2 else np.nan
                above[to] = read_out(total, activations[layer], slope, ending)
            number += 1
    return float(np.round(values[~(len(sizes) - 2) & 1, 0]))


def complete_codes(of: Responses, code: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which circuits of one network are complete.

    Args:
        of: The network's responses.
        code: Its circuits, [circuit].

    Returns:
        Booleans [circuit].
    """
    _, first, second, _ = of.sizes
    sums = np.empty((2**first, 2**second, N_ROWS))
    full = (1 << first * (2 + second)) - 1
    for without in range(2**first):
        _add_up(of, full, without, sums[without])
    outputs = np.empty_like(sums)
    _round(of, sums.reshape(-1), outputs.reshape(-1))
    boxes = [wanted(of, rounded) for rounded in outputs.reshape(-1, N_ROWS)]
    low = np.array([box.low for box in boxes]).reshape(sums.shape)
    high = np.array([box.high for box in boxes]).reshape(sums.shape)
    found = np.empty(len(code), np.bool_)
    _find_complete_codes(of, low, high, code, found)
    return found


@compiled
def _add_up(of: Responses, code: int, without: int, sums: NDArray[np.float64]) -> None:
    """The output's sums of a circuit that passes on some of its second layer's neurons alone.

    Args:
        of: The network's responses.
        code: The circuit.
        without: Neurons of the first layer that pass 0, as a bit mask.
        sums: Filled for the sets of kept neurons of the second layer, in the order of the network,
            [set as a bit mask, row].
    """
    _, first, second, _ = of.sizes
    choice = code & ((1 << 2 * first) - 1)
    sums[0] = of.bias
    for neuron in range(second):
        mask = code >> (2 * first + first * neuron) & ((1 << first) - 1)
        if not mask:
            continue
        passed = mask & ~without
        for others in range(1 << neuron):
            for row in range(N_ROWS):
                own = of.added[choice, neuron, passed, row] if passed else of.alone[neuron]
                sums[others | 1 << neuron, row] = sums[others, row] + own


@compiled
def _round(of: Responses, sums: NDArray[np.float64], outputs: NDArray[np.float64]) -> None:
    """Rounds the outputs that belong to sums, [sum]."""
    for i in range(len(sums)):
        outputs[i] = np.round(read_out(sums[i], of.activation, of.slope, of.above))


@compiled
def _find_complete_codes(
    of: Responses,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    code: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Finds the complete circuits of one network.

    Args:
        of: The network's responses.
        low: Smallest sum that is rounded to the output of the full network without a set of
            neurons of the first layer, with one of the second, [set, set, row].
        high: Smallest sum above it that is not, likewise.
        code: Circuits, [circuit].
        found: Filled, [circuit].
    """
    _, first, second, _ = of.sizes
    sums = np.empty((1 << second, N_ROWS))
    every = (1 << second) - 1
    for i in range(len(code)):
        choice = code[i] & ((1 << 2 * first) - 1)
        kept_first, kept_second = kept_in_first(choice, first), 0
        for neuron in range(second):
            mask = code[i] >> (2 * first + first * neuron) & ((1 << first) - 1)
            kept_second |= (1 << neuron) * (mask > 0)
        without, agrees = 0, True
        while agrees:
            _add_up(of, code[i], without, sums)
            passing = kept_second
            while agrees:
                # The network has those as well that the circuit leaves out.
                others = passing | every & ~kept_second
                for row in range(N_ROWS):
                    total = sums[passing, row]
                    agrees &= low[without, others, row] <= total < high[without, others, row]
                if passing == 0:
                    break
                passing = (passing - 1) & kept_second
            if without == kept_first:
                break
            without = (without - kept_first) & kept_first  # the next subset, ascending
        found[i] = agrees
