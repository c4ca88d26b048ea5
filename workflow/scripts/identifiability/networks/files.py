"""Networks of one's own: read from ``.json``, ``.safetensors``, ``.npz``, or a PyTorch model."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from identifiability.errors import UserError
from identifiability.networks.networks import (
    ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    Networks,
    from_layers,
)

# PyTorch takes seconds to load, and only its own models need it.
if TYPE_CHECKING:
    import torch

SUFFIXES = (".json", ".safetensors", ".npz", ".pt")


def load(
    path: Path, activation: str | None = None, output_activation: str | None = None
) -> tuple[Networks, list[str] | None]:
    """Reads a network.

    Args:
        path: A ``.json`` file with ``weights[layer][to][from]``, ``biases[layer][to]``,
            ``activation`` and, where it differs, ``output_activation``; or a ``.safetensors`` or
            ``.npz`` file with the ``weight`` and ``bias`` of linear layers, in order; or PyTorch's
            ``.pt`` with the same, alone or as ``state_dict`` beside an ``activation``.
        activation: The activation after every layer, for files that do not say.
        output_activation: The one after the last layer, for files that do not say; the same as
            after the others if neither does.

    Returns:
        A batch of one network, and its targets if the file names them.

    Raises:
        UserError: One line that names the file and what is wrong with it.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file; give a network as {', '.join(SUFFIXES)}")
    try:
        if path.suffix == ".json":
            return _from_json(json.loads(path.read_text()), activation, output_activation)
        if path.suffix == ".safetensors":
            tensors = _by_number(load_file(path))
            return _from_tensors(tensors, activation, output_activation), None
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return _from_tensors(dict(arrays), activation, output_activation), None
        if path.suffix == ".pt":
            return _from_saved(path, activation, output_activation), None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except Exception as error:  # whatever a reader raises on a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable {path.suffix} file ({reason})") from None
    raise UserError(f"{path}: unknown kind of file; networks are {', '.join(SUFFIXES)}")


def from_model(model: "torch.nn.Sequential") -> Networks:
    """Takes a network from a PyTorch model.

    Args:
        model: Linear layers, each but possibly the last followed by an activation; the same one
            throughout. Without an activation after the last layer, the output is read as it is.

    Raises:
        UserError: If the model is anything else.
    """
    from torch import nn

    if not isinstance(model, nn.Sequential):
        raise UserError(f"model: a {type(model).__name__}; it must be a torch.nn.Sequential")
    activations: dict[type[nn.Module], str] = {
        nn.LeakyReLU: "leaky_relu",
        nn.ReLU: "relu",
        nn.Tanh: "tanh",
        nn.Sigmoid: "sigmoid",
    }
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    names: list[str] = []
    slopes: set[float] = set()
    for position, module in enumerate(model):
        if isinstance(module, nn.Linear):
            if len(layers) != len(names):
                raise UserError(f"model: layer {position}: two Linear layers in a row")
            weight = module.weight.detach().cpu().float().numpy()
            bias = np.zeros(len(weight)) if module.bias is None else module.bias.detach().cpu()
            layers.append((weight, np.asarray(bias, np.float32)))
        elif type(module) in activations and len(layers) == len(names) + 1:
            names.append(activations[type(module)])
            if isinstance(module, nn.LeakyReLU):
                slopes.add(float(module.negative_slope))
        else:
            known = ", ".join(m.__name__ for m in activations)
            raise UserError(
                f"model: layer {position}: unexpected {type(module).__name__}; a model alternates "
                f"Linear with one of {known}"
            )
    if len(layers) < 2 or len(names) < len(layers) - 1:
        raise UserError("model: it needs at least two Linear layers with an activation between")
    hidden, slope = set(names[: len(layers) - 1]), slopes or {0.01}
    if len(hidden) > 1:
        raise UserError(f"model: different activations {sorted(hidden)}; use one throughout")
    if len(slope) > 1:
        raise UserError(
            f"model: different slopes {sorted(slope)} of LeakyReLU; use one throughout"
        )
    output = names[-1] if len(names) == len(layers) else "identity"
    return _checked(layers, hidden.pop(), output, slope.pop())


