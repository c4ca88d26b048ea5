"""The ladder: how often one explanation is left, criterion by criterion (paper, section 7).

One row of panels per question, one column per sweep. A row of a panel is a criterion, a column a
value of what is varied, and a cell has the share of networks with exactly one explanation; the bar
at its foot is as long as the share of those with none.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from identifiability.drawing.palette import FAINT, INK
from identifiability.drawing.style import (
    TEXT_SIZE,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ladder import ASKED, LADDER, ladder
from identifiability.evidence.sweeps import Sweep
from identifiability.exhibits.material import Material
from identifiability.report.numerals import about, number

EXHIBIT = {
    "number": "B",
    "title": "Which criterion leaves one explanation",
    "caption": """
        Share of the converged networks with exactly one explanation, in percent, criterion by
        criterion. Completing the list of formulas adds explanations; the criteria below it are
        asked on top of it, irredundant steps being live as well. Minimal circuits within a number
        have outputs less than this away from the network's, in place of the same rounded ones. The
        bar at the foot of a cell is
        as long as the share of networks with none. A network with several targets counts once,
        with the share of its targets. Shares that rest on estimated interpretations say ≈, and
        what is not counted is left open. Their 95% intervals are in the table of the same name.
    """,
    "category": "ladder",
    "experiments": ("size", "tasks"),
    "artifacts": ("summary",),
    "protocols": "ladder",
}

_ROW = 0.121
"""Height of a criterion, in inches."""
_COLOURS = "YlGnBu"
"""Light where few networks have exactly one, dark where all have (ColorBrewer)."""
_FOOT = 0.13
"""Height of the bar of those with none, where a row is 1 high."""


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
    n_steps = [len(steps) for steps in LADDER.values()]
    with house_style():
        figure = figure_of(
            TEXT_WIDTH, _ROW * (sum(n_steps) + 2 * len(n_steps) + 4), constrained=True
        )
        grid = figure.subplots(
            *(len(LADDER), len(sweeps)),
            sharex="col",
            sharey="row",
            squeeze=False,
            height_ratios=n_steps,
            width_ratios=[len(sweep.summaries) for sweep in sweeps],
        )
        for column, sweep, table in zip(grid.T, sweeps, tables, strict=True):
            for axes, question in zip(column, LADDER, strict=True):
                _draw_panel(axes, table[table["question"] == question])
            _write_column(column, sweep, table)
        for row, question in zip(grid, LADDER, strict=True):
            _write(row[0], f"Exactly one {ASKED[question]}", (0, 1), (-83, 4), weight="bold")
        _write(grid[-1, 0], "networks", (0, 0), (-4, -2.9 * TEXT_SIZE), ha="right")
        keys = [
            Patch(facecolor=INK, label="share with none, at the foot of a cell"),
            Patch(facecolor="white", edgecolor=FAINT, hatch="////", label="left open"),
        ]
        figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draws the answers to a question over a sweep."""
    steps, places = (list(dict.fromkeys(rows[name])) for name in ("step", "x"))
    rows = rows.assign(text=[*map(_text, rows.to_dict("records"))])
    by_cell = {
        column: rows.pivot(index="step", columns="x", values=column).loc[steps, places]
        for column in ("share_unique", "share_none", "text", "counted")
    }
    shares, none = (by_cell[c].astype(float) for c in ("share_unique", "share_none"))
    axes.set_facecolor("white")
    sns.heatmap(
        shares,
        annot=by_cell["text"],
        fmt="",
        cmap=_COLOURS,
        vmin=0,
        vmax=1,
        cbar=False,
        yticklabels=True,
        linewidths=0.6,
        annot_kws={"fontsize": TEXT_SIZE},
        ax=axes,
    )
    for y, x in np.argwhere(~by_cell["counted"].to_numpy(bool)):
        axes.add_patch(
            Rectangle((x, y), 1, 1, facecolor="white", edgecolor=FAINT, hatch="////", linewidth=0)
        )
    for y, x in np.argwhere(none > 0):
        width = float(none.iloc[y, x])
        axes.add_patch(Rectangle((x, y + 1 - _FOOT), width, _FOOT, facecolor=INK, linewidth=0))
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)


def _text(row: Mapping[Any, Any]) -> str:
    """A share in percent, without the sign."""
    share = row["share_unique"]
    return "" if share != share else about(f"{100 * share:.0f}", row["estimated"])


def _write_column(column: Sequence[Axes], sweep: Sweep, table: pd.DataFrame) -> None:
    """Writes the heading of a sweep, and below it the places with their numbers of networks."""
    heading = f"{sweep.title}, {sweep.gates}" if sweep.gates else sweep.title
    above = (0, 2.6 * TEXT_SIZE)
    _write(column[0], heading, (0, 1), above, weight="bold", fontsize=TITLE_SIZE)
    n = table.groupby("x", sort=False)["n"].first()
    column[-1].set_xticks(np.arange(len(n)) + 0.5, [f"{x}\n{number(n[x])}" for x in n.index])
    column[-1].set_xlabel(sweep.axis)


def _write(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **looks: Any
) -> None:
    """Writes text some points away from a corner of a panel."""
    axes.annotate(text, at, shift, "axes fraction", textcoords="offset points", **looks)
