"""Algorithms: Boolean formulas with AND, OR and NOT that compute a target (paper, section 2).

Three rules say which formulas are tried (difference D05, docs/protocols.md):

- ``released``: a pair of children is kept only if the printed left child sorts before the right
  one; one placement of NOTs per tree.
- ``text``: every pair of children that differ, the deeper one on the left; one placement per tree.
- ``strict``: the trees of ``text`` with every placement of NOT; of formulas that are twins, the
  first.

Twins are formulas that De Morgan's laws, double negation and the order of children turn into one
another (D06).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.gates import Gate, input_rows

FormulaRule = Literal["released", "text", "strict"]
VariableRule = Literal["operators", "binary"]

INPUT_NAMES = "ABCD"


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


@dataclass(frozen=True)
class Variable:
    """An intermediate variable of a formula.

    Attributes:
        text: The sub-formula whose value it is.
        response: Required output bit per (base, source) pair, in base-major order: the formula on
            the base with the variable forced to its value on the source.
        user: Position, among the formula's variables, of the nearest variable above it; -1 if
            there is none.
    """

    text: str
    response: tuple[int, ...]
    user: int

    @property
    def variable_id(self) -> str:
        """The required response in hexadecimal, base-major, first pair most significant.

        Two variables with the same response are the same test of a network.
        """
        bits = "".join(map(str, self.response))
        return f"{int(bits, 2):0{len(bits) // 4}x}"


@dataclass(frozen=True)
class Formula:
    """A candidate algorithm.

    Attributes:
        text: The formula, as printed.
        root: Its tree.
        variables: Its intermediate variables, in pre-order.
        twin_of: Position, in the order of enumeration, of the first of its twins; its own if it
            has none before it.
    """

    text: str
    root: Node
    variables: tuple[Variable, ...]
    twin_of: int


@cache
def formulas(
    target: Gate, rule: FormulaRule, variables: VariableRule, depth: int
) -> tuple[Formula, ...]:
    """Every candidate algorithm for a target, in the order of enumeration.

    Args:
        target: The gate to compute.
        rule: Which formulas are tried.
        variables: ``operators``: every operator node but the root is an intermediate variable, a
            NOT standing for itself and the node below it. ``binary``: every AND and OR but the
            root (a variable and its complement are one, a negated input is an input).
        depth: Largest number of ANDs and ORs on a path; the number of layers of weights.
    """
    found: list[Formula] = []
    first: dict[object, int] = {}
    table = _pack(np.array(target.table))
    for tree in _trees(target.n_inputs, "released" if rule == "released" else "text", depth):
        placements = _placements(tree, table, target.n_inputs)
        for root in placements if rule == "strict" else islice(placements, 1):
            twin_of = first.setdefault(_up_to_de_morgan(root), len(found))
            if rule == "strict" and twin_of < len(found):
                continue
            own = _variables(root, variables, target.n_inputs)
            found.append(Formula(root.text, root, own, twin_of))
    return tuple(found)


def _atomic(node: Node) -> bool:
    """Whether a child needs no brackets of its own: an input, or a NOT, which brings them."""
    return not node.children or node.negated


@cache
def _trees(n_inputs: int, rule: Literal["released", "text"], depth: int) -> tuple[Node, ...]:
    """Formulas without NOT, by depth: 88 for two inputs and depth 3 (released), 184 (text)."""
    levels = [[Node(name) for name in INPUT_NAMES[:n_inputs]]]
    while len(levels) <= depth:
        lower = levels[-1]
        levels.append(
            [
                Node(op, left, right)
                for left in lower
                for right_level in levels
                for right in right_level
                if left.text < right.text or (rule == "text" and right_level is not lower)
                for op in "*+"
            ]
        )
    return tuple(tree for level in levels for tree in level)


def _placements(tree: Node, table: int, n_inputs: int) -> Iterator[Node]:
    """Placements of NOTs that make a tree compute a truth table, fewest NOTs first.

    Placements with as many NOTs come in the lexicographic order of their pre-order node numbers.
    """
    n_nodes = sum(1 for _ in tree.preorder())
    # One bit a node, the root's the highest: among placements of equal size, the larger number is
    # then the lexicographically smaller list of nodes.
    masks = np.arange(2**n_nodes, dtype=np.uint32)
    tables = _tables(tree, masks, iter(range(n_nodes - 1, -1, -1)), n_inputs)
    working = masks[tables == table]
    order = np.lexsort((-working.astype(np.int64), np.bitwise_count(working)))
    for mask in working[order]:
        yield _negate(tree, int(mask), iter(range(n_nodes - 1, -1, -1)))


def _tables(
    node: Node, masks: NDArray[np.uint32], bits: Iterator[int], n_inputs: int
) -> NDArray[np.uint32]:
    """Packed truth table of a tree under every placement, uint32 [placement]."""
    flip = -((masks >> np.uint32(next(bits))) & 1).astype(np.uint32)
    if not node.children:
        value = np.full_like(masks, _input_tables(n_inputs)[node.op])
    else:
        left, right = (_tables(child, masks, bits, n_inputs) for child in node.children)
        value = left & right if node.op == "*" else left | right
    full = np.uint32(2 ** (2**n_inputs) - 1)
    return np.asarray((value ^ flip) & full, np.uint32)


def _negate(node: Node, mask: int, bits: Iterator[int]) -> Node:
    """The tree with NOTs on the nodes that a placement names."""
    negated = bool(mask >> next(bits) & 1)
    children = [_negate(child, mask, bits) for child in node.children]
    left, right = children or (None, None)
    return Node(node.op, left, right, negated)


def _up_to_de_morgan(node: Node) -> tuple[bool, object]:
    """A key that formulas share if De Morgan's laws and double negation make them one.

    Returns:
        Whether the node is negated, and what stands below: an input's name, or the unordered
        pair of an AND's children.
    """
    if not node.children:
        return node.negated, node.op
    is_or = node.op == "+"
    keys = [_up_to_de_morgan(child) for child in node.children]
    return node.negated != is_or, frozenset((negated != is_or, key) for negated, key in keys)


def _variables(root: Node, rule: VariableRule, n_inputs: int) -> tuple[Variable, ...]:
    """Intermediate variables in pre-order, each occurrence one of its own."""
    nodes = list(root.preorder())
    intermediate = [
        number
        for number, node in enumerate(nodes)
        if number and (node.children or (rule == "operators" and node.negated))
    ]
    full = 2 ** (2**n_inputs) - 1
    n_rows = 2**n_inputs
    last = [number + sum(1 for _ in node.preorder()) - 1 for number, node in enumerate(nodes)]
    variables: list[Variable] = []
    for number in intermediate:
        value = _evaluate(nodes[number], n_inputs)
        forced = [_evaluate(root, n_inputs, number, constant) for constant in (0, full)]
        response = tuple(
            forced[value >> source & 1] >> base & 1
            for base in range(n_rows)
            for source in range(n_rows)
        )
        # In pre-order, the last variable before this one whose sub-formula reaches beyond it.
        above = [i for i, n in enumerate(intermediate) if n < number <= last[n]]
        variables.append(Variable(nodes[number].text, response, above[-1] if above else -1))
    return tuple(variables)


def _evaluate(root: Node, n_inputs: int, forced: int | None = None, constant: int = 0) -> int:
    """Packed truth table of a formula, one node (by pre-order number) forced to a constant."""
    inputs = _input_tables(n_inputs)
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
def _input_tables(n_inputs: int) -> dict[str, int]:
    """Packed truth table of every input."""
    return dict(zip(INPUT_NAMES, map(_pack, input_rows(n_inputs).T), strict=False))


def _pack(bits: NDArray[np.float64] | NDArray[np.int64]) -> int:
    """A truth table as an integer, row r in bit r."""
    return sum(int(bit) << row for row, bit in enumerate(bits))
