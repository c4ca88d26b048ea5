"""Perfect circuits: sub-graphs that compute the same as a reference (paper, section 2; Q1).

No candidate gets a forward pass of its own. Given the choices below, a neuron's possible
activations are a table over its edge masks, and a circuit's output is a sum of table rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.candidates import Candidates, Level
from identifiability.networks.arrays import (
    Array,
    Device,
    device_of,
    namespace_of,
    namespace_on,
    on_device,
    to_numpy,
)
from identifiability.networks.networks import Networks, weighted_sum
from identifiability.protocols import SAMPLE_ACCURACY

_CHUNK = 2**21
"""Outputs evaluated at a time; bounds memory, changes no result."""


@dataclass(frozen=True, eq=False)
class PerfectCircuits:
    """Circuits with error 0, sorted by network and, within one, in the order of enumeration.

    Attributes:
        network: Index of the network, int64 [circuit].
        masks: Edge masks, uint16 [circuit, neuron] per non-input layer.
        for_target: Whether the circuit computes the target, bool [circuit].
        for_model: Whether it computes what the full network computes, rounded, bool [circuit].
        for_sample: Whether it computes the target on enough of a sample, bool [circuit].
        within: Whether its output is less than each of some tolerances away from that of the full
            network on every row, bool [tolerance, circuit].
    """

    network: NDArray[np.int64]
    masks: list[NDArray[np.uint16]]
    for_target: NDArray[np.bool_]
    for_model: NDArray[np.bool_]
    for_sample: NDArray[np.bool_]
    within: NDArray[np.bool_]


def rows_enough(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """On which sets of input rows it is enough to be right (D01 as released, D13).

    More than 99% of a sample must be right, so rows that are rare in it may be wrong.

    Args:
        counts: How often each row occurs in each network's sample, [network, row].

    Returns:
        Booleans [network, set of rows as a bit mask].
    """
    n_rows = counts.shape[1]
    inside = np.arange(2**n_rows)[:, None] >> np.arange(n_rows) & 1
    return enough(counts @ inside.T, counts.sum(1)[:, None])


def enough(right: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether so many samples of a total are enough to be right on; integers, no rounding."""
    share = SAMPLE_ACCURACY
    return np.asarray(right * share.denominator > share.numerator * total)


def perfect_circuits(
    networks: Networks,
    targets: NDArray[np.int64],
    candidates: Candidates,
    right_enough: NDArray[np.bool_] | None = None,
    device: Device = "cpu",
    tolerances: Sequence[float] = (),
) -> PerfectCircuits:
    """Finds every candidate that computes its network's target, or what the network computes.

    Where tolerances are given, those that are within one of them of the network are found as well.

    Args:
        networks: Single-output networks.
        targets: Truth tables, [network, row].
        candidates: The circuits to judge.
        right_enough: Which rows a network's sample asks to be right, as ``rows_enough`` says,
            [network, set of rows]; all of them if None.
        device: Where to compute; the result does not depend on it.
        tolerances: How far a circuit's output may be from the network's.
    """
    xp = namespace_on(device)
    inputs, *_, outputs_of_model = networks.activations(device)
    model = outputs_of_model[..., 0]
    rounded_model = xp.round(model)
    target = on_device(targets.astype(np.float64), device)
    if right_enough is None:
        right_enough = np.zeros((len(networks), 2 ** targets.shape[1]), bool)
        right_enough[:, -1] = True
    for_sample = on_device(right_enough, device)
    bits = on_device(1 << np.arange(targets.shape[1]), device)
    nothing = np.zeros(0, np.int64)
    network, circuit, verdicts = [nothing], [nothing], [np.zeros((3 + len(tolerances), 0), bool)]
    for first_network, first_circuit, outputs in candidate_outputs(networks, candidates, inputs):
        rounded = xp.round(outputs)
        these = slice(first_network, first_network + len(rounded))
        right = rounded == target[these, None]
        rows_right = xp.sum(xp.where(right, bits, 0), axis=-1)
        senses = [
            xp.all(right, axis=-1),
            xp.all(rounded == rounded_model[these, None], axis=-1),
            xp.take_along_axis(for_sample[these], rows_right, axis=1),
        ]
        if tolerances:
            apart = xp.max(xp.abs(outputs - model[these, None]), axis=-1)
            senses += [apart < tolerance for tolerance in tolerances]
        verdict = xp.stack(senses)
        own_network, own_circuit = xp.nonzero(xp.any(verdict, axis=0))
        verdicts.append(to_numpy(verdict[:, own_network, own_circuit]))
        network.append(to_numpy(own_network) + first_network)
        circuit.append(to_numpy(own_circuit) + first_circuit)
    networks_found, circuits_found = np.concatenate(network), np.concatenate(circuit)
    order = np.lexsort((circuits_found, networks_found))
    for_target, for_model, for_enough, *within = np.concatenate(verdicts, axis=1)[:, order]
    return PerfectCircuits(
        networks_found[order],
        candidates.edge_masks(circuits_found[order]),
        for_target,
        for_model,
        for_enough,
        np.array(within, bool).reshape(len(tolerances), len(order)),
    )


