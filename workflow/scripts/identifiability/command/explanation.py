"""Every explanation of networks of one's own: the library's front door."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from identifiability.algorithms.formulas import searched
from identifiability.algorithms.notation import printed_formula
from identifiability.circuits.candidates import edges_of_id
from identifiability.circuits.reach import Reach
from identifiability.circuits.words import interpretations_in_words
from identifiability.config.defaults import engine_defaults
from identifiability.errors import UserError
from identifiability.networks.checks import check_network
from identifiability.networks.models import from_anything
from identifiability.networks.names import place_name
from identifiability.networks.networks import Networks
from identifiability.networks.stack import Reading
from identifiability.protocols import ABSTRACTION, PROTOCOLS, VARIANTS, Protocol, protocol_named
from identifiability.report.numerals import counted, number
from identifiability.stages import alignment, circuits, formulas, interpretations, summary
from identifiability.stages.frames import network_columns, networks_of
from identifiability.stages.protocol_filters import admitted, perfect, protocol_tables
from identifiability.stages.rows import STANDARD_ERRORS, single_output_sizes
from identifiability.store import artifacts
from identifiability.store.paths import LIBRARY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OFFERED = {
    p.name: p
    for p in (*PROTOCOLS.values(), ABSTRACTION, *VARIANTS.values())
    if p.inputs == "clean"
}
"""The protocols that networks of one's own are explained under: those on clean inputs."""


