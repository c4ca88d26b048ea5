"""The audit of numbers: the plain module counts again, from nothing but the stored weights.

Nothing here uses the engine; only the truth tables of the gates are shared. Some converged
networks are drawn at random, each seen through one of its outputs. In networks with fewer than 20
edges every candidate circuit is judged by forward passes of its own; in wider ones only candidates
and circuits drawn at random are. Interpretations are listed one by one, up to a limit per circuit
and per network, and multiplied from their parts beyond. Formulas drawn at random are tried at
every place by interventions, one at a time. What was covered stands beside every number.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from scipy.stats import binomtest

from identifiability import plain
from identifiability.audit.checks import Check, Finding
from identifiability.gates import gate
from identifiability.plain import Edges, Formula, PlainNetwork, PlainRules, Sample

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
_STORED = ("summary", "cells", "circuits", "interpretations", "mappings", "alignment")
"""Artifacts about networks that are compared."""
_OF_NETWORKS = ("results/networks/", "results/digit_networks/")
_WHOLE_FAMILY = 3
"""Parts of the path of a file that holds a whole family, and not a shard of it."""
_WIDE = 20
"""Edges from which on not every candidate is judged: about a million sets of edges."""
_SAME = 1e-9
"""Two outputs no further apart are the same: the tie tolerance."""
_IMPROBABLE = 1e-6
"""Draws that a total makes less probable than this do not agree with it."""
_DEPTH = 3
"""Largest depth of formulas that the plain module lists."""

Cell = tuple[int, int]
Places = tuple[list[int], list[list[int]]]


@dataclass(frozen=True)
class Effort:
    """How much is recounted.

    Attributes:
        networks: Networks drawn, of all families together.
        seed: Seed of all draws.
        circuits: Circuits per protocol whose interpretations are counted. If there are more, whole
            cells are drawn at random that have no more together.
        wide_circuits: Circuits drawn of a wide network, of those that are listed.
        candidates: Candidates drawn of a wide network.
        listed: Interpretations of a circuit are listed one by one up to this many.
        listed_in_all: And up to this many of one network, the shortest lists first.
        formulas: Formulas drawn per protocol.
        wide_formulas: The same of a wide network.
        places: Variables at a place drawn, whose IIA is measured.
    """

    networks: int = 50
    seed: int = 0
    circuits: int = 300
    wide_circuits: int = 20
    candidates: int = 400
    listed: int = 100_000
    listed_in_all: int = 100_000
    formulas: int = 100
    wide_formulas: int = 8
    places: int = 60


@dataclass(frozen=True)
class Drawn:
    """A network that was drawn, and the output through which it is seen.

    Attributes:
        file: Its file of networks, below the run's folder.
        network_id: Its key.
        output: The output's position; None for networks of digits.
    """

    file: str
    network_id: str
    output: int | None


@dataclass(frozen=True)
class Compared:
    """A number that the run wrote, beside the one recounted.

    Attributes:
        about: Which check it belongs to.
        where: Network, target and protocol.
        quantity: What it is.
        written: What the run wrote.
        recounted: What the plain module finds.
        agrees: Whether the two are the same.
    """

    about: str
    where: str
    quantity: str
    written: str
    recounted: str
    agrees: bool


@dataclass(frozen=True)
class Case:
    """One network seen through one of its outputs.

    Attributes:
        network: With this output alone.
        target: Name of the target.
        sample: Inputs with their label, and how often each occurs in the validation sample.
        network_id: Its key.
        tie: Activations no further apart than this are the same.
    """

    network: PlainNetwork
    target: str
    sample: Sample
    network_id: str
    tie: float = _SAME

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons per layer."""
        return tuple(self.network.layer_sizes)

    @property
    def table(self) -> tuple[int, ...]:
        """The target's bit per input."""
        return tuple(label for _, label, _ in self.sample)

    @property
    def name(self) -> str:
        """Names the case in findings, and in the seed of its draws."""
        return f"{self.network_id} {self.target}"

    @property
    def is_wide(self) -> bool:
        """Whether it has too many candidates to judge them all."""
        return n_edges(self.shape) >= _WIDE

    @cached_property
    def rounded(self) -> list[int]:
        """The whole network's rounded output on every input."""
        return [plain.rounded_output(self.network, row) for row, _, _ in self.sample]

    def verdict(self, edges: Edges) -> dict[str, bool]:
        """In which senses a circuit is perfect, by a forward pass on every input (D01)."""
        outputs = [plain.rounded_output(self.network, row, edges) for row, _, _ in self.sample]
        n_right = sum(
            n
            for output, (_, label, n) in zip(outputs, self.sample, strict=True)
            if output == label
        )
        return {
            "for_target": outputs == list(self.table),
            "for_model": outputs == self.rounded,
            "for_sample": 100 * n_right > 99 * sum(n for _, _, n in self.sample),
        }


