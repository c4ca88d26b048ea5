"""Training of networks that tell two digits apart (paper, section 4.3).

Mean squared error against 0 and 1, Adam, PyTorch's default initialisation. A network is trained by
a compiled loop of its own, on one thread, from generators of its own: its weights depend on its
family, its seed and the images alone. Matrix products are written out, each sum in ascending
order, so that no bit depends on a library for linear algebra or on how many networks are trained.
"""

from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.digits.images import Images
from identifiability.digits.settings import DigitsFamily, other_sources
from identifiability.errors import UserError
from identifiability.networks.adamw import adamw
from identifiability.networks.families import generator
from identifiability.networks.networks import Networks, from_layers
from identifiability.store.compiled import compiled


@dataclass(frozen=True, eq=False)
class ImageSample:
    """The images of two digits, as one network sees them.

    Attributes:
        image: Index of each image in the data set, int64 [image].
        inputs: Brightness from 0 to 1, float32 [image, pixel].
        labels: 0 for the first digit and 1 for the second, float32 [image].
        held_out: Whether an image is held out, bool [image].
    """

    image: NDArray[np.int64]
    inputs: NDArray[np.float32]
    labels: NDArray[np.float32]
    held_out: NDArray[np.bool_]


def sample(images: Images, family: DigitsFamily, seed: int) -> ImageSample:
    """The images on which a network is trained and judged.

    Which are held out is drawn for every network, unless the data set says it.

    Raises:
        UserError: If one of the digits is not among those trained on, or those held out.
    """
    chosen = np.flatnonzero(np.isin(images.digits, family.digits))
    if images.held_out is None:
        n_held_out = round(family.training.held_out * len(chosen))
        order = generator(family.name, seed, "dataset").permutation(len(chosen))
        held_out = np.zeros(len(chosen), bool)
        held_out[order[:n_held_out]] = True
    else:
        held_out = images.held_out[chosen]
    for digit in family.digits:
        own = images.digits[chosen] == digit
        if not (own & held_out).any() or not (own & ~held_out).any():
            raise UserError(
                f"{family.name}: too few images of the digit {digit} to train on some and hold "
                f"others out; {other_sources()}"
            )
    return ImageSample(
        chosen,
        (images.pixels[chosen] / images.largest).astype(np.float32),
        (images.digits[chosen] == family.digits[1]).astype(np.float32),
        held_out,
    )


