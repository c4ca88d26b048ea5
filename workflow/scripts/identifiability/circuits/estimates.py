"""Interpretations of circuits too many to interpret one by one, estimated from some drawn.

Circuits are drawn by *stratum*: those whose first hidden layers keep equally many neurons and
edges, and whose second layers have one profile (``codes``). Within a stratum the patterns that
are left free, which decide the number of interpretations, differ little; between strata by
hundreds of powers of two. A stratum of few circuits is taken whole, the others are drawn from with
replacement, more from those that seem to matter more to their cell. The estimate is unbiased
whatever seems, as every stratum counts by its exact number of circuits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.codes import Counts, profiles

MIN_DRAWN = 8
"""Fewest circuits drawn from a stratum: its variance is estimated from them."""
WHOLE = 20
"""Strata of so many circuits are taken whole at any rate."""


@dataclass(frozen=True, eq=False)
class DrawnCircuits:
    """Circuits drawn, as ``meet_in_the_middle.codes`` takes them, and what they stand for.

    Attributes:
        choice: The first layer's masks, ascending, int64 [circuit].
        profile: The second layer's profile, ascending within a choice, int64 [circuit].
        rank: Number among the circuits of both, ascending within a profile, int64 [circuit].
        stratum: int64 [circuit].
        size: Circuits of a stratum, int64 [stratum].
        drawn: Of them drawn; all of them, once each, where this is its size, int64 [stratum].
        cell: Hidden neurons and edges that its circuits keep, int64 [stratum, 2].
    """

    choice: NDArray[np.int64]
    profile: NDArray[np.int64]
    rank: NDArray[np.int64]
    stratum: NDArray[np.int64]
    size: NDArray[np.int64]
    drawn: NDArray[np.int64]
    cell: NDArray[np.int64]


def draw_circuits(
    counts: Counts, per_cell: int, generator: np.random.Generator, above: int = 0
) -> DrawnCircuits:
    """Draws perfect circuits of one network.

    Args:
        counts: Its perfect circuits.
        per_cell: About how many to draw from a cell (hidden neurons, edges).
        generator: Random numbers.
        above: Draw from cells that keep more hidden neurons than this.
    """
    hidden, edges = counts.kept()
    choice, profile = np.nonzero((counts.number > 0) & (hidden > above))
    number = counts.number[choice, profile]
    hidden, edges = hidden[choice, profile], edges[choice, profile]
    known = profiles(*counts.sizes[1:3])
    # The profile says what the second layer keeps, the cell then what the first does.
    most = [numbers.max(initial=0) + 1 for numbers in (hidden, edges, profile)]
    key = np.ravel_multi_index((hidden, edges, profile), most)
    _, first, stratum = np.unique(key, return_index=True, return_inverse=True)
    size = np.bincount(stratum, weights=number).astype(np.int64)
    cell = np.stack([hidden[first], edges[first]], axis=1)
    free = known.patterns[profile[first]] + 2 ** known.neurons[profile[first]]
    drawn = _allocate(size, cell, free, per_cell)
    order = np.argsort(stratum, kind="stable")
    kinds = np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1)
    chosen, ranks = [], []
    for own, n_all, n_drawn in zip(kinds if len(order) else [], size, drawn, strict=True):
        picked = np.arange(n_all) if n_drawn == n_all else generator.integers(n_all, size=n_drawn)
        ends = number[own].cumsum()
        kind = np.searchsorted(ends, picked, side="right")
        chosen.append(own[kind])
        ranks.append(picked - (ends - number[own])[kind])
    kind, rank = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in (chosen, ranks))
    order = np.lexsort((rank, kind))
    kind, rank = kind[order], rank[order]
    return DrawnCircuits(choice[kind], profile[kind], rank, stratum[kind], size, drawn, cell)


def _allocate(
    size: NDArray[np.int64], cell: NDArray[np.int64], free: NDArray[np.int64], per_cell: int
) -> NDArray[np.int64]:
    """How many circuits to draw from every stratum.

    Args:
        size: Circuits, [stratum].
        cell: Hidden neurons and edges, [stratum, 2].
        free: Roughly, the patterns left free: an interpretation more for each power of two, up to
            a constant, [stratum].
        per_cell: Circuits to draw from a cell.
    """
    weight = np.log2(size) + free
    _, group = np.unique(cell, axis=0, return_inverse=True)
    largest = np.full(group.max(initial=-1) + 1, -np.inf)
    np.maximum.at(largest, group, weight)
    # Half of them for what is summed over all completions, half for what varies less.
    shares = [
        share / np.bincount(group, weights=share)[group]
        for share in (2.0 ** (weight - largest[group]), size.astype(np.float64))
    ]
    wanted = np.maximum(np.ceil(per_cell * np.mean(shares, axis=0)).astype(np.int64), MIN_DRAWN)
    return np.where(size <= np.maximum(wanted, WHOLE), size, wanted)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Totals per cell.

    Attributes:
        cell: Hidden neurons and edges kept, int64 [cell, 2].
        n_circuits: Circuits, exact, int64 [cell].
        total: Estimated total, float64 [cell].
        standard_error: 0 where every circuit of a cell was taken, float64 [cell].
    """

    cell: NDArray[np.int64]
    n_circuits: NDArray[np.int64]
    total: NDArray[np.float64]
    standard_error: NDArray[np.float64]


def estimate(sample: DrawnCircuits, values: NDArray[np.float64]) -> Estimates:
    """Estimates the totals over all circuits of each cell from those of the circuits drawn.

    Args:
        sample: What was drawn.
        values: What is summed, [circuit].
    """
    n_strata = len(sample.size)
    mean = np.bincount(sample.stratum, weights=values, minlength=n_strata) / sample.drawn
    squares = (values - mean[sample.stratum]) ** 2
    spread = np.bincount(sample.stratum, weights=squares, minlength=n_strata)
    variance = np.zeros(n_strata)
    partly = sample.drawn < sample.size
    n = sample.drawn[partly]
    variance[partly] = sample.size[partly] ** 2.0 * spread[partly] / (n - 1) / n
    cells, group = np.unique(sample.cell, axis=0, return_inverse=True)
    return Estimates(
        cells,
        np.bincount(group, weights=sample.size, minlength=len(cells)).astype(np.int64),
        np.bincount(group, weights=sample.size * mean, minlength=len(cells)).astype(np.float64),
        np.sqrt(np.bincount(group, weights=variance, minlength=len(cells))),
    )