# Which networks ----------------------------------------------------------------------------------


def population(folder: Path, files: Iterable[str]) -> list[tuple[str, str, int | None]]:
    """Every converged network of some files: file, key and number of outputs, None for digits."""
    found: list[tuple[str, str, int | None]] = []
    for file in files:
        columns = ["network_id", "converged", "layer_sizes"]
        for row in pq.read_table(folder / file, columns=columns).to_pylist():
            if row["converged"]:
                n = row["layer_sizes"][-1] if file.startswith("results/networks/") else None
                found.append((file, row["network_id"], n))
    return found


def draw(every: Sequence[tuple[str, str, int | None]], effort: Effort) -> list[Drawn]:
    """Some networks, each as probable as any other, and an output of each."""
    random = Random(f"audit {effort.seed}")
    chosen = random.sample(every, min(effort.networks, len(every)))
    return [Drawn(file, name, n if n is None else random.randrange(n)) for file, name, n in chosen]


def plain_network(row: Mapping[str, Any], layers: slice = slice(None)) -> PlainNetwork:
    """The network of a row of ``networks`` or ``digit_networks``; some layers of it."""
    return PlainNetwork(
        row["weights"][layers],
        row["biases"][layers],
        row["activation"],
        float(row["negative_slope"]),
        row["output_activation"],
    )


# Circuits ----------------------------------------------------------------------------------------


def n_edges(shape: Sequence[int]) -> int:
    """Edges of a network."""
    return sum(a * b for a, b in pairwise(shape))


def rules_of(protocol: str, shape: Sequence[int]) -> PlainRules:
    """A protocol's rules; ``released`` judges circuits on the validation sample (D01, D13)."""
    if protocol == "released":
        # Wider networks have the cap of the widest for which one is published.
        return replace(plain.released(min(max(shape[1:-1]), 5)), reference="sample")
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
    removed = n_hidden - cell[0]
    if removed == 0 and not rules.full_node_set:
        return False
    if rules.sparsity_measure == "node":
        return plain.is_above(removed, n_hidden, rules.sparsity_above)
    if rules.sparsity_measure == "combined":
        removed += n_edges(shape) - cell[1]
        return plain.is_above(removed, n_hidden + n_edges(shape), rules.sparsity_above)
    return True


@cache
def count_candidates(shape: tuple[int, ...], protocol: str) -> int:
    """Number of candidate circuits, one by one."""
    return sum(1 for _ in plain.candidates(shape, rules_of(protocol, shape)))


def perfect_circuits(case: Case) -> dict[str, dict[str, Cell]]:
    """The perfect circuits under every protocol, with their cells, by their ids.

    ``text`` and ``strict`` agree on what is perfect, so the circuits of ``text`` are those of
    ``strict`` that it admits.
    """
    rules = {protocol: rules_of(protocol, case.shape) for protocol in PROTOCOLS}
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


# Interpretations ---------------------------------------------------------------------------------


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


# Formulas ----------------------------------------------------------------------------------------


def parse(text: str) -> Formula:
    """The formula of a text as the artifacts print it.

    Raises:
        ValueError: If the text is no such formula.
    """

    def unit(at: int) -> tuple[Formula, int]:
        if text[at] == "¬":
            inner, end = unit(at + 1)
            return ("¬", inner), end
        if text[at] == "(":
            found, end = binary(at + 1)
            if text[end] != ")":
                raise ValueError(text)
            return found, end + 1
        return (text[at],), at + 1

    def binary(at: int) -> tuple[Formula, int]:
        left, at = unit(at)
        right, end = unit(at + 1)
        return (text[at], left, right), end

    try:
        found, end = unit(0)
        if end < len(text):
            found, end = binary(0)
    except IndexError:
        raise ValueError(text) from None
    if end != len(text) or plain.formula_text(found) != text:
        raise ValueError(text)
    return found


