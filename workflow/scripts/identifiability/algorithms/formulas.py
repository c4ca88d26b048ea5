"""Algorithms: Boolean formulas with AND, OR and NOT that compute a target (paper, section 2).

Three rules say which formulas are tried (difference D05, docs/protocols.md):

- ``released``: a pair of children is kept only if the printed left child sorts before the right
  one; one placement of NOTs per tree.
- ``text``: every pair of children that differ, the deeper one on the left; one placement per tree.
- ``strict``: the trees of ``text`` with every placement of NOT; of formulas that are twins, the
  first.

Deeper than every pair of trees can be tried, ``deep_formulas`` has a rule of its own.

Twins are formulas that De Morgan's laws, double negation and the order of children turn into one
another (D06).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from typing import Literal

from identifiability.algorithms.deep_formulas import (
    MAX_FORMULAS,
    MAX_FUNCTIONS,
    complete_depth,
    formula_representatives,
    pairs_for,
)
from identifiability.algorithms.steps import ADMITTED, StepRule, Steps, steps_of
from identifiability.algorithms.trees import (
    Node,
    TreeRule,
    evaluate,
    levels,
    pack,
    placed,
    placements,
    skeleton,
    up_to_de_morgan,
)
from identifiability.networks.gates import Gate

FormulaRule = Literal["released", "text", "strict"]
VariableRule = Literal["operators", "binary"]


UNTRIED = "nothing was tried"
"""What is said of a target that no formula of the depth computes."""


@dataclass(frozen=True)
class Variable:
    """An intermediate variable of a formula.

    Attributes:
        text: The sub-formula whose value it is.
        n_rows: Number of input rows.
        value: Its truth table, row r in bit r.
        forced: The formula's truth tables with the variable forced to 0, and to 1.
        user: Position, among the formula's variables, of the nearest variable above it; -1 if
            there is none.
    """

    text: str
    n_rows: int
    value: int
    forced: tuple[int, int]
    user: int

    @property
    def response(self) -> tuple[int, ...]:
        """Required output bit per (base, source) pair, in base-major order.

        The formula on the base, with the variable forced to its value on the source.
        """
        return _response(self.n_rows, self.value, self.forced)

    @property
    def variable_id(self) -> str:
        """The required response in hexadecimal, base-major, first pair most significant.

        Two variables with the same response are the same test of a network.
        """
        return _hexadecimal(self.n_rows, self.value, self.forced)


@cache
def _response(n_rows: int, value: int, forced: tuple[int, int]) -> tuple[int, ...]:
    return tuple(
        forced[value >> source & 1] >> base & 1
        for base in range(n_rows)
        for source in range(n_rows)
    )


@cache
def _hexadecimal(n_rows: int, value: int, forced: tuple[int, int]) -> str:
    bits = "".join(map(str, _response(n_rows, value, forced)))
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
        steps: Whether some of its variables are ``inert``, or all ``live``, or ``irredundant``.
    """

    text: str
    root: Node
    variables: tuple[Variable, ...]
    twin_of: int
    steps: Steps


def candidate_formulas(
    target: Gate, rule: FormulaRule, variables: VariableRule, depth: int, steps: StepRule = "any"
) -> tuple[Formula, ...]:
    """Every candidate algorithm for a target, in the order of enumeration.

    Args:
        target: The gate to compute.
        rule: Which formulas are tried.
        variables: ``operators``: every operator node but the root is an intermediate variable, a
            NOT standing for itself and the node below it. ``binary``: every AND and OR but the
            root (a variable and its complement are one, a negated input is an input).
        depth: Largest number of ANDs and ORs on a path; the number of layers of weights.
        steps: Which formulas are admitted, by what their variables do.
    """
    first: dict[int, int] = {}
    found = [
        formula
        for formula in _listed(target, rule, variables, depth)[0]
        if formula.steps in ADMITTED[steps]
    ]
    # Twins are named by their position among those that are left.
    return tuple(
        replace(formula, twin_of=first.setdefault(formula.twin_of, number))
        for number, formula in enumerate(found)
    )


