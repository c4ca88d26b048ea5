"""A census of the perfect circuits of networks too wide to keep every circuit as a row.

For networks with two inputs, two hidden layers and one output. A circuit is one integer, its
*code*: the edge masks of the first hidden layer, two bits a neuron, then those of the second, one
bit per neuron of the first. The output's edges follow from them.

As in ``circuits`` and ``interpretations``, whose results these are, no candidate gets a forward
pass: given the first layer's masks, the *choice*, the second layer's responses are a table, and
the output is a sum of its rows. Interpretations are counted from which pairs of input rows the
readings tell apart: a neuron's reading is consistent with its parents' when it separates no pair
that they do not, and how many patterns its parents reach follows from the pairs they separate.
"""

from dataclasses import dataclass
from functools import cache

import numba
import numpy as np
import torch
from numpy.typing import NDArray

from identifiability.circuits.interpretations import exact_totals
from identifiability.circuits.perfect import masked_responses
from identifiability.circuits.shapes import n_within
from identifiability.networks.networks import TIE_TOLERANCE, Networks

N_ROWS = 4
FOR_TARGET, FOR_MODEL, FOR_SAMPLE = 1, 2, 4
"""Bits of a verdict: what a circuit computes (D01)."""


@dataclass(frozen=True, eq=False)
class Responses:
    """What the hidden neurons of one network respond, on the four input rows.

    Attributes:
        sizes: Neurons per layer, (2, a, b, 1).
        first: Activations of the first hidden layer, float64 [neuron, mask, row].
        second: Activations of the second, float64 [choice, neuron, mask, row]; 0 for mask 0.
        added: What they add to the output's sum, float64 [choice, neuron, mask, row].
        bias: The output's bias.
        rounding: Activation of the output: index in ``_OUTPUTS``.
        slope: Slope of leaky ReLU below zero.
    """

    sizes: tuple[int, ...]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    added: NDArray[np.float64]
    bias: float
    rounding: int
    slope: float


_OUTPUTS = ("leaky_relu", "relu", "tanh", "sigmoid", "identity")


def responses(network: Networks) -> Responses:
    """Tabulates a batch of one single-output network."""
    (w1, b1), (w2, b2), (w3, b3) = network.parameters()
    inputs = network.activations()[0].transpose(1, 2)[:, None]  # [network, 1, input, row]
    first = masked_responses(network, 0, w1, b1, inputs)[0, 0]
    width = first.shape[0]
    chosen = torch.as_tensor(choice_masks(width))
    values = first[torch.arange(width), chosen]  # [choice, neuron, row]
    second = masked_responses(network, 1, w2, b2, values[None])[0]
    added = second * w3[0, 0, None, :, None, None]
    return Responses(
        network.layer_sizes,
        first.numpy(),
        second.numpy(),
        added.numpy(),
        float(b3[0, 0]),
        _OUTPUTS.index(network.output_activation),
        network.negative_slope,
    )


@cache
def choice_masks(width: int) -> NDArray[np.int64]:
    """Masks over two inputs of every neuron of the first layer, [choice, neuron].

    A choice's number is the low bits of a code: neuron 0 in the lowest two.
    """
    return np.arange(4**width)[:, None] >> 2 * np.arange(width) & 3


@dataclass(frozen=True, eq=False)
class Perfect:
    """The perfect circuits of one network, in the order of their choices.

    Attributes:
        code: int64 [circuit].
        verdict: Sum of ``FOR_TARGET``, ``FOR_MODEL``, ``FOR_SAMPLE``, uint8 [circuit].
    """

    code: NDArray[np.int64]
    verdict: NDArray[np.uint8]


def perfect(
    of: Responses,
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    max_hidden: int | None = None,
) -> Perfect:
    """Enumerates the perfect circuits of a network.

    Args:
        of: Its responses.
        target: Truth table, [row].
        model: What the full network computes, rounded, [row].
        right_enough: Whether being right on a set of rows is enough for the sample, by the set
            as a bit mask, [set of rows].
        max_hidden: Leave out circuits that keep more hidden neurons than this.
    """
    room = sum(of.sizes[1:-1]) if max_hidden is None else max_hidden
    most = n_within(of.sizes, room)
    code, verdict = np.empty(most, np.int64), np.empty(most, np.uint8)
    number = _enumerate(
        of.added, of.bias, of.rounding, of.slope, target.astype(np.float64), model, right_enough,
        room, code, verdict,
    )  # fmt: skip
    return Perfect(code[:number].copy(), verdict[:number].copy())


