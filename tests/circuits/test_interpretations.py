"""Interpretations: separators, consistent readings, free rows, and how many there are.

The hand-worked network is that of tests/test_plain.py, where its circuits' interpretations are
derived line by line:

    h0 = relu(A + B)            0 1 1 2    on the inputs 00, 01, 10, 11
    h1 = relu(A + B - 1)        0 0 0 1
    u0 = relu(h0 - 2 h1)        0 1 1 0
    u1 = relu(h0 + h1 - 2)      0 0 0 1
    y  = relu(u0 - 2 u1)        0 1 1 0
"""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import masks_of_ids
from identifiability.circuits.interpretations import (
    count_interpretations,
    list_interpretations,
    readings,
)
from identifiability.circuits.perfect import circuit_activations
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.plain import PlainNetwork
from tests.circuits.test_circuits import all_candidates, id_of
from tests.examples import examples
from tests.test_against_plain import assume_decidable, engine, networks, on_input_rows
from tests.test_plain import DEAD_BELOW_H0, DEAD_BELOW_H1, GONE, HAND, SUM, WHOLE

XORS = [plain.XOR, plain.XNOR]

# Separators --------------------------------------------------------------------------------------


def read_neuron(values, tie=TIE_TOLERANCE):
    """Separators of one hidden neuron, and what each reads on the input rows, as digits."""
    rows = np.array(values, float).reshape(1, 4, 1)
    read = readings([rows, np.zeros((1, 4, 1))], tie)
    n = int(read.number[0, 0])
    tables = [
        "".join(str(int(table) >> row & 1) for row in range(4)) for table in read.tables[0, 0]
    ]
    return dict(zip(read.separators[0, 0, :n].tolist(), tables[:n], strict=True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([0, 1, 3, 7], {0.5: "0111", 2: "0011", 5: "0001"}, id="four values"),
        pytest.param([0, 1, 1, 2], {0.5: "0111", 1.5: "0001"}, id="three"),
        pytest.param([3, 3, -1, 3], {1: "1101"}, id="two, the smaller one read as 0"),
        pytest.param([4, 4, 4, 4], {}, id="one value has no separator"),
        pytest.param([0, 0, 0, 1e-9], {}, id="a tie"),
        pytest.param([0, 0, 0, 3e-9], {1.5e-9: "0001"}, id="no tie"),
    ],
)
def test_separators_by_hand(values, expected):
    assert read_neuron(values) == expected


def test_a_level_grows_neighbour_by_neighbour():
    # With ties up to 1, the values 0, 1 and 2 are one level, and 3.5 another.
    assert read_neuron([2, 0, 3.5, 1], 1) == {2.75: "0010"}


def test_the_output_is_read_from_its_rounded_value():
    hidden, output = np.zeros((1, 4, 1)), np.array([0.15, 0.45, 0.55, 0.85]).reshape(1, 4, 1)
    read = readings([hidden, output])
    assert read.number[0].tolist() == [0, 1]
    assert (read.separators[0, 1, 0], read.tables[0, 1, 0]) == (0.5, 0b1100)


# Values within a tie of each other, or clearly apart.
VALUES = st.sampled_from([-2.0, -1.0, 0.0, 5e-10, 1e-9, 2.5e-9, 0.25, 0.5, 1.0, 1.0 + 2e-9, 7.0])


@examples(200)
@given(st.lists(VALUES, min_size=4, max_size=4), st.sampled_from([1e-9, 0.0, 0.3, 1.0]))
def test_separators_are_the_plain_ones(values, tie):
    found = read_neuron(values, tie)
    assert list(found) == plain.separators(values, tie)
    assert [list(map(int, table)) for table in found.values()] == [
        [value > separator for value in values] for separator in found
    ]


# Gates -------------------------------------------------------------------------------------------


def gates_of_output(parents, own):
    """The gates that an output with these bits may have over hidden neurons with those bits."""
    hidden = np.array(parents, float).T[None]
    read = readings([hidden, np.array(own, float).reshape(1, 4, 1)])
    n = len(parents)
    masks = [np.full((1, n), 0b11, np.uint16), np.array([[2**n - 1]], np.uint16)]
    return [output.gate for *_, output in list_interpretations(read, masks, 0)]


def bits(*digits):
    return [list(map(int, own)) for own in digits]


