"""The explorer: every explanation of a network, as data for a page (its source: explorer/).

The page opens from a disk, where it may not read files, so the data are scripts that hand it what
they hold. What that is says ``workflow/schemas/explorer.schema.yaml``. The page computes what
follows from the weights alone (activations, separators, interventions); what was found, and how
much of it, is taken from the artifacts.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import yaml
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from identifiability.algorithms.notation import parse_formula
from identifiability.algorithms.trees import up_to_de_morgan
from identifiability.drawing import palette
from identifiability.errors import UserError
from identifiability.networks.families import Family
from identifiability.networks.gates import gate
from identifiability.protocols import Protocol
from identifiability.report.criteria import further, of_circuits, of_formulas, of_variables
from identifiability.stages.protocol_filters import needed, protocol_tables
from identifiability.stages.rows import CRITERIA, single_output_sizes, sought
from identifiability.store.files import written_whole
from identifiability.store.paths import SCHEMAS

EXPLORER_SCHEMA = SCHEMAS / "explorer.schema.yaml"
EXPLORER_VERSION = 4
"""Of the data files; a page that reads another says so."""
MAX_MEGABYTES = 50
"""Most that page and data take together."""
READ = ("networks", "summary", "circuits", "interpretations", "cells", "mappings", "formulas")
"""The artifacts of a family that are read."""
_COUNTS = (
    "n_circuits",
    "n_interpretations",
    "n_interpretations_reachable",
    "how",
    "n_algorithms",
    "n_mappings",
    "n_mappings_empty",
)
_SEPARATORS = str.maketrans("", "", "|,")
_LEVEL = 6
"""Of compression; the highest takes three times as long for a hundredth less."""
_FLAGS = ("for_target", "for_model", "for_sample", *CRITERIA)
"""A circuit's, as the bits 1, 2, 4 and so on."""


def read_explored(files: Mapping[str, Path], most: int) -> tuple[dict[str, pd.DataFrame], int]:
    """Reads what was found in the first networks of a family.

    Args:
        files: The artifacts named in ``READ``, by name.
        most: Most networks.

    Returns:
        The frames by name, and how many networks the family has.
    """
    ids = ds.dataset(files["networks"]).to_table(columns=["network_id"])["network_id"].to_pylist()
    own = ds.field("network_id").isin(ids[:most])
    tables = {
        name: ds.dataset(path).to_table(filter=None if name == "formulas" else own)
        for name, path in files.items()
    }
    mappings = tables.pop("mappings")
    frames = {name: table.to_pandas() for name, table in tables.items()}
    sizes = single_output_sizes(frames["networks"])
    return {**frames, "mappings": _with_places(mappings, sizes)}, len(ids)


def family_data(
    frames: Mapping[str, pd.DataFrame],
    protocols: Sequence[Protocol],
    n_networks: int,
    tie_tolerance: float,
) -> dict[str, Any]:
    """Everything that the page shows of a family.

    Args:
        frames: Its artifacts by name, as ``read_frames`` gives them.
        protocols: Those under which it was looked at.
        n_networks: How many networks the family has, shown or not.
        tie_tolerance: Activations no further apart than this are a tie.
    """
    networks, summary = frames["networks"], frames["summary"]
    first = networks.iloc[0]
    sizes = single_output_sizes(networks)
    about = protocol_tables(protocols, sizes)
    targets = sorted({target for own in networks["targets"] for target in own})
    admitted: dict[str, list[list[int]]] = {}
    listed = {p["protocol"] for p in about["protocols"].to_pylist() if _lists_circuits(p)}
    for row in about["admitted"].to_pylist():
        if row["protocol"] in listed:
            admitted.setdefault(row["protocol"], []).append([row["n_hidden"], row["n_edges"]])
    candidates = summary.groupby("protocol")["n_candidates"].first()
    circuits = frames["circuits"].merge(frames["interpretations"], validate="one_to_one")
    return {
        "kind": "family",
        "family": first["family"],
        "layer_sizes": list(sizes),
        "activation": first["activation"],
        "output_activation": first["output_activation"],
        "negative_slope": float(first["negative_slope"]),
        "levels": [float(level) for level in first["levels"]],
        "above": None if pd.isna(first["above"]) else float(first["above"]),
        "tie_tolerance": tie_tolerance,
        "n_networks": n_networks,
        "protocols": [p.name for p in protocols],
        "n_candidates": {name: int(n) for name, n in candidates.items()},
        "admitted": admitted,
        "targets": {name: list(gate(name).table) for name in targets},
        "formulas": _formulas(frames["formulas"], targets, admitted),
        "networks": _networks(networks, summary, protocols),
        "details": _details(networks, circuits, frames["cells"], frames["mappings"]),
    }


