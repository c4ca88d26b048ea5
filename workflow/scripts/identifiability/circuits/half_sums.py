"""Perfect circuits counted, and drawn, without walking through them.

For the networks of ``census``, whose tables and codes are used here. Given the masks of the first
hidden layer, the *choice*, a circuit's output is the bias plus one table row per neuron of the
second, and the circuit is perfect when this sum lies in an interval on each of the four input
rows. The second layer is split into three *parts*; a part's *elements* are its combinations of
masks. For an element of the first part and one of the middle part, the elements of the last part
that complete them are, row by row, a stretch of the last part sorted by that row. A bit set over
the last part holds each stretch, another one the elements that use the neurons below which nothing
else uses: what they have in common is cut and counted 64 circuits at a time.

Circuits are counted by choice and by *profile*: how many neurons of the second layer keep one edge
from below, two, and so on. Cells follow from it, and so does, nearly, how many ways there are to
fill the patterns that a circuit leaves free; circuits are therefore drawn by profile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from identifiability.circuits.census import N_ROWS, Responses, activate, choice_masks
from identifiability.circuits.reach import why_not_counted

_ROUNDING = 2.0**-44
"""Sums of parts, added in another order, differ by less than this share of their largest size."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a circuit's output has to be: its sum in an interval on every row.

    Attributes:
        low: Smallest sum that will do, float64 [row].
        high: Smallest sum above it that will not, float64 [row].
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def wanted(of: Responses, values: NDArray[np.float64], rows: int = 2**N_ROWS - 1) -> Wanted:
    """The sums that are rounded to given values.

    Args:
        of: The network's responses.
        values: What the rounded output has to be, [row].
        rows: On which rows, as a bit mask; on the others, anything will do.
    """
    low, high = np.full(N_ROWS, -np.inf), np.full(N_ROWS, np.inf)
    for row in range(N_ROWS):
        if rows >> row & 1:
            low[row] = _smallest(of.rounding, of.slope, values[row])
            high[row] = _smallest(of.rounding, of.slope, values[row] + 1)
    return Wanted(low, high)


@numba.njit(cache=True, nogil=True)
def _smallest(rounding: int, slope: float, value: float) -> float:
    """The smallest sum whose rounded activation reaches a value; inf if none does."""
    if np.round(activate(1e300, rounding, slope)) < value:
        return np.inf
    if np.round(activate(-1e300, rounding, slope)) >= value:
        return -np.inf
    below, reaches = -1e300, 1e300
    while True:
        # First in size, then bit by bit: the middle of numbers far apart in size is the geometric.
        if below < -1 and reaches > 1:
            middle = 0.0
        elif below >= 1 and reaches / below > 4:
            middle = np.sqrt(below) * np.sqrt(reaches)
        elif reaches <= -1 and below / reaches > 4:
            middle = -np.sqrt(-below) * np.sqrt(-reaches)
        else:
            middle = below / 2 + reaches / 2
        if middle <= below or middle >= reaches:
            return reaches
        if np.round(activate(middle, rounding, slope)) >= value:
            reaches = middle
        else:
            below = middle


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
        number: Circuits by the first layer's masks and the second layer's profile, int64 [choice,
            profile].
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


def count(of: Responses, what: Wanted, choices: Iterable[int] | None = None) -> Counts:
    """Counts every perfect circuit of a network, with no cap.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        choices: Masks of the first layer that are gone through; all that read both inputs if None.

    Raises:
        ValueError: If the network is out of reach, as ``reach.why_not_counted`` says.
    """
    if reason := why_not_counted(of.sizes):
        raise ValueError(reason)
    _, first, second, _ = of.sizes
    known = profiles(first, second)
    number = np.zeros((4**first, len(known.neurons)), np.int64)
    nothing = np.zeros(0, np.int64)
    bounds = np.zeros((len(known.neurons), 2), np.int64)
    for choice in _choices(first) if choices is None else choices:
        _walk(
            of.added[choice], of.bias, what.low, what.high, choice, known.number, number[choice],
            bounds, nothing, nothing,
        )  # fmt: skip
    return Counts(of.sizes, number)


