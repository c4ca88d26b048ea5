"""Every explanation of networks of one's own: the library's front door."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from identifiability.algorithms.formulas import searched
from identifiability.circuits.candidates import (
    count_candidates,
    edges_of_id,
    refusal,
    seeks_minimal,
)
from identifiability.errors import UserError
from identifiability.networks.files import from_model
from identifiability.networks.gates import Gate, gate_of_table, gates_of_one_arity, row_names
from identifiability.networks.networks import Networks
from identifiability.protocols import (
    PROTOCOLS,
    VARIANTS,
    Protocol,
    n_within,
    widest_enumerated,
)
from identifiability.report.numerals import readable
from identifiability.stages import alignment, circuits, formulas, interpretations, summary
from identifiability.stages.admission import admitted, perfect, readings
from identifiability.stages.networks import network_columns
from identifiability.stages.rows import STANDARD_ERRORS, single_output_sizes
from identifiability.store import artifacts
from identifiability.store.paths import LIBRARY

_PROTOCOLS = {p.name: p for p in (*PROTOCOLS.values(), *VARIANTS.values()) if p.inputs == "clean"}
MAX_CANDIDATES = 5_000_000
"""Most candidate circuits that are enumerated for a network."""
DRAWN_PER_CELL = 200
"""Circuits drawn from a cell to estimate its interpretations, beyond what is enumerated."""
MAX_INPUTS = 4
"""Inputs have the names A to D in formulas; a truth table has 16 rows then."""
MAX_HIDDEN_LAYERS = 4
"""Formulas are as deep as the network (``deeper`` says which are tried of those)."""
MAX_WIDTH = 12
"""Sets of neurons of one layer are tried one by one; beyond this they are too many."""
MAX_SETS = 300
"""Sets of neurons, all layers together, where formulas have up to 20,000 different variables: with
more than two inputs and more than one hidden layer."""


@dataclass(frozen=True, eq=False)
class Explanation(Mapping[str, Any]):
    """Everything found in one network under one protocol; reads like its entry in the JSON.

    Attributes:
        name: What results call the network.
        protocol: The reading of the criteria.
        frames: Rows by artifact, as in the pipeline.
        formulas_searched: By target, which formulas were tried and which were not; targets all of
            whose formulas were tried are left out.
    """

    name: str
    protocol: Protocol
    frames: Mapping[str, pd.DataFrame]
    formulas_searched: Mapping[str, str]

    def __getitem__(self, key: str) -> Any:
        """A part of the entry: ``network``, ``protocol`` or ``targets``."""
        return self._entry[key]

    def __iter__(self) -> Iterator[str]:
        """The keys of the entry."""
        return iter(self._entry)

    def __len__(self) -> int:
        """Number of keys of the entry."""
        return len(self._entry)

    @cached_property
    def _entry(self) -> dict[str, Any]:
        return self.to_dict()

    def write(self, folder: Path) -> None:
        """Writes the artifacts as ``folder/<artifact>/<name>.parquet``."""
        code = sorted(LIBRARY.rglob("*.py"))
        made_by = artifacts.provenance({"protocols": [self.protocol]}, code, {})
        beside: dict[str, Any] = readings(
            [self.protocol], single_output_sizes(self.frames["networks"])
        )
        for artifact, frame in self.frames.items():
            path = folder / artifact / f"{self.name}.parquet"
            artifacts.write(frame, artifact, path, made_by, beside)
            beside[artifact] = path

    def to_dict(self, *, counts_only: bool = False) -> dict[str, Any]:
        """The explanation as plain data, ready for JSON.

        Args:
            counts_only: Leave out the lists of circuits, formulas and mappings, and say how the
                interpretations are known.
        """
        return {
            "network": self.name,
            "protocol": self.protocol.name,
            "targets": [
                {
                    "target": row["target"],
                    **{count: int(row[count]) for count in ("n_candidates", "n_circuits")},
                    "n_interpretations": row["n_interpretations"],
                    "n_interpretations_reachable": row["n_interpretations_reachable"],
                    **{count: int(row[count]) for count in ("n_algorithms", "n_mappings")},
                    **self._searched(row["target"]),
                    **(_known(row) if counts_only else self._lists(row["target"])),
                }
                for row in self.frames["summary"].to_dict("records")
            ],
        }

    def _searched(self, target: str) -> dict[str, str]:
        """Which formulas were tried, where not all of them were."""
        found = self.formulas_searched.get(target)
        return {} if found is None else {"formulas_searched": found}

    def _lists(self, target: str) -> dict[str, Any]:
        """Circuits, formulas and mappings of one target."""
        own = {
            artifact: frame[frame["target"] == target]
            for artifact, frame in self.frames.items()
            if artifact in ("circuits", "interpretations", "formulas", "mappings")
        }
        found = own["circuits"].merge(own["interpretations"])
        per_formula = own["mappings"].groupby("formula_id").size()
        return {
            "circuits": [
                {"edges": edges_of_id(circuit_id), "interpretations": number}
                for circuit_id, number in zip(
                    found["circuit_id"], found["n_interpretations"], strict=True
                )
            ],
            "formulas": [
                {"formula": text, "minimal_mappings": int(per_formula.get(number, 0))}
                for number, text in zip(
                    own["formulas"]["formula_id"], own["formulas"]["formula"], strict=True
                )
            ],
            "mappings": [
                {
                    "formula": row["formula"],
                    "mapping": [
                        {"layer": int(layer), "neurons": [int(n) for n in neurons]}
                        for layer, neurons in zip(row["layers"], row["neurons"], strict=True)
                    ],
                }
                for row in own["mappings"].to_dict("records")
            ],
        }


def explain(
    model: torch.nn.Sequential | Networks,
    targets: Sequence[str] | str | None = None,
    protocol: str | Protocol = "released",
    *,
    counts_only: bool = False,
    name: str = "network",
    progress: Callable[[str], None] = lambda stage: None,
) -> Explanation:
    """Finds every circuit, interpretation, algorithm and mapping of one network.

    Args:
        model: Linear and activation layers in a ``torch.nn.Sequential``, or a batch of one
            network. One to four Boolean inputs, one to four hidden layers.
        targets: The gate of each output, by name or truth table; by default what the network
            computes.
        protocol: ``released``, ``text``, ``strict``, or settings of one's own.
        counts_only: Count circuits and interpretations without listing them. Networks with more
            candidates than can be enumerated are within reach then: their circuits are counted
            without a cap, and their interpretations estimated.
        name: What the results call the network.
        progress: Called with the name of each stage before it starts.

    Raises:
        UserError: If the model, a target or the protocol is not one that can be explained; one
            line, before any work starts.
    """
    network = model if isinstance(model, Networks) else from_model(model)
    targets = [targets] if isinstance(targets, str) else targets
    reading = protocol_named(protocol) if isinstance(protocol, str) else protocol
    gates, room = check(network, targets, reading, counts_only)
    sizes = (*network.layer_sizes[:-1], 1)
    rows = pd.DataFrame(
        {
            "family": name,
            "seed": pd.Series([None], dtype="Int64"),
            "network_id": name,
            **network_columns(network, [[gate.name for gate in gates]]),
            "validation": [[1] * 2 ** network.layer_sizes[0]],
            "epochs": pd.Series([None], dtype="Int64"),
            "loss": np.nan,
            "accuracy": np.nan,
            "converged": True,
        }
    )
    frames: dict[str, pd.DataFrame] = {"networks": rows}
    progress("circuits")
    enumerated = min(room, widest_enumerated(sizes, MAX_CANDIDATES))
    most = 0 if counts_only else None
    found = circuits.circuits(rows, max_hidden=enumerated, max_listed=most)
    frames["circuits"] = admitted(perfect(found, reading), sizes, reading)
    progress("interpretations")
    frames["interpretations"], frames["cells"] = interpretations.interpretations(
        rows,
        frames["circuits"],
        max_hidden=enumerated,
        max_listed=most,
        drawn_per_cell=DRAWN_PER_CELL if room > enumerated else None,
    )
    progress("formulas")
    depth = len(sizes) - 1
    frames["formulas"] = formulas.formulas(depth, gates, [reading])
    tried = {
        gate.name: searched(gate, reading.formulas, reading.variables, depth) for gate in gates
    }
    progress("alignment")
    frames["alignment"] = alignment.alignment(rows, frames["formulas"])
    frames["algorithms"], frames["mappings"] = alignment.algorithms(
        rows, frames["formulas"], frames["alignment"], [reading]
    )
    frames["summary"] = summary.summary(
        rows,
        frames["cells"],
        frames["algorithms"],
        [reading],
        max_hidden=room,
        enumerated=enumerated,
    )
    left_out = {target: found for target, found in tried.items() if found is not None}
    return Explanation(name, reading, frames, left_out)


def protocol_named(name: str) -> Protocol:
    """Looks a protocol up.

    Raises:
        UserError: If there is none of this name.
    """
    if name not in _PROTOCOLS:
        raise UserError(f"unknown protocol {name!r}; known are {', '.join(_PROTOCOLS)}")
    return _PROTOCOLS[name]


def check(
    network: Networks,
    targets: Sequence[str] | None,
    protocol: Protocol,
    counts_only: bool = False,
) -> tuple[list[Gate], int]:
    """Makes sure that a network can be explained.

    Args:
        network: A batch of one.
        targets: The gate of each output, if given.
        protocol: The reading of the criteria.
        counts_only: Whether circuits are counted only.

    Returns:
        The gate of each output, and the most hidden neurons that a candidate circuit keeps.

    Raises:
        UserError: If the network has too many inputs, layers, neurons or candidate circuits, or a
            target is unknown or not what the network computes.
    """
    if len(network) != 1:
        raise UserError(f"a batch of {len(network)} networks; networks are explained one by one")
    n_inputs, *hidden, _ = network.layer_sizes
    if n_inputs > MAX_INPUTS:
        raise UserError(f"{n_inputs} inputs; at most {MAX_INPUTS} are explained")
    if len(hidden) > MAX_HIDDEN_LAYERS:
        raise UserError(f"{len(hidden)} hidden layers; at most {MAX_HIDDEN_LAYERS} are explained")
    sizes = (*network.layer_sizes[:-1], 1)
    if max(hidden) > MAX_WIDTH:
        raise UserError(
            f"hidden layers of {hidden} neurons are too wide; layers of at most {MAX_WIDTH} "
            "neurons are explained"
        )
    n_sets = sum(2**width - 1 for width in hidden)
    if n_inputs > 2 and len(hidden) > 1 and n_sets > MAX_SETS:
        raise UserError(
            f"hidden layers of {hidden} neurons have {n_sets:,} sets of neurons on which to "
            f"intervene; with {n_inputs} inputs and several hidden layers at most {MAX_SETS} are "
            "tried, as in one layer of 8 neurons among layers of 2"
        )
    if protocol.circuits == "minimal" and not seeks_minimal(sizes):
        raise UserError(
            f"hidden layers of {hidden} neurons are too wide to search for minimal circuits "
            f"(protocol {protocol.name})"
        )
    return _targets(network, targets), _room(sizes, protocol, counts_only)


def _targets(network: Networks, targets: Sequence[str] | None) -> list[Gate]:
    """The gate of each output, if the network computes it."""
    n_inputs, n_outputs = network.layer_sizes[0], network.layer_sizes[-1]
    rows = f"on the inputs {row_names(n_inputs)}"
    rounded = network.outputs()[0].round().T
    # What no integer can hold is no bit either.
    computed = [[int(v) if abs(v) < 2**53 else float(v) for v in table] for table in rounded]
    if targets is None:
        for output, table in enumerate(computed):
            if not set(table) <= {0, 1}:
                raise UserError(
                    f"output {output} rounds to {', '.join(map(str, table))} {rows}; it must be "
                    "0 or 1 on each to be a gate"
                )
        return _distinct([gate_of_table(map(int, table)) for table in computed])
    if len(targets) != n_outputs:
        raise UserError(f"{len(targets)} target(s) for {n_outputs} output(s); give one for each")
    gates = gates_of_one_arity(targets)
    for output, (wanted, table) in enumerate(zip(gates, computed, strict=True)):
        if wanted.n_inputs != n_inputs:
            raise UserError(
                f"{wanted.name} takes {wanted.n_inputs} inputs, the network {n_inputs}"
            )
        if wanted.table != tuple(table):
            raise UserError(
                f"output {output} does not compute {wanted.name}: it rounds to "
                f"{', '.join(map(str, table))} {rows}, not to "
                f"{', '.join(map(str, wanted.table))}"
            )
    return _distinct(gates)


def _distinct(gates: list[Gate]) -> list[Gate]:
    """The gates, if no two are the same: results are told apart by their target."""
    tables = [gate.table for gate in gates]
    for output, gate in enumerate(gates):
        first = tables.index(gate.table)
        if first < output:
            raise UserError(
                f"outputs {first} and {output} both compute {gate.name}; give a network with one "
                "of them"
            )
    return gates


def _room(sizes: tuple[int, ...], protocol: Protocol, counts_only: bool) -> int:
    """Most hidden neurons that a candidate keeps, if the candidates are within reach."""
    cells = count_candidates(sizes)
    room = protocol.max_hidden(sizes, cells)
    if n_within(sizes, room) > MAX_CANDIDATES:
        reason = refusal(sizes)
        if reason or not counts_only:
            raise UserError(
                f"hidden layers of {list(sizes[1:-1])} neurons have "
                f"{readable(protocol.n_candidates(sizes, cells))} candidate circuits under "
                f"{protocol.name}; at most {MAX_CANDIDATES:,} can be enumerated, and "
                + (reason or "--counts-only counts them without listing them")
            )
    return room


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    """How the interpretations of a row of ``summary`` are known."""
    return {"how": row["how"], **{error: row[error] for error in STANDARD_ERRORS.values()}}
