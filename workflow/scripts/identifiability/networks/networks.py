"""Batches of multilayer perceptrons of one shape, and their forward pass.

Weights are float32, as trained; evaluation is float64 (paper, section 2; arithmetic as fixed for
all protocols). Sums run over neurons one by one, in ascending order, so that a value does not
depend on how many networks, circuits or inputs are evaluated side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

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
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    activation: str = "leaky_relu"
    output_activation: str = "leaky_relu"
    negative_slope: float = 0.01

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

    def parameters(
        self, device: torch.device | str = "cpu"
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Weights [network, to, from] and biases [network, to] per layer, float64 tensors."""
        return [
            (
                torch.as_tensor(w, device=device).double(),
                torch.as_tensor(b, device=device).double(),
            )
            for w, b in zip(self.weights, self.biases, strict=True)
        ]

    def activate(self, values: torch.Tensor, layer: int) -> torch.Tensor:
        """Applies the activation that follows layer ``layer`` of weights (0 = first)."""
        last = layer == len(self.weights) - 1
        name = self.output_activation if last else self.activation
        match name:
            case "leaky_relu":
                return torch.where(values > 0, values, self.negative_slope * values)
            case "relu":
                return torch.where(values > 0, values, torch.zeros_like(values))
            case "tanh":
                return torch.tanh(values)
            case "sigmoid":
                return torch.sigmoid(values)
            case "identity":
                return values
        raise ValueError(f"unknown activation {name!r}")

    def activations(self, device: torch.device | str = "cpu") -> list[torch.Tensor]:
        """Forward pass on every Boolean input row.

        Returns:
            One float64 tensor [network, row, neuron] per layer, inputs first.
        """
        rows = torch.as_tensor(input_rows(self.layer_sizes[0]), device=device)
        return self.forward(rows.expand(len(self), *rows.shape))

    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Forward pass.

        Args:
            inputs: Float64 [network, row, input], on the device on which to compute.

        Returns:
            One float64 tensor [network, row, neuron] per layer, inputs first.
        """
        values = [inputs]
        for layer, (weight, bias) in enumerate(self.parameters(inputs.device)):
            total = weighted_sum(values[-1], weight[:, None], bias[:, None])
            values.append(self.activate(total, layer))
        return values

    def outputs(self) -> NDArray[np.float64]:
        """Outputs on every Boolean input row, float64 [network, row, output]."""
        return self.activations()[-1].numpy()


def weighted_sum(values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
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
