"""Gates, formulas and their variables, and how many candidates each protocol has."""

from fractions import Fraction

import numpy as np
import pytest

from identifiability import plain
from identifiability.algorithms.formulas import formulas
from identifiability.circuits.shapes import count_candidates
from identifiability.errors import UserError
from identifiability.networks.gates import (
    GATES,
    Gate,
    gate,
    gate_of_table,
    gates_of_one_arity,
    input_rows,
)
from identifiability.protocols import PROTOCOLS, RELEASED, STRICT, TEXT

RULES = ["released", "text", "strict"]
ALL_TABLES = plain.input_rows(4)  # every truth table of two inputs is a row of four bits
THREE_INPUTS = [(0, 0, 0, 0, 0, 0, 0, 1), (0, 1, 1, 1, 1, 1, 1, 1), (0, 0, 0, 1, 0, 1, 1, 1)]

# Gates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("AND", lambda a, b: a and b),
        ("OR", lambda a, b: a or b),
        ("XOR", lambda a, b: a != b),
        ("IMP", lambda a, b: not a or b),  # paper, section 2
        ("NAND", lambda a, b: not (a and b)),
        ("NOR", lambda a, b: not (a or b)),
        ("NIMP", lambda a, b: a and not b),  # paper, section 2
        ("XNOR", lambda a, b: a == b),
        ("A", lambda a, b: a),
        ("B", lambda a, b: b),
        ("NOT_A", lambda a, b: not a),
        ("NOT_B", lambda a, b: not b),
        ("CONVERSE_IMP", lambda a, b: a or not b),
        ("CONVERSE_NIMP", lambda a, b: not a and b),
        ("FALSE", lambda a, b: False),
        ("TRUE", lambda a, b: True),
    ],
)
def test_truth_tables(name, function):
    expected = tuple(int(function(a, b)) for a, b in [(0, 0), (0, 1), (1, 0), (1, 1)])
    assert gate(name).table == expected
    assert gate_of_table(expected) is gate(name)


def test_every_table_of_two_inputs_has_one_name():
    assert sorted(g.table for g in GATES.values() if g.n_inputs == 2) == sorted(ALL_TABLES)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("MAJORITY", lambda a, b, c: a + b + c >= 2),
        ("PARITY", lambda a, b, c: (a + b + c) % 2),
        ("EXACT_2", lambda a, b, c: a + b + c == 2),
        ("MUX", lambda a, b, c: c if a else b),
        ("FULL_ADDER_CARRY", lambda a, b, c: (a + b + c) // 2),
        ("FULL_ADDER_SUM", lambda a, b, c: (a + b + c) % 2),
    ],
)
def test_truth_tables_of_three_inputs(name, function):
    assert gate(name).table == tuple(int(function(*row)) for row in plain.input_rows(3))


def test_a_table_with_two_names_is_found_by_the_first():
    assert gate("FULL_ADDER_SUM").name == "FULL_ADDER_SUM"  # what the user says is kept
    assert gate_of_table(gate("FULL_ADDER_SUM").table) is gate("PARITY")
    assert gate_of_table(gate("FULL_ADDER_CARRY").table) is gate("00010111") is gate("MAJORITY")


@pytest.mark.parametrize("n_inputs", [1, 2, 3])
def test_input_rows_are_a_major(n_inputs):
    assert input_rows(n_inputs).tolist() == [list(row) for row in plain.input_rows(n_inputs)]


def test_gates_are_found_by_name_or_truth_table():
    assert gate("xor") is gate("XOR") is gate("0110")
    assert gate("01") == Gate("01", (0, 1))
    unnamed = gate("00010110" + 8 * "0")
    assert (unnamed.name, unnamed.n_inputs) == ("0001011000000000", 4)
    assert gate_of_table(np.array([0.0, 0.0, 0.0, 1.0])) is gate("AND")


@pytest.mark.parametrize("name", ["XAND", "", "0", "1", "011", "0120", "01100", "0 1"])
def test_an_unknown_gate_is_a_user_error(name):
    with pytest.raises(UserError) as caught:
        gate(name)
    message = str(caught.value)
    assert repr(name) in message
    assert "XOR" in message
    assert "\n" not in message


def test_gates_of_one_network_take_as_many_inputs():
    assert gates_of_one_arity(["XOR", "0001"]) == [gate("XOR"), gate("AND")]
    with pytest.raises(UserError, match="XOR takes 2, MAJORITY takes 3; all must take as many"):
        gates_of_one_arity(["XOR", "00010111"])
    with pytest.raises(UserError, match="unknown gate 'XAND'"):
        gates_of_one_arity(["XOR", "XAND"])


# Formulas ----------------------------------------------------------------------------------------


def texts(target, rule, depth):
    return [f.text for f in formulas(gate_of_table(target), rule, "operators", depth)]


