"""Interpretations of perfect circuits: Boolean readings, layer by layer (paper, section 2; Q2).

Every gap between two neighbouring distinct values of a neuron is a *separator*; it reads the
neuron as a bit per input row. A choice of one separator per neuron is consistent when, at every
neuron beyond the first hidden layer, rows with equal parent bits have equal bits. The parent-bit
patterns that no row reaches are free, and each way to fill them is another interpretation; with
two parents, XOR and XNOR are not admitted as gates.

Interpretations are counted, not listed. The number of completions of one neuron is 1 or 3 times
a power of two, so totals are gathered per exponent and stay exact however large they grow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.networks.networks import TIE_TOLERANCE

_BARRED = ((0, 1, 1, 0), (1, 0, 0, 1))
"""XOR and XNOR, which no neuron with two parents may be read as."""


@dataclass(frozen=True, eq=False)
class Readings:
    """The separators of every non-input neuron of many circuits.

    Attributes:
        number: Separators per neuron, int64 [circuit, neuron]; neurons layer by layer, the
            output last.
        tables: What each separator reads on the input rows, row r in bit r, int64
            [circuit, neuron, separator].
        separators: The thresholds, float64 [circuit, neuron, separator], NaN beyond ``number``.
    """

    number: NDArray[np.int64]
    tables: NDArray[np.int64]
    separators: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InterpretationCounts:
    """Exact numbers of interpretations.

    Attributes:
        by_exponent: All completions: circuit c has ``sum(by_exponent[c, e] * 2**e)``, int64
            [circuit, exponent].
        reachable: Interpretations when free patterns are ignored, int64 [circuit].
    """

    by_exponent: NDArray[np.int64]
    reachable: NDArray[np.int64]

    def totals(self) -> list[int]:
        """All completions per circuit, as exact integers."""
        n_exponents = self.by_exponent.shape[1]
        largest = int(self.by_exponent.sum(1).max(initial=0))
        if n_exponents + largest.bit_length() < 63:
            powers = np.int64(1) << np.arange(n_exponents)
            return [int(total) for total in self.by_exponent @ powers]
        return exact_totals(self.by_exponent)


def exact_totals(by_exponent: NDArray[np.int64]) -> list[int]:
    """Sums ``by_exponent[i, e] * 2**e`` over e, as integers of any size."""
    return [
        sum(int(number) << exponent for exponent, number in enumerate(row) if number)
        for row in by_exponent
    ]


def readings(
    activations: list[NDArray[np.float64]], tie_tolerance: float = TIE_TOLERANCE
) -> Readings:
    """Finds the separators of every neuron: the midpoints between neighbouring distinct values.

    Args:
        activations: Float64 [circuit, row, neuron] per non-input layer. The output is rounded
            first, so that its only separator is 0.5 in a circuit that computes a gate.
        tie_tolerance: Values no further apart than this are the same.
    """
    values = np.concatenate([*activations[:-1], np.round(activations[-1])], axis=2)
    values = values.transpose(0, 2, 1)  # [circuit, neuron, row]
    ordered = np.sort(values, axis=2)
    gaps = np.diff(ordered) > tie_tolerance
    middles = (ordered[..., :-1] + ordered[..., 1:]) / 2
    # Real gaps first, in ascending order of their separators.
    middles = np.sort(np.where(gaps, middles, np.nan), axis=2)
    bits = values[:, :, None, :] > middles[..., None]
    tables = (bits << np.arange(values.shape[2])).sum(3)
    return Readings(gaps.sum(2), tables, middles)


def count_interpretations(read: Readings, masks: list[NDArray[np.uint16]]) -> InterpretationCounts:
    """Counts the interpretations of every circuit.

    Args:
        read: The circuits' separators.
        masks: Edge masks, [circuit, neuron] per non-input layer.
    """
    layer_of = np.repeat(np.arange(len(masks)), [m.shape[1] for m in masks])
    flat_masks = np.concatenate(masks, axis=1).astype(np.int64)
    n_rows = read.tables.shape[2] + 1
    most_parents = int(max(np.bitwise_count(m).max(initial=1) for m in masks))
    by_exponent = np.zeros((len(flat_masks), 1 + _max_exponent(masks)), np.int64)
    reachable = np.zeros(len(flat_masks), np.int64)
    if len(flat_masks):
        _count(
            flat_masks, layer_of, read.number, read.tables, n_rows, most_parents, by_exponent,
            reachable,
        )  # fmt: skip
    return InterpretationCounts(by_exponent, reachable)


def _max_exponent(masks: list[NDArray[np.uint16]]) -> int:
    """Largest power of two among the completions of any circuit: all patterns of all neurons."""
    parents = [np.bitwise_count(m).astype(np.int64) for m in masks[1:]]
    return int(sum((2**p * (p > 0)).sum(1) for p in parents).max(initial=0)) if parents else 0


@numba.njit(cache=True, nogil=True)
def _patterns(
    parent_tables: NDArray[np.int64], n_parents: int, n_rows: int, patterns: NDArray[np.int64]
) -> int:
    """The patterns of parent bits that the input rows reach, as sets of rows.

    Args:
        parent_tables: The parents' bits, row r in bit r, int64 [parent].
        n_parents: Number of parents kept.
        n_rows: Number of input rows.
        patterns: Filled with the rows that reach each pattern, row r in bit r, [pattern].

    Returns:
        The number of patterns reached.
    """
    patterns[0] = (1 << n_rows) - 1
    reached = 1
    for parent in range(n_parents):
        for i in range(reached):
            zero = patterns[i] & ~parent_tables[parent]
            one = patterns[i] & parent_tables[parent]
            if zero and one:
                patterns[i], patterns[reached] = zero, one
                reached += 1
    return reached


@numba.njit(cache=True, nogil=True)
def _completions(
    table: int,
    patterns: NDArray[np.int64],
    reached: int,
    parent_tables: NDArray[np.int64],
    n_parents: int,
    n_rows: int,
) -> tuple[int, int]:
    """Gates that agree with a neuron's bits on every pattern of parent bits that a row reaches.

    Args:
        table: The neuron's bits, row r in bit r.
        patterns: The sets of rows that reach each pattern, [pattern].
        reached: The number of patterns reached.
        parent_tables: The parents' bits, int64 [parent].
        n_parents: Number of parents kept.
        n_rows: Number of input rows.

    Returns:
        (f, e): there are f * 2**e such gates, f in {0, 1, 3}.
    """
    for i in range(reached):
        ones = table & patterns[i]
        if ones and ones != patterns[i]:
            return 0, 0
    free = 2**n_parents - reached
    if n_parents != 2:
        return 1, free
    full = (1 << n_rows) - 1
    xor = parent_tables[0] ^ parent_tables[1]
    if table not in (xor, xor ^ full):
        return 1, free
    if free == 0:
        return 0, 0
    # One completion is XOR or XNOR: 2**free - 1, which is 1 or 3 (a neuron with a separator
    # reaches two patterns or more).
    return 2**free - 1, 0


@numba.njit(cache=True, nogil=True)
def _pairs_told_apart(table: int, output: int, n_rows: int) -> int:
    """Which of the pairs of rows that the output tells apart a reading tells apart as well.

    Args:
        table: The reading, row r in bit r.
        output: The output's reading.
        n_rows: Number of input rows, at most 16: the output tells at most 64 pairs apart.

    Returns:
        One bit a pair.
    """
    pairs, bit = 0, 0
    for row in range(n_rows):
        if output >> row & 1:
            for other in range(n_rows):
                if not output >> other & 1:
                    pairs |= ((table >> row ^ table >> other) & 1) << bit
                    bit += 1
    return pairs


@numba.njit(cache=True, nogil=True)
def _count(
    masks: NDArray[np.int64],
    layer_of: NDArray[np.int64],
    number: NDArray[np.int64],
    tables: NDArray[np.int64],
    n_rows: int,
    most_parents: int,
    by_exponent: NDArray[np.int64],
    reachable: NDArray[np.int64],
) -> None:
    """Walks through the consistent choices of separators of every circuit, depth first.

    Neurons are visited layer by layer. What a neuron's reading allows depends on the protocols of
    the layer below alone, so it is worked out for a whole layer when the walk enters it.

    A consistent reading is a function of the layer below, hence of any layer below: where the
    output has one separator, what it tells apart every layer must tell apart. A choice that leaves
    a pair which the rest of its layer cannot tell apart is not followed.
    """
    n_circuits, n_neurons = masks.shape
    neurons = np.empty(n_neurons, np.int64)
    choice = np.empty(n_neurons, np.int64)
    factors = np.empty((n_neurons, n_rows), np.int64)
    exponents = np.empty((n_neurons, n_rows), np.int64)
    # Factor and exponent of the choices made before each position of the walk.
    factor_before = np.empty(n_neurons + 1, np.int64)
    exponent_before = np.empty(n_neurons + 1, np.int64)
    parent_tables = np.empty(most_parents, np.int64)
    patterns = np.empty(n_rows, np.int64)
    # Pairs of rows told apart: by a reading, by the choices made in a layer before each position,
    # and by all readings of the layer from each position on.
    apart = np.empty((n_neurons, n_rows), np.int64)
    apart_before = np.empty(n_neurons + 1, np.int64)
    apart_from = np.empty(n_neurons + 1, np.int64)
    first_of_layer = np.zeros(layer_of[-1] + 2, np.int64)
    for neuron in range(n_neurons):
        first_of_layer[layer_of[neuron] + 1] = neuron + 1
    for circuit in range(n_circuits):
        n_kept, readable = 0, True
        for neuron in range(n_neurons):
            if masks[circuit, neuron]:
                neurons[n_kept] = neuron
                n_kept += 1
                readable &= number[circuit, neuron] > 0
        if not readable:  # a kept neuron without a separator
            continue
        output = neurons[n_kept - 1]
        wanted = tables[circuit, output, 0] if number[circuit, output] == 1 else 0
        to_tell = _pairs_told_apart(wanted, wanted, n_rows)
        for position in range(n_kept - 1, -1, -1):
            neuron = neurons[position]
            last = position == n_kept - 1 or layer_of[neurons[position + 1]] != layer_of[neuron]
            apart_from[position] = 0 if last else apart_from[position + 1]
            for reading in range(number[circuit, neuron]):
                apart[neuron, reading] = _pairs_told_apart(
                    tables[circuit, neuron, reading], wanted, n_rows
                )
                apart_from[position] |= apart[neuron, reading]
        factor_before[0], exponent_before[0] = 1, 0
        position, entering = 0, True
        while position >= 0:
            if position == n_kept:
                by_exponent[circuit, exponent_before[position]] += factor_before[position]
                reachable[circuit] += 1
                position, entering = position - 1, False
                continue
            neuron = neurons[position]
            layer = layer_of[neuron]
            first = position == 0 or layer_of[neurons[position - 1]] != layer
            last = position == n_kept - 1 or layer_of[neurons[position + 1]] != layer
            if entering and first:
                for later in range(position, n_kept):
                    other = neurons[later]
                    if layer_of[other] != layer:
                        break
                    n_parents, reached = 0, 0
                    if layer > 0:
                        for below in range(position):
                            offset = neurons[below] - first_of_layer[layer - 1]
                            if offset >= 0 and masks[circuit, other] >> offset & 1:
                                parent_tables[n_parents] = tables[
                                    circuit, neurons[below], choice[below]
                                ]
                                n_parents += 1
                        reached = _patterns(parent_tables, n_parents, n_rows, patterns)
                    for reading in range(number[circuit, other]):
                        table = tables[circuit, other, reading]
                        if layer == 0:
                            # XOR and XNOR of two inputs, which only noisy inputs can ask for.
                            barred = n_rows == 4 and table in (6, 9)
                            factors[later, reading], exponents[later, reading] = 1 - barred, 0
                        else:
                            factors[later, reading], exponents[later, reading] = _completions(
                                table, patterns, reached, parent_tables, n_parents, n_rows
                            )
            before = 0 if first else apart_before[position]
            rest = 0 if last else apart_from[position + 1]
            reading = 0 if entering else choice[position] + 1
            while reading < number[circuit, neuron] and (
                factors[position, reading] == 0
                or (before | apart[neuron, reading] | rest) != to_tell
            ):
                reading += 1
            if reading == number[circuit, neuron]:
                position, entering = position - 1, False
                continue
            choice[position] = reading
            apart_before[position + 1] = before | apart[neuron, reading]
            factor_before[position + 1] = factor_before[position] * factors[position, reading]
            exponent_before[position + 1] = (
                exponent_before[position] + exponents[position, reading]
            )
            position, entering = position + 1, True


@dataclass(frozen=True)
class NeuronReading:
    """How an interpretation reads one neuron.

    Attributes:
        neuron: Index over all non-input neurons, layer by layer.
        separator: Larger activations are 1, smaller ones 0.
        gate: Output bit per row of parent bits, first parent most significant. In the first
            hidden layer the rows are the input rows, whatever edges are kept.
    """

    neuron: int
    separator: float
    gate: tuple[int, ...]


def list_interpretations(
    read: Readings, masks: list[NDArray[np.uint16]], circuit: int
) -> Iterator[tuple[NeuronReading, ...]]:
    """Lists the interpretations of one circuit; for tables and figures of small ones.

    Args:
        read: Separators of the circuits.
        masks: Edge masks of the circuits.
        circuit: Which of them.

    Yields:
        One reading per neuron kept, layer by layer, the output last.
    """
    offsets = np.cumsum([0, *(m.shape[1] for m in masks)])
    n_rows = read.tables.shape[2] + 1
    layers = [
        [int(offsets[layer]) + int(i) for i in np.flatnonzero(m[circuit])]
        for layer, m in enumerate(masks)
    ]

    def bits(neuron: int, reading: int) -> tuple[int, ...]:
        return tuple(int(read.tables[circuit, neuron, reading]) >> r & 1 for r in range(n_rows))

    def gates(
        layer: int, neuron: int, reading: int, below: dict[int, int]
    ) -> list[tuple[int, ...]]:
        own = bits(neuron, reading)
        if layer == 0:
            return [] if own in _BARRED else [own]
        mask = int(masks[layer][circuit, neuron - offsets[layer]])
        parents = [bits(p, r) for p, r in below.items() if mask >> (p - offsets[layer - 1]) & 1]
        wanted: dict[tuple[int, ...], int] = {}
        for row in range(n_rows):
            pattern = tuple(parent[row] for parent in parents)
            if wanted.setdefault(pattern, own[row]) != own[row]:
                return []
        patterns = list(product((0, 1), repeat=len(parents)))
        options = [[wanted[p]] if p in wanted else [0, 1] for p in patterns]
        return [g for g in product(*options) if g not in _BARRED]

    def extend(layer: int, below: dict[int, int]) -> Iterator[tuple[NeuronReading, ...]]:
        if layer == len(layers):
            yield ()
            return
        choices = [range(int(read.number[circuit, n])) for n in layers[layer]]
        for chosen in product(*choices):
            here = dict(zip(layers[layer], chosen, strict=True))
            options = [
                [
                    NeuronReading(n, float(read.separators[circuit, n, r]), gate)
                    for gate in gates(layer, n, r, below)
                ]
                for n, r in here.items()
            ]
            if all(options):
                for rest in extend(layer + 1, here):
                    for own in product(*options):
                        yield (*own, *rest)

    yield from extend(0, {})