def codes(
    of: Responses,
    what: Wanted,
    choice: NDArray[np.int64],
    profile: NDArray[np.int64],
    rank: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The codes of perfect circuits that are given by number.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        choice: The first layer's masks, ascending, [circuit].
        profile: The second layer's profile, ascending within a choice, [circuit].
        rank: Which of the circuits of that choice and profile, ascending within these, [circuit].

    Returns:
        int64 [circuit].
    """
    _, first, second, _ = of.sizes
    known = profiles(first, second)
    n_profiles = len(known.neurons)
    found = np.empty(len(rank), np.int64)
    kind = choice * n_profiles + profile
    for one in np.unique(choice):
        ends = np.searchsorted(kind, one * n_profiles + np.arange(n_profiles + 1))
        bounds = np.stack([ends[:-1], ends[1:]], axis=1)
        number = np.zeros(n_profiles, np.int64)
        _walk(
            of.added[one], of.bias, what.low, what.high, int(one), known.number, number, bounds,
            rank, found,
        )  # fmt: skip
    return found


def _choices(first: int) -> list[int]:
    """Masks of the first layer that read both inputs."""
    inputs = np.bitwise_or.reduce(choice_masks(first), axis=1)
    return [int(c) for c in np.flatnonzero(inputs == 3)]


def _count_ones(typingctx: Any, word: Any) -> Any:
    """Ones in a word, by the processor's own instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


_popcount: Any = intrinsic(_count_ones)


@numba.njit(cache=True, nogil=True)
def _elements(
    added: NDArray[np.float64], first_neuron: int, end: int, kept: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """All combinations of masks of some neurons of the second layer, sorted by profile.

    Args:
        added: What neurons add to the output, [neuron, mask, row].
        first_neuron: The first of the neurons.
        end: The one after the last.
        kept: Neurons kept below, as a bit mask.

    Returns:
        Their sums, float64 [row, element]; the digits of their profiles, and the masks as a bit
        field with the first neuron lowest, int64 [element] each.
    """
    width = 0
    while 1 << width < added.shape[1]:
        width += 1
    n_kept = np.int64(_popcount(np.uint64(kept)))
    number = 1 << (n_kept * (end - first_neuron))
    sums = np.zeros((N_ROWS, number))
    digits, masks = np.zeros(number, np.int64), np.zeros(number, np.int64)
    done = np.int64(1)
    for neuron in range(first_neuron, end):
        # Subsets of the neurons kept, from the largest down; the empty one is there already.
        mask = kept
        place = (1 << n_kept) - 1
        while mask:
            digit = (len(added) + 1) ** (np.int64(_popcount(np.uint64(mask))) - 1)
            for i in range(done):
                to = place * done + i
                for row in range(N_ROWS):
                    sums[row, to] = sums[row, i] + added[neuron, mask, row]
                digits[to] = digits[i] + digit
                masks[to] = masks[i] | mask << (width * (neuron - first_neuron))
            mask = (mask - 1) & kept
            place -= 1
        done <<= n_kept
    order = np.argsort(digits, kind="mergesort")
    return sums[:, order], digits[order], masks[order]


@numba.njit(cache=True, nogil=True)
def _used(masks: int, width: int) -> int:
    """The neurons below that a bit field of masks uses."""
    used = 0
    while masks:
        used |= masks & ((1 << width) - 1)
        masks >>= width
    return used


@numba.njit(cache=True, nogil=True)
def _walk(
    added: NDArray[np.float64],
    bias: float,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    choice: int,
    profile_of: NDArray[np.int64],
    counts: NDArray[np.int64],
    bounds: NDArray[np.int64],
    ranks: NDArray[np.int64],
    code: NDArray[np.int64],
) -> None:
    """Counts the perfect circuits of one choice, and lists those of given ranks.

    Args:
        added: What neurons of the second layer add to the output, [neuron, mask, row].
        bias: The output's bias.
        low: As in ``Wanted``.
        high: As in ``Wanted``.
        choice: The first layer's masks.
        profile_of: Number of the profile by its digits.
        counts: Zero; filled, [profile].
        bounds: Where the ranks of each profile begin and end among ``ranks``, [profile, 2]; the
            beginnings are moved to the ends.
        ranks: Which circuits to list, by number among those of their profile, ascending.
        code: Filled with the codes of those listed, [rank].
    """
    width = added.shape[0]
    first = 0
    while 1 << first < added.shape[1]:
        first += 1
    kept = 0
    for neuron in range(first):
        kept |= (1 << neuron) * (choice >> 2 * neuron & 3 > 0)
    cut_a, cut_b = max(0, min(2, width - 2)), max(0, width - 2)
    sums_a, digits_a, masks_a = _elements(added, 0, cut_a, kept)
    sums_u, digits_u, masks_u = _elements(added, cut_a, cut_b, kept)
    sums_b, digits_b, masks_b = _elements(added, cut_b, width, kept)
    n_a, n_u, n_b = len(masks_a), len(masks_u), len(masks_b)
    n_words = (n_b + 63) // 64

    # Bit sets over the last part: on every row, the first p elements in the order of that row.
    one = np.uint64(1)
    sorted_a, order_a = np.empty((N_ROWS, n_a)), np.empty((N_ROWS, n_a), np.int64)
    sorted_b = np.empty((N_ROWS, n_b))
    first_ones = np.zeros((N_ROWS, n_b + 1, n_words), np.uint64)
    size = abs(bias)
    for row in range(N_ROWS):
        order_a[row] = np.argsort(sums_a[row], kind="mergesort")
        sorted_a[row] = sums_a[row][order_a[row]]
        order = np.argsort(sums_b[row], kind="mergesort")
        sorted_b[row] = sums_b[row][order]
        for p in range(n_b):
            first_ones[row, p + 1] = first_ones[row, p]
            first_ones[row, p + 1, order[p] >> 6] |= one << np.uint64(order[p] & 63)
        for sums in (sums_a, sums_u, sums_b):
            size = max(size, np.abs(sums[row]).max())
    near = 8 * size * _ROUNDING
    # And by the neurons below that they use: those that use all of a set.
    users = np.zeros((1 << first, n_words), np.uint64)
    for b in range(n_b):
        used = _used(masks_b[b], first)
        part = used
        while True:
            users[part, b >> 6] |= one << np.uint64(b & 63)
            if not part:
                break
            part = (part - 1) & used

    # The last part is sorted by profile: a word of a bit set falls into stretches of one profile.
    n_stretches = 0
    stretch_word, stretch_digits = np.empty((2, n_words + n_b), np.int64)
    stretch_mask = np.empty(n_words + n_b, np.uint64)
    for b in range(n_b):
        if b & 63 == 0 or digits_b[b] != digits_b[b - 1]:
            stretch_word[n_stretches], stretch_mask[n_stretches] = b >> 6, 0
            stretch_digits[n_stretches] = digits_b[b]
            n_stretches += 1
        stretch_mask[n_stretches - 1] |= one << np.uint64(b & 63)

    begin, end = np.empty((N_ROWS, n_a), np.int64), np.empty((N_ROWS, n_a), np.int64)
    unsure = np.empty(n_a, np.bool_)
    common = np.empty(n_words, np.uint64)
    for u in range(n_u):
        unsure[:] = False
        for row in range(N_ROWS):
            for side in range(2):
                limit = low[row] if side == 0 else high[row]
                places = begin[row] if side == 0 else end[row]
                p = n_b
                # As the sum of the first part rises, what the last part must reach falls.
                for i in range(n_a):
                    asked = limit - bias - sums_u[row, u] - sorted_a[row, i]
                    while p > 0 and sorted_b[row, p - 1] >= asked:
                        p -= 1
                    places[order_a[row, i]] = p
                    if (p < n_b and sorted_b[row, p] - asked < near) or (
                        p > 0 and asked - sorted_b[row, p - 1] < near
                    ):
                        unsure[order_a[row, i]] = True
        used_u = _used(masks_u[u], first)
        for a in range(n_a):
            alone = users[kept & ~(used_u | _used(masks_a[a], first))]
            if unsure[a]:
                # A sum so close to a limit that rounding decides: in the order of the network.
                own = masks_a[a] | masks_u[u] << (first * cut_a)
                for word in range(n_words):
                    common[word] = 0
                for b in range(n_b):
                    masks = own | masks_b[b] << (first * cut_b)
                    right = True
                    for row in range(N_ROWS):
                        total = bias
                        for neuron in range(width):
                            mask = masks >> (first * neuron) & ((1 << first) - 1)
                            if mask:
                                total += added[neuron, mask, row]
                        right &= low[row] <= total < high[row]
                    if right:
                        common[b >> 6] |= one << np.uint64(b & 63)
                for word in range(n_words):
                    common[word] &= alone[word]
            else:
                empty = False
                for row in range(N_ROWS):
                    empty |= begin[row, a] >= end[row, a]
                if empty:
                    continue
                b0, b1, b2, b3 = begin[0, a], begin[1, a], begin[2, a], begin[3, a]
                e0, e1, e2, e3 = end[0, a], end[1, a], end[2, a], end[3, a]
                for word in range(n_words):
                    common[word] = (
                        alone[word]
                        & (first_ones[0, b0, word] ^ first_ones[0, e0, word])
                        & (first_ones[1, b1, word] ^ first_ones[1, e1, word])
                        & (first_ones[2, b2, word] ^ first_ones[2, e2, word])
                        & (first_ones[3, b3, word] ^ first_ones[3, e3, word])
                    )
            digits = digits_a[a] + digits_u[u]
            for s in range(n_stretches):
                bits = common[stretch_word[s]] & stretch_mask[s]
                if not bits:
                    continue
                found = np.int64(_popcount(bits))
                profile = profile_of[digits + stretch_digits[s]]
                at = bounds[profile, 0]
                while at < bounds[profile, 1] and ranks[at] < counts[profile] + found:
                    left = bits
                    for _ in range(ranks[at] - counts[profile]):
                        left &= left - one
                    b = stretch_word[s] * 64 + np.int64(_popcount((left & (~left + one)) - one))
                    masks = masks_a[a] | masks_u[u] << (first * cut_a)
                    masks |= masks_b[b] << (first * cut_b)
                    code[at] = choice | masks << (2 * first)
                    at += 1
                bounds[profile, 0] = at
                counts[profile] += found
