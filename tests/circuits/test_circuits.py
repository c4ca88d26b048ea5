"""Circuits: which candidates there are, which of them are perfect, how sparse, and which minimal.

The hand-worked network computes XOR and has five perfect circuits; tests/test_plain.py shows it
and says why there are no others.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import (
    circuit_ids,
    edges_of_id,
    enumerate_candidates,
    masks_of_ids,
)
from identifiability.circuits.codes import codes_of_masks, minimal
from identifiability.circuits.perfect import (
    circuit_activations,
    enough,
    perfect_circuits,
    rows_enough,
)
from identifiability.circuits.shapes import count_candidates
from identifiability.networks.gates import gate
from identifiability.plain import PlainNetwork
from identifiability.protocols import STRICT
from tests.examples import examples
from tests.test_against_plain import (
    as_bag,
    cell,
    engine,
    keeps_its_distance,
    networks,
    rows_of,
)
from tests.test_plain import DEAD_BELOW_H0, DEAD_BELOW_H1, GONE, HAND, SUM, WHOLE

XOR, AND = gate("XOR").table, gate("AND").table
H0_ALONE = [["11", "00"], ["10", "00"], ["10"]]
"""A circuit of the hand-worked network that computes A + B, so 2 on the input 11."""


def id_of(edges):
    """A circuit's name, as ``circuit_ids`` writes it."""
    return "|".join(",".join(layer) for layer in edges)


def masks_of(circuits, layer_sizes):
    return masks_of_ids(np.array([id_of(edges) for edges in circuits], str), tuple(layer_sizes))


def all_candidates(layer_sizes):
    """Every candidate of a shape, by its edges."""
    found = enumerate_candidates(tuple(layer_sizes))
    names = circuit_ids(tuple(layer_sizes), found.edge_masks(np.arange(len(found))))
    return [edges_of_id(name) for name in names]


@st.composite
def shapes(draw, most=1_500):
    """Layer sizes with few enough candidates for the plain module to list them."""
    hidden = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    sizes = (draw(st.integers(1, 3)), *hidden, 1)
    assume(sum(count_candidates(sizes).values()) <= most)
    return sizes


# Candidates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer_sizes", "expected"),
    [
        pytest.param((2, 1, 1), ["11|1"], id="nothing can go from one neuron"),
        pytest.param((2, 1, 1, 1), ["11|1|1"], id="nor from one neuron a layer"),
        pytest.param((1, 2, 1), ["1,0|10", "0,1|01", "1,1|11"], id="either neuron can go"),
        pytest.param(
            (2, 2, 1),
            # h0 alone, h1 alone, or both; with both, not both from A alone, nor both from B alone.
            [
                *["11,00|10", "00,11|01"],
                *["10,01|11", "10,11|11", "01,10|11", "01,11|11", "11,10|11", "11,01|11"],
                "11,11|11",
            ],
            id="every input keeps an edge",
        ),
        pytest.param(
            (1, 1, 2, 1),
            ["1|1,0|10", "1|0,1|01", "1|1,1|11"],
            id="the output reads every neuron kept",
        ),
    ],
)
def test_candidates_by_hand(layer_sizes, expected):
    assert sorted(map(id_of, all_candidates(layer_sizes))) == sorted(expected)


@pytest.mark.parametrize(
    ("layer_sizes", "expected"),
    [
        ((2, 2, 1), {(1, 3): 2, (2, 4): 2, (2, 5): 4, (2, 6): 1}),  # the nine above
        ((3, 1, 1), {(1, 4): 1}),
    ],
)
def test_candidates_are_counted_by_hidden_neurons_and_edges(layer_sizes, expected):
    assert count_candidates(layer_sizes) == expected


@pytest.mark.parametrize(
    ("layer_sizes", "expected"),
    # Three inputs and two neurons: 2 with one neuron; with both, each input goes to one or both,
    # 3 ** 3 ways, less the 2 in which a neuron has no input. The rest is published.
    [((3, 2, 1), 27), ((2, 2, 2, 1), 69), ((2, 3, 3, 1), 9_625)],
)
def test_number_of_candidates(layer_sizes, expected):
    assert len(enumerate_candidates(layer_sizes)) == expected
    assert sum(count_candidates(layer_sizes).values()) == expected


@examples(40)
@given(shapes())
def test_candidates_are_the_plain_ones(layer_sizes):
    expected = list(plain.candidates(layer_sizes, plain.strict()))
    assert as_bag(all_candidates(layer_sizes)) == as_bag(expected)


def test_a_name_lists_the_edges_neuron_by_neuron():
    # Bit i of a mask is the edge from neuron i below: h0 reads B, h1 reads A and B, y both.
    masks = [np.array([[0b10, 0b11]], np.uint16), np.array([[0b11]], np.uint16)]
    assert circuit_ids((2, 2, 1), masks).tolist() == ["01,11|11"]
    assert edges_of_id("01,11|11") == [["01", "11"], ["11"]]
    for layer, back in zip(masks, masks_of([[["01", "11"], ["11"]]], (2, 2, 1)), strict=True):
        np.testing.assert_array_equal(layer, back)


