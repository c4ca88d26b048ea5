"""Perfect circuits of one network, counted and listed without going through all candidates.

For the networks of ``responses``. Given the masks of the first hidden layer, the *choice*, a
circuit's output is a sum: the bias, and one table row per neuron of the second layer. The circuit
is perfect when this sum lies in an interval on each of the four input rows. As one meets in the
middle to solve subset sum, the second layer is split into three *parts*, whose *elements* are
their combinations of masks. For an element of the first part and one of the middle part, the
elements of the last part that complete them are, row by row, a stretch of the last part sorted by
that row. A bit set over the last part holds each stretch, another one the elements that use the
neurons below which nothing else uses. Their intersection is counted 64 circuits at a time.

Circuits are numbered within their choice and profile (``codes``), so that those of any choice,
profile and rank can be listed without the others.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.codes import Counts, choice_masks, profiles
from identifiability.circuits.parts import (
    Stretches,
    elements,
    largest_sum,
    lowest_sets,
    popcount,
    sort_by_sum,
    stretches_of,
    user_sets,
)
from identifiability.circuits.reach import why_not_counted
from identifiability.circuits.responses import N_ROWS, Responses, kept_in_first
from identifiability.circuits.shapes import n_hidden
from identifiability.networks.compiled_activations import read_out
from identifiability.store.compiled import compiled

_ROUNDING = 2.0**-44
"""Sums of parts, added in another order, differ by less than this share of their largest size."""


class Wanted(NamedTuple):
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
            value = float(values[row])
            above_it = float(np.nextafter(value, np.inf))
            low[row] = _smallest(of.activation, of.slope, of.above, value)
            high[row] = _smallest(of.activation, of.slope, of.above, above_it)
    return Wanted(low, high)


def within(of: Responses, outputs: NDArray[np.float64], tolerance: float) -> Wanted:
    """The sums whose activations are less than a tolerance away from given outputs, [row]."""
    # What is above the negative tolerance reaches the next number.
    limits = float(np.nextafter(-tolerance, np.inf)), tolerance
    low, high = (
        np.array([_smallest(of.activation, of.slope, of.above, limit, float(o)) for o in outputs])
        for limit in limits
    )
    return Wanted(low, high)


@compiled
def _smallest(
    activation: int, slope: float, above: float, value: float, over: float | None = None
) -> float:
    """The smallest sum whose output reaches a value; inf if none does.

    Args:
        activation: The output's, an index into ``OUTPUT_ACTIVATIONS``.
        slope: Slope of leaky ReLU below zero.
        above: The readout, as of ``read_out``.
        value: What is to be reached.
        over: If given, by what the output is above this; else it is rounded.
    """
    if _output(1e300, activation, slope, above, over) < value:
        return np.inf
    if _output(-1e300, activation, slope, above, over) >= value:
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
        if _output(middle, activation, slope, above, over) >= value:
            reaches = middle
        else:
            below = middle


@compiled
def _output(
    total: float, activation: int, slope: float, above: float, over: float | None
) -> float:
    """What ``_smallest`` asks of a sum."""
    output = read_out(total, activation, slope, above)
    if over is None:
        return float(np.round(output))
    return output - over


def count(
    of: Responses,
    what: Wanted,
    choices: Iterable[int] | None = None,
    *,
    max_hidden: int | None = None,
) -> Counts:
    """Counts the perfect circuits of a network.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        choices: Masks of the first layer that are gone through; all that read both inputs if None.
        max_hidden: Leave out circuits that keep more hidden neurons than this.

    Raises:
        ValueError: If there is no such limit, and the network is out of reach without one, as
            ``reach.why_not_counted`` says.
    """
    if max_hidden is None:
        if reason := why_not_counted(of.sizes):
            raise ValueError(reason)
        max_hidden = n_hidden(of.sizes)
    _, first, second, _ = of.sizes
    known = profiles(first, second)
    n_profiles = len(known.neurons)
    number = np.zeros((4**first, n_profiles), np.int64)
    nothing = np.zeros(0, np.int64)
    none_asked = np.zeros((n_profiles, 2), np.int64)
    kept = (choice_masks(first) > 0).sum(1)
    for choice in _choices(first) if choices is None else choices:
        room = min(second, max_hidden - int(kept[choice]))
        if room > 0:
            tally = _Tally(known.number, number[choice], none_asked, nothing, nothing)
            _search_choice(of, what, choice, room, tally)
    return Counts(of.sizes, number)


def list_codes(
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
    n_profiles = len(profiles(*of.sizes[1:3]).neurons)
    found = np.empty(len(rank), np.int64)
    kind = choice * n_profiles + profile
    for one in np.unique(choice):
        ends = np.searchsorted(kind, one * n_profiles + np.arange(n_profiles + 1))
        _list_of_choice(of, what, int(one), ends, rank, found)
    return found


def every_code(of: Responses, what: Wanted, counts: Counts) -> NDArray[np.int64]:
    """The codes of all circuits of some choices and profiles.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        counts: Their numbers, as counted; 0 for the choices and profiles that are left out.

    Returns:
        int64 [circuit], by choice and profile.
    """
    found = np.empty(counts.number.sum(), np.int64)
    begin = 0
    for choice in np.flatnonzero(counts.number.any(axis=1)):
        number = counts.number[choice]
        ends = np.concatenate([[0], number.cumsum()])
        rank = np.arange(ends[-1]) - np.repeat(ends[:-1], number)
        own = found[begin : begin + ends[-1]]
        _list_of_choice(of, what, int(choice), ends, rank, own)
        begin += ends[-1]
    return found


def _list_of_choice(
    of: Responses,
    what: Wanted,
    choice: int,
    ends: NDArray[np.int64],
    rank: NDArray[np.int64],
    code: NDArray[np.int64],
) -> None:
    """Lists circuits of one choice.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        choice: The first layer's masks.
        ends: Where the ranks of each profile begin, and at last where they end, [profile + 1].
        rank: Which of the circuits of its choice and profile, [circuit].
        code: Filled with their codes where the choice has ranks, [circuit].
    """
    known = profiles(*of.sizes[1:3])
    asked = np.stack([ends[:-1], ends[1:]], axis=1)
    # Circuits that keep more neurons than any that is asked for change no rank.
    room = int(known.neurons[ends[1:] > ends[:-1]].max())
    number = np.zeros(len(asked), np.int64)
    _search_choice(of, what, choice, room, _Tally(known.number, number, asked, rank, code))


def _choices(first: int) -> list[int]:
    """Masks of the first layer that read both inputs."""
    inputs = np.bitwise_or.reduce(choice_masks(first), axis=1)
    return [int(c) for c in np.flatnonzero(inputs == 3)]


@compiled
def _locate(
    asked: float,
    sums: NDArray[np.float64],
    order: NDArray[np.int64],
    last: NDArray[np.float64],
    near: float,
    places: NDArray[np.int64],
    unsure: NDArray[np.bool_],
) -> None:
    """Finds where the sums of the last part reach a limit, for every element of the first part.

    Args:
        asked: What an element of the first and one of the last part have to add up to.
        sums: Sums of the first part, [element].
        order: Its elements in the order of their sums.
        last: Sums of the last part, ascending.
        near: Sums this close to the limit may be on its other side in the order of the network.
        places: Filled with the number of elements of the last part below the limit, [element].
        unsure: Set where a sum is that close, [element].
    """
    p = len(last)
    # As the sum of the first part rises, what the last part must reach falls.
    for i in range(len(sums)):
        reach = asked - sums[i]
        while p > 0 and last[p - 1] >= reach:
            p -= 1
        places[order[i]] = p
        if (p < len(last) and last[p] - reach < near) or (p > 0 and reach - last[p - 1] < near):
            unsure[order[i]] = True


@compiled
def _intersect(
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    lowest: NDArray[np.uint64],
    alone: NDArray[np.uint64],
    common: NDArray[np.uint64],
) -> bool:
    """Finds the elements of the last part that complete one of the first and one of the middle.

    Args:
        begin: Elements of the last part whose sum is too small, [row].
        end: Elements whose sum is not too large, [row].
        lowest: Bit sets of the elements with the smallest sums, [row, number, word].
        alone: Bit set of those that use the neurons below that nothing else uses, [word].
        common: Filled with the bit set of those that do all, [word].

    Returns:
        Whether there are any.
    """
    b0, b1, b2, b3 = begin[0], begin[1], begin[2], begin[3]
    e0, e1, e2, e3 = end[0], end[1], end[2], end[3]
    every = np.uint64(0)
    for word in range(len(common)):
        common[word] = (
            alone[word]
            & (lowest[0, b0, word] ^ lowest[0, e0, word])
            & (lowest[1, b1, word] ^ lowest[1, e1, word])
            & (lowest[2, b2, word] ^ lowest[2, e2, word])
            & (lowest[3, b3, word] ^ lowest[3, e3, word])
        )
        every |= common[word]
    return bool(every > 0)


@compiled
def _add_up(
    added: NDArray[np.float64],
    bias: float,
    what: Wanted,
    masks: int,
    last: NDArray[np.int64],
    alone: NDArray[np.uint64],
    common: NDArray[np.uint64],
) -> None:
    """As ``_intersect``, but every sum is taken in the order of the network.

    Args:
        added: What neurons of the second layer add to the output, [neuron, mask, row].
        bias: The output's bias.
        what: What makes a circuit perfect.
        masks: Those of the first two parts, as a bit field of the second layer.
        last: Those of the last part's elements, likewise, [element].
        alone: Bit set of those that use the neurons below that nothing else uses, [word].
        common: Filled with the bit set of those that do all, [word].
    """
    width = popcount(added.shape[1] - 1)
    common[:] = 0
    for b in range(len(last)):
        bit = np.uint64(1) << np.uint64(b & 63)
        if not alone[b >> 6] & bit:
            continue
        right = True
        for row in range(N_ROWS):
            total = bias
            for neuron in range(len(added)):
                mask = (masks | last[b]) >> (width * neuron) & ((1 << width) - 1)
                if mask:
                    total += added[neuron, mask, row]
            right &= what.low[row] <= total < what.high[row]
        if right:
            common[b >> 6] |= bit


class _Tally(NamedTuple):
    """The circuits of one choice that were found, and those to list.

    Attributes:
        profile_of: Number of a profile by its digits, int64 [digits].
        number: Circuits found, int64 [profile].
        asked: Where the ranks to list of each profile begin and end among ``ranks``, int64
            [profile, 2]; the beginnings move on to the ends.
        ranks: Which circuits to list, by number among those of their profile, ascending, int64
            [rank].
        code: Filled with the codes of those listed, int64 [rank].
    """

    profile_of: NDArray[np.int64]
    number: NDArray[np.int64]
    asked: NDArray[np.int64]
    ranks: NDArray[np.int64]
    code: NDArray[np.int64]


@compiled
def _add_to(
    tally: _Tally,
    common: NDArray[np.uint64],
    stretches: Stretches,
    digits: int,
    code: int,
    last: NDArray[np.int64],
) -> None:
    """Adds circuits that differ in their element of the last part alone.

    Args:
        tally: What they are added to.
        common: Bit set of these elements, [word].
        stretches: The stretches of one profile in it.
        digits: Digits of the profiles of the other two elements.
        code: Their code.
        last: What the elements of the last part add to it, [element].
    """
    for s in range(len(stretches.word)):
        word = stretches.word[s]
        found = common[word] & stretches.mask[s]
        if found:
            profile = tally.profile_of[digits + stretches.digits[s]]
            if tally.asked[profile, 0] < tally.asked[profile, 1]:
                _list(tally, profile, found, code, last[64 * word :])
            tally.number[profile] += popcount(found)


@compiled
def _list(
    tally: _Tally, profile: int, found: np.uint64, code: int, last: NDArray[np.int64]
) -> None:
    """Lists those of some circuits of one profile whose ranks are asked for.

    Args:
        tally: What was found before them, and where to list them.
        profile: Their profile.
        found: Their elements of the last part, one word of a bit set.
        code: The code of their other two elements.
        last: What the elements of the word add to it, [element].
    """
    rank = tally.number[profile]
    at, left = tally.asked[profile, 0], found
    end = rank + popcount(found)
    while at < tally.asked[profile, 1] and tally.ranks[at] < end:
        while rank < tally.ranks[at]:
            left &= left - np.uint64(1)
            rank += 1
        lowest = left & (~left + np.uint64(1))
        tally.code[at] = code | last[popcount(lowest - np.uint64(1))]
        at += 1
    tally.asked[profile, 0] = at


class _Places(NamedTuple):
    """The elements of the last part that complete those of the first, given one of the middle.

    Attributes:
        begin: Elements of the last part whose sum is too small, int64 [row, element].
        end: Elements whose sum is not too large, int64 [row, element].
        unsure: Whether rounding may decide about one of them, bool [element].
        some: In front, the elements of the first part that there may be any for, int64 [element].
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    unsure: NDArray[np.bool_]
    some: NDArray[np.int64]


