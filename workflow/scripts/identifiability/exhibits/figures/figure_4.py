"""Figure 4: the sparsest perfect circuits of one network (Méloux et al., ICLR 2025, Fig. 4)."""

from math import ceil

from matplotlib.figure import Figure

from identifiability.drawing.drawing import (
    Scale,
    draw_network,
    edge_keys,
    inch_axes,
    write_text,
)
from identifiability.drawing.style import (
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.exhibits.example import Example
from identifiability.exhibits.material import Material
from identifiability.report.numerals import counted, number

EXHIBIT = {
    "number": "4",
    "title": "The sparsest circuits of one network",
    "caption": """
        The sparsest perfect circuits of the network of Figure 2, fewest edges first and
        then fewest neurons. A perfect circuit can have no interpretation: no choice of
        separators then makes the bits of every neuron a function of those of its parents.
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
}

_SCALE = Scale(radius=0.09, layer_gap=0.33, neuron_gap=0.29)
_COLUMNS = 4
_MARGIN = 0.06
_GAP = 0.14


def make(material: Material) -> Figure:
    """The figure; a message if no network has a mapping."""
    example, why_none = material.example()
    return message_figure(why_none) if example is None else draw_sparsest(example)


def draw_sparsest(example: Example, n: int = 12) -> Figure:
    """Draws the perfect circuits with the fewest edges, then the fewest neurons.

    Under each stand the edges that it keeps and the number of its interpretations.

    Args:
        example: A network and what is found in it.
        n: How many circuits to draw; fewer if there are fewer.

    Returns:
        The drawings in a grid; a message if there is no circuit.
    """
    protocol = example.protocol.name
    if example.circuits.empty:
        return message_figure(f"{example.network_id} has no perfect circuit under {protocol}")
    network = example.single_output
    shown = example.circuits.head(n)
    width, height = _SCALE.size(network.layer_sizes)
    column = (TEXT_WIDTH - 2 * _MARGIN) / _COLUMNS
    row_height = height + 2.3 * LINE_HEIGHT + _GAP
    top = _MARGIN + 2 * LINE_HEIGHT
    bottom = top + ceil(len(shown) / _COLUMNS) * row_height
    with house_style():
        figure = figure_of(TEXT_WIDTH, bottom + 1.5 * LINE_HEIGHT + _MARGIN)
        title = f"{_which(len(shown), len(example.circuits))}: {example.title}"
        write_text(figure, _MARGIN, _MARGIN, title, weight="bold", fontsize=TITLE_SIZE)
        for position, circuit in enumerate(shown.to_dict("records")):
            row, place = divmod(position, _COLUMNS)
            panel_top = top + row * row_height
            left = _MARGIN + place * column + (column - width) / 2
            axes = inch_axes(figure, left, panel_top, width, height)
            draw_network(axes, network, _SCALE, circuit_id=circuit["circuit_id"])
            write_text(
                figure,
                left + width / 2,
                panel_top + height + 0.3 * LINE_HEIGHT,
                f"{counted(circuit['n_edges'], 'edge')},\n"
                f"{counted(int(circuit['n_interpretations']), 'interpretation')}",
                ha="center",
            )
        _draw_keys(figure, bottom)
    return figure


def _which(n_shown: int, n_circuits: int) -> str:
    """Says which circuits are drawn."""
    if n_shown < n_circuits:
        return f"The {n_shown} sparsest of {number(n_circuits)} perfect circuits"
    return "The only perfect circuit" if n_shown == 1 else f"All {n_shown} perfect circuits"


def _draw_keys(figure: Figure, top: float) -> None:
    """Draws the legend, below everything."""
    axes = inch_axes(figure, _MARGIN, top, TEXT_WIDTH - 2 * _MARGIN, 1.5 * LINE_HEIGHT)
    axes.legend(
        handles=edge_keys("weight"), loc="center left", ncols=2, borderaxespad=0, borderpad=0
    )
    axes.text(
        axes.get_xlim()[1],
        axes.get_ylim()[1] / 2,
        "wider: larger weight; dotted: neuron left out",
        ha="right",
        va="center",
    )
