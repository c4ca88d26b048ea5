"""The perfect circuits of a network with too many to keep each as a row, as codes.

What a circuit has to compute can be said in three ways (D01), which mostly come to the same: its
target; what the full network computes; the target on so many rows that a sample hardly shows the
others. Each asks for a *box*, an interval of sums per row. The circuits in any of the boxes are
listed, and each is then judged by its output, added up in the order of the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.circuits.codes import Counts, distinct_codes, kept_by_codes
from identifiability.circuits.meet_in_the_middle import Wanted, count, every_code, wanted
from identifiability.circuits.responses import N_ROWS, Responses, rounded_output
from identifiability.circuits.shapes import n_edges, n_hidden
from identifiability.store.compiled import compiled

FOR_TARGET, FOR_MODEL, FOR_SAMPLE = 1, 2, 4
"""Bits of a verdict: what a circuit computes (D01)."""
_ALL_ROWS = 2**N_ROWS - 1


@dataclass(frozen=True, eq=False)
class Perfect:
    """Perfect circuits of one network, in the order of ``distinct_codes``.

    Attributes:
        code: int64 [circuit].
        verdict: Sum of ``FOR_TARGET``, ``FOR_MODEL``, ``FOR_SAMPLE``, uint8 [circuit].
    """

    code: NDArray[np.int64]
    verdict: NDArray[np.uint8]


def perfect_circuit_codes(
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
            as a bit mask, [set of rows]; more rows are never worse.
        max_hidden: Leave out circuits that keep more hidden neurons than this.
    """
    room = n_hidden(of.sizes) if max_hidden is None else max_hidden
    found = [
        every_code(of, box, count(of, box, max_hidden=room))
        for box in _boxes(of, target, model, right_enough)
    ]
    return _judge(of, found, target, model, right_enough)


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
        chosen = is_listed(found.code, of.sizes, max_listed)
        return Perfect(found.code[chosen], found.verdict[chosen])
    room = n_hidden(of.sizes) if max_hidden is None else max_hidden
    counts = count(of, boxes[0], max_hidden=room)
    chosen = _sparsest_cells(counts.cells(), max_listed)[counts.kept()]
    few = Counts(of.sizes, np.where(chosen, counts.number, 0))
    return _judge(of, [every_code(of, boxes[0], few)], target, model, right_enough)


def is_listed(
    code: NDArray[np.int64], sizes: tuple[int, ...], max_listed: int
) -> NDArray[np.bool_]:
    """Which perfect circuits are listed: whole cells of (edges, hidden neurons), sparsest first.

    Args:
        code: All perfect circuits of a network, [circuit].
        sizes: Neurons per layer, (2, a, b, 1).
        max_listed: Most circuits listed.

    Returns:
        Booleans [circuit].
    """
    kept = kept_by_codes(code, sizes)
    shape = (n_hidden(sizes) + 1, n_edges(sizes) + 1)
    cells = np.bincount(np.ravel_multi_index(kept, shape), minlength=shape[0] * shape[1])
    return _sparsest_cells(cells.reshape(shape), max_listed)[kept]


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
    boxes: list[Wanted] = []
    for box in (
        *(wanted(of, right, rows) for rows in fewest),
        wanted(of, right),
        wanted(of, model),
    ):
        # No sum is rounded to a value out of the activation's reach.
        if (box.low < box.high).all() and not any(_holds(other, box) for other in boxes):
            boxes = [other for other in boxes if not _holds(box, other)] + [box]
    return boxes


def _holds(box: Wanted, other: Wanted) -> bool:
    """Whether a box holds another one."""
    return bool((box.low <= other.low).all() and (box.high >= other.high).all())


def _judge(
    of: Responses,
    found: Sequence[NDArray[np.int64]],
    target: NDArray[np.int64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
) -> Perfect:
    """Judges the circuits found in each box, and leaves out those that are not perfect."""
    code = distinct_codes(np.concatenate([np.zeros(0, np.int64), *found]), of.sizes)
    verdict = np.empty(len(code), np.uint8)
    _judge_outputs(of, code, target.astype(np.float64), model, right_enough, verdict)
    if verdict.all():
        return Perfect(code, verdict)
    return Perfect(code[verdict > 0], verdict[verdict > 0])


@compiled
def _judge_outputs(
    of: Responses,
    code: NDArray[np.int64],
    target: NDArray[np.float64],
    model: NDArray[np.float64],
    right_enough: NDArray[np.bool_],
    verdict: NDArray[np.uint8],
) -> None:
    """Finds what circuits compute.

    Args:
        of: The network's responses.
        code: [circuit].
        target: [row].
        model: [row].
        right_enough: [set of rows].
        verdict: Filled, [circuit].
    """
    output = np.empty(N_ROWS)
    for i in range(len(code)):
        rounded_output(of, code[i], output)
        right, same = 0, 0
        for row in range(N_ROWS):
            right |= (output[row] == target[row]) << row
            same |= (output[row] == model[row]) << row
        verdict[i] = (
            FOR_TARGET * (right == _ALL_ROWS)
            + FOR_MODEL * (same == _ALL_ROWS)
            + FOR_SAMPLE * right_enough[right]
        )
