"""The report's tables, ready to be set (paper/replication.typ): every exhibit's, and two more."""

from collections.abc import Sequence
from importlib import import_module

from identifiability.circuits.shapes import count_candidates
from identifiability.evidence.sweeps import VARIATIONS, cutoff_of
from identifiability.exhibits.exhibit import TABLES
from identifiability.networks.families import Family
from identifiability.report.criteria import of_circuits, of_interventions, of_variables
from identifiability.report.findings import Findings, setting_of
from identifiability.report.numerals import listed, number
from identifiability.report.printed import (
    Cell,
    Piece,
    Printed,
    block,
    code,
    faint,
    lines,
    of_frame,
    table,
)

_EXPERIMENTS = {
    "basic": "nothing",
    **{name: variation.words for name, variation in VARIATIONS.items()},
    "noise": "noise on training inputs, at two cutoffs",
    "distribution": "probabilities of the inputs",
    "untrained": "nothing: no training",
    "exact": "width k, counted without a cap",
}
"""What the experiments vary."""


def report_tables(found: Findings) -> dict[str, Printed]:
    """Every table of the report, by name: as its module says, or else as it is."""
    made = {"experiments": experiments(found), "protocols": protocols(found)}
    for exhibit in TABLES:
        module = import_module(f"identifiability.exhibits.tables.{exhibit.name}")
        printed = getattr(module, "printed", None)
        made[exhibit.name] = printed(found) if printed else of_frame(found.tables[exhibit.name])
    return made


# Experiments -------------------------------------------------------------------------------------


def experiments(found: Findings) -> Printed:
    """Experiments: what varies, the gates, and how many networks converged at every setting."""
    rows = []
    for name, varied in _EXPERIMENTS.items():
        experiment = found.settings.experiments.get(name)
        for families in (experiment.families, experiment.released) if experiment else ():
            if families:
                widths = listed(sorted({str(max(f.hidden)) for f in families}))
                converged = _converged(name, families, found)
                rows.append([name, varied, _gates(families), widths, converged])
    heads = ["Experiment", "Varies", "Gates", "k", "Converged networks"]
    return table([*["auto left"] * 4, "1fr left"], [heads], lines(rows))


def _gates(families: Sequence[Family]) -> str:
    """What the networks of some families learn."""
    pools = dict.fromkeys(tuple(gate.name for gate in family.gates) for family in families)
    words = [pool[0] if len(pool) == 1 else f"drawn from {len(pool)}" for pool in pools]
    return listed(words)


def _converged(experiment: str, families: Sequence[Family], found: Findings) -> Cell:
    """How many networks of every setting of an experiment converged, and of how many."""
    networks = [found.summaries[f.name].groupby("network_id")["converged"].all() for f in families]
    trained = listed(list(dict.fromkeys(number(len(n)) for n in networks)))
    pieces: list[Piece] = []
    for family, n in zip(families, networks, strict=True):
        converged, setting = number(int(n.sum())), _setting(experiment, family)
        comma = "" if family is families[-1] else ","
        together = {"unbroken": [converged, faint(f"({setting}){comma}")]}
        pieces.append(together if setting else f"{converged}{comma}")
    return [*pieces, f"of {trained}" + (" each" if len(families) > 1 else "")]


def _setting(experiment: str, family: Family) -> str:
    """What tells a family from the others of its experiment; empty where there is no other."""
    if experiment == "noise":
        noise = "noise" if family.training.noise else "no noise"
        return f"{noise}, {cutoff_of(family)}"
    return setting_of(experiment, family) if experiment in VARIATIONS else ""


# Protocols ---------------------------------------------------------------------------------------


def protocols(found: Findings) -> Printed:
    """The three protocols, criterion by criterion, and their candidates by width."""
    settings = found.settings
    shown = [settings.protocols[name] for name in found.shown]
    numbers = found.formulas.groupby(["target", "protocol"]).size()
    inputs = settings.experiments["basic"].families[0].n_inputs
    criteria = [
        of_circuits(p)
        | of_interventions(p, inputs)
        | {"Formulas for XOR (D05, D06)": number(int(numbers["XOR", p.name]))}
        | of_variables(p)
        for p in shown
    ]
    # All digits of candidates, as in the text.
    candidates = [
        [
            f"Candidate circuits, k = {max(size[1:-1])}",
            *(f"{p.n_candidates(size, count_candidates(size)):,}" for p in shown),
        ]
        for size in sorted({family.single_output_sizes for family in settings.used})
    ]
    return table(
        ["1.25fr left", *["1fr left"] * len(shown)],
        [["Criterion", *(code(p.name) for p in shown)]],
        [
            block([[name, *(one[name] for one in criteria)] for name in criteria[0]]),
            block(candidates),
        ],
    )
