"""Counts against what an experiment varies (Méloux et al., ICLR 2025, Figs. 3, 5–9).

Box plots with a point per network: one row of panels per protocol, one column per count. Networks
without any explanation have no place on a logarithmic axis; they are left out of the boxes, as in
the paper, and counted below them.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, isfinite, log10
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from identifiability.drawing.palette import INK, Look, looks
from identifiability.drawing.style import (
    CHARACTER_WIDTH,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    fixed_jitter,
    house_style,
    message_figure,
    wrapped,
)
from identifiability.evidence.ledger import Ledger
from identifiability.evidence.sweeps import Sweep, estimated, rows_of
from identifiability.report.numerals import number


class Count(NamedTuple):
    """A number per network.

    Attributes:
        heading: Heading of its column of panels.
        name: The column of the artifact ``summary``.
        per: The column it is divided by; targets where that is 0 are left out.
    """

    heading: str
    name: str
    per: str | None = None


TOTALS: Mapping[str, tuple[Count, ...]] = {
    "Where-then-what": (
        Count("interpretations\nof reachable rows", "n_interpretations_reachable"),
        Count("interpretations,\nall completions", "n_interpretations"),
    ),
    "What-then-where": (Count("minimal\nmappings", "n_mappings"),),
}
"""Totals per search strategy. The paper counts all completions."""
DETAILS: Mapping[str, tuple[Count, ...]] = {
    "Where-then-what": (
        Count("perfect circuits", "n_circuits"),
        Count(
            "interpretations per circuit\nof reachable rows",
            "n_interpretations_reachable",
            "n_circuits",
        ),
        Count("interpretations per circuit,\nall completions", "n_interpretations", "n_circuits"),
    ),
    "What-then-where": (
        Count("algorithms", "n_algorithms"),
        Count("minimal mappings\nper algorithm", "n_mappings", "n_algorithms"),
    ),
}
"""Further counts per search strategy."""

Published = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Published medians, by experiment, column of ``summary`` and value of what is varied."""
PUBLISHED_MEDIANS = {
    "C07": ("size", ("n_interpretations_reachable", "n_interpretations")),
    "C08": ("size", ("n_mappings",)),
}
"""Claims about medians: their experiment, and the columns of ``summary`` they are drawn beside."""

_AROUND, _ROW, _LEAST, _PAGE = 1.3, 1.85, 0.95, 8.3
"""Heights of what stands around a band of panels, of a row of panels, of the lowest one and of a
page, in inches."""
_TICK_LABELS, _ROW_LABEL = 0.36, 0.2
"""Widths of a vertical axis's labels and of a protocol's name, in inches."""
_SIGN_WIDTH = 1.25 * CHARACTER_WIDTH
"""Ample width of a digit, in inches."""
_FEWEST = 3
"""Places for which every panel is wide enough, as its heading has to fit above it."""
_BESIDE = 0.28
"""Distance of a marker from the middle of its place, where neighbouring places are 1 apart."""
_STEPS, _LABELS = (1, 2, 5, 10, 20, 50), 5
"""Decades between two labels of an axis, enough for all that floats span, and most labels."""
_MEDIAN: Any = {"color": INK, "linewidth": 1.6}
_STAR: Any = {"marker": "*", "ms": 6.5, "mfc": INK, "mec": "white", "mew": 0.5, "ls": ""}
_DIAMOND: Any = {"marker": "D", "ms": 3.6, "mfc": "white", "mec": INK, "mew": 0.8, "ls": ""}
_OPEN: Any = {"facecolor": "white", "edgecolor": INK, "linewidth": 0.6, "linestyle": (0, (3, 2))}
_ESTIMATED: Any = {"facecolor": "none", "edgecolor": "#C4C4C4", "hatch": "/////", "linewidth": 0}


class _Column(NamedTuple):
    """A column of panels.

    Attributes:
        heading: Above it and its neighbours with the same.
        counts: What it shows.
        sweeps: The first is drawn as boxes, a second one is marked by its medians.
    """

    heading: str
    counts: Count
    sweeps: Sequence[Sweep]

    @property
    def places(self) -> list[str]:
        """Values of what is varied, from left to right."""
        return list(self.sweeps[0].summaries)


def published_medians(ledger: Ledger) -> dict[str, dict[str, dict[str, float]]]:
    """The medians that the paper publishes, by experiment, column of ``summary`` and setting.

    Args:
        ledger: The claims ledger; parts of these claims are called ``k = 2`` and so on.
    """
    medians: dict[str, dict[str, dict[str, float]]] = {}
    for claim, (experiment, columns) in PUBLISHED_MEDIANS.items():
        own = {
            part.name.split()[-1]: part.published.middle
            for part in ledger.claims[claim].parts
            if part.published and not part.series
        }
        medians.setdefault(experiment, {}).update(dict.fromkeys(columns, own))
    return medians


