"""Counts against what an experiment varies (Méloux et al., ICLR 2025, Figs. 3, 5–9).

Logarithmic box plots with a point per network: one row of panels per protocol, one column per
count. Networks without any explanation have no place on a logarithmic axis; they are left out of
the boxes, as in the paper, and counted in the strip below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10
from statistics import quantiles
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from identifiability.drawing.drawing import inch_axes, write_text
from identifiability.drawing.palette import INK, STRIP, Look, looks
from identifiability.drawing.style import (
    CHARACTER_WIDTH,
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    log10_of,
    message_figure,
    wrapped,
)
from identifiability.evidence.ledger import Ledger
from identifiability.evidence.sweeps import Sweep, estimated, rows_of
from identifiability.report.numerals import number


@dataclass(frozen=True)
class Count:
    """A number per network.

    Attributes:
        heading: Heading of its column of panels, of one or two lines.
        column: The column of the artifact ``summary``.
        per: The column it is divided by; targets where that is 0 are left out.
    """

    heading: str
    column: str
    per: str | None = None

    def estimated(self, rows: pd.DataFrame) -> bool:
        """Whether it is an estimate in any of some rows of ``summary``."""
        return self.column == "n_interpretations" and estimated(rows)


TOTALS: Mapping[str, tuple[Count, ...]] = {
    "Where-then-what": (Count("interpretations", "n_interpretations"),),
    "What-then-where": (Count("minimal mappings", "n_mappings"),),
}
"""One total per search strategy."""
DETAILS: Mapping[str, tuple[Count, ...]] = {
    "Where-then-what": (
        Count("perfect circuits", "n_circuits"),
        Count("interpretations\nper circuit", "n_interpretations", "n_circuits"),
    ),
    "What-then-where": (
        Count("algorithms", "n_algorithms"),
        Count("minimal mappings\nper algorithm", "n_mappings", "n_algorithms"),
    ),
}
"""Two counts per search strategy."""

Medians = Mapping[str, Mapping[str, float]]
"""Published medians, by column of ``summary`` and value of what is varied."""
PUBLISHED_MEDIANS: Mapping[str, tuple[str, str]] = {
    "C07": ("size", "n_interpretations"),
    "C08": ("size", "n_mappings"),
}
"""Claims about medians: their experiment and the column of ``summary``."""

_MARGIN = 0.06
_GAP = 0.09
"""Between rows, in inches."""
_ROW_LABEL = 0.17
_TICK_LABELS = 0.3
"""Width of the labels of a vertical axis, in inches."""
_COLUMN_GAP = 0.07
_HEADING, _HEADING_GAP = 0.2, 0.05
"""Height of a block's heading with its rule, and what is free below a column's, in inches."""
_TICKS = 0.03
_KEY_HEIGHT = 1.3 * LINE_HEIGHT
_KEYS_A_ROW = 5
_PAGE = 8.4
"""Height that all protocols share, in inches."""
_TALLEST, _SHORTEST = 1.55, 0.5
"""Heights of a panel, in inches."""
_PAD = 0.06
"""Empty axis above and below the values, in inches."""
_SIGN_WIDTH = 0.7 * CHARACTER_WIDTH / 0.51
"""Ample width of a digit or capital, in inches."""
_DIGIT_WIDTH = 0.64 * CHARACTER_WIDTH / 0.51
_FEWEST_DECADES = 1.0
_MOST_MINOR_TICKS = 12
_DECADE = 0.25
"""Least distance between two labelled powers of ten, in inches."""
_TWICE = 0.16
"""Least distance between 5 and 10, if 2 and 5 are labelled, in inches."""
_STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Decades between two labels."""
_BOX_AT, _BOX_WIDTH = -0.2, 0.36
"""A box's middle and width, where neighbouring places are 1 apart."""
_POINTS_AT, _POINTS_WIDTH = 0.2, 0.28
_PUBLISHED_AT, _OPEN_TEXT_AT = -0.25, 0.16
_OPEN_WIDTH = 0.84
_GOLDEN = (5**0.5 - 1) / 2
_MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}
_MEDIAN: dict[str, Any] = {"color": INK, "linewidth": 1.6}
_PUBLISHED: dict[str, Any] = {
    "marker": "*",
    "markersize": 6,
    "markerfacecolor": INK,
    "markeredgecolor": "white",
    "markeredgewidth": 0.5,
    "linestyle": "",
}
_BESIDE: tuple[dict[str, Any], ...] = tuple(
    {
        "marker": marker,
        "markersize": 3.6,
        "markerfacecolor": "white",
        "markeredgecolor": INK,
        "markeredgewidth": 0.8,
        "linestyle": "",
    }
    for marker in "Dosv"
)
"""Markers of the medians of further sweeps."""
_OPEN: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": INK,
    "linewidth": 0.6,
    "linestyle": (0, (3, 2)),
}
_ESTIMATED: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": "#C4C4C4",
    "hatch": "/////",
    "linewidth": 0,
}


