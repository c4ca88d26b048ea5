"""Interpretations in words: what every neuron of a circuit could be said to compute."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.candidates import masks_of_ids
from identifiability.circuits.interpretations import list_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.networks.gates import INPUT_NAMES, gate_of_table
from identifiability.networks.names import neuron_names
from identifiability.networks.networks import TIE_TOLERANCE, Networks


class ReadNeuron(NamedTuple):
    """A neuron with its gate in an interpretation.

    Attributes:
        name: The neuron's.
        gate: In words, over what it reads.
        separator: Above it the neuron reads 1.
    """

    name: str
    gate: str
    separator: float


def interpretations_in_words(
    network: Networks, circuit_id: str, tie_tolerance: float = TIE_TOLERANCE
) -> Iterator[list[ReadNeuron]]:
    """The interpretations of one circuit, the neurons kept layer by layer, the output last.

    Args:
        network: A batch of one network with one output.
        circuit_id: The circuit.
        tie_tolerance: Activations no further apart are a tie.
    """
    sizes = network.layer_sizes
    masks = masks_of_ids(np.array([circuit_id]), sizes)
    read = readings(circuit_activations(network, np.array([0]), masks), tie_tolerance)
    names = neuron_names(sizes)
    parents = parent_names(sizes, [layer[0] for layer in masks])
    for interpretation in list_interpretations(read, masks, 0):
        yield [
            ReadNeuron(names[one.neuron], gate_name(one.gate, parents[one.neuron]), one.separator)
            for one in interpretation
        ]


def parent_names(sizes: tuple[int, ...], masks: Sequence[NDArray[np.uint16]]) -> list[list[str]]:
    """Names of what each non-input neuron reads.

    A neuron of the first hidden layer reads the inputs, whatever edges it keeps: its gate is a
    truth table over all of them.

    Args:
        sizes: Neurons per layer.
        masks: Edge masks of one circuit, [neuron] per non-input layer.
    """
    names, start = neuron_names(sizes), 0
    parents = [list(INPUT_NAMES[: sizes[0]])] * sizes[1]
    for width, layer in zip(sizes[1:], masks[1:], strict=False):
        below = names[start : start + width]
        parents += [[n for i, n in enumerate(below) if int(mask) >> i & 1] for mask in layer]
        start += width
    return parents


def gate_name(gate: tuple[int, ...], parents: list[str]) -> str:
    """A gate over its parents, in words if it has at most two of them."""
    if len(parents) == 1:
        return parents[0] if gate == (0, 1) else f"NOT {parents[0]}"
    if len(parents) == 2:
        a, b = parents
        name = gate_of_table(gate).name
        special = {
            "A": a,
            "B": b,
            "NOT_A": f"NOT {a}",
            "NOT_B": f"NOT {b}",
            "CONVERSE_IMP": f"{b} IMP {a}",
            "CONVERSE_NIMP": f"{b} NIMP {a}",
        }
        return special.get(name, f"{a} {name} {b}")
    return f"{''.join(map(str, gate))} over {', '.join(parents)}"
