"""Networks from objects in memory: PyTorch modules, scikit-learn, lists of arrays.

A PyTorch module is followed from input to output, whatever its nesting, and then run on every
Boolean input row: what is analysed has to give what the module gives, or it is refused. So
nothing that a forward, a hook or a parametrisation does beside the layers is passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from identifiability.errors import UserError
from identifiability.networks.files import as_array, from_tensors, load, with_activations
from identifiability.networks.networks import Networks
from identifiability.networks.stack import (
    Activation,
    Floats,
    Linear,
    Loaded,
    Reading,
    Scale,
    Step,
    assembled,
)
from identifiability.networks.tensors import as_listed, numbers

# PyTorch takes seconds to load, and only its own models need it.
if TYPE_CHECKING:
    import torch

_MOST_INPUTS = 12
"""Inputs of a module that is run on every row; with more it is refused later anyway."""
_EXACT, _HALF = 1e-4, 3e-2
"""How far outputs may lie apart, relative to their size: of float32, and of 16 bits."""


def from_anything(model: Any, reading: Reading) -> Loaded:
    """A network from whatever holds one.

    Args:
        model: A ``torch.nn.Module`` made of Linear layers, activations, Flatten, Identity,
            Dropout and BatchNorm, however nested; a state dict; scikit-learn's MLPClassifier or
            MLPRegressor, trained; a list of arrays, each layer's weight and then its bias; the
            path of a file; what ``load`` returns; or a batch of one network.
        reading: How it is read, as far as the model does not say.

    Raises:
        UserError: If it is anything else, or does more than its layers do.
    """
    if isinstance(model, Loaded | Networks):
        if reading != Reading():
            raise UserError("this network was read already; say how to read it there")
        return model if isinstance(model, Loaded) else Loaded(model)
    if isinstance(model, str | Path):
        return load(model, *vars(reading).values())
    if hasattr(model, "coefs_") and hasattr(model, "intercepts_"):
        return _from_sklearn(model, reading)
    if isinstance(model, Mapping):
        tensors = {str(name): numbers(name, as_array(value)) for name, value in model.items()}
        return from_tensors(tensors, reading)
    if isinstance(model, list | tuple):
        layers, notes = as_listed([*_flat(model)])
        if reading.output_activation is None:
            notes.append("linear output, as weights alone do not say")
        return with_activations(layers, reading, None, notes)
    if callable(getattr(model, "named_modules", None)):
        return _from_module(model, reading)
    raise UserError(
        f"model: a {type(model).__name__}; it must be a torch.nn.Module, a state dict, a "
        "scikit-learn MLP, a list of arrays, or a file"
    )


def _flat(values: Any) -> Iterator[Floats]:
    """The arrays of a list, or of lists in it: pairs by layer, or all weights, then all biases."""
    pairs = isinstance(values, list | tuple) and len(values) == 2
    if pairs and all(isinstance(part, list | tuple) for part in values):
        weights, biases = ([numbers("model", as_array(one)) for one in part] for part in values)
        # Weights apart from biases: scikit-learn's (coefs_, intercepts_).
        if len(weights) == len(biases) and all(one.ndim == 2 for one in weights):
            values = [*zip(weights, biases, strict=True)]
    for part in values:
        if isinstance(part, list | tuple):
            yield from (numbers("model", as_array(one)) for one in part)
        else:
            yield numbers("model", as_array(part))


def _from_sklearn(model: Any, reading: Reading) -> Loaded:
    """A network that scikit-learn trained; its weights lie as [from][to]."""
    functions = {"logistic": "sigmoid", "identity": "identity", "softmax": "softmax"}
    hidden, last = (
        functions.get(name, name) for name in (model.activation, model.out_activation_)
    )
    steps: list[Step] = []
    for number, (weight, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        name = f"layer {number}"
        function = last if number == len(model.coefs_) - 1 else hidden
        steps += [Linear(name, np.asarray(weight).T, np.asarray(bias)), Activation(name, function)]
    found = _outputs(steps, reading)
    rows = _as_it_is(steps, reading).input_values()
    own = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    said = np.asarray(own(rows)).reshape(len(rows), -1)
    if said.shape[1] == found.shape[1] + 1 == 2:  # a classifier of two classes has one output
        said = said[:, 1:]
    if not _alike(found, said, _EXACT):
        raise UserError("model: its predictions are not those of its weights")
    return assembled(steps, reading)


def _from_module(module: Any, reading: Reading) -> Loaded:
    """A network from a PyTorch module."""
    import torch
    from torch import nn

    model = _unwrapped(module)
    if isinstance(model, torch.jit.ScriptModule):
        raise UserError("model: TorchScript; give the module it was made from, or its state dict")
    tensors = [*model.parameters(), *model.buffers()]
    if any(t.is_meta or isinstance(t, nn.UninitializedParameter) for t in tensors):
        raise UserError("model: its weights hold no numbers yet; load them first")
    varying = nn.modules.dropout._DropoutNd, nn.modules.batchnorm._BatchNorm
    if any(m.training for m in model.modules() if isinstance(m, varying)):
        raise UserError("model: it is in training mode, in which its outputs vary; call eval()")
    network = _as_it_is(_steps(model), reading)
    if network.layer_sizes[0] <= _MOST_INPUTS:
        rows = torch.tensor(network.input_values()).to(tensors[0])
        said = _run(model, rows)
        # Read again: what old hooks put in place of weights is there once it has run.
        close = _HALF if tensors[0].element_size() < 4 else _EXACT
        if not _alike(_outputs(_steps(model), reading), said, close):
            raise UserError(
                f"model: {_departs(model, rows, close)} does something else than its weights "
                "say: a forward of its own, a hook or a parametrisation; put what it does into "
                "the weights"
            )
    return assembled(_steps(model), reading)


def _unwrapped(model: Any) -> Any:
    """The module in what PyTorch wraps around one, to run it elsewhere or faster."""
    from torch import nn

    while True:
        if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        elif hasattr(model, "_orig_mod"):
            model = model._orig_mod
        else:
            return model


def _run(model: Any, rows: "torch.Tensor") -> Floats:
    """The outputs of a module, float64 [row, output]."""
    import torch

    try:
        with torch.no_grad():
            found = model(rows)
        return np.asarray(found.double().cpu().numpy(), np.float64).reshape(len(rows), -1)
    except Exception as error:  # whatever a forward raises
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"model: it cannot be run on Boolean inputs ({reason})") from None


def _as_it_is(steps: Sequence[Step], reading: Reading) -> Networks:
    """The network of some layers without its readout, and without a softmax at its end."""
    ends = bool(steps) and isinstance(steps[-1], Activation) and steps[-1].function == "softmax"
    return assembled(steps[:-1] if ends else steps, Reading(inputs=reading.inputs)).network


def _outputs(steps: Sequence[Step], reading: Reading) -> Floats:
    """What layers give on every Boolean row, before any readout, float64 [row, output]."""
    (found,) = _as_it_is(steps, reading).outputs()
    ends = isinstance(steps[-1], Activation) and steps[-1].function == "softmax"
    return np.asarray(softmax(found, axis=1) if ends else found)


def _alike(own: Floats, said: Floats, close: float) -> bool:
    """Whether outputs are those of the model."""
    return own.shape == said.shape and np.allclose(own, said, close, close)


def _departs(model: Any, rows: "torch.Tensor", close: float) -> str:
    """The first layer whose output is not what its weights give for its input, or the model."""
    import torch

    seen: dict[str, tuple[Any, Any]] = {}
    hooks = []
    for name, layer in model.named_modules():
        if not [*layer.children()] and name:

            def keep(_: Any, given: Any, found: Any, name: str = name) -> None:
                seen.setdefault(name, (given[0], found))

            hooks.append(layer.register_forward_hook(keep))
    _run(model, rows)
    for hook in hooks:
        hook.remove()
    layers = dict(model.named_modules())
    for name, (given, found) in seen.items():
        kinds = (k for k in type(layers[name]).__mro__ if k.__module__.startswith("torch.nn"))
        kind: Any = next(kinds, None)
        with torch.no_grad():
            expected = found if kind is None else kind.forward(layers[name], given)
        if not torch.allclose(expected, found, close, close):
            return f"layer {name!r}"
    return "its forward"


def _steps(model: Any) -> list[Step]:
    """The layers that the input of a module passes through, in their order."""
    from torch import fx, nn

    if not [*model.modules()][1:] and not [*model.parameters()]:
        raise UserError(f"model: a {type(model).__name__} without layers")

    class Tracer(fx.Tracer):
        """Follows a forward into modules of one's own, and no further than layers of PyTorch."""

        def is_leaf_module(self, m: Any, qualified_name: str) -> bool:
            # Weights under a parametrisation are children, but what the layer does is the same.
            linear = isinstance(m, nn.Linear) and type(m).forward is nn.Linear.forward
            return linear or (not [*m.children()] and type(m).__module__.startswith("torch."))

    if Tracer().is_leaf_module(model, ""):
        return [*_layer(type(model).__name__, model)]
    try:
        graph = Tracer().trace(model)
    except NotImplementedError:
        raise UserError(
            f"model: a {type(model).__name__} has no forward; give a Sequential"
        ) from None
    except Exception as error:  # whatever a forward raises
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"model: its forward cannot be followed ({reason}); give a Sequential of its layers"
        ) from None
    layers = dict(model.named_modules())
    steps: list[Step] = []
    value = None
    for node in graph.nodes:
        if node.op == "placeholder":
            if value is not None:
                raise UserError("model: its forward takes more than one input")
            value = node
            continue
        if node.op == "get_attr":
            continue
        # Weights may be among what a node reads; all else has to be what the last one gave.
        reads = [other for other in node.all_input_nodes if other.op != "get_attr"]
        if reads != [value]:
            raise UserError(f"model: {node.name}: its forward is no chain of layers")
        if node.op == "output":
            break
        if node.op == "call_module":
            steps += _layer(node.target, layers[node.target])
        else:
            inside = [*node.meta.get("nn_module_stack", {})]
            steps += _call(model, node, inside[-1] if inside else node.name)
        value = node
    return steps


