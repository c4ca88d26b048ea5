"""Circuits of networks that tell two digits apart, family by family."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from identifiability.digits.tables import by_family
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.numerals import number
from identifiability.report.printed import Cell, Printed, beside, code, lines, table

EXHIBIT = {
    "number": "J",
    "title": "Circuits of networks that tell two digits apart, by family",
    "caption": """
        Perfect circuits of the last layers of networks that tell two digits apart, by pair
        of digits, neurons of the last layers (input of the circuits first) and protocol:
        the median over converged networks, the fewest and the most.
    """,
    "category": "digits",
    "experiments": ("digits",),
    "artifacts": ("digit_summary",),
}


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return by_family(material.by_family("digit_summary"), material.scope.digit_families)


def printed(found: Findings) -> Printed:
    """A row per family, a column per protocol."""
    whole = found.tables["digit_families"]
    protocols = [p for p in found.shown if p in set(whole["protocol"])]
    rows = []
    for name, family in found.settings.digit_families.items():
        own = whole[whole["family"] == name].set_index("protocol").to_dict("index")
        first = own[protocols[0]]
        rows.append(
            [
                "{} and {}".format(*family.digits),
                ", ".join(map(str, family.circuit_sizes)),
                f"{number(first['converged'])} of {number(first['networks'])}",
                *(_circuits(own[p]) for p in protocols),
            ]
        )
    return table(
        ["1fr left", "auto left", *["auto right"] * (1 + len(protocols))],
        [["Digits", "Layers", "Converged", *map(code, protocols)]],
        lines(rows),
    )


def _circuits(row: Mapping[Hashable, Any]) -> Cell:
    """The median, the fewest and the most."""
    extremes = f"{number(row['fewest'])}–{number(row['most'])}" if row["converged"] else ""
    return beside(number(row["median"]), extremes)
