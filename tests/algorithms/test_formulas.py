"""Formulas: the candidate algorithms of each rule, and their intermediate variables."""

import pytest

from identifiability import plain
from identifiability.algorithms.formulas import candidate_formulas, searched
from identifiability.networks.gates import gate, gate_of_table
from tests.algorithms.test_trees import as_plain
from tests.examples import some

RULES = ["released", "text", "strict"]
ALL_TABLES = plain.input_rows(4)  # every truth table of two inputs is a row of four bits
THREE_INPUTS = [(0, 0, 0, 0, 0, 0, 0, 1), (0, 1, 1, 1, 1, 1, 1, 1), (0, 0, 0, 1, 0, 1, 1, 1)]

# Formulas ----------------------------------------------------------------------------------------


def texts(target, rule, depth):
    return [f.text for f in candidate_formulas(gate_of_table(target), rule, "operators", depth)]


def plain_texts(target, rule, depth):
    return [plain.formula_text(f) for f in plain.formulas(target, rule, depth)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_formulas_are_the_plain_ones_in_order(rule, depth):
    for target in ALL_TABLES:
        assert texts(target, rule, depth) == plain_texts(target, rule, depth)


@pytest.mark.parametrize("rule", some(["released", "text"], "released"))
def test_formulas_of_depth_three_are_the_plain_ones_in_order(rule):
    for target in ALL_TABLES:
        assert texts(target, rule, 3) == plain_texts(target, rule, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["XOR", "AND", "IMP", "NOR", "A"])
def test_strict_formulas_of_depth_three_are_the_plain_ones_in_order(name):
    target = gate(name).table
    assert texts(target, "strict", 3) == plain_texts(target, "strict", 3)


@pytest.mark.parametrize("target", THREE_INPUTS)
@pytest.mark.parametrize("rule", ["released", "text"])
def test_formulas_with_three_inputs_are_the_plain_ones_in_order(target, rule):
    assert texts(target, rule, 2) == plain_texts(target, rule, 2)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("released", {"XOR": 56, "AND": 86}),
        ("text", {"XOR": 132, "AND": 182}),
        ("strict", {"XOR": 358, "AND": 1_167, "OR": 1_167}),
    ],
)
def test_number_of_formulas(rule, expected):
    assert {name: len(texts(gate(name).table, rule, 3)) for name in expected} == expected


def test_formulas_for_xor_at_depth_two_by_hand():
    # The trees over both A*B and A+B; only released and text count De Morgan twins as two.
    twins = ["¬(A*B)*(A+B)", "¬((A*B)+¬(A+B))"]
    xor = gate("XOR").table
    assert texts(xor, "released", 2) == texts(xor, "text", 2) == twins
    # What is left is the first, and the textbook's (A*¬B)+(¬A*B) in disguise.
    assert texts(xor, "strict", 2) == [twins[0], "¬(¬(¬A*B)*(¬A+B))"]


def occurrences(formula, rule):
    """Paths of the variables that the engine means: with the NOT above, if there is one."""
    paths = plain.intermediate_variables(formula, rule)
    return [
        path[:-1] if path and plain.subformula(formula, path[:-1])[0] == "¬" else path
        for path in paths
    ]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["XOR", "AND"])
def test_formulas_compute_their_target(name, rule):
    target = gate(name)
    for formula in candidate_formulas(target, rule, "operators", 3):
        assert plain.computes(as_plain(formula.root), target.table)
        assert plain.formula_text(as_plain(formula.root)) == formula.text


@pytest.mark.parametrize("name", ["XOR", "AND"])
def test_strict_merges_de_morgan_twins(name):
    target = gate(name)
    classes = [
        plain.without_or(as_plain(f.root))
        for f in candidate_formulas(target, "strict", "binary", 3)
    ]
    assert len(set(classes)) == len(classes)
    # Under text twins are two, and each has its class here.
    under_text = [
        plain.without_or(as_plain(f.root))
        for f in candidate_formulas(target, "text", "operators", 3)
    ]
    assert len(set(under_text)) < len(under_text)
    assert set(under_text) <= set(classes)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["XOR", "AND", "A"])
def test_twins_point_to_the_first_of_them(name, rule):
    found = candidate_formulas(gate(name), rule, "operators", 3)
    first = {}
    for number, formula in enumerate(found):
        assert formula.twin_of == first.setdefault(
            plain.without_or(as_plain(formula.root)), number
        )


@pytest.mark.parametrize("rule", RULES)
def test_formulas_of_four_inputs_are_the_plain_ones_in_order(rule):
    for table in ["0000000000000001", "0001000100010001", "0111111111111111"]:
        target = gate(table)
        found = [f.text for f in candidate_formulas(target, rule, "operators", 2)]
        expected = plain.formulas(target.table, rule, 2)
        assert found == [plain.formula_text(formula) for formula in expected]


def test_one_input_has_one_tree():
    for table in ["01", "10"]:
        (found,) = candidate_formulas(gate(table), "text", "operators", 4)
        assert found.text == {"01": "A", "10": "¬A"}[table]
        assert searched(gate(table), "text", "operators", 4) is None


