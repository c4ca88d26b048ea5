"""Networks of one's own, read from files."""

import difflib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import deserialize

from identifiability.errors import UserError
from identifiability.networks.networks import ACTIVATIONS
from identifiability.networks.onnx_graph import steps_of
from identifiability.networks.stack import (
    Activation,
    Floats,
    Linear,
    Loaded,
    Reading,
    Step,
    assembled,
    known_activation,
)
from identifiability.networks.tensors import linear_layers, nested_tensors, numbers

_KEYS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "weights": (list, "a list of matrices"),
    "biases": (list, "a list of vectors"),
    "activation": (str, "a name"),
    "output_activation": (str, "a name"),
    "negative_slope": ((float, int), "a number"),
    "readout": (str, "round, above:T or argmax"),
    "levels": (list, "two numbers"),
    "layer_sizes": (list, "a list of numbers"),
    "targets": ((list, str), "a list of gates"),
}
"""What a JSON file may say, and what kind of thing that is."""
_NOTES = ("name", "family", "seed", "source", "description", "protocols", "expected", "inputs")
"""What it may hold beside, for people."""
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
}
"""Kinds of numbers in safetensors, but for bfloat16, which NumPy does not have."""


_OF_THE_PAPER = {"input_size", "hidden_sizes", "output_size", "activation", "state_dict"}
"""What the paper's code saves; its activation follows every layer, the last one as well."""


def load(
    path: str | Path,
    activation: str | None = None,
    output_activation: str | None = None,
    readout: str | None = None,
    inputs: tuple[float, float] | None = None,
) -> Loaded:
    """Reads a network.

    Args:
        path: ``.json`` with ``weights[layer][to][from]``, ``biases[layer][to]``, ``activation``
            and, where it differs, ``output_activation``; ``.safetensors``, ``.npz``, ``.pt`` or
            ``.pth`` with the weights and biases of linear layers, by name; or ``.onnx``.
        activation: After every hidden layer, for files that do not say.
        output_activation: After the last layer, for files that do not say. By default, the same
            as after the others in JSON, and none in files that hold weights alone.
        readout: ``round`` (the paper's, and the default), ``above:T`` or ``argmax``.
        inputs: What stands for false and for true; 0 and 1 by default.

    Raises:
        UserError: One line that names the file and what is wrong with it.
    """
    path = Path(path)
    kinds = ", ".join(_READERS)
    if path.is_dir():
        raise UserError(f"{path}: is a folder; give the networks in it, as {kinds}")
    if not path.is_file():
        raise UserError(f"{path}: no such file; give a network as {kinds}")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        hint = "; save weights and biases together, by np.savez" if suffix == ".npy" else ""
        raise UserError(f"{path}: unknown kind of file; networks are {kinds}{hint}")
    try:
        return _READERS[suffix](path, Reading(activation, output_activation, readout, inputs))
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except Exception as error:  # whatever a reader raises on a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable {suffix} file ({reason})") from None


def from_tensors(
    tensors: Mapping[str, Floats],
    reading: Reading,
    slope: float | None = None,
    *,
    keeps_order: bool = True,
) -> Loaded:
    """A network from the weights and biases of its linear layers, by name.

    Args:
        tensors: The arrays.
        reading: How it is read; the activation has to be known.
        slope: Slope of leaky ReLU below zero, if it is known.
        keeps_order: As of ``linear_layers``.

    Raises:
        UserError: If they are anything else, or the order of layers cannot be told.
    """
    layers, notes = linear_layers(tensors, keeps_order=keeps_order)
    if reading.output_activation is None:
        notes.append("linear output, as weights alone do not say")
    return with_activations(layers, reading, slope, notes)


