"""The perfect circuits of a network with too many to keep each as a row, as codes.

What a circuit has to compute can be said in three ways (D01), which mostly come to the same: its
target; what the full network computes; the target on so many rows that a sample hardly shows the
others. Each asks for a *box*, an interval of sums per row. The circuits in any of the boxes are
listed, and each is then judged by its output, added up in the order of the network.

Where circuits near the network are wanted as well, which may be perfect in none of these senses, a
box holds both them and those that compute what it does: outputs close to 0 and 1 make the two so
much alike that a box for each would find nearly every circuit twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.codes import Counts, distinct_codes, kept_by_codes
from identifiability.circuits.meet_in_the_middle import (
    Wanted,
    count,
    every_code,
    wanted,
    within,
)
from identifiability.circuits.responses import N_ROWS, Responses, circuit_output
from identifiability.circuits.shapes import code_bits, n_edges, n_hidden
from identifiability.protocols import TOLERANCES
from identifiability.store.compiled import compiled

FOR_TARGET, FOR_MODEL, FOR_SAMPLE = 1, 2, 4
"""Bits of a verdict: what a circuit computes (D01)."""
PERFECT = FOR_TARGET | FOR_MODEL | FOR_SAMPLE
WITHIN = tuple(8 << i for i in range(len(TOLERANCES)))
"""Further bits, for each of ``TOLERANCES``: whether it is within that of the network's output."""
_ALL_ROWS = 2**N_ROWS - 1


@dataclass(frozen=True, eq=False)
class Perfect:
    """Perfect circuits of one network, or those near it as well, as ``distinct_codes`` has them.

    Attributes:
        code: int64 [circuit].
        verdict: Sum of ``FOR_TARGET``, ``FOR_MODEL``, ``FOR_SAMPLE`` and those of ``WITHIN``,
            uint8 [circuit].
    """

    code: NDArray[np.int64]
    verdict: NDArray[np.uint8]

    def select(self, circuits: NDArray[np.bool_]) -> "Perfect":
        """Some of the circuits."""
        return Perfect(self.code[circuits], self.verdict[circuits])


def perfect_circuit_codes(
    of: Responses,
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    max_hidden: int | None = None,
    *,
    near: bool = False,
) -> Perfect:
    """Enumerates the perfect circuits of a network.

    Args:
        of: Its responses.
        target: Truth table, [row].
        model: What the full network computes, rounded, [row].
        right_enough: Whether being right on a set of rows is enough for the sample, by the set
            as a bit mask, [set of rows]; more rows are never worse.
        max_hidden: Leave out circuits that keep more hidden neurons than this.
        near: Whether those are found as well that are within one of ``TOLERANCES`` of the network
            without being perfect.
    """
    room = n_hidden(of.sizes) if max_hidden is None else max_hidden
    boxes = _boxes(of, target, model, right_enough)
    if near:
        boxes = _without_held([*boxes, _near_box(of, model)])
    found = [every_code(of, box, count(of, box, max_hidden=room)) for box in boxes]
    return _judge(of, found, target, model, right_enough, TOLERANCES if near else ())


def sparsest(
    of: Responses,
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    max_listed: int,
    max_hidden: int | None = None,
) -> Perfect:
    """Those of the perfect circuits that are ``is_listed``; the others are only counted.

    Args:
        of: The network's responses.
        target: As of ``perfect_circuit_codes``.
        model: As of ``perfect_circuit_codes``.
        right_enough: As of ``perfect_circuit_codes``.
        max_listed: As in ``is_listed``.
        max_hidden: As of ``perfect_circuit_codes``.
    """
    boxes = _boxes(of, target, model, right_enough)
    if len(boxes) != 1:
        # Numbers of circuits in different boxes do not add up: they have circuits in common.
        found = perfect_circuit_codes(of, target, model, right_enough, max_hidden)
        return found.select(is_listed(found, of.sizes, max_listed))
    room = n_hidden(of.sizes) if max_hidden is None else max_hidden
    counts = count(of, boxes[0], max_hidden=room)
    chosen = _sparsest_cells(counts.cells(), max_listed)[counts.kept()]
    few = Counts(of.sizes, np.where(chosen, counts.number, 0))
    return _judge(of, [every_code(of, boxes[0], few)], target, model, right_enough)


