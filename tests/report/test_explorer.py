"""The explorer's data: equal to the artifacts, in every network and under every protocol."""

import json
from itertools import accumulate, pairwise

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from identifiability import PROTOCOLS
from identifiability.algorithms.alignment import places
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.algorithms.trees import up_to_de_morgan
from identifiability.drawing import palette
from identifiability.errors import UserError
from identifiability.networks.gates import gate
from identifiability.protocols import ABSTRACTION
from identifiability.report import explorer
from identifiability.stages.protocol_filters import admitted, perfect
from tests.configured import parse
from tests.report.explorer_files import ROOT, handed_over, unpacked
from tests.workflow.test_workflow import FAMILIES

LISTED = {**PROTOCOLS, ABSTRACTION.name: ABSTRACTION}
"""The protocols under which mappings are listed."""
COUNTS = {
    "n_circuits": 0,
    "n_interpretations": 1,
    "n_interpretations_reachable": 2,
    "how": 3,
    "n_algorithms": 4,
    "n_mappings": 5,
    "n_mappings_empty": 6,
}
FLAGS = {
    "for_target": 1,
    "for_model": 2,
    "for_sample": 4,
    "minimal": 8,
    "complete": 16,
    "complete_minimal": 32,
    "within_50": 64,
    "within_10": 128,
    "within_02": 256,
    "minimal_within_50": 512,
    "minimal_within_10": 1024,
    "minimal_within_02": 2048,
}


@pytest.fixture(scope="module")
def folder(finished):
    return finished / "tiny" / "results"


def read(folder, artifact, family):
    return pq.read_table(folder / artifact / f"{family}.parquet").to_pandas()


def data_of(folder, family):
    return handed_over(folder / "explorer" / "data" / f"{family}.js")


def circuit_ids(edges, sizes):
    """The circuits of a detail, as the artifact names them."""
    digits = sum(below * above for below, above in pairwise(sizes))
    for code in accumulate(map(int, edges.split())):
        left = f"{code:0{digits}b}"
        layers = []
        for below, above in pairwise(sizes):
            own, left = left[: below * above], left[below * above :]
            layers.append(",".join(own[i : i + below] for i in range(0, len(own), below)))
        yield "|".join(layers)


def test_the_page_is_beside_its_data(folder):
    found = {path.name for path in (folder / "explorer").iterdir()}
    assert found == {"index.html", "uniqueness.svg", "data"}
    built = ROOT / "workflow" / "explorer" / "index.html"
    assert (folder / "explorer" / "index.html").read_bytes() == built.read_bytes()
    names = {path.stem for path in (folder / "explorer" / "data").iterdir()}
    assert names == FAMILIES | {"index"}


