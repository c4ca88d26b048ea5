"""Untrained networks that happen to compute a gate (paper, appendix D.4)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.families import Family, generator
from identifiability.networks.networks import Networks
from identifiability.networks.training import unflatten

_BLOCK = 2**16
"""Draws that share a generator; a draw's weights depend on its family and its number alone."""


@dataclass(frozen=True, eq=False)
class Found:
    """Initialisations that compute one of a family's gates.

    Attributes:
        draw: Number of the draw, int64 [network].
        gate: Index of the gate, int64 [network].
        networks: The networks.
        numbers: All draws that compute each gate, also those beyond the ones kept, int64 [gate].
        draws: Number of draws made.
    """

    draw: NDArray[np.int64]
    gate: NDArray[np.int64]
    networks: Networks
    numbers: NDArray[np.int64]
    draws: int


def draw_parameters(family: Family, block: int) -> NDArray[np.float32]:
    """PyTorch's default initialisation, a block of draws at a time, float32 [draw, parameter]."""
    rng = generator(family.stream, block, "initialisation")
    parts = []
    for below, above in pairwise(family.layer_sizes):
        bound = below**-0.5
        parts.append(rng.uniform(-bound, bound, (_BLOCK, above * below + above)))
    return np.concatenate(parts, axis=1).astype(np.float32)


def search_untrained(family: Family) -> Found:
    """Draws initialisations until enough compute each gate, or the draws are spent.

    Args:
        family: The setting; its ``seeds`` are how many networks are kept per gate, and its
            ``untrained_draws`` how many are drawn in all.
    """
    budget, made = family.untrained_draws or 0, 0
    tables = np.array([gate.table for gate in family.gates])
    numbers = np.zeros(len(tables), np.int64)
    draws, gates, parameters = [], [], []
    while made < budget and (numbers < family.seeds).any():
        drawn = draw_parameters(family, made // _BLOCK)[: budget - made]
        rounded = _networks(family, drawn).outputs()[..., 0].round()
        for number, table in enumerate(tables):
            hits = np.flatnonzero((rounded == table).all(1))
            kept = hits[: max(0, family.seeds - int(numbers[number]))]
            numbers[number] += len(hits)
            draws.append(kept + made)
            gates.append(np.full(len(kept), number))
            parameters.append(drawn[kept])
        made += len(drawn)
    draw, gate = np.concatenate(draws), np.concatenate(gates)
    order = np.argsort(draw, kind="stable")
    found = _networks(family, np.concatenate(parameters)[order])
    return Found(draw[order], gate[order], found, numbers, made)


def _networks(family: Family, parameters: NDArray[np.float32]) -> Networks:
    """Networks from their parameters, [network, parameter]."""
    return unflatten(parameters, family.layer_sizes, family.training.negative_slope)
