"""Circuits as integers: a *code* holds the edge masks of all hidden neurons.

The masks of the first hidden layer come lowest, then those of the second, and so on: one bit per
neuron of the layer below, neuron 0 in the lowest bits. The output's edges follow from them, as it
reads every neuron that is kept in the last hidden layer.

Of networks with two inputs and two hidden layers, circuits are numbered as well: a *choice* says
what a circuit keeps of the first hidden layer, a *profile* how many neurons of the second keep one
edge from below, two, and so on, whichever neurons these are. Choice and profile give the cell
(hidden neurons kept, edges kept) and, nearly, how many ways there are to fill the patterns that a
circuit leaves free.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from identifiability.store.compiled import compiled


def masks_of_codes(code: NDArray[np.int64], sizes: tuple[int, ...]) -> list[NDArray[np.uint16]]:
    """Edge masks of circuits with two inputs, two hidden layers and one output.

    Args:
        code: [circuit].
        sizes: Neurons per layer, (2, a, b, 1).

    Returns:
        uint16 [circuit, neuron] per non-input layer.
    """
    _, first, second, _ = sizes
    low = code[:, None] >> 2 * np.arange(first) & 3
    high = code[:, None] >> (2 * first + first * np.arange(second)) & (2**first - 1)
    output = ((high > 0) << np.arange(second)).sum(1)[:, None]
    return [masks.astype(np.uint16) for masks in (low, high, output)]


def codes_of_masks(masks: list[NDArray[np.uint16]], sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """The inverse of ``masks_of_codes``, for any number of inputs and hidden layers."""
    code = np.zeros(len(masks[0]), np.int64)
    shift = 0
    for below, layer in zip(sizes, masks[:-1], strict=False):
        for neuron in range(layer.shape[1]):
            code |= layer[:, neuron].astype(np.int64) << shift
            shift += below
    return code


def kept_by_codes(
    code: NDArray[np.int64], sizes: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hidden neurons and edges that circuits keep, int64 [circuit] each, without their masks."""
    _, first, second, _ = sizes
    fields = [(2 * i, 3) for i in range(first)]
    fields += [(2 * first + first * i, 2**first - 1) for i in range(second)]
    kept = [(code >> shift & mask) > 0 for shift, mask in fields]
    hidden, last = np.sum(kept, axis=0), np.sum(kept[first:], axis=0)
    return hidden, np.bitwise_count(code) + last  # the output reads every last neuron kept


