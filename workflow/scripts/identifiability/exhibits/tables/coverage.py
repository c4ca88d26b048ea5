"""Whether the intervals of estimated interpretations hold the exact numbers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from identifiability.evidence.coverage import CELL_LEVEL, compared_cells, coverage
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings, label_of
from identifiability.report.numerals import interval, number, percent, small_percent
from identifiability.report.printed import (
    Cell,
    Printed,
    beside,
    code,
    faint,
    lines,
    spanning,
    table,
)
from identifiability.stages.rows import EXACT

EXHIBIT = {
    "number": "I",
    "title": "Estimates of interpretations against their exact numbers",
    "caption": """
        Networks whose interpretations are all counted, estimated again from circuits drawn
        as they are for wider networks: for cells (hidden neurons, edges) that are not
        drawn whole, and for totals under a protocol, the share of the 95% intervals
        (estimate ± 1.96 standard errors) that hold the exact number. Its Wilson interval
        takes them as independent: totals of different networks are, cells of one network
        are not. The error is the median standard error as a share of the estimate.
        Estimates whose error exceeds a tenth are not determined, and what was drawn whole
        is no estimate and is left out.
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


def printed(found: Findings) -> Printed:
    """How often intervals hold the exact numbers, by family and level."""
    whole = found.tables["coverage"]
    every = whole[whole["quantity"] == "n_interpretations"].to_dict("records")
    reachable = whole[whole["quantity"] == "n_interpretations_reachable"].to_dict("records")
    rows = [
        [
            label_of(found.settings.families[one["family"]]),
            "cells" if one["level"] == CELL_LEVEL else code(one["level"]),
            number(one["n"]),
            *_held(one),
            *_held(other),
        ]
        for one, other in zip(every, reachable, strict=True)
        if one["n"]
    ]
    heads = ["All interpretations", "On reachable rows"]
    return table(
        ["1fr left", "auto left", *["auto right"] * 5],
        [
            [None, None, None, *(spanning(head, across=2) for head in heads)],
            ["Networks", "Level", "n", *[faint("holding the truth"), faint("error")] * 2],
        ],
        lines(rows),
    )


def _held(row: Mapping[Any, Any]) -> tuple[Cell, Cell]:
    """The share of intervals that hold the exact number, and the error of the estimates."""
    spread = interval(row["share_held_low"], row["share_held_high"], share=True)
    return beside(percent(row["share_held"]), spread), small_percent(row["relative_error"])