def draw_totals(
    experiments: Sequence[Sequence[Sweep]],
    protocols: Sequence[str],
    published: Published = MappingProxyType({}),
) -> Figure:
    """Draws interpretations and minimal mappings in all (Figs. 3 and 5).

    Args:
        experiments: For each experiment, from top to bottom, its sweeps: the first is drawn as
            boxes, a second one is marked by its medians.
        protocols: From top to bottom.
        published: Published medians, if there are any.

    Returns:
        A row of panels per experiment and protocol; a message if no network converged.

    Raises:
        OverflowError: If a count is too large for a float, and thus for an axis.
    """
    if len(experiments) == 1:
        return _draw([_by_strategy(experiments[0], TOTALS)], protocols, published)
    totals = [count for counts in TOTALS.values() for count in counts]
    bands = [[_Column(each[0].title, count, each) for count in totals] for each in experiments]
    return _draw(bands, protocols, published)


def draw_details(sweeps: Sequence[Sweep], protocols: Sequence[str]) -> Figure:
    """Draws further counts per search strategy (Figs. 6–9), with what else ``draw_totals`` says.

    Args:
        sweeps: The sweeps of an experiment.
        protocols: From top to bottom.
    """
    return _draw([_by_strategy(sweeps, {name: own}) for name, own in DETAILS.items()], protocols)


def _by_strategy(
    sweeps: Sequence[Sweep], strategies: Mapping[str, Sequence[Count]]
) -> list[_Column]:
    """The columns of each search strategy, under its name."""
    return [_Column(name, count, sweeps) for name, own in strategies.items() for count in own]


def _tidy(column: _Column, protocols: Sequence[str]) -> pd.DataFrame:
    """One row per network under each protocol.

    Returns:
        Columns ``sweep`` (its number), ``protocol``, ``x`` (the value of what is varied),
        ``analysed``, ``value`` (a fraction, 0 without an explanation, NaN where it is unknown),
        ``estimated`` and ``n_candidates`` (of a count that is left open; else NaN). The last two
        are the same for all networks of a place.
    """
    rows = []
    for i, sweep in enumerate(column.sweeps):
        for protocol, (x, summary) in ((p, s) for p in protocols for s in sweep.summaries.items()):
            networks = rows_of(summary, protocol)
            learned = networks[networks["analysed"]]
            left_open = learned[column.counts.name].isna().any()
            place = {
                "sweep": i,
                "protocol": protocol,
                "x": x,
                "estimated": "interpretations" in column.counts.name and estimated(learned),
                "n_candidates": learned["n_candidates"].max() if left_open else np.nan,
            }
            means = {} if left_open else _means(learned, column.counts)
            every = networks.groupby("network_id", sort=False)["analysed"].all()
            for name, analysed in every.items():
                value = means[str(name)] if analysed and not left_open else np.nan
                rows.append(place | {"analysed": analysed, "value": value})
    return pd.DataFrame(rows).astype({"value": object})


def _means(rows: pd.DataFrame, count: Count) -> dict[str, Fraction]:
    """Every network's count, the mean over its targets; integers may be of any size, or digits."""
    per = rows[count.per].tolist() if count.per else [1] * len(rows)
    names, counts = rows["network_id"].tolist(), rows[count.name].tolist()
    ratios: dict[str, list[Fraction]] = {name: [] for name in names}
    for name, counted, by in zip(names, counts, per, strict=True):
        if by:
            ratios[name].append(Fraction(int(counted), int(by)))
    return {name: sum(own, Fraction(0)) / max(1, len(own)) for name, own in ratios.items()}


def _draw(
    bands: Sequence[Sequence[_Column]],
    protocols: Sequence[str],
    published: Published = MappingProxyType({}),
) -> Figure:
    """Draws bands of columns below one another, in each the protocols from top to bottom."""
    frames = [[_tidy(column, protocols) for column in columns] for columns in bands]
    if not any(
        frame.loc[frame["sweep"] == 0, "analysed"].any() for own in frames for frame in own
    ):
        sweeps = [column.sweeps[0] for columns in bands for column in columns]
        summaries = [summary for sweep in sweeps for summary in sweep.summaries.values()]
        families = dict.fromkeys(str(summary["family"].iloc[0]) for summary in summaries)
        return message_figure(f"{', '.join(families)}: no network converged")
    keys: dict[str, Artist] = {}
    with house_style(), fixed_jitter():
        rows = len(bands) * len(protocols)
        around = len(bands) * _AROUND
        height = max(min(_PAGE, around + rows * _ROW), around + rows * _LEAST)
        figure = figure_of(TEXT_WIDTH, height)
        figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, hspace=0.03)
        parts = figure.subfigures(len(bands), 1, squeeze=False)[:, 0]
        for part, columns, own in zip(parts, bands, frames, strict=True):
            keys |= _draw_band(part, columns, own, protocols, published)
        legend = figure.legend(keys.values(), keys, loc="outside lower center", ncols=3)
        legend.set_title("n: networks that converged; none: those without any, in no box")
    return figure


