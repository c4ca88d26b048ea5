"""Figure 7: explanations by width, in detail (Méloux et al., ICLR 2025, Fig. 7)."""

from matplotlib.figure import Figure

from identifiability.drawing.boxes import draw_details
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "7",
    "title": "Explanations by width, in detail",
    "caption": """
        Circuits, their interpretations that differ on rows which the inputs reach and with every
        completion, algorithms, and minimal mappings per algorithm, against the width of the
        hidden layers. One row of panels per protocol. A point is a converged network, the mean
        over its targets. Networks without any explanation are left out of the box and counted
        below it, as in the paper. Each network draws its gate; diamonds are the medians of
        networks trained on XOR alone, as the released code does (D14). Hatched: interpretations
        are estimated, since there are too many circuits to interpret them all. Counts that not
        even an estimate determines are left open.
    """,
    "category": "size",
    "experiments": ("size",),
    "artifacts": ("summary",),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_details(material.sweeps()[0], material.protocols)
