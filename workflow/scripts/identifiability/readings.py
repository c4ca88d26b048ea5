"""Every reading: all criteria of the protocols that can be switched, crossed.

The criteria of circuits and those of algorithms and mappings are crossed apart, as neither bears
on the answers of the other. Values stand from the one that admits most to the one that admits
least. By this rule the following is left out: what judges on noisy inputs, which is for networks
trained with noise alone; tolerances, which measure nearness instead of rounding; `sparsest`
algorithms and mappings, which choose among what the other criteria admit; and lists of formulas
with twins counted apart where every placement of NOT is listed once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any, Literal

from identifiability.protocols import RELEASED, STRICT, TEXT, Protocol

Side = Literal["circuits", "mappings"]


@dataclass(frozen=True)
class Criterion:
    """Something that a reader of the paper can decide one way or another.

    Attributes:
        name: What results call it.
        title: What it is about, in words.
        values: The settings of a protocol for each value, by the value's name; from the one that
            admits most to the one that admits least.
    """

    name: str
    title: str
    values: Mapping[str, Mapping[str, Any]]


def _formulas(of: Protocol, twins: str) -> dict[str, Any]:
    """The settings for a list of formulas, whose variables go with it."""
    return {"formulas": of.formulas, "variables": of.variables, "twins": twins}


CIRCUITS = (
    Criterion(
        "reference",
        "perfect for (D01)",
        {name: {"reference": name} for name in ("sample", "target", "model")},
    ),
    Criterion(
        "node_set",
        "full node set (D02)",
        {"full": {"full_node_set": True}, "not full": {"full_node_set": False}},
    ),
    Criterion(
        "sparsity",
        "sparsity (D03)",
        {
            name: {"sparsity": of.sparsity, "sparsity_above": of.sparsity_above}
            for name, of in (("any", STRICT), ("of nodes", RELEASED), ("combined", TEXT))
        },
    ),
    Criterion("complete", "complete", {"no": {"complete": False}, "yes": {"complete": True}}),
    Criterion(
        "circuits",
        "which circuits",
        {name: {"circuits": name} for name in ("all", "minimal", "sparsest")},
    ),
)
"""Of circuits and their interpretations."""
MAPPINGS = (
    Criterion(
        "formulas",
        "formulas (D05, D06)",
        {
            "every": _formulas(STRICT, "one"),
            "text": _formulas(TEXT, "apart"),
            "text, twins one": _formulas(TEXT, "one"),
            "code": _formulas(RELEASED, "apart"),
            "code, twins one": _formulas(RELEASED, "one"),
        },
    ),
    Criterion(
        "pairs", "pairs (D04)", {"6": {"pairs": "source_before_base"}, "16": {"pairs": "all"}}
    ),
    Criterion("layers", "layers", {name: {"layers": name} for name in ("any", "ordered")}),
    Criterion("steps", "steps", {n: {"steps": n} for n in ("any", "live", "irredundant")}),
    Criterion(
        "interventions",
        "interventions",
        {name: {"interventions": name} for name in ("single", "joint")},
    ),
    Criterion(
        "unmapped", "unmapped neurons", {name: {"unmapped": name} for name in ("free", "inert")}
    ),
)
"""Of algorithms and their mappings."""
SIDES: Mapping[Side, tuple[Criterion, ...]] = {"circuits": CIRCUITS, "mappings": MAPPINGS}


@dataclass(frozen=True)
class Reading:
    """One combination of the criteria of a side.

    Attributes:
        side: Which criteria are crossed.
        values: The name of each one's value, by the name of the criterion.
        protocol: ``strict`` with these criteria.
    """

    side: Side
    values: Mapping[str, str]
    protocol: Protocol


@cache
def readings(side: Side) -> tuple[Reading, ...]:
    """All combinations of the criteria of a side, the one that admits most first."""
    criteria = SIDES[side]
    found = []
    for names in product(*(criterion.values for criterion in criteria)):
        values = {c.name: name for c, name in zip(criteria, names, strict=True)}
        settings = {
            key: value
            for criterion in criteria
            for key, value in criterion.values[values[criterion.name]].items()
        }
        name = f"{side}: {' / '.join(names)}"
        found.append(Reading(side, values, replace(STRICT, name=name, **settings)))
    return tuple(found)


def reading_of(protocol: Protocol, side: Side) -> Reading:
    """The combination that is a protocol's, as far as the criteria of a side go."""
    keys = {key for criterion in SIDES[side] for v in criterion.values.values() for key in v}
    (found,) = (
        reading
        for reading in readings(side)
        if all(getattr(reading.protocol, key) == getattr(protocol, key) for key in keys)
    )
    return found
