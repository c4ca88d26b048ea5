"""The four counts over the networks of a family (Méloux et al., ICLR 2025, Table 3, Figs. 6–9).

One panel per question: perfect circuits (Q1), interpretations (Q2), algorithms (Q3) and minimal
mappings (Q4). All statistics are over all converged networks, those with a count of 0 included.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import log10
from statistics import mean, median
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import SymmetricalLogLocator

from identifiability.drawing.palette import INK, STRIP, Look, looks
from identifiability.drawing.style import (
    TEXT_SIZE,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    fixed_jitter,
    house_style,
    message_figure,
)
from identifiability.evidence.ledger import published_means
from identifiability.evidence.sweeps import estimated
from identifiability.exhibits.material import Material
from identifiability.report.numerals import MISSING, exact, number, percent, power_of_ten

EXHIBIT = {
    "number": "A",
    "title": "The four counts over networks",
    "caption": """
        Circuits, interpretations, algorithms and minimal mappings of the converged
        networks of the basic experiment, under every protocol. Circuits and interpretations
        under `abstraction` are those under `strict`; its algorithms and mappings must also
        pass joint interventions and leave unmapped neurons inert. A point is a network; boxes
        show quartiles and median, diamonds the mean, dashed lines the published means.
        Networks with a count of 0 stand in the grey strip, and belong to the statistics on
        the right: the networks with none and with exactly one, median and mean.
    """,
    "category": "basic",
    "experiments": ("basic",),
    "artifacts": ("summary",),
    "protocols": "listed",
    "paper": ("claims",),
}

COUNT_TITLES: Mapping[str, str] = {
    "n_circuits": "Q1  Perfect circuits",
    "n_interpretations": "Q2  Interpretations",
    "n_algorithms": "Q3  Algorithms with a mapping",
    "n_mappings": "Q4  Minimal mappings",
}
"""Columns of the artifact ``summary``, and the panels' headings."""

_NUMBERS = ("none", "exactly 1", "median", "mean")
_NUMBER_WIDTH = 43
"""Width of a column of numbers, in points."""
_ROW, _AROUND, _ENDS = 0.27, 0.65, 0.45
"""Heights of a protocol, of what surrounds a panel, and of title and legend, in inches."""
_HEADROOM = 0.6
"""Height above the first protocol, for the published value, in rows."""
_ZERO = 0.2
"""Length of the axis from 0 to 1, as a share of that beyond, which is logarithmic."""
_BOX_DOWN, _POINTS_DOWN = -0.16, 0.24
"""How far below the middle of its row a protocol's box and points lie, in rows."""
_LINE: dict[str, Any] = {"color": INK, "linewidth": 1.0}
_MEDIAN = _LINE | {"linewidth": 1.8, "zorder": 4}
_MEAN = _LINE | {"ls": "", "marker": "D", "markersize": 3.6, "markeredgewidth": 0.8, "zorder": 5}
_MEAN |= {"markerfacecolor": "white"}

Values = Sequence[Sequence[int]]
"""A count by network and target."""


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
    converged = summary[summary["analysed"]]
    n = converged["network_id"].nunique()
    if not n:
        return message_figure(f"{family}: none of {number(n_networks)} networks converged")
    styles = looks([str(name) for name in converged["protocol"].unique()])
    title = f"{family}: {number(n)} of {number(n_networks)} networks converged"
    if left_out := n_networks - n:
        title += f"; the other {number(left_out)} {'is' if left_out == 1 else 'are'} left out"
    height = _ENDS + len(COUNT_TITLES) * (_AROUND + len(styles) * _ROW)
    with house_style(), fixed_jitter():
        figure = figure_of(TEXT_WIDTH, height, constrained=True)
        figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=TITLE_SIZE)
        panels = figure.subplots(len(COUNT_TITLES))
        for axes, (column, heading) in zip(panels, COUNT_TITLES.items(), strict=True):
            axes.set_title(heading, loc="left", weight="bold", fontsize=TEXT_SIZE)
            rows = {name: converged[converged["protocol"] == name] for name in styles}
            counts = {name: _values(own, column) for name, own in rows.items()}
            _draw_panel(axes, counts, styles, published.get(column))
            labels = [_label(name, len(counts[name]), rows[name], column) for name in styles]
            axes.set_yticks(range(len(labels)), labels)
            _write_numbers(axes, counts)
        figure.legend(handles=_keys(), loc="outside lower center", ncols=5)
    return figure


def _values(rows: pd.DataFrame, column: str) -> Values:
    """A count, an integer of any size, perhaps as digits; networks that have it left open out."""
    known = rows[rows[column].notna()].groupby("network_id", sort=False)[column]
    return [[int(value) for value in values] for _, values in known]


