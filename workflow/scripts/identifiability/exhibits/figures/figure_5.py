"""Figure 5: all explanations by gate (Méloux et al., ICLR 2025, Fig. 5)."""

from matplotlib.figure import Figure

from identifiability.drawing.boxes import draw_totals
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "5",
    "title": "All explanations by gate",
    "caption": """
        Interpretations that differ on rows which the inputs reach, interpretations with every
        completion of the other rows, and minimal mappings, all in total, by gate. One row of
        panels per protocol. A point is a converged network, the mean over its targets. Networks
        without any explanation are left out of the box and counted below it, as in the paper.
    """,
    "category": "gate",
    "experiments": ("gate",),
    "artifacts": ("summary",),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_totals(material.sweeps(), material.protocols)
