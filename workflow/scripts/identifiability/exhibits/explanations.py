"""Figure 2: one network, and what both strategies find in it (Méloux et al., ICLR 2025, Fig. 2).

Where-then-what finds circuits first and reads each of them as Boolean gates; what-then-where
starts with an algorithm and looks for the places of its variables.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from identifiability.algorithms.notation import (
    parse_formula,
    printed_formula,
    sign,
    variable_nodes,
)
from identifiability.algorithms.trees import Node
from identifiability.circuits.candidates import masks_of_ids
from identifiability.circuits.interpretations import list_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.circuits.shapes import n_edges
from identifiability.drawing.drawing import (
    Neuron,
    Scale,
    draw_formula,
    draw_network,
    edge_keys,
    inch_axes,
    write_text,
    write_weights,
)
from identifiability.drawing.palette import VARIABLES
from identifiability.drawing.style import (
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    wrapped,
)
from identifiability.exhibits.example import Example
from identifiability.networks.gates import gate_of_table, input_rows
from identifiability.networks.networks import TIE_TOLERANCE, Networks
from identifiability.report.numerals import counted, decimal, number

_TRAINED = Scale(radius=0.17, layer_gap=1.36, neuron_gap=0.52)
_CIRCUIT = Scale(radius=0.17, layer_gap=0.56, neuron_gap=0.4)
_PLACES = Scale(radius=0.13, layer_gap=0.41, neuron_gap=0.4)
_MARGIN = 0.06
_GAP = 0.1
_TRAINED_TOP = 2.5 * LINE_HEIGHT
_KEYS_HEIGHT = 10 * LINE_HEIGHT
"""Height of what stands beside the trained network."""
_RIGHT = 2.3
"""Where the column of what-then-where begins."""
_TREE_WIDTH = 1.46
_ROWS = 3
"""Circuits, and mappings, that are drawn."""
_WIDEST_WITH_WEIGHTS = 3
"""Neurons in the widest layer between whose edges there is room for weights."""

_PARENTS = ("p₁", "p₂")
_INPUTS = ("A", "B")
_ALIKE = {"CONVERSE_IMP": "IMP′", "CONVERSE_NIMP": "NIMP′"}
_DIGITS_A_LINE = 4
_MOST_BINARY_DIGITS = 8
_NOTATION = (
    "The wider an edge, the larger its weight; dotted neurons are left out. b: In a neuron stands "
    "its gate over its parents, p₁ the upper and p₂ the lower one; IMP is ¬p₁∨p₂, NIMP is p₁∧¬p₂, "
    "a prime swaps the two; digits are a truth table over three parents (hexadecimal: over more). "
    "c: v1, v2, … are intermediate variables of the algorithm, in its tree and at their places in "
    "the network."
)


@dataclass(frozen=True, eq=False)
class _Found:
    """What is found in one network, ready to be drawn.

    Attributes:
        network: The network with the output in question alone.
        circuits: Circuits with ``n_interpretations`` as exact integers, sparsest first.
        formulas: Candidate algorithms, with ``formula_id`` as index.
        mappings: Minimal mappings.
    """

    network: Networks
    circuits: pd.DataFrame
    formulas: pd.DataFrame
    mappings: pd.DataFrame


@dataclass(frozen=True)
class _Columns:
    """Where the two columns lie, in inches from the top of the figure.

    Attributes:
        top: Of the headings.
        rows: Top of each row.
        end: Below the last row.
    """

    top: float
    rows: tuple[float, ...]
    end: float

    @property
    def totals(self) -> float:
        """Top of what is said below the headings."""
        return self.top + 1.5 * LINE_HEIGHT


def draw_explanations(example: Example, tie_tolerance: float = TIE_TOLERANCE) -> Figure:
    """Draws a trained network, three of its circuits, and three of its mappings.

    The circuits are the sparsest with an interpretation, the one half way to the densest, and the
    one with the most interpretations; each is drawn with the first of its interpretations. The
    mappings are one of the algorithm with the fewest variables, and two of the one with the most
    mappings.

    Args:
        example: The network and what is found in it.
        tie_tolerance: Activations no further apart than this are the same.
    """
    found = _Found(
        example.single_output,
        example.circuits.assign(
            # Python's integers: numbers of interpretations pass 2**63.
            n_interpretations=pd.Series(
                [int(digits) for digits in example.circuits["n_interpretations"]],
                index=example.circuits.index,
                dtype=object,
            )
        ),
        example.formulas.set_index("formula_id"),
        example.mappings,
    )
    columns = _columns(found)
    notes = wrapped(_NOTATION, TEXT_WIDTH - 2 * _MARGIN)
    with house_style():
        figure = figure_of(TEXT_WIDTH, columns.end + len(notes) * LINE_HEIGHT + _MARGIN)
        _draw_trained(figure, found, example.title)
        _draw_circuits(figure, found, columns, tie_tolerance)
        _draw_mappings(figure, found, columns)
        write_text(figure, _MARGIN, columns.end, "\n".join(notes))
    return figure


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


def _columns(found: _Found) -> _Columns:
    """Lays the two columns out, below the drawing of the trained network."""
    sizes = found.network.layer_sizes
    trained = max(_TRAINED.size(sizes)[1], _KEYS_HEIGHT)
    top = _TRAINED_TOP + trained + 1.5 * _GAP
    row_height = 2.3 * LINE_HEIGHT + _CIRCUIT.size(sizes)[1] + 1.5 * _GAP
    n_rows = min(_ROWS, max(len(found.circuits), len(found.mappings)))
    first = top + 4 * LINE_HEIGHT
    rows = tuple(first + row * row_height for row in range(n_rows))
    return _Columns(top, rows, first + n_rows * row_height)


def _draw_trained(figure: Figure, found: _Found, name: str) -> None:
    """Draws the network as it was trained, what it computes, and the keys to its edges."""
    sizes = found.network.layer_sizes
    width, height = _TRAINED.size(sizes)
    _heading(figure, _MARGIN, _MARGIN, "a", f"The trained network: {name}")
    top = _TRAINED_TOP
    axes = inch_axes(figure, _MARGIN, top, width, height)
    biases = {
        (layer, i): decimal(value)
        for layer, bias in enumerate(found.network.biases, start=1)
        for i, value in enumerate(bias[0])
    }
    draw_network(axes, found.network, _TRAINED, labels=biases)
    if max(sizes) <= _WIDEST_WITH_WEIGHTS:
        write_weights(axes, found.network, _TRAINED)
    left = _MARGIN + width + _GAP
    write_text(figure, left, top, "A  B  output", weight="bold")
    outputs = found.network.outputs()[0, :, 0]
    for line, (row, value) in enumerate(zip(input_rows(sizes[0]), outputs, strict=True), start=1):
        bits = "  ".join(f"{bit:.0f}" for bit in row)
        write_text(figure, left, top + line * LINE_HEIGHT, f"{bits}   {decimal(value)}")
    legend_top = top + 5.6 * LINE_HEIGHT
    keys = inch_axes(figure, left, legend_top, TEXT_WIDTH - left, 3 * LINE_HEIGHT)
    keys.legend(
        handles=edge_keys(), title="weight", alignment="left", loc="upper left",
        borderaxespad=0, borderpad=0, handlelength=1.8, handletextpad=0.5,
    )  # fmt: skip
    write_text(figure, left, top + 9 * LINE_HEIGHT, "in neurons: bias")


def _draw_circuits(figure: Figure, found: _Found, columns: _Columns, tie_tolerance: float) -> None:
    """Draws the column of where-then-what."""
    total = sum(found.circuits["n_interpretations"])
    _heading(figure, _MARGIN, columns.top, "b", "Where, then what")
    write_text(
        figure,
        _MARGIN,
        columns.totals,
        f"{counted(len(found.circuits), 'perfect circuit')},\n"
        f"{counted(total, 'interpretation')} in all"
        if len(found.circuits)
        else "no perfect circuit,\nhence no interpretation",
    )
    sizes = found.network.layer_sizes
    chosen = _chosen_circuits(found.circuits).to_dict("records")
    for top, circuit in zip(columns.rows, chosen, strict=False):
        write_text(
            figure,
            _MARGIN,
            top,
            f"{circuit['n_edges']} of {n_edges(sizes)} edges kept,\n"
            f"{_one_of(circuit['n_interpretations'])}",
        )
        axes = inch_axes(figure, _MARGIN, top + 2.3 * LINE_HEIGHT, *_CIRCUIT.size(sizes))
        draw_network(
            axes,
            found.network,
            _CIRCUIT,
            circuit_id=circuit["circuit_id"],
            labels=first_interpretation(found.network, circuit["circuit_id"], tie_tolerance),
        )


def _draw_mappings(figure: Figure, found: _Found, columns: _Columns) -> None:
    """Draws the column of what-then-where."""
    per_algorithm = found.mappings.groupby("formula_id").size()
    _heading(figure, _RIGHT, columns.top, "c", "What, then where")
    write_text(
        figure,
        _RIGHT,
        columns.totals,
        f"{number(len(per_algorithm))} of {counted(len(found.formulas), 'algorithm')} "
        f"{'has' if len(per_algorithm) == 1 else 'have'} a mapping,\n"
        f"{counted(len(found.mappings), 'minimal mapping')} in all",
    )
    width = _PLACES.size(found.network.layer_sizes)[0]
    height = _CIRCUIT.size(found.network.layer_sizes)[1]
    chosen = _chosen_mappings(found.mappings).to_dict("records")
    for top, mapping in zip(columns.rows, chosen, strict=False):
        formula, formula_id = str(mapping["formula"]), mapping["formula_id"]
        write_text(
            figure,
            _RIGHT,
            top,
            f"{printed_formula(formula)}\n"
            + (
                "its only mapping"
                if per_algorithm[formula_id] == 1
                else f"mapping {mapping['mapping_id'] + 1} of {per_algorithm[formula_id]}"
            ),
        )
        variables = [str(v) for v in found.formulas.loc[formula_id, "variables"]]
        panel_top, left = top + 2.3 * LINE_HEIGHT, TEXT_WIDTH - _MARGIN - width
        root = parse_formula(formula)
        draw_algorithm(inch_axes(figure, _RIGHT, panel_top, _TREE_WIDTH, height), root, variables)
        places = inch_axes(figure, left, panel_top, width, height)
        draw_places(places, found.network, mapping, sign(root))


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
    scale: Scale = _PLACES,
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


def _one_of(n_interpretations: int) -> str:
    """Says which interpretation of a circuit is drawn."""
    if n_interpretations == 0:
        return "no interpretation"
    if n_interpretations == 1:
        return "its only interpretation"
    return f"one of {number(n_interpretations)} interpretations"


def _chosen_circuits(circuits: pd.DataFrame) -> pd.DataFrame:
    """The circuits to draw, sparsest first; those without an interpretation only if all are."""
    readable = circuits[circuits["n_interpretations"] > 0]
    shown = circuits if readable.empty else readable
    if shown.empty:
        return shown
    numbers = list(shown["n_interpretations"])
    richest = shown.index[numbers.index(max(numbers))]
    wanted = [shown.index[0], shown.index[len(shown) // 2], richest, *shown.index]
    return shown.loc[sorted(list(dict.fromkeys(wanted))[:_ROWS])]


def _chosen_mappings(mappings: pd.DataFrame) -> pd.DataFrame:
    """The mappings to draw: one of the simplest algorithm, two of the one with the most."""
    if mappings.empty:
        return mappings
    simplest = mappings["layers"].map(len).idxmin()
    most = mappings.groupby("formula_id", sort=False).size().idxmax()
    richest = mappings.index[mappings["formula_id"] == most]
    wanted = [simplest, richest[0], richest[-1], *mappings.index]
    return mappings.loc[sorted(list(dict.fromkeys(wanted))[:_ROWS])]


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


def _heading(figure: Figure, left: float, top: float, letter: str, text: str) -> None:
    """Writes the heading of a panel."""
    write_text(figure, left, top, f"{letter}  {text}", weight="bold", fontsize=TITLE_SIZE)


def _variable_label(variable: int) -> str:
    """What a variable is called in its tree and in the network."""
    return f"v{variable + 1}"


def _variable_fill(variable: int) -> str:
    """The colour of a variable; beyond the palette its name alone tells it from others."""
    return VARIABLES[variable % len(VARIABLES)]
