"""Alignment: places, interchange interventions, and the IIA of a variable at a place.

The hand-worked network computes XOR (tests/test_plain.py):

    h0 = relu(A + B)            0 1 1 2    on the inputs 00, 01, 10, 11
    h1 = relu(A + B - 1)        0 0 0 1
    u0 = relu(h0 - 2 h1)        0 1 1 0
    u1 = relu(h0 + h1 - 2)      0 0 0 1
    y  = relu(u0 - 2 u1)        0 1 1 0
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.alignment import Place, count_agreements, places, responses
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.networks.gates import gate
from identifiability.plain import PlainNetwork
from identifiability.protocols import PAIRS, pair_mask
from tests.examples import examples
from tests.test_against_plain import engine, keeps_its_distance, networks, rows_of
from tests.test_plain import AND_NODE, HAND, NOT_AND_TIMES_OR, OR_NODE

H0, H1, BOTH_H = Place(1, (0,)), Place(1, (1,)), Place(1, (0, 1))
U0, U1, BOTH_U = Place(2, (0,)), Place(2, (1,)), Place(2, (0, 1))

# Places ------------------------------------------------------------------------------------------


def test_places_by_hand():
    assert places((2, 2, 2, 1)) == [H0, H1, BOTH_H, U0, U1, BOTH_U]
    assert len(places((2, 3, 3, 1))) == 14  # seven sets in either layer, none across both
    assert Place(2, (0, 2)).digits((2, 2, 3, 1)) == "101"
    assert Place(2, (0, 2)).bits((2, 2, 3, 1)) == 0b10100  # two neurons lie below


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_places_are_the_plain_ones(hidden):
    found = places((2, *hidden, 1))
    assert {(place.layer, place.neurons) for place in found} == {
        (layer, neurons)
        for layer, size in enumerate(hidden, start=1)
        for neurons in plain.non_empty_subsets(size)
    }
    bits = [place.bits((2, *hidden, 1)) for place in found]
    assert len(set(bits)) == len(found)
    assert [n.bit_count() for n in bits] == [len(place.neurons) for place in found]


# Interchange interventions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "expected"),
    # A line for each base 00, 01, 10, 11, a digit for each source in the same order.
    [
        # y is 1 if h1 is 0 on the source and h0 is not 0 on the base.
        pytest.param(H1, ["0000", "1110", "1110", "1110"], id="h1"),
        # y is 1 if h0 is not 0 on the source and h1 is 0 on the base; then y may be 2.
        pytest.param(H0, ["0111", "0111", "0111", "0000"], id="h0"),
        pytest.param(BOTH_H, ["0110"] * 4, id="a whole layer gives the source's output"),
        # y is 1 if u0 is 1 on the source and u1 is 0 on the base.
        pytest.param(U0, ["0110", "0110", "0110", "0000"], id="u0"),
        # y is 1 if u1 is 0 on the source and u0 is 1 on the base.
        pytest.param(U1, ["0000", "1110", "1110", "0000"], id="u1"),
        pytest.param(BOTH_U, ["0110"] * 4, id="so does the next"),
    ],
)
def test_interchange_interventions_by_hand(place, expected):
    (answers,) = responses(engine(HAND))
    own = answers[places((2, 2, 2, 1)).index(place)].reshape(4, 4)
    assert ["".join(map(str, row.astype(int))) for row in own] == expected


@pytest.mark.parametrize(("output", "answer"), [(0.5, False), (0.5 + 2**-20, True), (-3, False)])
def test_the_network_answers_1_above_a_half(output, answer):
    network = PlainNetwork([[[0, 0]], [[1]]], [[output], [0]], "identity")
    assert set(responses(engine(network)).ravel().tolist()) == {answer}


@examples(25)
@given(networks(2, 2, 1) | networks(2, 2, 2, 1) | networks(2, 3, 2, 1) | networks(3, 2, 1))
def test_interchange_interventions_are_the_plain_ones(network):
    assume(network.exact or keeps_its_distance(network))
    rows = rows_of(network)
    (answers,) = responses(engine(network))
    for place, own in zip(places(tuple(network.layer_sizes)), answers, strict=True):
        expected = []
        for base in rows:
            for source in rows:
                on_source = plain.forward(network, source)[place.layer]
                forced = {(place.layer, i): on_source[i] for i in place.neurons}
                expected.append(plain.forward(network, base, forced=forced)[-1][0] > 0.5)
        assert own.tolist() == expected, place


# IIA ---------------------------------------------------------------------------------------------


def iia(answers, required, pairs):
    """The share of pairs on which network and variable agree, per variable and place."""
    mask = pair_mask(pairs, 4)
    found = count_agreements(answers, np.array(required, bool), mask)
    return [[[Fraction(int(n), int(mask.sum())) for n in v] for v in own] for own in found]


@pytest.mark.parametrize(
    ("text", "place", "all_pairs", "six_pairs"),
    # The variables of ¬(A*B)*(A+B). What ¬(A*B) asks for is what h1 answers, A+B what h0 does.
    [
        pytest.param("¬(A*B)", H1, 1, 1, id="h1 is A*B"),
        pytest.param("A+B", H0, 1, 1, id="h0 is A+B"),
        # u0 fails only with source 11, on the bases 00, 01 and 10; no source 11 comes before one.
        pytest.param("A+B", U0, Fraction(13, 16), 1, id="u0 is A+B on six pairs"),
        # u1 fails on base 11, for the sources 00, 01 and 10.
        pytest.param("¬(A*B)", U1, Fraction(13, 16), Fraction(1, 2), id="u1 is not A*B"),
        # Source 00 fails on the bases 01, 10 and 11, base 00 for the sources 01 and 10.
        pytest.param("¬(A*B)", BOTH_H, Fraction(11, 16), Fraction(1, 2), id="nor is a layer"),
        pytest.param("¬(A*B)", BOTH_U, Fraction(11, 16), Fraction(1, 2), id="nor is the next"),
    ],
)
def test_iia_by_hand(text, place, all_pairs, six_pairs):
    formula = candidate_formulas(gate("XOR"), "released", "operators", 3)[0]
    (variable,) = (v for v in formula.variables if v.text == text)
    node = {"¬(A*B)": AND_NODE, "A+B": OR_NODE}[text]
    for pairs, expected in [("all", all_pairs), ("source_before_base", six_pairs)]:
        ((found,),) = iia(responses(engine(HAND)), [variable.response], pairs)
        assert found[places((2, 2, 2, 1)).index(place)] == expected
        # The plain module forces A*B, of which ¬(A*B) is the complement: the same intervention.
        assert expected == plain.iia(
            HAND, NOT_AND_TIMES_OR, node, place.layer, place.neurons, pairs
        )


def test_agreements_by_hand():
    # Two networks, one place, three pairs of which two count; two variables.
    answers = np.array([[[1, 0, 1]], [[1, 1, 1]]], bool)
    required = np.array([[1, 0, 0], [0, 1, 1]], bool)
    assert count_agreements(answers, required, np.array([True, True, False])).tolist() == [
        [[2], [0]],  # answers 1 0
        [[1], [1]],  # answers 1 1
    ]


@examples(50)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4), st.integers(1, 5),
    st.sampled_from(PAIRS),
)  # fmt: skip
def test_agreements_are_counted_pair_by_pair(seed, n_networks, n_variables, n_places, pairs):
    rng = np.random.default_rng(seed)
    answers = rng.integers(0, 2, (n_networks, n_places, 16)).astype(bool)
    required = rng.integers(0, 2, (n_variables, 16)).astype(bool)
    mask = pair_mask(pairs, 4)
    assert count_agreements(answers, required, mask).tolist() == [
        [
            [
                sum(a == r for a, r, counts in zip(place, variable, mask, strict=True) if counts)
                for place in own
            ]
            for variable in required
        ]
        for own in answers
    ]


@examples(20)
@given(
    networks(2, 2, 1) | networks(2, 2, 2, 1) | networks(2, 3, 1),
    st.sampled_from(["XOR", "AND", "IMP"]),
    st.sampled_from(["operators", "binary"]),
    st.sampled_from(PAIRS),
)
def test_iia_is_the_plain_one(network, target, variables, pairs):
    # The network need not compute the target: IIA is a share, not only 0 or 1.
    assume(network.exact or keeps_its_distance(network))
    ours = candidate_formulas(gate(target), "text", variables, 2)
    required = [v.response for formula in ours for v in formula.variables]
    (found,) = iia(responses(engine(network)), required, pairs)
    assert found == [
        [
            plain.iia(network, formula, variable, place.layer, place.neurons, pairs)
            for place in places(tuple(network.layer_sizes))
        ]
        for formula in plain.formulas(gate(target).table, "text", 2)
        for variable in plain.intermediate_variables(formula, variables)
    ]
