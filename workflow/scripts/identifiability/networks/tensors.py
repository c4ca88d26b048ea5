"""Weights and biases by their names: which belongs to which layer, and in which order they stand.

The order follows from the names where these sort (``fc1``, ``fc2``; ``dense``, ``dense_1``), else
from the shapes, if one order alone makes a chain, else from names that say what is last.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

import numpy as np

from identifiability.errors import UserError
from identifiability.networks.stack import Floats, Linear

_NAME = re.compile(
    r"(?P<layer>.*?)[._/]?"
    r"(?:(?P<weight>weights?|kernel|coefs?|w)|(?P<bias>bias(?:es)?|intercepts?|b))"
    r"_?(?P<number>\d*)(?::0)?",
    re.IGNORECASE,
)
_FROM_TO = ("kernel", "coef", "coefs")
"""What lies as [from][to] wherever it is called so."""
_LAST = re.compile(r"(out|output|head|final|last|logits?|classifier|readout)\d*$", re.IGNORECASE)
_MOST_ORDERED = 6
"""Layers whose orders are all tried, where their names do not sort."""


class _Layer(NamedTuple):
    """The arrays of a layer, as they are named."""

    weight: Floats
    bias: Floats | None


def numbers(name: str, values: object) -> Floats:
    """An array of numbers.

    Raises:
        UserError: If it is anything else; a bool is no number.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf" or _holds_bool(values):
            raise ValueError
        return array.astype(np.float64)
    except ValueError:
        raise UserError(f"{name} is not an array of numbers") from None


def _holds_bool(values: object) -> bool:
    """Whether nested lists hold a bool, which NumPy takes for a number beside numbers."""
    if isinstance(values, list | tuple):
        return any(map(_holds_bool, values))
    return isinstance(values, bool)


def linear_layers(
    tensors: Mapping[str, Floats], *, keeps_order: bool = True
) -> tuple[list[Linear], list[str]]:
    """Linear layers from named arrays, first layer first.

    Args:
        tensors: By name, such as ``0.weight``, ``net.fc1.bias``, ``W1``, ``coefs_0``, ``arr_0``.
        keeps_order: Whether they stand in the order in which they were put there; it decides where
            neither names nor shapes do.

    Returns:
        The layers, and what was taken for granted.

    Raises:
        UserError: If an array is no weight or bias of a linear layer, or the order of the layers
            cannot be told.
    """
    if tensors and all(re.fullmatch(r"arr_\d+", name) for name in tensors):
        return as_listed([tensors[f"arr_{i}"] for i in range(len(tensors))])
    layers, from_to = _by_layer(tensors)
    notes = []
    if from_to:
        layers = {name: layer._replace(weight=layer.weight.T) for name, layer in layers.items()}
    order, turned = _ordered(layers, keeps_order)
    if from_to or turned:
        notes.append("weights read as [from][to]")
    return [
        Linear(name, layers[name].weight.T if turned else layers[name].weight, layers[name].bias)
        for name in order
    ], notes


def as_listed(arrays: Sequence[Floats]) -> tuple[list[Linear], list[str]]:
    """Linear layers from arrays in their order, each weight followed by its bias or by none."""
    layers: dict[str, _Layer] = {}
    for position, array in enumerate(arrays):
        last = layers.get(str(len(layers) - 1))
        if array.ndim == 2:
            layers[str(len(layers))] = _Layer(array, None)
        elif array.ndim == 1 and last is not None and last.bias is None:
            layers[str(len(layers) - 1)] = last._replace(bias=array)
        else:
            raise UserError(
                f"array {position} of shape {array.shape}: expected each layer's weight, then its "
                "bias"
            )
    turned = _turned(list(layers.values()))
    return [
        Linear(name, layer.weight.T if turned else layer.weight, layer.bias)
        for name, layer in layers.items()
    ], ["weights read as [from][to]"] if turned else []


