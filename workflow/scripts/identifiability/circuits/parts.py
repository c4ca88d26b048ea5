"""Parts of the second hidden layer, as ``meet_in_the_middle`` splits it.

A part's *elements* are the combinations of masks that its neurons may have. They are sorted by
what they add to the output's sum, and sets of them are bit sets.
"""

from typing import Any, NamedTuple

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from identifiability.circuits.responses import N_ROWS
from identifiability.store.compiled import compiled


def _count_ones(typingctx: Any, word: Any) -> Any:
    """Ones in a word, by the processor's own instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(word), generate


popcount: Any = intrinsic(_count_ones)


class LayerPart(NamedTuple):
    """The elements of a part of the second layer, sorted by profile.

    Attributes:
        sums: What they add to the output, float64 [row, element].
        digits: Digits of their profiles, int64 [element].
        masks: Their masks, a bit field with the first neuron lowest, int64 [element].
        used: The neurons below that they use, as a bit mask, int64 [element].
        neurons: Neurons that they keep, int64 [element].
    """

    sums: NDArray[np.float64]
    digits: NDArray[np.int64]
    masks: NDArray[np.int64]
    used: NDArray[np.int64]
    neurons: NDArray[np.int64]


@compiled
def elements(
    added: NDArray[np.float64], first_neuron: int, end: int, kept: int, room: int
) -> LayerPart:
    """The combinations of masks of some neurons of the second layer that a circuit may have.

    Args:
        added: What neurons add to the output, [neuron, mask, row].
        first_neuron: The first of the neurons.
        end: The one after the last.
        kept: Neurons kept below, as a bit mask.
        room: Most neurons that they keep.
    """
    n_kept = popcount(kept)
    most, ways = 1, 1  # combinations that keep no neuron, then one, two, …
    for i in range(min(room, end - first_neuron)):
        ways = ways * ((1 << n_kept) - 1) * (end - first_neuron - i) // (i + 1)
        most += ways
    sums = np.zeros((N_ROWS, most))
    digits, masks = np.zeros(most, np.int64), np.zeros(most, np.int64)
    used, neurons = np.zeros(most, np.int64), np.zeros(most, np.int64)
    width = popcount(added.shape[1] - 1)
    number = 1
    for neuron in range(first_neuron, end):
        done, mask = number, 0
        while mask != kept:
            mask = (mask - kept) & kept  # the next subset of the neurons kept, ascending
            digit = (len(added) + 1) ** (popcount(mask) - 1)
            for i in range(done):
                if neurons[i] == room:
                    continue
                for row in range(N_ROWS):
                    sums[row, number] = sums[row, i] + added[neuron, mask, row]
                digits[number] = digits[i] + digit
                masks[number] = masks[i] | mask << (width * (neuron - first_neuron))
                used[number] = used[i] | mask
                neurons[number] = neurons[i] + 1
                number += 1
    part = LayerPart(sums, digits, masks, used, neurons)
    # Where no more neurons may be kept, nothing else uses the neurons below.
    return _by_profile(part, (neurons < room) | (used == kept))


@compiled
def _by_profile(part: LayerPart, chosen: NDArray[np.bool_]) -> LayerPart:
    """The chosen elements of a part, sorted by profile and within one in the order they had."""
    element = np.flatnonzero(chosen)
    n = len(element)
    # As floats, which other sorts compare as well: one sort less to compile.
    key = np.empty(n)
    for i in range(n):
        key[i] = part.digits[element[i]]
    order = np.argsort(key, kind="mergesort")
    sums = np.empty((N_ROWS, n))
    digits, masks = np.empty(n, np.int64), np.empty(n, np.int64)
    used, neurons = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        own = element[order[i]]
        for row in range(N_ROWS):
            sums[row, i] = part.sums[row, own]
        digits[i], masks[i] = part.digits[own], part.masks[own]
        used[i], neurons[i] = part.used[own], part.neurons[own]
    return LayerPart(sums, digits, masks, used, neurons)


@compiled
def largest_sum(sums: NDArray[np.float64]) -> float:
    """The largest size of a sum."""
    largest = 0.0
    for total in sums.flat:
        largest = max(largest, abs(total))
    return largest


class BySum(NamedTuple):
    """The elements of a part that keep at most so many neurons, by their sums on every row.

    Attributes:
        number: Elements within a limit, int64 [limit].
        sums: Their sums in ascending order, float64 [limit, row, place].
        element: The elements, int64 [limit, row, place].
    """

    number: NDArray[np.int64]
    sums: NDArray[np.float64]
    element: NDArray[np.int64]


@compiled
def sort_by_sum(part: LayerPart, least: int, most: int) -> BySum:
    """Sorts a part's elements by their sums, within limits of ``least`` to ``most`` neurons."""
    n = len(part.masks)
    number = np.zeros(most + 1, np.int64)
    sums = np.empty((most + 1, N_ROWS, n))
    element = np.empty((most + 1, N_ROWS, n), np.int64)
    for row in range(N_ROWS):
        order = np.argsort(part.sums[row], kind="mergesort")
        for limit in range(least, most + 1):
            found = 0
            for i in order:
                sums[limit, row, found] = part.sums[row, i]
                element[limit, row, found] = i
                found += part.neurons[i] <= limit
            number[limit] = found
    return BySum(number, sums, element)


