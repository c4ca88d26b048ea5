"""Whether the intervals of estimated interpretations hold the exact numbers."""

import pandas as pd

from identifiability.evidence.coverage import compared_cells, coverage
from identifiability.exhibits.material import Material
from identifiability.stages.rows import EXACT

EXHIBIT = {
    "number": "I",
    "title": "Estimates of interpretations against their exact numbers",
    "caption": """
        Networks whose interpretations are all counted, estimated again from circuits drawn
        as they are for wider networks. Level `cell`: n cells (hidden neurons, edges) that
        are not drawn whole; else n totals under a protocol. The share of the 95% intervals
        (estimate ± 1.96 standard errors) that hold the exact number stands with its Wilson
        interval, which takes them as independent: totals of different networks are, cells
        of one network are not. The error is the median standard error as a share of the
        estimate; not determined is what has one above a tenth. What was drawn whole is no
        estimate and is left out.
    """,
    "category": "exact",
    "experiments": ("exact",),
    "artifacts": ("networks", "cells"),
    "engine": ("drawn_per_cell", "tie_tolerance"),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    networks, cells = material.by_family("networks"), material.by_family("cells")
    compared = {
        family.name: (
            family.single_output_sizes,
            compared_cells(
                networks[family.name],
                cells[family.name],
                per_cell=material.engine["drawn_per_cell"],
                tie_tolerance=material.engine["tie_tolerance"],
            ),
        )
        for family in material.families
        if (cells[family.name]["how"] == EXACT).all()
    }
    return coverage(compared, material.scope.protocols)