# What is drawn -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """A count over the converged networks of a family.

    Attributes:
        n: Converged networks.
        values: The count of those that have an explanation, in ascending order.
        n_candidates: If the count is left open, the candidate circuits of a network; else None.
        estimated: Whether values are estimates.
    """

    n: int
    values: tuple[Fraction, ...] = ()
    n_candidates: int | None = None
    estimated: bool = False

    @property
    def none(self) -> str:
        """Number of converged networks without an explanation, as printed."""
        if not self.n or self.n_candidates is not None:
            return ""
        return str(self.n - len(self.values)) if self.values else "all"

    @property
    def quartiles(self) -> tuple[Fraction, Fraction, Fraction]:
        """Lower quartile, median and upper quartile of the values."""
        if len(self.values) == 1:
            return (self.values[0],) * 3
        low, median, high = quantiles(self.values, n=4, method="inclusive")
        return low, median, high


_Groups = Mapping[str, Mapping[str, _Group]]
"""By protocol, then by the value of what is varied."""


@dataclass(frozen=True)
class _Column:
    """A column of panels: one count, under every protocol.

    Attributes:
        heading: Above it.
        groups: What is drawn as boxes.
        beside: What is marked by its median, by name.
        published: Medians by value of what is varied.
    """

    heading: str
    groups: _Groups
    beside: Mapping[str, _Groups]
    published: Mapping[str, float]

    @property
    def places(self) -> list[str]:
        """Values of what is varied, from left to right."""
        return list(next(iter(self.groups.values())))

    @property
    def all_groups(self) -> list[_Group]:
        """The groups of all protocols."""
        return [group for groups in self.groups.values() for group in groups.values()]

    def estimated(self, protocol: str) -> list[int]:
        """Numbers of the places where a box, or a median beside it, is of estimates."""
        every = (self.groups[protocol], *(groups[protocol] for groups in self.beside.values()))
        found = {value for groups in every for value, group in groups.items() if group.estimated}
        return [place for place, value in enumerate(self.places) if value in found]

    def medians_beside(self, name: str, protocol: str) -> dict[int, float]:
        """Decimal logarithms of medians by the number of their place."""
        places, groups = self.places, self.beside[name][protocol]
        return {
            places.index(value): log10_of(group.quartiles[1])
            for value, group in groups.items()
            if group.values and value in places
        }

    def published_medians(self) -> dict[int, float]:
        """The same of published medians."""
        places = self.places
        known = {v: float(m) for v, m in self.published.items() if v in places}
        return {places.index(value): log10(median) for value, median in known.items()}

    def range(self) -> tuple[float, float]:
        """Decimal logarithms of the least and the greatest value shown, from 1 on."""
        shown = [0.0, *self.published_medians().values()]
        for protocol in self.groups:
            for name in self.beside:
                shown += self.medians_beside(name, protocol).values()
        for group in self.all_groups:
            shown += [log10_of(value) for value in (*group.values[:1], *group.values[-1:])]
        low, high = min(shown), max(shown)
        return low, max(high, low + _FEWEST_DECADES)


@dataclass(frozen=True)
class _Block:
    """Neighbouring columns with a common heading, of one sweep."""

    heading: str
    sweep: Sweep
    columns: tuple[_Column, ...]


def published_medians(ledger: Ledger) -> dict[str, dict[str, dict[str, float]]]:
    """The medians that the paper publishes, by experiment, column of ``summary`` and setting.

    Args:
        ledger: The claims ledger; parts of these claims are called ``k = 2`` and so on.
    """
    medians: dict[str, dict[str, dict[str, float]]] = {}
    for claim, (experiment, column) in PUBLISHED_MEDIANS.items():
        medians.setdefault(experiment, {})[column] = {
            part.name.split()[-1]: part.published.middle
            for part in ledger.claims[claim].parts
            if part.published
        }
    return medians


def draw_totals(
    experiments: Sequence[Sequence[Sweep]],
    protocols: Sequence[str],
    published: Mapping[str, Medians],
) -> Figure:
    """Draws interpretations and minimal mappings in all (Figs. 3 and 5).

    Args:
        experiments: For each experiment, from left to right, its sweeps: the first is drawn as
            boxes, the others are marked by their medians.
        protocols: From top to bottom.
        published: Published medians by experiment.

    Returns:
        A row of panels per protocol; a message if no network converged.
    """
    if len(experiments) == 1:
        return _draw(_by_strategy(experiments[0], TOTALS, protocols, published), protocols)
    totals = [count for counts in TOTALS.values() for count in counts]
    return _draw(
        [_block(sweeps[0].title, sweeps, totals, protocols, published) for sweeps in experiments],
        protocols,
    )


def draw_details(
    sweeps: Sequence[Sweep], protocols: Sequence[str], published: Mapping[str, Medians]
) -> Figure:
    """Draws two counts per search strategy (Figs. 6–9).

    Args:
        sweeps: The sweeps of an experiment, as in ``draw_totals``.
        protocols: From top to bottom.
        published: Published medians by experiment.

    Returns:
        A row of panels per protocol; a message if no network converged.
    """
    return _draw(_by_strategy(sweeps, DETAILS, protocols, published), protocols)


def _by_strategy(
    sweeps: Sequence[Sweep],
    strategies: Mapping[str, Sequence[Count]],
    protocols: Sequence[str],
    published: Mapping[str, Medians],
) -> list[_Block]:
    """A block of columns per search strategy."""
    return [
        _block(heading, sweeps, counts, protocols, published)
        for heading, counts in strategies.items()
    ]


def _block(
    heading: str,
    sweeps: Sequence[Sweep],
    counts: Sequence[Count],
    protocols: Sequence[str],
    published: Mapping[str, Medians],
) -> _Block:
    """Collects the counts of an experiment."""
    main, *further = sweeps
    known = published.get(main.experiment, {})
    columns = [
        _Column(
            count.heading,
            _groups(main, count, protocols),
            {sweep.gates: _groups(sweep, count, protocols) for sweep in further},
            known.get(count.column, {}) if count.per is None else {},
        )
        for count in counts
    ]
    return _Block(heading, main, tuple(columns))


def _groups(sweep: Sweep, count: Count, protocols: Sequence[str]) -> _Groups:
    """A count of every family, under every protocol."""
    return {
        protocol: {
            value: _group(rows_of(summary, protocol), count)
            for value, summary in sweep.summaries.items()
        }
        for protocol in protocols
    }


def _group(rows: pd.DataFrame, count: Count) -> _Group:
    """A count per network, the mean over its targets; integers may be of any size, or digits."""
    rows = rows[rows["converged"]]
    n = rows["network_id"].nunique()
    if rows[count.column].isna().any():
        return _Group(n, n_candidates=int(rows["n_candidates"].max()))
    values = []
    for _, own in rows.groupby("network_id", sort=False):
        per = [1] * len(own) if count.per is None else own[count.per]
        ratios = [
            Fraction(int(number), int(by))
            for number, by in zip(own[count.column], per, strict=True)
            if by
        ]
        if any(ratios):
            values.append(sum(ratios, Fraction(0)) / len(ratios))
    return _Group(n, tuple(sorted(values)), estimated=count.estimated(rows))


# Where it is drawn -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis above a strip for networks without an explanation.

    Attributes:
        low: Decimal logarithm at its lower end.
        high: At its upper end.
        height: Its length with the strip, in inches.
        strip: Height of the strip, in inches.
    """

    low: float
    high: float
    height: float
    strip: float

    @property
    def per_inch(self) -> float:
        """Decades on an inch."""
        return (self.high - self.low) / (self.height - self.strip - 2 * _PAD)

    @property
    def limits(self) -> tuple[float, float]:
        """First and last position."""
        below = (self.strip + _PAD) * self.per_inch
        return self.low - below, self.high + _PAD * self.per_inch

    @property
    def strip_top(self) -> float:
        """Position of the upper edge of the strip."""
        return self.limits[0] + self.strip * self.per_inch

    @property
    def powers(self) -> range:
        """Exponents of the powers of ten."""
        return range(ceil(self.low), floor(self.high) + 1)

    def ticks(self) -> dict[float, str]:
        """Labels by position; the longer the axis, the fewer."""
        closest = _DECADE * self.per_inch
        step = next((step for step in _STEPS if step >= closest), ceil(closest))
        marks = {float(e): _power(e) for e in self.powers if e % step == 0}
        if log10(2) / self.per_inch >= _TWICE:
            marks |= {
                e + log10(digit): f"{digit * 10.0**e:g}"
                for e in range(floor(self.low), 3)
                for digit in (2, 5)
                if self.low <= e + log10(digit) <= self.high
            }
        return marks


