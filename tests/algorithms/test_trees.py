"""Trees of formulas: what they print and compute, which there are, NOTs on them, and twins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.formulas import placed_on
from identifiability.algorithms.trees import (
    Node,
    evaluate,
    levels,
    n_trees,
    pack,
    placed,
    placements,
    up_to_de_morgan,
)
from identifiability.networks.gates import gate
from tests.examples import examples

A, B = Node("A"), Node("B")
NOT_A, NOT_B = Node("A", negated=True), Node("B", negated=True)


def both(left, right, negated=False):
    return Node("*", left, right, negated)


def either(left, right, negated=False):
    return Node("+", left, right, negated)


NAND_TIMES_OR = both(both(A, B, negated=True), either(A, B))
"""¬(A*B)*(A+B), which is XOR."""
TEXTBOOK = either(both(A, NOT_B), both(NOT_A, B))
"""(A*¬B)+(¬A*B), which is XOR as well."""


def as_plain(node):
    """A formula of the engine as the plain module writes it."""
    built = (node.op, *map(as_plain, node.children))
    return ("¬", built) if node.negated else built


def nodes(n_inputs=2):
    """Formulas of any form."""
    names = st.sampled_from("ABCD"[:n_inputs])
    inputs = st.tuples(names, st.none(), st.none(), st.booleans())

    def operators(parts):
        return st.tuples(st.sampled_from("*+"), parts, parts, st.booleans()).map(Node._make)

    return st.recursive(inputs.map(Node._make), operators, max_leaves=8)


# What a formula prints and computes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "text", "table"),
    [
        (A, "A", "0011"),
        (NOT_B, "¬B", "1010"),
        (either(NOT_A, B), "¬A+B", "1101"),
        (NAND_TIMES_OR, "¬(A*B)*(A+B)", "0110"),
        (TEXTBOOK, "(A*¬B)+(¬A*B)", "0110"),
        (both(both(A, B), A, negated=True), "¬((A*B)*A)", "1110"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_formulas_by_hand(node, text, table):
    assert node.text == text
    assert evaluate(node, 2) == pack(list(map(int, table)))


@pytest.mark.parametrize(
    ("number", "node", "with_0", "with_1"),
    # Of ¬(A*B)*(A+B), nodes in pre-order. A node is forced with the NOT above it.
    [
        (0, "all of it", "0000", "1111"),
        (1, "¬(A*B)", "0000", "0111"),
        (2, "A in A*B", "0111", "0010"),
        (3, "B in A*B", "0111", "0100"),
        (4, "A+B", "0000", "1110"),
        (5, "A in A+B", "0100", "1110"),
    ],
)
def test_a_forced_node_by_hand(number, node, with_0, with_1):
    for constant, expected in [(0, with_0), (0b1111, with_1)]:
        table = evaluate(NAND_TIMES_OR, 2, number, constant)
        assert table == pack(list(map(int, expected))), node


def paths(node, path=()):
    """Where the plain module has the nodes, in pre-order; a NOT stands above what it negates."""
    yield path
    below = (*path, 0) if node.negated else path
    for i, child in enumerate(node.children):
        yield from paths(child, (*below, i))


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), nodes(n))), st.data())
def test_formulas_print_and_compute_as_the_plain_ones(drawn, data):
    n_inputs, node = drawn
    rows = plain.input_rows(n_inputs)
    formula = as_plain(node)
    assert node.text == plain.formula_text(formula)
    assert evaluate(node, n_inputs) == pack([plain.evaluate(formula, row) for row in rows])
    where = list(paths(node))
    assert [plain.formula_text(plain.subformula(formula, path)) for path in where] == [
        own.text for own in node.preorder()
    ]
    number = data.draw(st.integers(0, len(where) - 1))
    for bit, constant in [(0, 0), (1, 2 ** len(rows) - 1)]:
        assert evaluate(node, n_inputs, number, constant) == pack(
            [plain.evaluate(formula, row, {where[number]: bit}) for row in rows]
        )


# Which trees there are ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # "A*B" sorts after "A", so A never stands right of it, and (A*B)*(A+B) comes once.
        ("released", "(A*B)*B (A*B)+B (A*B)*(A+B) (A*B)+(A+B) (A+B)*B (A+B)+B"),
        # Where one child is deeper, it stands on the left.
        (
            "text",
            "(A*B)*A (A*B)+A (A*B)*B (A*B)+B (A*B)*(A+B) (A*B)+(A+B) "
            "(A+B)*A (A+B)+A (A+B)*B (A+B)+B",
        ),
    ],
)
def test_trees_of_depth_two_by_hand(rule, expected):
    inputs, pairs, deeper = levels(2, rule, 2)
    assert [node.text for node in inputs] == ["A", "B"]
    assert [node.text for node in pairs] == ["A*B", "A+B"]
    assert [node.text for node in deeper] == expected.split()


@pytest.mark.parametrize(
    ("n_inputs", "depth"), [(1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (4, 2)]
)
@pytest.mark.parametrize("rule", ["released", "text"])
def test_trees_are_the_plain_ones_in_order(n_inputs, depth, rule):
    found = [as_plain(node) for level in levels(n_inputs, rule, depth) for node in level]
    assert found == plain.trees(n_inputs, rule, depth)


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 4])
def test_number_of_trees(n_inputs):
    for depth in range(3):
        expected = len(plain.trees(n_inputs, "text", depth))
        assert n_trees(n_inputs, depth) == expected
        assert sum(map(len, levels(n_inputs, "text", depth))) == expected


# NOTs on a tree ----------------------------------------------------------------------------------


def test_placements_by_hand():
    # Of A*B the nodes are the AND, A and B. Fewest NOTs first, then the smallest node numbers.
    masks, tables = placements(both(A, B), 2)
    assert [placed(both(A, B), int(mask)).text for mask in masks] == [
        *["A*B", "¬(A*B)", "¬A*B", "A*¬B"],
        *["¬(¬A*B)", "¬(A*¬B)", "¬A*¬B", "¬(¬A*¬B)"],
    ]
    expected = ["0001", "1110", "0100", "0010", "1011", "1101", "1000", "0111"]
    assert tables.tolist() == [pack(list(map(int, table))) for table in expected]


@examples(30)
@given(st.integers(0, 13), st.sampled_from(plain.input_rows(4)))
def test_placements_that_work_are_the_plain_ones_in_order(number, target):
    tree = plain.trees(2, "text", 2)[number]
    ours = [node for level in levels(2, "text", 2) for node in level][number]
    assert [as_plain(node) for node in placed_on(ours, pack(target), 2)] == list(
        plain.working_placements(tree, target)
    )


@pytest.mark.parametrize("number", [9, 700, 2500, 5000])
def test_placements_on_trees_of_three_inputs_and_depth_three(number):
    (tree,) = plain.trees(3, "text", 3)[number : number + 1]
    ours = [node for level in levels(3, "text", 3) for node in level][number]
    assert as_plain(ours) == tree
    target = gate("MAJORITY")
    expected = [
        plain.formula_text(f) for f in first(3, plain.working_placements(tree, target.table))
    ]
    found = placed_on(ours, pack(target.table), 3)
    assert [node.text for node in first(3, found)] == expected


def first(most, every):
    return [one for one, _ in zip(every, range(most), strict=False)]


# Twins -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "are_twins"),
    [
        pytest.param(both(A, B), both(B, A), True, id="the order of children"),
        pytest.param(either(A, B), both(NOT_B, NOT_A, negated=True), True, id="De Morgan"),
        pytest.param(
            NAND_TIMES_OR,
            either(both(A, B), either(A, B, negated=True), negated=True),
            True,
            id="De Morgan at the root",
        ),
        pytest.param(
            NAND_TIMES_OR,
            both(either(NOT_A, NOT_B), both(NOT_A, NOT_B, negated=True)),
            True,
            id="De Morgan below it",
        ),
        pytest.param(both(A, B), either(A, B), False, id="AND is not OR"),
        pytest.param(both(A, B), both(A, B, negated=True), False, id="nor its negation"),
        pytest.param(NAND_TIMES_OR, TEXTBOOK, False, id="another tree of one function"),
        pytest.param(both(both(A, B), B), both(A, B), False, id="a step that does nothing"),
    ],
)
def test_twins_by_hand(first, second, are_twins):
    assert (up_to_de_morgan(first) == up_to_de_morgan(second)) == are_twins


def rewritten(node, choices):
    """A twin of a formula: children change places, and De Morgan's law is applied, by chance."""
    if not node.children:
        return node
    left, right = (rewritten(child, choices) for child in node.children)
    if next(choices):
        left, right = right, left
    if next(choices):
        left, right = (part._replace(negated=not part.negated) for part in (left, right))
        return Node("+" if node.op == "*" else "*", left, right, not node.negated)
    return Node(node.op, left, right, node.negated)


@given(nodes(3), st.lists(st.booleans(), min_size=20, max_size=20))
def test_twins_by_de_morgans_laws_have_one_key(node, choices):
    twin = rewritten(node, iter(choices))
    assert up_to_de_morgan(twin) == up_to_de_morgan(node)
    assert evaluate(twin, 3) == evaluate(node, 3)


@examples(300)
@given(nodes(), nodes())
def test_formulas_are_twins_where_the_plain_module_says_so(first, second):
    expected = plain.without_or(as_plain(first)) == plain.without_or(as_plain(second))
    assert (up_to_de_morgan(first) == up_to_de_morgan(second)) == expected
