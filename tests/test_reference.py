"""The engine on the reference networks: every number that their files hold.

The files hold, per network and target, what the authors' code finds (and the paper's 16 pairs in
place of the code's 6), and figures for the protocol ``strict``; tests/test_plain.py has the plain
module reproduce the same numbers.
"""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from identifiability import PROTOCOLS, explain
from identifiability.networks.files import load
from identifiability.networks.models import from_anything
from identifiability.networks.stack import Reading
from tests.examples import some

REFERENCE = Path(__file__).parent / "data" / "reference"
NAMES = sorted(path.stem for path in REFERENCE.glob("*.json"))
COUNTS = ["n_candidates", "n_circuits", "n_interpretations"]
every_network = pytest.mark.parametrize("name", NAMES)
# In `make test`, one of each kind: narrow, of another gate than XOR, and of several outputs.
TELLING = ("xor-k2-0", "imp-k3-0", "xor-and-nor-k3-0")
some_networks = pytest.mark.parametrize("name", some(NAMES, *TELLING))


@cache
def stored(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def as_model(name):
    """The network as a user would have trained it."""
    network = stored(name)
    modules = []
    for weight, bias in zip(network["weights"], network["biases"], strict=True):
        linear = torch.nn.Linear(len(weight[0]), len(weight))
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weight))
            linear.bias.copy_(torch.tensor(bias))
        modules += [linear, torch.nn.LeakyReLU(network["negative_slope"])]
    return torch.nn.Sequential(*modules)


def circuit_table(circuits):
    """Interpretations per circuit, which has to be there once."""
    table = {json.dumps(circuit["edges"]): circuit["interpretations"] for circuit in circuits}
    assert len(table) == len(circuits)
    return table


def mapping_bag(mappings):
    """Mappings in any order."""
    return Counter(json.dumps(mapping, sort_keys=True) for mapping in mappings)


def check_released(found, expected):
    """Holds one target of an explanation against what the file says of the released protocol."""
    assert found["target"] == expected["target"]
    assert {key: found[key] for key in COUNTS} == {key: expected[key] for key in COUNTS}
    assert circuit_table(found["circuits"]) == circuit_table(expected["circuits"])
    assert [(f["formula"], f["minimal_mappings"]) for f in found["formulas"]] == [
        (f["formula"], f["minimal_mappings_6_pairs"]) for f in expected["formulas"]
    ]
    assert mapping_bag(found["mappings"]) == mapping_bag(expected["mappings_6_pairs"])
    assert found["n_mappings"] == len(expected["mappings_6_pairs"])
    assert found["n_algorithms"] == len({m["formula"] for m in expected["mappings_6_pairs"]})


def test_the_files_are_there():
    assert len(NAMES) == 11
    # The lists of mappings are complete.
    for name in NAMES:
        for expected in stored(name)["expected"]:
            listed = sum(f["minimal_mappings_6_pairs"] for f in expected["formulas"])
            assert len(expected["mappings_6_pairs"]) == listed


@every_network
def test_released_on_a_model(name):
    found = explain(as_model(name), stored(name)["targets"], "released").to_dict()
    assert len(found["targets"]) == len(stored(name)["expected"])
    for one, expected in zip(found["targets"], stored(name)["expected"], strict=True):
        check_released(one, expected)


@some_networks
def test_released_on_a_file(name):
    network, targets, _ = load(REFERENCE / f"{name}.json")
    assert targets == stored(name)["targets"]
    found = explain(network, targets, "released").to_dict()
    for one, expected in zip(found["targets"], stored(name)["expected"], strict=True):
        check_released(one, expected)


@every_network
def test_a_model_and_its_file_are_one_network(name):
    network, *_ = load(REFERENCE / f"{name}.json")
    model = from_anything(as_model(name), Reading()).network
    for ours, theirs in zip(
        (*network.weights, *network.biases), (*model.weights, *model.biases), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert (network.activation, network.output_activation, network.negative_slope) == (
        model.activation, model.output_activation, model.negative_slope
    )  # fmt: skip


@some_networks
def test_targets_are_found_without_being_named(name):
    found = explain(as_model(name), protocol="released").to_dict(counts_only=True)
    assert [one["target"] for one in found["targets"]] == stored(name)["targets"]


@some_networks
def test_released_formulas_with_all_pairs(name):
    protocol = replace(PROTOCOLS["released"], name="released-all-pairs", pairs="all")
    found = explain(as_model(name), protocol=protocol).to_dict()
    for one, expected in zip(found["targets"], stored(name)["expected"], strict=True):
        assert [(f["formula"], f["minimal_mappings"]) for f in one["formulas"]] == [
            (f["formula"], f["minimal_mappings_16_pairs"]) for f in expected["formulas"]
        ]
        # The pairs decide nothing about circuits.
        assert {key: one[key] for key in COUNTS} == {key: expected[key] for key in COUNTS}


@some_networks
def test_strict(name):
    found = explain(as_model(name), protocol="strict", counts_only=True).to_dict(counts_only=True)
    for one, expected in zip(found["targets"], stored(name)["expected"], strict=True):
        assert expected["strict"]
        assert {key: one[key] for key in expected["strict"]} == expected["strict"]
