"""Training as published: AdamW on the mean squared error, early stopping (paper, section 3).

All networks of a family are trained by one compiled loop. A batch of samples holds each Boolean
input row many times, so a step evaluates every row once and weights it by its count, which gives
the batch's loss and gradient; with noise on the inputs, every sample is evaluated. A network's
arithmetic involves nothing but its own numbers: its weights do not depend on the networks beside
it, their number, their order, or on threads.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.networks.adamw import adamw
from identifiability.networks.families import Family, Purpose, Training, generator
from identifiability.networks.gates import input_rows
from identifiability.networks.networks import Networks
from identifiability.store.compiled import compiled

_log = logging.getLogger(__name__)
_STREAMS: tuple[Purpose, ...] = ("shuffling", "noise")


@dataclass(frozen=True, eq=False)
class Trained:
    """Networks after training.

    Attributes:
        networks: The networks.
        epochs: Epochs run, int64 [network].
        loss: Mean squared error of the last epoch, over its samples and outputs, as they were
            seen (before each step), float64 [network].
    """

    networks: Networks
    epochs: NDArray[np.int64]
    loss: NDArray[np.float64]


def initial_parameters(family: Family, seed: int) -> NDArray[np.float32]:
    """PyTorch's default initialisation of linear layers.

    Weights and biases are uniform within 1 / sqrt(number of inputs of the layer).

    Returns:
        Float32 [parameter]: weights [to, from], then biases, layer by layer.
    """
    rng = generator(family.stream, seed, "initialisation")
    parts = []
    for below, above in pairwise(family.layer_sizes):
        bound = below**-0.5
        parts.append(rng.uniform(-bound, bound, above * below + above))
    return np.concatenate(parts).astype(np.float32)


def train(
    family: Family,
    seeds: Sequence[int],
    counts: NDArray[np.int64],
    *,
    networks_at_once: int = 25,
    threads: int = 1,
) -> Trained:
    """Trains the networks of a family.

    Args:
        family: The setting.
        seeds: Which networks.
        counts: Training samples per input row, [network, row].
        networks_at_once: Networks per block of work; changes no result.
        threads: Blocks worked on at a time; changes no result.
    """
    sizes = family.layer_sizes
    parameters = np.stack([initial_parameters(family, seed) for seed in seeds])
    shuffles, noises = (
        np.array([generator(family.stream, s, p).integers(2**64, dtype=np.uint64) for s in seeds])
        for p in _STREAMS
    )
    epochs = np.zeros(len(seeds), np.int64)
    losses = np.zeros(len(seeds), np.float64)
    settings = family.training
    rows = input_rows(sizes[0]).astype(np.float32)
    targets = np.array([[g.table for g in family.targets(s)] for s in seeds], np.float32)
    targets = targets.transpose(0, 2, 1).copy()

    def work(first: int) -> int:
        block = slice(first, first + networks_at_once)
        _train(
            parameters[block],
            shuffles[block],
            noises[block],
            counts[block],
            epochs[block],
            losses[block],
            np.array(sizes),
            rows,
            targets[block],
            settings.batch_size,
            settings.max_epochs,
            settings.patience,
            settings.loss_cutoff * family.n_outputs,
            settings.learning_rate,
            settings.weight_decay,
            settings.noise,
            np.float32(settings.negative_slope),
        )
        return len(parameters[block])

    done = 0
    with ThreadPoolExecutor(threads) as pool:
        for finished in pool.map(work, range(0, len(seeds), networks_at_once)):
            done += finished
            _log.info("%s: trained %d of %d networks", family.name, done, len(seeds))
    return Trained(unflatten(parameters, sizes, settings.negative_slope), epochs, losses)


def unflatten(
    parameters: NDArray[np.float32], sizes: tuple[int, ...], negative_slope: float
) -> Networks:
    """Networks from their parameters, float32 [network, parameter]."""
    weights, biases, start = [], [], 0
    for below, above in pairwise(sizes):
        middle, end = start + above * below, start + above * below + above
        weights.append(parameters[:, start:middle].reshape(-1, above, below))
        biases.append(parameters[:, middle:end])
        start = end
    return Networks(tuple(weights), tuple(biases), negative_slope=negative_slope)


@dataclass(frozen=True, eq=False)
class Learned:
    """What networks have learned.

    Attributes:
        accuracy: Share of validation samples on which the rounded output is right, for the worst
            output, float64 [network].
        converged: Whether loss and accuracy pass, as the paper asks, bool [network].
        functional: Whether every output, rounded, is right on every input, whatever the loss,
            bool [network].
    """

    accuracy: NDArray[np.float64]
    converged: NDArray[np.bool_]
    functional: NDArray[np.bool_]


def judge(
    trained: Trained,
    targets: NDArray[np.int64],
    validation: NDArray[np.int64],
    settings: Training,
) -> Learned:
    """Judges which networks learned their gates (paper, section 3).

    Args:
        trained: The networks.
        targets: Truth tables, [network, output, row].
        validation: Validation samples per input row, [network, row].
        settings: The thresholds.
    """
    right = trained.networks.outputs().round().transpose(0, 2, 1) == targets
    accuracy = (right * validation[:, None]).sum(2) / validation.sum(1)[:, None]
    worst = accuracy.min(1)
    cutoff = settings.loss_cutoff * targets.shape[1]
    passed = (trained.loss < cutoff) & (worst >= settings.min_accuracy)
    return Learned(worst, passed, right.all((1, 2)))


@numba.njit(cache=True, nogil=True)
def _splitmix64(state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The splitmix64 generator: its next state, and 64 random bits."""
    state += np.uint64(0x9E3779B97F4A7C15)
    bits = state
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, bits ^ (bits >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _add_noise(values: NDArray[np.float32], scale: float, state: np.uint64) -> np.uint64:
    """Adds Gaussian noise in place (Box–Muller).

    Args:
        values: What to add to, [input].
        scale: Standard deviation.
        state: State of the generator.

    Returns:
        The generator's next state.
    """
    for i in range(len(values)):
        state, first = _splitmix64(state)
        state, second = _splitmix64(state)
        # Uniform on (0, 1] and [0, 1), 53 bits each.
        radius = np.sqrt(-2 * np.log((float(first >> np.uint64(11)) + 1) * 2.0**-53))
        angle = 2 * np.pi * (float(second >> np.uint64(11)) * 2.0**-53)
        values[i] += np.float32(scale * radius * np.cos(angle))
    return state


@numba.njit(cache=True, nogil=True)
def _shuffle(labels: NDArray[np.uint8], state: np.uint64) -> np.uint64:
    """Fisher–Yates shuffle in place.

    Args:
        labels: What to shuffle, [sample].
        state: State of the generator.

    Returns:
        The generator's next state.
    """
    for i in range(len(labels) - 1, 0, -1):
        state, bits = _splitmix64(state)
        # The high 32 bits scaled to 0 … i; the bias is below (i + 1) / 2**32.
        j = ((bits >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32)
        labels[i], labels[j] = labels[j], labels[i]
    return state


@numba.njit(cache=True, nogil=True)
def _forward(
    p: NDArray[np.float32],
    sizes: NDArray[np.int64],
    slope: np.float32,
    value: NDArray[np.float32],
    slopes: NDArray[np.float32],
) -> None:
    """Fills the activations, and the slopes of leaky ReLU at them, from the inputs upwards.

    Args:
        p: Parameters of one network, [parameter].
        sizes: Neurons per layer.
        slope: Slope of leaky ReLU below zero.
        value: Activations, [layer, neuron]; layer 0 holds the inputs.
        slopes: [layer, neuron].
    """
    at = 0
    for layer in range(len(sizes) - 1):
        below, above = sizes[layer], sizes[layer + 1]
        biases = at + above * below
        for to in range(above):
            total = p[biases + to]
            for source in range(below):
                total += p[at + to * below + source] * value[layer, source]
            slopes[layer + 1, to] = np.float32(1) if total > 0 else slope
            value[layer + 1, to] = total * slopes[layer + 1, to]
        at = biases + above


@numba.njit(cache=True, nogil=True)
def _backward(
    p: NDArray[np.float32],
    sizes: NDArray[np.int64],
    value: NDArray[np.float32],
    slopes: NDArray[np.float32],
    delta: NDArray[np.float32],
    gradient: NDArray[np.float32],
) -> None:
    """Adds the gradient of the parameters to ``gradient``.

    Args:
        p: Parameters of one network, [parameter].
        sizes: Neurons per layer.
        value: Activations, [layer, neuron].
        slopes: Slopes of leaky ReLU, [layer, neuron].
        delta: Gradient of the sums before the activation, [layer, neuron]; the last layer's is
            given, the others are filled.
        gradient: [parameter].
    """
    at = len(p)
    for layer in range(len(sizes) - 2, -1, -1):
        below, above = sizes[layer], sizes[layer + 1]
        at -= above * below + above
        delta[layer, :below] = 0
        for to in range(above):
            d = delta[layer + 1, to]
            gradient[at + above * below + to] += d
            for source in range(below):
                gradient[at + to * below + source] += d * value[layer, source]
                delta[layer, source] += d * p[at + to * below + source]
        for source in range(below):
            delta[layer, source] *= slopes[layer, source]


@numba.njit(cache=True, nogil=True)
def _accumulate(
    p: NDArray[np.float32],
    sizes: NDArray[np.int64],
    slope: np.float32,
    target: NDArray[np.float32],
    times: int,
    batch: int,
    value: NDArray[np.float32],
    slopes: NDArray[np.float32],
    delta: NDArray[np.float32],
    gradient: NDArray[np.float32],
) -> float:
    """Adds what some equal samples of a batch contribute to its gradient.

    Args:
        p: Parameters of one network, [parameter].
        sizes: Neurons per layer.
        slope: Slope of leaky ReLU below zero.
        target: What the outputs should be, [output].
        times: Number of these samples.
        batch: Number of samples of the batch.
        value: Activations, [layer, neuron]; layer 0 holds the inputs.
        slopes: Scratch, [layer, neuron].
        delta: Scratch, [layer, neuron].
        gradient: Added to, [parameter].

    Returns:
        Their squared errors, summed.
    """
    _forward(p, sizes, slope, value, slopes)
    last, loss = len(sizes) - 1, 0.0
    share = np.float32(2 * times / (batch * len(target)))
    for output in range(len(target)):
        error = value[last, output] - target[output]
        loss += float(times) * error * error
        delta[last, output] = share * error * slopes[last, output]
    _backward(p, sizes, value, slopes, delta, gradient)
    return loss


@numba.njit(cache=True, nogil=True)
def _put(value: NDArray[np.float32], rows: NDArray[np.float32], row: int) -> None:
    """Sets the inputs, one by one: a slice takes long to compile, for the errors it may raise.

    Args:
        value: Activations, [layer, neuron].
        rows: Input rows, [row, input].
        row: Which one.
    """
    for i in range(rows.shape[1]):
        value[0, i] = rows[row, i]


@compiled
def _train(
    parameters: NDArray[np.float32],
    shuffles: NDArray[np.uint64],
    noises: NDArray[np.uint64],
    counts: NDArray[np.int64],
    epochs: NDArray[np.int64],
    losses: NDArray[np.float64],
    sizes: NDArray[np.int64],
    rows: NDArray[np.float32],
    targets: NDArray[np.float32],
    batch_size: int,
    max_epochs: int,
    patience: int,
    cutoff: float,
    learning_rate: float,
    weight_decay: float,
    noise: float,
    slope: np.float32,
) -> None:
    """Trains one network after the other.

    Args:
        parameters: Float32 [network, parameter]; trained in place.
        shuffles: Start of each network's shuffling generator, [network].
        noises: Start of each network's generator of noise, [network].
        counts: Training samples per input row, [network, row].
        epochs: Filled with the epochs run, [network].
        losses: Filled with the last epoch's loss, [network].
        sizes: Neurons per layer.
        rows: Input rows, float32 [row, input].
        targets: Truth tables, float32 [network, row, output].
        batch_size: Samples per step.
        max_epochs: Passes over the samples, at most.
        patience: Epochs in a row without a new best loss after which training stops.
        cutoff: Loss below which training stops.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        noise: Standard deviation of the noise on the inputs.
        slope: Slope of leaky ReLU below zero.
    """
    _, n_rows, n_outputs = targets.shape
    inputs, widest = sizes[0], 0
    for size in sizes:
        widest = max(widest, size)
    value = np.zeros((len(sizes), widest), np.float32)
    slopes, delta = np.zeros_like(value), np.zeros_like(value)
    gradient = np.zeros(parameters.shape[1], np.float32)
    for network in range(len(parameters)):
        p = parameters[network]
        mean, square = np.zeros_like(p), np.zeros_like(p)
        n_samples = counts[network].sum()
        labels = np.empty(n_samples, np.uint8)
        filled = 0
        for row in range(n_rows):
            labels[filled : filled + counts[network, row]] = row
            filled += counts[network, row]
        state, noise_state = shuffles[network], noises[network]
        step = 0
        best, without_progress = np.inf, 0
        for _epoch in range(max_epochs):
            state = _shuffle(labels, state)
            total_loss = 0.0
            for start in range(0, n_samples, batch_size):
                size = min(batch_size, n_samples - start)
                gradient[:] = 0
                if noise > 0:
                    for row in labels[start : start + size]:
                        _put(value, rows, row)
                        noise_state = _add_noise(value[0, :inputs], noise, noise_state)
                        total_loss += _accumulate(
                            p, sizes, slope, targets[network, row], 1, size, value, slopes, delta,
                            gradient,
                        )  # fmt: skip
                else:
                    in_batch = np.zeros(n_rows, np.int64)
                    for row in labels[start : start + size]:
                        in_batch[row] += 1
                    for row in range(n_rows):
                        if in_batch[row]:
                            _put(value, rows, row)
                            total_loss += _accumulate(
                                p, sizes, slope, targets[network, row], in_batch[row], size, value,
                                slopes, delta, gradient,
                            )  # fmt: skip
                step += 1
                adamw(p, gradient, mean, square, step, learning_rate, weight_decay)
            loss = total_loss / (n_samples * n_outputs)
            epochs[network] += 1
            losses[network] = loss
            if loss < best:
                best, without_progress = loss, 0
            else:
                without_progress += 1
            if loss < cutoff or without_progress >= patience:
                break