def _power(exponent: int) -> str:
    """A power of ten, in full where that is short."""
    return f"{10.0**exponent:g}" if -2 <= exponent <= 2 else f"$10^{{{exponent}}}$"


@dataclass(frozen=True)
class _Layout:
    """Where things are, in inches from the top of the figure.

    Attributes:
        place: Width of a place on a horizontal axis, the same in every panel.
        first: Top of the first protocol's panels.
        height: Of a panel.
        labels: Height of what stands below a panel.
        titles: Top of the titles of the horizontal axes.
        notes: Top of the lines below them.
        keys: Top of the legend.
        bottom: Of the figure.
    """

    place: float
    first: float
    height: float
    labels: float
    titles: float
    notes: float
    keys: float
    bottom: float

    def top(self, row: int) -> float:
        """Top of a protocol's panels."""
        return self.first + row * (self.height + self.labels + _GAP)


def _layout(columns: Sequence[_Column], n_rows: int, n_notes: int, n_keys: int) -> _Layout:
    """The layout of so many protocols, lines below the panels and entries of the legend."""
    fixed = 2 * _MARGIN + _ROW_LABEL + len(columns) * _TICK_LABELS
    gaps = (len(columns) - 1) * _COLUMN_GAP
    place = (TEXT_WIDTH - fixed - gaps) / sum(len(column.places) for column in columns)
    lines = 1 + max(column.heading.count("\n") for column in columns)
    first = _MARGIN + _HEADING + lines * LINE_HEIGHT + _HEADING_GAP
    labels = _TICKS + max(_label_height(column.places, place) for column in columns)
    notes = LINE_HEIGHT + _GAP
    keys = notes + n_notes * LINE_HEIGHT + _GAP
    foot = keys + ceil(n_keys / _KEYS_A_ROW) * _KEY_HEIGHT + _MARGIN
    height = (_PAGE - first - foot + _GAP) / n_rows - labels - _GAP
    height = min(_TALLEST, max(_SHORTEST, height))
    end = first + n_rows * (height + labels + _GAP) - _GAP
    return _Layout(place, first, height, labels, end, end + notes, end + keys, end + foot)


