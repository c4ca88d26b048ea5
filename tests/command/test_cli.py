"""The command `identifiability`, as a user runs it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

import identifiability
from identifiability.command.cli import main
from identifiability.errors import UserError
from identifiability.store import artifacts

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
CASES = REFERENCE.parent / "cases"
XOR = REFERENCE / "xor-k3-3.json"


@dataclass
class Finished:
    """What a command left: exit code and output."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs the command as its entry point does, in this process: starting one takes seconds."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["identifiability", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return Finished(code, *capsys.readouterr())

    return command


RELEASED = ("--protocol", "released", "--json", "-")


def test_the_installed_command():
    command = Path(sys.executable).with_name("identifiability")
    process = subprocess.run([command, "explain", "no.json"], capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.startswith("identifiability: error: no.json: no such file")


def tensors(path=XOR):
    """The layers of a reference network as named tensors."""
    stored = json.loads(path.read_text())
    return {
        f"{2 * i}.{kind}": np.array(values[i], np.float32)
        for i in range(3)
        for kind, values in (("weight", stored["weights"]), ("bias", stored["biases"]))
    }


def test_table_and_json(run):
    networks = XOR, REFERENCE / "xor-and-nor-k3-0.json"
    process = run("explain", *networks, "--protocol", "released", "--json", "-")
    assert process.returncode == 0, process.stderr
    assert "perfect circuits" in process.stderr  # the table for people is beside the JSON
    first, second = json.loads(process.stdout)
    stored = json.loads(XOR.read_text())["expected"][0]
    [found] = first["targets"]
    assert first["network"] == "xor-k3-3"
    assert first["protocol"] == "released"
    assert {key: found[key] for key in ("n_candidates", "n_circuits", "n_interpretations")} == {
        key: stored[key] for key in ("n_candidates", "n_circuits", "n_interpretations")
    }
    assert found["mappings"] == stored["mappings_6_pairs"]
    assert found["formulas"][0].keys() == {"formula", "steps", "minimal_mappings"}
    assert found["circuits"][0].keys() == {"edges", "interpretations"}
    assert [target["target"] for target in second["targets"]] == ["XOR", "AND", "NOR"]


def test_counts_only_into_a_file(run, tmp_path):
    process = run(
        "explain", XOR, "--counts-only", "--protocol", "strict", "--json", tmp_path / "a.json"
    )
    assert process.returncode == 0, process.stderr
    [entry] = json.loads((tmp_path / "a.json").read_text())
    [found] = entry["targets"]
    strict = json.loads(XOR.read_text())["expected"][0]["strict"]
    known = {"how": "exact", "standard_error": 0, "standard_error_reachable": 0}
    known["n_mappings_empty"] = 0
    assert found == {"target": "XOR", **strict, **known}
    assert "384" in process.stdout


def test_out_writes_the_artifacts(run, tmp_path):
    assert run("explain", XOR, "--protocol", "released", "--out", tmp_path / "out").returncode == 0
    written = sorted(path.parent.name for path in (tmp_path / "out").rglob("*.parquet"))
    assert written == [
        *("algorithms", "alignment", "cells", "circuits", "formulas", "interpretations"),
        *("mappings", "networks", "summary"),
    ]
    for name in written:
        frame = artifacts.read(tmp_path / "out" / name / "xor-k3-3.parquet")
        artifacts.to_table(frame, name)
    assert len(artifacts.read(tmp_path / "out/circuits/xor-k3-3.parquet")) == 66


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_tensor_files_need_an_activation_and_read_the_gate(run, tmp_path, suffix):
    path = tmp_path / f"mine{suffix}"
    if suffix == ".npz":
        np.savez(path, **tensors())
    else:
        save_file(tensors(), path)
    process = run("explain", path)
    assert process.returncode != 0
    assert "--activation leaky_relu|relu|tanh|sigmoid" in process.stderr
    leaky = ("--activation", "leaky_relu", "--output-activation", "leaky_relu")
    process = run(
        "explain", path, *leaky, "--protocol", "released", "--counts-only", "--json", "-"
    )
    [entry] = json.loads(process.stdout)
    assert entry["targets"][0]["target"] == "XOR"
    assert entry["targets"][0]["n_circuits"] == 66


def test_layers_keep_their_order_or_are_refused(run, tmp_path):
    """Names in another order than the layers: .npz keeps the file's order, .safetensors cannot."""
    renamed = {
        f"{name}.{kind}": tensors()[f"{2 * i}.{kind}"]
        for i, name in enumerate(["first", "again", "output"])
        for kind in ("weight", "bias")
    }
    leaky = ("--activation", "leaky_relu", "--output-activation", "leaky_relu")
    np.savez(tmp_path / "a.npz", **renamed)
    process = run("explain", tmp_path / "a.npz", *leaky, *RELEASED)
    assert json.loads(process.stdout)[0]["targets"][0]["n_circuits"] == 66
    # Their shapes make one chain; those of square layers make many.
    save_file(renamed, tmp_path / "a.safetensors")
    process = run("explain", tmp_path / "a.safetensors", *leaky, *RELEASED)
    assert json.loads(process.stdout)[0]["targets"][0]["n_circuits"] == 66
    square = {f"{name}.weight": np.eye(2, dtype=np.float32) for name in ("first", "again")}
    save_file(square, tmp_path / "c.safetensors")
    process = run("explain", tmp_path / "c.safetensors", *leaky)
    assert "the order of layers again, first cannot be told" in process.stderr
    many = {f"layers.{10 if i == '4' else i}.{k}": t for (i, k), t in
            ((name.split("."), t) for name, t in tensors().items())}  # fmt: skip
    save_file(many, tmp_path / "b.safetensors")
    process = run(*("explain", tmp_path / "b.safetensors", *leaky, "--json", "-"))
    assert json.loads(process.stdout)[0]["targets"][0]["n_circuits"] == 66


def test_protocols_stand_side_by_side_then_a_mapping_and_a_circuit_in_words(run, tmp_path):
    path = CASES / "01-relu-221" / "xor.json"
    process = run("explain", path, "--svg", tmp_path / "svg")
    lines = [line.rstrip() for line in process.stdout.splitlines()]
    assert lines[:2] == ["read as: relu hidden, linear output, round", "xor computes XOR"]
    assert lines[2].split() == ["released", "text", "strict", "abstraction"]
    assert lines[3].endswith("0 none found  0 none found  1 unique     1 unique")
    # Who wonders about the 0 is told what is no candidate (D02).
    assert any(line.startswith("released: the circuits that keep every hidden") for line in lines)
    assert "  ¬(A∧B)∧(A∨B): ¬(A∧B) in h1.2; A∨B in h1.1" in lines
    assert "  h1.1 = A OR B; h1.2 = A AND B; out = h1.1 NIMP h1.2" in lines
    drawn = {file.name for file in (tmp_path / "svg").iterdir()}
    assert "xor-strict-XOR-circuit-1.svg" in drawn
    assert "xor-strict-XOR-mapping-1.svg" in drawn


def test_where_no_formula_was_tried_none_is_said_to_be_missing(run):
    process = run("explain", CASES / "13-full-adder" / "adder.json")
    algorithms = [line for line in process.stdout.splitlines() if line.startswith("Q3")]
    assert len(algorithms) == 2
    assert all(line.count("none tried") == 4 for line in algorithms)
    assert "no formula up to depth 2 computes PARITY: nothing was tried" in process.stdout


def test_an_explanation_shows_itself(run):
    found = identifiability.explain(XOR, protocol="strict")
    first, second = repr(found).splitlines()
    assert first.startswith("network, protocol strict: leaky_relu hidden")
    assert second.startswith(f"XOR: perfect circuits: {len(found.circuits)}; interpret")
    assert found.summary().loc["perfect circuits", "XOR"] == str(len(found.circuits))
    page = found._repr_html_()
    assert page.startswith("<p>network, protocol strict: leaky_relu hidden")
    assert page.count("<svg") == 1
    assert "<table" in page
    # What is listed of a circuit is as many as are counted.
    listed = found.interpretations(0, most=10**6)
    assert len(listed) == int(found.circuits["n_interpretations"].iloc[0])
    assert list(listed)[-1] == "out"
    assert found.mapping_in_words(0).count(" in h") >= 1
    assert len(found.mappings) == found["targets"][0]["n_mappings"]
    with pytest.raises(UserError, match="there is no perfect circuit 9999"):
        found.interpretations(9999)


def test_other_pairs_are_another_protocol(run):
    [entry] = json.loads(
        run("explain", XOR, "--protocol", "released", "--pairs", "all", "--json", "-").stdout
    )
    stored = json.loads(XOR.read_text())["expected"][0]["formulas"]
    assert entry["protocol"] == "released-all"
    assert [f["minimal_mappings"] for f in entry["targets"][0]["formulas"]] == [
        f["minimal_mappings_16_pairs"] for f in stored
    ]


def test_from_python():
    model = torch.nn.Sequential(
        *(layer for _ in range(3) for layer in (torch.nn.Linear(3, 3), torch.nn.LeakyReLU(0.01)))
    )
    model[0], model[4] = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)
    model.load_state_dict({name: torch.tensor(t) for name, t in tensors().items()})
    found = identifiability.explain(model, targets=["XOR"], protocol="released")
    assert found["targets"][0]["n_mappings"] == 56
    assert dict(found) == found.to_dict()
    assert len(found.frames["circuits"]) == found["targets"][0]["n_circuits"]
    with pytest.raises(UserError, match="does not compute AND"):
        identifiability.explain(model, targets=["AND"])


def broken(**changes):
    """A reference network as JSON, with changes."""
    return json.dumps(json.loads(XOR.read_text()) | changes)


STORED = json.loads(XOR.read_text())
BAD_FILES = {
    "not JSON": ("a.json", "hello", "not a readable .json file"),
    "truncated": ("a.json", XOR.read_text()[:300], "not a readable .json file"),
    "truncated safetensors": ("a.safetensors", "abc", "not a readable .safetensors file"),
    "truncated npz": ("a.npz", "PK", "not a readable .npz file"),
    "not a network": ("a.json", "{}", "not a network; it needs the keys weights, biases"),
    "a list": ("a.json", "[1]", "not a network"),
    "NaN": (
        "a.json",
        broken(biases=[[float("nan")] * 3, *STORED["biases"][1:]]),
        "layer 0: its weight or bias holds NaN or infinity",
    ),
    "text for numbers": (
        "a.json",
        broken(biases=[["a"] * 3, *STORED["biases"][1:]]),
        "biases[0] is not an array of numbers",
    ),
    "shapes that do not chain": (
        "a.json",
        broken(weights=[STORED["weights"][0][:2], *STORED["weights"][1:]],
               biases=[STORED["biases"][0][:2], *STORED["biases"][1:]]),
        "layer 1: its weight takes 3 values, but the layer below has 2 neurons",
    ),
    "bias of another size": (
        "a.json",
        broken(biases=[[0.0], *STORED["biases"][1:]]),
        "layer 0: weight of shape (3, 2) with bias of shape (1,)",
    ),
    "unsupported activation": (
        "a.json",
        broken(activation="gelu"),
        "unsupported activation 'gelu'; known are leaky_relu, relu, tanh, sigmoid",
    ),
    "another gate": ("a.json", broken(targets=["AND"]), "output 0 does not compute AND"),
    "unknown gate": ("a.json", broken(targets=["XOOR"]), "unknown gate 'XOOR'"),
    "unknown kind": ("a.txt", "x", "unknown kind of file; networks are .json"),
    "three inputs": (
        "a.json",
        broken(weights=[[[1, 1, 1]] * 3, *STORED["weights"][1:]], layer_sizes=[3, 3, 3, 1]),
        "XOR takes 2 inputs, the network 3",
    ),
    "a slope that is no slope": (
        "a.json",
        broken(negative_slope=-0.5),
        "negative_slope: -0.5 is not a number from 0 to 1",
    ),
    "sizes that are no list": ("a.json", broken(layer_sizes=5), "layer_sizes: 5 is not a list"),
    "a target that is a number": ("a.json", broken(targets=[110]), "targets: 110 is no gate"),
    "a misspelt key": (
        "a.json",
        broken(output_activaton="identity"),
        "unknown key 'output_activaton'; did you mean 'output_activation'?",
    ),
    "a key that stands twice": (
        "a.json",
        XOR.read_text().rstrip()[:-1] + ', "weights": []}',
        "'weights' stands twice",
    ),
    "true for a number": (
        "a.json",
        broken(negative_slope=True),
        "negative_slope: true is not a number",
    ),
    "weights beyond float32": (
        "a.json",
        broken(biases=[[1e300] * 3, *STORED["biases"][1:]]),
        "layer 0: its weight or bias holds NaN or infinity",
    ),
    "much too wide": (
        "a.json",
        broken(
            layer_sizes=[2, 64, 1],
            weights=[[[0.1] * 2] * 64, [[0.01] * 64]],
            biases=[[0] * 64, [0]],
            targets=["FALSE"],
        ),
        "hidden layers of [64] neurons are too wide; layers of at most 12",
    ),
    "too wide": (
        "a.json",
        broken(
            layer_sizes=[2, 6, 6, 1],
            weights=[[[0.1] * 2] * 6, [[0.1] * 6] * 6, [[0.01] * 6]],
            biases=[[0] * 6, [0] * 6, [0]],
            targets=["FALSE"],
        ),
        "hidden layers of [6, 6] neurons have 1,336,281,766 candidate circuits under released; at "
        "most 5,000,000 are enumerated, and --counts-only counts the rest without listing them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_line_that_names_it(run, tmp_path, case):
    name, content, message = BAD_FILES[case]
    (tmp_path / name).write_text(content)
    # The good network comes first: nothing is done for it either.
    released = ("--protocol", "released", "--out", tmp_path / "out")
    process = run("explain", XOR, tmp_path / name, *released)
    [line] = process.stderr.splitlines()
    assert line.startswith(f"identifiability: error: {tmp_path / name}: ")
    assert message in line
    assert process.returncode != 0
    assert process.stdout == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json: no such file"),
        ([XOR, "--protocol", "lenient"], "unknown protocol 'lenient'; known are released, text"),
        ([XOR, "--target", "XOOR"], "unknown gate 'XOOR'"),
        ([XOR, "--target", "XOR", "--target", "AND"], "2 target(s) for 1 output(s)"),
        ([XOR, "--target", "01101001"], "PARITY takes 3 inputs, the network 2"),
        ([XOR, "--target", "AND"], "does not compute AND: it rounds to 0, 1, 1, 0"),
        ([XOR, "--activation", "gelu"], "unsupported --activation 'gelu'"),
        (
            [XOR, "--activation", "tanh"],
            "is 'leaky_relu', but 'tanh' was asked for",
        ),
        ([XOR, "--json", "no/such/a.json"], "--json: no/such/a.json: cannot be written"),
        ([XOR, "--out", "out"], "results of several protocols would overwrite; give one"),
        ([XOR, XOR, "--protocol", "text", "--out", "out"], "two networks are called 'xor-k3-3'"),
        ([XOR, XOR, "--svg", "out"], "--svg: two networks are called 'xor-k3-3'"),
        ([XOR, "--json", XOR], "is the network itself; write elsewhere"),
        ([XOR, "--readout", "above"], "readout 'above' is not one of round, above:T"),
        ([XOR, "--readout", "argmax"], "readout argmax: 1 output(s); it takes two"),
        ([XOR, "--inputs", "1"], "--inputs: '1' is not two numbers, as in -1,1"),
        ([XOR, "--json", "."], "--json: '.' is a folder"),
        ([XOR, "--protocol", "text", "--out", f"{XOR}/x"], "cannot be a folder (Not a directory)"),
        ([XOR, "--no-such-option"], "No such option"),
        ([], "Missing argument"),
    ],
)
def test_a_bad_argument_is_one_line(run, arguments, message):
    process = run("explain", *arguments)
    [line] = process.stderr.splitlines()
    assert line.startswith("identifiability: error: ")
    assert message in line
    assert process.returncode != 0
    assert process.stdout == ""


MODELS = {
    "not a model": (5, "model: a int; it must be a torch.nn.Module"),
    "two Linear layers in a row": (
        torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)),
        "no activation between the linear layers 0 and 1",
    ),
    "unsupported activation": (
        torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GELU(), torch.nn.Linear(3, 1)),
        "model: 1: unexpected GELU",
    ),
    "mixed activations": (
        torch.nn.Sequential(
            torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 3), torch.nn.Tanh(),
            torch.nn.Linear(3, 1),
        ),
        "different activations",
    ),
    "no hidden layer": (torch.nn.Sequential(torch.nn.Linear(2, 1)), "needs at least two"),
}  # fmt: skip


@pytest.mark.parametrize("case", MODELS)
def test_a_bad_model_is_refused(case):
    model, message = MODELS[case]
    with pytest.raises(UserError, match=message):
        identifiability.explain(model)
