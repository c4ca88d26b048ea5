"""The colours of figures, report and explorer; whatever a colour says, something else says too.

They can be told apart by colour-blind readers: Okabe and Ito's for points and lines, Tol's light
scheme for fills under text.
"""

from collections.abc import Sequence
from typing import NamedTuple

INK = "#222222"
FAINT = "#B8B8B8"
STRIP = "#EEEEEE"
"""Fill of the strip in which networks are counted that have none."""
INPUT = "#EEEEEE"
"""Fill of a network's inputs."""
NEGATIVE = "#D55E00"
"""Edges with a negative weight; they are dashed, too."""

VARIABLES = (
    "#77AADD", "#EEDD88", "#EE8866", "#99DDFF", "#44BB99", "#FFAABB", "#BBCC33", "#DDDDDD",
)  # fmt: skip
"""Fills for the variables of an algorithm, all light enough for black type."""


class Look(NamedTuple):
    """How a protocol is drawn.

    Attributes:
        colour: Its colour.
        marker: The marker of its points.
    """

    colour: str
    marker: str


_OWN_LOOKS = {
    "released": Look("#0072B2", "o"),
    "text": Look("#CC79A7", "s"),
    "strict": Look("#009E73", "^"),
}
_FURTHER_LOOKS = (
    Look("#E69F00", "D"),
    Look("#56B4E9", "v"),
    Look("#D55E00", "P"),
    Look("#000000", "X"),
)


def looks(protocols: Sequence[str]) -> dict[str, Look]:
    """The look of every protocol: fixed for the three of the paper, a cycle for further ones."""
    further = [name for name in protocols if name not in _OWN_LOOKS]
    return {
        name: _OWN_LOOKS[name]
        if name in _OWN_LOOKS
        else _FURTHER_LOOKS[further.index(name) % len(_FURTHER_LOOKS)]
        for name in protocols
    }