def _means(values: Values) -> list[Fraction]:
    """The mean over each network's targets."""
    return [Fraction(sum(own), len(own)) for own in values]


def _label(name: str, n_known: int, rows: pd.DataFrame, column: str) -> str:
    """A protocol, with what is not exact under it."""
    if left_open := rows["network_id"].nunique() - n_known:
        name += f"\n({number(left_open)} left open)"
    return name + "\n(estimated)" * (column == "n_interpretations" and estimated(rows))


def _draw_panel(
    axes: Axes,
    counts: Mapping[str, Values],
    styles: Mapping[str, Look],
    published: Mapping[str, Any] | None,
) -> None:
    """Draws one count: a row per protocol, the published value as a line through all of them."""
    # Exact until here: only the axes need floats.
    data = pd.DataFrame(
        [
            (name, float(value), row + _BOX_DOWN, row + _POINTS_DOWN)
            for row, (name, values) in enumerate(counts.items())
            for value in _means(values)
        ],
        columns=["protocol", "value", "box", "point"],
    )
    place: dict[str, Any] = {"x": "value", "orient": "h", "native_scale": True, "ax": axes}
    for name, own in data.groupby("protocol", sort=False):
        colour, marker = styles[str(name)]
        points = {"color": colour, "marker": marker, "size": 2.6, "alpha": 0.5, "linewidth": 0}
        sns.stripplot(own, y="point", **place, **points, jitter=0.16)
        box = {"color": colour, "fill": False, "linewidth": 1.0, "medianprops": _MEDIAN}
        sns.boxplot(own, y="box", **place, **box, width=0.34, whis=(0, 100))
    sns.pointplot(data, y="box", **place, **_MEAN, errorbar=None)
    axes.set(xlabel="", ylabel="", ylim=(len(counts) - 0.5, -0.5 - _HEADROOM))
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if published:
        value = published["value"]
        axes.axvline(value, color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
        text = f"published {published['statistic']} {exact(value)} ({published['source']})"
        at = ("data", "axes fraction")
        axes.annotate(text, (value, 1), (3, 0), at, textcoords="offset points", va="top")
    _set_axis(axes, max(10.0, *data["value"], published["value"] if published else 0.0))


def _set_axis(axes: Axes, largest: float) -> None:
    """Makes the axis logarithmic from 1 on, with 0 in a strip of its own.

    Only now that all is drawn: seaborn would find medians and means of logarithms otherwise.
    """
    decades = log10(largest)
    axes.set_xscale("symlog", linthresh=1, linscale=_ZERO * decades)
    steps = (1, 2, 5) if decades <= 2 else (1,)
    locator = SymmetricalLogLocator(base=10, linthresh=1, subs=steps)
    locator.set_params(numticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_tick)
    axes.minorticks_off()
    axes.set_xlim(-0.4, largest * 10 ** (0.04 * decades))
    axes.axvspan(-0.4, 0.4, color=STRIP, linewidth=0, zorder=0)


def _tick(value: float, _: float) -> str:
    """The label of a tick: 0, 1, 2, 100, 10⁴."""
    return number(value) if value < 1000 else power_of_ten(round(log10(value)))


def _write_numbers(axes: Axes, counts: Mapping[str, Values]) -> None:
    """Writes the columns of numbers beside a panel."""
    write = partial(axes.annotate, textcoords="offset points", ha="right")
    for i, heading in enumerate(_NUMBERS, 1):
        write(heading, (1, 1), (i * _NUMBER_WIDTH, 6), "axes fraction")
    for row, values in enumerate(counts.values()):
        for i, text in enumerate(_numbers(values), 1):
            shift = (i * _NUMBER_WIDTH, 0)
            write(text, (1, row), shift, ("axes fraction", "data"), va="center")


def _numbers(values: Values) -> tuple[str, ...]:
    """What stands in the columns, in their order."""
    if not values:
        return (MISSING,) * len(_NUMBERS)
    shares = (sum(set(own) == {n} for own in values) for n in (0, 1))
    means = _means(values)
    return (
        *(f"{number(n)} ({percent(n / len(values))})" for n in shares),
        number(median(means)),
        number(mean(means)),
    )


def _keys() -> list[Artist]:
    """What the legend explains."""
    return [
        Line2D([], [], color=INK, alpha=0.5, marker="o", markersize=2.6, ls="", label="a network"),
        Patch(facecolor="none", edgecolor=INK, label="quartiles"),
        Line2D([], [], **_LINE, label="range"),
        Line2D([], [], **_MEDIAN, label="median"),
        Line2D([], [], **_MEAN, label="mean"),
    ]
