"""How many networks have exactly one explanation, against width, from lax criteria to strict ones.

One row of panels per gates learned, one column per question, and a line per level of the criteria.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from identifiability.drawing.palette import INK
from identifiability.drawing.style import (
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ladder import ladder
from identifiability.evidence.sweeps import Sweep
from identifiability.exhibits.material import Material
from identifiability.report.numerals import number

EXHIBIT = {
    "number": "E",
    "title": "How many networks have exactly one explanation",
    "caption": """
        Share of the converged networks with exactly one circuit, algorithm, and mapping that maps
        something, against width, with 95% Wilson intervals, at four levels of the criteria: as the
        released code has them; with every circuit, every formula and all pairs of base and source
        (`strict`); of these only minimal circuits, and formulas with live steps; only complete
        and minimal circuits, and formulas with irredundant steps; and, of all formulas, mappings
        that pass joint interventions and leave unmapped neurons inert (`abstraction`). Minimal and
        complete circuits of the widest networks are left open.
    """,
    "category": "ladder",
    "experiments": ("size",),
    "artifacts": ("summary",),
    "protocols": "ladder",
}

LEVELS: Mapping[str, tuple[str | None, str]] = {
    "as published (released code)": ("released", "released"),
    "every circuit; every formula and pair": ("all perfect circuits", "16 pairs"),
    "minimal circuits; live steps": ("minimal", "live steps"),
    "complete and minimal circuits; irredundant steps": (
        "complete and minimal",
        "irredundant steps",
    ),
    "joint interventions, inert neurons (algorithms)": (None, "joint, inert neurons"),
}
"""The levels: a step of the ladder for circuits, if any, and one for algorithms and places."""
QUESTIONS: Mapping[str, str] = {
    "circuit": "Circuit",
    "algorithm": "Algorithm",
    "place": "Mapping, not empty",
}
_LOOKS = {
    "markers": ["o", "s", "^", "D", "v"],
    "dashes": ["", (1, 1), (4, 1.5), (4, 1.5, 1, 1.5), ""],
}
_COLOURS = ("#7A7A7A", "#56B4E9", "#0072B2", INK, "#D55E00")
_APART = 0.06
"""Between lines at one width, where widths are 1 apart."""


def make(material: Material) -> Figure:
    """The figure."""
    return draw_uniqueness([*chain.from_iterable(material.sweeps())])


def draw_uniqueness(sweeps: Sequence[Sweep]) -> Figure:
    """Draws the shares of networks with exactly one explanation.

    Args:
        sweeps: Families by width.

    Returns:
        A row of panels per sweep, a column per question; a message if no network converged.
    """
    tables = [at_levels(ladder([sweep])) for sweep in sweeps]
    if not any(table["n"].any() for table in tables):
        families = dict.fromkeys(family for table in tables for family in table["family"])
        return message_figure(f"{', '.join(families)}: no network converged")
    with house_style():
        figure = figure_of(TEXT_WIDTH, 1.0 + 1.45 * len(sweeps), constrained=True)
        shape = (len(sweeps), len(QUESTIONS))
        grid = figure.subplots(*shape, sharex="row", sharey=True, squeeze=False)
        for row, sweep, table in zip(grid, sweeps, tables, strict=True):
            for axes, question in zip(row, QUESTIONS, strict=True):
                first = axes is grid[0, 0]
                _draw_panel(axes, table[table["question"] == question], sweep, legend=first)
            row[0].set_ylabel(f"{sweep.gates or sweep.title}\nnetworks with exactly one")
        for axes, title in zip(grid[0], QUESTIONS.values(), strict=True):
            axes.set_title(title, loc="left", weight="bold", fontsize=TITLE_SIZE)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        grid[0, 0].legend_ = None
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def at_levels(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the ladder at the levels, with the ``level`` of each."""
    rows = [
        table[(table["question"] == question) & (table["step"] == step)].assign(level=level)
        for level, (of_circuits, of_algorithms) in LEVELS.items()
        for question in QUESTIONS
        for step in [of_circuits if question == "circuit" else of_algorithms]
    ]
    return pd.concat(rows, ignore_index=True)


def _draw_panel(axes: Axes, rows: pd.DataFrame, sweep: Sweep, *, legend: bool) -> None:
    """Draws the answers to a question over a sweep."""
    widths = [*dict.fromkeys(rows["x"])]
    levels = [*LEVELS]
    shifts = {level: (i - (len(levels) - 1) / 2) * _APART for i, level in enumerate(levels)}
    rows = rows.assign(at=rows["x"].map(widths.index) + rows["level"].map(shifts))
    known = rows[rows["share_unique"].notna()]
    colours = dict(zip(levels, _COLOURS, strict=True))
    intervals = known["level"].map(colours).tolist()
    axes.vlines(known["at"], known["low"], known["high"], intervals, linewidth=0.8)
    sns.lineplot(
        known, x="at", y="share_unique", hue="level", style="level", hue_order=levels,
        style_order=levels, palette=_COLOURS, markersize=4.5, markeredgewidth=0.4, linewidth=1.1,
        errorbar=None, legend=legend, ax=axes, **_LOOKS,
    )  # fmt: skip
    n = rows.groupby("x", sort=False)["n"].first()
    axes.set_xticks(range(len(widths)), [f"{x}\n({number(n[x])})" for x in widths])
    axes.set_xlim(-0.5, len(widths) - 0.5)
    axes.set(xlabel=f"{sweep.axis} (networks)", ylabel="", ylim=(-0.04, 1.04), yticks=(0, 0.5, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.spines[["right", "top"]].set_visible(False)
