"""Figure 9: explanations by loss cutoff, in detail (Méloux et al., ICLR 2025, Fig. 9)."""

from matplotlib.figure import Figure

from identifiability.drawing.boxes import draw_details
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "9",
    "title": "Explanations by loss cutoff, in detail",
    "caption": """
        Circuits, their interpretations that differ on rows which the inputs reach and with every
        completion, algorithms, and minimal mappings per algorithm, against the loss at which
        training of networks that learn XOR stops. One row of panels per protocol. A point is a
        converged network, the mean over its targets. Networks without any explanation are left
        out of the box and counted below it, as in the paper.
    """,
    "category": "loss",
    "experiments": ("loss",),
    "artifacts": ("summary",),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_details(material.sweeps()[0], material.protocols)
