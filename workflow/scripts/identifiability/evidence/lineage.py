"""What each figure and table is about, and how the artifacts behind it came about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Literal

from identifiability.config.settings import Config
from identifiability.evidence.ladder import LADDER
from identifiability.evidence.ledger import Difference, Ledger
from identifiability.evidence.runs import Row, Run

_EXAMPLE = ("summary", "networks", "circuits", "interpretations", "mappings")


DIGITS = "digits"
"""The experiment whose families are networks of another kind."""
Protocols = Literal["all", "shown", "example", "ladder", "claims", "differences"]


@dataclass(frozen=True)
class Basis:
    """What a figure or table rests on.

    Attributes:
        rule: The rule that makes it.
        title: What it shows.
        protocols: Which protocols it shows: ``all``, all but the variants (``shown``), that of the
            example, the steps of the ladder, those of its claims, or those of the differences.
        experiments: Whose families it is about.
        artifacts: What it reads of each of them.
        claims: The claims that it measures, and whose files it reads; ``*`` for all.
    """

    rule: str
    title: str
    protocols: Protocols
    experiments: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ("summary",)
    claims: tuple[str, ...] = ()


def _boxes(title: str, *experiments: str) -> Basis:
    return Basis("figure_boxes", title, "shown", experiments)


def _example(name: str, title: str) -> Basis:
    return Basis(name, title, "example", ("example",), (*_EXAMPLE, "formulas"))


def _digits(rule: str, title: str, *further: str) -> Basis:
    return Basis(rule, title, "shown", (DIGITS,), ("digit_summary", *further))


FIGURE_BASES: Mapping[str, Basis] = {
    "figure_2": _example("figure_2", "What both strategies find in one network"),
    "figure_3": _boxes("All explanations by width and by number of tasks", "size", "tasks"),
    "figure_4": _example("figure_4", "The sparsest circuits of one network"),
    "figure_5": _boxes("All explanations by gate", "gate"),
    "figure_6": _boxes("Explanations by gate, in detail", "gate"),
    "figure_7": _boxes("Explanations by width, in detail", "size"),
    "figure_8": _boxes("Explanations by number of tasks, in detail", "tasks"),
    "figure_9": _boxes("Explanations by loss cutoff, in detail", "loss"),
    "figure_counts": Basis("figure_counts", "The four counts over networks", "shown", ("basic",)),
    "figure_ladder": Basis(
        "figure_ladder", "Which criterion leaves one explanation", "ladder", ("size", "tasks")
    ),
    "figure_exact": Basis(
        "figure_exact", "How far capped counts lie under exact ones", "shown", ("exact",)
    ),
    "figure_digits": _digits(
        "figure_digits",
        "Circuits in the last layers of networks that tell two digits apart",
        "digit_circuits",
    ),
}
"""The figures, by the stem of their files."""
TABLE_BASES: Mapping[str, Basis] = {
    "table_1": _example("table_1", "All interpretations of one circuit"),
    "table_2": _example("table_2", "All minimal mappings of one network"),
    "table_3": Basis(
        "table_3",
        "Means without and with noise in training",
        "claims",
        ("noise",),
        claims=("C15", "C16", "C17", "C18", "C19", "C20"),
    ),
    "table_4": Basis(
        "table_4",
        "Regressions on the entropy of the inputs",
        "claims",
        ("distribution",),
        claims=("C21", "C22", "C23", "C24", "C25", "C26"),
    ),
    "table_ladder": Basis(
        "table_ladder", "Which criterion leaves one explanation", "ladder", ("size", "tasks")
    ),
    "tests": Basis(
        "table_tests",
        "Tests between numbers of tasks, and between loss cutoffs",
        "claims",
        ("tasks", "loss"),
        claims=("C11", "C12", "C13"),
    ),
    "untrained": Basis(
        "table_untrained",
        "Untrained networks that compute a gate",
        "shown",
        ("untrained",),
        ("summary", "untrained"),
    ),
    "coverage": Basis(
        "table_coverage",
        "Estimates of interpretations against their exact numbers",
        "shown",
        ("exact",),
        ("networks", "cells"),
    ),
    "digits": _digits("table_digits", "Circuits of every network that tells two digits apart"),
    "digit_families": _digits(
        "table_digit_families", "Circuits of networks that tell two digits apart, by family"
    ),
    "claims": Basis("claims", "The claims, part by part, with verdicts", "claims", claims=("*",)),
    "verdicts": Basis(
        "table_verdicts", "The verdicts in short", "claims", artifacts=("claims",), claims=("*",)
    ),
    "differences": Basis("table_differences", "Each difference switched alone", "differences"),
}
"""The tables, by the stem of their files."""
BASES: Mapping[str, Basis] = {**FIGURE_BASES, **TABLE_BASES}


def claims_files(ledger: Ledger, names: Sequence[str] = ("*",)) -> list[str]:
    """The files that some claims are measured on; all claims by default."""
    listed = ledger.claims if "*" in names else names
    return list(dict.fromkeys(file for name in listed for file in ledger.claims[name].files))


def protocols_of(
    name: str, config: Config, ledger: Ledger, differences: Iterable[Difference]
) -> list[str]:
    """The protocols that a figure or table shows.

    Args:
        name: One of ``BASES``.
        config: What is run.
        ledger: The claims, restricted to the families of the run.
        differences: The differences.
    """
    basis = BASES[name]
    if basis.protocols == "example":
        return [config.example_protocol]
    if basis.protocols == "shown":
        return [protocol.name for protocol in config.shown]
    if basis.protocols == "all":
        families = [f for name in basis.experiments for f in config.experiments[name].families]
        names = [protocol.name for family in families for protocol in config.protocols_of(family)]
    elif basis.protocols == "ladder":
        names = [step.protocol for steps in LADDER.values() for step in steps]
    elif basis.protocols == "differences":
        pairs = [pair for difference in differences for pair in difference.comparisons]
        names = [side.protocol for pair in pairs for side in pair]
    else:
        listed = ledger.claims if "*" in basis.claims else basis.claims
        names = [p for claim in listed for p in ledger.claims[claim].protocols]
    return list(dict.fromkeys(names))


def artifacts(run: Run, behind: Mapping[str, Iterable[str]]) -> list[Row]:
    """How the artifacts of some files came about, by what the files say.

    Args:
        run: The run.
        behind: The files, each with those that it was made from, as ``Run.behind`` has them.

    Returns:
        A row per artifact, each after those that it was made from: ``artifact``, the rules that
        made it (``rule``; none where the files do not say), and the artifacts that it was made
        from (``from``).
    """
    rules: dict[str, set[str]] = defaultdict(set)
    made_from: dict[str, set[str]] = defaultdict(set)
    for file, inputs in behind.items():
        name = artifact_of(file)
        _, says = run.metadata(file)
        rules[name] |= {says["rule"]} if "rule" in says else set()
        # A family that is cut into shards is made from these, which are the same artifact.
        made_from[name] |= {artifact_of(other) for other in inputs} - {name}
    # Sorted, for a set of names has another order in every process.
    order = [*TopologicalSorter({a: sorted(made_from[a]) for a in sorted(rules)}).static_order()]
    return [
        {"artifact": a, "rule": sorted(rules[a]), "from": [b for b in order if b in made_from[a]]}
        for a in order
    ]


def artifact_of(file: str) -> str:
    """The artifact that a file is, or is a shard of, by where it lies below the run's folder."""
    return Path(file).with_suffix("").parts[1]
