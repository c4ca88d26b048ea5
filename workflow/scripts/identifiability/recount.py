"""Recounts the summary of some networks with the plain module, from nothing but their weights.

A second path to the numbers of the paper's replication: what ``plain`` finds in the stored
networks is compared with what the pipeline wrote. Nothing here uses the engine.

Every candidate circuit is judged by forward passes of its own and every formula is tried at every
place. Interpretations are counted circuit by circuit, listed one by one up to a limit. Where a
network has more circuits than there is time for, only those of some cells (hidden neurons, edges)
are counted, drawn at random and taken whole, and compared with the summary less the totals that
the pipeline wrote for the other cells. What was covered stands beside every number.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from multiprocessing import get_context
from random import Random
from typing import Any

import pandas as pd

from identifiability import plain
from identifiability.errors import UserError
from identifiability.plain import Edges, Formula, FormulaRule, PlainNetwork, PlainRules

log = logging.getLogger(__name__)

PROTOCOLS = ("released", "text", "strict")
"""The protocols that are recounted."""
_FLAGS = {"released": "for_sample", "text": "for_model", "strict": "for_model"}
"""Column of circuits and cells that says what is perfect under a protocol."""
_INTERPRETATIONS = (
    "n_interpretations",
    "n_interpretations_reachable",
    "n_circuits_interpretable",
    "n_circuits_one_interpretation",
)
_COLUMNS = (
    *("family", "seed", "network_id", "target", "protocol"),
    *("quantity", "summary", "recount", "agrees", "coverage"),
)

Cell = tuple[int, int]
FormulaList = tuple[tuple[int, ...], FormulaRule, int]
"""Names a list of formulas: the truth table of its target, the rule, and the depth."""
Comparison = tuple[str, int, int, str]
"""A quantity, the number that the pipeline wrote, the one recounted, and what was covered."""


@dataclass(frozen=True)
class Effort:
    """How much is recounted.

    Attributes:
        cases: Pairs of a network and a target per family, at least; a network has as many as it
            has outputs.
        wide_cases: The same of families whose networks have more than a million sets of edges.
        circuits: Circuits per protocol whose interpretations are counted. If there are more, whole
            cells are drawn at random that have no more together.
        listed: Interpretations of a circuit are listed one by one up to this many.
        listed_in_all: And up to this many of one network and target, the shortest lists first;
            those of further circuits are multiplied from their parts.
        seed: Seed of all draws.
    """

    cases: int
    wide_cases: int
    circuits: int
    listed: int
    listed_in_all: int
    seed: int


@dataclass(frozen=True)
class Case:
    """One network seen through one of its outputs.

    Attributes:
        network: With this output alone.
        target: Name of the target.
        table: The target's bit per input row.
        validation: Number of samples per input row on which ``released`` judges circuits.
        keys: ``family``, ``seed`` and ``network_id``.
    """

    network: PlainNetwork
    target: str
    table: tuple[int, ...]
    validation: tuple[int, ...]
    keys: Mapping[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons per layer."""
        return tuple(self.network.layer_sizes)

    @property
    def name(self) -> str:
        """Names the case in messages, and in the seed of its draws."""
        return f"{self.keys['network_id']} {self.target}"


@dataclass(frozen=True)
class Recount:
    """What the plain module finds in one case.

    Attributes:
        circuits: Perfect circuits by their ids, per protocol.
        counted: Those of them whose interpretations are counted.
        interpretations: Number of interpretations, of reachable ones, and whether they were
            listed one by one, by circuit.
        mappings: Number of minimal mappings of every formula, per protocol.
    """

    circuits: Mapping[str, Mapping[str, Cell]]
    counted: Mapping[str, frozenset[str]]
    interpretations: Mapping[str, tuple[int, int, bool]]
    mappings: Mapping[str, Sequence[int]]


# Which networks ----------------------------------------------------------------------------------


def choose(networks: pd.DataFrame, effort: Effort) -> pd.DataFrame:
    """Some converged networks of a family, drawn at random.

    Args:
        networks: Rows of the artifact ``networks``, of one family.
        effort: How many.

    Returns:
        Their rows; fewer if fewer converged.
    """
    converged = networks[networks["converged"].astype(bool)]
    if converged.empty:
        return converged
    first = converged.iloc[0]
    n_cases = effort.wide_cases if _is_wide(first["layer_sizes"]) else effort.cases
    n = ceil(n_cases / len(first["targets"]))
    ids = sorted(converged["network_id"])
    drawn = Random(f"{effort.seed} {first['family']}").sample(ids, min(n, len(ids)))
    return converged[converged["network_id"].isin(drawn)]