def _from_json(
    content: Mapping[str, Any], activation: str | None, output_activation: str | None
) -> tuple[Networks, list[str] | None]:
    """A network in the format of the reference files."""
    if not isinstance(content, dict) or not {"weights", "biases"} <= set(content):
        raise UserError("not a network; it needs the keys weights, biases and activation")
    for key, kind, what in (
        ("weights", list, "a list of matrices"),
        ("biases", list, "a list of vectors"),
        ("layer_sizes", list, "a list of numbers"),
        ("targets", list, "a list of gates"),
        ("negative_slope", float | int, "a number"),
    ):
        if key in content and not isinstance(content[key], kind):
            raise UserError(f"{key}: {content[key]!r} is not {what}")
    for key, given in (("activation", activation), ("output_activation", output_activation)):
        own = content.get(key)
        if own is not None and given is not None and own != given:
            raise UserError(f"its {key} is {own!r}, but {given!r} was asked for")
    weights, biases = (
        [_numbers(f"{key}[{i}]", v) for i, v in enumerate(content[key])]
        for key in ("weights", "biases")
    )
    if len(weights) != len(biases):
        raise UserError(f"{len(weights)} weights but {len(biases)} biases; one each per layer")
    network = _checked(
        list(zip(weights, biases, strict=True)),
        *_known_activations(
            content.get("activation", activation),
            content.get("output_activation", output_activation),
        ),
        content.get("negative_slope", 0.01),
    )
    sizes = content.get("layer_sizes", list(network.layer_sizes))
    if tuple(sizes) != network.layer_sizes:
        raise UserError(f"layer_sizes {sizes} do not fit weights of {list(network.layer_sizes)}")
    targets = content.get("targets")
    return network, None if targets is None else [str(target) for target in targets]


def _from_tensors(
    tensors: Mapping[str, NDArray[np.float32]],
    activation: str | None,
    output_activation: str | None,
) -> Networks:
    """A network from the named weights and biases of linear layers, first layer first."""
    layers: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, tensor in tensors.items():
        prefix, _, kind = name.rpartition(".")
        if kind not in ("weight", "bias"):
            raise UserError(
                f"unexpected tensor {name!r}; expected the weight and bias of Linear layers, "
                "such as 0.weight and 0.bias"
            )
        layers.setdefault(prefix, {})[kind] = _numbers(name, tensor)
    for prefix in layers:
        if set(layers[prefix]) != {"weight", "bias"}:
            missing = ({"weight", "bias"} - set(layers[prefix])).pop()
            raise UserError(f"layer {prefix!r} has no {missing}")
    return _checked(
        [(layer["weight"], layer["bias"]) for layer in layers.values()],
        *_known_activations(activation, output_activation),
        0.01,
    )


def _from_saved(path: Path, activation: str | None, output_activation: str | None) -> Networks:
    """A network that PyTorch saved: the state of its linear layers, perhaps with an activation."""
    import torch

    content = torch.load(path, map_location="cpu", weights_only=True)
    state = content.get("state_dict", content)
    tensors = {name: tensor.float().numpy() for name, tensor in state.items()}
    own = content.get("activation") if state is not content else None
    return _from_tensors(_by_number(tensors), activation or own, output_activation)


def _checked(
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]],
    activation: str,
    output_activation: str,
    negative_slope: float,
) -> Networks:
    """A batch of one network, if its layers chain and hold numbers."""
    if len(layers) < 2:
        raise UserError(f"{len(layers)} layer(s) of weights; a network needs at least two")
    if not 0 <= negative_slope <= 1:
        raise UserError(f"negative_slope: {negative_slope} is not a number from 0 to 1")
    below = None
    for number, (weight, bias) in enumerate(layers):
        if weight.ndim != 2 or bias.ndim != 1 or len(weight) != len(bias):
            raise UserError(
                f"layer {number}: weight of shape {weight.shape} with bias of shape {bias.shape}; "
                "expected (to, from) and (to,)"
            )
        if 0 in weight.shape:
            raise UserError(f"layer {number}: weight of shape {weight.shape} has no neuron")
        if below is not None and weight.shape[1] != below:
            raise UserError(
                f"layer {number}: its weight takes {weight.shape[1]} values, but the layer below "
                f"has {below} neurons"
            )
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise UserError(f"layer {number}: its weight or bias holds NaN or infinity")
        below = len(weight)
    return from_layers(layers, activation, output_activation, float(negative_slope))


def _known_activations(activation: str | None, output_activation: str | None) -> tuple[str, str]:
    """The activations after the hidden layers and after the last one."""
    if activation is None:
        raise UserError(
            f"it does not say its activation; give --activation {'|'.join(ACTIVATIONS)}, or "
            "activation in the configuration"
        )
    output = activation if output_activation is None else output_activation
    for key, name, known in (
        ("activation", activation, ACTIVATIONS),
        ("output_activation", output, OUTPUT_ACTIVATIONS),
    ):
        if name not in known:
            raise UserError(f"unsupported {key} {name!r}; known are {', '.join(known)}")
    return activation, output


def _numbers(name: str, values: object) -> NDArray[np.float32]:
    """An array of numbers."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            raise ValueError
        with np.errstate(over="ignore"):  # what float32 cannot hold is reported as infinity
            return array.astype(np.float32)
    except ValueError:
        raise UserError(f"{name} is not an array of numbers") from None


def _by_number(tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Tensors by the numbers in their names; safetensors keeps no order of its own."""
    layers = {name.rpartition(".")[0] for name in tensors}
    if len({re.sub(r"\d+", "#", layer) for layer in layers}) > 1:
        raise UserError(
            f"the order of layers {', '.join(sorted(layers))} cannot be told from their names; "
            "number them, as in 0.weight, 2.weight or fc1.weight, fc2.weight"
        )
    return {
        name: tensors[name]
        for name in sorted(tensors, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
    }
