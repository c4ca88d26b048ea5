"""Networks as ONNX graphs: a chain of Gemm, or MatMul and Add, and activations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from identifiability.errors import UserError
from identifiability.networks.stack import Activation, Floats, Linear, Scale, Step

_ACTIVATIONS = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
}
_PASSED_OVER = ("Identity", "Flatten", "Dropout", "Reshape", "Squeeze", "Cast")


def steps_of(path: Path) -> list[Step]:
    """The layers of a graph, first layer first.

    Raises:
        UserError: If the package is missing, or the graph is no such chain.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        raise UserError(
            "reading ONNX needs the package onnx; pip install onnx, or save the weights as "
            ".safetensors"
        ) from None
    graph = onnx.load(path).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    names = [one.name for one in graph.input if one.name not in stored]
    if len(names) != 1 or len(graph.output) != 1:
        raise UserError(f"a graph with {len(names)} inputs and {len(graph.output)} outputs")
    value, steps = names[0], list[Step]()
    for node in graph.node:
        if node.op_type == "Constant":
            stored[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
            continue
        free = [name for name in node.input if name and name not in stored]
        # A product has its order; only a sum may have its constant first.
        if free != [value] or (node.op_type != "Add" and node.input[0] != value):
            raise UserError(f"{node.name or node.op_type}: the graph is no chain of layers")
        options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        constants = [np.asarray(stored[n], np.float64) for n in node.input if n in stored]
        _add(steps, node.op_type, node.name or node.op_type, options, constants)
        value = node.output[0]
    if value != graph.output[0].name:
        raise UserError("the graph is no chain of layers")
    return steps


def _add(
    steps: list[Step],
    kind: str,
    name: str,
    options: Mapping[str, Any],
    constants: list[Floats],
) -> None:
    """Adds what a node does to the layers before it."""
    if kind == "Gemm":
        if options.get("transA", 0):
            raise UserError(f"{name}: a Gemm with transA")
        weight = options.get("alpha", 1.0) * constants[0]
        bias = options.get("beta", 1.0) * constants[1] if len(constants) > 1 else None
        steps.append(Linear(name, weight if options.get("transB", 0) else weight.T, bias))
    elif kind == "MatMul":
        steps.append(Linear(name, constants[0].T))
    elif kind == "Add" and steps and isinstance(steps[-1], Linear) and steps[-1].bias is None:
        weight = steps[-1].weight
        steps[-1] = Linear(steps[-1].name, weight, np.broadcast_to(constants[0], len(weight)))
    elif kind == "BatchNormalization":
        scale, shift, mean, variance = constants
        factor = scale / np.sqrt(variance + options.get("epsilon", 1e-5))
        steps.append(Scale(name, factor, shift - mean * factor))
    elif kind in _ACTIVATIONS:
        steps.append(Activation(name, _ACTIVATIONS[kind], options.get("alpha", 0.01)))
    elif kind not in _PASSED_OVER:
        known = ", ".join(("Gemm", "MatMul", "Add", "BatchNormalization", *_ACTIVATIONS))
        raise UserError(f"{name}: unexpected {kind}; a graph may hold {known}")