# The forward pass of a circuit -------------------------------------------------------------------

SUMS = PlainNetwork(
    [[[1, 10], [100, 1000]], [[1, 1]]], [[0.25, 0.5], [0.125]], activation="identity"
)


@pytest.mark.parametrize(
    ("edges", "hidden", "output"),
    [
        pytest.param([["11", "11"], ["11"]], [11.25, 1100.5], 1111.875, id="the whole network"),
        pytest.param([["10", "11"], ["11"]], [1.25, 1100.5], 1101.875, id="an edge has weight 0"),
        pytest.param([["11", "00"], ["10"]], [11.25, 0], 11.375, id="a neuron passes 0"),
        pytest.param([["10", "01"], ["11"]], [1.25, 1000.5], 1001.875, id="biases stay"),
    ],
)
def test_what_a_circuit_leaves_out_by_hand(edges, hidden, output):
    values = circuit_activations(engine(SUMS), np.array([0]), masks_of([edges], (2, 2, 1)))
    assert [layer[0, 3].tolist() for layer in values] == [hidden, [output]]  # on the input 11


@examples(40)
@given(networks(2, 2, 2, 1) | networks(2, 3, 1) | networks(3, 2, 2, 1), st.data())
def test_activations_of_a_circuit_are_the_plain_ones(network, data):
    every = all_candidates(network.layer_sizes)
    circuits = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=5))
    values = circuit_activations(
        engine(network), np.zeros(len(circuits), int), masks_of(circuits, network.layer_sizes)
    )
    for circuit, edges in enumerate(circuits):
        for row, given_row in enumerate(rows_of(network)):
            _, *expected = plain.forward(network, given_row, edges)
            for layer, own in zip(values, expected, strict=True):
                np.testing.assert_allclose(layer[circuit, row], own, rtol=0, atol=1e-12)


# Circuit error -----------------------------------------------------------------------------------


def judged(network, target, counts=(1, 1, 1, 1)):
    """The perfect circuits, in each of the three senses."""
    sizes = tuple(network.layer_sizes)
    found = perfect_circuits(
        engine(network),
        np.array([target]),
        enumerate_candidates(sizes),
        rows_enough(np.array([counts])),
    )
    ids = circuit_ids(sizes, found.masks)
    verdicts = {
        "target": found.for_target, "model": found.for_model, "sample": found.for_sample
    }  # fmt: skip
    return {sense: [edges_of_id(name) for name in ids[own]] for sense, own in verdicts.items()}


# h0 = relu(A + B - 1) is AND and h1 = relu(A - B) is A*¬B; y = h0 + h1 is A, not AND.
NEARLY_AND = PlainNetwork([[[1, 1], [1, -1]], [[1, 1]]], [[-1, 0], [0]], "relu")
IS_AND = [[["11", "00"], ["10"]], [["11", "01"], ["11"]]]
IS_A = [[["11", "11"], ["11"]], [["01", "10"], ["11"]]]


@pytest.mark.parametrize(
    ("network", "target", "sense", "expected"),
    [
        pytest.param(
            HAND,
            XOR,
            "target",
            [GONE, DEAD_BELOW_H0, DEAD_BELOW_H1, WHOLE, SUM],
            id="the circuits that compute XOR",
        ),
        pytest.param(
            HAND,
            AND,
            "model",
            [GONE, DEAD_BELOW_H0, DEAD_BELOW_H1, WHOLE, SUM],
            id="the model computes XOR, whatever it should",
        ),
        pytest.param(NEARLY_AND, AND, "target", IS_AND, id="what the network should compute"),
        pytest.param(NEARLY_AND, AND, "model", IS_A, id="what the network computes"),
        pytest.param(NEARLY_AND, XOR, "target", [], id="no circuit"),
    ],
)
def test_perfect_circuits_by_hand(network, target, sense, expected):
    assert as_bag(judged(network, target)[sense]) == as_bag(expected)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param((33, 33, 1, 33), IS_AND, id="99 of 100 is not above 99%"),
        pytest.param((33, 33, 1, 34), [*IS_AND, *IS_A], id="100 of 101 is"),
        pytest.param((1, 1, 0, 1), [*IS_AND, *IS_A], id="a row that never comes may be wrong"),
    ],
)
def test_perfect_circuits_of_a_sample_by_hand(counts, expected):
    # The circuits that compute A are wrong on the input 10 alone.
    assert as_bag(judged(NEARLY_AND, AND, counts)["sample"]) == as_bag(expected)
    sample = list(zip(plain.input_rows(2), AND, counts, strict=True))
    for edges, errors in [
        *((edges, 0) for edges in IS_AND),
        *((edges, counts[2]) for edges in IS_A),
    ]:
        assert plain.accuracy(NEARLY_AND, sample, edges) == 1 - Fraction(errors, sum(counts))


@pytest.mark.parametrize(
    ("output", "is_one"),
    [(0.6, True), (1.4, True), (1.6, False), (0.4, False), (-1, False), (0.5, False)],
)
def test_an_output_is_rounded_to_the_nearest_integer(output, is_one):
    # The output is the same on every row; a half goes to the even neighbour, 0.5 to 0.
    network = PlainNetwork([[[0, 0]], [[1]]], [[output], [0]], "identity")
    assert bool(judged(network, (1, 1, 1, 1))["target"]) == is_one


