"""Shapes of networks: how many neurons, edges and candidate circuits they have.

A candidate circuit is a sub-graph as the paper's section 2 admits it; how many a shape has follows
from its widths alone (``candidates`` lists them).
"""

from collections import Counter
from functools import cache
from itertools import pairwise
from math import comb

Cells = dict[tuple[int, int], int]
"""Exact numbers of circuits by (hidden neurons kept, edges kept)."""


def n_hidden(layer_sizes: tuple[int, ...]) -> int:
    """Hidden neurons of a network."""
    return sum(layer_sizes[1:-1])


def n_edges(layer_sizes: tuple[int, ...]) -> int:
    """Edges of a network."""
    return sum(below * above for below, above in pairwise(layer_sizes))


def code_bits(layer_sizes: tuple[int, ...]) -> int:
    """Length in bits of the code of a circuit, which says what it keeps below the last layer."""
    return n_edges(layer_sizes[:-1])


@cache
def count_candidates(layer_sizes: tuple[int, ...]) -> Cells:
    """Counts the circuits of a single-output network without enumerating them.

    Layer by layer: with a neurons kept below and b above, the edges between them form an a x b
    matrix of 0 and 1 without an empty row or column.

    Returns:
        Exact totals per (hidden neurons, edges); 9,625 in all for (2, 3, 3, 1).
    """
    partial: dict[tuple[int, int, int], int] = {(layer_sizes[0], 0, 0): 1}
    for layer, width in enumerate(layer_sizes[1:], start=1):
        last = layer == len(layer_sizes) - 1
        grown: Counter[tuple[int, int, int]] = Counter()
        for (below, hidden, edges), number in partial.items():
            for kept in [width] if last else range(1, width + 1):
                for new_edges, ways in _edge_matrices(below, kept).items():
                    key = (kept, hidden + (0 if last else kept), edges + new_edges)
                    grown[key] += number * comb(width, kept) * ways
        partial = dict(grown)
    cells: Counter[tuple[int, int]] = Counter()
    for (_, hidden, edges), number in partial.items():
        cells[hidden, edges] += number
    return dict(sorted(cells.items()))


def count_all(layer_sizes: tuple[int, ...]) -> int:
    """Number of circuits in all; as ``count_candidates``, without the cells, for any width."""
    totals = {layer_sizes[0]: 1}
    for width in layer_sizes[1:-1]:
        totals = {
            kept: sum(
                number
                * comb(width, kept)
                * (-1) ** j
                * comb(kept, j)
                * (2 ** (kept - j) - 1) ** below
                for below, number in totals.items()
                for j in range(kept + 1)
            )
            for kept in range(1, width + 1)
        }
    return sum(totals.values())


@cache
def _edge_matrices(rows: int, columns: int) -> dict[int, int]:
    """Number of 0/1 matrices without empty row or column, by their number of ones."""
    ways: Counter[int] = Counter()
    for i in range(rows + 1):
        for j in range(columns + 1):
            sign = (-1) ** (i + j) * comb(rows, i) * comb(columns, j)
            size = (rows - i) * (columns - j)
            for ones in range(size + 1):
                ways[ones] += sign * comb(size, ones)
    return {ones: number for ones, number in ways.items() if number}


def n_within(layer_sizes: tuple[int, ...], max_hidden: int) -> int:
    """Number of circuits that keep at most so many hidden neurons."""
    cells = count_candidates(layer_sizes)
    return sum(number for (hidden, _), number in cells.items() if hidden <= max_hidden)