def train_on_digits(of: ImageSample, family: DigitsFamily, seed: int) -> tuple[Networks, float]:
    """Trains one network.

    Args:
        of: What it is trained on.
        family: The setting.
        seed: Which of its networks.

    Returns:
        A batch of one, and the mean squared error over its last pass through the images, as they
        were seen (before each step).
    """
    settings = family.training
    sizes = family.layer_sizes(of.inputs.shape[1])
    parameters = _initial(sizes, generator(family.name, seed, "initialisation"))
    gradient, mean, square = (np.zeros_like(parameters) for _ in range(3))
    weights, biases = _by_layer(parameters, sizes)
    gradients = _by_layer(gradient, sizes)
    inputs, labels = of.inputs[~of.held_out], of.labels[~of.held_out]
    values, deltas = (
        tuple(np.zeros((size, settings.batch_size), np.float32) for size in sizes)
        for _ in range(2)
    )
    shuffling = generator(family.name, seed, "shuffling")
    batches_a_pass = -(-len(inputs) // settings.batch_size)
    loss = 0.0
    for done in range(0, settings.updates, batches_a_pass):
        n_batches = min(batches_a_pass, settings.updates - done)
        order = shuffling.permutation(len(inputs))[: n_batches * settings.batch_size]
        loss = _pass(
            (parameters, gradient, mean, square),
            weights,
            biases,
            *gradients,
            values,
            deltas,
            inputs,
            labels,
            order,
            done,
            np.float32(settings.negative_slope),
            settings.learning_rate,
        )
    layers = zip(weights, biases, strict=True)
    return from_layers(layers, "leaky_relu", "leaky_relu", settings.negative_slope), loss


def _initial(sizes: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """PyTorch's default: uniform within 1 / sqrt(number of inputs of the layer).

    Returns:
        Float32 [parameter]: weights [to, from], then biases, layer by layer.
    """
    parts = []
    for below, above in pairwise(sizes):
        bound = below**-0.5
        parts.append(rng.uniform(-bound, bound, above * below + above))
    return np.concatenate(parts).astype(np.float32)


def _by_layer(
    parameters: NDArray[np.float32], sizes: tuple[int, ...]
) -> tuple[tuple[NDArray[np.float32], ...], tuple[NDArray[np.float32], ...]]:
    """Views of parameters [parameter]: weights [to, from] and biases [to] per layer."""
    weights, biases, start = [], [], 0
    for below, above in pairwise(sizes):
        middle, end = start + above * below, start + above * below + above
        weights.append(parameters[start:middle].reshape(above, below))
        biases.append(parameters[middle:end])
        start = end
    return tuple(weights), tuple(biases)


@numba.njit(cache=True, nogil=True)
def _add_product(
    left: NDArray[np.float32], right: NDArray[np.float32], total: NDArray[np.float32]
) -> None:
    """Adds the product of two matrices to a third, in place.

    Terms are added one by one, in ascending order; four rows and two terms at a time, so that
    what is loaded is used more than once. Loops over columns become vector instructions.

    Args:
        left: [row, term].
        right: [term, column].
        total: [row, column].
    """
    n_rows, n_terms = left.shape
    n_columns = right.shape[1]
    rows, terms = n_rows - n_rows % 4, n_terms - n_terms % 2
    for i in range(0, rows, 4):
        t0, t1, t2, t3 = total[i], total[i + 1], total[i + 2], total[i + 3]
        for k in range(0, terms, 2):
            r0, r1 = right[k], right[k + 1]
            a0, b0, c0, d0 = left[i, k], left[i + 1, k], left[i + 2, k], left[i + 3, k]
            k1 = k + 1
            a1, b1, c1, d1 = left[i, k1], left[i + 1, k1], left[i + 2, k1], left[i + 3, k1]
            for j in range(n_columns):
                x, y = r0[j], r1[j]
                t0[j] = t0[j] + a0 * x + a1 * y
                t1[j] = t1[j] + b0 * x + b1 * y
                t2[j] = t2[j] + c0 * x + c1 * y
                t3[j] = t3[j] + d0 * x + d1 * y
    for i in range(n_rows):
        last = total[i]
        for k in range(terms if i < rows else 0, n_terms):
            factor, values = left[i, k], right[k]
            for j in range(n_columns):
                last[j] += factor * values[j]


@numba.njit(cache=True, nogil=True)
def _forward(
    weights: tuple[NDArray[np.float32], ...],
    biases: tuple[NDArray[np.float32], ...],
    slope: np.float32,
    values: tuple[NDArray[np.float32], ...],
) -> None:
    """Fills the activations from the inputs upwards.

    Args:
        weights: [to, from] per layer of weights.
        biases: [to] per layer of weights.
        slope: Slope of leaky ReLU below zero.
        values: Activations, [neuron, image] per layer; the first holds the inputs.
    """
    for layer in range(len(weights)):
        above = values[layer + 1]
        for i in range(len(above)):
            above[i] = biases[layer][i]
        _add_product(weights[layer], values[layer], above)
        for i in range(len(above)):
            for j in range(above.shape[1]):
                total = above[i, j]
                above[i, j] = total if total > 0 else slope * total


@numba.njit(cache=True, nogil=True)
def _backward(
    weights: tuple[NDArray[np.float32], ...],
    slope: np.float32,
    values: tuple[NDArray[np.float32], ...],
    deltas: tuple[NDArray[np.float32], ...],
    weight_gradients: tuple[NDArray[np.float32], ...],
    bias_gradients: tuple[NDArray[np.float32], ...],
) -> None:
    """Fills the gradients from the output downwards.

    Args:
        weights: [to, from] per layer of weights.
        slope: Slope of leaky ReLU below zero.
        values: Activations, [neuron, image] per layer.
        deltas: Gradient of the activations, [neuron, image] per layer; the last is given, and
            every one is made that of the sums before the activation.
        weight_gradients: [to, from] per layer of weights.
        bias_gradients: [to] per layer of weights.
    """
    for layer in range(len(weights) - 1, -1, -1):
        above, delta = values[layer + 1], deltas[layer + 1]
        for i in range(len(delta)):
            for j in range(delta.shape[1]):
                own = delta[i, j]
                delta[i, j] = own if above[i, j] > 0 else slope * own
            total = np.float32(0)
            for j in range(delta.shape[1]):
                total += delta[i, j]
            bias_gradients[layer][i] = total
        weight_gradients[layer][:] = 0
        _add_product(delta, values[layer].T.copy(), weight_gradients[layer])
        if layer:
            deltas[layer][:] = 0
            _add_product(weights[layer].T, delta, deltas[layer])


@compiled
def _pass(
    state: tuple[
        NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]
    ],
    weights: tuple[NDArray[np.float32], ...],
    biases: tuple[NDArray[np.float32], ...],
    weight_gradients: tuple[NDArray[np.float32], ...],
    bias_gradients: tuple[NDArray[np.float32], ...],
    values: tuple[NDArray[np.float32], ...],
    deltas: tuple[NDArray[np.float32], ...],
    inputs: NDArray[np.float32],
    labels: NDArray[np.float32],
    order: NDArray[np.int64],
    step: int,
    slope: np.float32,
    learning_rate: float,
) -> float:
    """Trains on every image of a pass once, a batch after the other.

    Args:
        state: Parameters, gradient and the running means of Adam, each [parameter].
        weights: Views of the parameters, [to, from] per layer of weights.
        biases: Views of the parameters, [to] per layer of weights.
        weight_gradients: Views of the gradient, [to, from] per layer of weights.
        bias_gradients: Views of the gradient, [to] per layer of weights.
        values: Room for activations, [neuron, image of a batch] per layer.
        deltas: Room for their gradients, [neuron, image of a batch] per layer.
        inputs: [image, pixel].
        labels: [image].
        order: Which image comes when, [image of the pass].
        step: Steps of Adam before this pass.
        slope: Slope of leaky ReLU below zero.
        learning_rate: Of Adam.

    Returns:
        Mean squared error over the pass.
    """
    outputs, errors = values[-1], deltas[-1]
    n_columns = outputs.shape[1]
    squared = 0.0
    for start in range(0, len(order), n_columns):
        batch = order[start : start + n_columns]
        for j in range(len(batch)):
            for pixel in range(inputs.shape[1]):
                values[0][pixel, j] = inputs[batch[j], pixel]
        _forward(weights, biases, slope, values)
        share = np.float32(2) / np.float32(len(batch))
        # A batch that is not full leaves columns of images seen before, which count nothing.
        errors[:] = 0
        for j in range(len(batch)):
            error = outputs[0, j] - labels[batch[j]]
            errors[0, j] = share * error
            squared += error * error
        _backward(weights, slope, values, deltas, weight_gradients, bias_gradients)
        step += 1
        adamw(*state, step, learning_rate, 0.0)
    return squared / len(order)
