"""The four counts over the networks of a family (Méloux et al., ICLR 2025, Table 3, Figs. 6–9).

One panel per question: perfect circuits (Q1), interpretations (Q2), algorithms (Q3) and minimal
mappings (Q4). All statistics are over all converged networks, those with a count of 0 included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log10
from statistics import quantiles
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from identifiability.drawing.drawing import inch_axes, write_text
from identifiability.drawing.palette import FAINT, INK, STRIP, Look, looks
from identifiability.drawing.style import (
    CHARACTER_WIDTH,
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    log10_of,
    message_figure,
)
from identifiability.evidence.ledger import published_means
from identifiability.evidence.sweeps import estimated
from identifiability.exhibits.material import Material
from identifiability.report.numerals import number

EXHIBIT = {
    "number": "A",
    "title": "The four counts over networks",
    "caption": """
        Circuits, interpretations, algorithms and minimal mappings of the networks of the
        basic experiment, as far as they converged, under every protocol. A point is a
        network; boxes show quartiles and median, diamonds the mean, dashed lines the
        published means. Networks with a count of 0 stand left of the axis, and belong to
        the statistics on the right: the networks with none and with exactly one, median
        and mean.
    """,
    "category": "basic",
    "experiments": ("basic",),
    "artifacts": ("summary",),
    "paper": ("claims",),
}

COUNT_TITLES: Mapping[str, str] = {
    "n_circuits": "Q1  Perfect circuits",
    "n_interpretations": "Q2  Interpretations",
    "n_algorithms": "Q3  Algorithms with a mapping",
    "n_mappings": "Q4  Minimal mappings",
}
"""Columns of the artifact ``summary``, and the panels' headings."""

_COLUMNS = ("none", "exactly 1", "median", "mean")
_COLUMN_WIDTH = 0.6
_MARGIN = 0.06
_GAP = 0.12
_ROW = 0.3
"""Height of a protocol's row, in inches."""
_HEADROOM = 0.45
"""Height above the first protocol, for the published value, in rows."""
_BOX, _BOX_UP = 0.32, 0.2
"""Height of a box, and of its middle above that of the row, in rows."""
_SPREAD, _POINTS_DOWN = 0.3, 0.22
"""The same for the band of points, which lies below."""
_HEADING, _TICKS = 1.4 * LINE_HEIGHT, 2.2 * LINE_HEIGHT
"""Heights of what stands above and below the axes of a panel, in inches."""
_ZERO = 0.13
"""Where 0 lies to the left of 1, as a share of the length of the logarithmic axis."""
_EDGE = 0.06
"""Empty axis beyond the smallest and the largest value, as the same share."""
_SHORTEST = 0.5
"""Length of the shortest axis, in decades."""
_MEDIAN: dict[str, Any] = {"color": INK, "linewidth": 1.6}
_MEAN: dict[str, Any] = {
    "marker": "D",
    "markersize": 3.6,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 0.8,
}
_PUBLISHED: dict[str, Any] = {"color": INK, "linewidth": 0.8, "linestyle": (0, (4, 2))}
_STEPS = (2**0.5 - 1, (5**0.5 - 1) / 2)
_TIE_WIDTH = 0.05
"""Width over which points of equal value are spread, as the same share."""
_MOST_TICKS = 6
_ESTIMATED = "(estimated)"


