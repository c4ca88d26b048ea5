"""Every reading: the share of networks with exactly one explanation, sorted, and what is switched.

A specification curve per question, of the families with several gates and of those with one; below
it a dashboard, in which a column is a reading and a mark the value that a criterion has in it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from identifiability.drawing.palette import FAINT, INK, STRIP
from identifiability.drawing.style import (
    TEXT_SIZE,
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.ledger import Ledger
from identifiability.evidence.readings import QUESTIONS, criteria_of, curves
from identifiability.exhibits.material import Material
from identifiability.networks.families import Family
from identifiability.protocols import ABSTRACTION, PROTOCOLS
from identifiability.readings import SIDES, Criterion, reading_of
from identifiability.report.numerals import number

EXHIBIT = {
    "number": "H",
    "title": "Every reading at once",
    "caption": """
        Share of the networks with exactly one circuit, interpretation, algorithm and mapping under
        every combination of the criteria that bear on it (their number in brackets), sorted by the
        mean over all families shown; a dot is a combination in one family. Below, what is switched
        in each. Letters mark the combinations that are `released` (R), `text` (T), `strict` (S)
        and `abstraction` (A); the dashed line is the largest share that the paper's claims C28,
        C10 and C09 leave room for. Minimal and complete circuits of the widest networks are left
        open.
    """,
    "category": "readings",
    "experiments": ("size",),
    "artifacts": ("reading_shares",),
    "paper": ("claims",),
}

_ROW = 0.102
"""Height of a value in the dashboard, in inches."""
_CURVE = 0.7
"""Height of a curve, in inches."""
_GAP = 0.28
"""Room below a dashboard, in inches."""
_COLOURS = "viridis_r"
_LETTERS = {"released": "R", "text": "T", "strict": "S", "abstraction": "A"}


def make(material: Material) -> Figure:
    """The figure."""
    (size,) = material.scope.experiments.values()
    pools = [pool for pool in (size.families, size.released) if pool]
    return draw_readings(material.one("reading_shares"), pools, published(material.ledger))


def published(ledger: Ledger) -> dict[str, float]:
    """The largest share with exactly one that the paper's claims leave room for, by question."""

    def of(claim: str, begins: str) -> tuple[float, float]:
        parts = [p.published for p in ledger.claims[claim].parts if p.name.startswith(begins)]
        assert parts[0] is not None
        return parts[0].low, parts[0].high

    return {
        "circuit": 1 - of("C28", "Q1")[0],
        "interpretation": of("C10", "all widths")[1],
        "algorithm": 1 - of("C28", "Q3")[0],
        "mapping": of("C09", "all widths")[1],
    }


def draw_readings(
    shares: pd.DataFrame, pools: Sequence[Sequence[Family]], most: Mapping[str, float]
) -> Figure:
    """Draws the curves and dashboards.

    Args:
        shares: The artifact ``reading_shares``.
        pools: The families, those of one row of curves together.
        most: The largest share that the paper leaves room for, by question.

    Returns:
        A column per question of a side, and a row of curves per pool; a message if no network
        was analysed.
    """
    if not shares["known"].any():
        return message_figure("no network was analysed")
    with house_style():
        heights = []
        for side in SIDES:
            own = [question for question in QUESTIONS.values() if question.side == side]
            rows = max(sum(len(c.values) for c in criteria_of(q)) for q in own)
            heights += [_CURVE] * len(pools) + [_ROW * rows, _GAP]
        figure = figure_of(TEXT_WIDTH, sum(heights) + 0.8)
        grid = figure.subplots(len(heights), 2, sharex=False, height_ratios=heights, squeeze=False)
        figure.subplots_adjust(0.2, 0.0, 0.99, 0.943, wspace=0.65, hspace=0.14)
        block = len(pools) + 2
        for i, side in enumerate(SIDES):
            names = [name for name, question in QUESTIONS.items() if question.side == side]
            for column, name in enumerate(names):
                axes = grid[i * block : (i + 1) * block, column].tolist()
                _draw_question(axes, shares, name, pools, most[name])
        widths = [str(max(family.hidden)) for family in pools[0]]
        colours = sns.color_palette(_COLOURS, len(widths))
        handles = [
            Line2D([], [], marker="o", linestyle="", color=colour, markersize=3, label=f"k = {k}")
            for k, colour in zip(widths, colours, strict=True)
        ]
        figure.legend(handles=handles, loc="lower center", ncols=len(handles))
    return figure