def _by_layer(tensors: Mapping[str, Floats]) -> tuple[dict[str, _Layer], bool]:
    """Weights and biases by layer, and whether weights are known to lie as [from][to]."""
    weights: dict[str, Floats] = {}
    biases: dict[str, Floats] = {}
    from_to = []
    for name, tensor in tensors.items():
        found = _NAME.fullmatch(name)
        if found is None:
            batch = name.rpartition(".")[2] in (
                "running_mean",
                "running_var",
                "num_batches_tracked",
            )
            raise UserError(
                f"unexpected tensor {name!r}; expected the weight and bias of Linear layers, "
                "such as 0.weight and 0.bias"
                + ("; `identifiability.explain(model)` takes batch normalisation" * batch)
            )
        layer = found["layer"] + (f".{found['number']}" if found["number"] else "")
        into = weights if found["weight"] else biases
        if layer in into:
            raise UserError(f"two tensors for layer {layer!r}: {name!r} is the second")
        into[layer] = tensor
        if found["weight"]:
            from_to.append(found["weight"].lower() in _FROM_TO)
    for name in biases:
        if name not in weights:
            raise UserError(f"layer {name!r} has no weight")
    for name, weight in weights.items():
        if weight.ndim != 2:
            raise UserError(
                f"weight of layer {name!r} has shape {weight.shape}; expected (to, from), a "
                "Linear layer with all its neurons"
            )
    layers = {name: _Layer(weight, biases.get(name)) for name, weight in weights.items()}
    return layers, bool(from_to) and all(from_to)


def _ordered(layers: Mapping[str, _Layer], keeps_order: bool) -> tuple[list[str], bool]:
    """The order of layers, and whether their weights lie as [from][to]."""
    words = {re.sub(r"[\d_]+", "", name) for name in layers}
    if len(words) <= 1:
        order = sorted(layers, key=_digits)
        return order, _turned([layers[name] for name in order])
    if len(layers) <= _MOST_ORDERED:
        for turned in (False, True):
            chains = [
                list(order)
                for order in permutations(layers)
                if _chains([layers[name] for name in order], turned)
            ]
            if len(chains) == 1:
                return chains[0], turned
            named = [order for order in chains if _is_in_words(order)]
            if len(named) == 1:
                return named[0], turned
            if keeps_order and [*layers] in chains:
                return [*layers], turned
            if chains:
                break
    raise UserError(
        f"the order of layers {', '.join(sorted(layers))} cannot be told from their names or "
        "shapes; number them, as in 0.weight, 2.weight or fc1.weight, fc2.weight"
    )


def _is_in_words(order: Sequence[str]) -> bool:
    """Whether names say this order: the others numbered, the last one called so."""
    *first, last = order
    alike = len({re.sub(r"[\d_]+", "", name) for name in first}) == 1
    return alike and first == sorted(first, key=_digits) and _LAST.search(last) is not None


def _digits(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _turned(layers: Sequence[_Layer]) -> bool:
    """Whether weights make a chain as [from][to] alone."""
    return not _chains(layers, False) and _chains(layers, True)


def _chains(layers: Sequence[_Layer], turned: bool) -> bool:
    """Whether each layer takes as many values as the one below gives."""
    shapes = [layer.weight.shape[::-1] if turned else layer.weight.shape for layer in layers]
    fits = all(above[1] == below[0] for below, above in pairwise(shapes))
    return fits and all(
        layer.bias is None or layer.bias.size == shape[0]
        for layer, shape in zip(layers, shapes, strict=True)
    )


def nested_tensors(
    content: object,
) -> Iterator[tuple[Mapping[str, object], list[dict[str, object]]]]:
    """The dictionaries of named tensors somewhere in a dictionary, with those around each.

    Args:
        content: What was saved: a state dict, or a dictionary that holds one at any depth.
    """
    stack: list[tuple[object, list[dict[str, object]]]] = [(content, [])]
    while stack:
        found, around = stack.pop()
        if not isinstance(found, Mapping):
            continue
        own = {str(key): value for key, value in found.items()}
        tensors = {key: value for key, value in own.items() if hasattr(value, "shape")}
        if tensors and len(tensors) == len(own):
            yield tensors, around
        stack += [(value, [own, *around]) for value in own.values()]