@dataclass(frozen=True)
class _Distribution:
    """A count over the converged networks.

    Attributes:
        values: Its exact value per network, in ascending order; the mean over a network's
            targets.
        n_none: Networks with 0, for every target.
        n_one: Networks with exactly 1, for every target.
        estimated: Whether values are estimates.
    """

    values: tuple[Fraction, ...]
    n_none: int
    n_one: int
    estimated: bool

    @property
    def mean(self) -> Fraction:
        """Over all networks."""
        return sum(self.values, Fraction(0)) / len(self.values)

    @property
    def quartiles(self) -> tuple[Fraction, Fraction, Fraction]:
        """Lower quartile, median and upper quartile over all networks."""
        if len(self.values) == 1:
            return (self.values[0],) * 3
        low, median, high = quantiles(self.values, n=4, method="inclusive")
        return low, median, high

    def share(self, n: int) -> str:
        """A number of networks, and its share of all."""
        return f"{n} ({n / len(self.values):.0%})"


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis that has a place for 0.

    Attributes:
        decades: Length from 1 to the largest value.
        with_zero: Whether there is a value below 1.
    """

    decades: float
    with_zero: bool

    def at(self, value: Fraction) -> float:
        """Position: the decimal logarithm from 1 on, and evenly from 0 to 1."""
        return log10_of(value) if value >= 1 else float(value - 1) * _ZERO * self.decades

    @property
    def limits(self) -> tuple[float, float]:
        """First and last position."""
        first = self.at(Fraction(0)) if self.with_zero else 0.0
        return first - _EDGE * self.decades, self.decades * (1 + _EDGE)

    def ticks(self) -> dict[float, str]:
        """Labels by position; the longer the axis, the fewer between the powers of ten."""
        if self.decades < 2:
            digits = range(1, 10) if self.decades < 1 else (1, 2, 5)
            steps = [m * 10**e for e in range(2) for m in digits]
            marks = {log10(m): f"{m}" for m in steps if log10(m) <= self.decades}
        else:
            step = ceil(self.decades / _MOST_TICKS)
            exponents = range(0, int(self.decades) + 1, step)
            marks = {float(e): f"$10^{{{e}}}$" if e > 2 else f"{10**e}" for e in exponents}
        return {self.at(Fraction(0)): "0", **marks} if self.with_zero else marks


def make(material: Material) -> Figure:
    """The figure."""
    summary = material.one("summary")
    shown = summary[summary["protocol"].isin(material.protocols)]
    return draw_four_counts(shown, published_means(material.ledger, material.families[0]))


def draw_four_counts(summary: pd.DataFrame, published: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Draws the distribution of the four counts under every protocol.

    Args:
        summary: The artifact ``summary`` of one family.
        published: The paper's ``value``, ``statistic`` and ``source``, by column of ``summary``;
            columns that are missing get no line.

    Returns:
        A row per count and protocol, with a point per converged network; a message if none
        converged.
    """
    family = str(summary["family"].iloc[0])
    n_networks = summary["network_id"].nunique()
    converged = summary[summary["converged"]]
    n = converged["network_id"].nunique()
    if not n:
        return message_figure(f"{family}: none of {n_networks} networks converged")
    protocols = [str(name) for name in converged["protocol"].unique()]
    styles = looks(protocols)
    names = [*protocols, *([_ESTIMATED] if estimated(converged) else [])]
    left = _MARGIN + max(map(len, names)) * CHARACTER_WIDTH + _GAP
    width = TEXT_WIDTH - left - len(_COLUMNS) * _COLUMN_WIDTH - _MARGIN
    height = (len(protocols) + _HEADROOM) * _ROW
    panel = _HEADING + height + _TICKS
    top = _MARGIN + 1.8 * LINE_HEIGHT
    bottom = top + len(COUNT_TITLES) * panel
    with house_style():
        figure = figure_of(TEXT_WIDTH, bottom + 1.6 * LINE_HEIGHT + _MARGIN)
        title = f"{family}: {n} of {n_networks} networks converged"
        left_out = n_networks - n
        if left_out:
            title += f"; the other {left_out} {'is' if left_out == 1 else 'are'} left out"
        write_text(figure, _MARGIN, _MARGIN, title, weight="bold", fontsize=TITLE_SIZE)
        for row, (column, heading) in enumerate(COUNT_TITLES.items()):
            panel_top = top + row * panel
            write_text(figure, _MARGIN, panel_top, heading, weight="bold")
            axes = inch_axes(figure, left, panel_top + _HEADING, width, height)
            counts = {
                protocol: _distribution(converged[converged["protocol"] == protocol], column)
                for protocol in protocols
            }
            _draw_panel(axes, counts, styles, published.get(column))
            _write_numbers(figure, counts, panel_top, left + width)
        _draw_keys(figure, bottom)
    return figure


def _distribution(rows: pd.DataFrame, column: str) -> _Distribution:
    """The distribution of a count; its values are integers of any size, perhaps as digits."""
    per_network = [
        [int(value) for value in values]
        for _, values in rows.groupby("network_id", sort=False)[column]
    ]
    return _Distribution(
        tuple(sorted(Fraction(sum(values), len(values)) for values in per_network)),
        sum(set(values) == {0} for values in per_network),
        sum(set(values) == {1} for values in per_network),
        column == "n_interpretations" and estimated(rows),
    )