def _label_height(places: Sequence[str], place: float) -> float:
    """Height of the labels below a panel, in inches."""
    return max(map(len, places)) * _SIGN_WIDTH if _upright(places, place) else LINE_HEIGHT


def _upright(texts: Sequence[str], place: float) -> bool:
    """Whether texts are too wide to be written side by side, one a place."""
    return max(map(len, texts)) * _SIGN_WIDTH > place


def _strip_height(column: _Column, place: float) -> float:
    """Height of the strip of a column, in inches."""
    widest = max(_none_width(group) for group in column.all_groups)
    return LINE_HEIGHT * 1.1 if widest <= place else widest + 0.04


def _none_width(group: _Group) -> float:
    """Width of what is written in the strip, in inches."""
    return CHARACTER_WIDTH * 3 if group.none == "all" else len(group.none) * _DIGIT_WIDTH


# Drawing -----------------------------------------------------------------------------------------


def _draw(blocks: Sequence[_Block], protocols: Sequence[str]) -> Figure:
    """Draws blocks of columns from left to right, the protocols from top to bottom."""
    columns = [column for block in blocks for column in block.columns]
    sweeps = list({block.sweep.experiment: block.sweep for block in blocks}.values())
    if not any(group.n for column in columns for group in column.all_groups):
        names = [str(s["family"].iloc[0]) for sweep in sweeps for s in sweep.summaries.values()]
        return message_figure(f"{', '.join(names)}: no network converged")
    notes, keys = _notes(sweeps), _keys(columns)
    layout = _layout(columns, len(protocols), len(notes), len(keys))
    with house_style():
        figure = figure_of(TEXT_WIDTH, layout.bottom)
        look: dict[str, Any] = {"va": "center", "fontsize": TITLE_SIZE, "weight": "bold"}
        for row, protocol in enumerate(protocols):
            middle = layout.top(row) + layout.height / 2
            write_text(figure, _MARGIN, middle, protocol, rotation=90, **look)
        left = _MARGIN + _ROW_LABEL
        for block in blocks:
            left = _draw_block(figure, layout, block, left) + _COLUMN_GAP
        for line, note in enumerate(notes):
            write_text(figure, _MARGIN, layout.notes + line * LINE_HEIGHT, note)
        _draw_keys(figure, keys, layout.keys)
    return figure