QUESTIONS = (
    ("Q1", "n_circuits", "perfect circuits"),
    ("Q2", "n_interpretations_reachable", "interpretations that differ on reachable rows"),
    ("", "n_interpretations", "interpretations, as the paper counts"),
    ("Q3", "n_algorithms", "algorithms"),
    ("Q4", "n_mappings", "minimal mappings"),
)
"""What is counted: the question that it answers, the column of ``summary``, and what it is."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Mapping[str, Any]):
    """Everything found in one network under one protocol; reads like its entry in the JSON.

    Attributes:
        name: What results call the network.
        protocol: Whose criteria hold.
        frames: Rows by artifact, as in the pipeline.
        reach: How far its circuits were looked into.
        assumed: How the network is read, and what was taken for granted.
        formulas_searched: By target, which formulas were tried and which were not; targets all of
            whose formulas were tried are left out.
    """

    name: str
    protocol: Protocol
    frames: Mapping[str, pd.DataFrame]
    reach: Reach
    assumed: str
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

    def __repr__(self) -> str:
        """The counts, in five lines at most."""
        lines = [self._about()]
        for row in self.frames["summary"].to_dict("records")[:4]:
            counts = (f"{what}: {count_in_words(row, column)}" for _, column, what in QUESTIONS)
            lines.append(f"{row['target']}: {'; '.join(counts)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The counts, and the drawing of the sparsest circuit, for notebooks."""
        from identifiability.drawing.style import as_svg

        parts = [f"<p>{escape(self._about())}</p>", self.summary().to_html()]
        for target in self.frames["circuits"]["target"].head(1):
            parts.append(as_svg(self.draw_circuit(0, target=target)))
        return "\n".join(parts)

    def _about(self) -> str:
        """The network, the protocol, and how the network is read."""
        return f"{self.name}, protocol {self.protocol.name}: {self.assumed}"

    def summary(self) -> pd.DataFrame:
        """The counts in words: a row per question, a column per target."""
        return pd.DataFrame(
            {
                row["target"]: {what: count_in_words(row, c) for _, c, what in QUESTIONS}
                for row in self.frames["summary"].to_dict("records")
            }
        )

    @property
    def circuits(self) -> pd.DataFrame:
        """The perfect circuits, sparsest first, with their numbers of interpretations."""
        return self.frames["circuits"].merge(self.frames["interpretations"])

    @property
    def algorithms(self) -> pd.DataFrame:
        """The algorithms, with their numbers of minimal mappings."""
        return self.frames["algorithms"]

    @property
    def mappings(self) -> pd.DataFrame:
        """The minimal mappings."""
        return self.frames["mappings"]

    def interpretations(
        self, circuit: int = 0, *, target: str | None = None, most: int = 100
    ) -> pd.DataFrame:
        """The interpretations of one circuit: a row each, a column per neuron with its gate.

        Args:
            circuit: Which circuit, sparsest first.
            target: The output's target, if the network has several outputs.
            most: How many are listed.

        Raises:
            UserError: If there is no such target or circuit.
        """
        network, circuits = self.of_target("circuits", target)
        if not 0 <= circuit < len(circuits):
            raise UserError(
                f"there is no perfect circuit {circuit}; "
                f"{counted(len(circuits), 'perfect circuit')}, from 0 on"
            )
        listed = interpretations_in_words(network, circuits["circuit_id"].iloc[circuit])
        return pd.DataFrame(
            [{neuron.name: neuron.gate for neuron in one} for one in islice(listed, most)]
        )

    def mapping_in_words(self, mapping: int = 0, *, target: str | None = None) -> str:
        """A minimal mapping in words, such as "(A∨B)∧¬(A∧B): A∨B in h1.2, A∧B in h1.1".

        Args:
            mapping: Which one, in the order of ``mappings``.
            target: The output's target, if the network has several outputs.
        """
        row = self.of_target("mappings", target)[1].iloc[mapping]
        formulas = self.frames["formulas"]
        own = formulas[formulas["target"] == row["target"]].set_index("formula_id")
        variables = own.loc[row["formula_id"], "variables"]
        places = "; ".join(
            f"{printed_formula(variable)} in {place_name(layer, neurons, ' ')}"
            for variable, layer, neurons in zip(
                variables, row["layers"], row["neurons"], strict=True
            )
        )
        return f"{printed_formula(row['formula'])}: {places or 'nothing to be mapped'}"

    def draw_circuit(
        self, number: int = 0, *, target: str | None = None, gates: bool = True
    ) -> "Figure":
        """Draws a perfect circuit, as ``drawing.single.draw_circuit``."""
        from identifiability.drawing import single

        return single.draw_circuit(self, number, target=target, gates=gates)

    def draw_mapping(self, number: int = 0, *, target: str | None = None) -> "Figure":
        """Draws a minimal mapping, as ``drawing.single.draw_mapping``."""
        from identifiability.drawing import single

        return single.draw_mapping(self, number, target=target)

    def of_target(self, artifact: str, target: str | None) -> tuple[Networks, pd.DataFrame]:
        """The network with one output alone, and the rows of an artifact about that output.

        Args:
            artifact: Which one.
            target: The output's target; may be left out if there is only one.

        Raises:
            UserError: If there is no such target.
        """
        rows = self.frames["networks"]
        targets = list(rows.iloc[0]["targets"])
        if target is None and len(targets) > 1:
            raise UserError(f"the network has the targets {', '.join(targets)}; give one of them")
        if target is not None and target not in targets:
            raise UserError(f"no target {target!r}; the network has {', '.join(targets)}")
        wanted = targets[0] if target is None else target
        frame = self.frames[artifact]
        network = networks_of(rows).single_output(targets.index(wanted))
        return network, frame[frame["target"] == wanted].reset_index(drop=True)

    def write(self, folder: Path) -> None:
        """Writes the artifacts as ``folder/<artifact>/<name>.parquet``."""
        code = sorted(LIBRARY.rglob("*.py"))
        made_by = artifacts.provenance({"protocols": [self.protocol]}, code, {})
        beside: dict[str, Any] = protocol_tables(
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
            "read_as": self.assumed,
            "targets": [
                {
                    "target": row["target"],
                    **{count: int(row[count]) for count in ("n_candidates", "n_circuits")},
                    "n_interpretations": row["n_interpretations"],
                    "n_interpretations_reachable": row["n_interpretations_reachable"],
                    **{
                        count: int(row[count])
                        for count in ("n_algorithms", "n_mappings", "n_mappings_empty")
                    },
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
                {
                    "formula": row["formula"],
                    "steps": row["steps"],
                    "minimal_mappings": int(per_formula.get(row["formula_id"], 0)),
                }
                for row in own["formulas"].to_dict("records")
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
    model: Any,
    targets: Sequence[str] | str | None = None,
    protocol: str | Protocol = "released",
    *,
    activation: str | None = None,
    output_activation: str | None = None,
    readout: str | None = None,
    inputs: tuple[float, float] | None = None,
    counts_only: bool = False,
    name: str = "network",
    progress: Callable[[str], None] = lambda stage: None,
) -> Explanation:
    """Finds every circuit, interpretation, algorithm and mapping of one network.

    Args:
        model: A ``torch.nn.Module`` of linear layers and activations, scikit-learn's MLP, a state
            dict, a list of arrays, a file, or what ``load`` returns (``from_anything`` says which
            exactly). One to four Boolean inputs, one to four hidden layers.
        targets: The gate of each output, by name or truth table; by default what the network
            computes.
        protocol: ``released``, ``text``, ``strict``, ``abstraction``, a variant of one of
            these, or settings of one's own.
        activation: After every hidden layer, if the model does not say.
        output_activation: After the last layer, if the model does not say; by default none.
        readout: ``round`` (the paper's, and the default), ``above:T`` for what exceeds a number,
            or ``argmax`` of two outputs.
        inputs: What stands for false and for true; by default 0 and 1.
        counts_only: Count circuits and interpretations without listing them. Networks with more
            candidates than can be enumerated are within reach then: their circuits are counted
            without a cap, and their interpretations estimated.
        name: What the results call the network.
        progress: Called with the name of each stage before it starts.

    Raises:
        UserError: If the model, a target or the protocol is not one that can be explained; one
            line, before any work starts.
    """
    loaded = from_anything(model, Reading(activation, output_activation, readout, inputs))
    network = loaded.network
    targets = loaded.targets if targets is None else targets
    targets = [targets] if isinstance(targets, str) else targets
    chosen = protocol_named(protocol, OFFERED) if isinstance(protocol, str) else protocol
    gates, reach = check_network(network, targets, chosen, counts_only)
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
            "functional": True,
        }
    )
    frames: dict[str, pd.DataFrame] = {"networks": rows}
    progress("circuits")
    found = circuits.circuits(rows, reach)
    frames["circuits"] = admitted(perfect(found, chosen), sizes, chosen)
    progress("interpretations")
    frames["interpretations"], frames["cells"] = interpretations.interpretations(
        rows,
        frames["circuits"],
        reach,
        drawn_per_cell=engine_defaults()["drawn_per_cell"],
    )
    progress("formulas")
    depth = len(sizes) - 1
    frames["formulas"] = formulas.formulas(depth, gates, [chosen])
    tried = {gate.name: searched(gate, chosen.formulas, chosen.variables, depth) for gate in gates}
    progress("alignment")
    frames["alignment"] = alignment.alignment(rows, frames["formulas"])
    frames["algorithms"], frames["mappings"] = alignment.algorithms(
        rows, frames["formulas"], frames["alignment"], [chosen]
    )
    frames["summary"] = summary.summary(
        rows,
        frames["cells"],
        frames["algorithms"],
        [chosen],
        reach,
    )
    left_out = {target: found for target, found in tried.items() if found is not None}
    return Explanation(name, chosen, frames, reach, loaded.in_words(), left_out)


def count_in_words(row: Mapping[Any, Any], column: str) -> str:
    """A count of a row of ``summary``, to be read: an estimate with its standard error."""
    if row[column] is None:
        return "not determined"
    found = number(int(row[column]))
    error = STANDARD_ERRORS.get(column)
    if error is None or row["how"] == "exact":
        return found
    return f"estimate {found} ± {number(row[error])}"


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    """How the interpretations of a row of ``summary`` are known."""
    return {"how": row["how"], **{error: row[error] for error in STANDARD_ERRORS.values()}}
