"""Drawings of explanations: gates in a circuit, an algorithm as a tree, its variables' places."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from identifiability.algorithms.notation import variable_nodes
from identifiability.algorithms.trees import Node
from identifiability.circuits.candidates import masks_of_ids
from identifiability.circuits.interpretations import list_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.drawing.drawing import Neuron, Scale, draw_formula, draw_network
from identifiability.drawing.palette import VARIABLES
from identifiability.networks.gates import gate_of_table
from identifiability.networks.networks import TIE_TOLERANCE, Networks

PLACES = Scale(radius=0.13, layer_gap=0.41, neuron_gap=0.4)
"""Sizes of a network in which the places of variables are shown."""
_PARENTS = ("p₁", "p₂")
_INPUTS = ("A", "B")
_ALIKE = {"CONVERSE_IMP": "IMP′", "CONVERSE_NIMP": "NIMP′"}
_DIGITS_A_LINE = 4
_MOST_BINARY_DIGITS = 8


def gate_label(gate: tuple[int, ...], of_inputs: bool) -> str:
    """A gate in few letters.

    Args:
        gate: Truth table over the parents, first parent most significant.
        of_inputs: Whether the parents are the inputs.

    Returns:
        The name of a gate of one or two parents, a prime marking that they are swapped; else the
        truth table, in lines of four digits, hexadecimal where it is long.
    """
    parents = _INPUTS if of_inputs else _PARENTS
    if len(gate) == 2:
        return parents[0] if gate == (0, 1) else f"¬{parents[0]}"
    if len(gate) == 4:
        name = gate_of_table(gate).name
        of_one = {"A": parents[0], "B": parents[1]}
        if name.removeprefix("NOT_") in of_one:
            sign = "¬" if name.startswith("NOT_") else ""
            return sign + of_one[name.removeprefix("NOT_")]
        return _ALIKE.get(name, name)
    digits = "".join(map(str, gate))
    if len(gate) > _MOST_BINARY_DIGITS:
        digits = f"{int(digits, 2):0{len(gate) // 4}X}"
    lines = [digits[i : i + _DIGITS_A_LINE] for i in range(0, len(digits), _DIGITS_A_LINE)]
    return "\n".join(lines)


def draw_algorithm(axes: Axes, root: Node, variables: list[str]) -> None:
    """Draws an algorithm as a tree, its variables in their colours."""
    nodes = variable_nodes(root, variables)
    draw_formula(
        axes,
        root,
        {node: _variable_label(variable) for node, variable in nodes.items()},
        {node: _variable_fill(variable) for node, variable in nodes.items()},
    )


def draw_places(
    axes: Axes,
    network: Networks,
    mapping: Mapping[Hashable, Any],
    root_sign: str,
    scale: Scale = PLACES,
) -> None:
    """Draws a network, the neurons that carry a variable in the variable's colour.

    Args:
        axes: Axes in inches.
        network: A batch of one network with one output.
        mapping: Its ``layers`` and ``neurons``, as in the artifact ``mappings``.
        root_sign: What stands in the output.
        scale: Sizes.
    """
    places = zip(mapping["layers"], mapping["neurons"], strict=True)
    variable_at = {
        (int(layer), int(i)): variable
        for variable, (layer, neurons) in enumerate(places)
        for i in neurons
    }
    draw_network(
        axes,
        network,
        scale,
        labels={
            (len(network.layer_sizes) - 1, 0): root_sign,
            **{neuron: _variable_label(variable) for neuron, variable in variable_at.items()},
        },
        fills={neuron: _variable_fill(variable) for neuron, variable in variable_at.items()},
        weighted=False,
    )


def first_interpretation(
    network: Networks, circuit_id: str, tie_tolerance: float = TIE_TOLERANCE
) -> dict[Neuron, str]:
    """The gate of every neuron kept, in the first interpretation listed, if there is one."""
    masks = masks_of_ids(np.array([circuit_id]), network.layer_sizes)
    read = readings(circuit_activations(network, np.array([0]), masks), tie_tolerance)
    neurons = [
        (layer, i)
        for layer, width in enumerate(network.layer_sizes[1:], start=1)
        for i in range(width)
    ]
    return {
        neurons[reading.neuron]: gate_label(reading.gate, neurons[reading.neuron][0] == 1)
        for reading in next(list_interpretations(read, masks, 0), ())
    }


def _variable_label(variable: int) -> str:
    """What a variable is called in its tree and in the network."""
    return f"v{variable + 1}"


def _variable_fill(variable: int) -> str:
    """The colour of a variable; beyond the palette its name alone tells it from others."""
    return VARIABLES[variable % len(VARIABLES)]
