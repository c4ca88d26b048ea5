"""What is drawn in a figure, whatever drew it."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from unittest.mock import patch

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from identifiability.drawing import style

FORMATS = ("svg", "png", "pdf")


def texts_of(figure: Figure) -> list[Text]:
    """Every text that is drawn: no tick beyond the end of its axis, for one."""
    found, draw = [], Text.draw

    def note(text: Text, renderer: RendererBase) -> None:
        found.append(text)
        draw(text, renderer)

    figure.set_dpi(300)
    with patch.object(Text, "draw", note), style.house_style():
        FigureCanvasAgg(figure).draw()
    visible = [text for text in dict.fromkeys(found) if text.get_visible()]
    return [text for text in visible if text.get_text().strip()]


def words_of(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts_of(figure))


def points_of(axes: Axes) -> list[PathCollection]:
    """The points of strips; a hollow one is white."""
    return [each for each in axes.collections if isinstance(each, PathCollection)]


def values_of(axes: Axes) -> list[float]:
    """The values of all points of strips."""
    return sorted(value for each in points_of(axes) for value in each.get_offsets()[:, 1])


def medians_of(axes: Axes) -> list[list[float]]:
    """Medians of strips, as [protocol][place]."""
    return [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "_"]


def intervals_of(axes: Axes) -> list[Line2D]:
    """The intervals of medians: upright lines that have two ends."""
    return [
        line
        for line in axes.lines
        if len(set(line.get_xdata())) == 1 and np.isfinite(line.get_ydata()).all()
        if line.get_marker() != "_"
    ]


def table_of(axes: Axes) -> list[list[str]]:
    """The table below the places, as [line][place]."""
    return list(
        map(list, zip(*(t.get_text().split("\n") for t in axes.get_xticklabels()), strict=True))
    )


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.axison]


def assert_legible(figure: Figure) -> None:
    """No text is cut off, small or over another."""
    texts = texts_of(figure)
    boxes = [Text.get_window_extent(text) for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
        assert text.get_fontsize() >= style.TEXT_SIZE
    for (one, box), (other, another) in combinations(zip(texts, boxes, strict=True), 2):
        assert not box.padded(-1).overlaps(another.padded(-1)), (one, other)


def assert_the_same_every_time(draw: Callable[[], Figure], folder: Path) -> None:
    """Two runs write equal bytes."""
    for run in ("first", "second"):
        style.save(draw(), [folder / run / f"figure.{format}" for format in FORMATS])
    for format in FORMATS:
        first, second = (folder / run / f"figure.{format}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def assert_fit_for_print(figure: Figure, folder: Path) -> None:
    """What is legible, in files with outlines for type, no dates and enough pixels, on a page."""
    assert_legible(figure)
    paths = {format: folder / f"figure.{format}" for format in FORMATS}
    style.save(figure, paths.values())
    pdf = paths["pdf"].read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/CreationDate" not in pdf
    with Image.open(paths["png"]) as image:
        assert image.width >= 200 * figure.get_figwidth() - 1
        assert image.info["dpi"][0] >= 200
    svg = paths["svg"].read_text()
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    assert style.COLUMN_WIDTH <= figure.get_figwidth() <= style.TEXT_WIDTH
    assert figure.get_figheight() <= 8.5