def with_activations(
    layers: list[Linear],
    reading: Reading,
    slope: float | None = None,
    assumed: list[str] | None = None,
) -> Loaded:
    """A network from linear layers and the names of what follows them.

    Raises:
        UserError: If the activation is not said or not known.
    """
    if reading.activation is None:
        raise UserError(
            f"it does not say its activation; give --activation {'|'.join(ACTIVATIONS)}, or "
            "activation in Python or the configuration"
        )
    hidden = known_activation("activation", reading.activation, ACTIVATIONS)
    last = known_activation("output_activation", reading.output_activation or "identity")
    steps: list[Step] = []
    for layer in layers:
        function = last if layer is layers[-1] else hidden
        own = Activation(layer.name, function, 0.01 if slope is None else slope)
        steps += [layer, own]
    return assembled(steps, reading, assumed or [])


def _from_json(path: Path, reading: Reading) -> Loaded:
    """A network in the format of the reference files, or named arrays."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("not UTF-8 text; save it as UTF-8") from None
    content = json.loads(text, object_pairs_hook=_without_twins)
    if not isinstance(content, dict) or not content:
        raise UserError("not a network; it needs the keys weights, biases and activation")
    if "weights" not in content:
        if not all(isinstance(value, list) for value in content.values()):
            raise UserError(
                "not a network; it needs the keys weights, biases and activation, or arrays by "
                f"name such as 0.weight; it has {', '.join(content)}"
            )
        return from_tensors({name: numbers(name, v) for name, v in content.items()}, reading)
    _check_keys(content)
    reading = _agreed(content, reading)
    layers, notes = _layers_of(content)
    if reading.output_activation is None:
        reading = _with(reading, output_activation=reading.activation)
    loaded = with_activations(layers, reading, content.get("negative_slope"), notes)
    sizes = content.get("layer_sizes", list(loaded.network.layer_sizes))
    if tuple(sizes) != loaded.network.layer_sizes:
        raise UserError(
            f"layer_sizes {sizes} do not fit weights of {list(loaded.network.layer_sizes)}"
        )
    targets = content.get("targets")
    return loaded._replace(targets=[targets] if isinstance(targets, str) else targets)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, whose keys stand once each."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise UserError(f"{key!r} stands twice; leave one out")
    return dict(pairs)


def _check_keys(content: Mapping[str, Any]) -> None:
    """Makes sure that nothing is misspelt, and that everything is of its kind."""
    for key, value in content.items():
        if key in _NOTES:
            continue
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_KEYS)}"
            raise UserError(f"unknown key {key!r}; {hint}")
        kind, what = _KEYS[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            hint = "; leave it out, or say identity" if key == "output_activation" else ""
            raise UserError(f"{key}: {json.dumps(value)} is not {what}{hint}")
    for target in content["targets"] if isinstance(content.get("targets"), list) else []:
        if not isinstance(target, str):
            raise UserError(f'targets: {target!r} is no gate; write a name or a table, as "0110"')


def _agreed(content: Mapping[str, Any], reading: Reading) -> Reading:
    """What the file says and what was asked for, which may not differ."""
    own = {key: content.get(key) for key in ("activation", "output_activation", "readout")}
    if "levels" in content:
        pair = content["levels"]
        if len(pair) != 2 or not all(type(value) in (int, float) for value in pair):
            raise UserError(f"levels: {pair} are not two numbers, for false and true")
        own["inputs"] = (float(pair[0]), float(pair[1]))
    for key in ("activation", "output_activation"):
        if own[key] is not None:
            own[key] = known_activation(key, own[key])
    for key, value in own.items():
        given = getattr(reading, key)
        if value is not None and given is not None and value != given:
            raise UserError(f"its {key} is {value!r}, but {given!r} was asked for")
    return _with(reading, **{key: value for key, value in own.items() if value is not None})


def _with(reading: Reading, **changes: Any) -> Reading:
    """A reading with some settings changed."""
    return Reading(**(vars(reading) | changes))


def _layers_of(content: Mapping[str, Any]) -> tuple[list[Linear], list[str]]:
    """The linear layers that a JSON file lists."""
    weights, biases = content["weights"], content.get("biases", [])
    biases = biases or [None] * len(weights)
    if len(weights) != len(biases):
        raise UserError(f"{len(weights)} weights but {len(biases)} biases; one each per layer")
    tensors = {}
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        tensors[f"{i}.weight"] = numbers(f"weights[{i}]", weight)
        if bias is not None:
            own = numbers(f"biases[{i}]", bias)
            tensors[f"{i}.bias"] = own.ravel() if own.ndim == 2 and 1 in own.shape else own
    if any(tensor.ndim != 2 for name, tensor in tensors.items() if name.endswith("weight")):
        # Shapes are told layer by layer.
        return [
            Linear(str(i), tensors[f"{i}.weight"], tensors.get(f"{i}.bias"))
            for i in range(len(weights))
        ], []
    return linear_layers(tensors)


def _from_safetensors(path: Path, reading: Reading) -> Loaded:
    """A network from safetensors, in any kind of number."""
    tensors = {}
    for name, stored in deserialize(path.read_bytes()):  # type: ignore[no-untyped-call]
        kind, data = stored["dtype"], stored["data"]
        if kind == "BF16":  # the upper half of a float32
            values = (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)
        elif kind in _DTYPES:
            values = np.frombuffer(data, _DTYPES[kind])
        else:
            raise UserError(f"{name}: numbers of kind {kind} are not read; save it as float32")
        tensors[name] = numbers(name, values.reshape(stored["shape"]))
    return from_tensors(tensors, reading, keeps_order=False)


def _from_npz(path: Path, reading: Reading) -> Loaded:
    """A network from NumPy's archive of arrays."""
    with np.load(path, allow_pickle=False) as arrays:
        return from_tensors({name: numbers(name, arrays[name]) for name in arrays}, reading)


