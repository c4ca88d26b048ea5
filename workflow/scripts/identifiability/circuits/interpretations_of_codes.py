"""Interpretations of circuits given by their codes, counted.

The results are those of ``interpretations``, but no circuit needs a forward pass: activations come
from the tables of ``responses``. What counts is which pairs of input rows the readings tell apart:
a neuron's reading is consistent with its parents' when it separates no pair that they do not, and
the number of patterns that its parents reach follows from the pairs that they separate.

Circuits of one choice share the readings of the first layer. Circuits that have the same masks in
the first neurons of the second layer share what these may read together. So it is faster to count
circuits in an order in which those that share most follow each other.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.interpretations import exact_totals
from identifiability.circuits.responses import N_ROWS, Responses, kept_in_first, rounded_output
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.store.compiled import compiled


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


def count_interpretations_of_codes(
    of: Responses,
    code: NDArray[np.int64],
    group: NDArray[np.int64],
    n_groups: int,
    tie_tolerance: float = TIE_TOLERANCE,
) -> Totals:
    """Counts the interpretations of circuits, summed over groups of them.

    Args:
        of: The network's responses.
        code: Circuits, [circuit]; faster where they are in the order of ``codes.distinct_codes``.
        group: The group of each one, [circuit].
        n_groups: Number of groups.
        tie_tolerance: Activations no further apart than this are the same.
    """
    _, first, second, _ = of.sizes
    # Every neuron of the second layer and the output may leave all its patterns but one free.
    n_exponents = 1 + second * 2**first + 2**second
    by_exponent = np.zeros((n_groups, n_exponents), np.int64)
    reachable, interpretable, one = np.zeros((3, n_groups), np.int64)
    found = _Found(by_exponent, reachable, interpretable, one)
    _count(of, code, group, tie_tolerance, _free_patterns(second), found)
    return Totals(*found)


class _Found(NamedTuple):
    """The arrays of ``Totals``, as compiled functions take them."""

    by_exponent: NDArray[np.int64]
    reachable: NDArray[np.int64]
    interpretable: NDArray[np.int64]
    one: NDArray[np.int64]


def _pairs_separated(table: int) -> int:
    """The pairs of rows that a reading tells apart, as a bit mask over the six pairs."""
    pairs = [(row, earlier) for row in range(1, N_ROWS) for earlier in range(row)]
    return sum(
        ((table >> row ^ table >> earlier) & 1) << bit for bit, (row, earlier) in enumerate(pairs)
    )


def _patterns_reached(pairs: int) -> int:
    """Number of patterns that the four rows reach, given the pairs of rows told apart."""
    # A row shows a new pattern if it is told apart from every earlier one.
    return sum(
        all(pairs >> (row * (row - 1) // 2 + earlier) & 1 for earlier in range(row))
        for row in range(N_ROWS)
    )


_PAIRS = np.array([_pairs_separated(table) for table in range(2**N_ROWS)])
"""Pairs of rows separated, by the table that a neuron reads."""
_REACHED = np.array([_patterns_reached(pairs) for pairs in range(64)])
"""Patterns reached, by the pairs of rows that the parents separate."""


@cache
def _free_patterns(second: int) -> NDArray[np.int64]:
    """Patterns that are free at the output.

    Args:
        second: Neurons of the second layer.

    Returns:
        int64 [neurons kept below, the output's table, pairs of rows that these separate]; -1 where
        they do not separate what the table does.
    """
    free = np.full((second + 1, len(_PAIRS), len(_REACHED)), -1, np.int64)
    kept, table, pairs = np.indices(free.shape)
    possible = (kept > 0) & (_PAIRS[table] & ~pairs == 0)
    free[possible] = (2**kept - _REACHED[pairs])[possible]
    return free


@compiled
def _read(values: NDArray[np.float64], tie_tolerance: float, tables: NDArray[np.int64]) -> int:
    """Separators of a neuron.

    Args:
        values: Its activations, [row].
        tie_tolerance: Values no further apart than this are the same.
        tables: Filled with what each separator reads, row r in bit r, [separator].

    Returns:
        Their number.
    """
    number = 0
    below = values.min()
    while True:
        # The next larger value: two rows have the same one more often than not.
        above = np.inf
        for value in values:
            if below < value < above:
                above = value
        if above == np.inf:
            return number
        if above - below > tie_tolerance:
            middle = (below + above) / 2
            table = 0
            for row in range(N_ROWS):
                table |= (values[row] > middle) << row
            tables[number] = table
            number += 1
        below = above


class _Options(NamedTuple):
    """What neurons of the circuits of one choice may read.

    A *reading below* is a combination of separators of the first layer's neurons. A *slot* is a
    neuron of the second layer with a mask, ``neuron << first | mask``. Its *options* are the
    separators consistent with the reading below, each packed into an integer: the table it reads
    (4 bits), the pairs of rows that this separates (6 bits), and its completions ``factor *
    2**exponent`` (2 bits; the rest).

    Attributes:
        first: Separators of the first layer's neurons, int64 [neuron].
        tables: What they read, int64 [neuron, separator].
        number: Options, int64 [reading below, slot].
        option: int64 [reading below, slot, option].
    """

    first: NDArray[np.int64]
    tables: NDArray[np.int64]
    number: NDArray[np.int64]
    option: NDArray[np.int64]


class _States(NamedTuple):
    """What the neurons of the second layer that a circuit keeps, but for the last, read together.

    Readings are one *state* where all the same follows: the pairs of rows that they separate (6
    bits of a packed integer), the parity of their tables (4 bits; only the gates of two parents
    ask for it) and the exponent of their completions (the rest). States of the first neuron kept,
    of the first two, and so on are stacked, as the next circuit may share them.

    Attributes:
        number: States of the first so many neurons kept, int64 [neurons, reading below].
        state: Packed, the sum of its factors, and the readings that it stands for, int64
            [neurons, reading below, state, 3].
    """

    number: NDArray[np.int64]
    state: NDArray[np.int64]


@compiled
def _read_first(of: Responses, choice: int, tie_tolerance: float, options: _Options) -> int:
    """Finds the separators of the first layer's neurons, and returns the number of readings."""
    n_below = 1
    for neuron in range(of.sizes[1]):
        mask = choice >> 2 * neuron & 3
        options.first[neuron] = 0
        if mask:
            number = _read(of.first[neuron, mask], tie_tolerance, options.tables[neuron])
            options.first[neuron] = number
            n_below *= number
    return n_below


@compiled
def _read_second(
    of: Responses, choice: int, tie_tolerance: float, n_below: int, options: _Options
) -> None:
    """Finds the options of the second layer's neurons with every mask of a choice."""
    _, first, second, _ = of.sizes
    kept = kept_in_first(choice, first)
    tables = np.empty(N_ROWS - 1, np.int64)
    for neuron in range(second):
        mask = kept
        while mask:
            number = _read(of.second[choice, neuron, mask], tie_tolerance, tables)
            _find_options(tables[:number], mask, neuron << first | mask, n_below, options)
            mask = (mask - 1) & kept


@compiled
def _find_options(
    tables: NDArray[np.int64], mask: int, slot: int, n_below: int, options: _Options
) -> None:
    """Finds the options of one neuron with one mask.

    Args:
        tables: What its separators read, [separator].
        mask: Its mask.
        slot: Where its options are kept.
        n_below: Number of readings below.
        options: Those of the first layer; filled.
    """
    width = len(options.first)
    digits = np.zeros(width, np.int64)  # a separator per neuron of the first layer
    for below in range(n_below):
        parent_pairs, n_parents, parity = 0, 0, 0
        for parent in range(width):
            if mask >> parent & 1:
                table = options.tables[parent, digits[parent]]
                parent_pairs |= _PAIRS[table]
                parity ^= table
                n_parents += 1
        free = 2**n_parents - _REACHED[parent_pairs]
        found = 0
        for table in tables:
            if _PAIRS[table] & ~parent_pairs:
                continue
            factor, exponent = 1, free
            if n_parents == 2 and (table == parity or table == 15 ^ parity):
                # One way to fill the free patterns is XOR or XNOR.
                factor, exponent = 2**free - 1, 0
            if factor:
                options.option[below, slot, found] = (
                    table | _PAIRS[table] << 4 | factor << 10 | exponent << 12
                )
                found += 1
        options.number[below, slot] = found
        for parent in range(width):
            if options.first[parent]:
                digits[parent] += 1
                if digits[parent] < options.first[parent]:
                    break
                digits[parent] = 0


@compiled
def _find_states(
    code: int,
    shared: int,
    sizes: tuple[int, ...],
    n_below: int,
    options: _Options,
    states: _States,
) -> int:
    """Finds the states of a circuit.

    Args:
        code: The circuit.
        shared: Neurons of the second layer that have the mask that they had before.
        sizes: Neurons per layer.
        n_below: Number of readings below.
        options: What neurons may read.
        states: Those of the circuit before it; changed.

    Returns:
        Neurons that it keeps but for the last.
    """
    _, first, second, _ = sizes
    n_kept = 0
    for neuron in range(second - 1):
        mask = code >> (2 * first + first * neuron) & ((1 << first) - 1)
        if mask:
            n_kept += 1
            if neuron >= shared:
                for below in range(n_below):
                    _grow(states, options, below, neuron << first | mask, n_kept)
    return n_kept


@compiled
def _grow(states: _States, options: _Options, below: int, slot: int, n_kept: int) -> None:
    """Adds a neuron to the states of a reading below.

    Args:
        states: Those of one neuron more are filled.
        options: What neurons may read.
        below: The reading below.
        slot: The neuron and its mask.
        n_kept: How many neurons it makes.
    """
    dropped = 0 if n_kept <= 2 else 15 << 6  # no gate of three parents asks for the parity
    found = 0
    for i in range(states.number[n_kept - 1, below]):
        state = states.state[n_kept - 1, below, i, 0]
        for j in range(options.number[below, slot]):
            option = options.option[below, slot, j]
            packed = (state | option >> 4 & 63) ^ (option & 15) << 6
            packed = (packed & ~dropped) + (option >> 12 << 10)
            at = 0
            while at < found and states.state[n_kept, below, at, 0] != packed:
                at += 1
            grown = states.state[n_kept, below, at]
            if at == found:
                grown[0], grown[1], grown[2] = packed, 0, 0
                found += 1
            grown[1] += states.state[n_kept - 1, below, i, 1] * (option >> 10 & 3)
            grown[2] += states.state[n_kept - 1, below, i, 2]
    states.number[n_kept, below] = found


@compiled
def _add(
    found: _Found,
    group: int,
    tables: NDArray[np.int64],
    n_before: int,
    last: int,
    n_below: int,
    options: _Options,
    states: _States,
    free_patterns: NDArray[np.int64],
) -> None:
    """Adds the interpretations of one circuit.

    Args:
        found: What they are added to.
        group: The circuit's group.
        tables: What the separators of its output read, [separator].
        n_before: Neurons that it keeps in the second layer, but for the last.
        last: The slot of the last.
        n_below: Number of readings below.
        options: Those of the last.
        states: Those of the neurons before it.
        free_patterns: As ``_free_patterns`` returns them.
    """
    n_kept = n_before + (last & ((1 << len(options.first)) - 1) > 0)
    reachable, total, exponents = 0, 0, 0
    by_exponent = found.by_exponent[group]
    for table in tables:
        free = free_patterns[n_kept, table]
        for below in range(n_below):
            for j in range(options.number[below, last]):
                option = options.option[below, last, j]
                for i in range(states.number[n_before, below]):
                    state = states.state[n_before, below, i, 0]
                    exponent = free[(state | option >> 4) & 63]
                    if exponent < 0:
                        continue
                    factor = option >> 10 & 3
                    if n_kept == 2:
                        parity = (state >> 6 ^ option) & 15
                        if table == parity or table == 15 ^ parity:
                            # One way to fill the free patterns is XOR or XNOR.
                            factor, exponent = factor * (2**exponent - 1), 0
                            if not factor:
                                continue
                    exponent += (state >> 10) + (option >> 12)
                    factor *= states.state[n_before, below, i, 1]
                    reachable += states.state[n_before, below, i, 2]
                    total += factor
                    exponents += exponent
                    by_exponent[exponent] += factor
    found.reachable[group] += reachable
    found.interpretable[group] += reachable > 0
    found.one[group] += total == 1 and exponents == 0


@compiled
def _count(
    of: Responses,
    code: NDArray[np.int64],
    group: NDArray[np.int64],
    tie_tolerance: float,
    free_patterns: NDArray[np.int64],
    found: _Found,
) -> None:
    """Counts circuit by circuit; what one shares with the one before is not worked out again."""
    _, first, second, _ = of.sizes
    n_slots, n_states = second << first, 3 ** (second - 1)
    options = _Options(
        np.zeros(first, np.int64),
        np.zeros((first, 3), np.int64),
        np.zeros((3**first, n_slots), np.int64),
        np.zeros((3**first, n_slots, 3), np.int64),
    )
    # A last neuron that is left out has one option, which separates nothing and leaves no choice.
    options.number[:, (second - 1) << first] = 1
    options.option[:, (second - 1) << first, 0] = 1 << 10
    states = _States(
        np.ones((second, 3**first), np.int64), np.ones((second, 3**first, n_states, 3), np.int64)
    )
    states.state[0, :, 0, 0] = 0  # of no neuron: separates nothing
    output, tables = np.empty(N_ROWS), np.zeros(3, np.int64)
    to_last = 2 * first + first * (second - 1)
    n_below, n_before = 0, 0
    for i in range(len(code)):
        changed = code[i] ^ (code[i - 1] if i else -1 - code[0])
        if changed & ((1 << 2 * first) - 1):
            choice = code[i] & ((1 << 2 * first) - 1)
            n_below = _read_first(of, choice, tie_tolerance, options)
            _read_second(of, choice, tie_tolerance, n_below, options)
            n_before = _find_states(code[i], 0, of.sizes, n_below, options, states)
        elif changed & ((1 << to_last) - 1):
            shared = 0
            while not changed >> (2 * first + first * shared) & ((1 << first) - 1):
                shared += 1
            n_before = _find_states(code[i], shared, of.sizes, n_below, options, states)
        rounded_output(of, code[i], output)
        n_tables = _read(output, tie_tolerance, tables)
        last = (second - 1) << first | code[i] >> to_last
        _add(
            found, group[i], tables[:n_tables], n_before, last, n_below, options, states,
            free_patterns,
        )  # fmt: skip
