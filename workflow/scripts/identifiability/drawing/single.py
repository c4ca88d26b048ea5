"""Drawings of one network's explanations, for notebooks: a circuit, its gates, a mapping."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from identifiability.algorithms.notation import parse_formula, printed_formula, sign
from identifiability.command.explanation import Explanation
from identifiability.drawing.drawing import Scale, draw_network, inch_axes, write_text
from identifiability.drawing.explained import draw_algorithm, draw_places, first_interpretation
from identifiability.drawing.style import LINE_HEIGHT, figure_of, house_style
from identifiability.errors import UserError
from identifiability.report.numerals import counted

_SCALE = Scale(radius=0.19, layer_gap=0.85, neuron_gap=0.5)
_MARGIN = 0.06
_TREE_WIDTH = 1.7
_GAP = 0.35


def draw_circuit(
    found: Explanation, number: int = 0, *, target: str | None = None, gates: bool = True
) -> Figure:
    """Draws one perfect circuit in its network.

    Args:
        found: The explanation, with its circuits listed.
        number: Which circuit, sparsest first.
        target: The output's target, if the network has several outputs.
        gates: Write into every neuron its gate in the circuit's first interpretation.

    Raises:
        UserError: If there is no such target or circuit.
    """
    network, circuits = found.of_target("circuits", target)
    row = _row(circuits, number, "perfect circuit")
    counts = found.frames["interpretations"]
    own = (counts["target"] == row["target"]) & (counts["circuit_id"] == row["circuit_id"])
    n_interpretations = int(counts[own]["n_interpretations"].iloc[0])
    labels = first_interpretation(network, row["circuit_id"]) if gates else {}
    text = f"circuit {number + 1} of {len(circuits):,}: {counted(row['n_edges'], 'edge')} kept, "
    text += counted(n_interpretations, "interpretation")
    width, height = _SCALE.size(network.layer_sizes)
    top = _MARGIN + 1.4 * LINE_HEIGHT
    with house_style():
        figure = figure_of(max(width, 3.2) + 2 * _MARGIN, top + height + _MARGIN)
        write_text(figure, _MARGIN, _MARGIN, text)
        axes = inch_axes(figure, _MARGIN, top, width, height)
        draw_network(axes, network, _SCALE, circuit_id=row["circuit_id"], labels=labels)
    return figure


def draw_mapping(found: Explanation, number: int = 0, *, target: str | None = None) -> Figure:
    """Draws one minimal mapping: the algorithm as a tree, its variables' neurons in their colours.

    Args:
        found: The explanation.
        number: Which mapping, in the order of its artifact.
        target: The output's target, if the network has several outputs.

    Raises:
        UserError: If there is no such target or mapping.
    """
    network, mappings = found.of_target("mappings", target)
    row = _row(mappings, number, "minimal mapping")
    formulas = found.frames["formulas"]
    own = formulas[formulas["target"] == row["target"]].set_index("formula_id")
    variables = [str(variable) for variable in own.loc[row["formula_id"], "variables"]]
    root = parse_formula(row["formula"])
    width, height = _SCALE.size(network.layer_sizes)
    top = _MARGIN + 1.4 * LINE_HEIGHT
    text = f"mapping {number + 1} of {len(mappings):,}: {printed_formula(row['formula'])}"
    with house_style():
        figure = figure_of(_TREE_WIDTH + _GAP + width + 2 * _MARGIN, top + height + _MARGIN)
        write_text(figure, _MARGIN, _MARGIN, text)
        draw_algorithm(inch_axes(figure, _MARGIN, top, _TREE_WIDTH, height), root, variables)
        places = inch_axes(figure, _MARGIN + _TREE_WIDTH + _GAP, top, width, height)
        draw_places(places, network, row, sign(root), _SCALE)
    return figure


def _row(frame: pd.DataFrame, number: int, what: str) -> dict[Any, Any]:
    """One row of a frame, by its number."""
    if not 0 <= number < len(frame):
        raise UserError(f"there is no {what} {number}; {counted(len(frame), what)}, from 0 on")
    row: dict[Any, Any] = frame.iloc[number].to_dict()
    return row
