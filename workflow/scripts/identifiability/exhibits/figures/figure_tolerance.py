"""How many circuits there are when outputs have to be near the network's instead of rounded alike.

A panel each for all such circuits, the minimal ones of them, and the share of networks with
exactly one minimal one; a line per width.
"""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

from identifiability.drawing.palette import INK
from identifiability.drawing.style import (
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ladder import Step, step_shares
from identifiability.evidence.sweeps import rows_of
from identifiability.exhibits.material import Material
from identifiability.protocols import TOLERANCES
from identifiability.report.numerals import listed, number

EXHIBIT = {
    "number": "G",
    "title": "Circuits near the network, instead of rounded to the same",
    "caption": """
        XOR networks under `strict`, by width k: circuits whose output, rounded, is the network's
        on every input, and circuits whose output is less than 0.5, 0.1 or 0.02 away from it.
        Left: all of them; middle: those with no other such circuit strictly inside. Both are
        medians over the converged networks, with quartiles. Right: share of the networks with
        exactly one minimal circuit, with 95% Wilson intervals. At k = 5 circuits near the network
        are left open.
    """,
    "category": "ladder",
    "experiments": ("exact",),
    "artifacts": ("summary",),
    "protocols": "tolerances",
}

READINGS: Mapping[str, tuple[str, str]] = {
    "rounded": ("strict", "strict-minimal"),
    **{f"{t}": (f"strict-within-{t}", f"strict-minimal-within-{t}") for t in TOLERANCES},
}
"""What is asked of outputs: the protocols that count all circuits, and the minimal ones."""
ALL, MINIMAL, UNIQUE = "All circuits", "Minimal circuits", "Exactly one minimal"
_COLOURS = ("#7A7A7A", "#56B4E9", "#0072B2", INK)
_MARKERS = ("o", "s", "^", "D")
_DASHES: tuple[Any, ...] = ("", (1, 1), (4, 1.5), (4, 1.5, 1, 1.5))
_APART = 0.08
"""Between lines at one reading, where readings are 1 apart."""


def make(material: Material) -> Figure:
    """The figure."""
    summaries = material.by_family()
    return draw_tolerance({str(max(f.hidden)): summaries[f.name] for f in material.families})


def by_reading(summaries: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each panel shows, by width and reading.

    Args:
        summaries: The artifact ``summary`` by width.

    Returns:
        Rows with ``panel``, ``width``, ``reading``, the number ``n`` of converged networks, and
        ``value`` with ``low`` and ``high``; none for widths where any of it is left open.
    """
    rows = []
    for width, summary in summaries.items():
        own = [
            {"panel": panel, "width": width, "reading": reading} | _measured(summary, panel, name)
            for reading, names in READINGS.items()
            for panel, name in zip((ALL, MINIMAL, UNIQUE), (*names, names[1]), strict=True)
        ]
        if all(np.isfinite(row["value"]) for row in own):
            rows += own
    return pd.DataFrame(rows, columns=["panel", "width", "reading", "n", "value", "low", "high"])


def _measured(summary: pd.DataFrame, panel: str, protocol: str) -> dict[str, float]:
    """What a panel shows of the converged networks; NaN if there are none, or any is left open."""
    rows = rows_of(summary, protocol)
    found = step_shares(rows, Step(panel, protocol, "n_circuits"))
    if panel == UNIQUE or not found["n"] or not found["counted"]:
        low, value, high = (found[name] for name in ("low", "share_unique", "high"))
    else:
        counts = rows.loc[rows["analysed"], "n_circuits"].to_numpy(np.float64)
        low, value, high = np.quantile(counts, [0.25, 0.5, 0.75])
    return {"n": found["n"], "value": value, "low": low, "high": high}


def draw_tolerance(summaries: Mapping[str, pd.DataFrame]) -> Figure:
    """Draws numbers of circuits against how near the network they have to be.

    Args:
        summaries: The artifact ``summary`` by width.

    Returns:
        A panel per quantity; a message if there is nothing to draw.
    """
    table = by_reading(summaries)
    if table.empty:
        families = [str(summary["family"].iloc[0]) for summary in summaries.values()]
        return message_figure(f"{', '.join(families)}: no network with all circuits near it known")
    with house_style():
        figure = figure_of(TEXT_WIDTH, 2.7, constrained=True)
        grid = figure.subplots(1, 3)
        for axes, (panel, rows) in zip(grid, table.groupby("panel", sort=False), strict=True):
            _draw_panel(axes, rows)
            axes.set_title(str(panel), loc="left", weight="bold", fontsize=TITLE_SIZE)
            if panel == UNIQUE:
                axes.set(ylim=(-0.04, 1.04), yticks=(0, 0.5, 1))
                axes.yaxis.set_major_formatter(PercentFormatter(1))
            else:
                axes.set_yscale("log")
                axes.yaxis.set_major_formatter(lambda value, _: number(value))
                axes.yaxis.set_minor_locator(NullLocator())
        n = table.groupby("width", sort=False)["n"].first()
        handles, _ = grid[0].get_legend_handles_labels()
        labels = [
            f"k = {width} ({number(int(networks))} networks)" for width, networks in n.items()
        ]
        left_open = [f"k = {width}" for width in summaries if width not in n.index]
        title = f"left open: {listed(left_open)}" if left_open else None
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), title=title)
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draws a quantity, a line per width."""
    widths, readings = [*dict.fromkeys(rows["width"])], [*READINGS]
    shifts = {width: (i - (len(widths) - 1) / 2) * _APART for i, width in enumerate(widths)}
    rows = rows.assign(at=rows["reading"].map(readings.index) + rows["width"].map(shifts))
    colours, markers, dashes = (
        dict(zip(widths, cycle(looks), strict=False)) for looks in (_COLOURS, _MARKERS, _DASHES)
    )
    intervals = rows["width"].map(colours).tolist()
    axes.vlines(rows["at"], rows["low"], rows["high"], intervals, linewidth=0.9)
    sns.lineplot(
        rows, x="at", y="value", hue="width", style="width", hue_order=widths,
        style_order=widths, palette=colours, errorbar=None, markersize=4.5, markeredgewidth=0.4,
        linewidth=1.1, markers=markers, dashes=dashes, ax=axes,
    )  # fmt: skip
    axes.get_legend().set_visible(False)  # type: ignore[union-attr]
    axes.set_xticks(range(len(readings)), readings)
    axes.set(xlim=(-0.4, len(readings) - 0.6), xlabel="output rounded, or within", ylabel="")
    axes.spines[["right", "top"]].set_visible(False)