def _draw_block(figure: Figure, layout: _Layout, block: _Block, left: float) -> float:
    """Draws a block with its headings and axis title; returns where it ends on the right."""
    right = left - _COLUMN_GAP
    for column in block.columns:
        panel_left = right + _COLUMN_GAP + _TICK_LABELS
        width = len(column.places) * layout.place
        right = panel_left + width
        heading_bottom = layout.first - _HEADING_GAP
        write_text(
            figure, panel_left, heading_bottom, column.heading, va="bottom", linespacing=1.1
        )
        axis = _Axis(*column.range(), layout.height, _strip_height(column, layout.place))
        styles = looks(list(column.groups))
        for row, protocol in enumerate(column.groups):
            axes = inch_axes(figure, panel_left, layout.top(row), width, layout.height)
            _draw_panel(axes, axis, column, protocol, styles[protocol], layout.place)
    first = left + _TICK_LABELS
    write_text(figure, first, _MARGIN, block.heading, weight="bold", fontsize=TITLE_SIZE)
    rule = inch_axes(figure, first, _MARGIN + _HEADING - 0.04, right - first, 0.02)
    rule.axhline(0.01, color=INK, linewidth=0.6)
    write_text(figure, (first + right) / 2, layout.titles, block.sweep.axis, ha="center")
    return right


def _draw_panel(
    axes: Axes, axis: _Axis, column: _Column, protocol: str, look: Look, place: float
) -> None:
    """Draws one count under one protocol: at each place a box, points, and who is left out."""
    groups = column.groups[protocol]
    strip_middle = (axis.limits[0] + axis.strip_top) / 2
    _draw_axes(axes, axis, column.places, place)
    for x in column.estimated(protocol):
        height = axis.limits[1] - axis.strip_top
        axes.add_patch(Rectangle((x - 0.5, axis.strip_top), 1, height, **_ESTIMATED, zorder=0))
    for x, group in enumerate(groups.values()):
        upright = _none_width(group) > place
        axes.text(
            x, strip_middle, group.none, rotation=90 * upright, ha="center", va="center_baseline"
        )
        if not group.n:
            axes.text(x, sum(axis.limits) / 2, "none converged", rotation=90, **_MIDDLE)
        elif group.n_candidates is not None:
            _draw_left_open(axes, axis, x, group.n_candidates)
        elif group.values:
            _draw_group(axes, x, group, look)
    for name, key in zip(column.beside, _BESIDE, strict=False):
        medians = column.medians_beside(name, protocol)
        _mark(axes, medians, _POINTS_AT, key)
    _mark(axes, column.published_medians(), _PUBLISHED_AT, _PUBLISHED)


