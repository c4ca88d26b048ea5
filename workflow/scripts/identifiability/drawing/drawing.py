"""Networks, circuits and formulas as drawings, read from left to right.

Every drawing lies in axes of its own whose data coordinates are inches on paper.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch

from identifiability.algorithms.notation import sign
from identifiability.algorithms.trees import Node
from identifiability.circuits.candidates import edges_of_id
from identifiability.drawing.palette import FAINT, INK, INPUT, NEGATIVE
from identifiability.networks.gates import INPUT_NAMES
from identifiability.networks.networks import Networks
from identifiability.report.numerals import decimal

Neuron = tuple[int, int]
"""A neuron as (layer, index); layer 0 holds the inputs."""

_THINNEST, _WIDEST = 0.5, 2.2
"""Widths of the edges with weight 0 and with the network's largest weight, in points."""
_PLAIN = 0.6
_DASHES = (0, (2.6, 1.3))
_NODE_WIDTH, _NODE_HEIGHT = 0.38, 0.14
"""The widest node of a tree, and the height of all, in inches."""
_SIGN_WIDTH = 0.062
"""Of a sign in a node, in inches."""


class Scale(NamedTuple):
    """Sizes of a drawn network, in inches.

    Attributes:
        radius: Of a neuron.
        layer_gap: Between the centres of neighbouring layers.
        neuron_gap: Between the centres of neighbouring neurons of a layer.
    """

    radius: float
    layer_gap: float
    neuron_gap: float

    def size(self, layer_sizes: Sequence[int]) -> tuple[float, float]:
        """Width and height of a network with these layers, with a hair's breadth around it."""
        margin = 2 * self.radius + 0.04
        return (
            (len(layer_sizes) - 1) * self.layer_gap + margin,
            (max(layer_sizes) - 1) * self.neuron_gap + margin,
        )


def inch_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Invisible axes at a place in a figure, everything in inches from its top left corner.

    Data coordinates are inches from the bottom left corner of the axes.
    """
    full_width, full_height = map(float, figure.get_size_inches())
    axes = figure.add_axes(
        (
            left / full_width,
            1 - (top + height) / full_height,
            width / full_width,
            height / full_height,
        )
    )
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return axes


def write_text(figure: Figure, left: float, top: float, text: str, **looks: object) -> None:
    """Writes text whose top left corner lies at a place in inches from the figure's."""
    width, height = map(float, figure.get_size_inches())
    at_top: dict[str, object] = {"va": "top", **looks}
    figure.text(left / width, 1 - top / height, text, **at_top)  # type: ignore[arg-type]


def kept_edges(network: Networks, circuit_id: str | None = None) -> list[list[str]]:
    """Edges as ``edges[layer][to]``, one digit per neuron below; all of them without a circuit."""
    if circuit_id is not None:
        return edges_of_id(circuit_id)
    return [["1" * below] * above for below, above in pairwise(network.layer_sizes)]


def draw_network(
    axes: Axes,
    network: Networks,
    scale: Scale,
    *,
    circuit_id: str | None = None,
    labels: Mapping[Neuron, str] | None = None,
    fills: Mapping[Neuron, str] | None = None,
    weighted: bool = True,
) -> None:
    """Draws a network or a circuit of it: one line per edge kept, one circle per neuron.

    A positive weight is a solid line, a negative one a dashed line in another colour, and the
    wider the line, the larger the weight. A neuron that a circuit leaves out is a faint dotted
    circle, an edge that it leaves out is not drawn.

    Args:
        axes: Axes in inches.
        network: A batch of one network with one output.
        scale: Sizes.
        circuit_id: The circuit to draw, as in the artifact ``circuits``; None draws everything.
        labels: Text in neurons. Inputs have their names.
        fills: Colours of neurons.
        weighted: Whether edges show their weights; else they are all alike and pale.
    """
    sizes = network.layer_sizes
    edges = kept_edges(network, circuit_id)
    largest = max(float(np.abs(weight).max()) for weight in network.weights)
    for layer, to_neurons in enumerate(edges):
        for to, digits in enumerate(to_neurons):
            for source, digit in enumerate(digits):
                if digit == "1":
                    ends = (
                        position(axes, scale, sizes, (layer, source)),
                        position(axes, scale, sizes, (layer + 1, to)),
                    )
                    weight = float(network.weights[layer][0, to, source])
                    axes.add_line(_edge(ends, weight / largest if weighted else None))
    names = {(0, i): name for i, name in enumerate(INPUT_NAMES[: sizes[0]])}
    texts = {**names, **(labels or {})}
    for layer, width in enumerate(sizes):
        for index in range(width):
            present = layer == 0 or "1" in edges[layer - 1][index]
            neuron = (layer, index)
            _draw_neuron(
                axes,
                position(axes, scale, sizes, neuron),
                scale.radius,
                texts.get(neuron, "") if present else "",
                (fills or {}).get(neuron, INPUT if layer == 0 else "white"),
                present,
            )