def _draw_panel(
    axes: Axes,
    counts: Mapping[str, _Distribution],
    styles: Mapping[str, Look],
    published: Mapping[str, Any] | None,
) -> None:
    """Draws one count: a row per protocol, the published value as a line through all of them."""
    shown = [value for count in counts.values() for value in count.values]
    marked = [Fraction(published["value"])] if published else []
    axis = _Axis(max(_SHORTEST, log10_of(max(*shown, *marked, Fraction(1)))), min(shown) < 1)
    axes.set_axis_on()
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.set(xlim=axis.limits, ylim=(0.5 - len(counts), 0.5 + _HEADROOM))
    axes.set_xticks(list(axis.ticks()), list(axis.ticks().values()))
    names = [name + f"\n{_ESTIMATED}" * count.estimated for name, count in counts.items()]
    axes.set_yticks([-row for row in range(len(counts))], names)
    axes.tick_params(axis="y", length=0)
    if axis.with_zero:
        axes.axvspan(axis.limits[0], axis.at(Fraction(1, 2)), color=STRIP, linewidth=0)
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    for row, (protocol, count) in enumerate(counts.items()):
        _draw_row(axes, axis, -row, count, styles[protocol])
    if published:
        _draw_published(axes, axis.at(Fraction(published["value"])), published)


def _draw_row(axes: Axes, axis: _Axis, y: float, count: _Distribution, look: Look) -> None:
    """Draws one protocol's distribution: points, box and mean."""
    low, median, high = map(axis.at, count.quartiles)
    box = {
        "med": median,
        "q1": low,
        "q3": high,
        "whislo": axis.at(count.values[0]),
        "whishi": axis.at(count.values[-1]),
    }
    axes.bxp(
        [box],
        positions=[y + _BOX_UP],
        widths=_BOX,
        orientation="horizontal",
        showfliers=False,
        showcaps=False,
        manage_ticks=False,
        boxprops={"color": look.colour, "linewidth": 1.0},
        whiskerprops={"color": look.colour, "linewidth": 1.0},
        medianprops=_MEDIAN,
        zorder=3,
    )
    points = np.array([axis.at(value) for value in count.values])
    along, across = _spread(points)
    axes.scatter(
        points + along * _TIE_WIDTH * axis.decades,
        y - _POINTS_DOWN + across * _SPREAD,
        s=5,
        marker=look.marker,
        color=look.colour,
        alpha=0.5,
        linewidths=0,
        zorder=2,
    )
    axes.plot([axis.at(count.mean)], [y + _BOX_UP], **_MEAN, zorder=5)


def _spread(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shifts that keep points apart, without chance, from -1/2 to 1/2 each.

    Points of equal value are neighbours in ascending order, and the multiples of an irrational
    number, less their whole part, spread any run of neighbours evenly.

    Args:
        values: In ascending order, [point].

    Returns:
        Shifts along the axis, 0 for values that occur once, and across it, [point].
    """
    order = np.arange(len(values))
    _, which, ties = np.unique(values, return_inverse=True, return_counts=True)
    along, across = (np.asarray(order * step % 1 - 0.5, np.float64) for step in _STEPS)
    return along * (1 - 1 / ties[which]), across


def _draw_published(axes: Axes, x: float, published: Mapping[str, Any]) -> None:
    """Draws the published value as a labelled line."""
    axes.axvline(x, **_PUBLISHED, zorder=4)
    axes.annotate(
        f"published {published['statistic']} {published['value']:,g} ({published['source']})",
        (x, 0.5 + _HEADROOM),
        xytext=(3, 0),
        textcoords="offset points",
        va="top",
    )


def _write_numbers(
    figure: Figure, counts: Mapping[str, _Distribution], panel_top: float, left: float
) -> None:
    """Writes the columns of numbers beside a panel."""
    rights = [left + (i + 1) * _COLUMN_WIDTH for i in range(len(_COLUMNS))]
    for right, name in zip(rights, _COLUMNS, strict=True):
        write_text(figure, right, panel_top, name, ha="right")
    first = panel_top + _HEADING + (_HEADROOM + 0.5) * _ROW
    for row, count in enumerate(counts.values()):
        texts = (
            count.share(count.n_none),
            count.share(count.n_one),
            number(count.quartiles[1]),
            number(count.mean),
        )
        for right, text in zip(rights, texts, strict=True):
            write_text(figure, right, first + row * _ROW, text, ha="right", va="center")


def _draw_keys(figure: Figure, top: float) -> None:
    """Draws the legend, below everything."""
    axes = inch_axes(figure, _MARGIN, top, TEXT_WIDTH - 2 * _MARGIN, 1.6 * LINE_HEIGHT)
    point = Line2D([], [], linestyle="", marker="o", markersize=2.5, color=INK, alpha=0.5)
    box = Patch(facecolor="none", edgecolor=INK)
    whisker = Line2D([], [], color=INK, linewidth=1.0)
    axes.legend(
        [point, box, whisker, Line2D([], [], **_MEDIAN), Line2D([], [], **_MEAN, linestyle="")],
        ["a network", "quartiles", "range", "median", "mean"],
        loc="center",
        ncols=5,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.6,
        columnspacing=1.6,
    )
