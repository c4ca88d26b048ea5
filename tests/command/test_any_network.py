"""Networks of one to four inputs and one to four hidden layers, against the plain module."""

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import PROTOCOLS, explain, plain
from identifiability.algorithms import deep_formulas, formulas
from identifiability.circuits import candidates
from identifiability.circuits import perfect as circuits
from identifiability.circuits.shapes import count_all, count_candidates
from identifiability.config.defaults import engine_defaults
from identifiability.errors import UserError
from identifiability.networks import checks
from identifiability.networks.gates import gate, gate_of_table
from identifiability.networks.networks import Networks
from identifiability.plain import PlainNetwork
from tests.algorithms.test_trees import as_plain
from tests.command.test_cli import run  # noqa: F401 - a fixture
from tests.examples import examples, of_profile
from tests.test_against_plain import (
    as_bag,
    assume_decidable,
    check_circuits,
    check_explanation,
    check_interpretations,
    engine,
    networks,
    outputs_rounded,
    readings_of,
    rows_of,
)

SHALLOW = [(1, 1, 1), (1, 3, 1), (3, 1, 1), (3, 2, 1), (4, 1, 1), (4, 2, 1)]
SHALLOW = of_profile(SHALLOW, [(1, 3, 1), (3, 1, 1)])
DEEP = [
    (1, 2, 2, 1), (1, 1, 2, 1, 1), (1, 2, 1, 2, 1, 1), (2, 1, 2, 1, 1), (2, 2, 1, 2, 1),
    (2, 1, 1, 2, 1, 1), (3, 1, 2, 1), (3, 2, 2, 1), (3, 1, 1, 2, 1), (4, 2, 1, 1), (4, 1, 2, 1),
]  # fmt: skip
DEEP = of_profile(DEEP, [(1, 1, 2, 1, 1), (2, 1, 2, 1, 1), (3, 1, 2, 1)])

# Circuits, interpretations, mappings -------------------------------------------------------------


def of_shapes(shapes):
    return st.sampled_from(shapes).flatmap(lambda sizes: networks(*sizes))


@examples(25)
@given(of_shapes(SHALLOW), st.sampled_from(readings_of(2)))
def test_one_hidden_layer(network, reading):
    assume_decidable(network)
    check_explanation(network, *reading)