@pytest.mark.parametrize(
    ("parents", "own", "expected"),
    # Bits on the inputs 00, 01, 10, 11. A gate has one for each row of parents' bits.
    [
        pytest.param(["0011"], "0011", ["01"], id="a copy"),
        pytest.param(["0011"], "1100", ["10"], id="a negation"),
        pytest.param(["0011", "0101"], "0001", ["0001"], id="no row is free"),
        pytest.param(["0111", "0001"], "0111", ["0011", "0111"], id="row 01 is free"),
        pytest.param(["0011", "0101"], "0110", [], id="XOR is not admitted"),
        pytest.param(["0011", "0101"], "1001", [], id="nor is XNOR"),
        pytest.param(["0111", "0001"], "0110", ["0010"], id="not on a free row either"),
        pytest.param(["0111", "0001"], "0100", [], id="inputs that look alike and differ"),
        pytest.param(["0010", "0100"], "0110", ["0111"], id="OR instead of XOR"),
    ],
)
def test_gates_by_hand(parents, own, expected):
    assert gates_of_output(bits(*parents), *bits(own)) == [tuple(gate) for gate in bits(*expected)]


def test_three_parents_may_be_any_gate_on_the_free_rows():
    found = gates_of_output(bits("0011", "0101", "0001"), *bits("0110"))
    # Rows 000, 010, 100 and 111 are reached.
    assert len(found) == len(set(found)) == 2**4
    assert {(own[0], own[2], own[4], own[7]) for own in found} == {(0, 1, 1, 0)}
    assert (0, 0, 1, 1, 1, 1, 0, 0) in found  # XOR of the first two


# In the first layer XOR and XNOR are not admitted, and no neuron may be constant.
BITS = st.sampled_from([t for t in plain.input_rows(4) if 0 < sum(t) < 4 and t not in XORS])


@examples(150)
@given(st.lists(BITS, min_size=1, max_size=3), st.sampled_from(plain.input_rows(4)))
def test_gates_are_the_plain_ones(parents, own):
    assume(0 < sum(own) < 4)
    patterns = list(zip(*parents, strict=True))
    reached = dict(zip(patterns, own, strict=True))
    consistent = all(reached[p] == bit for p, bit in zip(patterns, own, strict=True))
    expected = list(plain.gates(len(parents), reached)) if consistent else []
    assert sorted(gates_of_output(parents, own)) == sorted(expected)


# Interpretations by hand -------------------------------------------------------------------------


def interpreted(network, circuits):
    """The engine's separators and edge masks of some circuits."""
    ids = np.array([id_of(edges) for edges in circuits], str)
    masks = masks_of_ids(ids, tuple(network.layer_sizes))
    values = circuit_activations(engine(network), np.zeros(len(circuits), int), masks)
    return readings(values), masks


def listed(read, masks, circuit=0):
    """The interpretations of a circuit: per neuron, (layer, index), its separator and gate."""
    neurons = [(layer, i) for layer, m in enumerate(masks, 1) for i in range(m.shape[1])]
    return [
        {neurons[r.neuron]: (r.separator, r.gate) for r in interpretation}
        for interpretation in list_interpretations(read, masks, circuit)
    ]


def as_set(interpretations):
    """Interpretations in any order; fails if one is there twice."""
    frozen = [tuple(sorted(interpretation.items())) for interpretation in interpretations]
    assert len(set(frozen)) == len(frozen)
    return set(frozen)


IS_AND, OR, NIMP, COPY = (0, 0, 0, 1), (0, 1, 1, 1), (0, 0, 1, 0), (0, 1)
FIRST, SECOND = (0, 0, 1, 1), (0, 1, 0, 1)  # gates of two parents that copy one of them
# h0 is read as OR and h1 as AND: with h0 as AND, the inputs 00 and 01 would look the same to u0.
BELOW = {(1, 0): (0.5, OR), (1, 1): (0.5, IS_AND)}

# y = relu(h0 - 1) with h0 = A + B, so that h0 must be cut above 1.
HIGH_CUT = PlainNetwork([[[1, 1]], [[1]]], [[0], [-1]], "relu")
# h0 = A*¬B and h1 = ¬A*B; y = h0 + h1.
TWO_HALVES = PlainNetwork([[[1, -1], [-1, 1]], [[1, 1]]], [[0, 0], [0]], "relu")
# h0 = A, h1 = B, h2 = A*B; y = h0 + h1 - 2 h2.
THREE_PARENTS = PlainNetwork([[[1, 0], [0, 1], [1, 1]], [[1, 1, -2]]], [[0, 0, -1], [0]], "relu")
# y = (A + B) / 10, which is 0 everywhere when rounded.
CONSTANT = PlainNetwork([[[1, 1]], [[0.1]]], [[0], [0]], "relu")
# Six copies of A below y.
SIX_COPIES = PlainNetwork([[[1, 0]] * 6, [[1] + [0] * 5]], [[0] * 6, [0]], "relu")