def _from_pt(path: Path, reading: Reading) -> Loaded:
    """A network that PyTorch saved: a state dict, or a dictionary that holds one."""
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        if "weights_only" not in str(error):
            raise
        raise UserError(
            "holds more than tensors, which is not read, as it could run code; save "
            "model.state_dict(), or give the model to identifiability.explain"
        ) from None
    found = [one for one in nested_tensors(content) if any(map(_is_weight, one[0].values()))]
    if len(found) != 1:
        raise UserError(f"holds {len(found)} state dicts; save one, by model.state_dict()")
    tensors, around = found[0]
    said: dict[str, Any] = {}
    for outer in reversed(around):
        for key in ("activation", "output_activation", "negative_slope", "readout"):
            if isinstance(outer.get(key), str | float):
                said[key] = outer[key]
    slope = said.pop("negative_slope", None)
    if any(outer.keys() >= _OF_THE_PAPER for outer in around):
        said.setdefault("output_activation", reading.output_activation or said.get("activation"))
    return from_tensors(
        {name: numbers(name, as_array(tensor)) for name, tensor in tensors.items()},
        _agreed(said, reading),
        slope,
    )


def _is_weight(tensor: Any) -> bool:
    return len(tensor.shape) == 2


def as_array(values: Any) -> Any:
    """A PyTorch tensor of any kind of number as one of NumPy; what is none stays as it is."""
    if not hasattr(values, "detach"):
        return values
    tensor = values.detach().cpu()
    return (tensor.double() if tensor.is_floating_point() else tensor).numpy()


def _from_onnx(path: Path, reading: Reading) -> Loaded:
    """A network as an ONNX graph."""
    return assembled(steps_of(path), reading)


_READERS: Mapping[str, Callable[[Path, Reading], Loaded]] = {
    ".json": _from_json,
    ".safetensors": _from_safetensors,
    ".npz": _from_npz,
    ".pt": _from_pt,
    ".pth": _from_pt,
    ".onnx": _from_onnx,
}
"""What reads each kind of file."""
SUFFIXES = tuple(_READERS)
"""The kinds of files."""
