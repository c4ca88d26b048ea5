"""Formulas by what forcing their variables does, as a tree (docs/protocols.md).

A node of the tree is a set of variables: those on the way to it. Formulas stand at the node of all
of theirs, and share the nodes of the first ones if forcing these, alone or together, does the same
in both. So what is tried of places for the first variables is tried once for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.algorithms.notation import parse_formula, variable_nodes
from identifiability.algorithms.trees import Node, input_tables
from identifiability.networks.gates import INPUT_NAMES

_AND, _OR, _INPUT = range(3)
_NEVER = -1


@dataclass(frozen=True, eq=False)
class Prefixes:
    """The tree. Nodes are numbered from the root, 0, each before those below it.

    A variable and its complement force the same: of the two, the one that is 0 on the first row
    stands for both.

    Attributes:
        parent: Node above each one, -1 for the root, int64 [node].
        variable: The variable that a node adds, as ``variables`` numbers it, int64 [node].
        own: Truth table of that variable, row r in bit r, int64 [node].
        below: At which depths, from 0, the variables stand whose layer has to be above its own, as
            bits, int64 [node].
        above: The same of those whose layer has to be below its own, int64 [node].
        begins: Where the entries of a node begin in ``tables``, int64 [node].
        tables: Truth tables of the formula with variables forced, a node's 3^d entries, of d
            variables, after one another. Of each variable 0 says that it is free, 1 or 2 that it
            is forced to 0 or 1; the first one changes fastest. ``_NEVER`` where one is forced to
            what it never is, int32 [entry].
        node_of: The node at which each formula stands, int64 [formula].
        position: The depth, from 0, at which each of its variables, in pre-order, is added; -1
            beyond their number, int64 [formula, variable].
    """

    parent: NDArray[np.int64]
    variable: NDArray[np.int64]
    own: NDArray[np.int64]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    begins: NDArray[np.int64]
    tables: NDArray[np.int32]
    node_of: NDArray[np.int64]
    position: NDArray[np.int64]


def prefixes(
    formulas: Sequence[str],
    texts: Sequence[Sequence[str]],
    variables: NDArray[np.int64],
    users: NDArray[np.int64],
    n_inputs: int,
) -> Prefixes:
    """Makes the tree of some formulas.

    Args:
        formulas: The formulas, as they are printed.
        texts: Of each, its intermediate variables as sub-formulas, in pre-order.
        variables: Numbers of the same variables; those that answer alone as each other have the
            same. -1 beyond their number, [formula, variable].
        users: Position of the variable that uses each one, and whose layer must be above; -1 if
            there is none, [formula, variable].
        n_inputs: Number of inputs.
    """
    full = 2 ** (2**n_inputs) - 1
    inputs = np.array([*input_tables(n_inputs).values()], np.int64)
    nodes: dict[tuple[int, bytes, int, int, int], int] = {}
    # Parent, variable, own, below, above, begins; of the root first.
    columns: list[tuple[int, ...]] = [(-1, -1, 0, 0, 0, 0)]
    tables: list[NDArray[np.int32]] = [np.zeros(1, np.int32)]
    n_entries = 1
    node_of = np.zeros(len(formulas), np.int64)
    position = np.full(variables.shape, -1, np.int64)
    for number, (formula, own_texts) in enumerate(zip(formulas, texts, strict=True)):
        steps = _steps(formula, tuple(own_texts))
        n = len(own_texts)
        order, values, table = _forced_tables(steps, n, inputs, full)
        tables[0] = table[:1]
        position[number, order] = np.arange(n)
        node = 0
        for added, own in enumerate(order.tolist()):
            entries = table[: 3 ** (added + 1)]
            before = order[:added].tolist()
            below = sum(1 << i for i, other in enumerate(before) if users[number, own] == other)
            above = sum(1 << i for i, other in enumerate(before) if users[number, other] == own)
            value = int(values[own])
            key = (node, entries.tobytes(), value, below, above)
            if key not in nodes:
                nodes[key] = len(columns)
                variable = int(variables[number, own])
                columns.append((node, variable, value, below, above, n_entries))
                tables.append(entries)
                n_entries += len(entries)
            node = nodes[key]
        node_of[number] = node
    by_column = np.array(columns, np.int64).T.copy()
    parent, variable_of, truth_tables, users_before, used_before, begins = by_column
    return Prefixes(
        parent,
        variable_of,
        truth_tables,
        users_before,
        used_before,
        begins,
        np.concatenate(tables),
        node_of,
        position,
    )


@cache
def _steps(formula: str, variables: tuple[str, ...]) -> NDArray[np.int64]:
    """A formula as steps to carry out, children before the nodes above them.

    Returns:
        Of each what it is (AND, OR or input), its left and right child or the number of the input,
        whether it is negated, and the position of the variable whose value it is, -1 if it is
        none, [step, 5].
    """
    root = parse_formula(formula)
    variable_of = variable_nodes(root, variables)
    numbers = iter(range(sum(1 for _ in root.preorder())))
    steps: list[tuple[int, ...]] = []

    def add(node: Node) -> int:
        """Adds the steps for a node; says which one has its value."""
        variable = variable_of.get(next(numbers), -1)
        if node.children:
            left, right = (add(child) for child in node.children)
            own = (_AND if node.op == "*" else _OR, left, right)
        else:
            own = (_INPUT, INPUT_NAMES.index(node.op), -1)
        steps.append((*own, int(node.negated), variable))
        return len(steps) - 1

    add(root)
    return np.array(steps, np.int64)


@numba.njit(cache=True)
def _forced_tables(
    steps: NDArray[np.int64], n_variables: int, inputs: NDArray[np.int64], full: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """What forcing the variables of a formula does.

    Args:
        steps: The formula, [step, 5].
        n_variables: Number of its variables.
        inputs: Truth table of each input, row r in bit r, [input].
        full: All rows, as bits.

    Returns:
        The order in which variables are added: those that change more first, as fewer places do
        what they do. Their truth tables, 0 on the first row, [variable]. The entries of ``tables``
        for the formula, variables in that order, [entry].
    """
    values = np.zeros(len(steps), np.int64)
    forced = np.full(n_variables, -1, np.int64)
    target = _run(steps, forced, values, inputs, full)
    own = np.zeros(n_variables, np.int64)
    flipped = np.zeros(n_variables, np.int64)
    for i in range(len(steps)):
        if steps[i, 4] >= 0:
            flipped[steps[i, 4]] = values[i] & 1
            own[steps[i, 4]] = values[i] ^ full if values[i] & 1 else values[i]
    changed = np.zeros(n_variables, np.int64)
    for variable in range(n_variables):
        for bit in range(2):
            forced[variable] = bit ^ flipped[variable]
            difference = _run(steps, forced, values, inputs, full) ^ target
            # On as many sources the variable has this value.
            sources = own[variable] if bit else own[variable] ^ full
            changed[variable] += _n_ones(difference) * _n_ones(sources)
        forced[variable] = -1
    order = np.arange(n_variables)  # sorted by insertion: NumPy's way takes seconds to compile
    for i in range(1, n_variables):
        k = i
        while k and changed[order[k - 1]] < changed[order[k]]:
            order[k - 1], order[k] = order[k], order[k - 1]
            k -= 1
    table = np.zeros(3**n_variables, np.int32)
    for entry in range(len(table)):
        left, never = entry, False
        for added in range(n_variables):
            variable, choice = order[added], left % 3
            left //= 3
            forced[variable] = (choice - 1) ^ flipped[variable] if choice else -1
            never = never or (choice == 2 and own[variable] == 0)
        table[entry] = _NEVER if never else _run(steps, forced, values, inputs, full)
    return order, own, table


@numba.njit(cache=True)
def _run(
    steps: NDArray[np.int64],
    forced: NDArray[np.int64],
    values: NDArray[np.int64],
    inputs: NDArray[np.int64],
    full: int,
) -> int:
    """Truth table of a formula, some variables forced to a bit; fills in those of its nodes."""
    for i in range(len(steps)):
        left, right, variable = steps[i, 1], steps[i, 2], steps[i, 4]
        if variable >= 0 and forced[variable] >= 0:
            values[i] = full if forced[variable] else 0
            continue
        if steps[i, 0] == _AND:
            value = values[left] & values[right]
        elif steps[i, 0] == _OR:
            value = values[left] | values[right]
        else:
            value = inputs[left]
        values[i] = value ^ full if steps[i, 3] else value
    return int(values[len(steps) - 1])


@numba.njit(cache=True)
def _n_ones(bits: int) -> int:
    found = 0
    while bits:
        found += bits & 1
        bits >>= 1
    return found