@examples(14)
@given(of_shapes(DEEP), st.sampled_from(["text", "strict"]))
def test_several_hidden_layers(network, name):
    """Circuits and interpretations, and the mappings of some of the formulas."""
    assume_decidable(network)
    table = outputs_rounded(network)
    rules = {"text": plain.text(), "strict": plain.strict()}[name]
    found = explain(engine(network), protocol=name)["targets"][0]
    expected = plain.perfect_circuits(network, table, rules)
    readings = [plain.multiply_interpretations(network, edges) for edges in expected]
    assert as_bag(found["circuits"]) == as_bag(
        {"edges": edges, "interpretations": str(number)}
        for edges, (number, _) in zip(expected, readings, strict=True)
    )
    assert found["n_interpretations"] == str(sum(number for number, _ in readings))
    assert found["n_interpretations_reachable"] == str(sum(number for _, number in readings))
    listed = formulas.candidate_formulas(
        gate_of_table(table), rules.formulas, rules.variables, len(network.weights)
    )
    by_formula = {}
    for mapping in found["mappings"]:
        by_formula.setdefault(mapping["formula"], []).append(mapping["mapping"])
    for formula in listed[:: 1 + len(listed) // 3]:
        if formula.twin_of != listed.index(formula) and PROTOCOLS[name].twins == "one":
            continue
        minimal = plain.minimal_mappings(network, as_plain(formula.root), rules)
        assert as_bag(by_formula.get(formula.text, [])) == as_bag(
            [{"layer": layer, "neurons": list(neurons)} for layer, neurons in mapping]
            for mapping in minimal
        )


@examples(4)
@given(of_shapes([(3, 2, 1), (2, 2, 1, 1)]))
def test_several_outputs_are_single_outputs(network):
    """Outputs that share the hidden layers are as many networks."""
    assume_decidable(network)
    table = outputs_rounded(network)
    assume(len(set(table)) == 2)
    *below, last = network.weights
    weights, biases = last[0], network.biases[-1]
    # The second output is the first, turned round: 1 - x with an identity, else left to luck.
    two = PlainNetwork(
        [*below, [weights, [-w for w in weights]]],
        [*network.biases[:-1], [*biases, 1 - biases[0]]],
        network.activation,
        output_activation="identity",
    )
    assume(all(set(outputs_rounded(two.single_output(i))) == {0, 1} for i in (0, 1)))
    together = explain(engine(two), protocol="text")["targets"]
    for i, found in enumerate(together):
        (alone,) = explain(engine(two.single_output(i)), protocol="text")["targets"]
        assert found == alone


@examples(10)
@given(of_shapes([(3, 2, 1, 2, 1), (4, 3, 1), (2, 3, 1, 1, 1)]), st.integers(6, 40))
def test_blocks_of_work_change_nothing(network, block):
    """Choices that get a table of their neurons' responses, and choices that do not."""
    table = outputs_rounded(network)
    assume_decidable(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(circuits, "_CHUNK", block * 2 ** network.layer_sizes[0])
        check_circuits([network], [table])


@examples(10)
@given(networks(4, 3, 1) | networks(3, 3, 2, 1))
def test_interpretations_of_full_circuits(network):
    """Neurons that read every input have up to fifteen separators."""
    assume(set(outputs_rounded(network)) == {0, 1})
    full = [["1" * below] * above for below, above in pairwise(network.layer_sizes)]
    check_interpretations(network, [full])


@pytest.mark.slow
def test_a_neuron_with_ten_parents_has_more_interpretations_than_a_float_holds():
    # Every neuron counts A + 2 * B, in three readings; with one edge less the output rounds to 0.
    network = PlainNetwork([[[1, 2]] * 10, [[0.055] * 10]], [[0] * 10, [-1.1]], "relu")
    explanation = explain(engine(network), protocol="strict", counts_only=True)
    (found,) = explanation.to_dict(counts_only=True)["targets"]
    assert (found["target"], found["n_circuits"], found["how"]) == ("AND", 1, "exact")
    edges = [["11"] * 10, ["1" * 10]]
    expected, _ = plain.multiply_interpretations(network, edges)
    assert found["n_interpretations"] == str(expected)
    assert expected > 2**1024


def test_enumeration_goes_on_from_choices_that_keep_the_same():
    sizes = (2, 3, 2, 2, 1)
    found = candidates.enumerate_candidates(sizes, 5)
    assert len(found) == sum(
        number for (hidden, _), number in count_candidates(sizes).items() if hidden <= 5
    )


# The command -------------------------------------------------------------------------------------

MUX = {
    # h0 = B and not A, h1 = A and C; their sum.
    "weights": [[[-1, 1, 0], [1, 0, 1]], [[1, 1]]],
    "biases": [[0, -1], [0]],
    "activation": "relu",
    "output_activation": "identity",
}


def save(path, network):
    path.write_text(json.dumps(network))
    return path


def test_a_multiplexer(run, tmp_path):  # noqa: F811
    process = run(
        "explain", save(tmp_path / "mux.json", MUX), "--protocol", "strict", "--json", "-"
    )
    (found,) = json.loads(process.stdout)[0]["targets"]
    assert found["target"] == "MUX"
    # An edge of weight 0 may go or stay.
    assert as_bag(found["circuits"]) == as_bag(
        {"edges": [[first, second], ["11"]], "interpretations": "1"}
        for first in ("110", "111")
        for second in ("101", "111")
    )
    # (¬A*B)+(A*C) without its OR, as the network is laid out; the other formula, an AND of two
    # ORs, has no place in it.
    assert {f["formula"]: f["minimal_mappings"] for f in found["formulas"]} == {
        "¬(¬(¬A*B)*¬(A*C))": 1,
        "¬(¬A*¬B)*¬(A*¬C)": 0,
    }
    places = [{"layer": 1, "neurons": [neuron]} for neuron in (0, 1)]
    assert [m["mapping"] for m in found["mappings"]] == [places]
    assert "formulas_searched" not in found


def test_names_of_a_full_adder_are_kept(run, tmp_path):  # noqa: F811
    rows = np.array(plain.input_rows(3))
    # Neurons that count: how far the sum of the inputs exceeds 0, 1 and 2.
    network = {
        "weights": [[[1, 1, 1]] * 3, [[0, 1, -1], [1, -2, 2]]],
        "biases": [[0, -1, -2], [0, 0]],
        "activation": "relu",
        "output_activation": "identity",
    }
    total = rows.sum(1)
    path = save(tmp_path / "adder.json", network)
    targets = ["--target", "FULL_ADDER_CARRY", "--target", "FULL_ADDER_SUM"]
    entry = json.loads(run("explain", path, *targets, "--json", "-").stdout)[0]
    assert [t["target"] for t in entry["targets"]] == ["FULL_ADDER_CARRY", "FULL_ADDER_SUM"]
    entry = json.loads(run("explain", path, "--json", "-").stdout)[0]
    assert [t["target"] for t in entry["targets"]] == ["MAJORITY", "PARITY"]
    assert gate("MAJORITY").table == tuple((total >= 2).astype(int))


def test_the_activation_after_the_last_layer(run, tmp_path):  # noqa: F811
    """The same weights, by option, by key, and from a model's modules."""
    import torch
    from safetensors.numpy import save_file

    tensors = {}
    for i, (weight, bias) in enumerate(zip(MUX["weights"], MUX["biases"], strict=True)):
        tensors |= {f"{i}.weight": np.float32(weight), f"{i}.bias": np.float32(bias)}
    save_file(tensors, tmp_path / "mux.safetensors")
    options = ["--activation", "relu", "--output-activation", "identity", "--json", "-"]
    by_option = json.loads(run("explain", tmp_path / "mux.safetensors", *options).stdout)
    by_key = json.loads(run("explain", save(tmp_path / "mux.json", MUX), "--json", "-").stdout)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))
    names = {
        "0.weight": "0.weight",
        "0.bias": "0.bias",
        "2.weight": "1.weight",
        "2.bias": "1.bias",
    }
    model.load_state_dict({own: torch.tensor(tensors[name]) for own, name in names.items()})
    assert by_option == by_key
    assert by_option[0] == explain(model, name="mux").to_dict()


