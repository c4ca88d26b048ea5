"""A stack of layers, wherever it was read, as a network of linear layers and one activation.

Whatever people bring ends here: weights and biases of linear layers, activations between them,
batch normalisation in evaluation mode, a softmax at the end. The rest of the engine knows
``Networks`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.errors import UserError
from identifiability.networks.networks import (
    ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    Networks,
    from_layers,
)

Floats = NDArray[np.float64]
ALIASES = {
    "linear": "identity",
    "none": "identity",
    "logistic": "sigmoid",
    "leakyrelu": "leaky_relu",
}
"""Other names of activations, in lower case."""


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear layer.

    Attributes:
        name: What it is called where it comes from.
        weight: [to, from].
        bias: [to]; None for zeros.
    """

    name: str
    weight: Floats
    bias: Floats | None = None


@dataclass(frozen=True, eq=False)
class Scale:
    """A batch normalisation in evaluation mode: values times ``factor``, plus ``shift``, [neuron].

    Attributes:
        name: What it is called where it comes from.
        factor: What values are multiplied by.
        shift: What is added to them.
    """

    name: str
    factor: Floats
    shift: Floats


@dataclass(frozen=True)
class Activation:
    """An activation, one of ``OUTPUT_ACTIVATIONS``, or ``softmax``.

    Attributes:
        name: What it is called where it comes from.
        function: Which one.
        slope: Slope of leaky ReLU below zero.
    """

    name: str
    function: str
    slope: float = 0.01


Step = Linear | Scale | Activation


@dataclass(frozen=True)
class Reading:
    """How a network is read, as far as its weights do not say.

    Attributes:
        activation: After every hidden layer; None if it is known.
        output_activation: After the last layer; None if it is known.
        readout: ``round``, ``above:`` with a number, or ``argmax`` of two outputs.
        inputs: What stands for false and for true.
    """

    activation: str | None = None
    output_activation: str | None = None
    readout: str | None = None
    inputs: tuple[float, float] | None = None


class Loaded(NamedTuple):
    """A network that was read.

    Attributes:
        network: A batch of one.
        targets: The gate of each output, if the file names them.
        assumed: What was taken for granted or changed, in a few words each.
    """

    network: Networks
    targets: list[str] | None = None
    assumed: tuple[str, ...] = ()

    def in_words(self) -> str:
        """What is computed beside the weights, and what of it was assumed."""
        return "; ".join((self.network.in_words(), *self.assumed))


def known_activation(key: str, name: object, known: Sequence[str] = OUTPUT_ACTIVATIONS) -> str:
    """The name of an activation, however it is written.

    Args:
        key: Where it stands, for the message.
        name: How it is written.
        known: Which ones may stand there.

    Raises:
        UserError: If it is not one of these.
    """
    written = str(name).lower()
    found = ALIASES.get(written, written)
    if not isinstance(name, str) or found not in known:
        hint = "; a step is a sigmoid with large weights and biases" if written == "step" else ""
        raise UserError(f"unsupported {key} {name!r}; known are {', '.join(known)}{hint}")
    return found


def assembled(steps: Sequence[Step], reading: Reading, assumed: Sequence[str] = ()) -> Loaded:
    """A network from its layers, first layer first.

    Args:
        steps: The layers.
        reading: How it is read; activations that are among the steps have to agree.
        assumed: What was taken for granted so far.

    Raises:
        UserError: If it is no chain of linear layers with one activation throughout.
    """
    folded, notes = _without_scales(steps)
    linear = [step for step in folded if isinstance(step, Linear)]
    if len(linear) < 2:
        raise UserError(f"{len(linear)} layer(s) of weights; a network needs at least two")
    hidden, output, slope, softmax = _activations(folded, reading)
    kind, above = parsed_readout(reading.readout or "round")
    if softmax and kind != "argmax":
        raise UserError(f"{softmax}: a softmax is read by its larger output; give readout argmax")
    checked = _checked(linear)
    if kind == "argmax":
        checked, output = _difference(checked, output), "identity"
        notes.append("argmax of two outputs read as their difference above 0")
    if not 0 <= slope <= 1:
        raise UserError(f"negative_slope: {slope} is not a number from 0 to 1")
    false, true = reading.inputs or (0.0, 1.0)
    if not np.isfinite([false, true]).all() or false == true:
        raise UserError(f"inputs {false:g} and {true:g}: false and true need two numbers")
    network = from_layers(checked, hidden, output, float(slope))
    network = replace(network, levels=(float(false), float(true)), above=above)
    if any(layer.bias is None for layer in linear):
        notes.append("missing biases are 0")
    return Loaded(network, None, (*assumed, *notes))


