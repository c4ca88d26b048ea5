"""One look for every figure, and one way to save them.

Sizes are inches on paper, so that a figure included at its own size keeps its type at 7 points
or more. Their colours are those of ``palette``.
"""

import io
import json
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import MatplotlibDeprecationWarning, rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from identifiability.drawing.palette import INK
from identifiability.store.files import written_whole

# The pinned seaborn still says `vert` to the pinned matplotlib: nothing that a user can mend.
warnings.filterwarnings("ignore", "vert: bool was deprecated", MatplotlibDeprecationWarning)

TEXT_WIDTH = 5.5
"""Width of the text block of an ICLR page, in inches."""
COLUMN_WIDTH = 3.25
"""Width of one of two columns, in inches."""

TEXT_SIZE = 7.0
"""Size of type, in points; nothing is smaller."""
TITLE_SIZE = 8.0
LINE_HEIGHT = 1.4 * TEXT_SIZE / 72
"""Height of a line of type, in inches."""
CHARACTER_WIDTH = 0.51 * TEXT_SIZE / 72
"""Ample width of a character in running text, in inches, for setting space aside."""

_SETTINGS: Any = {
    # Matplotlib brings this font along, so that a figure is the same on every machine.
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    # Text as wide at every resolution, and as in the PDF.
    "text.hinting": "none",
    "font.size": TEXT_SIZE,
    "axes.titlesize": TITLE_SIZE,
    "axes.labelsize": TEXT_SIZE,
    "xtick.labelsize": TEXT_SIZE,
    "ytick.labelsize": TEXT_SIZE,
    "legend.fontsize": TEXT_SIZE,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "identifiability",
}
_UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {},
}
_SAYS = {"svg": "Description", "pdf": "Subject", "png": "Description"}
"""Where each format says what made it."""


def house_style() -> AbstractContextManager[None]:
    """The settings under which every figure is drawn and saved."""
    return rc_context(_SETTINGS)


@contextmanager
def fixed_jitter() -> Iterator[None]:
    """Has seaborn, which jitters by numpy's global generator, jitter alike in every run."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def figure_of(width: float, height: float, *, constrained: bool = False) -> Figure:
    """An empty figure of a size in inches; it is not registered with pyplot.

    Args:
        width: In inches.
        height: In inches.
        constrained: Whether matplotlib's constrained layout gives everything its place.
    """
    return Figure(figsize=(width, height), layout="constrained" if constrained else None)


def message_figure(text: str) -> Figure:
    """A figure that says in words why there is nothing to show."""
    with house_style():
        figure = figure_of(COLUMN_WIDTH, 1.0)
        figure.text(0.5, 0.5, text, ha="center", va="center", wrap=True, fontsize=TITLE_SIZE)
    return figure


def save(
    figure: Figure, paths: Iterable[str | Path], made_by: Mapping[str, str] | None = None
) -> None:
    """Writes a figure in the format of each path's suffix (svg, png or pdf).

    The bytes depend on the figure and on what made it alone: no dates, no random identifiers. Each
    file is written beside its place and then renamed.

    Args:
        figure: What to write.
        paths: Where to.
        made_by: What ``artifacts.provenance`` says; goes into the metadata of each file, as JSON.
    """
    _settle(figure)
    said = json.dumps(dict(made_by or {}))
    for path in map(Path, paths):
        format = path.suffix.removeprefix(".")
        with written_whole(path) as file, house_style():
            figure.savefig(file, format=format, metadata=_UNDATED[format] | {_SAYS[format]: said})


def as_svg(figure: Figure) -> str:
    """A figure as the text of an SVG element, to be put into a page."""
    _settle(figure)
    text = io.StringIO()
    with house_style():
        figure.savefig(text, format="svg", metadata=_UNDATED["svg"])
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def _settle(figure: Figure) -> None:
    """Lays a figure out once for all formats, and alike in every run.

    The solver of constrained layout sums in the order of addresses, so that the last digits of
    what it finds differ from run to run; an SVG has names made of all digits.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        with house_style():
            engine.execute(figure)
            # With an engine, be it one that does nothing, every format would be drawn twice.
            figure.set_layout_engine(None)
        for axes in figure.axes:
            axes.set_position(Bbox(axes.get_position().get_points().round(6)))


def wrapped(text: str, width: float) -> list[str]:
    """Lines of text that fit into a width in inches."""
    return textwrap.wrap(text, int(width / CHARACTER_WIDTH))