# Variables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", ["operators", "binary"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["XOR", "IMP", "A"])
def test_variables_require_what_interventions_one_at_a_time_give(name, rule, variables):
    every = candidate_formulas(gate(name), rule, variables, 3)
    for formula in every[:: 1 + len(every) // 50]:
        whole = as_plain(formula.root)
        # Under "binary" the plain module forces the node below a NOT: the same intervention.
        forced = plain.intermediate_variables(whole, variables)
        assert [v.text for v in formula.variables] == [
            plain.formula_text(plain.subformula(whole, path))
            for path in occurrences(whole, variables)
        ]
        assert [v.response for v in formula.variables] == [
            tuple(
                plain.evaluate(
                    whole, base, {path: plain.evaluate(plain.subformula(whole, path), source)}
                )
                for base, source in plain.base_source_pairs(2, "all")
            )
            for path in forced
        ]


def test_variables_with_three_inputs():
    (formula,) = (
        f
        for f in candidate_formulas(gate_of_table(THREE_INPUTS[0]), "text", "operators", 2)
        if f.text == "(A*B)*C"
    )
    (variable,) = formula.variables
    # A*B on the source and C on the base.
    rows = plain.input_rows(3)
    expected = tuple(s[0] & s[1] & b[2] for b in rows for s in rows)
    assert (variable.text, variable.response) == ("A*B", expected)


def test_variables_by_hand():
    formula = candidate_formulas(gate("XOR"), "released", "operators", 3)[0]
    assert formula.text == "¬(A*B)*(A+B)"
    nand, disjunction = formula.variables
    assert (nand.text, disjunction.text) == ("¬(A*B)", "A+B")
    # Four bases of four sources each. With ¬(A*B) from the source, the base gives A+B:
    # nothing on 00, elsewhere what the source has.
    assert nand.response == (0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0)
    assert nand.variable_id == "0eee"
    # With A+B from the source, the base gives ¬(A*B): nothing on 11.
    assert disjunction.response == (0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0)
    assert disjunction.variable_id == "7770"


@pytest.mark.parametrize(
    ("name", "rule", "text", "operators", "binary"),
    # The variables in pre-order, each with the one that uses it.
    [
        pytest.param("A", "text", "A", [], [], id="an input"),
        pytest.param("AND", "text", "A*B", [], [], id="the root is none"),
        pytest.param("NAND", "text", "¬(A*B)", [], [], id="nor is what stands under its NOT"),
        pytest.param("IMP", "text", "¬A+B", [("¬A", None)], [], id="a negated input"),
        pytest.param(
            "XOR",
            "text",
            "¬(A*B)*(A+B)",
            [("¬(A*B)", None), ("A+B", None)],
            [("¬(A*B)", None), ("A+B", None)],
            id="a NOT stands for the pair",
        ),
        pytest.param(
            "AND",
            "text",
            "((A*B)*B)*A",
            [("(A*B)*B", None), ("A*B", "(A*B)*B")],
            [("(A*B)*B", None), ("A*B", "(A*B)*B")],
            id="one below the other",
        ),
        pytest.param(
            "XOR",
            "strict",
            "¬(¬(¬A*B)*(¬A+B))",
            [("¬(¬A*B)", None), ("¬A", "¬(¬A*B)"), ("¬A+B", None), ("¬A", "¬A+B")],
            [("¬(¬A*B)", None), ("¬A+B", None)],
            id="every occurrence is a variable of its own",
        ),
    ],
)
def test_intermediate_variables_by_hand(name, rule, text, operators, binary):
    for variables, expected in [("operators", operators), ("binary", binary)]:
        listed = candidate_formulas(gate(name), rule, variables, 3 if rule == "text" else 2)
        (formula,) = (f for f in listed if f.text == text)
        own = formula.variables
        assert [(v.text, None if v.user < 0 else own[v.user].text) for v in own] == expected


@pytest.mark.parametrize("variables", ["operators", "binary"])
@pytest.mark.parametrize("name", ["XOR", "AND", "IMP"])
def test_the_variable_that_uses_another_is_the_plain_one(name, variables):
    every = candidate_formulas(gate(name), "text", variables, 3)
    for formula in every[:: 1 + len(every) // 60]:
        paths = plain.intermediate_variables(as_plain(formula.root), variables)
        above = [plain.variable_above(paths, path) for path in paths]
        assert [v.user for v in formula.variables] == [
            -1 if user is None else paths.index(user) for user in above
        ]


def test_a_negated_input_is_a_variable_only_among_operators():
    by_rule = {
        variables: {f.text: f for f in candidate_formulas(gate("IMP"), "released", variables, 1)}
        for variables in ["operators", "binary"]
    }
    assert [v.text for v in by_rule["operators"]["¬A+B"].variables] == ["¬A"]
    assert by_rule["binary"]["¬A+B"].variables == ()