def _draw_question(
    axes: Sequence[Axes],
    shares: pd.DataFrame,
    name: str,
    pools: Sequence[Sequence[Family]],
    most: float,
) -> None:
    """Draws the curves of a question, its dashboard, and nothing on the last axes."""
    by_family = dict(curves(shares, name))
    first = next(iter(by_family.values()))
    marks = _marks(first, name)
    *tops, dashboard, nothing = axes
    nothing.set_axis_off()
    for i, (top, pool) in enumerate(zip(tops, pools, strict=True)):
        _draw_curve(top, by_family, pool, most)
        for nth, (x, letters) in enumerate(sorted(marks.items())):
            top.axvline(x, color=INK, linewidth=0.5, zorder=0)
            if i == 0:
                top.annotate(
                    letters, (x, 1.02), (0, 1 + TEXT_SIZE * (nth % 2)), ("data", "axes fraction"),
                    ha="center", textcoords="offset points", fontsize=TEXT_SIZE,
                )  # fmt: skip
        top.set_xlim(-1, len(first))
        top.set_xticks([])
    title = QUESTIONS[name].title
    tops[0].set_title(
        f"{title} ({number(len(first))})", loc="left", weight="bold",
        fontsize=TITLE_SIZE, pad=20,
    )  # fmt: skip
    _draw_dashboard(dashboard, first, criteria_of(QUESTIONS[name]))
    for x in marks:
        dashboard.axvline(x, color=INK, linewidth=0.5, zorder=0)


def _marks(curve: pd.DataFrame, name: str) -> dict[int, str]:
    """Where the protocols stand on a curve, and the letters there; the paper's way of counting."""
    found: dict[int, str] = {}
    question = QUESTIONS[name]
    counted = next(iter(question.columns)) or None
    for protocol in (*PROTOCOLS.values(), ABSTRACTION):
        reading = reading_of(protocol, question.side).protocol.name
        own = curve[curve["reading"] == reading]
        if counted:
            own = own[own["counted"] == counted]
        x = int(own["rank"].iloc[0])
        found[x] = found.get(x, "") + _LETTERS[protocol.name]
    return found


def _draw_curve(
    axes: Axes, by_family: Mapping[str, pd.DataFrame], pool: Sequence[Family], most: float
) -> None:
    """Draws the shares in the families of a pool, reading by reading."""
    colours = sns.color_palette(_COLOURS, len(pool))
    for family, colour in zip(pool, colours, strict=True):
        rows = by_family[family.name]
        axes.plot(
            rows["rank"], rows["share_unique"], "o", color=colour, markersize=1.3,
            markeredgewidth=0,
        )  # fmt: skip
    axes.axhline(most, color=INK, linestyle=(0, (3, 2)), linewidth=0.7)
    axes.set(ylim=(-0.05, 1.05), yticks=(0, 0.5, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    gates = dict.fromkeys(gate.name for family in pool for gate in family.gates)
    axes.set_ylabel(next(iter(gates)) if len(gates) == 1 else f"{len(gates)} gates")
    axes.spines[["right", "top"]].set_visible(False)


def _draw_dashboard(axes: Axes, curve: pd.DataFrame, criteria: Sequence[Criterion]) -> None:
    """Draws which value every criterion has in every reading."""
    labels, y = [], 0
    for i, criterion in enumerate(criteria):
        if i % 2 == 0:
            height = len(criterion.values)
            axes.axhspan(y - 0.5, y + height - 0.5, color=STRIP, linewidth=0, zorder=-1)
        for value in criterion.values:
            ranks = curve.loc[curve[criterion.name] == value, "rank"]
            axes.vlines(ranks, y - 0.36, y + 0.36, color=INK, linewidth=0.45)
            first = value == next(iter(criterion.values))
            name = criterion.name.replace("_", " ")
            labels.append(f"{name}: {value}" if first else value)
            y += 1
    axes.set_yticks(np.arange(y), labels, fontsize=TEXT_SIZE)
    axes.set(ylim=(y - 0.5, -0.5), xlim=(-1, len(curve)), xticks=[])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
