"""Formulas deeper than what can be listed whole: by distinct functions, within stated bounds.

Every pair of trees is tried up to the *complete depth*, which depends on the number of inputs
alone: 3 for two and three inputs, 2 for four; one input has one tree. In a deeper network's
formulas, which are ours and in no protocol (its networks have two inputs and three
layers of weights), the two children of the root each represent their truth table: of every depth
and truth table, the first formula found stands for all the others. As everywhere, the left
child is one level below the root, the right child on any lower or equal level, a pair of children
is tried in one order (by the rule's own comparison of their printed forms), AND comes before OR,
and the pair may stand under a NOT. The children bring the NOTs on themselves, for the negation of
a truth table is a truth table of its own.

Two bounds hold: of every depth the first ``MAX_FUNCTIONS`` truth tables found are represented, and
of a target at most ``MAX_FORMULAS`` formulas are listed, beyond the complete depth those with the
fewest operators first. ``formulas.searched`` says which of all this left
something out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from identifiability.algorithms.trees import (
    Node,
    TreeRule,
    levels,
    n_trees,
    placed,
    placements,
    skeleton,
)

MAX_TREES = 10_000
"""Most trees that are tried one by one; two inputs have 184 to depth 3, then 33,674."""
MAX_FUNCTIONS = 4_096
"""Most truth tables that are represented at one depth; there are 65,536 of four inputs."""
MAX_FORMULAS = 20_000
"""Most formulas of a target; to the complete depth only constants of three inputs have more."""


def complete_depth(n_inputs: int, depth: int) -> int:
    """Depth to which every pair of trees is tried, at most ``depth``."""
    return max(d for d in range(depth + 1) if n_trees(n_inputs, d) <= MAX_TREES)


@dataclass(frozen=True, eq=False)
class FunctionLevel:
    """One formula for every truth table that is represented at a depth.

    Attributes:
        nodes: The formulas, in the order in which they were found.
        tables: Their truth tables, uint32 [formula].
        cut: Whether there may be more truth tables at this depth.
    """

    nodes: tuple[Node, ...]
    tables: NDArray[np.uint32]
    cut: bool


@cache
def formula_representatives(
    n_inputs: int, rule: TreeRule, depth: int
) -> tuple[FunctionLevel, ...]:
    """The formulas that stand for their truth tables, by depth from 0 to ``depth``."""
    complete = complete_depth(n_inputs, depth)
    found = [_first_of_trees(trees, n_inputs) for trees in levels(n_inputs, rule, complete)]
    while len(found) <= depth:
        found.append(_first_of_pairs(_parts(found), n_inputs, rule))
    return tuple(found)


def pairs_for(
    target: int, n_inputs: int, rule: TreeRule, depth: int, most: int
) -> tuple[list[Node], bool]:
    """Formulas of one depth, beyond the complete one, that compute a truth table.

    Args:
        target: The truth table.
        n_inputs: Number of inputs.
        rule: Which of two children stands on the left.
        depth: Their depth.
        most: How many are listed.

    Returns:
        The formulas, fewest operators first, then as they were found; and whether there are more.
    """
    parts = _parts(formula_representatives(n_inputs, rule, depth - 1))
    number = 0
    best = np.zeros((0, 4), np.int64)  # operators, left part, right part, way to join them
    for left in range(parts.first_left, len(parts.nodes)):
        rights = parts.rights(left, rule)
        right, way = (parts.joined(left, rights, n_inputs) == target).nonzero()
        right = rights[right]
        operators = 1 + parts.operators[left] + parts.operators[right]
        new = np.stack([operators, np.full_like(right, left), right, way], axis=1)
        number += len(new)
        best = np.concatenate([best, new])
        best = best[np.argsort(best[:, 0], kind="stable")[:most]]
    return [parts.node(*map(int, pair)) for pair in best[:, 1:]], number > most


@dataclass(frozen=True, eq=False)
class _Parts:
    """What is joined to formulas of the next depth.

    Attributes:
        nodes: Formulas, by depth.
        tables: Their truth tables, uint32 [part].
        operators: Their numbers of ANDs and ORs, int64 [part].
        rank: Their places in the order of their printed forms, int64 [part].
        first_left: The first of those of the largest depth, which are the left parts.
    """

    nodes: tuple[Node, ...]
    tables: NDArray[np.uint32]
    operators: NDArray[np.int64]
    rank: NDArray[np.int64]
    first_left: int

    def rights(self, left: int, rule: TreeRule) -> NDArray[np.int64]:
        """The right parts that are tried beside a left part."""
        ordered = self.rank > self.rank[left]
        if rule == "text":
            ordered[: self.first_left] = True
        return np.flatnonzero(ordered)

    def joined(self, left: int, rights: NDArray[np.int64], n_inputs: int) -> NDArray[np.uint32]:
        """Truth tables of a left part's AND and OR with right parts, then under a NOT.

        Returns:
            uint32 [right, way].
        """
        full = np.uint32(2 ** (2**n_inputs) - 1)
        both, either = (
            join(self.tables[left], self.tables[rights])
            for join in (np.bitwise_and, np.bitwise_or)
        )
        return np.stack([both, both ^ full, either, either ^ full], axis=1)

    def node(self, left: int, right: int, way: int) -> Node:
        """Two parts, joined in one of the four ways."""
        return Node("*+"[way // 2], self.nodes[left], self.nodes[right], way % 2 == 1)


def _parts(below: Sequence[FunctionLevel]) -> _Parts:
    """The formulas that are represented, as parts of deeper ones."""
    nodes = tuple(node for level in below for node in level.nodes)
    texts = np.array([node.text for node in nodes])
    return _Parts(
        nodes,
        np.concatenate([level.tables for level in below]),
        np.array([sum(1 for n in node.preorder() if n.children) for node in nodes], np.int64),
        np.argsort(np.argsort(texts)),
        len(nodes) - len(below[-1].nodes),
    )


def _first_of_trees(trees: Sequence[Node], n_inputs: int) -> FunctionLevel:
    """Represents the truth tables of all placements of NOT on some trees."""
    seen = np.zeros(2 ** (2**n_inputs), bool)
    skeletons = set()
    found: list[tuple[Node, int]] = []
    for tree in trees:
        key = skeleton(tree)
        if key in skeletons:  # nothing but truth tables that were there before
            continue
        skeletons.add(key)
        masks, tables = placements(tree, n_inputs)
        found += [(placed(tree, int(masks[i])), int(tables[i])) for i in _new(tables, seen)]
    return _level(found)


def _first_of_pairs(parts: _Parts, n_inputs: int, rule: TreeRule) -> FunctionLevel:
    """Represents the truth tables of pairs of parts."""
    seen = np.zeros(2 ** (2**n_inputs), bool)
    found: list[tuple[Node, int]] = []
    for left in range(parts.first_left, len(parts.nodes)):
        rights = parts.rights(left, rule)
        tables = parts.joined(left, rights, n_inputs).ravel()
        for i in _new(tables, seen):
            found.append((parts.node(left, int(rights[i // 4]), i % 4), int(tables[i])))
        if len(found) > MAX_FUNCTIONS:
            break
    return _level(found)


def _new(tables: NDArray[np.uint32], seen: NDArray[np.bool_]) -> list[int]:
    """Where truth tables come for the first time, in order; marks them as seen."""
    fresh = np.flatnonzero(~seen[tables])
    _, first = np.unique(tables[fresh], return_index=True)
    seen[tables[fresh]] = True
    return [int(i) for i in fresh[np.sort(first)]]


def _level(found: Sequence[tuple[Node, int]]) -> FunctionLevel:
    """The first truth tables of a depth, as many as are represented."""
    kept = found[:MAX_FUNCTIONS]
    return FunctionLevel(
        tuple(node for node, _ in kept),
        np.array([table for _, table in kept], np.uint32),
        len(found) > MAX_FUNCTIONS,
    )
