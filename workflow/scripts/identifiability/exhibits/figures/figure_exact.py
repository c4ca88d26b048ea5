"""How far each protocol's count lies under the exact one, by width.

A panel for circuits and one for interpretations: per width and protocol a point for every network,
with the median and its interval. Networks in which a protocol admits none are counted below.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from identifiability.drawing.palette import FAINT
from identifiability.drawing.strips import draw_legend, draw_strips, none_of, write_ticks
from identifiability.drawing.style import TEXT_WIDTH, figure_of, house_style, message_figure
from identifiability.evidence.sparsity_caps import ALL, COMPARED, shares
from identifiability.exhibits.material import Material
from identifiability.report.numerals import number
from identifiability.stages.rows import ESTIMATE

EXHIBIT = {
    "number": "C",
    "title": "How far capped counts fall below exact ones",
    "caption": """
        Share of all perfect circuits, and of all their interpretations, that the circuits
        admitted by each protocol make up, for XOR networks, against width. A point is a
        converged network, hollow where the number of all interpretations is an estimate;
        over the points stand the median of all networks, those with none included, and its
        95% interval; a median of 0 has no place on the axis. Networks in which a protocol
        admits none are counted below; the numbers of networks leave out those in which
        there is nothing to count, or whose interpretations are not determined.
    """,
    "category": "exact",
    "experiments": ("exact",),
    "artifacts": ("summary",),
}

HEADINGS: Mapping[str, str] = {
    "n_circuits": "Share of all perfect circuits",
    "n_interpretations": "Share of all interpretations",
}
_HEIGHT = 3.2


def make(material: Material) -> Figure:
    """The figure."""
    summaries = material.by_family()
    by_width = {str(max(f.hidden)): summaries[f.name] for f in material.families}
    return draw_exact(by_width, material.protocols)


def draw_exact(summaries: Mapping[str, pd.DataFrame], protocols: Sequence[str]) -> Figure:
    """Draws which share of the exact count each protocol's count reaches.

    Args:
        summaries: The artifact ``summary`` by width.
        protocols: Those shown; the one that admits everything is what they are compared with.

    Returns:
        A panel per quantity; a message if no network converged.
    """
    capped = [protocol for protocol in protocols if protocol != ALL]
    found = pd.concat(shares(own, capped).assign(width=width) for width, own in summaries.items())
    if found.empty:
        families = [str(summary["family"].iloc[0]) for summary in summaries.values()]
        return message_figure(f"{', '.join(families)}: no network to compare")
    found["hollow"] = found["how"] == ESTIMATE
    strips = ("width", "share", list(summaries), capped)
    with house_style():
        figure = figure_of(TEXT_WIDTH, _HEIGHT, constrained=True)
        for axes, quantity in zip(figure.subplots(1, len(COMPARED)), COMPARED, strict=True):
            rows = found[found["quantity"] == quantity]
            axes.axhline(1, color=FAINT, linewidth=0.8, zorder=1)
            draw_strips(axes, rows, *strips)
            axes.set_title(HEADINGS[quantity], loc="left", weight="bold")
            networks = rows.groupby("width")["network_id"].nunique()
            lines = {
                "width k": list(summaries),
                "networks": [number(int(networks.get(width, 0))) for width in summaries],
            }
            write_ticks(axes, lines | none_of(rows, *strips), quantity == COMPARED[0])
        draw_legend(figure, capped, {}, "hollow: of an estimate" if found["hollow"].any() else "")
    return figure