def _is_wide(layer_sizes: Sequence[int]) -> bool:
    """Whether such networks, seen through one output, have more than a million sets of edges."""
    sizes = [int(size) for size in layer_sizes[:-1]] + [1]
    n_edges = sum(a * b for a, b in pairwise(sizes))
    return n_edges >= 20


def cases(networks: pd.DataFrame, tables: Mapping[str, tuple[int, ...]]) -> list[Case]:
    """Every network through every one of its outputs.

    Args:
        networks: Rows of the artifact ``networks``.
        tables: Truth tables of the targets, by name.
    """
    found = []
    for row in networks.to_dict("records"):
        network = PlainNetwork(
            [[[float(w) for w in to] for to in layer] for layer in row["weights"]],
            [[float(b) for b in layer] for layer in row["biases"]],
            row["activation"],
            float(row["negative_slope"]),
            row["output_activation"],
        )
        for index, target in enumerate(row["targets"]):
            found.append(
                Case(
                    network.single_output(index),
                    target,
                    tables[target],
                    tuple(int(n) for n in row["validation"]),
                    {name: row[name] for name in ("family", "seed", "network_id")},
                )
            )
    return found


# What the plain module finds ---------------------------------------------------------------------


def rules_of(protocol: str, shape: Sequence[int]) -> PlainRules:
    """A protocol's rules; ``released`` judges circuits on the validation sample (D01, D13)."""
    if protocol == "released":
        return replace(plain.released(max(shape[1:-1])), reference="sample")
    return plain.text() if protocol == "text" else plain.strict()


def circuit_id(edges: Edges) -> str:
    """A circuit's id in the artifacts."""
    return "|".join(",".join(layer) for layer in edges)


def edges_of(circuit_id: str) -> Edges:
    """The circuit of an id."""
    return [layer.split(",") for layer in circuit_id.split("|")]


def cell_of(edges: Edges) -> Cell:
    """Numbers of hidden neurons and of edges that a circuit keeps."""
    n_hidden = sum("1" in string for layer in edges[:-1] for string in layer)
    return n_hidden, sum(string.count("1") for layer in edges for string in layer)


def admits(rules: PlainRules, shape: Sequence[int], cell: Cell) -> bool:
    """Whether rules on sparsity let circuits of a cell through (D02, D03)."""
    n_hidden = sum(shape[1:-1])
    n_edges = sum(a * b for a, b in pairwise(shape))
    removed = n_hidden - cell[0]
    if removed == 0 and not rules.full_node_set:
        return False
    if rules.sparsity_measure == "node":
        return plain.is_above(removed, n_hidden, rules.sparsity_above)
    if rules.sparsity_measure == "combined":
        removed += n_edges - cell[1]
        return plain.is_above(removed, n_hidden + n_edges, rules.sparsity_above)
    return True


def perfect_circuits(case: Case) -> dict[str, dict[str, Cell]]:
    """The perfect circuits under every protocol, with their cells, by their ids.

    ``text`` and ``strict`` agree on what is perfect, so the circuits of ``text`` are those of
    ``strict`` that it admits.
    """
    rows = plain.input_rows(case.shape[0])
    sample = list(zip(rows, case.table, case.validation, strict=True))
    rules = {protocol: rules_of(protocol, case.shape) for protocol in PROTOCOLS}
    released = plain.perfect_circuits(case.network, case.table, rules["released"], sample)
    strict = plain.perfect_circuits(case.network, case.table, rules["strict"])
    found = {
        "released": {circuit_id(edges): cell_of(edges) for edges in released},
        "strict": {circuit_id(edges): cell_of(edges) for edges in strict},
    }
    found["text"] = {
        name: cell
        for name, cell in found["strict"].items()
        if admits(rules["text"], case.shape, cell)
    }
    return found


def whole_cells(circuits: Mapping[str, Cell], most: int, draw: Random) -> frozenset[str]:
    """All circuits, or if they are more than ``most`` those of whole cells drawn at random."""
    if len(circuits) <= most:
        return frozenset(circuits)
    by_cell = defaultdict(list)
    for name, cell in circuits.items():
        by_cell[cell].append(name)
    order = sorted(by_cell)
    draw.shuffle(order)
    chosen: list[str] = []
    for cell in order:
        if len(chosen) + len(by_cell[cell]) <= most:
            chosen += by_cell[cell]
    return frozenset(chosen)