def _draw_axes(axes: Axes, axis: _Axis, places: Sequence[str], place: float) -> None:
    """Draws the axes of a panel, and the strip."""
    axes.set_axis_on()
    axes.spines[["right", "top"]].set_visible(False)
    axes.set(xlim=(-0.5, len(places) - 0.5), ylim=axis.limits)
    axes.set_xticks(range(len(places)), places, rotation=90 * _upright(places, place))
    axes.tick_params(axis="x", length=0, pad=3)
    ticks = axis.ticks()
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=2, pad=1.5)
    if len(axis.powers) <= _MOST_MINOR_TICKS:
        axes.set_yticks(list(axis.powers), minor=True)
        axes.tick_params(axis="y", which="minor", length=1.2)
    axes.axhspan(axis.limits[0], axis.strip_top, color=STRIP, linewidth=0)
    axes.annotate(
        "none",
        (-0.5, (axis.limits[0] + axis.strip_top) / 2),
        xytext=(-3.5, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
    )


def _mark(axes: Axes, heights: Mapping[int, float], at: float, key: Mapping[str, Any]) -> None:
    """Draws markers beside the middles of their places."""
    places = [place + at for place in heights]
    axes.plot(places, list(heights.values()), **key, zorder=5, clip_on=False)


def _draw_left_open(axes: Axes, axis: _Axis, x: int, n_candidates: int) -> None:
    """Draws an empty place that says how many circuits would have to be tried."""
    bottom, top = axis.limits
    frame = Rectangle((x - _OPEN_WIDTH / 2, bottom), _OPEN_WIDTH, top - bottom, **_OPEN, zorder=3)
    axes.add_patch(frame)
    text = f"open: {number(n_candidates)}"
    if len(f"{text} candidates") * CHARACTER_WIDTH < axis.height - 2 * _PAD:
        text += " candidates"
    middle = (bottom + top) / 2
    axes.text(x + _OPEN_TEXT_AT, middle, text, rotation=90, **_MIDDLE, zorder=4)


def _draw_group(axes: Axes, x: int, group: _Group, look: Look) -> None:
    """Draws a box over the networks that have an explanation, and a point for each of them."""
    low, median, high = map(log10_of, group.quartiles)
    values = np.array([log10_of(value) for value in group.values])
    box = {"med": median, "q1": low, "q3": high, "whislo": values[0], "whishi": values[-1]}
    line = {"color": look.colour, "linewidth": 1.0}
    axes.bxp(
        [box],
        positions=[x + _BOX_AT],
        widths=_BOX_WIDTH,
        showfliers=False,
        showcaps=False,
        manage_ticks=False,
        boxprops=line,
        whiskerprops=line,
        medianprops=_MEDIAN,
        zorder=3,
    )
    # Neighbouring multiples of an irrational number lie far apart: points spread without chance.
    across = np.arange(1, len(values) + 1) * _GOLDEN % 1 - 0.5
    axes.scatter(
        x + _POINTS_AT + across * _POINTS_WIDTH,
        values,
        s=3,
        marker=look.marker,
        color=look.colour,
        alpha=0.5,
        linewidths=0,
        zorder=2,
    )


# Below the panels --------------------------------------------------------------------------------


def _notes(sweeps: Sequence[Sweep]) -> list[str]:
    """How many networks converged, per sweep, in lines."""
    lines = []
    for sweep in sweeps:
        networks = {v: s.drop_duplicates("network_id") for v, s in sweep.summaries.items()}
        converged = {value: int(own["converged"].sum()) for value, own in networks.items()}
        each = {len(own) for own in networks.values()}
        if len(each) == 1:
            start = f"{sweep.title}: of {each.pop()} networks each, "
            parts = [f"{n} ({value})" for value, n in converged.items()]
        else:
            start = f"{sweep.title}: "
            parts = [f"{n} of {len(networks[value])} ({value})" for value, n in converged.items()]
        lines += wrapped(f"{start}{', '.join(parts)} converged", TEXT_WIDTH - 2 * _MARGIN)
    return lines


def _keys(columns: Sequence[_Column]) -> dict[str, Artist]:
    """What the legend explains."""
    point = Line2D([], [], linestyle="", marker="o", markersize=2.5, color=INK, alpha=0.5)
    keys: dict[str, Artist] = {
        "a network": point,
        "quartiles": Patch(facecolor="none", edgecolor=INK),
        "median": Line2D([], [], **_MEDIAN),
        "range": Line2D([], [], color=INK, linewidth=1.0),
        "networks without any, not in the box": Patch(facecolor=STRIP, edgecolor="none"),
    }
    if any(group.n_candidates is not None for column in columns for group in column.all_groups):
        keys["left open: too many candidates"] = Patch(**_OPEN)
    if any(column.estimated(protocol) for column in columns for protocol in column.groups):
        keys["interpretations estimated"] = Patch(**_ESTIMATED)
    if any(column.published_medians() for column in columns):
        keys["published median"] = Line2D([], [], **_PUBLISHED)
    for column in columns:
        for name, look in zip(column.beside, _BESIDE, strict=False):
            keys[f"median, {name}"] = Line2D([], [], **look)
    return keys


def _draw_keys(figure: Figure, keys: Mapping[str, Artist], top: float) -> None:
    """Draws the legend, below everything."""
    rows = ceil(len(keys) / _KEYS_A_ROW)
    axes = inch_axes(figure, _MARGIN, top, TEXT_WIDTH - 2 * _MARGIN, rows * _KEY_HEIGHT)
    axes.legend(
        list(keys.values()),
        list(keys),
        loc="center left",
        ncols=ceil(len(keys) / rows),
        borderaxespad=0,
        borderpad=0,
        handlelength=1.4,
        columnspacing=1.5,
    )
