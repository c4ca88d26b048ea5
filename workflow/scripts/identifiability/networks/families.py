"""Families: one setting of gates, widths and training, with its seeds (paper, sections 3, 4)."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from identifiability.networks.gates import Gate
from identifiability.networks.stack import Reading

Purpose = Literal[
    "dataset",
    "initialisation",
    "shuffling",
    "gates",
    "probabilities",
    "noise",
    "judging",
    "circuits",
]
_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
SEED_RULE = "numpy SeedSequence([sha256(family) as 8 words of 32 bits, seed, purpose])"


Analysed = Literal["converged", "functional"]
"""Which networks figures, tables and claims are about: columns of the artifact ``networks``."""


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
        noise: Standard deviation of the Gaussian noise on training inputs, fresh in every epoch.
        input_probabilities: Whether the input rows are drawn ``uniform``, or with probabilities
            that are themselves drawn per seed, u_i / sum(u) with u_i ~ U(0, 1) (``skewed``).
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
    noise: float = 0.0
    input_probabilities: Literal["uniform", "skewed"] = "uniform"


@dataclass(frozen=True)
class NetworkFiles:
    """Networks of one's own, in files.

    Attributes:
        paths: The files, in the order of their names; a network's seed is its place.
        reading: How they are read, as far as the files do not say.
        targets: The gate of each output; None if it is what a network computes.
    """

    paths: tuple[str, ...]
    reading: Reading = field(default_factory=Reading)
    targets: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Family:
    """A setting with its seeds.

    Attributes:
        name: Its slug, such as ``xor-k3``.
        gates: The targets, or the gates they are drawn from.
        hidden: Neurons per hidden layer.
        seeds: Number of networks; their seeds are 0, 1, 2, …
        training: How they are trained.
        outputs: Number of targets drawn per seed, without replacement, from ``gates``; None if
            every network has all of them, in that order.
        untrained_draws: If not None, the networks are not trained: of so many random
            initialisations, the first ``seeds`` that compute each of the gates. A network's seed
            is then the number of its draw.
        files: If not None, the networks are not trained but read. ``gates`` are then what any of
            them computes.
        draws_of: The family whose samples, initial weights and orders of samples its networks
            have; None for its own. With another loss cutoff they are then the same trainings,
            stopped earlier or later.
    """

    name: str
    gates: tuple[Gate, ...]
    hidden: tuple[int, ...]
    seeds: int
    training: Training
    outputs: int | None = None
    untrained_draws: int | None = None
    files: NetworkFiles | None = None
    draws_of: str | None = None

    @property
    def stream(self) -> str:
        """The slug from which random numbers are derived."""
        return self.draws_of or self.name

    @property
    def is_trained(self) -> bool:
        """Whether its networks are trained, not drawn or read."""
        return self.untrained_draws is None and self.files is None

    @property
    def formulas(self) -> str:
        """Name of the list of formulas that are tried on its networks.

        One for all families of a depth, their layers of weights; networks of one's own have a
        list of their own, so that others' do not change with them.
        """
        return f"depth-{self.depth}" if self.files is None else self.name

    @property
    def depth(self) -> int:
        """Largest depth of the formulas that are tried on its networks: layers of weights."""
        return len(self.layer_sizes) - 1

    @property
    def n_inputs(self) -> int:
        """Inputs of its networks."""
        return self.gates[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """Outputs of its networks, one target each."""
        return len(self.gates) if self.outputs is None else self.outputs

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, inputs and outputs included."""
        return (self.n_inputs, *self.hidden, self.n_outputs)

    @property
    def single_output_sizes(self) -> tuple[int, ...]:
        """Neurons per layer of a network seen through one of its outputs."""
        return (self.n_inputs, *self.hidden, 1)

    def targets(self, seed: int) -> tuple[Gate, ...]:
        """The gates that the network of this seed learns, one per output."""
        if self.outputs is None:
            return self.gates
        drawn = generator(self.stream, seed, "gates").permutation(len(self.gates))[: self.outputs]
        return tuple(self.gates[i] for i in drawn)


def network_id(family: str, seed: int) -> str:
    """The key of a network in every artifact."""
    return f"{family}/{seed}"


def generator(family: str, seed: int, purpose: Purpose) -> np.random.Generator:
    """Random numbers for one purpose of one network, whatever else is drawn elsewhere."""
    words = np.frombuffer(hashlib.sha256(family.encode()).digest(), ">u4")
    entropy = [*map(int, words), seed, _PURPOSES.index(purpose)]
    return np.random.default_rng(np.random.SeedSequence(entropy))