@compiled
def _filter(places: _Places, neurons: NDArray[np.int64], room: int) -> int:
    """Finds the elements of the first part that some element of the last may complete.

    Args:
        places: Where they are completed; ``some`` is filled.
        neurons: Neurons that they keep, [element].
        room: Most that they may keep.

    Returns:
        Their number.
    """
    begin, end = places.begin, places.end
    number = 0
    for a in range(len(neurons)):
        possible = (
            (begin[0, a] < end[0, a])
            & (begin[1, a] < end[1, a])
            & (begin[2, a] < end[2, a])
            & (begin[3, a] < end[3, a])
        )
        places.some[number] = a
        number += (neurons[a] <= room) & (possible | places.unsure[a])
    return number


@compiled
def _search_choice(of: Responses, what: Wanted, choice: int, room: int, tally: _Tally) -> None:
    """Counts the perfect circuits of one choice, and lists those of given ranks.

    Args:
        of: The network's responses.
        what: What makes a circuit perfect.
        choice: The first layer's masks.
        room: Most neurons of the second layer that a circuit keeps.
        tally: Without circuits; filled.
    """
    _, width, second, _ = of.sizes
    added, kept = of.added[choice], kept_in_first(choice, width)
    # Three parts of the second layer: two neurons, those between, and the last two.
    cuts = np.array([0, max(0, min(2, second - 2)), max(0, second - 2), second])
    a = elements(added, cuts[0], cuts[1], kept, room)
    u = elements(added, cuts[1], cuts[2], kept, room)
    b = elements(added, cuts[2], cuts[3], kept, room)
    cut_u, cut_b = cuts[1], cuts[2]
    size = max(abs(of.bias), largest_sum(a.sums), largest_sum(u.sums), largest_sum(b.sums))
    near = 8 * size * _ROUNDING
    least, most = max(0, room - cut_b), min(room, second - cut_b)
    by_sum_a, by_sum_b = (
        sort_by_sum(a, min(least, cut_u), min(room, cut_u)),
        sort_by_sum(b, least, most),
    )
    lowest, users = lowest_sets(by_sum_b), user_sets(b, 1 << width, least, most)
    stretches = stretches_of(b.digits)
    last = b.masks << (width * cut_b)
    last_codes = last << (2 * width)
    common = np.empty(lowest.shape[3], np.uint64)
    n_a = len(a.masks)
    begin, end = np.empty((N_ROWS, n_a), np.int64), np.empty((N_ROWS, n_a), np.int64)
    places = _Places(begin, end, np.empty(n_a, np.bool_), np.empty(n_a, np.int64))
    for i in range(len(u.masks)):
        left = room - u.neurons[i]
        limit_a, limit_b = min(left, cut_u), min(left, most)
        number_a, number_b = by_sum_a.number[limit_a], by_sum_b.number[limit_b]
        places.unsure[:] = False
        for row in range(N_ROWS):
            order_a, sums_a = (
                by_sum_a.element[limit_a, row],
                by_sum_a.sums[limit_a, row, :number_a],
            )
            sums_b = by_sum_b.sums[limit_b, row, :number_b]
            for limit, at in ((what.low[row], begin[row]), (what.high[row], end[row])):
                asked = limit - of.bias - u.sums[row, i]
                _locate(asked, sums_a, order_a, sums_b, near, at, places.unsure)
        for j in places.some[: _filter(places, a.neurons, left)]:
            masks = a.masks[j] | u.masks[i] << (width * cut_u)
            alone = users[min(left - a.neurons[j], most), kept & ~(a.used[j] | u.used[i])]
            if places.unsure[j]:
                _add_up(added, of.bias, what, masks, last, alone, common)
            elif not _intersect(begin[:, j], end[:, j], lowest[limit_b], alone, common):
                continue
            code = choice | masks << (2 * width)
            _add_to(tally, common, stretches, a.digits[j] + u.digits[i], code, last_codes)
