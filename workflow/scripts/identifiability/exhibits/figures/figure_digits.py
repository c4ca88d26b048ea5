"""Circuits in the last layers of networks that tell two digits apart (paper, section 4.3).

Above, the number of perfect circuits of every network, by family and protocol, with the published
numbers. Below, a row per network of the first family: which share of its circuits keeps each
neuron and each edge.
"""

from collections.abc import Mapping, Sequence
from math import ceil, log10

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from identifiability.digits.settings import DigitsFamily
from identifiability.digits.tables import CLAIM, kept_shares, published
from identifiability.drawing.drawing import inch_axes, write_text
from identifiability.drawing.palette import FAINT, INK, STRIP, Look, looks
from identifiability.drawing.style import (
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.exhibits.material import Material
from identifiability.stages.protocol_filters import admitted, perfect

EXHIBIT = {
    "number": "D",
    "title": "Circuits in the last layers of networks that tell two digits apart",
    "caption": """
        Perfect circuits of the last layers of networks that tell two digits apart (paper,
        section 4.3). Above, a point is a network; bars are medians over the networks that
        converged; lines are the published numbers, each of one network. Below, a row is a
        network of the first family, and colour the share of its perfect circuits that
        keeps a neuron or an edge; within a layer, neurons are in the order of their
        shares.
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary", "digit_circuits"),
    "paper": ("claims",),
}
_SHARES_UNDER = "released"
"""The protocol whose circuits the lower panel is about."""

_MARGIN = 0.06
_LEFT = 0.6
"""Left edge of the panels, in inches."""
_HEADING = 0.24
_HEIGHT = 1.9
"""Of the upper panel, in inches."""
_BELOW = 0.06 + 2.4 * LINE_HEIGHT
_LEGEND = 3.4 * LINE_HEIGHT
_ROW = 0.125
"""Height of a network's row in the lower panel, in inches."""
_NAMES = 1.3 * LINE_HEIGHT
"""Height of what stands above the rows."""
_GAP = 0.12
"""Between two groups of columns, in inches."""
_COUNTS = 0.5
"""Width of the column of counts, in inches."""
_BAR = 0.09
_STRIP_HEIGHT = 0.16
_SPREAD = 0.8
"""Width of all protocols at one family, where neighbouring families are 1 apart."""
_GOLDEN = (5**0.5 - 1) / 2
_DASHES = ((4, 2), (1, 1.5))
_ROOM = 1.5
"""Factor between the outermost values and the ends of the axis."""
_MAP = "cividis_r"


def make(material: Material) -> Figure:
    """The figure."""
    families = material.scope.digit_families
    protocol = next(p for p in material.scope.protocols if p.name == _SHARES_UNDER)
    found = material.by_family("digit_circuits")[families[0].name]
    shown = admitted(perfect(found, protocol), families[0].circuit_sizes, protocol)
    theirs = published(material.ledger.claims[CLAIM])
    return draw_digits(material.by_family("digit_summary"), families, shown, theirs, protocol.name)


def draw_digits(
    summaries: Mapping[str, pd.DataFrame],
    families: Sequence[DigitsFamily],
    circuits: pd.DataFrame,
    published: Mapping[str, float],
    protocol: str,
) -> Figure:
    """Draws how many circuits there are, and what they keep.

    Args:
        summaries: The artifact ``digit_summary`` by family.
        families: Their settings, the one of the paper's claim first.
        circuits: The artifact ``digit_circuits`` of that one, those perfect under ``protocol``.
        published: The published numbers by name.
        protocol: The protocol whose circuits the lower panel is about.

    Returns:
        The figure; a message if no network converged.
    """
    found = pd.concat(summaries.values())
    if not found["converged"].any():
        return message_figure(f"{', '.join(summaries)}: no network converged")
    by_network = {str(name): own for name, own in circuits.groupby("network_id")}
    rows = sorted(by_network.items(), key=lambda network: (-len(network[1]), network[0]))
    below = _HEADING + _NAMES + len(rows) * _ROW + 2.6 * LINE_HEIGHT if rows else 0
    end = _MARGIN + _HEADING + _HEIGHT
    start = end + _BELOW + _LEGEND
    with house_style():
        figure = figure_of(TEXT_WIDTH, start + below + _MARGIN)
        write_text(figure, 0, _MARGIN, "Perfect circuits", weight="bold", fontsize=TITLE_SIZE)
        axes = inch_axes(figure, _LEFT, _MARGIN + _HEADING, TEXT_WIDTH - _LEFT - _MARGIN, _HEIGHT)
        _draw_counts(axes, found, families, published)
        write_text(figure, _LEFT - 0.05, end - _STRIP_HEIGHT / 2, "none", ha="right", va="center")
        write_text(figure, _LEFT - 0.05, end + 0.03 + 1.05 * LINE_HEIGHT, "converged", ha="right")
        _draw_legend(figure, end + _BELOW, list(dict.fromkeys(found["protocol"])), published)
        if rows:
            zero, one = families[0].digits
            heading = (
                f"Share of the circuits that keep each neuron and edge ({zero}–{one}, {protocol})"
            )
            write_text(figure, 0, start, heading, weight="bold", fontsize=TITLE_SIZE)
            _draw_shares(figure, start + _HEADING, rows, families[0].circuit_sizes)
    return figure


def _draw_counts(
    axes: Axes,
    found: pd.DataFrame,
    families: Sequence[DigitsFamily],
    published: Mapping[str, float],
) -> None:
    """Draws a point for every network, by family and protocol, and their medians."""
    seen = looks(list(dict.fromkeys(found["protocol"])))
    axes.set_axis_on()
    axes.spines[["right", "top"]].set_visible(False)
    most = max(float(found["n_circuits"].max()), *published.values())
    # The strip is as high as other figures', in decades.
    strip = 10 ** (log10(most * _ROOM**2) * _STRIP_HEIGHT / (_HEIGHT - _STRIP_HEIGHT))
    axes.set_yscale("log")
    axes.set(xlim=(-0.5, len(families) - 0.5), ylim=(1 / _ROOM / strip, most * _ROOM))
    axes.set_yticks([10**power for power in range(ceil(log10(most * _ROOM)))])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.axhspan(1 / _ROOM / strip, 1 / _ROOM, facecolor=STRIP, edgecolor="none", zorder=1)
    axes.tick_params(axis="y", length=2, pad=1.5)
    axes.tick_params(axis="x", length=0, pad=3)
    labels = []
    step = _SPREAD / len(seen)
    for place, family in enumerate(families):
        own = found[found["family"] == family.name]
        numbers = own.drop_duplicates("network_id")["converged"]
        width = "" if family.last == families[0].last else f", k={max(family.last)}"
        labels.append("{}–{}{}\n{}/{}".format(*family.digits, width, numbers.sum(), len(numbers)))
        for i, (protocol, look) in enumerate(seen.items()):
            counts = own[own["protocol"] == protocol]["n_circuits"].dropna().to_numpy(float)
            middle = place + (i - (len(seen) - 1) / 2) * step
            _draw_points(axes, middle, step, counts, look)
            none = str(int((counts == 0).sum()))
            axes.text(middle, 1 / _ROOM / strip**0.5, none, ha="center", va="center")
        if place == 0:
            for value, dashes in zip(published.values(), _DASHES, strict=False):
                axes.plot([-0.48, 0.48], [value] * 2, color=INK, linewidth=0.9, dashes=dashes)
    axes.set_xticks(range(len(families)), labels)


def _draw_points(
    axes: Axes, x: float, step: float, counts: NDArray[np.float64], look: Look
) -> None:
    """Draws the networks of one family under one protocol, and their median."""
    some = np.sort(counts[counts > 0])
    spread = np.arange(1, len(some) + 1) * _GOLDEN % 1 - 0.5
    axes.scatter(
        x + spread * 0.5 * step, some, s=7, marker=look.marker, facecolor=look.colour,
        edgecolor="none", alpha=0.6, zorder=2,
    )  # fmt: skip
    if len(counts) and (middle := np.median(counts)) > 0:
        ends = [x - 0.42 * step, x + 0.42 * step]
        axes.plot(ends, [middle] * 2, color=INK, linewidth=1.4, zorder=3)


def _draw_legend(
    figure: Figure, top: float, protocols: Sequence[str], published: Mapping[str, float]
) -> None:
    """Draws the keys in one row."""
    keys: dict[str, Artist] = {
        name: Line2D([], [], color=look.colour, marker=look.marker, markersize=4, linestyle="")
        for name, look in looks(protocols).items()
    }
    keys["networks with none"] = Patch(facecolor=STRIP)
    keys["median"] = Line2D([], [], color=INK, linewidth=1.4)
    for (name, value), dashes in zip(published.items(), _DASHES, strict=False):
        keys[f"published, {name}: {value:,.0f}"] = Line2D(
            [], [], color=INK, linewidth=0.9, dashes=dashes
        )
    axes = inch_axes(figure, _MARGIN, top, TEXT_WIDTH - 2 * _MARGIN, _LEGEND)
    axes.legend(
        list(keys.values()),
        list(keys),
        loc="upper left",
        ncols=-(-len(keys) // 2),
        borderaxespad=0,
        borderpad=0,
        handlelength=1.6,
        columnspacing=1.2,
    )


def _draw_shares(
    figure: Figure, top: float, rows: Sequence[tuple[str, pd.DataFrame]], sizes: tuple[int, ...]
) -> None:
    """Draws a row per network, a group of columns per layer of neurons and of edges."""
    shares = [kept_shares(own["circuit_id"].to_numpy(str), sizes) for _, own in rows]
    layers = len(sizes) - 2
    groups = {f"neurons {layer + 1}": [n[layer] for n, _ in shares] for layer in range(layers)}
    names = ["in", *map(str, range(1, layers + 1)), "out"]
    for layer in range(layers + 1):
        groups[f"edges {names[layer]} → {names[layer + 1]}"] = [
            e[layer].ravel() for _, e in shares
        ]
    columns = [len(group[0]) for group in groups.values()]
    width = TEXT_WIDTH - _LEFT - _COUNTS - _MARGIN - _GAP * len(columns)
    cell = width / sum(columns)
    height = len(rows) * _ROW
    left = _LEFT
    for (name, group), number in zip(groups.items(), columns, strict=True):
        write_text(figure, left + number * cell / 2, top + LINE_HEIGHT / 2, name, ha="center")
        axes = inch_axes(figure, left, top + _NAMES, number * cell, height)
        axes.set_axis_on()
        image = axes.pcolormesh(np.array(group), vmin=0, vmax=1, cmap=_MAP, linewidth=0)
        axes.set(xlim=(0, number), ylim=(len(rows), 0), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        left += number * cell + _GAP
    write_text(figure, _LEFT - 0.08, top + LINE_HEIGHT / 2, "seed", ha="right")
    write_text(figure, TEXT_WIDTH - _MARGIN, top + LINE_HEIGHT / 2, "circuits", ha="right")
    for i, (name, own) in enumerate(rows):
        at = top + _NAMES + (i + 0.5) * _ROW
        write_text(figure, _LEFT - 0.08, at, name.rsplit("/")[-1], ha="right", va="center")
        write_text(figure, TEXT_WIDTH - _MARGIN, at, f"{len(own):,}", ha="right", va="center")
    bar = inch_axes(figure, _LEFT, top + _NAMES + height + 0.08, 1.6, _BAR)
    bar.set_axis_on()
    figure.colorbar(image, cax=bar, orientation="horizontal", ticks=[0, 0.5, 1])
    bar.set_xticks([0, 0.5, 1], ["0%", "50%", "100% of the circuits"])
    bar.tick_params(length=2, pad=1.5, color=FAINT)