@numba.njit(cache=True, nogil=True)
def activate(total: float, rounding: int, slope: float) -> float:
    """The output's activation, by index in ``_OUTPUTS``."""
    if rounding == 0:
        return total if total > 0 else slope * total
    if rounding == 1:
        return total if total > 0 else 0.0
    if rounding == 2:
        return float(np.tanh(total))
    if rounding == 3:
        return float(1 / (1 + np.exp(-total)))
    return total


@numba.njit(cache=True, nogil=True)
def _enumerate(
    added: NDArray[np.float64],
    bias: float,
    rounding: int,
    slope: float,
    target: NDArray[np.float64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    max_hidden: int,
    code: NDArray[np.int64],
    verdict: NDArray[np.uint8],
) -> int:
    """Walks through all circuits, choice by choice and then neuron by neuron.

    Args:
        added: What neurons of the second layer add to the output, [choice, neuron, mask, row].
        bias: The output's bias.
        rounding: The output's activation.
        slope: Slope of leaky ReLU below zero.
        target: [row].
        model: [row].
        right_enough: [set of rows].
        max_hidden: Most hidden neurons kept.
        code: Filled with the perfect circuits.
        verdict: Filled with what they compute.

    Returns:
        The number of perfect circuits.
    """
    n_choices, width, _, _ = added.shape
    first_width = 0
    while 4**first_width < n_choices:
        first_width += 1
    number = 0
    masks = np.zeros(width, np.int64)
    sums = np.empty((width + 1, N_ROWS))
    sums[0] = bias
    covered = np.zeros(width + 1, np.int64)
    kept_here = np.zeros(width + 1, np.int64)
    for choice in range(n_choices):
        kept, n_first, inputs = 0, 0, 0
        for neuron in range(first_width):
            mask = choice >> 2 * neuron & 3
            if mask:
                kept |= 1 << neuron
                n_first += 1
                inputs |= mask
        if inputs != 3:
            continue
        position, entering = 0, True
        while position >= 0:
            # The masks of a neuron: the subsets of the neurons kept below, ascending.
            if entering:
                mask = 0
            elif masks[position] == kept:
                position -= 1
                continue
            else:
                mask = (masks[position] - kept) & kept
            masks[position] = mask
            entering = False
            more = kept_here[position] + (mask > 0)
            if n_first + more > max_hidden:
                continue
            union = covered[position] | mask
            for row in range(N_ROWS):
                sums[position + 1, row] = sums[position, row]
                if mask:
                    sums[position + 1, row] += added[choice, position, mask, row]
            if position + 1 < width:
                covered[position + 1], kept_here[position + 1] = union, more
                position, entering = position + 1, True
                continue
            if union != kept:
                continue
            right, same = 0, 0
            for row in range(N_ROWS):
                value = np.round(activate(sums[width, row], rounding, slope))
                right |= (value == target[row]) << row
                same |= (value == model[row]) << row
            found = (
                FOR_TARGET * (right == 15)
                + FOR_MODEL * (same == 15)
                + FOR_SAMPLE * right_enough[right]
            )
            if found:
                own = choice
                for neuron in range(width):
                    own |= masks[neuron] << (2 * first_width + first_width * neuron)
                code[number] = own
                verdict[number] = found
                number += 1
    return number


def masks_of_codes(code: NDArray[np.int64], sizes: tuple[int, ...]) -> list[NDArray[np.uint16]]:
    """Edge masks, uint16 [circuit, neuron] per non-input layer."""
    _, first, second, _ = sizes
    low = code[:, None] >> 2 * np.arange(first) & 3
    high = code[:, None] >> (2 * first + first * np.arange(second)) & (2**first - 1)
    output = ((high > 0) << np.arange(second)).sum(1)[:, None]
    return [masks.astype(np.uint16) for masks in (low, high, output)]


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


def codes_of_masks(masks: list[NDArray[np.uint16]], sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """The inverse of ``masks_of_codes``, for any number of inputs and hidden layers."""
    code = np.zeros(len(masks[0]), np.int64)
    shift = 0
    for below, layer in zip(sizes, masks[:-1], strict=False):
        for neuron in range(layer.shape[1]):
            code |= layer[:, neuron].astype(np.int64) << shift
            shift += below
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
    _minimal(code, n_bits, inside, result)
    return result


@numba.njit(cache=True, nogil=True)
def _minimal(
    code: NDArray[np.int64],
    n_bits: int,
    inside: NDArray[np.uint64],
    result: NDArray[np.bool_],
) -> None:
    """Marks every set of edges that contains a circuit, then looks one edge below each circuit.

    Args:
        code: [circuit].
        n_bits: Length of a code.
        inside: Bit set over all codes, zero; filled.
        result: Filled, [circuit].
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
    for i in range(len(code)):
        result[i] = True
        for bit in range(n_bits):
            if code[i] >> bit & 1:
                smaller = code[i] ^ (1 << bit)
                if inside[smaller >> 6] >> np.uint64(smaller & 63) & one:
                    result[i] = False
                    break


@dataclass(frozen=True, eq=False)
class Totals:
    """Interpretations of groups of circuits, exact.

    Attributes:
        by_exponent: All completions: group g has ``sum(by_exponent[g, e] * 2**e)``, int64
            [group, exponent].
        reachable: Interpretations when free patterns are ignored, int64 [group].
        interpretable: Circuits with an interpretation, int64 [group].
        one: Circuits with exactly one, int64 [group].
    """

    by_exponent: NDArray[np.int64]
    reachable: NDArray[np.int64]
    interpretable: NDArray[np.int64]
    one: NDArray[np.int64]

    def totals(self) -> list[int]:
        """All completions per group, as exact integers."""
        return exact_totals(self.by_exponent)


def count_interpretations(
    of: Responses,
    code: NDArray[np.int64],
    group: NDArray[np.int64],
    n_groups: int,
    tie_tolerance: float = TIE_TOLERANCE,
) -> Totals:
    """Counts the interpretations of circuits, summed over groups of them.

    Args:
        of: The network's responses.
        code: Circuits, those of one choice beside each other, [circuit].
        group: The group of each one, [circuit].
        n_groups: Number of groups.
        tie_tolerance: Activations no further apart than this are the same.
    """
    _, first, second, _ = of.sizes
    # Every neuron of the second layer and the output may leave all its patterns but one free.
    n_exponents = 1 + second * 2**first + 2**second
    totals = Totals(
        np.zeros((n_groups, n_exponents), np.int64),
        *(np.zeros(n_groups, np.int64) for _ in range(3)),
    )
    _count(
        code, group, of.first, of.second, of.added, of.bias, of.rounding, of.slope, tie_tolerance,
        totals.by_exponent, totals.reachable, totals.interpretable, totals.one,
    )  # fmt: skip
    return totals


@numba.njit(cache=True, nogil=True)
def _read(values: NDArray[np.float64], tie_tolerance: float, tables: NDArray[np.int64]) -> int:
    """Separators of a neuron.

    Args:
        values: Its activations, [row].
        tie_tolerance: Values no further apart than this are the same.
        tables: Filled with what each separator reads, row r in bit r, [separator].

    Returns:
        Their number.
    """
    ordered = np.sort(values)
    number = 0
    for i in range(N_ROWS - 1):
        if ordered[i + 1] - ordered[i] > tie_tolerance:
            middle = (ordered[i] + ordered[i + 1]) / 2
            table = 0
            for row in range(N_ROWS):
                table |= (values[row] > middle) << row
            tables[number] = table
            number += 1
    return number


@numba.njit(cache=True, nogil=True)
def _pairs_separated(table: int) -> int:
    """The pairs of rows that a reading tells apart, as a bit mask over the six pairs."""
    pairs, bit = 0, 0
    for row in range(1, N_ROWS):
        for earlier in range(row):
            pairs |= ((table >> row ^ table >> earlier) & 1) << bit
            bit += 1
    return pairs


@numba.njit(cache=True, nogil=True)
def _patterns_reached(pairs: int) -> int:
    """Number of patterns that the four rows reach, given the pairs of rows told apart."""
    reached, bit = 0, 0
    for row in range(N_ROWS):
        new = True
        for _earlier in range(row):
            new &= pairs >> bit & 1 == 1
            bit += 1
        reached += new
    return reached


@numba.njit(cache=True, nogil=True)
def _count(
    code: NDArray[np.int64],
    group: NDArray[np.int64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    added: NDArray[np.float64],
    bias: float,
    rounding: int,
    slope: float,
    tie_tolerance: float,
    by_exponent: NDArray[np.int64],
    reachable: NDArray[np.int64],
    interpretable: NDArray[np.int64],
    one: NDArray[np.int64],
) -> None:
    """Counts circuit by circuit; tables are made anew where the first layer's masks change.

    For a choice, a *reading below* is a combination of separators of the first layer's neurons.
    For every reading below, neuron and mask of the second layer, the *options* are the separators
    consistent with it. An option is one integer: the table it reads (4 bits), the pairs of rows
    that this separates (6 bits), and its completions ``factor * 2**exponent`` (2 bits; the rest).

    Circuits that differ in the last neuron's mask alone follow each other. What the neurons
    before it may read is worked out once for them, as *states*: the pairs of rows separated (6
    bits), the parity of the tables (4 bits; only the gates of two parents ask for it) and the
    exponent (the rest), each with the sum of its factors and the number of readings it stands for.
    """
    n_first, n_second = first.shape[0], second.shape[1]
    n_masks = 2**n_first
    pairs_of, reached_of = np.empty(16, np.int64), np.empty(64, np.int64)
    for table in range(16):
        pairs_of[table] = _pairs_separated(table)
    for pairs in range(64):
        reached_of[pairs] = _patterns_reached(pairs)
    # Free patterns of the output, by neurons kept below, its table, and the pairs that they
    # separate; -1 where they do not separate what the table does.
    free_of = np.full((n_second + 1, 16, 64), -1, np.int64)
    for n_kept in range(1, n_second + 1):
        for table in range(16):
            for pairs in range(64):
                if not pairs_of[table] & ~pairs:
                    free_of[n_kept, table, pairs] = 2**n_kept - reached_of[pairs]
    n_options = np.zeros((3**n_first, n_second * n_masks), np.int64)
    options = np.zeros((3**n_first, n_second * n_masks, 3), np.int64)
    first_tables, first_number = np.zeros((n_first, 3), np.int64), np.zeros(n_first, np.int64)
    digits = np.zeros(n_first, np.int64)
    scratch = np.zeros(3, np.int64)
    output, output_tables = np.empty(N_ROWS), np.zeros(3, np.int64)
    most_states = 3 ** (n_second - 1)
    n_states = np.zeros(3**n_first, np.int64)
    # Per state its packed value, the sum of its factors, and its readings.
    states = np.zeros((3**n_first, most_states, 3), np.int64)
    grown = np.zeros((most_states, 3), np.int64)
    no_option = np.full(1, 1 << 10, np.int64)
    before_last = (1 << 2 * n_first + n_first * (n_second - 1)) - 1
    prefix, n_prefix = -1, 0
    current, n_below = -1, 0
    for circuit in range(len(code)):
        choice = code[circuit] & (4**n_first - 1)
        if choice != current:
            current, n_below, kept = choice, 1, 0
            for neuron in range(n_first):
                mask = choice >> 2 * neuron & 3
                first_number[neuron] = 0
                if mask:
                    kept |= 1 << neuron
                    first_number[neuron] = _read(
                        first[neuron, mask], tie_tolerance, first_tables[neuron]
                    )
                    n_below *= first_number[neuron]
            for neuron in range(n_second):
                mask = kept
                while mask:
                    slot = neuron * n_masks + mask
                    number = _read(second[choice, neuron, mask], tie_tolerance, scratch)
                    digits[:] = 0
                    for below in range(n_below):
                        parent_pairs, n_parents, parity = 0, 0, 0
                        for parent in range(n_first):
                            if mask >> parent & 1:
                                table = first_tables[parent, digits[parent]]
                                parent_pairs |= pairs_of[table]
                                parity ^= table
                                n_parents += 1
                        free = 2**n_parents - reached_of[parent_pairs]
                        found = 0
                        for separator in range(number):
                            table = scratch[separator]
                            if pairs_of[table] & ~parent_pairs:
                                continue
                            factor, exponent = 1, free
                            if n_parents == 2 and (table == parity or table == 15 ^ parity):
                                # One way to fill the free patterns is XOR or XNOR.
                                factor, exponent = 2**free - 1, 0
                            if factor:
                                options[below, slot, found] = (
                                    table | pairs_of[table] << 4 | factor << 10 | exponent << 12
                                )
                                found += 1
                        n_options[below, slot] = found
                        for parent in range(n_first):
                            if first_number[parent]:
                                digits[parent] += 1
                                if digits[parent] < first_number[parent]:
                                    break
                                digits[parent] = 0
                    mask = (mask - 1) & kept
        if code[circuit] & before_last != prefix:
            prefix, n_prefix = code[circuit] & before_last, 0
            for neuron in range(n_second - 1):
                n_prefix += prefix >> (2 * n_first + n_first * neuron) & (n_masks - 1) > 0
            with_parity = 15 if n_prefix <= 2 else 0
            for below in range(n_below):
                n_states[below] = 1
                states[below, 0, 0], states[below, 0, 1], states[below, 0, 2] = 0, 1, 1
                for neuron in range(n_second - 1):
                    mask = prefix >> (2 * n_first + n_first * neuron) & (n_masks - 1)
                    if not mask:
                        continue
                    slot, found = neuron * n_masks + mask, 0
                    for i in range(n_states[below]):
                        state = states[below, i]
                        for j in range(n_options[below, slot]):
                            option = options[below, slot, j]
                            packed = (state[0] | option >> 4 & 63) ^ ((option & with_parity) << 6)
                            packed += option >> 12 << 10
                            at = 0
                            while at < found and grown[at, 0] != packed:
                                at += 1
                            if at == found:
                                grown[at, 0], grown[at, 1], grown[at, 2] = packed, 0, 0
                                found += 1
                            grown[at, 1] += state[1] * (option >> 10 & 3)
                            grown[at, 2] += state[2]
                    n_states[below] = found
                    states[below, :found] = grown[:found]
        last_mask = code[circuit] >> (2 * n_first + n_first * (n_second - 1))
        last_slot = (n_second - 1) * n_masks + last_mask
        n_kept = n_prefix + (last_mask > 0)
        output[:] = bias
        for neuron in range(n_second):
            mask = code[circuit] >> (2 * n_first + n_first * neuron) & (n_masks - 1)
            if mask:
                output += added[choice, neuron, mask]
        for row in range(N_ROWS):
            output[row] = np.round(activate(output[row], rounding, slope))
        n_output = _read(output, tie_tolerance, output_tables)
        own_reachable, own_total, own_exponent = 0, 0, 0
        to = group[circuit]
        totals = by_exponent[to]
        for separator in range(n_output):
            wanted = output_tables[separator]
            free_patterns = free_of[n_kept, wanted]
            for below in range(n_below):
                own_options, n_own = no_option, 1
                if last_mask:
                    own_options, n_own = options[below, last_slot], n_options[below, last_slot]
                for j in range(n_own):
                    option = own_options[j]
                    option_pairs, option_exponent = option >> 4 & 63, option >> 12
                    option_factor = option >> 10 & 3
                    for i in range(n_states[below]):
                        state = states[below, i, 0]
                        exponent = free_patterns[(state & 63) | option_pairs]
                        if exponent < 0:
                            continue
                        factor = option_factor
                        if n_kept == 2:
                            parity = (state >> 6 ^ option) & 15
                            if wanted == parity or wanted == 15 ^ parity:
                                # One way to fill the free patterns is XOR or XNOR.
                                factor, exponent = factor * (2**exponent - 1), 0
                                if not factor:
                                    continue
                        exponent += (state >> 10) + option_exponent
                        factor *= states[below, i, 1]
                        own_reachable += states[below, i, 2]
                        own_total += factor
                        own_exponent += exponent
                        totals[exponent] += factor
        reachable[to] += own_reachable
        interpretable[to] += own_reachable > 0
        one[to] += own_total == 1 and own_exponent == 0