def _lists_circuits(protocol: Mapping[str, Any]) -> bool:
    """Whether circuits and mappings are listed under a protocol, not only counted."""
    return bool(protocol["mappings_listed"] and protocol["inputs"] == "clean")


def _formulas(
    formulas: pd.DataFrame, targets: Iterable[str], protocols: Iterable[str]
) -> dict[str, dict[str, list[list[Any]]]]:
    """By target and protocol every formula, the number of its twins, and what its steps are."""
    found: dict[str, dict[str, list[list[Any]]]] = {}
    for target in targets:
        twins: dict[object, int] = {}
        found[target] = {
            protocol: [
                [text, twins.setdefault(_twins(text), len(twins)), steps]
                for text, steps in formulas[
                    (formulas["target"] == target) & (formulas["protocol"] == protocol)
                ]
                .sort_values("formula_id")[["formula", "steps"]]
                .itertuples(index=False)
            ]
            for protocol in protocols
        }
    return found


@cache
def _twins(formula: str) -> object:
    """What formulas have in common that De Morgan's laws turn into one another."""
    return up_to_de_morgan(parse_formula(formula))


def _networks(
    networks: pd.DataFrame, summary: pd.DataFrame, protocols: Sequence[Protocol]
) -> list[dict[str, Any]]:
    """Every network with its weights, and what every protocol counts in each of its outputs."""
    counts: dict[tuple[str, str, str], list[Any]] = {
        (row["network_id"], row["target"], row["protocol"]): [_plain(row[c]) for c in _COUNTS]
        for row in summary.to_dict("records")
    }
    return [
        {
            "network_id": row["network_id"],
            "converged": bool(row["converged"]),
            "functional": bool(row["functional"]),
            "epochs": _plain(row["epochs"]),
            "loss": _plain(row["loss"]),
            "accuracy": _plain(row["accuracy"]),
            "weights": _shortest(row["weights"]),
            "biases": _shortest(row["biases"]),
            "outputs": [[float(value) for value in output] for output in row["outputs"]],
            "targets": list(row["targets"]),
            "counts": [
                [counts[row["network_id"], target, p.name] for p in protocols]
                for target in row["targets"]
            ],
        }
        for row in networks.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """A value of a frame as JSON has it."""
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, float | np.floating):
        number = float(value)
        return int(number) if number.is_integer() else number
    return int(value) if isinstance(value, np.integer) else value


def _shortest(value: Any) -> Any:
    """Nested 32-bit numbers as the shortest decimals that stand for them."""
    if isinstance(value, np.ndarray | list):
        return [_shortest(item) for item in value]
    return float(str(np.float32(value)))


def _details(
    networks: pd.DataFrame, circuits: pd.DataFrame, cells: pd.DataFrame, mappings: pd.DataFrame
) -> dict[str, str]:
    """By network: what was found in each of its outputs, packed."""
    keys = ["network_id", "target"]
    circuits_of, cells_of, mappings_of = (
        dict(iter(frame.groupby(keys, sort=False))) for frame in (circuits, cells, mappings)
    )

    def detail(key: tuple[str, str]) -> dict[str, Any]:
        return {
            **_circuits(circuits_of.get(key, circuits.iloc[:0])),
            "cells": _cells(cells_of.get(key, cells.iloc[:0])),
            "mappings": _mappings(mappings_of.get(key, mappings.iloc[:0])),
        }

    return {
        row["network_id"]: _packed([detail((row["network_id"], t)) for t in row["targets"]])
        for row in networks[sought(networks)].to_dict("records")
    }


def _circuits(circuits: pd.DataFrame) -> dict[str, str]:
    """Circuits, by what stands in the schema."""
    codes = [int(i.translate(_SEPARATORS), 2) for i in circuits["circuit_id"].tolist()]
    order = sorted(range(len(codes)), key=codes.__getitem__)
    ascending = [codes[i] for i in order]
    flags = _flags(circuits)[order]
    return {
        "edges": " ".join(str(b - a) for a, b in pairwise([0, *ascending])),
        "flags": "".join(f"{flag:03x}" for flag in flags.tolist()),
        "interpretations": " ".join(circuits["n_interpretations"].iloc[order].tolist()),
        "reachable": " ".join(circuits["n_interpretations_reachable"].iloc[order].tolist()),
    }


def _cells(cells: pd.DataFrame) -> list[list[int]]:
    """How many circuits, listed or not, keep so many hidden neurons and edges, by their flags."""
    columns = (cells["n_hidden"], cells["n_edges"], _flags(cells), cells["n_circuits"])
    return [[int(value) for value in row] for row in zip(*columns, strict=True)]


def _flags(circuits: pd.DataFrame) -> NDArray[np.int64]:
    """In which senses circuits, or cells of them, are perfect: a number each, from ``_FLAGS``."""
    wanted = circuits[list(_FLAGS)].fillna(False).to_numpy(bool)
    return np.asarray(wanted @ (1 << np.arange(len(_FLAGS))), np.int64)


