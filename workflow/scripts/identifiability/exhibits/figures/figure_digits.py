"""Circuits in the last layers of networks that tell two digits apart (paper, section 4.3).

Above, the number of perfect circuits of every network, by family and protocol, with the published
numbers. Below, a row per network of the first family: which share of its circuits keeps each
neuron and each edge.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import PercentFormatter

from identifiability.digits.settings import DigitsFamily
from identifiability.digits.tables import CLAIM, kept_shares, published
from identifiability.drawing.palette import INK
from identifiability.drawing.strips import draw_legend, draw_strips, none_of, write_ticks
from identifiability.drawing.style import (
    TEXT_WIDTH,
    TITLE_SIZE,
    figure_of,
    house_style,
    message_figure,
)
from identifiability.exhibits.material import Material
from identifiability.report.numerals import exact, number
from identifiability.stages.protocol_filters import admitted, perfect

EXHIBIT = {
    "number": "D",
    "title": "Circuits in the last layers of networks that tell two digits apart",
    "caption": """
        Perfect circuits of the last layers of networks that tell two digits apart (paper,
        section 4.3). Above, a point is a network; bars are medians over the networks that
        converged, with 95% intervals where there are networks enough; lines at the first
        family are the published numbers, each of one network; networks with none are
        counted below the axis. Below, a row is a network of the first family, and colour
        the share of its perfect circuits under `released` that keeps a neuron or an edge
        (in, out and numbers are the inputs, the output and the hidden layers of the
        circuits); within a layer, neurons are in the order of their shares.
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary", "digit_circuits"),
    "paper": ("claims",),
}
_SHARES_UNDER = "released"

_PANEL = 1.8
"""Height of the upper panel, in inches."""
_AROUND_PANEL = 1.5
"""Height of all around the upper panel, in inches."""
_AROUND_ROWS = 0.9
"""Height of what stands above the rows of the lower part, in inches."""
_ROW = 0.125
"""Height of a network's row, in inches."""
_DASHES = ("dashed", "dotted")
_MAP = "cividis_r"


def make(material: Material) -> Figure:
    """The figure."""
    families = material.scope.digit_families
    protocol = next(p for p in material.scope.protocols if p.name == _SHARES_UNDER)
    found = material.by_family("digit_circuits")[families[0].name]
    shown = admitted(perfect(found, protocol), families[0].circuit_sizes, protocol)
    theirs = published(material.ledger.claims[CLAIM])
    return draw_digits(material.by_family("digit_summary"), families, shown, theirs, protocol.name)


def draw_digits(
    summaries: Mapping[str, pd.DataFrame],
    families: Sequence[DigitsFamily],
    circuits: pd.DataFrame,
    published: Mapping[str, float],
    protocol: str,
) -> Figure:
    """Draws how many circuits there are, and what they keep.

    Args:
        summaries: The artifact ``digit_summary`` by family.
        families: Their settings, the one of the paper's claim first.
        circuits: The artifact ``digit_circuits`` of that one, those perfect under ``protocol``.
        published: The published numbers by name.
        protocol: The protocol whose circuits the lower panel is about.

    Returns:
        The figure; a message if no network converged.
    """
    found = pd.concat(summaries.values())
    if not found["converged"].any():
        return message_figure(f"{', '.join(summaries)}: no network converged")
    n_rows = circuits["network_id"].nunique()
    heights = [_PANEL, _AROUND_ROWS + n_rows * _ROW] if n_rows else [_PANEL]
    with house_style():
        figure = figure_of(TEXT_WIDTH, _AROUND_PANEL + sum(heights), constrained=True)
        parts = figure.add_gridspec(len(heights), height_ratios=heights)
        keys = _draw_counts(figure.add_subplot(parts[0]), found, families, published)
        draw_legend(figure, list(dict.fromkeys(found["protocol"])), keys)
        if n_rows:
            _draw_shares(figure, parts[1], circuits, families[0], protocol)
    return figure


