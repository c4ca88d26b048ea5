"""Mappings: disjoint places for the variables of a formula, and which of them are minimal.

The hand-worked network is that of tests/test_plain.py: h0 and h1 in the first hidden layer, u0
and u1 in the second.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.alignment import Place, count_agreements, places, responses
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.algorithms.mappings import (
    count_mappings,
    minimal_mappings,
    minimal_places,
    search_places,
)
from identifiability.networks.gates import gate, gate_of_table
from identifiability.plain import PlainNetwork
from identifiability.protocols import PAIRS, pair_mask
from tests.algorithms.test_trees import as_plain
from tests.examples import examples
from tests.test_against_plain import assume_decidable, engine, networks, outputs_rounded
from tests.test_plain import HAND, WITH_IDLE_NEURON

SIZES = (2, 2, 2, 1)
H0, H1, BOTH_H = Place(1, (0,)), Place(1, (1,)), Place(1, (0, 1))
U0, U1, BOTH_U = Place(2, (0,)), Place(2, (1,)), Place(2, (0, 1))


def combined(valid, layer_sizes, asked, users=None):
    """The minimal mappings of formulas into one network; their numbers are those of the list.

    Args:
        valid: The valid places of every variable, by truth values, [variable, place].
        layer_sizes: Neurons per layer.
        asked: The variables of every formula.
        users: The variables that use them, if layers must be in order.

    Returns:
        The mappings of every formula, each as one place a variable.
    """
    every = places(layer_sizes)
    bits = np.array([place.bits(layer_sizes) for place in every])
    of = search_places(
        np.array(valid)[None], bits, np.array([p.layer for p in every]), asked, users
    )
    counts = count_mappings(of)
    found = minimal_mappings(of, counts)
    mappings = [[] for _ in asked]
    for formula, row in zip(found.formula.tolist(), found.place.tolist(), strict=True):
        assert row[len(asked[formula]) :] == [-1] * (len(row) - len(asked[formula]))
        mappings[formula].append([every[place] for place in row if place >= 0])
    assert counts[0].tolist() == list(map(len, mappings))
    return mappings


def truth(valid, layer_sizes):
    """Lists of valid places as truth values, [variable, place]."""
    every = places(layer_sizes)
    return np.array([place in own for own in valid for place in every], bool).reshape(
        -1, len(every)
    )


# By hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valid", "expected"),
    [
        pytest.param([], [[]], id="no variable, one mapping: the empty one"),
        pytest.param([[H1], [H0]], [[H1, H0]], id="a place each"),
        pytest.param([[H1], [H0, U0]], [[H1, H0], [H1, U0]], id="two places for one variable"),
        pytest.param([[H0, U0], [H1, U1]], [[H0, H1], [H0, U1], [U0, H1], [U0, U1]], id="or both"),
        pytest.param([[], [H0]], [], id="a variable without a place"),
        pytest.param([[H0], [H0]], [], id="one place for two variables"),
        pytest.param([[H0, U0], [H0, U0]], [[H0, U0], [U0, H0]], id="two places for two"),
        pytest.param([[BOTH_H], [H1, U1]], [[BOTH_H, U1]], id="places overlap in a neuron"),
        pytest.param([[H0, BOTH_H], [U0]], [[H0, U0]], id="a larger place is not minimal"),
        pytest.param([[BOTH_H], [U0]], [[BOTH_H, U0]], id="unless nothing smaller is valid"),
        pytest.param([[H0, H1], [U0]], [[H0, U0], [H1, U0]], id="neither lies in the other"),
        pytest.param([[H0, BOTH_U], [U0]], [[H0, U0]], id="layers are apart"),
        pytest.param([[H0, BOTH_U], [H1]], [[H0, H1], [BOTH_U, H1]], id="so is their order"),
        pytest.param(
            [[H0, U0], [H0, U0], [H0, U0]], [], id="three variables, two neurons to put them in"
        ),
    ],
)
def test_minimal_mappings_by_hand(valid, expected):
    # In pre-order of the variables, and of places in the order of `places`.
    assert combined(truth(valid, SIZES), SIZES, [range(len(valid))]) == [expected]


@pytest.mark.parametrize(
    ("valid", "users", "expected"),
    [
        pytest.param([[H0, U0], [H1, U1]], [-1, 0], [[U0, H1]], id="strictly below its user"),
        pytest.param(
            [[H0, U0], [H1, U1]],
            [-1, -1],
            [[H0, H1], [H0, U1], [U0, H1], [U0, U1]],
            id="side by side anywhere",
        ),
        pytest.param([[H0], [H1]], [-1, 0], [], id="one layer is not below itself"),
        pytest.param([[H0, BOTH_H, U0], [H1]], [-1, 0], [[U0, H1]], id="in order and minimal"),
    ],
)
def test_minimal_mappings_with_ordered_layers_by_hand(valid, users, expected):
    found = combined(truth(valid, SIZES), SIZES, [range(len(valid))], [users])
    assert found == [expected]


def test_minimal_places_by_hand():
    valid = [[H0, BOTH_H, BOTH_U], [H0, H1, BOTH_H], [U0, U1], []]
    kept = [[H0, BOTH_U], [H0, H1], [U0, U1], []]
    bits = np.array([place.bits(SIZES) for place in places(SIZES)])
    found = minimal_places(truth(valid, SIZES)[None], bits)
    np.testing.assert_array_equal(found[0], truth(kept, SIZES))


# Of networks -------------------------------------------------------------------------------------


def mapped(network, of_formulas, pairs="all", ordered=False):
    """The minimal mappings of formulas into a network."""
    mask = pair_mask(pairs, 2 ** network.layer_sizes[0])
    variables = [v for formula in of_formulas for v in formula.variables]
    required = np.array([v.response for v in variables], bool).reshape(-1, len(mask))
    answers = responses(engine(network))
    (agreed,) = count_agreements(answers, required, mask)
    numbers = iter(range(len(variables)))
    asked = [[next(numbers) for _ in formula.variables] for formula in of_formulas]
    users = [[v.user for v in formula.variables] for formula in of_formulas] if ordered else None
    return combined(agreed == mask.sum(), tuple(network.layer_sizes), asked, users)


# h0 = A*B, h1 = A, h2 = B; u0 = h0*h2, u1 = h1; y = u0*u1.
CHAIN = PlainNetwork(
    [[[1, 1], [1, 0], [0, 1]], [[1, 0, 1], [0, 1, 0]], [[1, 1]]],
    [[-1, 0, 0], [-1, 0], [-1]],
    "relu",
)
ONE_NEURON = PlainNetwork([[[1, 1]], [[1]]], [[-1], [0]], "relu")
XOR = "¬(A*B)*(A+B)"
H1_H2 = Place(1, (1, 2))


@pytest.mark.parametrize(
    ("network", "gate_name", "text", "pairs", "expected"),
    [
        pytest.param(HAND, "XOR", XOR, "all", [[H1, H0]], id="A*B at h1, A+B at h0"),
        pytest.param(
            HAND, "XOR", XOR, "source_before_base", [[H1, H0], [H1, U0]], id="u0 on six pairs"
        ),
        # All neurons treat 01 and 10 alike, and ¬A*B does not.
        pytest.param(HAND, "XOR", "¬(¬(¬A*B)*(¬A+B))", "all", [], id="no place tells A from B"),
        # It may join either set, but no mapping is minimal then.
        pytest.param(WITH_IDLE_NEURON, "XOR", XOR, "all", [[H1, H0]], id="an idle neuron"),
        pytest.param(ONE_NEURON, "AND", "A*B", "all", [[]], id="no variable, no place needed"),
        # With h1 and h2 from the source, y is the base's A*B times the source's, as it has to be.
        pytest.param(
            CHAIN,
            "AND",
            "((A*B)*B)*A",
            "all",
            [[U0, H0], [U0, H1_H2]],
            id="a variable below another",
        ),
    ],
)
@pytest.mark.parametrize("ordered", [False, True])
def test_minimal_mappings_of_networks_by_hand(network, gate_name, text, pairs, expected, ordered):
    rule, depth = ("strict", 2) if gate_name == "XOR" else ("text", 3)
    (formula,) = (
        f for f in candidate_formulas(gate(gate_name), rule, "binary", depth) if f.text == text
    )
    (found,) = mapped(network, [formula], pairs, ordered)
    # A+B and A*B stand side by side, so that they may share a layer; A*B is below (A*B)*B.
    assert found == expected


@examples(40)
@given(
    networks(2, 2, 1) | networks(2, 3, 1) | networks(2, 2, 2, 1),
    st.sampled_from(["released", "text"]),
    st.sampled_from(["operators", "binary"]),
    st.sampled_from(PAIRS),
    st.booleans(),
)
def test_minimal_mappings_are_the_plain_ones(network, rule, variables, pairs, ordered):
    assume_decidable(network)
    depth = len(network.weights)
    listed = candidate_formulas(gate_of_table(outputs_rounded(network)), rule, variables, depth)
    chosen = listed[:: 1 + len(listed) // 12]
    rules = replace(
        plain.text(),
        pairs=pairs,
        variables=variables,
        layers="ordered" if ordered else "any",
    )
    found = mapped(network, chosen, pairs, ordered)
    event("some mapping with variables" if any(m for own in found for m in own) else "none")
    for formula, mappings in zip(chosen, found, strict=True):
        own = [[(place.layer, place.neurons) for place in mapping] for mapping in mappings]
        arguments = (network, as_plain(formula.root), rules)
        assert as_bag(own) == as_bag(plain.minimal_mappings(*arguments)), formula.text
        # Every perfect mapping has a minimal one inside.
        for mapping in plain.perfect_mappings(*arguments):
            assert any(all(map(plain.is_inside, minimal, mapping)) for minimal in own)


def as_bag(mappings):
    """Mappings in any order."""
    return Counter(map(tuple, mappings))
