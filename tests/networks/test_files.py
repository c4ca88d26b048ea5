"""Networks in the shapes in which people have them: files that were brought, and ways to save one.

Most of tests/data/cases is one network for XOR, (2, 2, 1) with ReLU, in as many files.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from identifiability import explain
from identifiability.errors import UserError
from identifiability.networks.files import SUFFIXES, load
from identifiability.networks.tensors import linear_layers

CASES = Path(__file__).parents[1] / "data" / "cases"
XOR = ("XOR", 1, 1)
"""What every copy of the one network has: target, circuits and interpretations under `strict`."""
RELU = {"activation": "relu"}
NO_GATE = "output 0 rounds to 0, -1, -1, -2 on the inputs 00, 01, 10, 11"
RIGHT = {
    "01-relu-221/xor.json": XOR,
    "03-sigmoid-241/as_printed.json": ("XOR", 8, 630_784),
    "03-sigmoid-241/xor.json": ("XOR", 8, 630_784),
    "07-sklearn-coefs/clf.json": ("B", 6, 33),
    "09-threshold-safetensors/threshold_single.safetensors": "1 layer(s) of weights",
    "09-threshold-safetensors/threshold_xor.safetensors": "with all its neurons",
    "10-constant-third-input/xor_with_constant.json": "with input 3 held at true it computes XOR",
    "13-full-adder/adder.json": ("PARITY", 1, 16),
    "13-full-adder/and3-311.json": ("00000001", 1, 1),
    "13-full-adder/parity-3321.json": ("PARITY", 8, 352),
    "13-full-adder/parity-33221.json": ("PARITY", 44, 1888),
    "20-safetensors-variants/float8.safetensors": "numbers of kind F8_E4M3 are not read",
    "20-safetensors-variants/layernorm.safetensors": "weight of layer '1' has shape (2,)",
    "20-safetensors-variants/no_bias_at_all.safetensors": NO_GATE,
    "20-safetensors-variants/threshold_single.safetensors": "1 layer(s) of weights",
    "20-safetensors-variants/threshold_xor.safetensors": "with all its neurons",
    "22-npz-variants/complex.npz": "0.weight is not an array of numbers",
    "22-npz-variants/deep_in_order.npz": ("XOR", 64, 729),
    "22-npz-variants/deep_sorted_by_name.npz": ("XOR", 64, 729),
    "22-npz-variants/no_bias.npz": NO_GATE,
    "22-npz-variants/object.npz": "Object arrays cannot be loaded",
    "22-npz-variants/plain.npy": "save weights and biases together, by np.savez",
    "23-json-variants/activation_list.json": 'activation: ["relu", "identity"] is not a name',
    "23-json-variants/all_booleans.json": "biases[1] is not an array of numbers",
    "23-json-variants/booleans.json": "biases[0] is not an array of numbers",
    "23-json-variants/brain_js.json": "it has type, sizes, layers",
    "23-json-variants/comments.json": "not a readable .json file (Expecting value: line 1",
    "23-json-variants/duplicate_keys.json": "'biases' stands twice",
    "23-json-variants/empty_bias.json": "layer 1: weight of shape (1, 2) with bias of shape (0,)",
    "23-json-variants/five_inputs.json": "5 inputs; at most 4 are explained",
    "23-json-variants/huge_weight.json": "holds NaN or infinity",
    "23-json-variants/logistic.json": "output 0 rounds to 0, 0, 0, -1",
    "23-json-variants/nan.json": "holds NaN or infinity",
    "23-json-variants/negative_slope_bool.json": "negative_slope: true is not a number",
    "23-json-variants/negative_slope_string.json": 'negative_slope: "0.01" is not a number',
    "23-json-variants/no_biases.json": NO_GATE,
    "23-json-variants/one_layer.json": "1 layer(s) of weights",
    "23-json-variants/output_none.json": "leave it out, or say identity",
    "23-json-variants/step.json": "unsupported activation 'step'",
    "23-json-variants/strings.json": "weights[0] is not an array of numbers",
    "23-json-variants/targets_table_number.json": 'write a name or a table, as "0110"',
    "23-json-variants/tiny_weight.json": "output 0 rounds to 0, 1, 0, -1",
    "23-json-variants/typo_key.json": "did you mean 'output_activation'?",
    "23-json-variants/utf16.json": "not UTF-8 text; save it as UTF-8",
    "25-one-model-two-answers/right.json": ("XOR", 1, 32),
    "25-one-model-two-answers/xor.safetensors": ("XOR", 1, 32),
    "25-one-model-two-answers/typo.json": "did you mean 'output_activation'?",
    "28-cli-slips/dup.json": "outputs 0 and 1 both compute XOR",
    "28-cli-slips/nets": "is a folder; give the networks in it",
}
"""What comes out, or a part of the line that says why nothing does; all others are as ``XOR``."""
BROUGHT = sorted(
    path.relative_to(CASES).as_posix()
    for path in (*CASES.glob("*/*.*"), CASES / "28-cli-slips" / "nets")
)


@pytest.mark.parametrize("name", BROUGHT)
def test_what_people_brought_ends_right_or_in_one_line(name):
    right, path = RIGHT.get(name, XOR), CASES / name
    says = path.suffix.lower() == ".json" and b'"weights"' in path.read_bytes()
    try:
        loaded = load(path, **({} if says else RELU))
        [found] = explain(loaded, protocol="strict", counts_only=True)["targets"][:1]
    except UserError as error:
        message = str(error)
        assert isinstance(right, str), message
        assert right in message
        assert len(message.splitlines()) == 1
    else:
        counts = (found["target"], found["n_circuits"], int(found["n_interpretations"]))
        assert counts == right, loaded.in_words()


def test_parity_of_three_has_no_formula_of_two_levels_and_says_so():
    found = explain(load(CASES / "13-full-adder" / "adder.json"), protocol="strict")
    for target in found["targets"]:
        said = f"no formula up to depth 2 computes {target['target']}: nothing was tried"
        assert target["formulas_searched"] == said
        assert target["n_algorithms"] == 0
    found = explain(load(CASES / "13-full-adder" / "and3-311.json"), protocol="strict")
    assert "formulas_searched" not in found["targets"][0]


def test_what_is_assumed_is_said():
    words = {
        "20-safetensors-variants/keras_kernel.safetensors": (
            "relu hidden, linear output, round; weights read as [from][to]; "
            "linear output, as weights alone do not say"
        ),
        "20-safetensors-variants/no_output_bias.safetensors": (
            "relu hidden, linear output, round; linear output, as weights alone do not say; "
            "missing biases are 0"
        ),
    }
    assert {name: load(CASES / name, "relu").in_words() for name in words} == words
    said = load(CASES / "23-json-variants" / "good.json", readout="above:0.5", inputs=(-1, 1))
    assert said.in_words() == "relu hidden, linear output, above:0.5, inputs -1 and 1"


def test_one_activation_in_two_spellings_is_one():
    path = CASES / "23-json-variants" / "ReLU.json"
    assert load(path, "relu", "identity").in_words() == load(path).in_words()


LAYERS = {
    "a": (np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([0.0, 1, 2])),
    "b": (np.array([[1.0, 2, 3]]), np.array([7.0])),
}


@pytest.mark.parametrize(
    "names",
    [
        *(["0", "2"], ["net.0", "net.2"], ["fc1", "fc2"], ["fc", "fc2"], ["dense", "dense_1"]),
        *(["layers.2", "layers.10"], ["hidden", "out"], ["z", "a"], ["encoder.fc", "head"]),
    ],
)
def test_the_order_follows_from_names_or_shapes(names):
    stored = {
        f"{name}.{kind}": array
        for name, layer in zip(names, LAYERS.values(), strict=True)
        for kind, array in zip(("weight", "bias"), layer, strict=True)
    }
    for order in (stored, dict(sorted(stored.items())), dict(reversed(stored.items()))):
        found, _ = linear_layers(order, keeps_order=False)
        assert [layer.name for layer in found] == names


def test_where_names_and_shapes_are_silent_the_order_of_the_file_decides_if_it_has_one():
    square = {f"{name}.weight": np.eye(2) for name in ("up", "down", "left")}
    found, _ = linear_layers(square, keeps_order=True)
    assert [layer.name for layer in found] == ["up", "down", "left"]
    with pytest.raises(UserError, match="the order of layers down, left, up cannot be told"):
        linear_layers(square, keeps_order=False)
    last = {f"{name}.weight": np.eye(2) for name in ("out", "fc2", "fc1")}
    found, _ = linear_layers(last, keeps_order=False)
    assert [layer.name for layer in found] == ["fc1", "fc2", "out"]


def test_every_way_to_save_is_the_same_network(tmp_path):
    linear = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    with torch.no_grad():
        for layer, weight, bias in zip(
            linear, ([[1, 1], [1, 1]], [[1, -2]]), ([0, -1], [0]), strict=True
        ):
            layer.weight.copy_(torch.tensor(weight))
            layer.bias.copy_(torch.tensor(bias))
    model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1])
    state = model.state_dict()
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    torch.save(state, tmp_path / "a.pt")
    torch.save({"epoch": 3, "model": {"net": state}, "activation": "relu"}, tmp_path / "b.pth")
    torch.save({f"module.{k}": v.bfloat16() for k, v in state.items()}, tmp_path / "c.PT")
    save_file(arrays, tmp_path / "d.safetensors")
    np.savez(tmp_path / "e.npz", *arrays.values())
    (tmp_path / "f.json").write_text(json.dumps({k: v.tolist() for k, v in arrays.items()}))
    whole = explain(model, protocol="strict").to_dict()["targets"]
    files = sorted(tmp_path.iterdir())
    assert {path.suffix.lower() for path in files} == set(SUFFIXES) - {".onnx"}
    for path in files:
        activation = None if path.name == "b.pth" else "relu"
        found = explain(path, protocol="strict", activation=activation)
        assert found["targets"] == whole, path


def test_a_pickled_model_is_not_opened(tmp_path):
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 1)), tmp_path / "a.pt")
    with pytest.raises(UserError, match=r"a\.pt: holds more than tensors, which is not read"):
        load(tmp_path / "a.pt", "relu")


def test_two_state_dicts_are_not_guessed_between(tmp_path):
    state = torch.nn.Linear(2, 2).state_dict()
    torch.save({"best": state, "last": state}, tmp_path / "a.pt")
    with pytest.raises(UserError, match=r"holds 2 state dicts; save one"):
        load(tmp_path / "a.pt", "relu")


def test_a_graph(tmp_path):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    def save(name, nodes, constants):
        graph = helper.make_graph(
            nodes,
            "network",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
            [numpy_helper.from_array(np.array(v, np.float32), k) for k, v in constants.items()],
        )
        onnx.save(helper.make_model(graph), tmp_path / name)
        return tmp_path / name

    constants = {"w1": [[1, 1], [1, 1]], "b1": [0, -1], "w2": [[1, -2]], "b2": [0]}
    gemm = [
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("Gemm", ["f", "w1", "b1"], ["a"], transB=1),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Gemm", ["r", "w2", "b2"], ["y"], transB=1),
    ]
    turned = constants | {"w2": [[1], [-2]]}
    matmul = [
        helper.make_node("MatMul", ["x", "w1"], ["m"]),
        helper.make_node("Add", ["m", "b1"], ["a"]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("MatMul", ["r", "w2"], ["y"]),
    ]
    turned = {name: turned[name] for name in ("w1", "b1", "w2")}
    for name, nodes, own in (("a.onnx", gemm, constants), ("b.onnx", matmul, turned)):
        [found] = explain(save(name, nodes, own), protocol="strict")["targets"]
        assert (found["target"], found["n_circuits"]) == ("XOR", 1)
    gelu = [*gemm[:2], helper.make_node("Gelu", ["a"], ["r"]), gemm[3]]
    with pytest.raises(UserError, match=r"unexpected Gelu; a graph may hold Gemm"):
        load(save("c.onnx", gelu, constants))
    swapped = [helper.make_node("MatMul", ["w1", "x"], ["m"]), *matmul[1:]]
    with pytest.raises(UserError, match="the graph is no chain of layers"):
        load(save("e.onnx", swapped, turned))
    residual = [*gemm[:3], helper.make_node("Add", ["r", "x"], ["y"])]
    with pytest.raises(UserError, match="the graph is no chain of layers"):
        load(save("d.onnx", residual, constants))


def test_without_its_package_a_graph_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    (tmp_path / "a.onnx").write_bytes(b"")
    with pytest.raises(UserError, match=r"a\.onnx: reading ONNX needs the package onnx; pip inst"):
        load(tmp_path / "a.onnx")