def _layer(name: str, layer: Any) -> Iterator[Step]:
    """What a layer of PyTorch does."""
    from torch import nn

    if isinstance(layer, nn.Linear):
        bias = None if layer.bias is None else as_array(layer.bias)
        yield Linear(name, as_array(layer.weight), bias)
    elif isinstance(layer, nn.BatchNorm1d):
        if layer.running_mean is None:
            raise UserError(f"model: {name}: a BatchNorm without running statistics")
        mean, variance = as_array(layer.running_mean), as_array(layer.running_var)
        factor = 1 / np.sqrt(variance + layer.eps)
        if layer.affine:
            factor = factor * as_array(layer.weight)
        shift = -mean * factor + (as_array(layer.bias) if layer.affine else 0)
        yield Scale(name, factor, shift)
    elif type(layer) in _activations():
        slope = float(layer.negative_slope) if isinstance(layer, nn.LeakyReLU) else 0.01
        yield Activation(name, _activations()[type(layer)], slope)
    elif not isinstance(layer, nn.Identity | nn.Flatten | nn.modules.dropout._DropoutNd):
        raise UserError(_unexpected(name, type(layer).__name__))


def _activations() -> dict[type, str]:
    """The activations of PyTorch by their classes."""
    from torch import nn

    return {
        nn.LeakyReLU: "leaky_relu",
        nn.ReLU: "relu",
        nn.Tanh: "tanh",
        nn.Sigmoid: "sigmoid",
        nn.Softmax: "softmax",
    }


def _call(model: Any, node: Any, inside: str) -> Iterator[Step]:
    """What a function does that is called in the forward of a module of this name."""
    from torch.fx.graph_module import _get_attr

    name = node.target if isinstance(node.target, str) else node.target.__name__
    name = name.rstrip("_")
    if name == "linear":
        stored = [*node.args[1:], *node.kwargs.values(), None][:2]
        own: list[Any] = [one and as_array(_get_attr(model, one.target)) for one in stored]
        yield Linear(node.name, own[0], own[1])
    elif name in ("relu", "tanh", "sigmoid", "softmax"):
        yield Activation(node.name, name)
    elif name == "leaky_relu":
        slope = node.kwargs.get("negative_slope", node.args[1] if len(node.args) > 1 else 0.01)
        yield Activation(node.name, name, float(slope))
    elif name not in ("flatten", "view", "reshape", "squeeze", "contiguous", "dropout", "float"):
        raise UserError(_unexpected(inside or "its forward", name))


def _unexpected(name: str, kind: str) -> str:
    known = (
        "Linear, LeakyReLU, ReLU, Tanh, Sigmoid, Softmax, BatchNorm1d, Dropout, Flatten, Identity"
    )
    return f"model: {name}: unexpected {kind}; a model may be made of {known}"
