"""The ladder: how often exactly one explanation is left, step by step (paper, section 7).

One row of panels per question, one column per sweep. At every place stands a bar per step of the
criteria: from below, the share of networks with exactly one explanation; from above, the share
with none; between them, those with several.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from identifiability.drawing.drawing import inch_axes, write_text
from identifiability.drawing.palette import FAINT, INK
from identifiability.drawing.style import (
    LINE_HEIGHT,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ladder import LADDER, ladder
from identifiability.evidence.sweeps import Sweep
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "B",
    "title": "Which criterion leaves one explanation",
    "caption": """
        Share of the converged networks with exactly one circuit, interpretation, algorithm
        and minimal mapping, with 95% Wilson intervals, and with none, as the criteria
        change step by step from those of the released code to stricter ones. Completing
        the list of formulas adds explanations, the other steps remove them. A network with
        several targets counts once, with the share of its targets. Bars that rest on
        estimated interpretations say so, and what cannot be counted is left open.
    """,
    "category": "ladder",
    "experiments": ("size", "tasks"),
    "artifacts": ("summary",),
    "protocols": "ladder",
}

STEPS = ("#EDF8B1", "#7FCDBB", "#2C7FB8", "#253494")
"""Colours of the steps (ColorBrewer's YlGnBu): the later, the darker."""

_MARGIN = 0.06
_LEFT = 0.5
"""Left edge of the first panels, in inches."""
_STEPS_LEFT = 1.65
"""Left edge of the names of the steps, in inches."""
_COLUMN_GAP = 0.14
_ROW_GAP = 0.1
_HEIGHT = 1.2
"""Of a panel, in inches."""
_HEADING = 0.22
_BELOW = 0.04 + 3.6 * LINE_HEIGHT
"""Height of what stands between the panels and the legend, in inches."""
_KEYS = 1.5 * LINE_HEIGHT
_BAR = 0.205
"""Width of a bar, where neighbouring places are 1 apart."""
_UNIQUE: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.4}
_NONE: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": "#777777",
    "hatch": "///////",
    "linewidth": 0.4,
}
_SEVERAL: dict[str, Any] = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 0.4}
_INTERVAL: dict[str, Any] = {"color": INK, "linewidth": 0.8, "solid_capstyle": "butt"}
_HALO = [withStroke(linewidth=1.7, foreground="white")]
_ALONG: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center"}
"""Words along a bar."""
_BESIDE = 0.19
"""Distance of their middle from the bar that they stand beside, in the measure of its width."""
_OPEN: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": INK,
    "linewidth": 0.6,
    "linestyle": (0, (3, 2)),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_ladder([*chain.from_iterable(material.sweeps())])


def draw_ladder(sweeps: Sequence[Sweep]) -> Figure:
    """Draws the shares of networks with exactly one explanation, and with none.

    Args:
        sweeps: Families by width, by number of tasks.

    Returns:
        A row of panels per question, a column per sweep; a message if no network converged.
    """
    tables = [ladder([sweep]) for sweep in sweeps]
    if not any(table["n"].any() for table in tables):
        families = dict.fromkeys(family for table in tables for family in table["family"])
        return message_figure(f"{', '.join(families)}: no network converged")
    gaps = (len(sweeps) - 1) * _COLUMN_GAP
    places = sum(len(sweep.summaries) for sweep in sweeps)
    place = (TEXT_WIDTH - _LEFT - _MARGIN - gaps) / places
    end = _top(len(LADDER)) - _KEYS - _ROW_GAP
    with house_style():
        figure = figure_of(TEXT_WIDTH, end + _BELOW + _KEYS + _MARGIN)
        for row, question in enumerate(LADDER):
            _draw_steps(figure, question, _top(row) - _KEYS)
        left = _LEFT
        for sweep, table in zip(sweeps, tables, strict=True):
            width = place * len(sweep.summaries)
            _draw_column(figure, sweep, table, left, width)
            write_text(figure, left + width / 2, end + 2.5 * LINE_HEIGHT, sweep.axis, ha="center")
            left += width + _COLUMN_GAP
        write_text(figure, _LEFT - 0.03, end + 0.04 + 0.9 * LINE_HEIGHT, "networks", ha="right")
        _draw_keys(figure, end + _BELOW, not all(table["counted"].all() for table in tables))
    return figure


def _top(row: int) -> float:
    """Top of the panels of a question, in inches."""
    return _MARGIN + _HEADING + row * (_KEYS + _HEIGHT + _ROW_GAP) + _KEYS


