"""Candidate circuits of a network shape: which sub-graphs there are.

A circuit (paper, section 2) keeps every input and the output. Any hidden neuron and any edge may
go; every neuron kept keeps at least one outgoing edge, and every non-input neuron kept at least
one incoming edge. It is written as one edge mask per non-input neuron: bit i is set when the edge
from neuron i of the layer below is kept, and a hidden neuron is kept when its mask is not 0.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.shapes import n_hidden


@dataclass(frozen=True, eq=False)
class Level:
    """The circuits' choices in one hidden layer, given their choices below.

    Attributes:
        parent: Index of the choice below that each one extends, int64 [choice].
        masks: Edge mask of every neuron of this layer, uint16 [choice, neuron].
    """

    parent: NDArray[np.int64]
    masks: NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Every candidate circuit of a single-output network, as a tree of choices by layer.

    Attributes:
        layer_sizes: Neurons per layer.
        levels: One per hidden layer. The last level's choices are the circuits: the output
            neuron keeps an edge to every neuron kept in the last hidden layer.
    """

    layer_sizes: tuple[int, ...]
    levels: tuple[Level, ...]

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.levels[-1].parent)

    def edge_masks(self, circuits: NDArray[np.int64]) -> list[NDArray[np.uint16]]:
        """Edge masks of some circuits, [circuit, neuron] per non-input layer."""
        masks: list[NDArray[np.uint16]] = []
        choice = circuits
        for level in reversed(self.levels):
            masks.insert(0, level.masks[choice])
            choice = level.parent[choice]
        return [*masks, _kept(masks[-1])[:, None].astype(np.uint16)]


@cache
def enumerate_candidates(
    layer_sizes: tuple[int, ...], max_hidden: int | None = None
) -> Candidates:
    """Enumerates the circuits of a single-output network.

    Args:
        layer_sizes: Neurons per layer, the last being 1.
        max_hidden: Leave out circuits that keep more hidden neurons than this.
    """
    room = n_hidden(layer_sizes) if max_hidden is None else max_hidden
    below_kept = np.array([2 ** layer_sizes[0] - 1])
    below_spent = np.array([0])
    levels = []
    for layer, width in enumerate(layer_sizes[1:-1], start=1):
        still_to_come = len(layer_sizes) - 2 - layer
        parents = [np.zeros(0, np.int64)]
        masks = [np.zeros((0, width), np.uint16)]
        # Choices below that keep the same neurons, and as many of them so far, go on alike.
        order = np.lexsort((below_spent, below_kept))
        changes = np.diff(below_kept[order]) | np.diff(below_spent[order])
        for prefixes in np.split(order, np.flatnonzero(changes) + 1) if len(order) else []:
            kept_below, spent = below_kept[prefixes[0]], below_spent[prefixes[0]]
            most = min(width, int(room - spent - still_to_come))
            extensions = _coverings(int(kept_below), width, most)
            parents.append(np.repeat(prefixes, len(extensions)))
            masks.append(np.tile(extensions, (len(prefixes), 1)))
        level = Level(np.concatenate(parents), np.concatenate(masks))
        levels.append(level)
        below_spent = below_spent[level.parent] + (level.masks > 0).sum(1)
        below_kept = _kept(level.masks)
    return Candidates(layer_sizes, tuple(levels))


@cache
def _coverings(kept_below: int, width: int, most: int) -> NDArray[np.uint16]:
    """Edge masks of a layer that give every neuron kept below an outgoing edge.

    Args:
        kept_below: Bit mask of the neurons kept in the layer below.
        width: Neurons in this layer.
        most: Most neurons that may be kept in this layer.

    Returns:
        Masks, uint16 [choice, neuron].
    """
    below = [i for i in range(kept_below.bit_length()) if kept_below >> i & 1]
    found = [np.zeros((0, width), np.uint16)]
    for n_kept in range(1, min(width, most) + 1):
        # Every neuron below chooses a non-empty set of the n_kept neurons to feed.
        fed = np.indices((2**n_kept - 1,) * len(below)).reshape(len(below), -1) + 1
        columns = np.zeros((fed.shape[1], n_kept), np.uint16)
        for i, sets in zip(below, fed, strict=True):
            for neuron in range(n_kept):
                columns[:, neuron] |= ((sets >> neuron & 1) << i).astype(np.uint16)
        columns = columns[columns.all(1)]
        for kept in combinations(range(width), n_kept):
            masks = np.zeros((len(columns), width), np.uint16)
            masks[:, kept] = columns
            found.append(masks)
    return np.concatenate(found)


def _kept(masks: NDArray[np.uint16]) -> NDArray[np.int64]:
    """The neurons that a layer keeps, as a bit mask per choice, int64 [choice]."""
    return np.asarray(((masks > 0) << np.arange(masks.shape[1])).sum(1))


def circuit_ids(layer_sizes: tuple[int, ...], masks: list[NDArray[np.uint16]]) -> NDArray[np.str_]:
    """Names circuits by their edges: ``01,10|11,00|10``.

    Args:
        layer_sizes: Neurons per layer.
        masks: Edge masks, [circuit, neuron] per non-input layer.

    Returns:
        Strings [circuit]: layers separated by ``|``, neurons by ``,``, and per neuron one digit
        for every neuron of the layer below, 1 = edge kept.
    """
    parts: list[NDArray[np.str_]] = []
    for width_below, layer_masks in zip(layer_sizes, masks, strict=False):
        digits = np.array([mask_digits(m, width_below) for m in range(2**width_below)])
        for neuron in range(layer_masks.shape[1]):
            separator = "" if not parts else "|" if neuron == 0 else ","
            parts.append(np.strings.add(separator, digits[layer_masks[:, neuron]]))
    names = parts[0]
    for part in parts[1:]:
        names = np.strings.add(names, part)
    return names


def mask_digits(mask: int, width_below: int) -> str:
    """An edge mask as digits, neuron 0 of the layer below first."""
    return "".join(str(mask >> i & 1) for i in range(width_below))


def edges_of_id(circuit_id: str) -> list[list[str]]:
    """The edges that a circuit's id names, as ``edges[layer][to]``."""
    return [layer.split(",") for layer in circuit_id.split("|")]


def masks_of_ids(ids: NDArray[np.str_], layer_sizes: tuple[int, ...]) -> list[NDArray[np.uint16]]:
    """The inverse of ``circuit_ids``: edge masks, uint16 [circuit, neuron] per non-input layer."""
    length = sum(above * (below + 1) for below, above in pairwise(layer_sizes)) - 1
    kept = np.asarray(ids, f"S{length}").view("S1").reshape(len(ids), length) == b"1"
    masks, start = [], 0
    for below, above in pairwise(layer_sizes):
        # Per neuron its digits and a separator; the very last separator is not there.
        columns = start + np.arange(above)[:, None] * (below + 1) + np.arange(below)
        masks.append((kept[:, columns] << np.arange(below)).sum(2).astype(np.uint16))
        start += above * (below + 1)
    return masks
