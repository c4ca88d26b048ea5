"""The ladder: how often exactly one explanation is left, step by step (paper, section 7).

One row of panels per question, one column per sweep. At every place stands a bar per step of the
criteria: from below, the share of networks with exactly one explanation; from above, the share
with none; between them, those with several.
"""

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter

from identifiability.drawing.palette import FAINT, INK
from identifiability.drawing.style import (
    TEXT_SIZE,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ladder import LADDER, ladder
from identifiability.evidence.sweeps import Sweep
from identifiability.exhibits.material import Material
from identifiability.report.numerals import number

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

_HEIGHT = 6.9
_BAR = 0.2
"""Width of a bar, where neighbouring places are 1 apart."""
_LINE: dict[str, Any] = {"linewidth": 0.4}
_UNIQUE = _LINE | {"edgecolor": INK}
_SEVERAL = _LINE | {"facecolor": "white", "edgecolor": FAINT}
_NONE = _LINE | {"facecolor": "white", "edgecolor": "#777777", "hatch": "///////"}
_INTERVAL: dict[str, Any] = {"color": INK, "linewidth": 0.8}
_HALO = [withStroke(linewidth=1.7, foreground="white")]
_WORDS: dict[str, Any] = {"rotation": 90, "va": "center"}


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
    with house_style():
        figure = figure_of(TEXT_WIDTH, _HEIGHT, constrained=True)
        grid = figure.subplots(
            *(len(LADDER), len(sweeps)),
            sharex="col",
            sharey=True,
            squeeze=False,
            width_ratios=[len(sweep.summaries) for sweep in sweeps],
        )
        for column, sweep, table in zip(grid.T, sweeps, tables, strict=True):
            for axes, question in zip(column, LADDER, strict=True):
                _draw_panel(axes, table[table["question"] == question])
            _write_column(column, sweep, table)
        for row, question in zip(grid, LADDER, strict=True):
            _write_row(row, question)
        _write(grid[-1, 0], "networks", (0, 0), (-4, -2.7 * TEXT_SIZE), ha="right")
        keys = [
            Patch(facecolor=STEPS[2], **_UNIQUE, label="share of networks with exactly one"),
            Line2D([], [], **_INTERVAL, label="its 95% interval"),
            Patch(**_SEVERAL, label="several"),
            Patch(**_NONE, label="none"),
        ]
        figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draws the answers to a question over a sweep."""
    steps, places = (list(dict.fromkeys(rows[name])) for name in ("step", "x"))
    shifts = {step: (i - (len(steps) - 1) / 2) * _BAR for i, step in enumerate(steps)}
    rows = rows.assign(at=rows["x"].map(places.index) + rows["step"].map(shifts))
    known = rows[rows["share_unique"].notna()].assign(all=1.0)
    known["some"] = 1 - known["share_none"]
    bars = partial(
        sns.barplot,
        known,
        x="x",
        order=places,
        hue="step",
        hue_order=steps,
        ax=axes,
        palette=STEPS[: len(steps)],
        saturation=1,
        legend=False,
        width=len(steps) * _BAR,
        errorbar=None,
    )
    # Each covers the lower part of the one before: what stays in sight adds up to all networks.
    bars(y="all", **_NONE)
    bars(y="some", **_SEVERAL)
    bars(y="share_unique", **_UNIQUE)
    axes.vlines(known["at"], known["low"], known["high"], **_INTERVAL, path_effects=_HALO)
    for _, place in rows.groupby("x"):
        _write_place(axes, place)
    axes.set(xlabel="", ylabel="", xlim=(-0.5, len(places) - 0.5), ylim=(0, 1), yticks=(0, 0.5, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.spines[["right", "top"]].set_visible(False)
    axes.tick_params(axis="x", length=0)


def _write_place(axes: Axes, rows: pd.DataFrame) -> None:
    """Writes beside the bars at a place what they rest on, and why some are missing."""
    left_open = rows[~rows["counted"]]
    if not rows["n"].any():
        axes.text(rows["at"].mean(), 0.5, "none converged", **_WORDS, ha="center")
    elif len(left_open):
        axes.text(left_open["at"].min(), 0.5, "left open", **_WORDS, ha="left")
    if rows["estimated"].any():
        axes.text(rows["at"].min() - _BAR / 2, 0.5, "estimated", **_WORDS, ha="right")


def _write_column(column: Sequence[Axes], sweep: Sweep, table: pd.DataFrame) -> None:
    """Writes the heading of a sweep, and below it the places with their numbers of networks."""
    heading = f"{sweep.title}, {sweep.gates}" if sweep.gates else sweep.title
    above = (0, 2.6 * TEXT_SIZE)
    _write(column[0], heading, (0, 1), above, weight="bold", fontsize=TITLE_SIZE)
    n = table.groupby("x", sort=False)["n"].first()
    column[-1].set_xticks(range(len(n)), [f"{x}\n{number(n[x])}" for x in n.index])
    column[-1].set_xlabel(sweep.axis)


def _write(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **looks: Any
) -> None:
    """Writes text some points away from a corner of a panel."""
    axes.annotate(text, at, shift, "axes fraction", textcoords="offset points", **looks)


def _write_row(row: Sequence[Axes], question: str) -> None:
    """Writes what a row asks, and beside it the colours of its steps."""
    _write(row[0], f"Exactly one {question}", (0, 1), (-30, 6), weight="bold")
    steps = zip(STEPS, LADDER[question], strict=False)
    legend = row[-1].legend(
        handles=[Patch(facecolor=colour, **_UNIQUE, label=step.name) for colour, step in steps],
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=len(STEPS),
        borderaxespad=0.2,
        handlelength=1.0,
        handletextpad=0.5,
        columnspacing=1.0,
    )
    # It stands in the line of the question, which has its place, and reaches over other panels.
    legend.set_in_layout(False)
