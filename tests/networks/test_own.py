"""Families of networks of one's own: files instead of training."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from identifiability import explain
from identifiability.circuits.reach import every_circuit
from identifiability.errors import UserError
from identifiability.networks.files import load
from identifiability.networks.own import own_networks
from identifiability.protocols import PROTOCOLS
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.circuits import circuits
from identifiability.stages.formulas import formulas
from identifiability.stages.frames import networks_of
from identifiability.stages.interpretations import interpretations
from identifiability.stages.summary import summary
from identifiability.store import artifacts
from tests.configured import parse

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "tests" / "data" / "reference"
CONFIG = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())


def family(**settings):
    return parse({**CONFIG, "families": CONFIG["families"] | {"mine": settings}}).families["mine"]


def test_files_are_read_in_the_order_of_their_names():
    mine = family(networks=str(REFERENCE / "xor-k2-*.json"))
    assert (mine.seeds, mine.layer_sizes) == (2, (2, 2, 2, 1))
    assert [gate.name for gate in mine.gates] == ["XOR"]
    rows = own_networks(mine)
    artifacts.to_table(rows, "networks")
    assert rows["network_id"].tolist() == ["mine/0", "mine/1"]
    for i, number in enumerate((0, 1)):
        network, *_ = load(REFERENCE / f"xor-k2-{number}.json")
        assert (networks_of(rows).select(slice(i, i + 1)).outputs() == network.outputs()).all()


def test_counts_are_those_of_explain():
    mine = family(networks=str(REFERENCE / "xor-k2-*.json"))
    rows = own_networks(mine)
    protocols = list(PROTOCOLS.values())
    found = circuits(rows)
    _, cells = interpretations(rows, found)
    listed = formulas(3, mine.gates, protocols)
    mapped, _ = algorithms(rows, listed, alignment(rows, listed), protocols)
    totals = summary(rows, cells, mapped, protocols, every_circuit((2, 2, 2, 1))).set_index(
        ["network_id", "protocol"]
    )
    for seed in (0, 1):
        network, *_ = load(REFERENCE / f"xor-k2-{seed}.json")
        for protocol in PROTOCOLS:
            (entry,) = explain(network, "XOR", protocol, counts_only=True)["targets"]
            own = totals.loc[(f"mine/{seed}", protocol)]
            for count in ("n_circuits", "n_interpretations", "n_algorithms", "n_mappings"):
                assert int(own[count]) == int(entry[count]), (seed, protocol, count)


def test_lists_of_formulas_are_their_own_and_nothing_is_trained(caplog):
    mine = family(networks=str(REFERENCE / "xor-k2-*.json"))
    assert (mine.formulas, mine.is_trained) == ("mine", False)
    others = parse(CONFIG).families
    assert (others["xor-k2"].formulas, others["xor-k2"].is_trained) == ("depth-3", True)
    assert not others["untrained-k3"].is_trained
    with caplog.at_level("INFO", "identifiability"):
        formulas(3, mine.gates, [PROTOCOLS["strict"]])
        assert not caplog.messages
        formulas(4, mine.gates, [PROTOCOLS["strict"]])
    assert caplog.messages[0].startswith("XOR, strict: all formulas up to depth 3; at depth 4")


def test_what_is_not_drawn_is_no_experiment_on_untrained_networks():
    experiments = CONFIG["experiments"] | {"untrained": {"families": ["xor-k3"]}}
    with pytest.raises(UserError, match=r"experiments.untrained.families: 'xor-k3' is not"):
        parse({**CONFIG, "experiments": experiments})


def test_several_outputs():
    mine = family(networks=str(REFERENCE / "xor-and-nor-k3-0.json"))
    assert [gate.name for gate in mine.gates] == ["XOR", "AND", "NOR"]
    assert mine.n_outputs == 3


@pytest.fixture
def folder(tmp_path):
    """Two networks of one shape, one of another, one that is none."""
    for name in ("xor-k2-0", "xor-k2-1", "xor-k3-0"):
        shutil.copy(REFERENCE / f"{name}.json", tmp_path)
    stored = json.loads((REFERENCE / "xor-k2-0.json").read_text())
    arrays = {}
    for layer, (weight, bias) in enumerate(zip(stored["weights"], stored["biases"], strict=True)):
        arrays |= {f"{layer}.weight": np.array(weight), f"{layer}.bias": np.array(bias)}
    np.savez(tmp_path / "bare.npz", **arrays)
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"networks": "none-*.json"}, "families.mine.networks: no file matches"),
        ({"networks": "xor-*.json"}, r"xor-k3-0.json: layer_sizes \(2, 3, 3, 1\), but .*xor-k2-0"),
        ({"networks": "bare.npz"}, "bare.npz: it does not say its activation; give --activation"),
        ({"networks": "broken.*", "activation": "relu"}, "broken.safetensors: not a readable"),
        ({"networks": "xor-k2-0.json", "targets": ["AND"]}, "does not compute AND"),
        (
            {"networks": "xor-k2-0.json", "gates": ["XOR"]},
            "mine.gates: networks of one's own are taken",
        ),
        (
            {"gates": ["XOR"], "hidden": [2], "targets": ["XOR"]},
            "mine.targets: is said of networks",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, settings, says):
    if "networks" in settings:
        settings = settings | {"networks": str(folder / settings["networks"])}
    with pytest.raises(UserError, match=says) as error:
        family(**settings)
    assert str(error.value).startswith("config: families.mine")
    assert "\n" not in str(error.value)