def test_the_index_lists_the_families_of_the_run(folder):
    index = handed_over(folder / "explorer" / "data" / "index.js")
    assert {entry["family"] for entry in index["families"]} == FAMILIES
    assert index["start"] == "xor-k3"
    assert index["variable_colours"] == list(palette.VARIABLES)
    listed = [p for p in index["protocols"] if p["listed"]]
    assert [p["name"] for p in listed] == ["released", "text", "strict", "abstraction"]
    for protocol in listed:
        assert protocol["colour"] == palette.looks([protocol["name"]])[protocol["name"]].colour
        assert protocol["pairs"] == LISTED[protocol["name"]].pairs
        assert protocol["marker"] == palette.looks([protocol["name"]])[protocol["name"]].marker
    (criterion,) = (name for name in listed[0]["asks"] if "(D06)" in name)
    assert [p["asks"][criterion] for p in listed] == [
        "are several",
        "are several",
        "are one",
        "are one",
    ]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_networks_and_counts_are_those_of_the_artifacts(folder, family):
    data, networks = data_of(folder, family), read(folder, "networks", family)
    summary = read(folder, "summary", family).set_index(["network_id", "target", "protocol"])
    assert data["n_networks"] == len(networks) == len(data["networks"])
    assert set(data["protocols"]) == set(summary.index.get_level_values("protocol"))
    for shown, row in zip(data["networks"], networks.to_dict("records"), strict=True):
        assert shown["network_id"] == row["network_id"]
        assert shown["converged"] == row["converged"]
        assert shown["functional"] == row["functional"]
        for layer, stored in zip(shown["weights"], row["weights"], strict=True):
            assert np.array_equal(np.float32(layer), np.stack(stored).astype(np.float32))
        assert np.array_equal(shown["outputs"], np.stack(row["outputs"]))
        for target, of_target in zip(shown["targets"], shown["counts"], strict=True):
            assert data["targets"][target] == list(gate(target).table)
            for protocol, counts in zip(data["protocols"], of_target, strict=True):
                said = summary.loc[row["network_id"], target, protocol]
                for column, position in COUNTS.items():
                    value = None if pd.isna(said[column]) else said[column]
                    assert counts[position] == value, (row["network_id"], protocol, column)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_circuits_and_mappings_are_those_of_the_artifacts(folder, family):
    data = data_of(folder, family)
    sizes = tuple(data["layer_sizes"])
    circuits = read(folder, "circuits", family).merge(read(folder, "interpretations", family))
    mappings, own_cells = read(folder, "mappings", family), read(folder, "cells", family)
    in_bits = {place.bits(sizes): place for place in places(sizes)}
    n_circuits = n_mappings = 0
    for network in data["networks"]:
        sought = network["converged"] or network["functional"]
        assert (network["network_id"] in data["details"]) == sought
        if not sought:
            continue
        details = unpacked(data["details"][network["network_id"]])
        for target, detail in zip(network["targets"], details, strict=True):
            own = (circuits["network_id"] == network["network_id"]) & (
                circuits["target"] == target
            )
            listed = circuits[own].set_index("circuit_id")
            ids = list(circuit_ids(detail["edges"], sizes))
            assert sorted(ids) == sorted(listed.index)
            numbers = [detail[k].split() for k in ("interpretations", "reachable")]
            assert list(listed.loc[ids, "n_interpretations"]) == numbers[0]
            assert list(listed.loc[ids, "n_interpretations_reachable"]) == numbers[1]
            digits = map("".join, zip(*[iter(detail["flags"])] * 3, strict=True))
            for circuit_id, flags in zip(ids, digits, strict=True):
                row = listed.loc[circuit_id]
                for name, bit in FLAGS.items():
                    assert bool(int(flags, 16) & bit) == (row[name] is not None and row[name])
            n_circuits += len(ids)
            cells = own_cells[
                (own_cells["network_id"] == network["network_id"])
                & (own_cells["target"] == target)
            ]
            by_flags = cells.assign(
                flags=sum(
                    cells[name].fillna(False).astype(int) * bit for name, bit in FLAGS.items()
                )
            )
            columns = ["n_hidden", "n_edges", "flags", "n_circuits"]
            assert sorted(map(tuple, detail["cells"])) == sorted(
                by_flags[columns].itertuples(index=False, name=None)
            )
            for row in mappings[
                (mappings["network_id"] == network["network_id"]) & (mappings["target"] == target)
            ].to_dict("records"):
                listed_for = detail["mappings"][row["protocol"]][str(row["formula_id"])]
                found = [in_bits[bits] for bits in listed_for[row["mapping_id"]]]
                assert [p.layer for p in found] == list(row["layers"])
                assert [list(p.neurons) for p in found] == [list(n) for n in row["neurons"]]
                n_mappings += 1
            assert set(detail["mappings"]) <= set(LISTED)
    assert (n_circuits, n_mappings) == (len(circuits), len(mappings))


@pytest.mark.parametrize("family", ["xor-k3", "mixed-k2"])
def test_a_protocol_admits_what_its_cells_say(folder, family):
    data, circuits = data_of(folder, family), read(folder, "circuits", family)
    for name, protocol in LISTED.items():
        cells = set(map(tuple, data["admitted"][name]))
        wanted = admitted(perfect(circuits, protocol), tuple(data["layer_sizes"]), protocol)
        own = perfect(circuits, protocol)
        found = own[
            [(h, e) in cells for h, e in zip(own["n_hidden"], own["n_edges"], strict=True)]
        ]
        assert found.equals(wanted)


def test_formulas_share_a_number_with_their_twins_under_any_protocol(folder):
    data = data_of(folder, "mixed-k2")
    stored = read(folder, "formulas", "depth-3").set_index(["target", "protocol"]).sort_index()
    for target, by_protocol in data["formulas"].items():
        classes = {}
        for name, protocol in LISTED.items():
            own = stored.loc[[(target, name)]].sort_values("formula_id")
            assert [text for text, _, _ in by_protocol[name]] == list(own["formula"])
            listed = candidate_formulas(gate(target), protocol.formulas, protocol.variables, 3)
            for (text, number, steps), formula in zip(by_protocol[name], listed, strict=True):
                assert (text, steps) == (formula.text, formula.steps)
                same = classes.setdefault(up_to_de_morgan(formula.root), number)
                assert number == same
        assert len(set(classes.values())) == len(classes)


