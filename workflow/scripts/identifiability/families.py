"""Families: one setting of gates, widths and training, with its seeds (paper, sections 3, 4)."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from identifiability.gates import Gate

Purpose = Literal["dataset", "initialisation", "shuffling"]
_PURPOSES: tuple[Purpose, ...] = ("dataset", "initialisation", "shuffling")
SEED_RULE = "numpy SeedSequence([sha256(family) as 8 words of 32 bits, seed, purpose])"


@dataclass(frozen=True)
class Training:
    """How networks are trained (paper, section 3).

    Attributes:
        samples: Training samples, drawn once per network.
        validation_samples: Samples on which accuracy is measured.
        batch_size: Samples per step.
        max_epochs: Passes over the samples, at most.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        loss_cutoff: Mean squared error below which training stops, per output.
        patience: Epochs in a row without a new best loss after which training stops.
        min_accuracy: Accuracy on the validation samples below which a network has not converged.
        negative_slope: Slope of leaky ReLU below zero.
    """

    samples: int
    validation_samples: int
    batch_size: int
    max_epochs: int
    learning_rate: float
    weight_decay: float
    loss_cutoff: float
    patience: int
    min_accuracy: float
    negative_slope: float


@dataclass(frozen=True)
class Family:
    """A setting with its seeds.

    Attributes:
        name: Its slug, such as ``xor-k3``.
        gates: The target of each output.
        hidden: Neurons per hidden layer.
        seeds: Number of networks; their seeds are 0, 1, 2, …
        training: How they are trained.
    """

    name: str
    gates: tuple[Gate, ...]
    hidden: tuple[int, ...]
    seeds: int
    training: Training

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, inputs and outputs included."""
        return (self.gates[0].n_inputs, *self.hidden, len(self.gates))


def network_id(family: str, seed: int) -> str:
    """The key of a network in every artifact."""
    return f"{family}/{seed}"


def generator(family: str, seed: int, purpose: Purpose) -> np.random.Generator:
    """Random numbers for one purpose of one network, whatever else is drawn elsewhere."""
    words = np.frombuffer(hashlib.sha256(family.encode()).digest(), ">u4")
    entropy = [*map(int, words), seed, _PURPOSES.index(purpose)]
    return np.random.default_rng(np.random.SeedSequence(entropy))
