"""Figure 2: one network, and what both strategies find in it (Méloux et al., ICLR 2025, Fig. 2).

Where-then-what finds circuits first and reads each of them as Boolean gates; what-then-where
starts with an algorithm and looks for the places of its variables.
"""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from identifiability.algorithms.notation import parse_formula, printed_formula, sign
from identifiability.circuits.shapes import n_edges
from identifiability.drawing.drawing import (
    Scale,
    draw_network,
    edge_keys,
    inch_axes,
    write_text,
    write_weights,
)
from identifiability.drawing.explained import (
    PLACES,
    draw_algorithm,
    draw_places,
    first_interpretation,
)
from identifiability.drawing.style import (
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
    wrapped,
)
from identifiability.exhibits.example import Example
from identifiability.exhibits.material import Material
from identifiability.networks.gates import input_rows
from identifiability.networks.networks import TIE_TOLERANCE, Networks
from identifiability.report.numerals import counted, decimal, number

EXHIBIT = {
    "number": "2",
    "title": "What both strategies find in one network",
    "caption": """
        One network trained on XOR, the first in which the protocol named in the heading
        finds a mapping, and what both search strategies find in it. a: weights and biases.
        b: where-then-what, perfect circuits, three of them drawn with one of their
        interpretations each. c: what-then-where, algorithms, drawn with minimal mappings
        of their variables. All numbers are complete counts; the protocol's cap on sparsity
        is lifted.
    """,
    "category": "example",
    "experiments": ("example",),
    "artifacts": (
        "summary",
        "networks",
        "circuits",
        "interpretations",
        "mappings",
        "formulas",
    ),
    "protocols": "example",
    "engine": ("tie_tolerance",),
}

_TRAINED = Scale(radius=0.17, layer_gap=1.36, neuron_gap=0.52)
_CIRCUIT = Scale(radius=0.17, layer_gap=0.56, neuron_gap=0.4)
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


def make(material: Material) -> Figure:
    """The figure; a message if no network has a mapping."""
    example, why_none = material.example()
    if example is None:
        return message_figure(why_none)
    return draw_explanations(example, material.engine["tie_tolerance"])


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
    width = PLACES.size(found.network.layer_sizes)[0]
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


def _heading(figure: Figure, left: float, top: float, letter: str, text: str) -> None:
    """Writes the heading of a panel."""
    write_text(figure, left, top, f"{letter}  {text}", weight="bold", fontsize=TITLE_SIZE)
