"""How far each protocol's count lies under the exact one, by width.

A panel for circuits and one for interpretations: per width and protocol a point for every network,
with the median and its interval. Networks in which a protocol finds none have no place on a
logarithmic axis; they are counted in the strip below.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

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
from identifiability.evidence import statistics
from identifiability.evidence.sparsity_caps import ALL, COMPARED, shares
from identifiability.exhibits.material import Material
from identifiability.stages.rows import ESTIMATE

EXHIBIT = {
    "number": "C",
    "title": "How far capped counts lie under exact ones",
    "caption": """
        Share of all perfect circuits, and of all their interpretations, that the circuits
        admitted by each protocol make up, for XOR networks, against width. A point is a
        converged network, hollow where the number of all interpretations is an estimate;
        beside the points stand the median and its 95% interval. Networks in which a
        protocol admits none are counted in the strip below the axis; the numbers of
        networks leave out those in which there is nothing to count, or whose
        interpretations are not determined.
    """,
    "category": "exact",
    "experiments": ("exact",),
    "artifacts": ("summary",),
}

HEADINGS: Mapping[str, str] = {
    "n_circuits": "Share of all perfect circuits",
    "n_interpretations": "Share of all interpretations",
}

_MARGIN = 0.06
_LEFT = 0.6
"""Left edge of a panel from that of its half of the figure, in inches."""
_HEADING = 0.24
_HEIGHT = 2.0
"""Of a panel, in inches."""
_STRIP_HEIGHT = 0.16
_BELOW = 0.04 + 3.4 * LINE_HEIGHT
"""Height of what stands between the panels and the legend, in inches."""
_KEYS = 1.5 * LINE_HEIGHT
_KEYS_A_ROW = 5
_SPREAD = 0.8
"""Width of all protocols at one place, where neighbouring places are 1 apart."""
_GOLDEN = (5**0.5 - 1) / 2
_PAD = 0.07
"""Empty axis above and below the values, in inches."""
_STEPS = (1, 2, 3, 5, 10, 20, 50)
"""Decades between two labels."""
_MOST_TICKS = 8
_HALO = [withStroke(linewidth=2.0, foreground="white")]
_INTERVAL: dict[str, Any] = {"color": INK, "linewidth": 1.0, "solid_capstyle": "butt"}
_MEDIAN: dict[str, Any] = {**_INTERVAL, "linewidth": 1.8}
_ABOVE: dict[str, Any] = {"path_effects": _HALO, "zorder": 4}
_MEDIAN_AT, _MEDIAN_WIDTH = 0.28, 0.3
"""Of a median, where neighbouring protocols are 1 apart."""
_POINTS_AT, _POINTS_WIDTH = -0.17, 0.46


def make(material: Material) -> Figure:
    """The figure."""
    summaries = material.by_family()
    by_width = {str(max(f.hidden)): summaries[f.name] for f in material.families}
    return draw_exact(by_width, material.protocols)


def draw_exact(summaries: Mapping[str, pd.DataFrame], protocols: Sequence[str]) -> Figure:
    """Draws which share of the exact count each protocol's count reaches.

    Args:
        summaries: The artifact ``summary`` by width.
        protocols: Those shown; the one that admits everything is what they are compared with.

    Returns:
        A panel per quantity; a message if no network converged.
    """
    capped = [protocol for protocol in protocols if protocol != ALL]
    found = {width: shares(summary, capped) for width, summary in summaries.items()}
    if all(rows.empty for rows in found.values()):
        families = [str(summary["family"].iloc[0]) for summary in summaries.values()]
        return message_figure(f"{', '.join(families)}: no network to compare")
    keys = _keys(capped, any((rows["how"] == ESTIMATE).any() for rows in found.values()))
    n_rows = -(-len(keys) // _KEYS_A_ROW)
    end = _MARGIN + _HEADING + _HEIGHT
    half = (TEXT_WIDTH - _MARGIN) / len(COMPARED)
    with house_style():
        figure = figure_of(TEXT_WIDTH, end + _BELOW + n_rows * _KEYS + _MARGIN)
        for i, quantity in enumerate(COMPARED):
            left = i * half + _LEFT
            width = half - _LEFT
            write_text(
                figure, left, _MARGIN, HEADINGS[quantity], weight="bold", fontsize=TITLE_SIZE
            )
            axes = inch_axes(figure, left, _MARGIN + _HEADING, width, _HEIGHT)
            own = {w: rows[rows["quantity"] == quantity] for w, rows in found.items()}
            _draw_panel(axes, own, looks(capped))
            write_text(figure, left + width / 2, end + 2.4 * LINE_HEIGHT, "width k", ha="center")
        write_text(figure, _LEFT - 0.05, end - _STRIP_HEIGHT / 2, "none", ha="right", va="center")
        write_text(figure, _LEFT - 0.05, end + 0.03 + 1.05 * LINE_HEIGHT, "networks", ha="right")
        legend = inch_axes(figure, _MARGIN, end + _BELOW, TEXT_WIDTH - 2 * _MARGIN, n_rows * _KEYS)
        legend.legend(
            list(keys.values()),
            list(keys),
            loc="upper left",
            ncols=-(-len(keys) // n_rows),
            borderaxespad=0,
            borderpad=0,
            handlelength=1.4,
            columnspacing=1.5,
        )
    return figure


def _draw_panel(axes: Axes, found: Mapping[str, pd.DataFrame], seen: Mapping[str, Look]) -> None:
    """Draws one quantity: the shares of every network by width."""
    values = np.concatenate([rows["share"].to_numpy(float) for rows in found.values()])
    lowest, highest = (f(values[values > 0], initial=1.0) for f in (np.min, np.max))
    lowest = min(lowest, highest / 10)
    decades = log10(highest / lowest)
    per_inch = decades / (_HEIGHT - _STRIP_HEIGHT - 2 * _PAD)
    bottom, top = lowest / 10 ** (_PAD * per_inch), highest * 10 ** (_PAD * per_inch)
    strip = 10 ** (_STRIP_HEIGHT * per_inch)
    axes.set_axis_on()
    axes.spines[["right", "top"]].set_visible(False)
    axes.set_yscale("log")
    axes.set(xlim=(-0.5, len(found) - 0.5), ylim=(bottom / strip, top))
    axes.yaxis.set_minor_locator(NullLocator())
    every = next(n for n in _STEPS if decades / n <= _MOST_TICKS or n == _STEPS[-1])
    powers = range(ceil(log10(bottom)), floor(log10(top)) + 1)
    axes.set_yticks([10.0**power for power in powers if power % every == 0])
    axes.tick_params(axis="y", length=2, pad=1.5)
    axes.set_xticks(
        range(len(found)),
        [f"{width}\n{rows['network_id'].nunique()}" for width, rows in found.items()],
    )
    axes.tick_params(axis="x", length=0, pad=3)
    axes.axhline(1, color=FAINT, linewidth=0.8, zorder=1)
    across = axes.get_yaxis_transform()
    axes.add_patch(Rectangle((0, bottom / strip), 1, bottom - bottom / strip, transform=across,
                             facecolor=STRIP, edgecolor="none", zorder=1))  # fmt: skip
    step = _SPREAD / len(seen)
    for place, rows in enumerate(found.values()):
        for i, (protocol, look) in enumerate(seen.items()):
            own = rows[rows["protocol"] == protocol]
            middle = place + (i - (len(seen) - 1) / 2) * step
            if len(own):
                _draw_points(axes, middle + _POINTS_AT * step, step, own, look)
                _draw_median(
                    axes, middle + _MEDIAN_AT * step, step, own["share"].to_numpy(float), bottom
                )
                none = int((own["share"] == 0).sum())
                axes.text(middle, bottom / strip**0.5, str(none), ha="center", va="center")


def _draw_points(axes: Axes, x: float, step: float, rows: pd.DataFrame, look: Look) -> None:
    """Draws a point for every network with any."""
    rows = rows[rows["share"] > 0].sort_values("share")
    # Neighbouring multiples of an irrational number lie far apart: points spread without chance.
    spread = np.arange(1, len(rows) + 1) * _GOLDEN % 1 - 0.5
    estimated = (rows["how"] == ESTIMATE).to_numpy()
    for hollow in (False, True):
        own = estimated == hollow
        values = rows["share"].to_numpy(float)[own]
        across = x + spread[own] * _POINTS_WIDTH * step
        axes.scatter(across, values, **_point(look, hollow), zorder=2)


def _draw_median(
    axes: Axes, x: float, step: float, values: NDArray[np.float64], bottom: float
) -> None:
    """Draws the median over all networks and its interval, as far as they lie above the strip."""
    found = statistics.median(values)
    if found.high > 0:
        axes.plot([x, x], [max(found.low, bottom), found.high], **_INTERVAL, **_ABOVE)
    if found.value > 0:
        ends = [x - _MEDIAN_WIDTH / 2 * step, x + _MEDIAN_WIDTH / 2 * step]
        axes.plot(ends, [found.value] * 2, **_MEDIAN, **_ABOVE)


def _point(look: Look, hollow: bool) -> dict[str, Any]:
    """How the point of a network is drawn: hollow where the exact count is an estimate."""
    return {
        "marker": look.marker,
        "s": 6,
        "facecolor": "none" if hollow else look.colour,
        "edgecolor": look.colour,
        "linewidth": 0.4 if hollow else 0,
        "alpha": 0.8 if hollow else 0.5,
    }


def _keys(protocols: Sequence[str], estimated: bool) -> dict[str, Artist]:
    """The legend: what is drawn, by its name."""
    keys: dict[str, Artist] = {
        name: Line2D([], [], color=look.colour, marker=look.marker, markersize=4, linestyle="")
        for name, look in looks(protocols).items()
    }
    if estimated:
        keys["hollow: of an estimate"] = Line2D(
            [], [], color=INK, marker="o", markersize=4, markerfacecolor="none", linestyle=""
        )
    keys["median, 95% interval"] = Line2D(
        [], [], **_INTERVAL, marker="|", markersize=6, markeredgewidth=1.8
    )
    keys["networks with none"] = Patch(facecolor=STRIP)
    return keys