def is_listed(found: Perfect, sizes: tuple[int, ...], max_listed: int) -> NDArray[np.bool_]:
    """Which circuits are listed: whole cells of (edges, hidden neurons), sparsest first.

    Those that are near the network without being perfect are not: how many there are says nothing
    about how many are perfect.

    Args:
        found: All perfect circuits of a network.
        sizes: Neurons per layer, (2, a, b, 1).
        max_listed: Most circuits listed.

    Returns:
        Booleans [circuit].
    """
    perfect = found.verdict & PERFECT > 0
    kept = kept_by_codes(found.code, sizes)
    shape = (n_hidden(sizes) + 1, n_edges(sizes) + 1)
    cell = np.ravel_multi_index(kept, shape)
    cells = np.bincount(cell[perfect], minlength=shape[0] * shape[1])
    return perfect & _sparsest_cells(cells.reshape(shape), max_listed)[kept]


def _sparsest_cells(cells: NDArray[np.int64], max_listed: int) -> NDArray[np.bool_]:
    """Which cells are listed, given their circuits, [hidden neurons kept, edges kept] each."""
    so_far = cells.T.cumsum().reshape(cells.T.shape).T
    return so_far <= max_listed


def _boxes(
    of: Responses,
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
) -> list[Wanted]:
    """The boxes of sums that hold every perfect circuit, none of them inside of another."""
    right = target.astype(np.float64)
    enough = [int(rows) for rows in np.flatnonzero(right_enough)]
    fewest = [rows for rows in enough if not any(o != rows and o & rows == o for o in enough)]
    every = [*(wanted(of, right, rows) for rows in fewest), wanted(of, right), wanted(of, model)]
    return _without_held(every)


def _near_box(of: Responses, model: NDArray[np.float64]) -> Wanted:
    """A box of the circuits that compute what the network does and those near it, and others.

    Args:
        of: The network's responses.
        model: What it computes, rounded, [row].
    """
    same, near = wanted(of, model), within(of, _network_output(of), max(TOLERANCES))
    return Wanted(np.minimum(same.low, near.low), np.maximum(same.high, near.high))


def _network_output(of: Responses) -> NDArray[np.float64]:
    """What the full network computes, [row]: it is the circuit that keeps every edge."""
    output = np.empty(N_ROWS)
    circuit_output(of, (1 << code_bits(of.sizes)) - 1, output)
    return output


def _without_held(boxes: Sequence[Wanted]) -> list[Wanted]:
    """The boxes that are not empty and not inside of another one, each once."""
    found: list[Wanted] = []
    for box in boxes:
        # No sum is rounded to a value out of the activation's reach.
        if (box.low < box.high).all() and not any(_holds(other, box) for other in found):
            found = [other for other in found if not _holds(box, other)] + [box]
    return found


def _holds(box: Wanted, other: Wanted) -> bool:
    """Whether a box holds another one."""
    return bool((box.low <= other.low).all() and (box.high >= other.high).all())


def _judge(
    of: Responses,
    found: Sequence[NDArray[np.int64]],
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    tolerances: Sequence[float] = (),
) -> Perfect:
    """Judges the circuits found in each box, and leaves out those of which nothing holds."""
    code = distinct_codes(np.concatenate([np.zeros(0, np.int64), *found]), of.sizes)
    verdict = np.empty(len(code), np.uint8)
    network = _network_output(of)
    _judge_outputs(
        of, code, target.astype(np.float64), model, right_enough,
        network, np.array(tolerances, np.float64), verdict,
    )  # fmt: skip
    found_any = Perfect(code, verdict)
    return found_any if verdict.all() else found_any.select(verdict > 0)


@compiled
def _judge_outputs(
    of: Responses,
    code: NDArray[np.int64],
    target: NDArray[np.float64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    network: NDArray[np.float64],
    tolerances: NDArray[np.float64],
    verdict: NDArray[np.uint8],
) -> None:
    """Finds what circuits compute, and how near the network they are.

    Args:
        of: The network's responses.
        code: [circuit].
        target: [row].
        model: [row].
        right_enough: [set of rows].
        network: What the full network computes, not rounded, [row].
        tolerances: How far from it a circuit's output may be, in the order of ``WITHIN``.
        verdict: Filled, [circuit].
    """
    output = np.empty(N_ROWS)
    for i in range(len(code)):
        circuit_output(of, code[i], output)
        right, same, apart = 0, 0, 0.0
        for row in range(N_ROWS):
            rounded = np.round(output[row])
            right |= (rounded == target[row]) << row
            same |= (rounded == model[row]) << row
            apart = max(apart, abs(output[row] - network[row]))
        verdict[i] = (
            FOR_TARGET * (right == _ALL_ROWS)
            + FOR_MODEL * (same == _ALL_ROWS)
            + FOR_SAMPLE * right_enough[right]
        )
        for j in range(len(tolerances)):
            verdict[i] |= WITHIN[j] * (apart < tolerances[j])