def test_what_was_not_searched_is_in_the_output(run, tmp_path):  # noqa: F811
    deep = {
        "weights": [[[1, 1], [1, 1]], [[1, -2]], [[1]], [[1]]],
        "biases": [[0, -1], [0], [0], [0]],
        "activation": "relu",
    }
    process = run("explain", save(tmp_path / "deep.json", deep), "--json", tmp_path / "out.json")
    (found,) = json.loads((tmp_path / "out.json").read_text())[0]["targets"]
    assert found["target"] == "XOR"
    assert found["formulas_searched"].startswith("all formulas up to depth 3; at depth 4 those")
    assert "all formulas up to depth 3; at depth 4" in " ".join(process.stdout.split())


def of_shape(*sizes):
    """A network that is 0 everywhere."""
    return {
        "weights": [np.zeros((above, below)).tolist() for below, above in pairwise(sizes)],
        "biases": [[0] * above for above in sizes[1:]],
        "activation": "relu",
    }


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        (of_shape(5, 2, 1), [], "5 inputs; at most 4 are explained"),
        (of_shape(2, 1, 1, 1, 1, 1, 1), [], "5 hidden layers; at most 4 are explained"),
        (of_shape(3, 13, 1), [], "hidden layers of [13] neurons are too wide"),
        (
            of_shape(3, 4, 4, 4, 1),
            ["--protocol", "strict"],
            "circuits are counted for two inputs and two hidden layers only",
        ),
        (of_shape(4, 7, 7, 1), ["--counts-only"], "at most 5,000,000 are enumerated"),
        (
            of_shape(3, 1, 9, 1),
            [],
            "[1, 9] neurons have 512 sets of neurons on which to intervene",
        ),
        (of_shape(3, 2, 1), ["--target", "XOR"], "XOR takes 2 inputs, the network 3"),
        (
            of_shape(3, 2, 1),
            ["--target", "MUX"],
            "does not compute MUX: it rounds to 0, 0, 0, 0, 0, 0, 0, 0 on the inputs 000, 001, "
            "010, 011, 100, 101, 110, 111, not to 0, 0, 1, 1, 0, 1, 0, 1",
        ),
        (of_shape(3, 2, 2), [], "outputs 0 and 1 both compute 00000000"),
        (
            of_shape(2, 2, 1) | {"output_activation": "softmax"},
            [],
            "unsupported output_activation 'softmax'; known are leaky_relu, relu, tanh, sigmoid, "
            "identity",
        ),
        (
            MUX,
            ["--output-activation", "tanh"],
            "its output_activation is 'identity', but 'tanh' was asked for",
        ),
    ],
)
def test_a_network_out_of_reach_is_one_line(run, tmp_path, network, options, message):  # noqa: F811
    process = run("explain", save(tmp_path / "a.json", network), *options)
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"identifiability: error: {tmp_path / 'a.json'}: ")
    assert message in line
    assert process.returncode == 2