def recount(case: Case, formulas: Mapping[str, Sequence[Formula]], effort: Effort) -> Recount:
    """Recounts one network and target.

    Args:
        case: The network and its target.
        formulas: Candidate algorithms per protocol.
        effort: How much is listed.
    """
    draw = Random(f"{effort.seed} {case.name}")
    circuits = perfect_circuits(case)
    counted = {
        protocol: whole_cells(circuits[protocol], effort.circuits, draw) for protocol in PROTOCOLS
    }

    multiplied = {
        name: plain.multiply_interpretations(case.network, edges_of(name))
        for name in sorted(frozenset.union(*counted.values()))
    }
    # The shortest lists first, so that as many circuits as possible have theirs.
    interpretations = {}
    left = effort.listed_in_all
    for name, numbers in sorted(multiplied.items(), key=lambda item: item[1][0]):
        listed = numbers[0] <= min(effort.listed, left)
        if listed:
            numbers = plain.count_interpretations(
                case.network, edges_of(name), limit=effort.listed
            )
            left -= numbers[0]
        interpretations[name] = (*numbers, listed)

    mappings = {
        protocol: [
            len(plain.minimal_mappings(case.network, formula, rules_of(protocol, case.shape)))
            for formula in formulas[protocol]
        ]
        for protocol in PROTOCOLS
    }
    return Recount(circuits, counted, interpretations, mappings)


def recount_all(
    every: Sequence[Case], effort: Effort, processes: int
) -> Iterator[tuple[Case, dict[str, int], Recount]]:
    """Recounts all cases, on several processors.

    Args:
        every: The cases.
        effort: How much is listed.
        processes: Number of processors.

    Yields:
        Per case, the number of candidate circuits by protocol, and what was found.
    """
    shapes = sorted({case.shape for case in every})
    lists = sorted({one for case in every for one in _formula_lists(case).values()})
    # Wide networks take longest, so they go first.
    order = sorted(every, key=lambda case: case.shape, reverse=True)
    # Forked, as the main module of a Snakemake job cannot be imported a second time.
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        numbers = dict(zip(shapes, pool.map(_count_candidates, shapes), strict=True))
        formulas = dict(zip(lists, pool.map(_list_formulas, lists), strict=True))
        jobs = []
        for case in order:
            own = {protocol: formulas[one] for protocol, one in _formula_lists(case).items()}
            jobs.append(pool.submit(recount, case, own, effort))
        for case, job in zip(order, jobs, strict=True):
            yield case, numbers[case.shape], job.result()


def _formula_lists(case: Case) -> dict[str, FormulaList]:
    """The list of formulas that a case needs, by protocol."""
    depth = len(case.shape) - 1
    return {p: (case.table, rules_of(p, case.shape).formulas, depth) for p in PROTOCOLS}


def _list_formulas(one: FormulaList) -> list[Formula]:
    """The formulas of a list."""
    return plain.formulas(*one)


def _count_candidates(shape: tuple[int, ...]) -> dict[str, int]:
    """Number of candidate circuits by protocol."""
    return {
        protocol: sum(1 for _ in plain.candidates(shape, rules_of(protocol, shape)))
        for protocol in PROTOCOLS
    }


# Comparison --------------------------------------------------------------------------------------