# One network -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A network drawn, with all that is needed to recount it.

    Attributes:
        case: The network.
        stored: What the run wrote about it, by artifact.
        outputs: The outputs that it wrote.
        effort: How much is recounted.
    """

    case: Case
    stored: Mapping[str, pd.DataFrame]
    outputs: Sequence[float]
    effort: Effort

    def draw(self, what: str) -> Random:
        """Random numbers of its own for each kind of draw."""
        return Random(f"{self.effort.seed} {self.case.name} {what}")

    def compare(
        self, about: str, quantity: str, written: Any, recounted: Any, *where: str
    ) -> Compared:
        """Compares two values, as text."""
        place = " ".join([self.case.name, *where])
        same = str(written) == str(recounted)
        return Compared(about, place, quantity, str(written), str(recounted), same)

    @property
    def totals(self) -> dict[str, pd.Series]:
        """The rows of the summary, by protocol."""
        rows = self.stored["summary"]
        return {p: own.iloc[0] for p in PROTOCOLS if len(own := rows[rows["protocol"] == p]) == 1}


def load(folder: Path, drawn: Drawn, effort: Effort) -> Work:
    """Reads what the run wrote about a network."""

    def rows(artifact: str, **equal: str) -> pd.DataFrame:
        return _rows(folder / "results" / artifact / Path(drawn.file).name, **equal)

    own = {"network_id": drawn.network_id}
    (row,) = pq.read_table(folder / drawn.file, filters=_filters(own)).to_pylist()
    if drawn.output is None:
        stored = {
            name: rows(f"digit_{name}", **own) for name in ("circuits", "samples", "summary")
        }
        # As circuits are said to be found in the last layers, over the inputs that are stored.
        n_layers = len(edges_of(stored["circuits"]["circuit_id"].iloc[0]))
        pairs = stored["samples"][["inputs", "label"]].itertuples(index=False)
        sample = [([float(x) for x in inputs], int(label), 1) for inputs, label in pairs]
        outputs = [float(x) for x in stored["samples"]["output"]]
        last = plain_network(row, slice(-n_layers, None))
        case = Case(last, "digits", sample, drawn.network_id)
        return Work(case, stored, outputs, effort)

    target = row["targets"][drawn.output]
    own["target"] = target
    stored = {name: rows(name, **own) for name in _STORED}
    listed = folder / "results" / "formulas" / Path(drawn.file).name
    if not listed.exists():
        listed = listed.with_name(f"depth-{len(row['layer_sizes']) - 1}.parquet")
    stored["formulas"] = _rows(listed, target=target)
    inputs = plain.input_rows(row["layer_sizes"][0])
    table = gate(target).table
    sample = [
        ([float(x) for x in bits], label, n)
        for bits, label, n in zip(inputs, table, row["validation"], strict=True)
    ]
    network = plain_network(row).single_output(drawn.output)
    metadata = pq.read_schema(
        folder / "results" / "interpretations" / Path(drawn.file).name
    ).metadata
    tie = json.loads(metadata[b"settings"]).get("tie_tolerance", _SAME)
    case = Case(network, target, sample, drawn.network_id, tie)
    return Work(case, stored, row["outputs"][drawn.output], effort)


def _rows(path: Path, **equal: str) -> pd.DataFrame:
    """The rows of a file whose columns have these values."""
    frame: pd.DataFrame = pq.read_table(path, filters=_filters(equal)).to_pandas()
    return frame


def _filters(equal: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(column, "=", value) for column, value in equal.items()]


def recount(folder: Path, drawn: Drawn, effort: Effort) -> list[Compared]:
    """Recounts one network, and compares.

    Args:
        folder: The run's folder.
        drawn: The network.
        effort: How much is recounted.
    """
    work = load(folder, drawn, effort)
    found = [*outputs(work)]
    if drawn.output is None:
        return [*found, *drawn_circuits(work), *drawn_candidates(work)]
    if work.case.is_wide:
        found += [*drawn_circuits(work), *drawn_candidates(work)]
    else:
        found += every_circuit(work)
    return [*found, *tried_formulas(work), *interventions(work)]


def outputs(work: Work) -> Iterator[Compared]:
    """Compares the outputs of the network, by a forward pass on every input."""
    own = [plain.forward(work.case.network, row)[-1][0] for row, _, _ in work.case.sample]
    apart = max(abs(a - b) for a, b in zip(work.outputs, own, strict=True))
    compared = work.compare("outputs", f"outputs on {len(own)} inputs", work.outputs, own)
    yield replace(compared, agrees=apart <= _SAME)


def every_circuit(work: Work) -> Iterator[Compared]:
    """Compares circuits and interpretations, every candidate being judged."""
    case, effort = work.case, work.effort
    circuits = perfect_circuits(case)
    draw = work.draw("cells")
    counted = {p: whole_cells(circuits[p], effort.circuits, draw) for p in work.totals}
    numbers = interpret(case, frozenset().union(*counted.values()), effort)
    for protocol, totals in work.totals.items():
        yield work.compare(
            "circuits",
            "n_candidates",
            int(totals["n_candidates"]),
            count_candidates(case.shape, protocol),
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
    number = min(work.effort.wide_circuits, len(rows))
    drawn = work.draw("circuits").sample(rows, number)
    for row in drawn:
        edges = edges_of(row["circuit_id"])
        said = {flag: bool(row[flag]) for flag in ("for_target", "for_model", "for_sample")}
        where = f"circuit {row['circuit_id']}"
        yield work.compare("circuits", "perfect", said, work.case.verdict(edges), where)
        cell = (row["n_hidden"], row["n_edges"])
        yield work.compare("circuits", "neurons and edges kept", cell, cell_of(edges), where)
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
    share = n_all / 2 ** n_edges(case.shape)
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
    return replace(compared, agrees=possible and binomtest(found, of, share).pvalue >= _IMPROBABLE)


def _is_listed(work: Work, edges: Edges, verdict: Mapping[str, bool]) -> bool | None:
    """Whether the run should list a candidate; None if it has no cell for it, and should."""
    if not any(verdict.values()):
        return False
    if "cells" not in work.stored:
        return True
    cells, (hidden, kept) = work.stored["cells"], cell_of(edges)
    alike = (cells["n_hidden"] == hidden) & (cells["n_edges"] == kept)
    for flag, value in verdict.items():
        alike &= cells[flag] == value
    return bool(cells.loc[alike, "listed"].any()) if alike.any() else None


# Algorithms and mappings -------------------------------------------------------------------------


def tried_formulas(work: Work) -> Iterator[Compared]:
    """Compares the minimal mappings of formulas drawn, every variable tried at every place."""
    case, effort = work.case, work.effort
    formulas, mappings = work.stored["formulas"], work.stored["mappings"]
    most = effort.wide_formulas if case.is_wide else effort.formulas
    for protocol in work.totals:
        rules = rules_of(protocol, case.shape)
        rows = formulas[formulas["protocol"] == protocol].to_dict("records")
        written = mappings[mappings["protocol"] == protocol]
        drawn = work.draw(f"formulas {protocol}").sample(rows, min(most, len(rows)))
        for row in drawn:
            where = (protocol, row["formula"])
            formula = parse(row["formula"])
            variables = plain.intermediate_variables(formula, rules.variables)
            names = [_variable(plain.subformula(formula, v)) for v in variables]
            said = [_variable(parse(name)) for name in row["variables"]]
            yield work.compare("mappings", "variables", said, names, *where)
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
        if row["protocol"] in PROTOCOLS
        for position, key in enumerate(row["variable_ids"])
    }
    rows = [r for r in work.stored["alignment"].to_dict("records") if r["variable_id"] in users]
    for row in work.draw("places").sample(rows, min(work.effort.places, len(rows))):
        text, protocol, position = users[row["variable_id"]]
        formula = parse(text)
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
        same = max(abs(a - b) for a, b in zip(written, own, strict=True)) <= _SAME
        yield replace(compared, agrees=same)


def listed_formulas(folder: Path, file: str, target: str, protocol: str) -> list[Compared]:
    """Compares the whole list of candidate algorithms of a target under one protocol."""
    rows = _rows(folder / file, target=target, protocol=protocol).sort_values("formula_id")
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


# All of them -------------------------------------------------------------------------------------

_ABOUT = {
    "outputs": "Outputs are those of the weights",
    "circuits": "Circuits are perfect, and all are there",
    "candidates": "Candidates drawn of wide networks agree with lists and totals",
    "interpretations": "Circuits have as many interpretations",
    "formulas": "The formulas are all that there are",
    "mappings": "Formulas have these minimal mappings",
    "IIA": "Variables have this IIA at this place",
}
"""Every check, as a statement that should hold."""


def check_numbers(
    folder: Path,
    files: Sequence[str],
    effort: Effort,
    processes: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Check], str]:
    """Recounts some networks of a run.

    Args:
        folder: The run's folder.
        files: Its Parquet files, below the folder.
        effort: How much.
        processes: Number of processors.
        progress: Is told what is being recounted.

    Returns:
        The checks, and what was covered, in words.
    """
    failed: list[Finding] = []

    def tried(name: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # whatever comes of a file that was tampered with
            reason = f"cannot be recounted: {type(error).__name__}: {error}"
            failed.append(Finding(name, " ".join(reason.split())))
            return []

    every = [
        network
        for file in files
        if file.startswith(_OF_NETWORKS) and len(Path(file).parts) == _WHOLE_FAMILY
        for network in tried(file, partial(population, folder, [file]))
    ]
    drawn = draw(every, effort)
    lists = tried("results/formulas", partial(lists_of, folder, files, effort)) if drawn else []
    compared: list[Compared] = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        jobs = {
            f"formulas of {target}, {protocol}": pool.submit(
                listed_formulas, folder, file, target, protocol
            )
            for file, target, protocol in lists
        }
        jobs |= {one.network_id: pool.submit(recount, folder, one, effort) for one in drawn}
        for name, job in jobs.items():
            progress(name)
            compared += tried(name, job.result)
    checks = [
        Check(
            name,
            "numbers",
            len(own := [one for one in compared if one.about == about]),
            tuple(
                Finding(
                    one.where, f"{one.quantity}: {one.written} written, {one.recounted} recounted"
                )
                for one in own
                if not one.agrees
            ),
            _coverage(about, own, effort),
        )
        for about, name in _ABOUT.items()
    ]
    checks.append(
        Check("Every network drawn can be recounted", "networks", len(drawn), tuple(failed))
    )
    return checks, _covered(every, drawn, effort)


def lists_of(folder: Path, files: Iterable[str], effort: Effort) -> list[tuple[str, str, str]]:
    """The lists of formulas that are listed again: file, target and protocol.

    All short ones; of those of ``strict``, which take long, one is drawn.
    """
    found = []
    for file in files:
        named = re.fullmatch(r"results/formulas/depth-(\d+)\.parquet", file)
        if named is None or int(named[1]) > _DEPTH:
            continue
        table = pq.read_table(folder / file, columns=["target", "protocol"]).to_pandas()
        found += [
            (file, target, protocol)
            for target, protocol in table.drop_duplicates().itertuples(index=False)
            if protocol in PROTOCOLS and gate(target).n_inputs == 2
        ]
    long = [one for one in found if one[2] == "strict"]
    chosen = Random(f"audit {effort.seed} formulas").sample(long, min(1, len(long)))
    return [one for one in found if one[2] != "strict" or one in chosen]


def _coverage(about: str, compared: Sequence[Compared], effort: Effort) -> str:
    """What a check covers."""
    listed = sum(one.quantity == "interpretations, listed" for one in compared)
    multiplied = sum(one.quantity == "interpretations, multiplied" for one in compared)
    return {
        "outputs": "a forward pass per input",
        "circuits": f"below {_WIDE} edges a forward pass per candidate and input, else "
        f"{effort.wide_circuits} circuits drawn of those listed",
        "candidates": f"{effort.candidates} drawn per network; totals disagree where the draws "
        f"are less probable than {_IMPROBABLE:g}",
        "interpretations": f"{listed:,} circuits listed one by one, {multiplied:,} multiplied; "
        f"limits {effort.listed:,} a circuit and {effort.listed_in_all:,} a network",
        "formulas": f"depth {_DEPTH} at most, of strict one target",
        "mappings": f"{effort.formulas} formulas drawn per protocol, {effort.wide_formulas} of "
        "wide networks; interventions one at a time",
        "IIA": f"{effort.places} drawn per network; interventions one at a time",
    }[about]


def _covered(
    every: Sequence[tuple[str, str, int | None]], drawn: Sequence[Drawn], effort: Effort
) -> str:
    """What was drawn, and what is never recounted."""
    families = {Path(one.file).stem for one in drawn}
    return (
        f"{len(drawn):,} of {len(every):,} converged networks were drawn (seed {effort.seed}), of "
        f"{len(families)} families, each seen through one output, under {', '.join(PROTOCOLS)}. "
        "Not recounted: training, variants and protocols of one's own, estimates, circuits read "
        "on noisy inputs, and totals of interpretations beyond the circuits named."
    )
