"""What is found in the authors' own network over samples of noisy inputs, and what they print."""

from collections.abc import Iterable

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from identifiability.drawing.palette import NEGATIVE
from identifiability.drawing.style import TEXT_WIDTH, figure_of, house_style
from identifiability.evidence.ledger import Printed
from identifiability.report.numerals import number

TITLES = {"n_circuits": "Perfect circuits", "n_interpretations": "Their interpretations"}
_COLOUR = "#0072B2"


def draw(draws: pd.DataFrame, printed: Iterable[Printed]) -> Figure:
    """Draws the distribution of both counts over samples, with the printed numbers in them.

    Args:
        draws: The artifact ``draws``.
        printed: What the notebook prints; what rests on clean inputs is passed over.
    """
    shown = [one for one in printed if one.drawn]
    with house_style():
        figure = figure_of(TEXT_WIDTH, 1.9, constrained=True)
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        for axes, one in zip(panels, shown, strict=True):
            values = draws[one.quantity].map(int)
            counts = one.quantity == "n_circuits"
            bins = {"discrete": True} if counts else {"bins": 40}
            sns.histplot(values, color=_COLOUR, edgecolor="white", linewidth=0.4, ax=axes, **bins)
            axes.axvline(one.value, color=NEGATIVE, linewidth=1.4)
            axes.set_title(f"line: {number(one.value)}, as printed", loc="left", fontsize="medium")
            axes.set(xlabel=TITLES[one.quantity], ylabel="samples of noisy inputs")
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.xaxis.set_major_formatter(lambda value, _: number(value))
            axes.spines[["right", "top"]].set_visible(False)
    return figure
