"""Gates: names, truth tables and the order of input rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.errors import UserError
from identifiability.networks.gates import (
    GATES,
    Gate,
    gate,
    gate_of_table,
    gates_of_one_arity,
    input_rows,
)


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
    assert sorted(g.table for g in GATES.values() if g.n_inputs == 2) == plain.input_rows(4)


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


@given(st.integers(1, 4), st.data())
def test_a_gate_is_its_truth_table(n_inputs, data):
    rows = plain.input_rows(n_inputs)
    table = tuple(data.draw(st.lists(st.integers(0, 1), min_size=len(rows), max_size=len(rows))))
    found = gate("".join(map(str, table)))
    assert found == gate_of_table(table)
    assert found.table == table
    assert found.n_inputs == plain.n_inputs_of(table) == n_inputs
    # A gate has a name if any has this table.
    assert (found.name in GATES) == (table in {named.table for named in GATES.values()})


A, B = ("A",), ("B",)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("IMP", ("+", ("¬", A), B)),
        ("NIMP", ("*", A, ("¬", B))),
        ("XOR", ("*", ("¬", ("*", A, B)), ("+", A, B))),
        ("XNOR", ("+", ("*", A, B), ("¬", ("+", A, B)))),
        ("NAND", ("¬", ("*", A, B))),
        ("NOR", ("¬", ("+", A, B))),
    ],
)
def test_a_formula_of_the_plain_module_computes_the_gate_of_that_name(name, formula):
    assert plain.computes(formula, gate(name).table)
    assert not plain.computes(("¬", formula), gate(name).table)


def test_gates_of_one_network_take_as_many_inputs():
    assert gates_of_one_arity(["XOR", "0001"]) == [gate("XOR"), gate("AND")]
    with pytest.raises(UserError, match="XOR takes 2, MAJORITY takes 3; all must take as many"):
        gates_of_one_arity(["XOR", "00010111"])
    with pytest.raises(UserError, match="unknown gate 'XAND'"):
        gates_of_one_arity(["XOR", "XAND"])