def compare(
    case: Case,
    n_candidates: Mapping[str, int],
    found: Recount,
    stored: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Compares what was recounted with what the pipeline wrote.

    Args:
        case: The network and target.
        n_candidates: Number of candidate circuits by protocol.
        found: What the plain module finds.
        stored: The artifacts ``summary``, ``cells``, ``circuits`` and ``interpretations``, whose
            rows of other networks and targets are left aside.

    Returns:
        Rows of the artifact ``recount``.

    Raises:
        UserError: If the summary has no row for the case under a protocol.
    """
    own = {
        name: frame[
            (frame["network_id"] == case.keys["network_id"]) & (frame["target"] == case.target)
        ]
        for name, frame in stored.items()
    }
    rows = []
    for protocol in PROTOCOLS:
        of_protocol = own["summary"][own["summary"]["protocol"] == protocol]
        if len(of_protocol) != 1:
            raise UserError(
                f"{case.name}: the summary should have one row for protocol {protocol}, "
                f"not {len(of_protocol)}"
            )
        totals = of_protocol.iloc[0]
        comparisons = [
            ("n_candidates", totals["n_candidates"], n_candidates[protocol], "all, one by one"),
            *_mappings(totals, found.mappings[protocol]),
        ]
        if totals["counted"]:
            cells = _admitted(own["cells"], protocol, case)
            circuits = _admitted(own["circuits"], protocol, case)
            comparisons += _interpretations(totals, cells, protocol, found)
            comparisons.append(_listed(circuits, own["interpretations"], protocol, found))
        rows += [
            {
                **case.keys,
                "target": case.target,
                "protocol": protocol,
                "quantity": quantity,
                "summary": str(int(summary)),
                "recount": str(recounted),
                "agrees": int(summary) == recounted,
                "coverage": coverage,
            }
            for quantity, summary, recounted, coverage in comparisons
        ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _admitted(rows: pd.DataFrame, protocol: str, case: Case) -> pd.DataFrame:
    """The rows of ``circuits`` or ``cells`` that a protocol lets through."""
    rules = rules_of(protocol, case.shape)
    through = [
        flag and admits(rules, case.shape, (hidden, edges))
        for flag, hidden, edges in zip(
            rows[_FLAGS[protocol]], rows["n_hidden"], rows["n_edges"], strict=True
        )
    ]
    return rows[pd.Series(through, index=rows.index, dtype=bool)]


def _mappings(totals: pd.Series, numbers: Sequence[int]) -> Iterator[Comparison]:
    """Compares algorithms and mappings.

    Args:
        totals: The row of the summary.
        numbers: Minimal mappings per formula.
    """
    coverage = f"all {len(numbers)} formulas, every variable at every place"
    for quantity, number in {
        "n_algorithms": sum(n > 0 for n in numbers),
        "n_mappings": sum(numbers),
        "n_algorithms_one_mapping": sum(n == 1 for n in numbers),
    }.items():
        yield quantity, totals[quantity], number, coverage


def _interpretations(
    totals: pd.Series, cells: pd.DataFrame, protocol: str, found: Recount
) -> Iterator[Comparison]:
    """Compares perfect circuits and, where they are not estimates, their interpretations.

    Args:
        totals: The row of the summary.
        cells: The rows of ``cells`` that the protocol lets through.
        protocol: The protocol.
        found: What the plain module finds.
    """
    circuits, counted = found.circuits[protocol], found.counted[protocol]
    yield "n_circuits", totals["n_circuits"], len(circuits), "all candidates, one by one"
    if totals["how"] != "exact":
        return

    numbers = [found.interpretations[name] for name in counted]
    n_listed = sum(listed for _, _, listed in numbers)
    coverage = f"{len(counted)} of {len(circuits)} circuits"
    stored = {quantity: int(totals[quantity]) for quantity in _INTERPRETATIONS}
    if len(counted) < len(circuits):
        chosen = {circuits[name] for name in counted}
        names = zip(cells["n_hidden"], cells["n_edges"], strict=True)
        other = [cell not in chosen for cell in names]
        for quantity in _INTERPRETATIONS:
            stored[quantity] -= sum(map(int, cells.loc[other, quantity]))
        coverage += f" in {len(chosen)} of {len(set(circuits.values()))} cells, drawn at random"
    coverage += f"; {n_listed} listed, the others multiplied"
    recounted = (
        sum(n for n, _, _ in numbers),
        sum(reachable for _, reachable, _ in numbers),
        sum(n > 0 for n, _, _ in numbers),
        sum(n == 1 for n, _, _ in numbers),
    )
    for quantity, number in zip(_INTERPRETATIONS, recounted, strict=True):
        yield quantity, stored[quantity], number, coverage


def _listed(
    circuits: pd.DataFrame, interpretations: pd.DataFrame, protocol: str, found: Recount
) -> Comparison:
    """Compares circuits one by one, as far as the pipeline lists them.

    Args:
        circuits: The rows of ``circuits`` that the protocol lets through.
        interpretations: The rows of ``interpretations``.
        protocol: The protocol.
        found: What the plain module finds.

    Returns:
        How many are listed, and how many of these the plain module confirms: they are perfect
        and, where it counted them, have as many interpretations.
    """
    columns = ("circuit_id", "n_interpretations", "n_interpretations_reachable")
    numbers = {
        name: (int(completions), int(reachable))
        for name, completions, reachable in interpretations[[*columns]].itertuples(index=False)
    }
    n_confirmed = 0
    n_counted = 0
    for name in circuits["circuit_id"]:
        confirmed = name in found.circuits[protocol] and name in numbers
        if confirmed and name in found.interpretations:
            n_counted += 1
            confirmed = found.interpretations[name][:2] == numbers[name]
        n_confirmed += confirmed
    coverage = f"each listed circuit; interpretations of {n_counted} of them"
    return "n_circuits_listed", len(circuits), n_confirmed, coverage


def recount_families(
    families: Sequence[str],
    read: Callable[[str, str], pd.DataFrame],
    tables: Mapping[str, tuple[int, ...]],
    effort: Effort,
    processes: int,
) -> pd.DataFrame:
    """Recounts some networks of every family, and compares.

    Args:
        families: Their slugs.
        read: Reads an artifact, by its name, of a family.
        tables: Truth tables of all targets, by name.
        effort: How much is recounted.
        processes: Number of processors.

    Returns:
        Rows of the artifact ``recount``.
    """
    every: list[Case] = []
    stored: dict[str, dict[str, pd.DataFrame]] = {}
    for family in families:
        chosen = choose(read("networks", family), effort)
        every += cases(chosen, tables)
        stored[family] = {}
        for artifact in ("summary", "cells", "circuits", "interpretations"):
            frame = read(artifact, family)
            stored[family][artifact] = frame[frame["network_id"].isin(chosen["network_id"])]
        log.info("%s: %d networks drawn", family, len(chosen))

    rows: list[pd.DataFrame] = []
    for done, (case, n_candidates, found) in enumerate(recount_all(every, effort, processes), 1):
        rows.append(compare(case, n_candidates, found, stored[case.keys["family"]]))
        n_wrong = int((~rows[-1]["agrees"]).sum())
        log.info("%d/%d %s: %d disagreements", done, len(every), case.name, n_wrong)
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(_COLUMNS))


def check(rows: pd.DataFrame) -> None:
    """Makes sure that the plain module confirms every number.

    Args:
        rows: Rows of the artifact ``recount``.

    Raises:
        UserError: If there is a disagreement; names every row.
    """
    wrong = rows[~rows["agrees"].astype(bool)]  # without rows, the column has no type
    if len(wrong):
        named = "; ".join(
            f"{row.network_id} {row.target} {row.protocol} {row.quantity}: {row.summary} in the "
            f"results, {row.recount} recounted"
            for row in wrong.itertuples()
        )
        raise UserError(
            f"the plain module finds {len(wrong)} other numbers than the engine: {named}"
        )


def report(rows: pd.DataFrame, families: Sequence[str], effort: Effort) -> str:
    """What was recounted, in Markdown.

    Args:
        rows: Rows of the artifact ``recount``.
        families: All families that networks were drawn from.
        effort: How much was to be recounted.

    Returns:
        A note, a table by family and protocol, and one of the cases that were counted in part.
    """
    partial = rows[
        (rows["quantity"] == "n_interpretations")
        & rows["coverage"].astype(str).str.contains(" cells")
    ]
    table = []
    for family in families:
        for protocol in PROTOCOLS:
            own = rows[(rows["family"] == family) & (rows["protocol"] == protocol)]
            table.append(
                {
                    "family": family,
                    "protocol": protocol,
                    "networks": own["network_id"].nunique(),
                    "with targets": len(own[["network_id", "target"]].drop_duplicates()),
                    "numbers": len(own),
                    "confirmed": int(own["agrees"].sum()),
                    "in part": len(own.index.intersection(partial.index)),
                }
            )
    note = (
        f"{len(rows):,} numbers of the summary, recounted by the plain module from the networks' "
        f"weights alone; it confirms {int(rows['agrees'].sum()):,}. Interpretations were listed "
        f"one by one up to {effort.listed:,} per circuit and {effort.listed_in_all:,} per network "
        "and target, the shortest lists first, and multiplied from their parts beyond. Where a "
        f"protocol has more than {effort.circuits:,} perfect circuits in a network, all of them "
        "were found, but only the interpretations of some cells (hidden neurons, edges) counted: "
        "these are the cases below that are counted in part. recount.parquet says what every "
        "number covers."
    )
    parts = [note, pd.DataFrame(table).to_markdown(index=False)]
    if len(partial):
        shown = partial[["network_id", "target", "protocol", "coverage"]]
        parts += ["Counted in part:", shown.to_markdown(index=False)]
    return "\n\n".join(parts) + "\n"