def test_what_made_a_file_is_said_in_it(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    data = data_of(folder, "xor-k3")
    inputs = json.loads(data["made_by"]["inputs"])
    assert set(inputs) >= {f"results/{a}/xor-k3.parquet" for a in explorer.READ[:-1]}
    for name in inputs.keys() & manifest["files"].keys():
        assert inputs[name] == manifest["files"][name]["content_sha256"]
    (job,) = (j for j in manifest["jobs"] if j["outputs"] == ["results/explorer/data/xor-k3.js"])
    assert data["made_by"]["code_sha256"] == job["code_sha256"]


def test_the_first_networks_are_shown_and_the_others_counted(folder):
    files = {a: folder / a / "tasks-n2.parquet" for a in explorer.READ[:-1]}
    files["formulas"] = folder / "formulas" / "depth-3.parquet"
    frames, n_networks = explorer.read_explored(files, 2)
    protocols = [PROTOCOLS["released"], PROTOCOLS["strict"]]
    data = explorer.family_data(frames, protocols, n_networks, 1e-9)
    whole = data_of(folder, "tasks-n2")
    assert (data["n_networks"], len(data["networks"])) == (6, 2)
    first = [network["network_id"] for network in whole["networks"][:2]]
    assert [network["network_id"] for network in data["networks"]] == first
    for network_id in data["details"]:
        (found, all_of_it) = (unpacked(d["details"][network_id]) for d in (data, whole))
        assert [d["edges"] for d in found] == [d["edges"] for d in all_of_it]


def test_a_family_without_a_converged_network_has_no_details(folder, tmp_path):
    files = {a: folder / a / "xor-k3.parquet" for a in explorer.READ[:-1]}
    files["formulas"] = folder / "formulas" / "depth-3.parquet"
    frames, n_networks = explorer.read_explored(files, 6)
    for artifact in ("circuits", "interpretations", "cells", "mappings"):
        none = pq.read_table(files[artifact]).slice(0, 0)
        files[artifact] = tmp_path / f"{artifact}.parquet"
        pq.write_table(none, files[artifact])
    kept, _ = explorer.read_explored(files, 6)
    kept["networks"] = frames["networks"].assign(converged=False, functional=False)
    counts = dict.fromkeys(COUNTS)
    kept["summary"] = frames["summary"].assign(analysed=False, **counts)
    data = explorer.family_data(kept, list(PROTOCOLS.values()), n_networks, 1e-9)
    assert data["details"] == {}
    assert data["networks"][0]["counts"][0][0] == [None] * 7


def test_what_breaks_the_schema_is_not_written(tmp_path):
    with pytest.raises(ValidationError):
        explorer.write_explorer({"kind": "family", "family": "xor-k3"}, tmp_path / "xor-k3.js", {})
    assert not list(tmp_path.iterdir())


def test_the_schema_is_one():
    Draft202012Validator.check_schema(yaml.safe_load(explorer.EXPLORER_SCHEMA.read_text()))


def test_more_than_the_folder_may_hold_is_refused(tmp_path):
    large = tmp_path / "large.js"
    with large.open("wb") as file:
        file.truncate(51_000_000)
    with pytest.raises(UserError, match=r"the explorer takes 51 MB, more than 50; show fewer"):
        explorer.check_size([large])
    large.write_bytes(b"1" * 1000)
    assert explorer.check_size([large, large]) == pytest.approx(0.002)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_decimals_stand_for_the_weights(value):
    assert np.float32(explorer._shortest(np.float32(value))) == np.float32(value)


def test_the_page_has_the_colours_of_the_figures():
    style = (ROOT / "explorer" / "src" / "style.css").read_text()
    light = style[: style.index("@media")].upper()
    for name in ("INK", "FAINT", "NEGATIVE", "INPUT"):
        assert f"--{name}: {getattr(palette, name).upper()};" in light


def test_the_key_of_the_configuration_is_needed():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    assert parse(config).explorer_networks == 100
    config["explorer"]["networks"] = 0
    with pytest.raises(UserError, match=r"explorer\.networks"):
        parse(config)
