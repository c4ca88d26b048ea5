"""What ``steps_of`` says of a formula: by hand, and as the plain module has it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.algorithms.steps import ADMITTED
from identifiability.networks.gates import gate, gate_of_table
from tests.algorithms.test_trees import as_plain
from tests.examples import examples

VARIABLES = ("operators", "binary")
A, B = ("A",), ("B",)
AND, TRUE = ("*", A, B), ("+", A, ("¬", A))


@pytest.mark.parametrize(
    ("target", "formula", "steps"),
    [
        pytest.param("AND", "A*B", "irredundant", id="no step"),
        pytest.param("XOR", "¬(A*B)*(A+B)", "irredundant", id="two steps"),
        pytest.param("AND", "(A*B)*A", "live", id="the output once more"),
        pytest.param("XOR", "¬((A*B)*A)*¬(¬A*¬B)", "live", id="a variable twice"),
        pytest.param("AND", "¬((¬A*B)*A)*(A*B)", "inert", id="true, and a step below it"),
        pytest.param("AND", "(A+B)*(A*B)", None, id="in another order"),
    ],
)
def test_by_hand(target, formula, steps):
    listed = {f.text: f.steps for f in candidate_formulas(gate(target), "strict", "binary", 3)}
    assert listed.get(formula) == steps


def test_the_plain_module_by_hand():
    # (A*B)*(A+¬A): the second part is always 1, and forcing it to that changes nothing.
    padded = ("*", AND, TRUE)
    assert plain.is_inert(padded, (1,), 2)
    assert not plain.is_inert(padded, (0,), 2)
    assert not plain.is_live(padded, "binary", 2)
    # (A*B)*A is live, but its only variable is the output.
    again = ("*", AND, A)
    assert plain.is_live(again, "binary", 2)
    assert not plain.is_irredundant(again, "binary", 2)
    assert plain.is_irredundant(("+", AND, ("*", ("¬", A), ("¬", B))), "binary", 2)


def test_a_negated_input_may_be_a_step_where_every_operator_is_one():
    (found,) = (
        f for f in candidate_formulas(gate("IMP"), "text", "operators", 3) if f.text == "¬A+B"
    )
    assert [v.text for v in found.variables] == ["¬A"]
    assert found.steps == "irredundant"


def test_xor_has_fourteen_irredundant_formulas_of_358():
    counts = Counter(f.steps for f in candidate_formulas(gate("XOR"), "strict", "binary", 3))
    assert counts["irredundant"] == 14
    assert counts.total() == 358


@given(
    table=st.sampled_from(plain.input_rows(4)),
    rule=st.sampled_from(("released", "text", "strict")),
    variables=st.sampled_from(VARIABLES),
    data=st.data(),
)
@examples(200)
def test_as_the_plain_module_has_it(table, rule, variables, data):
    listed = candidate_formulas(gate_of_table(table), rule, variables, 3)
    formula = data.draw(st.sampled_from(listed))
    assert formula.steps == plain.steps_of(as_plain(formula.root), variables, 2)


@pytest.mark.parametrize("variables", VARIABLES)
def test_as_the_plain_module_has_it_of_three_inputs(variables):
    listed = candidate_formulas(gate("MUX"), "text", variables, 3)
    for formula in listed[:: 1 + len(listed) // 60]:
        assert formula.steps == plain.steps_of(as_plain(formula.root), variables, 3)


@pytest.mark.parametrize("rule", ["released", "text", "strict"])
@pytest.mark.parametrize("name", ["XOR", "AND"])
def test_a_rule_admits_fewer_and_counts_them_anew(name, rule):
    every = candidate_formulas(gate(name), rule, "operators", 3)
    for steps, admitted in ADMITTED.items():
        found = candidate_formulas(gate(name), rule, "operators", 3, steps)
        assert [f.text for f in found] == [f.text for f in every if f.steps in admitted]
        first = {}
        for number, formula in enumerate(found):
            key = plain.without_or(as_plain(formula.root))
            assert formula.twin_of == first.setdefault(key, number)
    texts = [
        {f.text for f in candidate_formulas(gate(name), rule, "operators", 3, steps)}
        for steps in ("irredundant", "live", "any")
    ]
    assert texts[0] <= texts[1] <= texts[2]