def test_right_on_enough_of_a_sample():
    assert enough(np.array([99, 100, 0]), np.array([100, 101, 0])).tolist() == [False, True, False]


@examples(25)
@given(
    networks(2, 2, 1) | networks(2, 3, 1) | networks(2, 2, 2, 1),
    st.sampled_from(plain.input_rows(4)),
    st.lists(st.sampled_from([0, 1, 2, 98, 99, 300]), min_size=4, max_size=4).filter(any),
)
def test_perfect_circuits_are_the_plain_ones(network, target, counts):
    assume(network.exact or keeps_its_distance(network))
    found = judged(network, target, counts)
    sample = list(zip(rows_of(network), target, counts, strict=True))
    for sense, circuits in found.items():
        rules = replace(plain.strict(), reference=sense)
        expected = plain.perfect_circuits(network, target, rules, sample)
        assert as_bag(circuits) == as_bag(expected), sense


# Sparsity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "node", "combined"),
    # The hand-worked network has 4 hidden neurons and 10 edges.
    [
        pytest.param(WHOLE, Fraction(0, 4), Fraction(0, 14), id="nothing goes"),
        pytest.param(SUM, Fraction(0, 4), Fraction(1, 14), id="an edge goes"),
        pytest.param(GONE, Fraction(1, 4), Fraction(4, 14), id="a neuron and its three edges"),
        pytest.param(H0_ALONE, Fraction(2, 4), Fraction(8, 14), id="two neurons and six edges"),
    ],
)
def test_sparsity_by_hand(edges, node, combined):
    hidden, kept = (np.array([number]) for number in cell(edges))
    for measure, share in [("node", node), ("combined", combined)]:
        for cap, admitted in [(share, False), (share - Fraction(1, 1000), True)]:
            protocol = replace(STRICT, sparsity=measure, sparsity_above={1: cap})
            assert protocol.admits((2, 2, 2, 1), hidden, kept).tolist() == [admitted]
            assert plain.is_above(share.numerator, share.denominator, cap) == admitted


@examples(40)
@given(
    shapes(),
    st.sampled_from(["none", "node", "combined"]),
    st.fractions(0, 1, max_denominator=24),
    st.booleans(),
)
def test_circuits_sparse_enough_are_the_plain_ones(layer_sizes, measure, cap, full_node_set):
    protocol = replace(
        STRICT, sparsity=measure, sparsity_above={1: cap}, full_node_set=full_node_set
    )
    every = all_candidates(layer_sizes)
    hidden, edges = np.array([cell(circuit) for circuit in every]).T
    admitted = protocol.admits(layer_sizes, hidden, edges)
    rules = replace(
        plain.strict(),
        sparsity_measure=None if measure == "none" else measure,
        sparsity_above=cap,
        full_node_set=full_node_set,
    )
    assert as_bag(circuit for circuit, own in zip(every, admitted, strict=True) if own) == as_bag(
        plain.candidates(layer_sizes, rules)
    )


# Minimal circuits --------------------------------------------------------------------------------


def smallest(circuits, layer_sizes):
    """Those of some circuits that have no other of them inside."""
    codes = codes_of_masks(masks_of(circuits, layer_sizes), tuple(layer_sizes))
    bits = sum(below * above for below, above in pairwise(layer_sizes[:-1]))
    return [edges for edges, own in zip(circuits, minimal(codes, bits), strict=True) if own]


@pytest.mark.parametrize(
    ("circuits", "expected"),
    [
        # GONE lies inside WHOLE and both circuits with a dead neuron. SUM lies inside WHOLE, and
        # GONE does not lie inside SUM: it has the edge from h1 to u0.
        pytest.param(
            [GONE, DEAD_BELOW_H0, DEAD_BELOW_H1, WHOLE, SUM], [GONE, SUM], id="all perfect ones"
        ),
        pytest.param([WHOLE], [WHOLE], id="one"),
        pytest.param([WHOLE, DEAD_BELOW_H0], [DEAD_BELOW_H0], id="one inside the other"),
        pytest.param(
            [DEAD_BELOW_H0, DEAD_BELOW_H1], [DEAD_BELOW_H0, DEAD_BELOW_H1], id="side by side"
        ),
    ],
)
def test_minimal_circuits_by_hand(circuits, expected):
    assert smallest(circuits, (2, 2, 2, 1)) == expected


@examples(60)
@given(st.sampled_from([(2, 2, 2, 1), (2, 3, 2, 1), (2, 2, 3, 1)]), st.data())
def test_minimal_circuits_of_any_circuits_are_the_plain_ones(layer_sizes, data):
    every = all_candidates(layer_sizes)
    chosen = data.draw(st.sets(st.integers(0, len(every) - 1), min_size=1, max_size=40))
    circuits = [every[i] for i in sorted(chosen)]
    assert smallest(circuits, layer_sizes) == plain.minimal_circuits(circuits)
