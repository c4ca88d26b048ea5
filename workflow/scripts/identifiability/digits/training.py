"""Training of networks that tell two digits apart (paper, section 4.3).

Mean squared error against 0 and 1, Adam, PyTorch's default initialisation. A network is trained
on one thread, from generators of its own: its weights depend on its family, its seed and the
images alone.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from identifiability.digits.images import Images
from identifiability.digits.settings import DigitsFamily, other_sources
from identifiability.errors import UserError
from identifiability.networks.families import generator
from identifiability.networks.networks import Networks, from_layers


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
        A batch of one network, and the mean squared error over its last pass through the images.
    """
    settings = family.training
    sizes = family.layer_sizes(of.inputs.shape[1])
    rng = generator(family.name, seed, "initialisation")
    model = _model(sizes, rng, settings.negative_slope)
    inputs = torch.from_numpy(of.inputs[~of.held_out])
    labels = torch.from_numpy(of.labels[~of.held_out])
    optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate, fused=True)
    shuffling = generator(family.name, seed, "shuffling")
    batches_a_pass = -(-len(inputs) // settings.batch_size)
    squared, seen = 0.0, 0
    order = np.zeros(0, np.int64)
    for update in range(settings.updates):
        position = update % batches_a_pass
        if position == 0:
            order = shuffling.permutation(len(inputs))
            squared, seen = 0.0, 0
        here = torch.from_numpy(order[position * settings.batch_size :][: settings.batch_size])
        loss = torch.nn.functional.mse_loss(model(inputs[here])[:, 0], labels[here])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        squared, seen = squared + loss.item() * len(here), seen + len(here)
    layers = [
        (layer.weight.detach().numpy(), layer.bias.detach().numpy())
        for layer in model
        if isinstance(layer, torch.nn.Linear)
    ]
    slope = settings.negative_slope
    return from_layers(layers, "leaky_relu", "leaky_relu", slope), squared / seen


def _model(
    sizes: tuple[int, ...], rng: np.random.Generator, negative_slope: float
) -> torch.nn.Sequential:
    """A network, weights and biases uniform within 1 / sqrt(number of inputs of the layer)."""
    modules: list[torch.nn.Module] = []
    for below, above in pairwise(sizes):
        layer = torch.nn.Linear(below, above)
        bound = below**-0.5
        with torch.no_grad():
            for parameter in (layer.weight, layer.bias):
                drawn = rng.uniform(-bound, bound, tuple(parameter.shape)).astype(np.float32)
                parameter.copy_(torch.from_numpy(drawn))
        modules += [layer, torch.nn.LeakyReLU(negative_slope)]
    return torch.nn.Sequential(*modules)
