"""Counts by place and protocol: a point for every network, medians, and a table of ticks below.

Networks with none have no place on a logarithmic axis; the ticks say how many they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from identifiability.drawing.palette import INK, looks
from identifiability.drawing.style import fixed_jitter
from identifiability.evidence import statistics
from identifiability.report.numerals import number

_HOLLOW = "white"
_WIDTH = 0.8
"""Of all protocols at one place, where neighbouring places are 1 apart; seaborn's own."""
_JITTER = 0.34
_PAD = 4
"""Between an axis and the ticks below, in points."""
_KEYS_A_ROW = 3
_MEDIAN: dict[str, Any] = {"markersize": 7, "markeredgewidth": 1.5}
_INTERVAL: dict[str, Any] = {"color": INK, "linewidth": 1.0}


def draw_strips(
    axes: Axes,
    rows: pd.DataFrame,
    place: str,
    value: str,
    places: Sequence[str],
    protocols: Sequence[str],
) -> None:
    """Draws a point for every network with any, and the median of all with its interval.

    Args:
        axes: Where to.
        rows: One per network and protocol: ``protocol``, a column for its place, one for its
            value, and ``hollow``, whether its point is.
        place: The column of places.
        value: The column of values, none of them missing.
        places: The places, from left to right.
        protocols: The protocols, from left to right at each place.
    """
    common = {"x": place, "y": value, "order": places, "hue": "protocol", "hue_order": protocols}
    with fixed_jitter():
        for (protocol, hollow), own in rows[rows[value] > 0].groupby(["protocol", "hollow"]):
            look = looks(protocols)[str(protocol)]
            sns.stripplot(
                own, **common, ax=axes, legend=False, dodge=True, jitter=_JITTER, size=3,
                marker=look.marker, edgecolor=look.colour, linewidth=0.4 if hollow else 0,
                palette=dict.fromkeys(protocols, _HOLLOW if hollow else look.colour), alpha=0.6,
            )  # fmt: skip
    sns.pointplot(
        rows, **common, ax=axes, legend=False, dodge=_WIDTH - _WIDTH / len(protocols),
        estimator="median", errorbar=_interval, palette=dict.fromkeys(protocols, INK),
        markers="_", linestyle="none", zorder=4, err_kws=_INTERVAL, **_MEDIAN,
    )  # fmt: skip
    # Not before: seaborn takes the median of logarithms on a logarithmic axis, which lacks zeros.
    axes.set_yscale("log")
    axes.set(xlim=(-0.5, len(places) - 0.5), xlabel="", ylabel="")
    sns.despine(ax=axes)


def _interval(values: "pd.Series[float]") -> tuple[float, float]:
    """The interval of a median, as the tables have it."""
    found = statistics.median(np.asarray(values, np.float64))
    return found.low, found.high


def none_of(
    rows: pd.DataFrame, place: str, value: str, places: Sequence[str], protocols: Sequence[str]
) -> dict[str, list[str]]:
    """How many networks have none, by protocol and place; arguments as of ``draw_strips``."""
    none = (rows[value] == 0).groupby([rows["protocol"], rows[place]]).sum()
    return {
        f"with none: {protocol}": [
            number(float(none.get((protocol, at), np.nan))) for at in places
        ]
        for protocol in protocols
    }


def write_ticks(axes: Axes, lines: Mapping[str, Sequence[str]], named: bool) -> None:
    """Writes a small table below the places, one line under another.

    Args:
        axes: Where to.
        lines: What stands below each place, by the name of the line.
        named: Whether the names stand on the left, too.
    """
    labels = ["\n".join(column) for column in zip(*lines.values(), strict=True)]
    axes.set_xticks(range(len(labels)), labels)
    axes.tick_params(axis="x", length=0, pad=_PAD)
    if named:
        axes.annotate(
            "\n".join(lines), (0, 0), (-_PAD, -_PAD), xycoords="axes fraction",
            textcoords="offset points", ha="right", va="top",
        )  # fmt: skip


def draw_legend(
    figure: Figure, protocols: Sequence[str], further: Mapping[str, Artist], hollow: str = ""
) -> None:
    """Draws the legend of strips at the top.

    Args:
        figure: Where to.
        protocols: The protocols drawn.
        further: What else is drawn, by its name.
        hollow: What a hollow point is, if there is one.
    """
    keys: dict[str, Artist] = {
        name: _point(look.marker, look.colour, look.colour)
        for name, look in looks(protocols).items()
    }
    if hollow:
        keys[hollow] = _point("o", INK, _HOLLOW)
    keys[f"median, 95% interval (from {statistics.MIN_MEDIAN} networks on)"] = Line2D(
        [], [], marker="|", **_MEDIAN, **_INTERVAL
    )
    keys |= further
    n_rows = -(-len(keys) // _KEYS_A_ROW)
    figure.legend(
        list(keys.values()), list(keys), loc="outside upper left", ncols=-(-len(keys) // n_rows)
    )


def _point(marker: str, edge: str, face: str) -> Line2D:
    """The key of a point."""
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=4, color=edge, markerfacecolor=face
    )