@compiled
def lowest_sets(by_sum: BySum) -> NDArray[np.uint64]:
    """Bit sets of the elements with the smallest sums, uint64 [limit, row, number, word]."""
    n_limits, _, n = by_sum.sums.shape
    n_words = (n + 63) // 64
    lowest = np.empty((n_limits, N_ROWS, n + 1, n_words), np.uint64)
    for limit in range(n_limits):
        for row in range(N_ROWS):
            for word in range(n_words):
                lowest[limit, row, 0, word] = 0
            for i in range(by_sum.number[limit]):
                for word in range(n_words):
                    lowest[limit, row, i + 1, word] = lowest[limit, row, i, word]
                own = by_sum.element[limit, row, i]
                lowest[limit, row, i + 1, own >> 6] |= np.uint64(1) << np.uint64(own & 63)
    return lowest


@compiled
def user_sets(part: LayerPart, n_sets: int, least: int, most: int) -> NDArray[np.uint64]:
    """Bit sets of the elements that use given neurons below.

    Args:
        part: The elements.
        n_sets: Number of sets of neurons below.
        least: Fewest neurons to which elements may be limited.
        most: Most neurons that an element keeps.

    Returns:
        Those that keep at most so many neurons and use all of a set of neurons below, uint64
        [neurons kept, set, word].
    """
    n = len(part.masks)
    users = np.zeros((most + 1, n_sets, (n + 63) // 64), np.uint64)
    for i in range(n):
        bit = np.uint64(1) << np.uint64(i & 63)
        for neurons in range(max(least, part.neurons[i]), most + 1):
            below = part.used[i]
            while True:
                users[neurons, below, i >> 6] |= bit
                if not below:
                    break
                below = (below - 1) & part.used[i]
    return users


class Stretches(NamedTuple):
    """Where a bit set over elements that are sorted by profile falls into one profile each.

    Attributes:
        word: The word that a stretch lies in, int64 [stretch].
        mask: Its bits in this word, uint64 [stretch].
        digits: Digits of its profile, int64 [stretch].
    """

    word: NDArray[np.int64]
    mask: NDArray[np.uint64]
    digits: NDArray[np.int64]


@compiled
def stretches_of(digits: NDArray[np.int64]) -> Stretches:
    """The stretches of elements, given the digits of their profiles in ascending order."""
    n = len(digits)
    word, found = np.empty(n, np.int64), np.empty(n, np.int64)
    mask = np.zeros(n, np.uint64)
    number = 0
    for i in range(n):
        if i & 63 == 0 or digits[i] != digits[i - 1]:
            word[number], found[number] = i >> 6, digits[i]
            number += 1
        mask[number - 1] |= np.uint64(1) << np.uint64(i & 63)
    return Stretches(word[:number], mask[:number], found[:number])
