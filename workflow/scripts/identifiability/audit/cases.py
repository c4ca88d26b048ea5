"""What the audit recounts: networks drawn, seen through one output, and what a run says of them.

Also the words in which the artifacts name circuits and formulas, read without the engine.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from identifiability import plain
from identifiability.networks.gates import gate
from identifiability.plain import Edges, Formula, PlainNetwork, PlainRules, Sample

RECOUNTED = ("released", "text", "strict")
"""The protocols that are recounted."""
MAPPED = (*RECOUNTED, "abstraction")
"""Those whose mappings are; circuits of ``abstraction`` are those of ``strict``."""
MAX_JOINT_VARIABLES = 4
"""Most variables of a formula that is recounted with joint interventions: with n variables there
are 4 · (5^n - 1) of these for every mapping that passes."""
_STORED = ("summary", "cells", "circuits", "interpretations", "mappings", "alignment")
"""Artifacts about networks that are compared."""
MANY_EDGES = 20
"""Edges from which on not every candidate is judged: about a million sets of edges."""
SAME = 1e-9
"""Two outputs no further apart are the same: the tie tolerance."""

Cell = tuple[int, int]


@dataclass(frozen=True)
class Effort:
    """How much is recounted.

    Attributes:
        networks: Networks drawn, of all families together.
        seed: Seed of all draws.
        circuits: Circuits per protocol whose interpretations are counted. If there are more, whole
            cells are drawn at random that have no more together.
        sampled_circuits: Circuits drawn of a wide network, of those that are listed.
        candidates: Candidates drawn of a wide network.
        listed: Interpretations of a circuit are listed one by one up to this many.
        listed_in_all: And up to this many of one network, the shortest lists first.
        formulas: Formulas drawn per protocol.
        sampled_formulas: The same of a wide network.
        places: Variables at a place drawn, whose IIA is measured.
    """

    networks: int = 50
    seed: int = 0
    circuits: int = 300
    sampled_circuits: int = 20
    candidates: int = 400
    listed: int = 100_000
    listed_in_all: int = 100_000
    formulas: int = 100
    sampled_formulas: int = 8
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
    tie: float = SAME

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

    @cached_property
    def outputs(self) -> list[float]:
        """The whole network's output on every input."""
        return [plain.forward(self.network, row)[-1][0] for row, _, _ in self.sample]

    def farthest(self, edges: Edges) -> float:
        """How far a circuit's output is from the network's on the input where it is farthest."""
        own = (plain.forward(self.network, row, edges)[-1][0] for row, _, _ in self.sample)
        return max(abs(a - b) for a, b in zip(own, self.outputs, strict=True))

    @property
    def is_sampled(self) -> bool:
        """Whether it has too many candidates to judge them all."""
        return edges_kept(self.shape) >= MANY_EDGES

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
    """Every network of some files that was analysed: file, key and number of outputs.

    The last is None for digits.
    """
    found: list[tuple[str, str, int | None]] = []
    for file in files:
        on_gates = file.startswith("results/networks/")
        sought = ["converged", "functional"] if on_gates else ["converged"]
        table = pq.read_table(folder / file, columns=["network_id", "layer_sizes", *sought])
        for row in table.to_pylist():
            if any(row[column] for column in sought):
                n = row["layer_sizes"][-1] if on_gates else None
                found.append((file, row["network_id"], n))
    return found


def draw_networks(every: Sequence[tuple[str, str, int | None]], effort: Effort) -> list[Drawn]:
    """Some networks, each as probable as any other, and an output of each."""
    random = Random(f"audit {effort.seed}")
    chosen = random.sample(every, min(effort.networks, len(every)))
    return [Drawn(file, name, n if n is None else random.randrange(n)) for file, name, n in chosen]


# Names -------------------------------------------------------------------------------------------


def edges_kept(shape: Sequence[int]) -> int:
    """Edges of a network."""
    return sum(a * b for a, b in pairwise(shape))


