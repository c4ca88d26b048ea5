"""What a neuron is called wherever people read: A for an input, h1.1, h1.2, …, and out."""

from collections.abc import Iterable, Sequence

from identifiability.networks.gates import INPUT_NAMES


def neuron_name(layer: int, index: int, sizes: Sequence[int]) -> str:
    """The name of a neuron.

    Args:
        layer: Its layer, 0 for the inputs.
        index: Its place in the layer, counted from 0.
        sizes: Neurons per layer, inputs and outputs included.

    Returns:
        An input's letter; ``h2.3`` for the third neuron of the second hidden layer; ``out``, with
        a number where there are several outputs.
    """
    if layer == 0:
        return INPUT_NAMES[index]
    if layer == len(sizes) - 1:
        return "out" if sizes[-1] == 1 else f"out.{index + 1}"
    return f"h{layer}.{index + 1}"


def place_name(layer: int, neurons: Iterable[int], between: str = ", ") -> str:
    """The names of hidden neurons of one layer."""
    return between.join(f"h{layer}.{int(neuron) + 1}" for neuron in neurons)


def neuron_names(sizes: Sequence[int]) -> list[str]:
    """Names of all but the inputs, layer by layer: h1.1, h1.2, …, out."""
    return [
        neuron_name(layer, i, sizes)
        for layer, width in enumerate(sizes[1:], start=1)
        for i in range(width)
    ]
