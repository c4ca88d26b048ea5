"""The audit of numbers: the plain module counts again, from nothing but the stored weights.

Nothing here uses the engine; only the truth tables of the gates are shared. Some converged
networks are drawn at random, each seen through one of its outputs. In networks with fewer than 20
edges every candidate circuit is judged by forward passes of its own; in wider ones only candidates
and circuits drawn at random are. Interpretations are listed one by one, up to a limit per circuit
and per network, and multiplied from their parts beyond. Formulas drawn at random are tried at
every place by interventions, one at a time. What was covered stands beside every number.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pandas as pd
from scipy.stats import binomtest

from identifiability import plain
from identifiability.audit.cases import (
    MAPPED,
    MAX_JOINT_VARIABLES,
    RECOUNTED,
    SAME,
    Case,
    Cell,
    Compared,
    Drawn,
    Effort,
    Work,
    admits,
    cell_of,
    circuit_id,
    edges_kept,
    edges_of,
    load_cases,
    parse_plain,
    rows_of_file,
    rules_of,
)
from identifiability.networks.gates import gate
from identifiability.plain import Edges, Formula

_FLAGS = {"released": "for_sample", "text": "for_model", "strict": "for_model"}
"""Column of circuits and cells that says what is perfect under a protocol."""
_INTERPRETATIONS = (
    "n_interpretations",
    "n_interpretations_reachable",
    "n_circuits_interpretable",
    "n_circuits_one_interpretation",
)
_WITHIN = {"within_50": 0.5, "within_10": 0.1, "within_02": 0.02}
"""Columns of circuits and cells that say which circuits are how near the network."""
IMPROBABLE = 1e-6
"""Draws that a total makes less probable than this do not agree with it."""

Places = tuple[list[int], list[list[int]]]


def recount(folder: Path, drawn: Drawn, effort: Effort) -> list[Compared]:
    """Recounts one network, and compares.

    Args:
        folder: The run's folder.
        drawn: The network.
        effort: How much is recounted.
    """
    work = load_cases(folder, drawn, effort)
    found = [*outputs(work)]
    if drawn.output is None:
        return [*found, *drawn_circuits(work), *drawn_candidates(work)]
    if work.case.is_sampled:
        found += [*drawn_circuits(work), *drawn_candidates(work)]
    else:
        found += recount_every_circuit(work)
    return [*found, *tried_formulas(work), *interventions(work)]


def outputs(work: Work) -> Iterator[Compared]:
    """Compares the outputs, by a forward pass on every input, and whether all are right."""
    own = [plain.forward(work.case.network, row)[-1][0] for row, _, _ in work.case.sample]
    apart = max(abs(a - b) for a, b in zip(work.outputs, own, strict=True))
    compared = work.compare("outputs", f"outputs on {len(own)} inputs", work.outputs, own)
    yield replace(compared, agrees=apart <= SAME)
    if work.functional is not None:
        written = bool(work.stored["summary"]["functional"].any())
        yield work.compare("outputs", "right on every input", written, work.functional)


# Circuits and interpretations --------------------------------------------------------------------


@cache
def recount_candidates(shape: tuple[int, ...], protocol: str) -> int:
    """Number of candidate circuits, one by one."""
    return sum(1 for _ in plain.candidates(shape, rules_of(protocol, shape)))


def recount_circuits(case: Case) -> dict[str, dict[str, Cell]]:
    """The perfect circuits under every protocol, with their cells, by their ids.

    ``text`` and ``strict`` agree on what is perfect, so the circuits of ``text`` are those of
    ``strict`` that it admits.
    """
    rules = {protocol: rules_of(protocol, case.shape) for protocol in RECOUNTED}
    sample = list(case.sample)
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


def whole_cells(circuits: Mapping[str, Cell], most: int, random: Random) -> frozenset[str]:
    """All circuits, or if they are more than ``most`` those of whole cells drawn at random."""
    if len(circuits) <= most:
        return frozenset(circuits)
    by_cell = defaultdict(list)
    for name, cell in circuits.items():
        by_cell[cell].append(name)
    order = sorted(by_cell)
    random.shuffle(order)
    chosen: list[str] = []
    for cell in order:
        if len(chosen) + len(by_cell[cell]) <= most:
            chosen += by_cell[cell]
    return frozenset(chosen)


def draw_candidates(shape: Sequence[int], number: int, random: Random) -> tuple[list[Edges], int]:
    """Candidates without any cap, each as probable as any other.

    Sets of edges are drawn until enough of them are circuits: no edge leaves or enters a neuron
    that is not kept, and every neuron kept has one of both, the inputs one that leaves.

    Returns:
        The candidates, and the number of sets of edges that were drawn.
    """
    found: list[Edges] = []
    n_drawn = 0
    while len(found) < number:
        n_drawn += 1
        masks = [[random.getrandbits(below) for _ in range(own)] for below, own in pairwise(shape)]
        kept = (1 << shape[0]) - 1
        for layer in masks:
            used = 0
            for mask in layer:
                used |= mask
            if used != kept:
                break
            kept = sum(1 << i for i, mask in enumerate(layer) if mask)
        else:
            found.append(
                [
                    [f"{mask:0{below}b}"[::-1] for mask in layer]
                    for layer, below in zip(masks, shape, strict=False)
                ]
            )
    return found, n_drawn


def interpret(
    case: Case, circuits: Iterable[str], effort: Effort
) -> dict[str, tuple[int, int, bool]]:
    """Numbers of interpretations, of reachable ones, and whether they were listed, by circuit."""
    multiplied = {
        name: plain.multiply_interpretations(case.network, edges_of(name), case.tie)
        for name in sorted(circuits)
    }
    # The shortest lists first, so that as many circuits as possible have theirs.
    found = {}
    left = effort.listed_in_all
    for name, numbers in sorted(multiplied.items(), key=lambda item: item[1][0]):
        listed = numbers[0] <= min(effort.listed, left)
        if listed:
            numbers = plain.count_interpretations(
                case.network, edges_of(name), case.tie, effort.listed
            )
            left -= numbers[0]
        found[name] = (*numbers, listed)
    return found


def recount_every_circuit(work: Work) -> Iterator[Compared]:
    """Compares circuits and interpretations, every candidate being judged."""
    case, effort = work.case, work.effort
    circuits = recount_circuits(case)
    draw = work.draw("cells")
    counted = {p: whole_cells(circuits[p], effort.circuits, draw) for p in work.totals}
    numbers = interpret(case, frozenset().union(*counted.values()), effort)
    for protocol, totals in work.totals.items():
        yield work.compare(
            "circuits",
            "n_candidates",
            int(totals["n_candidates"]),
            recount_candidates(case.shape, protocol),
            protocol,
        )
        if not totals["counted"]:
            continue
        found = circuits[protocol]
        n_circuits = int(totals["n_circuits"])
        yield work.compare("circuits", "n_circuits", n_circuits, len(found), protocol)
        listed = set(_admitted(work, "circuits", protocol)["circuit_id"])
        cells = _admitted(work, "cells", protocol)
        wrong = listed - set(found)
        if cells["listed"].all():
            wrong |= set(found) - listed
        yield work.compare(
            "circuits", "circuits listed wrongly or not at all", 0, len(wrong), protocol
        )
        if totals["how"] == "exact":
            yield from _totals(work, protocol, cells, found, counted[protocol], numbers)
    yield from _interpreted(work, numbers)
    if any(totals["counted"] for totals in work.totals.values()):
        yield from _criteria(work, circuits["strict"])
        yield from _near(work)


def _criteria(work: Work, perfect: Iterable[str]) -> Iterator[Compared]:
    """Compares, of circuits drawn, which are minimal, complete, and both at once.

    Args:
        work: The network.
        perfect: All circuits that compute what it does.
    """
    kept = {name: plain.kept_edges(edges_of(name)) for name in perfect}

    @cache
    def is_complete(name: str) -> bool:
        return plain.is_complete(work.case.network, edges_of(name))

    rows = work.stored["circuits"]
    rows = rows[rows["circuit_id"].isin(kept.keys()) & rows["complete_minimal"].notna()]
    listed = rows.sort_values("circuit_id").to_dict("records")
    number = min(work.effort.sampled_circuits, len(listed))
    for row in work.draw("criteria").sample(listed, number):
        name = row["circuit_id"]
        inside = [other for other, edges in kept.items() if edges < kept[name]]
        own = {
            "minimal": not inside,
            "complete": is_complete(name),
            "complete_minimal": is_complete(name) and not any(map(is_complete, inside)),
        }
        said = {criterion: bool(row[criterion]) for criterion in own}
        yield work.compare("circuits", "minimal and complete", said, own, f"circuit {name}")


def _near(work: Work) -> Iterator[Compared]:
    """Compares which circuits are near the network and, of some drawn, which of them are minimal.

    Nothing where the run did not look into it.
    """
    rows, case = work.stored["circuits"], work.case
    rows = rows[rows["within_50"].notna()]
    if rows.empty:
        return
    every = plain.candidates(case.shape, rules_of("strict", case.shape))
    far = {circuit_id(edges): case.farthest(edges) for edges in every}
    widest = max(_WITHIN.values())
    kept = {n: plain.kept_edges(edges_of(n)) for n, distance in far.items() if distance < widest}
    if work.stored["cells"]["listed"].all():
        listed = set(rows.loc[rows["within_50"].astype(bool), "circuit_id"])
        wrong = listed ^ set(kept)
        yield work.compare(
            "circuits", "circuits near the network listed wrongly or not at all", 0, len(wrong)
        )
    drawn = rows.sort_values("circuit_id").to_dict("records")
    number = min(work.effort.sampled_circuits, len(drawn))
    for row in work.draw("near").sample(drawn, number):
        name, edges = row["circuit_id"], plain.kept_edges(edges_of(row["circuit_id"]))
        inside = [far[other] for other, others in kept.items() if others < edges]
        own = _near_by(far[name])
        for column, tolerance in _WITHIN.items():
            own[f"minimal_{column}"] = own[column] and min(inside, default=widest) >= tolerance
        said = {column: bool(row[column]) for column in own}
        yield work.compare("circuits", "near the network", said, own, f"circuit {name}")


def _totals(
    work: Work,
    protocol: str,
    cells: pd.DataFrame,
    circuits: Mapping[str, Cell],
    counted: frozenset[str],
    numbers: Mapping[str, tuple[int, int, bool]],
) -> Iterator[Compared]:
    """Compares the interpretations of all circuits, less those of cells that were not counted."""
    own = [numbers[name] for name in counted]
    recounted = (
        sum(n for n, _, _ in own),
        sum(reachable for _, reachable, _ in own),
        sum(n > 0 for n, _, _ in own),
        sum(n == 1 for n, _, _ in own),
    )
    chosen = {circuits[name] for name in counted}
    other = [c not in chosen for c in zip(cells["n_hidden"], cells["n_edges"], strict=True)]
    of = "" if len(counted) == len(circuits) else f" of {len(counted)} of {len(circuits)} circuits"
    for quantity, number in zip(_INTERPRETATIONS, recounted, strict=True):
        written = int(work.totals[protocol][quantity])
        if of:
            written -= sum(map(int, cells.loc[other, quantity]))
        yield work.compare("interpretations", quantity + of, written, number, protocol)


def _interpreted(work: Work, numbers: Mapping[str, tuple[int, int, bool]]) -> Iterator[Compared]:
    """Compares interpretations circuit by circuit, as far as the run lists them."""
    columns = ["circuit_id", "n_interpretations", "n_interpretations_reachable"]
    for name, completions, reachable in work.stored["interpretations"][columns].itertuples(
        index=False
    ):
        if name in numbers:
            *own, listed = numbers[name]
            how = "listed" if listed else "multiplied"
            yield work.compare(
                "interpretations",
                f"interpretations, {how}",
                [int(completions), int(reachable)],
                own,
                f"circuit {name}",
            )


def _admitted(work: Work, artifact: str, protocol: str) -> pd.DataFrame:
    """The rows of ``circuits`` or ``cells`` that a protocol lets through."""
    rows, rules = work.stored[artifact], rules_of(protocol, work.case.shape)
    through = [
        flag and admits(rules, work.case.shape, (hidden, edges))
        for flag, hidden, edges in zip(
            rows[_FLAGS[protocol]], rows["n_hidden"], rows["n_edges"], strict=True
        )
    ]
    return rows[pd.Series(through, index=rows.index, dtype=bool)]


# Networks with too many candidates ---------------------------------------------------------------


def drawn_circuits(work: Work) -> Iterator[Compared]:
    """Compares circuits drawn of those that are listed: in which senses perfect, and how read."""
    rows = work.stored["circuits"].sort_values("circuit_id").to_dict("records")
    number = min(work.effort.sampled_circuits, len(rows))
    drawn = work.draw("circuits").sample(rows, number)
    for row in drawn:
        edges = edges_of(row["circuit_id"])
        said = {flag: bool(row[flag]) for flag in ("for_target", "for_model", "for_sample")}
        where = f"circuit {row['circuit_id']}"
        yield work.compare("circuits", "perfect", said, work.case.verdict(edges), where)
        if row.get("within_50") is not None:
            near = {column: bool(row[column]) for column in _WITHIN}
            recounted = _near_by(work.case.farthest(edges))
            yield work.compare("circuits", "within a tolerance", near, recounted, where)
        cell = (row["n_hidden"], row["n_edges"])
        yield work.compare("circuits", "neurons and edges kept", cell, cell_of(edges), where)
        if row.get("for_model") and row.get("complete") is not None:
            own = plain.is_complete(work.case.network, edges)
            yield work.compare("circuits", "complete", bool(row["complete"]), own, where)
    if "interpretations" in work.stored:
        names = [row["circuit_id"] for row in drawn]
        yield from _interpreted(work, interpret(work.case, names, work.effort))


def drawn_candidates(work: Work) -> Iterator[Compared]:
    """Compares what is said of candidates drawn, and totals with how many of them are perfect."""
    case = work.case
    counted = {p: totals for p, totals in work.totals.items() if totals.get("counted", True)}
    if "strict" not in counted:
        return
    candidates, n_drawn = draw_candidates(
        case.shape, work.effort.candidates, work.draw("candidates")
    )
    verdicts = [case.verdict(edges) for edges in candidates]
    listed = set(work.stored["circuits"]["circuit_id"])
    wrong = [
        circuit_id(edges)
        for edges, verdict in zip(candidates, verdicts, strict=True)
        if _is_listed(work, edges, verdict) is not (circuit_id(edges) in listed)
    ]
    yield work.compare(
        "candidates",
        f"of {len(candidates)} drawn, in no cell, or listed wrongly or not at all",
        [],
        wrong,
    )
    n_all = int(counted["strict"]["n_candidates"])
    # The last draw is a candidate by design; so the others are what is tested.
    share = n_all / 2 ** edges_kept(case.shape)
    yield _probable(
        work, "candidates among sets of edges", "strict", len(candidates) - 1, n_drawn - 1, share
    )
    for protocol, totals in counted.items():
        rules = rules_of(protocol, case.shape)
        cells = [admits(rules, case.shape, cell_of(edges)) for edges in candidates]
        found = sum(
            admitted and verdict[_FLAGS[protocol]]
            for admitted, verdict in zip(cells, verdicts, strict=True)
        )
        for quantity, n, total in (
            ("candidates of the protocol among all", sum(cells), totals["n_candidates"]),
            ("perfect circuits among all candidates", found, totals["n_circuits"]),
        ):
            share = int(total) / n_all if n_all else -1.0
            yield _probable(work, quantity, protocol, n, len(candidates), share)


def _probable(
    work: Work, quantity: str, protocol: str, found: int, of: int, share: float
) -> Compared:
    """Compares how many of those drawn are of a kind with what they should be a share of."""
    compared = work.compare(
        "candidates", quantity, f"{share:.3g} of them", f"{found} of {of} drawn", protocol
    )
    possible = 0 <= share <= 1
    return replace(compared, agrees=possible and binomtest(found, of, share).pvalue >= IMPROBABLE)


def _near_by(farthest: float) -> dict[str, bool]:
    """Which tolerances a circuit is within, by the columns that say so."""
    return {column: farthest < tolerance for column, tolerance in _WITHIN.items()}


def _is_listed(work: Work, edges: Edges, verdict: Mapping[str, bool]) -> bool | None:
    """Whether the run should list a candidate; None if it has no cell for it, and should."""
    if "cells" not in work.stored:
        return any(verdict.values())
    cells, (hidden, kept) = work.stored["cells"], cell_of(edges)
    near = _near_by(work.case.farthest(edges))
    # Circuits that are near the network without being perfect are found where that is looked into.
    known = cells["within_50"].notna()
    sought = hidden <= cells.loc[known, "n_hidden"].max() and near["within_50"]
    if not any(verdict.values()) and not sought:
        return False
    alike = (cells["n_hidden"] == hidden) & (cells["n_edges"] == kept)
    for flag, value in verdict.items():
        alike &= cells[flag] == value
    for flag, value in near.items():
        alike &= (cells[flag] == value) | ~known
    return bool(cells.loc[alike, "listed"].any()) if alike.any() else None


# Algorithms and mappings -------------------------------------------------------------------------


def tried_formulas(work: Work) -> Iterator[Compared]:
    """Compares the minimal mappings of formulas drawn, every variable tried at every place."""
    case, effort = work.case, work.effort
    formulas, mappings = work.stored["formulas"], work.stored["mappings"]
    most = effort.sampled_formulas if case.is_sampled else effort.formulas
    for protocol in MAPPED:
        rules = rules_of(protocol, case.shape)
        rows = formulas[formulas["protocol"] == protocol].to_dict("records")
        if rules.interventions == "joint":
            rows = [row for row in rows if len(row["variables"]) <= MAX_JOINT_VARIABLES]
        written = mappings[mappings["protocol"] == protocol]
        drawn = work.draw(f"formulas {protocol}").sample(rows, min(most, len(rows)))
        for row in drawn:
            where = (protocol, row["formula"])
            formula = parse_plain(row["formula"])
            variables = plain.intermediate_variables(formula, rules.variables)
            names = [_variable(plain.subformula(formula, v)) for v in variables]
            said = [_variable(parse_plain(name)) for name in row["variables"]]
            yield work.compare("mappings", "variables", said, names, *where)
            steps = plain.steps_of(formula, rules.variables, case.shape[0])
            yield work.compare("mappings", "steps", row["steps"], steps, *where)
            own = written[written["formula_id"] == row["formula_id"]]
            found = plain.minimal_mappings(case.network, formula, rules)
            yield work.compare(
                "mappings",
                "minimal mappings",
                sorted(map(_places, own["layers"], own["neurons"])),
                sorted(_places([p for p, _ in one], [n for _, n in one]) for one in found),
                *where,
            )


def _variable(formula: Formula) -> str:
    """A variable, printed; its complement is the same."""
    while len(formula) == 2:
        formula = formula[1]
    return plain.formula_text(formula)


def _places(layers: Iterable[int], neurons: Iterable[Iterable[int]]) -> Places:
    """Layers and neurons of a mapping's variables as plain data."""
    return [int(layer) for layer in layers], [[int(n) for n in own] for own in neurons]


