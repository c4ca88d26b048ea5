"""How a table of the report is written down: text in cells, to be set by paper/style.typ.

Everything a reader sees is decided in Python: labels, digits, what is put together in a cell. The
function ``printed`` of a table's own module does so; the Typst source has one layout for all.

A cell is text, None if it is empty, or a list of pieces with a space between them. A piece is text
or a dictionary that names its look, such as ``{"bold": "0.012"}``; looks may lie in each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from identifiability.report.numerals import number

Piece = str | Mapping[str, Any]
Cell = Piece | Sequence[Any] | None
Row = Sequence[Cell]
Block = dict[str, Any]
Printed = dict[str, Any]

MOST_ROWS = 24
"""How many rows of a table of unknown length are printed."""


def table(
    columns: Sequence[str],
    heads: Sequence[Row],
    blocks: Iterable[Block],
    *,
    tight: bool = False,
    more: int = 0,
) -> Printed:
    """A table.

    Args:
        columns: Width and alignment of every column: ``1fr right``.
        heads: Rows of heads. Plain text is set in bold, and what spans columns in the middle.
        blocks: What a thin rule stands between. None for a table of nothing.
        tight: Whether cells have less space around them.
        more: Rows left out, which a last line says.
    """
    return {
        "columns": columns,
        "heads": heads,
        "blocks": list(blocks),
        "tight": tight,
        "last": f"and {number(more)} more" if more else "",
    }


def of_frame(frame: pd.DataFrame) -> Printed:
    """A table as it is: a column each, numbers to be read."""
    shown = frame.head(MOST_ROWS)
    rows = [[_text(value) for value in row] for row in shown.itertuples(index=False)]
    columns = ["auto left"] * len(frame.columns)
    return table(columns, [[*frame.columns]], lines(rows), more=len(frame) - len(shown))


def _text(value: Any) -> str | None:
    """What a data frame holds, as text; None for what is missing."""
    if pd.isna(value):
        return None
    return value if isinstance(value, str) else number(value)


def block(rows: Sequence[Row], heading: Cell = None) -> Block:
    """Rows of cells, below a heading that spans all columns if there is one."""
    return {"rows": rows, "heading": heading}


def lines(rows: Sequence[Row]) -> list[Block]:
    """The blocks of a table with no rule between its rows; none if it has no row."""
    return [block(rows)] if rows else []


def bold(cell: Cell) -> Piece:
    """A piece in bold."""
    return {"bold": cell}


def faint(cell: Cell) -> Piece:
    """A piece in small grey letters."""
    return {"faint": cell}


def code(name: str) -> Piece:
    """The name of a protocol."""
    return {"code": name}


def beside(piece: Cell, small: Cell) -> Cell:
    """A piece with another one in small grey letters after it, if there is one."""
    return [piece, faint(small)] if small else piece


def above(piece: Cell, small: Cell) -> Cell:
    """A piece with another one in small grey letters below it, if there is one."""
    return [piece, {"below": small}] if small else piece


def spanning(cell: Cell, *, across: int = 1, down: int = 1) -> Piece:
    """A cell that spans several columns or rows; what it covers is left out of its rows."""
    return {"cell": cell, "across": across, "down": down}