def parsed_readout(text: str) -> tuple[str, float | None]:
    """The kind of a readout, and the number that an output has to exceed, None if it is rounded.

    Raises:
        UserError: If it is no readout.
    """
    kind, _, number = text.partition(":")
    if text in ("round", "argmax"):
        return text, 0.0 if text == "argmax" else None
    try:
        if kind != "above" or not np.isfinite(float(number)):
            raise ValueError
    except ValueError:
        raise UserError(
            f"readout {text!r} is not one of round, above:T with a number T, or argmax"
        ) from None
    return kind, float(number)


def _without_scales(steps: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """Steps with every batch normalisation folded into a linear layer beside it."""
    folded: list[Step] = []
    waiting: Scale | None = None
    notes = []
    for step in steps:
        if isinstance(step, Scale):
            if waiting is not None:
                raise UserError(f"{step.name}: two normalisations in a row")
            below = folded[-1] if folded else None
            if isinstance(below, Linear):
                bias = 0 if below.bias is None else below.bias
                weight = below.weight * step.factor[:, None]
                folded[-1] = Linear(below.name, weight, step.factor * bias + step.shift)
            else:
                waiting = step
            notes.append(f"{step.name} folded into the weights")
        elif isinstance(step, Linear) and waiting is not None:
            added = step.weight @ waiting.shift + (0 if step.bias is None else step.bias)
            folded.append(Linear(step.name, step.weight * waiting.factor, added))
            waiting = None
        else:
            folded.append(step)
    if waiting is not None:
        raise UserError(f"{waiting.name}: a normalisation after the last layer; leave it out")
    return folded, notes


def _activations(steps: Sequence[Step], reading: Reading) -> tuple[str, str, float, str | None]:
    """Activation after hidden layers, after the last one, slope, and the name of a softmax."""
    after: list[list[Activation]] = []
    for step in steps:
        if isinstance(step, Linear):
            after.append([])
        elif isinstance(step, Activation):
            if not after:
                raise UserError(f"{step.name}: an activation before the first linear layer")
            after[-1].append(step)
    names = [step.name for step in steps if isinstance(step, Linear)]
    for name, own in zip(names, after, strict=True):
        if len(own) > 1:
            raise UserError(f"{own[1].name}: two activations after the linear layer {name}")
    said = [own[0] if own else None for own in after]
    last = said.pop()
    softmax = last.name if last is not None and last.function == "softmax" else None
    if reading.activation is None and any(one is None for one in said):
        index = said.index(None)
        raise UserError(
            f"no activation between the linear layers {names[index]} and {names[index + 1]}"
        )
    functions = {one.function if one else str(reading.activation) for one in said}
    if len(functions) > 1:
        raise UserError(f"different activations {sorted(functions)}; use one throughout")
    hidden = functions.pop()
    if hidden not in ACTIVATIONS:
        raise UserError(
            f"unsupported activation {hidden!r} after a hidden layer; known are "
            f"{', '.join(ACTIVATIONS)}"
        )
    output = reading.output_activation or "identity"
    if last is not None and not softmax:
        output = last.function
    slopes = {
        one.slope for one in (*said, last) if one is not None and one.function == "leaky_relu"
    }
    if len(slopes) > 1:
        raise UserError(f"different slopes {sorted(slopes)} of leaky ReLU; use one throughout")
    return hidden, output, slopes.pop() if slopes else 0.01, softmax


def _checked(linear: Sequence[Linear]) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights and biases, if the layers chain and hold numbers."""
    found: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for number, layer in enumerate(linear):
        with np.errstate(over="ignore"):  # what float32 cannot hold is reported as infinity
            weight = np.asarray(layer.weight, np.float32)
            own = np.zeros(len(weight)) if layer.bias is None else layer.bias
            bias = np.asarray(own, np.float32)
        if bias.ndim == 2 and 1 in bias.shape:
            bias = bias.ravel()
        if weight.ndim != 2 or bias.ndim != 1 or len(weight) != len(bias):
            raise UserError(
                f"layer {number}: weight of shape {weight.shape} with bias of shape {bias.shape}; "
                "expected (to, from) and (to,)"
            )
        if 0 in weight.shape:
            raise UserError(f"layer {number}: weight of shape {weight.shape} has no neuron")
        if found and weight.shape[1] != len(found[-1][1]):
            raise UserError(
                f"layer {number}: its weight takes {weight.shape[1]} values, but the layer below "
                f"has {len(found[-1][1])} neurons"
            )
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise UserError(f"layer {number}: its weight or bias holds NaN or infinity")
        found.append((weight, bias))
    return found


def _difference(
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]], output: str
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Two outputs, of which the larger one wins, as one: the second minus the first."""
    *below, (weight, bias) = layers
    if len(bias) != 2:
        raise UserError(f"readout argmax: {len(bias)} output(s); it takes two, for false and true")
    if output == "relu":
        raise UserError("readout argmax: relu outputs may both be 0; give the network without it")
    double = weight.astype(np.float64), bias.astype(np.float64)
    (w0, w1), (b0, b1) = double
    return [*below, ((w1 - w0)[None].astype(np.float32), np.array([b1 - b0], np.float32))]
