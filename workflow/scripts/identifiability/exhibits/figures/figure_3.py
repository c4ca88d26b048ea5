"""Figure 3: explanations by width and by number of tasks (Méloux et al., ICLR 2025, Fig. 3)."""

from matplotlib.figure import Figure

from identifiability.drawing.boxes import draw_totals, published_medians
from identifiability.exhibits.material import Material

EXHIBIT = {
    "number": "3",
    "title": "All explanations by width and by number of tasks",
    "caption": """
        Interpretations that differ on rows which the inputs reach, interpretations with every
        completion of the other rows (what the paper counts), and minimal mappings, all in total,
        against the width of the hidden layers and the number of tasks. One row of panels per
        protocol. A point is a converged network, the mean over its targets. Networks without any
        explanation are left out of the box and counted below it, as in the paper. By width, each
        network draws its gate; diamonds are the medians of networks trained on XOR alone, as the
        released code does (D14). Stars are the published medians (C07, C08). Hatched:
        interpretations are estimated, since there are too many circuits to interpret them all.
        Counts that not even an estimate determines are left open.
    """,
    "category": "size",
    "experiments": ("size", "tasks"),
    "artifacts": ("summary",),
    "paper": ("claims",),
}


def make(material: Material) -> Figure:
    """The figure."""
    return draw_totals(material.sweeps(), material.protocols, published_medians(material.ledger))
