"""Figure 8: explanations by number of tasks, in detail (Méloux et al., ICLR 2025, Fig. 8)."""

from matplotlib.figure import Figure

from identifiability.drawing.boxes import draw_details
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "8",
    "title": "Explanations by number of tasks, in detail",
    "caption": """
        Circuits, their interpretations that differ on rows which the inputs reach and with every
        completion, algorithms, and minimal mappings per algorithm, against the number of tasks.
        One row of panels per protocol. A point is a converged network, the mean over its targets.
        Networks without any explanation are left out of the box and counted below it, as in the
        paper.
    """,
    "category": "tasks",
    "experiments": ("tasks",),
    "artifacts": ("summary",),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_details(material.sweeps()[0], material.protocols)