def _draw_column(
    figure: Figure, sweep: Sweep, table: pd.DataFrame, left: float, width: float
) -> None:
    """Draws the panels of a sweep under its heading."""
    heading = f"{sweep.title}, {sweep.gates}" if sweep.gates else sweep.title
    write_text(figure, left, _MARGIN, heading, weight="bold", fontsize=TITLE_SIZE)
    for row, (question, steps) in enumerate(LADDER.items()):
        axes = inch_axes(figure, left, _top(row), width, _HEIGHT)
        own = table[table["question"] == question]
        by_place = [own[own["x"] == int(value)] for value in sweep.summaries]
        axes.set_axis_on()
        axes.spines[["right", "top"]].set_visible(False)
        axes.set(xlim=(-0.5, len(by_place) - 0.5), ylim=(0, 1))
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"] if left == _LEFT else [""] * 3)
        axes.tick_params(axis="y", length=2, pad=1.5)
        last = row == len(LADDER) - 1
        labels = [f"{rows['x'].iloc[0]}\n{rows['n'].iloc[0]}" if last else "" for rows in by_place]
        axes.set_xticks(range(len(by_place)), labels)
        axes.tick_params(axis="x", length=0, pad=3)
        for x, rows in enumerate(by_place):
            _draw_bars(axes, x - len(steps) / 2 * _BAR, rows)


def _draw_steps(figure: Figure, question: str, top: float) -> None:
    """Writes what a row asks, and beside it the colours of its steps."""
    write_text(figure, _MARGIN, top + 0.02, f"Exactly one {question}", weight="bold")
    axes = inch_axes(figure, _STEPS_LEFT, top, TEXT_WIDTH - _STEPS_LEFT - _MARGIN, _KEYS)
    keys = [Patch(facecolor=colour, **_UNIQUE) for colour in STEPS]
    axes.legend(
        keys[: len(LADDER[question])],
        [step.name for step in LADDER[question]],
        loc="upper left",
        ncols=len(STEPS),
        borderaxespad=0,
        borderpad=0.2,
        handlelength=1.0,
        handletextpad=0.5,
        columnspacing=1.3,
    )


def _draw_bars(axes: Axes, left: float, rows: pd.DataFrame) -> None:
    """Draws the steps at one place, from its left edge on."""
    still_open = []
    for i, row in enumerate(rows.itertuples()):
        if not row.counted:
            still_open.append(i)
        elif row.n:
            _draw_bar(axes, left + i * _BAR, STEPS[i], row)
    if not rows["n"].any():
        axes.text(left + len(rows) / 2 * _BAR, 0.5, "none converged", **_ALONG)
    elif still_open:
        first, after = left + still_open[0] * _BAR, left + (still_open[-1] + 1) * _BAR
        axes.add_patch(Rectangle((first, 0), after - first, 1, **_OPEN, clip_on=False))
        middle = (first + after) / 2 if len(still_open) > 1 else after + _BESIDE
        axes.text(middle, 0.5, "left open", **_ALONG)
    if rows["estimated"].any():
        axes.text(left - _BESIDE, 0.5, "estimated", **_ALONG)


def _draw_bar(axes: Axes, left: float, colour: str, row: Any) -> None:
    """Draws one step at one place."""
    axes.add_patch(Rectangle((left, 0), _BAR, 1, **_SEVERAL, clip_on=False))
    axes.add_patch(Rectangle((left, 1 - row.share_none), _BAR, row.share_none, **_NONE))
    axes.add_patch(Rectangle((left, 0), _BAR, row.share_unique, facecolor=colour, **_UNIQUE))
    middle = left + _BAR / 2
    axes.plot([middle, middle], [row.low, row.high], **_INTERVAL, path_effects=_HALO, zorder=4)


def _draw_keys(figure: Figure, top: float, left_open: bool) -> None:
    """Draws the legend, below everything."""
    keys: dict[str, Artist] = {
        "share of networks with exactly one": Patch(facecolor=STEPS[2], **_UNIQUE),
        "its 95% interval": Line2D([], [], **_INTERVAL),
        "several": Patch(**_SEVERAL),
        "none": Patch(**_NONE),
    }
    if left_open:
        keys["left open"] = Patch(**_OPEN)
    axes = inch_axes(figure, _MARGIN, top, TEXT_WIDTH - 2 * _MARGIN, _KEYS)
    axes.legend(
        list(keys.values()),
        list(keys),
        loc="center left",
        ncols=len(keys),
        borderaxespad=0,
        borderpad=0,
        handlelength=1.4,
        columnspacing=1.5,
    )