BY_HAND = {
    # (h0, h1) is 00, 10, 10, 11 and u0 is 0 1 1 0: with 1 on the free row 01, u0 would be XOR.
    "XOR is not admitted on a free row": (HAND, GONE, 1, 1),
    # u1 and y have a free row each.
    "free rows multiply": (HAND, WHOLE, 4, 1),
    "an only parent is cut at the same height": (HAND, SUM, 2, 1),
    "a neuron that never changes": (HAND, DEAD_BELOW_H0, 0, 0),
    "a neuron that never changes, below h1": (HAND, DEAD_BELOW_H1, 0, 0),
    "the output never changes": (CONSTANT, [["11"], ["1"]], 0, 0),
    "any gap may be the separator": (HIGH_CUT, [["11"], ["1"]], 1, 1),
    "OR instead of XOR": (TWO_HALVES, [["11", "11"], ["11"]], 1, 1),
    "three parents may be XOR": (THREE_PARENTS, [["10", "01", "11"], ["111"]], 2**4, 1),
    # Of 64 rows two are reached.
    "too many to list": (SIX_COPIES, [["10"] * 6, ["1" * 6]], 2**62, 1),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_number_of_interpretations_by_hand(name):
    network, edges, completions, reachable = BY_HAND[name]
    read, masks = interpreted(network, [edges])
    counts = count_interpretations(read, masks)
    assert (counts.totals(), counts.reachable.tolist()) == ([completions], [reachable])
    if completions < 100:
        assert len(listed(read, masks)) == completions


@pytest.mark.parametrize(
    ("network", "edges", "expected"),
    [
        pytest.param(
            HAND, GONE, [BELOW | {(2, 0): (0.5, NIMP), (3, 0): (0.5, COPY)}], id="u1 is gone"
        ),
        pytest.param(
            HAND,
            SUM,
            [
                BELOW | {(2, 0): (0.5, COPY), (2, 1): (0.5, u1), (3, 0): (0.5, NIMP)}
                for u1 in (IS_AND, SECOND)
            ],
            id="u0 copies h0",
        ),
        pytest.param(
            HAND,
            WHOLE,
            [
                BELOW | {(2, 0): (0.5, NIMP), (2, 1): (0.5, u1), (3, 0): (0.5, y)}
                for u1 in (IS_AND, SECOND)
                for y in (NIMP, FIRST)
            ],
            id="the whole network",
        ),
        pytest.param(
            HIGH_CUT,
            [["11"], ["1"]],
            [{(1, 0): (1.5, IS_AND), (2, 0): (0.5, COPY)}],
            id="h0 is AND, not OR",
        ),
        pytest.param(
            # A gate of the first layer is a table over the input rows, whatever edges are kept.
            PlainNetwork([[[-1, 0]], [[-1]]], [[1], [1]], "identity"),
            [["10"], ["1"]],
            [{(1, 0): (0.5, (1, 1, 0, 0)), (2, 0): (0.5, (1, 0))}],
            id="negation",
        ),
    ],
)
def test_interpretations_by_hand(network, edges, expected):
    assert as_set(listed(*interpreted(network, [edges]))) == as_set(expected)


def test_a_first_layer_neuron_is_no_xor():
    # Only noisy inputs can make one: with 11 in the place of 00, A + B is 2 1 1 2.
    xnor = np.array([2.0, 1, 1, 2]).reshape(1, 4, 1)
    output = np.array([1.0, 0, 0, 1]).reshape(1, 4, 1)
    masks = masks_of_ids(np.array(["11|1"], str), (2, 1, 1))
    read = readings([xnor, output])
    assert count_interpretations(read, masks).totals() == [0]
    assert listed(read, masks) == []


# Against the plain module ------------------------------------------------------------------------


@st.composite
def activated_circuits(draw):
    """A circuit and activations that need not be those of a network.

    Bits are made by gates drawn at random. If these never give constants nor XOR, the circuit has
    an interpretation; if hidden activations then spread, it may have several.
    """
    sizes = draw(st.sampled_from([(2, 2, 1), (2, 3, 1), (2, 2, 2, 1), (2, 3, 2, 1)]))
    edges = draw(st.sampled_from(all_candidates(sizes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread, readable = draw(st.booleans()), draw(st.integers(0, 3)) > 0
    bits = [np.array(plain.input_rows(2))]
    values = [bits[0].astype(float)]
    for layer, strings in enumerate(edges):
        own = np.zeros((4, len(strings)), int)
        for i, string in enumerate(strings):
            kept = [j for j, mark in enumerate(string) if mark == "1"]
            while kept:
                table = rng.integers(0, 2, 2 ** len(kept))
                own[:, i] = table[bits[-1][:, kept] @ (1 << np.arange(len(kept)))]
                is_gate = table.tolist() not in ([0, 1, 1, 0], [1, 0, 0, 1])
                if not readable or (is_gate and 0 < own[:, i].sum() < 4):
                    break
        is_output = layer == len(edges) - 1
        noise = rng.integers(0, 2, own.shape) / 2 if spread and not is_output else 0
        bits.append(own)
        values.append((own + noise) * np.array(["1" in string for string in strings]))
    return edges, values


def by_the_plain_module(edges, values):
    """The same circuit's interpretations, as the plain module lists them, and their numbers."""
    network = PlainNetwork([[[0] * len(edges[0][0])]], [[0]])
    rows = {row: i for i, row in enumerate(plain.input_rows(2))}

    def forward(network, row, edges):
        return [layer[rows[row]].tolist() for layer in values]

    with patch.object(plain, "forward", forward):
        found = [on_input_rows(network, edges, i) for i in plain.interpretations(network, edges)]
        return found, plain.count_interpretations(network, edges)


@examples(150)
@given(activated_circuits())
def test_interpretations_of_any_activations_are_the_plain_ones(case):
    edges, values = case
    masks = masks_of_ids(np.array([id_of(edges)], str), (2, *map(len, edges)))
    read = readings([layer[None] for layer in values[1:]])
    counts = count_interpretations(read, masks)
    expected, (completions, reachable) = by_the_plain_module(edges, values)
    event("none" if not reachable else "one reading" if reachable == 1 else "several readings")
    assert (counts.totals(), counts.reachable.tolist()) == ([completions], [reachable])
    assert as_set(listed(read, masks)) == as_set(expected)


@examples(25)
@given(networks(2, 2, 1) | networks(2, 3, 1) | networks(2, 2, 2, 1))
def test_interpretations_of_perfect_circuits_are_the_plain_ones(network):
    assume_decidable(network)
    circuits = plain.perfect_circuits(network, [], plain.strict())
    assume(circuits)
    read, masks = interpreted(network, circuits)
    counts = count_interpretations(read, masks)
    assert list(zip(counts.totals(), counts.reachable.tolist(), strict=True)) == [
        plain.multiply_interpretations(network, edges) for edges in circuits
    ]


@examples(25)
@given(networks(2, 3, 1) | networks(2, 2, 2, 1))
def test_reachable_interpretations_are_as_many_as_the_bits_they_give(network):
    assume_decidable(network)
    circuits = plain.perfect_circuits(network, [], plain.strict())
    assume(circuits)
    read, masks = interpreted(network, circuits)
    counts = count_interpretations(read, masks)
    for circuit, edges in enumerate(circuits):
        if counts.totals()[circuit] > 500:
            continue
        runs = set()
        for interpretation in listed(read, masks, circuit):
            bits = [run(edges, interpretation, row) for row in plain.input_rows(2)]
            runs.add(tuple(map(tuple, bits)))
        assert len(runs) == counts.reachable[circuit]


def run(edges, interpretation, row):
    """Runs a circuit's gates on an input row: the bit of every neuron kept."""
    bits = {(0, i): bit for i, bit in enumerate(row)}
    for (layer, index), (_, gate_table) in interpretation.items():
        string = edges[layer - 1][index]
        kept = [i for i, mark in enumerate(string) if layer == 1 or mark == "1"]
        pattern = "".join(str(bits[layer - 1, i]) for i in kept)
        bits[layer, index] = gate_table[int(pattern, 2)]
    return sorted(bits.items())