def distinct_codes(code: NDArray[np.int64], sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """Each code once, those that share most beside each other.

    They are sorted by the masks of the first layer's neurons taken together, then by the mask of
    the second layer's first neuron, of its second, and so on.

    Args:
        code: [circuit].
        sizes: Neurons per layer, (2, a, b, 1).
    """
    _, first, second, _ = sizes
    key = code & (1 << 2 * first) - 1
    for neuron in range(second):
        key = key << first | code >> (2 * first + first * neuron) & (1 << first) - 1
    key.sort()
    key = key[np.diff(key, prepend=-1) > 0]
    code = key >> first * second
    for neuron in range(second):
        shift = first * (second - 1 - neuron)
        code |= (key >> shift & (1 << first) - 1) << (2 * first + first * neuron)
    return code


def minimal(code: NDArray[np.int64], n_bits: int) -> NDArray[np.bool_]:
    """Which circuits have none of the others strictly inside.

    Args:
        code: The circuits of one network, [circuit].
        n_bits: Length of a code; the search takes 2 ** n_bits bits.

    Returns:
        Booleans [circuit].
    """
    inside = np.zeros(max(1, 2**n_bits // 64), np.uint64)
    result = np.empty(len(code), np.bool_)
    _mark_supersets(code, n_bits, inside)
    _find_minimal(code, n_bits, inside, result)
    return result


@compiled
def _mark_supersets(code: NDArray[np.int64], n_bits: int, inside: NDArray[np.uint64]) -> None:
    """Marks every set of edges that contains a circuit.

    Args:
        code: [circuit].
        n_bits: Length of a code.
        inside: Bit set over all codes, zero; filled.
    """
    one = np.uint64(1)
    for c in code:
        inside[c >> 6] |= one << np.uint64(c & 63)
    # Upwards over one edge after the other: within a word for the low six bits of a code.
    for bit in range(min(6, n_bits)):
        without = np.uint64(0)
        for place in range(64):
            if not place >> bit & 1:
                without |= one << np.uint64(place)
        for word in range(len(inside)):
            inside[word] |= (inside[word] & without) << np.uint64(1 << bit)
    for bit in range(6, n_bits):
        step = 1 << (bit - 6)
        for word in range(len(inside)):
            if not word & step:
                inside[word | step] |= inside[word]


@compiled
def _find_minimal(
    code: NDArray[np.int64],
    n_bits: int,
    inside: NDArray[np.uint64],
    result: NDArray[np.bool_],
) -> None:
    """Looks for a circuit inside of each one, at the sets of edges that lack one of its edges.

    Args:
        code: [circuit].
        n_bits: Length of a code.
        inside: Bit set over all codes, the sets of edges that contain a circuit.
        result: Filled with whether there is none, [circuit].
    """
    one = np.uint64(1)
    for i in range(len(code)):
        result[i] = True
        for bit in range(n_bits):
            if code[i] >> bit & 1:
                smaller = code[i] ^ (1 << bit)
                if inside[smaller >> 6] >> np.uint64(smaller & 63) & one:
                    result[i] = False
                    break


@cache
def choice_masks(width: int) -> NDArray[np.int64]:
    """Masks over two inputs of every neuron of the first layer, int64 [choice, neuron].

    The number of a choice has two bits per neuron, neuron 0 in the lowest.
    """
    return np.arange(4**width)[:, None] >> 2 * np.arange(width) & 3


@dataclass(frozen=True, eq=False)
class Profiles:
    """What the neurons of the second hidden layer keep, whichever neuron keeps it.

    Attributes:
        number: Number of a profile by its digits, of which one per number of edges from 1 says, to
            the base of one more than the neurons, how many neurons keep so many; -1 where there
            are more neurons than that. int64 [digits].
        neurons: Neurons kept, int64 [profile].
        edges: Edges between the hidden layers, int64 [profile].
        patterns: Patterns of values that the neurons below can show them, summed over neurons,
            int64 [profile].
    """

    number: NDArray[np.int64]
    neurons: NDArray[np.int64]
    edges: NDArray[np.int64]
    patterns: NDArray[np.int64]


@cache
def profiles(first: int, second: int) -> Profiles:
    """The profiles of hidden layers of so many neurons."""
    degrees = np.array(list(combinations_with_replacement(range(first + 1), second)))
    digits = np.where(degrees > 0, (second + 1) ** np.maximum(degrees - 1, 0), 0).sum(1)
    number = np.full((second + 1) ** first, -1, np.int64)
    number[digits] = np.arange(len(digits))
    kept = degrees > 0
    return Profiles(number, kept.sum(1), degrees.sum(1), (kept * 2**degrees).sum(1))


@dataclass(frozen=True, eq=False)
class Counts:
    """Perfect circuits of one network.

    Attributes:
        sizes: Neurons per layer, (2, a, b, 1).
        number: Circuits by choice and profile, int64 [choice, profile].
    """

    sizes: tuple[int, ...]
    number: NDArray[np.int64]

    def kept(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Hidden neurons and edges kept, int64 [choice, profile] each."""
        _, first, second, _ = self.sizes
        masks = choice_masks(first)
        of = profiles(first, second)
        hidden = (masks > 0).sum(1)[:, None] + of.neurons
        inputs = np.bitwise_count(masks).astype(np.int64).sum(1)[:, None]
        return hidden, inputs + of.edges + of.neurons

    def cells(self) -> NDArray[np.int64]:
        """Circuits per cell, int64 [hidden neurons kept, edges kept]."""
        _, first, second, _ = self.sizes
        found = np.zeros((first + second + 1, 2 * first + first * second + second + 1), np.int64)
        np.add.at(found, self.kept(), self.number)
        return found