def _draw_band(
    part: SubFigure,
    columns: Sequence[_Column],
    frames: Sequence[pd.DataFrame],
    protocols: Sequence[str],
    published: Published,
) -> dict[str, Artist]:
    """Draws columns from left to right; returns what the legend explains of them."""
    keys: dict[str, Artist] = {}
    n_places = [max(_FEWEST, len(column.places)) for column in columns]
    width = (TEXT_WIDTH - len(columns) * _TICK_LABELS - _ROW_LABEL) / sum(n_places)
    panels = part.subplots(len(protocols), len(columns), squeeze=False, width_ratios=n_places)
    for i, (column, data) in enumerate(zip(columns, frames, strict=True)):
        by_count = published.get(column.sweeps[0].experiment, {})
        medians = by_count.get(column.counts.name, {})
        for axes, (protocol, look) in zip(panels[:, i], looks(protocols).items(), strict=True):
            own = data[data["protocol"] == protocol]
            _draw_panel(axes, own, column.places, look)
            _mark(axes, column.places, medians, -_BESIDE, _STAR)
            _write_places(axes, own[own["sweep"] == 0], column.places, width)
        _set_limits(list(panels[:, i]))
        repeated = i > 0 and column.heading == columns[i - 1].heading
        _write_headings(list(panels[:, i]), column, own[own["sweep"] == 0], width, repeated)
        keys |= _keys(data, column, bool(medians))
    for axes, protocol in zip(panels[:, 0], protocols, strict=True):
        axes.set_ylabel(protocol, weight="bold", fontsize=TITLE_SIZE)
    return keys


def _draw_panel(axes: Axes, data: pd.DataFrame, places: Sequence[str], look: Look) -> None:
    """Draws one count under one protocol: at each place a box over the points of its networks.

    The axis becomes logarithmic only afterwards: of a logarithmic one, seaborn would take the
    median of logarithms, which is another number where it lies between two networks.
    """
    drawn = data[(data["value"] > 0) & data["x"].isin(places)].astype({"value": float})
    boxes, further = drawn[drawn["sweep"] == 0], drawn[drawn["sweep"] == 1]
    if len(boxes):
        shared: Any = {"data": boxes, "x": "x", "y": "value", "order": places, "ax": axes}
        points = {"marker": look.marker, "size": 1.8, "alpha": 0.5, "linewidth": 0, "jitter": 0.3}
        sns.stripplot(**shared, **points, color=look.colour, zorder=2)
        whole_range = {"whis": (0, 100), "showfliers": False, "showcaps": False}
        lines = {"fill": False, "width": 0.7, "linewidth": 1.0, "medianprops": _MEDIAN}
        sns.boxplot(**shared, **whole_range, **lines, color=look.colour, zorder=3)
    for x in drawn.loc[drawn["estimated"], "x"].unique():
        axes.axvspan(places.index(x) - 0.5, places.index(x) + 0.5, **_ESTIMATED, zorder=0)
    _mark(axes, places, dict(further.groupby("x")["value"].median()), _BESIDE, _DIAMOND)
    axes.set(xlim=(-0.5, len(places) - 0.5), xlabel="", ylabel="")
    axes.spines[["right", "top"]].set_visible(False)


def _mark(
    axes: Axes, places: Sequence[str], medians: Mapping[str, float], at: float, key: Any
) -> None:
    """Marks medians beside the middles of their places."""
    known = {places.index(x) + at: medians[x] for x in places if x in medians}
    if known:  # a line that is neither clipped nor anywhere would claim all room for itself
        axes.plot(list(known), list(known.values()), **key, clip_on=False, zorder=5)


