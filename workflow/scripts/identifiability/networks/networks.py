"""Batches of multilayer perceptrons of one shape, and their forward pass.

Weights are float32, as trained; evaluation is float64 (paper, section 2; arithmetic as fixed for
all protocols). Sums run over neurons one by one, in ascending order, so that a value does not
depend on how many networks, circuits or inputs are evaluated side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.arrays import (
    Array,
    Device,
    device_of,
    namespace_of,
    on_device,
    to_numpy,
)
from identifiability.networks.gates import input_rows

ACTIVATIONS = ("leaky_relu", "relu", "tanh", "sigmoid")
OUTPUT_ACTIVATIONS = (*ACTIVATIONS, "identity")
TIE_TOLERANCE = 1e-9
"""Two activations no further apart than this are a tie (the arithmetic of every protocol)."""


@dataclass(frozen=True, eq=False)
class Networks:
    """Fully connected networks of one shape.

    Attributes:
        weights: One float32 array [network, to, from] per layer of weights.
        biases: One float32 array [network, to] per layer of weights.
        activation: One of ``ACTIVATIONS``, after every hidden layer.
        output_activation: One of ``OUTPUT_ACTIVATIONS``, after the last layer.
        negative_slope: Slope of leaky ReLU below zero.
        levels: What stands for false and for true at the inputs.
        above: The readout: an output that exceeds it reads as 1, any other as 0. None rounds the
            output to the nearest integer, as the paper does.
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    activation: str = "leaky_relu"
    output_activation: str = "leaky_relu"
    negative_slope: float = 0.01
    levels: tuple[float, float] = (0.0, 1.0)
    above: float | None = None

    def __len__(self) -> int:
        """Number of networks."""
        return len(self.weights[0])

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, inputs and outputs included."""
        return (self.weights[0].shape[2], *(w.shape[1] for w in self.weights))

    def select(self, networks: NDArray[np.int64] | slice) -> "Networks":
        """Some of the networks, by index."""
        return replace(
            self,
            weights=tuple(w[networks] for w in self.weights),
            biases=tuple(b[networks] for b in self.biases),
        )

    def single_output(self, output: int) -> "Networks":
        """The same networks with one of their outputs (paper, section 2: one target each)."""
        keep = slice(output, output + 1)
        return replace(
            self,
            weights=(*self.weights[:-1], self.weights[-1][:, keep]),
            biases=(*self.biases[:-1], self.biases[-1][:, keep]),
        )

    def parameters(self, device: Device = "cpu") -> list[tuple[Array, Array]]:
        """Weights [network, to, from] and biases [network, to] per layer, float64."""
        return [
            (on_device(w.astype(np.float64), device), on_device(b.astype(np.float64), device))
            for w, b in zip(self.weights, self.biases, strict=True)
        ]

    def activate(self, values: Array, layer: int) -> Array:
        """Applies what follows layer ``layer`` of weights (0 = first).

        It is an activation; after the last layer, the readout as well, unless it rounds.
        """
        last = layer == len(self.weights) - 1
        found = self._activated(values, self.output_activation if last else self.activation)
        if not last or self.above is None:
            return found
        return namespace_of(found).where(found > self.above, 1.0, 0.0)

    def _activated(self, values: Array, name: str) -> Array:
        """Applies an activation."""
        xp = namespace_of(values)
        match name:
            case "leaky_relu":
                return xp.where(values > 0, values, self.negative_slope * values)
            case "relu":
                return xp.where(values > 0, values, 0.0)
            case "tanh":
                return xp.tanh(values)
            case "sigmoid":
                with np.errstate(over="ignore"):  # 1 / inf is what it should be
                    return 1 / (1 + xp.exp(-values))
            case "identity":
                return values
        raise ValueError(f"unknown activation {name!r}")

    def activations(self, device: Device = "cpu") -> list[Array]:
        """Forward pass on every Boolean input row.

        Returns:
            One float64 array [network, row, neuron] per layer, inputs first.
        """
        return self.forward(on_device(np.tile(self.input_values(), (len(self), 1, 1)), device))

    def input_values(self) -> NDArray[np.float64]:
        """What the inputs are on every Boolean input row, float64 [row, input]."""
        false, true = self.levels
        return np.where(input_rows(self.layer_sizes[0]) == 1, true, false)

    def forward(self, inputs: Array) -> list[Array]:
        """Forward pass.

        Args:
            inputs: Float64 [network, row, input], on the device on which to compute.

        Returns:
            One float64 array [network, row, neuron] per layer, inputs first.
        """
        values = [inputs]
        for layer, (weight, bias) in enumerate(self.parameters(device_of(inputs))):
            total = weighted_sum(values[-1], weight[:, None], bias[:, None])
            values.append(self.activate(total, layer))
        return values

    def outputs(self) -> NDArray[np.float64]:
        """Outputs on every Boolean input row, as read out, float64 [network, row, output]."""
        return to_numpy(self.activations()[-1])

    def in_words(self) -> str:
        """What is computed beside the weights, such as "relu hidden, linear output, round"."""
        false, true = self.levels
        output = "linear" if self.output_activation == "identity" else self.output_activation
        words = [f"{self.activation} hidden", f"{output} output", self.readout]
        if "leaky_relu" in (self.activation, self.output_activation):
            words.append(f"slope {self.negative_slope:g}")
        if self.levels != (0.0, 1.0):
            words.append(f"inputs {false:g} and {true:g}")
        return ", ".join(words)

    @property
    def readout(self) -> str:
        """How the output is read: ``round``, or ``above:`` with the number."""
        return "round" if self.above is None else f"above:{self.above:.15g}"


def weighted_sum(values: Array, weight: Array, bias: Array) -> Array:
    """Sums ``weight * values`` over the neurons below, in ascending order, after the bias.

    Args:
        values: Activations below, [..., from].
        weight: [..., to, from]; its leading axes broadcast against those of ``values``.
        bias: [..., to].

    Returns:
        Sums [..., to], equal to the last bit whatever the leading axes hold.
    """
    total = bias
    for i in range(weight.shape[-1]):
        total = total + values[..., i, None] * weight[..., i]
    return total


def from_layers(
    layers: Iterable[tuple[NDArray[np.float32], NDArray[np.float32]]],
    activation: str,
    output_activation: str,
    negative_slope: float,
) -> Networks:
    """A batch of one network from its (weight [to, from], bias [to]) pairs, first layer first."""
    weights, biases = zip(*layers, strict=True)
    return Networks(
        tuple(np.asarray(w, np.float32)[None] for w in weights),
        tuple(np.asarray(b, np.float32)[None] for b in biases),
        activation,
        output_activation,
        negative_slope,
    )