def rules_of(protocol: str, shape: Sequence[int]) -> PlainRules:
    """A protocol's rules; ``released`` judges circuits on the validation sample (D01, D13)."""
    if protocol == "released":
        # Wider networks have the cap of the widest for which one is published.
        return replace(plain.released(min(max(shape[1:-1]), 5)), reference="sample")
    own = {"text": plain.text, "strict": plain.strict, "abstraction": plain.abstraction}
    return own[protocol]()


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
        removed += edges_kept(shape) - cell[1]
        return plain.is_above(removed, n_hidden + edges_kept(shape), rules.sparsity_above)
    return True


def parse_plain(text: str) -> Formula:
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


# What a run says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A network drawn, with all that is needed to recount it.

    Attributes:
        case: The network.
        stored: What the run wrote about it, by artifact.
        outputs: The outputs that it wrote.
        effort: How much is recounted.
        functional: Whether every output of the network, rounded, is right on every input; None
            for networks of digits.
    """

    case: Case
    stored: Mapping[str, pd.DataFrame]
    outputs: Sequence[float]
    effort: Effort
    functional: bool | None = None

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
        return {p: own.iloc[0] for p in RECOUNTED if len(own := rows[rows["protocol"] == p]) == 1}


def load_cases(folder: Path, drawn: Drawn, effort: Effort) -> Work:
    """Reads what the run wrote about a network."""

    def file(artifact: str) -> Path:
        return folder / "results" / artifact / Path(drawn.file).name

    def settings(artifact: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(pq.read_schema(file(artifact)).metadata[b"settings"])
        return found

    own = {"network_id": drawn.network_id}
    (row,) = pq.read_table(folder / drawn.file, filters=_filters(own)).to_pylist()
    if drawn.output is None:
        stored = {
            name: rows_of_file(file(f"digit_{name}"), **own)
            for name in ("circuits", "samples", "summary")
        }
        # Circuits are those of the last layers, over the inputs that are stored.
        n_layers = len(settings("digit_circuits")["sizes"]) - 1
        pairs = stored["samples"][["inputs", "label"]].itertuples(index=False)
        sample = [([float(x) for x in inputs], int(label), 1) for inputs, label in pairs]
        outputs = [float(x) for x in stored["samples"]["output"]]
        last = {part: row[part][-n_layers:] for part in ("weights", "biases")}
        case = Case(PlainNetwork.from_dict(row | last), "digits", sample, drawn.network_id)
        return Work(case, stored, outputs, effort)

    target = row["targets"][drawn.output]
    own["target"] = target
    stored = {name: rows_of_file(file(name), **own) for name in _STORED}
    listed = file("formulas")
    if not listed.exists():
        listed = listed.with_name(f"depth-{len(row['layer_sizes']) - 1}.parquet")
    stored["formulas"] = rows_of_file(listed, target=target)
    inputs = plain.input_rows(row["layer_sizes"][0])
    table = gate(target).table
    sample = [
        ([float(x) for x in bits], label, n)
        for bits, label, n in zip(inputs, table, row["validation"], strict=True)
    ]
    whole = PlainNetwork.from_dict(row)
    asked = zip(*(gate(one).table for one in row["targets"]), strict=True)
    functional = all(
        tuple(round(x) for x in plain.forward(whole, bits)[-1]) == right
        for bits, right in zip(inputs, asked, strict=True)
    )
    tie = settings("interpretations").get("tie_tolerance", SAME)
    case = Case(whole.single_output(drawn.output), target, sample, drawn.network_id, tie)
    return Work(case, stored, row["outputs"][drawn.output], effort, functional)


def rows_of_file(path: Path, **equal: str) -> pd.DataFrame:
    """The rows of a file whose columns have these values."""
    frame: pd.DataFrame = pq.read_table(path, filters=_filters(equal)).to_pandas()
    return frame


def _filters(equal: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(column, "=", value) for column, value in equal.items()]