def _draw_counts(
    axes: Axes,
    found: pd.DataFrame,
    families: Sequence[DigitsFamily],
    published: Mapping[str, float],
) -> dict[str, Artist]:
    """Draws every network and their medians, and returns the keys of the published numbers."""
    axes.set_title("Perfect circuits", loc="left", weight="bold")
    # The paper reports one network of the first family.
    keys: dict[str, Artist] = {
        f"published, {name}: {exact(value)}": axes.plot(
            [-0.48, 0.48], [value] * 2, color=INK, linewidth=0.9, linestyle=dashes
        )[0]
        for (name, value), dashes in zip(published.items(), _DASHES, strict=False)
    }
    protocols = list(dict.fromkeys(found["protocol"]))
    rows = found[found["converged"]].astype({"n_circuits": float}).assign(hollow=False)
    strips = ("family", "n_circuits", [family.name for family in families], protocols)
    draw_strips(axes, rows, *strips)
    networks = found.drop_duplicates("network_id").groupby("family")["converged"]
    lines = {
        "digits": ["{}–{}".format(*family.digits) for family in families],
        "width k": [number(max(family.last)) for family in families],
        "converged": [
            f"{number(int(networks.sum()[f.name]))}/{number(int(networks.size()[f.name]))}"
            for f in families
        ],
    }
    write_ticks(axes, lines | none_of(rows, *strips), True)
    return keys


def _draw_shares(
    figure: Figure,
    part: SubplotSpec,
    circuits: pd.DataFrame,
    family: DigitsFamily,
    protocol: str,
) -> None:
    """Draws a row per network, a group of columns per layer of neurons and of edges."""
    by_network = {str(name): own["circuit_id"] for name, own in circuits.groupby("network_id")}
    ids = dict(sorted(by_network.items(), key=lambda network: (-len(network[1]), network[0])))
    sizes = family.circuit_sizes
    shares = [kept_shares(own.to_numpy(str), sizes) for own in ids.values()]
    layers = ["in", *map(str, range(1, len(sizes) - 1)), "out"]
    groups = {
        f"neurons\n{name}": np.array([neurons[layer] for neurons, _ in shares])
        for layer, name in enumerate(layers[1:-1])
    } | {
        f"edges\n{below} → {above}": np.array([edges[layer].ravel() for _, edges in shares])
        for layer, (below, above) in enumerate(pairwise(layers))
    }
    widths = [group.shape[1] for group in groups.values()]
    grid = part.subgridspec(1, len(groups), width_ratios=widths)
    panels = [figure.add_subplot(grid[i]) for i in range(len(groups))]
    for axes, (name, group) in zip(panels, groups.items(), strict=True):
        sns.heatmap(
            group, ax=axes, vmin=0, vmax=1, cmap=_MAP, cbar=False, xticklabels=False,
            yticklabels=False,
        )  # fmt: skip
        axes.set_title(name, fontsize="medium")
        axes.tick_params(length=0)
    at = np.arange(len(ids)) + 0.5
    panels[0].set_yticks(at, [name.rsplit("/")[-1] for name in ids])
    panels[0].set_ylabel("seed")
    panels[-1].yaxis.tick_right()
    panels[-1].yaxis.set_label_position("right")
    panels[-1].set_yticks(at, [number(len(own)) for own in ids.values()])
    panels[-1].set_ylabel("circuits")
    whose = "{}–{}, {}".format(*family.digits, protocol)
    bar = figure.colorbar(
        panels[0].collections[0], ax=panels, location="top", shrink=0.5, aspect=25,
        ticks=[0, 0.5, 1], format=PercentFormatter(1),
    )  # fmt: skip
    bar.set_label(
        f"Share of the circuits that keep each neuron and edge ({whose})",
        fontsize=TITLE_SIZE,
        weight="bold",
    )