def _write_places(axes: Axes, data: pd.DataFrame, places: Sequence[str], width: float) -> None:
    """Writes below each place how many networks have none, and in it why it has no box."""
    none = []
    for i, x in enumerate(places):
        own = data[data["x"] == x]
        n, n_none = own["analysed"].sum(), (own["value"] == 0).sum()
        n_candidates = own["n_candidates"].max()
        none.append("" if own["value"].isna().all() else "all" if n == n_none else number(n_none))
        reason = f"open: {number(n_candidates)}" if n_candidates > 0 else "none converged"
        across = axes.get_xaxis_transform()
        if n_candidates > 0:
            axes.add_patch(Rectangle((i - 0.42, 0), 0.84, 1, transform=across, **_OPEN, zorder=0))
        if not none[-1]:  # right of where a star is
            text = axes.text(i + 0.14, 0.5, reason, rotation=90, transform=across)
            text.set(ha="center", va="center")
    axes.tick_params(axis="x", length=0, pad=3)
    if _too_wide([*places, *none], width):
        labels = [f"{x}: {n} none" if n else x for x, n in zip(places, none, strict=True)]
        axes.set_xticks(range(len(places)), labels, rotation=90)
    else:
        axes.set_xticks(range(len(places)), map("\n".join, zip(places, none, strict=True)))
        # Of two lines, as the labels are, so that its second one stands beside theirs.
        name = axes.annotate("\nnone", (0, 0), (-3, -3), "axes fraction", "offset points")
        name.set(ha="right", va="top")


def _write_headings(
    panels: Sequence[Axes], column: _Column, data: pd.DataFrame, width: float, repeated: bool
) -> None:
    """Writes above a column what it counts and how many networks converged at each place."""
    places = data.groupby("x", sort=False)["analysed"].agg(["sum", "size"])
    alike = places["size"].nunique() == 1
    labels = [
        number(n) if alike else f"{number(n)}/{number(of)}"
        for n, of in places.itertuples(index=False)
    ]
    of = number(int(places["size"].iloc[0])) if alike else "all"
    above = panels[0].secondary_xaxis("top")
    above.set_xticks(range(len(labels)), labels, rotation=90 * _too_wide(labels, width))
    above.tick_params(length=0, pad=1)
    above.spines["top"].set_visible(False)
    above.set_xlabel(f"{column.counts.heading}\nn of {of} networks:", loc="left")
    panels[0].set_title("" if repeated else column.heading, loc="left", weight="bold")
    panel_width = max(_FEWEST, len(labels)) * width
    panels[-1].set_xlabel("\n".join(wrapped(column.sweeps[0].axis, panel_width)))


def _too_wide(texts: Sequence[str], width: float) -> bool:
    """Whether texts are too wide to stand side by side, one a place."""
    return max(map(len, texts)) * _SIGN_WIDTH > width


def _set_limits(column: Sequence[Axes]) -> None:
    """Makes the vertical axes of a column logarithmic, from one power of ten to another.

    Protocols are compared by panels above one another, which therefore share an axis, unless it
    would squeeze what one of them shows into less than half of its height: then each has its own.
    """
    decades = []
    for axes in column:
        low, high = axes.dataLim.intervaly if isfinite(axes.dataLim.y0) else (1, 1)
        decades.append((floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)))
    widest = min(low for low, _ in decades), max(high for _, high in decades)
    shared = widest[1] - widest[0] <= 2 * min(high - low for low, high in decades)
    for axes, own in zip(column, decades, strict=True):
        low, high = widest if shared else own
        pad = 0.05 * (high - low)
        axes.set(yscale="log", ylim=(10 ** (low - pad), 10 ** (high + pad)))
        step = next(step for step in _STEPS if _LABELS * step >= high - low)
        axes.set_yticks([10.0**e for e in range(low, high + 1) if e % step == 0])
        axes.tick_params(axis="y", which="both", length=2, pad=1.5)


def _keys(data: pd.DataFrame, column: _Column, published: bool) -> dict[str, Artist]:
    """What the legend explains of a column."""
    point: Any = {"linestyle": "", "marker": "o", "markersize": 2.5, "alpha": 0.5}
    keys: dict[str, Artist] = {
        "a network": Line2D([], [], **point, color=INK),
        "median": Line2D([], [], **_MEDIAN),
        "box: quartiles, line: range": Patch(facecolor="none", edgecolor=INK),
    }
    if published:
        keys["published median"] = Line2D([], [], **_STAR)
    for sweep in column.sweeps[1:]:
        keys[f"median, {sweep.gates}"] = Line2D([], [], **_DIAMOND)
    if data.loc[data["value"] > 0, "estimated"].any():
        keys["interpretations estimated"] = Patch(**_ESTIMATED)
    if data.loc[data["sweep"] == 0, "n_candidates"].notna().any():
        keys["open: number of candidates"] = Patch(**_OPEN)
    return keys