def position(
    axes: Axes, scale: Scale, layer_sizes: Sequence[int], neuron: Neuron
) -> tuple[float, float]:
    """Centre of a neuron: layers from left to right, neurons from the top, all in the middle."""
    layer, index = neuron
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    return (
        width / 2 + (layer - (len(layer_sizes) - 1) / 2) * scale.layer_gap,
        height / 2 + ((layer_sizes[layer] - 1) / 2 - index) * scale.neuron_gap,
    )


def write_weights(axes: Axes, network: Networks, scale: Scale) -> None:
    """Writes every weight of a network on its edge.

    At the share 1 / (n + 1) of the way to a layer of n neurons the edges of evenly spaced layers
    lie evenly spaced, above one another.
    """
    sizes = network.layer_sizes
    for layer, weight in enumerate(network.weights):
        along = 1 / (sizes[layer + 1] + 1)
        for to in range(sizes[layer + 1]):
            for source in range(sizes[layer]):
                value = float(weight[0, to, source])
                start = position(axes, scale, sizes, (layer, source))
                end = position(axes, scale, sizes, (layer + 1, to))
                axes.text(
                    start[0] + along * (end[0] - start[0]),
                    start[1] + along * (end[1] - start[1]),
                    # A plus as well: beside a number, the edge itself would pass for a minus.
                    decimal(value, plus=True),
                    color=_colour(value),
                    ha="center",
                    va="center",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
                )


def _edge(ends: tuple[tuple[float, float], tuple[float, float]], strength: float | None) -> Line2D:
    """The line of an edge; ``strength`` is its weight as a share of the largest one."""
    x, y = zip(*ends, strict=True)
    if strength is None:
        return Line2D(x, y, color=FAINT, linewidth=_PLAIN)
    return Line2D(
        x,
        y,
        color=_colour(strength),
        linestyle="solid" if strength >= 0 else _DASHES,
        linewidth=_THINNEST + (_WIDEST - _THINNEST) * abs(strength),
    )


def _colour(weight: float) -> str:
    """Colour of an edge by the sign of its weight."""
    return INK if weight >= 0 else NEGATIVE


def edge_keys(noun: str = "") -> list[Line2D]:
    """Keys for a legend of the edges, ``noun`` being what is positive or negative."""
    keys = [_edge(((0, 0), (0, 0)), strength) for strength in (0.5, -0.5)]
    for key, label in zip(keys, ("positive", "negative"), strict=True):
        key.set_label(f"{label} {noun}".rstrip())
    return keys


def _draw_neuron(
    axes: Axes, centre: tuple[float, float], radius: float, text: str, fill: str, present: bool
) -> None:
    """Draws one neuron; one that is left out lies under the edges that pass it."""
    circle = Circle(
        centre,
        radius,
        facecolor=fill if present else "none",
        edgecolor=INK if present else FAINT,
        linestyle="solid" if present else "dotted",
        linewidth=0.7,
        zorder=3 if present else 1,
    )
    axes.add_patch(circle)
    axes.text(*centre, text, ha="center", va="center", linespacing=0.95, zorder=4)


def draw_formula(
    axes: Axes,
    root: Node,
    labels: Mapping[int, str],
    fills: Mapping[int, str],
) -> None:
    """Draws a formula as a tree: the root on the right, inputs on the left of what uses them.

    A NOT is written into the node below it, with which it forms one variable.

    Args:
        axes: Axes in inches.
        root: The tree.
        labels: Text before a node's sign, by pre-order number.
        fills: Colours of nodes, by pre-order number.
    """
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    depth = _depth(root)
    leaves = sum(1 for node in root.preorder() if not node.children)
    step = (width - _NODE_WIDTH) / depth if depth else 0.0
    row = height / leaves
    numbers = iter(range(sum(1 for _ in root.preorder())))
    leaves_drawn = iter(range(leaves))

    def draw(node: Node, level: int) -> tuple[float, float]:
        number = next(numbers)
        children = [draw(child, level + 1) for child in node.children]
        y = (
            sum(y for _, y in children) / len(children)
            if children
            else height - (next(leaves_drawn) + 0.5) * row
        )
        centre = (width - _NODE_WIDTH / 2 - level * step, y)
        for child in children:
            axes.add_line(Line2D(*zip(child, centre, strict=True), color=INK, linewidth=_PLAIN))
        _draw_node(
            axes,
            centre,
            " ".join(filter(None, (labels.get(number), sign(node)))),
            fills.get(number, "white"),
        )
        return centre

    draw(root, 0)


def _draw_node(axes: Axes, centre: tuple[float, float], text: str, fill: str) -> None:
    """Draws one node of a formula, as wide as its text."""
    width = min(_NODE_WIDTH, _NODE_HEIGHT + _SIGN_WIDTH * (len(text) - 1))
    axes.add_patch(
        FancyBboxPatch(
            (centre[0] - width / 2, centre[1] - _NODE_HEIGHT / 2),
            width,
            _NODE_HEIGHT,
            boxstyle=f"round,pad=0,rounding_size={_NODE_HEIGHT / 2}",
            facecolor=fill,
            edgecolor=INK,
            linewidth=0.6,
            zorder=3,
        )
    )
    axes.text(*centre, text, ha="center", va="center_baseline", zorder=4)


def _depth(node: Node) -> int:
    """Operators on the longest path."""
    return 1 + max(map(_depth, node.children)) if node.children else 0