def _needed(protocol: Protocol) -> int:
    """The flags that circuits must have under a protocol."""
    return sum(1 << _FLAGS.index(c) for c in needed(protocol))


def _mappings(mappings: pd.DataFrame) -> dict[str, dict[str, list[list[int]]]]:
    """By protocol and formula, every minimal mapping: a place, as bits, per variable."""
    found: dict[str, dict[str, list[list[int]]]] = {}
    columns = (mappings[name].tolist() for name in ("protocol", "formula_id", "places"))
    for protocol, formula, places in zip(*columns, strict=True):
        found.setdefault(protocol, {}).setdefault(str(formula), []).append(places)
    return found


def _with_places(mappings: pa.Table, sizes: tuple[int, ...]) -> pd.DataFrame:
    """Mappings in the order of their numbers, with their ``places``: bits per variable.

    All at once in arrays, as there are hundreds of thousands (``alignment.Place.bits`` is one).
    """
    layers, neurons = (mappings[name].combine_chunks() for name in ("layers", "neurons"))
    per_variable = neurons.flatten()
    lengths = pc.list_value_length(per_variable).to_numpy()
    first_of_layer = np.cumsum([0, *sizes[1:-1]])[layers.flatten().to_numpy() - 1]
    bits = 1 << (np.repeat(first_of_layer, lengths) + per_variable.flatten().to_numpy())
    starts = np.cumsum(lengths) - lengths
    codes = np.add.reduceat(bits, starts) if len(starts) else bits
    ends = np.cumsum(pc.list_value_length(neurons).to_numpy())
    places = pa.ListArray.from_arrays(np.concatenate([[0], ends]).astype(np.int32), codes)
    frame: pd.DataFrame = mappings.drop_columns(["layers", "neurons"]).to_pandas()
    return frame.assign(places=places.to_pylist()).sort_values(
        ["protocol", "formula_id", "mapping_id"]
    )


def _packed(value: Any) -> str:
    """Plain data as JSON, compressed, in base64; the same for the same data."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(gzip.compress(text.encode(), _LEVEL, mtime=0)).decode()


def index_data(
    families: Sequence[Family], protocols: Sequence[Protocol], start: str
) -> dict[str, Any]:
    """Which families the page shows, under which protocols, in which colours.

    Args:
        families: The settings that were run.
        protocols: Variants included.
        start: Slug of the family that the page opens with.
    """
    about = protocol_tables(protocols)["protocols"].to_pylist()
    looks = palette.looks([row["protocol"] for row in about if row["mappings_listed"]])
    return {
        "kind": "index",
        "start": start,
        "families": [
            {
                "family": family.name,
                "gates": [gate.name for gate in family.gates],
                "hidden": list(family.hidden),
                "outputs": family.n_outputs,
            }
            for family in families
        ],
        "protocols": [
            {
                "name": protocol.name,
                "listed": _lists_circuits(row),
                "needs": _needed(protocol),
                "sparsest": protocol.circuits == "sparsest",
                "inputs": protocol.inputs,
                "pairs": protocol.pairs,
                "variables": protocol.variables,
                "asks": of_circuits(protocol)
                | of_formulas(protocol)
                | of_variables(protocol)
                | further(protocol),
                "colour": looks[protocol.name].colour if protocol.name in looks else None,
                "marker": looks[protocol.name].marker if protocol.name in looks else None,
            }
            for protocol, row in zip(protocols, about, strict=True)
        ],
        "variable_colours": list(palette.VARIABLES),
    }


def write_explorer(data: Mapping[str, Any], path: Path, made_by: Mapping[str, str]) -> None:
    """Writes data as a script that hands it to the page.

    Args:
        data: What ``family_data`` or ``index_data`` gives.
        path: Where to.
        made_by: What ``artifacts.provenance`` says.
    """
    full = {"version": EXPLORER_VERSION, **data, "made_by": dict(made_by)}
    Draft202012Validator(yaml.safe_load(EXPLORER_SCHEMA.read_text())).validate(full)
    text = json.dumps(full, separators=(",", ":"), ensure_ascii=False)
    with written_whole(path) as file:
        file.write_text(f"identifiability({text});\n", encoding="utf-8")


def check_size(files: Iterable[Path]) -> float:
    """Megabytes that page and data take together.

    Raises:
        UserError: If they are more than ``MAX_MEGABYTES``.
    """
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    if megabytes > MAX_MEGABYTES:
        raise UserError(
            f"the explorer takes {megabytes:.0f} MB, more than {MAX_MEGABYTES}; show fewer "
            "networks of each family: explorer.networks in the configuration"
        )
    return megabytes