def test_two_names_of_one_table_are_still_one_target(run, tmp_path):  # noqa: F811
    network = of_shape(3, 2, 2)
    network["weights"][0] = [[1, 1, 1]] * 2
    network["biases"][0] = [-1, -2]
    network["weights"][1] = [[1, -1]] * 2
    options = ["--target", "MAJORITY", "--target", "FULL_ADDER_CARRY"]
    process = run("explain", save(tmp_path / "a.json", network), *options)
    assert "outputs 0 and 1 both compute FULL_ADDER_CARRY" in process.stderr


def test_a_batch_is_refused():
    two = Networks((np.zeros((2, 1, 2), np.float32),) * 1, (np.zeros((2, 1), np.float32),))
    with pytest.raises(UserError, match="a batch of 2 networks"):
        explain(two)


def test_rows_of_four_inputs():
    network = PlainNetwork([[[1, 1, 1, 1]], [[1]]], [[-3], [0]], "relu")
    assert len(rows_of(network)) == 16
    (found,) = explain(engine(network), protocol="strict")["targets"]
    assert found["target"] == "0000000000000001"
    # No pair of neurons is tied to anything but the whole: one circuit, one reading of its neuron.
    assert [c["interpretations"] for c in found["circuits"]] == ["1"]


def test_the_limits_that_the_documentation_names_are_those_of_the_code():
    page = (Path(__file__).parents[2] / "docs" / "own-network.md").read_text()
    for limit in (
        engine_defaults()["max_candidates"],
        deep_formulas.MAX_TREES,
        deep_formulas.MAX_FUNCTIONS,
        deep_formulas.MAX_FORMULAS,
    ):
        assert f"{limit:,}" in page
    assert f"there may be {checks.MAX_SETS} sets" in page
    assert f"at most {checks.MAX_SET_WIDTH}\nneurons" in page
    for shape in re.findall(r"\((\d(?:, \d+)+, 1)\)", page):
        sizes = tuple(map(int, shape.split(", ")))
        assert count_all(sizes) <= engine_defaults()["max_candidates"], shape