def searched(target: Gate, rule: FormulaRule, variables: VariableRule, depth: int) -> str | None:
    """Which formulas were tried for a target, and which were not; None if all were.

    Where there is none of the depth of the network, that is said: it is another thing than to have
    tried some and found no mapping.
    """
    n_inputs = target.n_inputs
    complete = complete_depth(n_inputs, depth)
    parts = []
    if complete < depth:
        beyond = f"depth {depth}" if depth == complete + 1 else f"depths {complete + 1} to {depth}"
        parts.append(
            f"all formulas up to depth {complete}; at {beyond} those whose two parts are the "
            "first formula found of their depth for their truth table"
        )
        below = formula_representatives(n_inputs, _tree_rule(rule), depth - 1)
        if any(level.cut for level in below):
            parts.append(f"parts for the first {MAX_FUNCTIONS:,} truth tables found of a depth")
    found, cut = _listed(target, rule, variables, depth)
    if not found:
        return f"no formula up to depth {depth} computes {target.name}: {UNTRIED}"
    if cut:
        parts.append(f"{len(found):,} formulas listed, further ones not")
    return "; ".join(parts) or None


def _tree_rule(rule: FormulaRule) -> TreeRule:
    return "released" if rule == "released" else "text"


@cache
def _listed(
    target: Gate, rule: FormulaRule, variables: VariableRule, depth: int
) -> tuple[tuple[Formula, ...], bool]:
    """The candidate algorithms for a target, and whether there are more than are listed."""
    table = pack(target.table)
    found: list[Formula] = []
    first: dict[object, int] = {}

    def add(roots: Iterable[Node]) -> bool:
        """Adds formulas; says whether there are too many."""
        for root in roots:
            twin_of = first.setdefault(up_to_de_morgan(root), len(found))
            if rule == "strict" and twin_of < len(found):
                continue
            if len(found) == MAX_FORMULAS:
                return True
            own = _variables(root, variables, target.n_inputs)
            did = steps_of(
                [(variable.value, variable.forced) for variable in own],
                table,
                target.n_inputs,
                inputs_may_be_negated=variables == "operators",
            )
            found.append(Formula(root.text, root, own, twin_of, did))
        return False

    complete = complete_depth(target.n_inputs, depth)
    cut = add(_placed_on_trees(table, target.n_inputs, rule, complete))
    for deeper in range(complete + 1, depth + 1):
        room = MAX_FORMULAS - len(found)
        roots, more = pairs_for(table, target.n_inputs, _tree_rule(rule), deeper, room)
        cut |= add(roots) or more
    return tuple(found), cut


def _placed_on_trees(table: int, n_inputs: int, rule: FormulaRule, depth: int) -> Iterator[Node]:
    """Placements of NOTs that make trees compute a truth table, tree by tree.

    Under ``strict`` all of them, of the first tree of every skeleton: those of the others are
    their twins. Else the first of every tree.
    """
    skeletons: set[object] = set()
    for tree in chain(*levels(n_inputs, _tree_rule(rule), depth)):
        if rule == "strict":
            key = skeleton(tree)
            if key in skeletons:
                continue
            skeletons.add(key)
        yield from islice(placed_on(tree, table, n_inputs), None if rule == "strict" else 1)


def placed_on(tree: Node, table: int, n_inputs: int) -> Iterator[Node]:
    """Placements of NOTs that make one tree compute a truth table, in order."""
    masks, tables = placements(tree, n_inputs)
    for mask in masks[tables == table]:
        yield placed(tree, int(mask))


def _variables(root: Node, rule: VariableRule, n_inputs: int) -> tuple[Variable, ...]:
    """Intermediate variables in pre-order, each occurrence one of its own."""
    nodes = list(root.preorder())
    intermediate = [
        number
        for number, node in enumerate(nodes)
        if number and (node.children or (rule == "operators" and node.negated))
    ]
    full = 2 ** (2**n_inputs) - 1
    last = [number + sum(1 for _ in node.preorder()) - 1 for number, node in enumerate(nodes)]
    variables: list[Variable] = []
    for number in intermediate:
        value = evaluate(nodes[number], n_inputs)
        never, always = (evaluate(root, n_inputs, number, constant) for constant in (0, full))
        # In pre-order, the last variable before this one whose sub-formula reaches beyond it.
        above = [i for i, n in enumerate(intermediate) if n < number <= last[n]]
        user = above[-1] if above else -1
        variables.append(Variable(nodes[number].text, 2**n_inputs, value, (never, always), user))
    return tuple(variables)
