"""Trees of formulas: AND, OR, and placements of NOT (paper, sections 2 and 7; D05).

A truth table is an integer here, row r in bit r.
"""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.networks.gates import INPUT_NAMES, input_rows

TreeRule = Literal["released", "text"]
Key = tuple[bool, object]


class Node(NamedTuple):
    """A node of a formula; a NOT is a mark on the node below it.

    Attributes:
        op: ``*`` (AND), ``+`` (OR), or the name of an input.
        left: Left child of an operator, else None.
        right: Right child of an operator, else None.
        negated: Whether a NOT stands directly above.
    """

    op: str
    left: "Node | None" = None
    right: "Node | None" = None
    negated: bool = False

    @property
    def children(self) -> tuple["Node", ...]:
        """The two children of an operator, nothing for an input."""
        return () if self.left is None or self.right is None else (self.left, self.right)

    def preorder(self) -> Iterator["Node"]:
        """All nodes, from the root, left before right."""
        yield self
        for child in self.children:
            yield from child.preorder()

    @property
    def text(self) -> str:
        """The node and what lies below it, without outer brackets."""
        if not self.children:
            return f"¬{self.op}" if self.negated else self.op
        left, right = (f"{c.text}" if _atomic(c) else f"({c.text})" for c in self.children)
        body = f"{left}{self.op}{right}"
        return f"¬({body})" if self.negated else body


def _atomic(node: Node) -> bool:
    """Whether a child needs no brackets of its own: an input, or a NOT, which brings them."""
    return not node.children or node.negated


def n_trees(n_inputs: int, depth: int) -> int:
    """Number of trees that ``levels`` lists under the rule ``text``, without listing them."""
    sizes = [n_inputs]
    while len(sizes) <= depth:
        lower = sizes[-1]
        sizes.append(lower * (lower - 1) + 2 * lower * sum(sizes[:-1]))
    return sum(sizes)


@cache
def levels(n_inputs: int, rule: TreeRule, depth: int) -> tuple[tuple[Node, ...], ...]:
    """Formulas without NOT, by depth: 88 for two inputs and depth 3 (released), 184 (text).

    The left child comes from the level below, the right child from any lower or equal level.
    """
    found = [tuple(Node(name) for name in INPUT_NAMES[:n_inputs])]
    while len(found) <= depth:
        lower = found[-1]
        found.append(
            tuple(
                Node(op, left, right)
                for left in lower
                for right_level in found
                for right in right_level
                if left.text < right.text or (rule == "text" and right_level is not lower)
                for op in "*+"
            )
        )
    return tuple(found)


def placements(tree: Node, n_inputs: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Every placement of NOTs on a tree, fewest NOTs first, and what the tree then computes.

    Placements with as many NOTs come in the lexicographic order of their pre-order node numbers.

    Returns:
        The placements, for ``placed``, and truth tables, uint32 [placement] each.
    """
    n_nodes = sum(1 for _ in tree.preorder())
    masks = _masks(n_nodes)
    return masks, _tables(tree, masks, iter(range(n_nodes - 1, -1, -1)), n_inputs)


@cache
def _masks(n_nodes: int) -> NDArray[np.uint32]:
    """Placements as bit masks over the nodes, in order, uint32 [placement].

    One bit a node, the root's the highest: among placements of equal size, the larger number is
    then the lexicographically smaller list of nodes.
    """
    masks = np.arange(2**n_nodes, dtype=np.uint32)
    return masks[np.lexsort((-masks.astype(np.int64), np.bitwise_count(masks)))]


def _tables(
    node: Node, masks: NDArray[np.uint32], bits: Iterator[int], n_inputs: int
) -> NDArray[np.uint32]:
    """Truth table of a tree under every placement, uint32 [placement]."""
    flip = -((masks >> np.uint32(next(bits))) & 1).astype(np.uint32)
    if not node.children:
        value = np.full_like(masks, input_tables(n_inputs)[node.op])
    else:
        left, right = (_tables(child, masks, bits, n_inputs) for child in node.children)
        value = left & right if node.op == "*" else left | right
    full = np.uint32(2 ** (2**n_inputs) - 1)
    return np.asarray((value ^ flip) & full, np.uint32)


def placed(tree: Node, mask: int) -> Node:
    """The tree with NOTs on the nodes that a placement names."""
    n_nodes = sum(1 for _ in tree.preorder())
    return _negate(tree, mask, iter(range(n_nodes - 1, -1, -1)))


def _negate(node: Node, mask: int, bits: Iterator[int]) -> Node:
    negated = bool(mask >> next(bits) & 1)
    children = [_negate(child, mask, bits) for child in node.children]
    left, right = children or (None, None)
    return Node(node.op, left, right, negated)


def up_to_de_morgan(node: Node) -> Key:
    """A key that formulas share if De Morgan's laws and double negation make them one.

    Returns:
        Whether the node is negated, and what stands below: an input's name, or the unordered
        pair of an AND's children.
    """
    if not node.children:
        return node.negated, node.op
    is_or = node.op == "+"
    keys = [up_to_de_morgan(child) for child in node.children]
    return node.negated != is_or, frozenset((negated != is_or, key) for negated, key in keys)


def skeleton(node: Node) -> tuple[object, ...]:
    """A key that trees share if they differ in ANDs, ORs and the order of children alone.

    With every placement of NOT, such trees are the same formulas up to De Morgan's laws.
    """
    if not node.children:
        return (node.op,)
    return tuple(sorted((skeleton(child) for child in node.children), key=repr))


def evaluate(root: Node, n_inputs: int, forced: int | None = None, constant: int = 0) -> int:
    """Truth table of a formula, one node (by pre-order number) forced to a constant."""
    inputs = input_tables(n_inputs)
    full = 2 ** (2**n_inputs) - 1
    numbers = count()

    def table(node: Node) -> int:
        number = next(numbers)
        if node.children:
            left, right = (table(child) for child in node.children)
            value = left & right if node.op == "*" else left | right
        else:
            value = inputs[node.op]
        if number == forced:
            return constant
        return value ^ full if node.negated else value

    return table(root)


@cache
def input_tables(n_inputs: int) -> dict[str, int]:
    """Truth table of every input."""
    columns = input_rows(n_inputs).T.astype(int)
    return {name: pack(bits) for name, bits in zip(INPUT_NAMES, columns.tolist(), strict=False)}


def pack(bits: "list[int] | tuple[int, ...]") -> int:
    """A truth table as an integer, row r in bit r."""
    return sum(bit << row for row, bit in enumerate(bits))
