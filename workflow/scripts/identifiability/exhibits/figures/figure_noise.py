"""Trained without or with noise, read on clean or on noisy inputs: the two-by-two of Table 3.

One row of panels per loss cutoff, one column per quantity of C18 to C20. Lines that are not
parallel are an interaction: what noise in training does depends on the inputs that are read.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from identifiability.drawing.palette import INK
from identifiability.drawing.style import (
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.evidence.claims import bootstrap_generator
from identifiability.evidence.noise import QUANTITIES, READ, interaction, pairs, values_of
from identifiability.evidence.statistics import mean
from identifiability.evidence.sweeps import cutoff_text
from identifiability.exhibits.material import Material
from identifiability.report.numerals import equals, interval, number

EXHIBIT = {
    "number": "F",
    "title": "Noise in training, and noise in reading",
    "caption": """
        Means, with 95% bootstrap intervals (BCa, over networks), of the converged networks trained
        without and with noise on their inputs, each read on clean inputs (`released`) and on noisy
        ones (`released-noisy`), at two loss cutoffs. The paper compares two of the four: trained
        without noise and read cleanly, and trained with noise and read noisily (C18 to C20).
        Interaction: how much more the reading changes the mean of networks trained with noise than
        of those trained without, with its interval and Welch's p. Interpretations per circuit are
        those of networks that have a circuit under both readings.
    """,
    "category": "noise",
    "experiments": ("noise",),
    "artifacts": ("summary",),
}

_TRAINED = ("without noise", "with noise")
_LOOKS = {"markers": ["o", "s"], "dashes": ["", (3, 1.5)]}
_COLOURS = ("#0072B2", INK)
_APART = 0.05


def make(material: Material) -> Figure:
    """The figure."""
    found = pairs(material.families, material.by_family())
    return draw_noise({f"cutoff {cutoff_text(cutoff)}": own for cutoff, own in found.items()})


def draw_noise(by_cutoff: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> Figure:
    """Draws the means of the four kinds of networks and readings.

    Args:
        by_cutoff: The artifact ``summary`` of networks trained without and with noise.

    Returns:
        A row of panels per cutoff; a message if no network converged.
    """
    if not any(own["analysed"].any() for both in by_cutoff.values() for own in both):
        return message_figure("no network to read on noise")
    with house_style():
        figure = figure_of(TEXT_WIDTH, 0.6 + 1.85 * len(by_cutoff), constrained=True)
        shape = (len(by_cutoff), len(QUANTITIES))
        grid = figure.subplots(*shape, sharex=True, squeeze=False)
        for row, (cutoff, both) in zip(grid, by_cutoff.items(), strict=True):
            for axes, quantity in zip(row, QUANTITIES, strict=True):
                _draw_panel(axes, [values_of(own, quantity) for own in both])
            row[0].set_ylabel(f"{cutoff}\nmean")
        for axes, title in zip(grid[0], QUANTITIES.values(), strict=True):
            axes.annotate(
                title, (0, 1), (0, 43), "axes fraction", "offset points",
                weight="bold", fontsize=TITLE_SIZE,
            )  # fmt: skip
        for axes in grid[-1]:
            axes.set_xlabel("inputs that are read")
        handles, _ = grid[0, 0].get_legend_handles_labels()
        labels = [f"trained {trained}" for trained in _TRAINED]
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _draw_panel(axes: Axes, both: Sequence[pd.DataFrame]) -> None:
    """Draws the four means of a quantity, and writes how many networks they are over."""
    rows = []
    for i, (trained, values) in enumerate(zip(_TRAINED, both, strict=True)):
        for at, protocol in enumerate(READ):
            found = mean(values[protocol].to_numpy(), bootstrap_generator())
            place = at + (i - 0.5) * _APART
            rows.append({"trained": trained, "at": place, **vars(found)})
    table = pd.DataFrame(rows)
    colours = table["trained"].map(dict(zip(_TRAINED, _COLOURS, strict=True))).tolist()
    axes.vlines(table["at"], table["low"], table["high"], colours, linewidth=0.9)
    sns.lineplot(
        table, x="at", y="value", hue="trained", style="trained", hue_order=_TRAINED,
        style_order=_TRAINED, palette=_COLOURS, errorbar=None, markersize=5, linewidth=1.1,
        ax=axes, **_LOOKS,
    )  # fmt: skip
    axes.get_legend().set_visible(False)  # type: ignore[union-attr]
    between = interaction(*both)
    more = between.difference
    said = between.reason or (
        f"interaction {number(more.value)}\n{interval(more.low, more.high)}\np {equals(between.p)}"
    )
    n = " and ".join(number(len(values)) for values in both)
    axes.set_title(f"n = {n}\n{said}", loc="left", fontsize="medium")
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    axes.set_xticks([0, 1], [*READ.values()])
    axes.set(xlim=(-0.35, 1.35), xlabel="", ylabel="", ylim=(0, None))
    axes.spines[["right", "top"]].set_visible(False)