def plain_texts(target, rule, depth):
    return [plain.formula_text(f) for f in plain.formulas(target, rule, depth)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_formulas_are_the_plain_ones_in_order(rule, depth):
    for target in ALL_TABLES:
        assert texts(target, rule, depth) == plain_texts(target, rule, depth)


@pytest.mark.parametrize("rule", ["released", "text"])
def test_formulas_of_depth_three_are_the_plain_ones_in_order(rule):
    for target in ALL_TABLES:
        assert texts(target, rule, 3) == plain_texts(target, rule, 3)


@pytest.mark.parametrize(
    "name",
    ["XOR", *(pytest.param(name, marks=pytest.mark.slow) for name in ["AND", "IMP", "NOR", "A"])],
)
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


def as_plain(node):
    """A formula of the engine as the plain module writes it."""
    built = (node.op, *map(as_plain, node.children))
    return ("¬", built) if node.negated else built


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
    for formula in formulas(target, rule, "operators", 3):
        assert plain.computes(as_plain(formula.root), target.table)
        assert plain.formula_text(as_plain(formula.root)) == formula.text


@pytest.mark.parametrize("name", ["XOR", "AND"])
def test_strict_merges_de_morgan_twins(name):
    target = gate(name)
    classes = [plain.without_or(as_plain(f.root)) for f in formulas(target, "strict", "binary", 3)]
    assert len(set(classes)) == len(classes)
    # Under text twins are two, and each has its class here.
    under_text = [
        plain.without_or(as_plain(f.root)) for f in formulas(target, "text", "operators", 3)
    ]
    assert len(set(under_text)) < len(under_text)
    assert set(under_text) <= set(classes)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["XOR", "AND", "A"])
def test_twins_point_to_the_first_of_them(name, rule):
    found = formulas(gate(name), rule, "operators", 3)
    first = {}
    for number, formula in enumerate(found):
        assert formula.twin_of == first.setdefault(
            plain.without_or(as_plain(formula.root)), number
        )


# Variables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", ["operators", "binary"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["XOR", "IMP", "A"])
def test_variables_require_what_interventions_one_at_a_time_give(name, rule, variables):
    every = formulas(gate(name), rule, variables, 3)
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
        for f in formulas(gate_of_table(THREE_INPUTS[0]), "text", "operators", 2)
        if f.text == "(A*B)*C"
    )
    (variable,) = formula.variables
    # A*B on the source and C on the base.
    rows = plain.input_rows(3)
    expected = tuple(s[0] & s[1] & b[2] for b in rows for s in rows)
    assert (variable.text, variable.response) == ("A*B", expected)


def test_variables_by_hand():
    formula = formulas(gate("XOR"), "released", "operators", 3)[0]
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


def test_a_negated_input_is_a_variable_only_among_operators():
    by_rule = {
        variables: {f.text: f for f in formulas(gate("IMP"), "released", variables, 1)}
        for variables in ["operators", "binary"]
    }
    assert [v.text for v in by_rule["operators"]["¬A+B"].variables] == ["¬A"]
    assert by_rule["binary"]["¬A+B"].variables == ()


# Protocols ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (RELEASED, {2: 20, 3: 3_000, 4: 168_672, 5: 1_092_035}),
        (TEXT, {2: 18, 3: 3_126, 4: 2_210_644, 5: 3_891_677_935}),
        (STRICT, {2: 69, 3: 9_625, 4: 4_346_385, 5: 7_271_931_361}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_number_of_candidates_by_width(protocol, expected):
    shapes = {width: (2, width, width, 1) for width in expected}
    assert {
        width: protocol.n_candidates(sizes, count_candidates(sizes))
        for width, sizes in shapes.items()
    } == expected


def test_ties_with_the_cap_stay_out():
    # 3 of 10 and 15 of 50 are not above 3/10, whatever floats say.
    assert RELEASED.admits((2, 5, 5, 1), np.array([6, 7, 8]), np.array([20, 20, 20])).tolist() == [
        True, False, False
    ]  # fmt: skip
    # Width 5: 10 hidden neurons and 40 edges; 9 neurons and 26 edges are 15 less.
    assert TEXT.admits((2, 5, 5, 1), np.array([9, 9]), np.array([25, 26])).tolist() == [
        True, False
    ]  # fmt: skip


def test_the_cap_depends_on_the_widest_layer():
    assert [RELEASED.cap((2, width, 1)) for width in (3, 4, 5, 6)] == [
        None, Fraction(1, 5), Fraction(3, 10), Fraction(3, 10)
    ]  # fmt: skip
    assert RELEASED.cap((2, 2, 4, 1)) == RELEASED.cap((2, 4, 2, 1)) == Fraction(1, 5)
    assert STRICT.cap((2, 5, 5, 1)) is None


@pytest.mark.parametrize("layer_sizes", [(2, 3, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 2, 2, 2, 1)])
def test_number_of_candidates_of_other_shapes(layer_sizes):
    rules = {"released": plain.released(3), "text": plain.text(), "strict": plain.strict()}
    cells = count_candidates(layer_sizes)
    for name, protocol in PROTOCOLS.items():
        listed = sum(1 for _ in plain.candidates(layer_sizes, rules[name]))
        assert protocol.n_candidates(layer_sizes, cells) == listed


def test_max_hidden():
    cells = count_candidates((2, 4, 4, 1))
    assert [p.max_hidden((2, 4, 4, 1), cells) for p in (RELEASED, TEXT, STRICT)] == [6, 8, 8]
    # The only candidate of this shape keeps all its neurons, which released leaves out.
    cells = count_candidates((2, 1, 1, 1))
    assert [p.max_hidden((2, 1, 1, 1), cells) for p in (RELEASED, STRICT)] == [0, 2]