def interventions(work: Work) -> Iterator[Compared]:
    """Compares the IIA of variables at places drawn, one intervention after the other."""
    case = work.case
    # Any formula with the variable will do: those that share a key require the same of a place.
    users = {
        key: (row["formula"], row["protocol"], position)
        for row in work.stored["formulas"].to_dict("records")
        if row["protocol"] in RECOUNTED
        for position, key in enumerate(row["variable_ids"])
    }
    rows = [r for r in work.stored["alignment"].to_dict("records") if r["variable_id"] in users]
    for row in work.draw("places").sample(rows, min(work.effort.places, len(rows))):
        text, protocol, position = users[row["variable_id"]]
        formula = parse_plain(text)
        rules = rules_of(protocol, case.shape)
        variable = plain.intermediate_variables(formula, rules.variables)[position]
        neurons = [i for i, digit in enumerate(row["place"]) if digit == "1"]
        own = [
            float(plain.iia(case.network, formula, variable, row["layer"], neurons, pairs))
            for pairs in ("source_before_base", "all")
        ]
        written = [row["iia_source_before_base"], row["iia_all"]]
        place = f"{plain.formula_text(plain.subformula(formula, variable))} in {text}"
        compared = work.compare(
            "IIA", f"IIA at layer {row['layer']}, neurons {row['place']}", written, own, place
        )
        same = max(abs(a - b) for a, b in zip(written, own, strict=True)) <= SAME
        yield replace(compared, agrees=same)


def listed_formulas(folder: Path, file: str, target: str, protocol: str) -> list[Compared]:
    """Compares the whole list of candidate algorithms of a target under one protocol."""
    rows = rows_of_file(folder / file, target=target, protocol=protocol).sort_values("formula_id")
    rule = rules_of(protocol, (2, 3, 3, 1)).formulas
    own = plain.formulas(gate(target).table, rule, int(Path(file).stem.removeprefix("depth-")))
    said, printed = list(rows["formula"]), [plain.formula_text(formula) for formula in own]
    apart = len(set(said) ^ set(printed))
    compared = Compared(
        "formulas",
        f"{target} {protocol}",
        f"formulas listed, {apart} of them in one list only" if apart else "formulas listed",
        str(len(said)),
        str(len(printed)),
        said == printed,
    )
    return [compared]