def candidate_outputs(
    networks: Networks, candidates: Candidates, inputs: Array
) -> Iterator[tuple[int, int, Array]]:
    """Outputs of every candidate, a block of networks and candidates at a time.

    Args:
        networks: Single-output networks.
        candidates: The circuits.
        inputs: Float64 [network, row, input], on the device on which to compute.

    Yields:
        Index of the block's first network, of its first candidate, and the float64 outputs
        [network, candidate, row].
    """
    n_rows = inputs.shape[1]
    if not len(candidates):
        return
    at_once = max(1, _CHUNK // (len(candidates) * n_rows))
    for first in range(0, len(networks), at_once):
        batch = networks.select(slice(first, first + at_once))
        *hidden, (weight, bias) = batch.parameters(device_of(inputs))
        values = inputs[first : first + at_once].swapaxes(1, 2)  # [network, input, row]
        step = max(1, _CHUNK // (len(batch) * n_rows))
        for start in range(0, len(candidates), step):
            circuits = np.arange(start, min(start + step, len(candidates)))
            total = bias[:, :, None]
            for part in _by_neuron(
                batch, hidden, candidates.levels, circuits, values, weight[:, 0]
            ):
                total = total + part
            yield first, start, batch.activate(total, len(hidden))


def _by_neuron(
    networks: Networks,
    parameters: list[tuple[Array, Array]],
    levels: tuple[Level, ...],
    choices: NDArray[np.int64],
    inputs: Array,
    scale: Array | None = None,
) -> Iterator[Array]:
    """What the neurons of the last of some levels respond under some of its choices.

    Args:
        networks: The networks.
        parameters: Weights and biases of the hidden layers.
        levels: The levels up to this one.
        choices: Which of its choices.
        inputs: [network, input, row].
        scale: Factors of the responses, [network, neuron].

    Yields:
        [network, choice, row] per neuron.
    """
    xp, device = namespace_of(inputs), device_of(inputs)
    *below, level = levels
    # Only what these choices rest on, so that memory is bounded in networks of any depth.
    parents, parent = np.unique(level.parent[choices], return_inverse=True)
    masks = level.masks[choices]
    weight, bias = parameters[len(below)]
    values = inputs[:, None]
    if below:
        values = xp.stack(
            list(_by_neuron(networks, parameters, tuple(below), parents, inputs)), axis=2
        )
    _, _, n_below, n_rows = values.shape
    factor = xp.ones_like(bias) if scale is None else scale
    if len(parents) << n_below <= len(choices):
        table = masked_responses(networks, len(below), weight, bias, values)
        table = table * factor[:, None, :, None, None]
        table = table.reshape(len(table), -1, n_rows)
        for neuron in range(masks.shape[1]):
            index = ((parent * masks.shape[1] + neuron) << n_below) + masks[:, neuron]
            yield xp.take(table, on_device(index, device), axis=1)
        return
    # Fewer choices than a table of all masks has entries: each by itself, its edges in order.
    own = on_device(parent, device)
    for neuron in range(masks.shape[1]):
        kept = on_device(masks[:, neuron].astype(np.int64), device)
        total = bias[:, neuron, None, None]
        for i in range(n_below):
            edge = (kept >> i & 1)[:, None]
            total = total + edge * weight[:, neuron, i, None, None] * values[:, own, i]
        response = networks.activate(total, len(below)) * factor[:, neuron, None, None]
        yield xp.where((kept > 0)[:, None], response, 0.0)


def masked_responses(
    networks: Networks, layer: int, weight: Array, bias: Array, values: Array
) -> Array:
    """Activations of a layer's neurons for every edge mask; 0 for mask 0, a removed neuron.

    Args:
        networks: The networks, for their activation function.
        layer: Index of the layer of weights.
        weight: [network, to, from].
        bias: [network, to].
        values: Activations below, [network, choice, from, row].

    Returns:
        Float64 [network, choice, to, mask, row].
    """
    xp = namespace_of(values)
    products = values[:, :, None] * weight[:, None, :, :, None]  # [network, choice, to, from, row]
    total = xp.broadcast_to(
        bias[:, None, :, None, None], (*products.shape[:3], 1, products.shape[-1])
    )
    for i in range(products.shape[3]):
        # Doubling: the masks without neuron i, then the same masks with it.
        total = xp.concat([total, total + products[:, :, :, i, None]], axis=3)
    table = networks.activate(total, layer)
    table[:, :, :, 0] = 0.0
    return table


def circuit_activations(
    networks: Networks,
    network: NDArray[np.int64],
    masks: list[NDArray[np.uint16]],
    inputs: NDArray[np.float64] | None = None,
) -> list[NDArray[np.float64]]:
    """Activations of circuits on every input row, each circuit by a masked forward pass.

    Args:
        networks: Single-output networks.
        network: Index of each circuit's network, [circuit].
        masks: Edge masks, [circuit, neuron] per non-input layer.
        inputs: Inputs of each network, [network, row, input]; the Boolean ones if None.

    Returns:
        One float64 array [circuit, row, neuron] per non-input layer; 0 for removed neurons.
    """
    own = networks.select(network)
    values = own.activations()[0] if inputs is None else inputs[network]
    activations = []
    for layer, (weight, bias) in enumerate(own.parameters()):
        kept = masks[layer][:, :, None] >> np.arange(weight.shape[-1]) & 1
        total = weighted_sum(values, (weight * kept)[:, None], bias[:, None])
        present = (masks[layer] > 0)[:, None]
        values = np.where(present, networks.activate(total, layer), 0.0)
        activations.append(values)
    return activations
