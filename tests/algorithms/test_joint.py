"""Joint interventions and inert unmapped neurons: what passes is what passes one by one.

The hand-worked networks are those of test_mappings.py.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.alignment import count_agreements, places, responses
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.algorithms.joint import Trial, none_one_or_several, passing_mappings
from identifiability.algorithms.mappings import search_places
from identifiability.networks.gates import gate, gate_of_table
from identifiability.protocols import PAIRS, pair_mask
from tests.algorithms.test_mappings import CHAIN, ONE_NEURON, XOR, as_bag
from tests.algorithms.test_trees import as_plain
from tests.examples import examples
from tests.test_against_plain import (
    assume_decidable,
    engine,
    networks,
    outputs_rounded,
    trained,
)
from tests.test_plain import HAND, WITH_IDLE_NEURON

NO_MORE_VARIABLES = 4
"""Of formulas with more, the plain module tries all sets of variables for minutes."""


def passing(network, of_formulas, pairs="all", *, joint=True, ordered=False):
    """The minimal mappings of formulas into a network that pass, by what unmapped neurons do."""
    sizes = tuple(network.layer_sizes)
    every = places(sizes)
    mask = pair_mask(pairs, 2 ** sizes[0])
    variables = [v for formula in of_formulas for v in formula.variables]
    required = np.array([v.response for v in variables], bool).reshape(-1, len(mask))
    agreed = count_agreements(responses(engine(network)), required, mask)
    numbers = iter(range(len(variables)))
    asked = [[next(numbers) for _ in formula.variables] for formula in of_formulas]
    users = [[v.user for v in formula.variables] for formula in of_formulas] if ordered else None
    bits, layers = (
        np.array(x) for x in zip(*((p.bits(sizes), p.layer) for p in every), strict=True)
    )
    tested = Trial(
        engine(network),
        search_places(agreed == mask.sum(), bits, layers, asked, users),
        [formula.text for formula in of_formulas],
        [[v.text for v in formula.variables] for formula in of_formulas],
        mask,
    )
    found = passing_mappings(tested, joint=joint)
    listed = {unmapped: [[] for _ in of_formulas] for unmapped in found}
    for unmapped, own in found.items():
        assert not own.network.any()
        for formula, row in zip(own.formula.tolist(), own.place.tolist(), strict=True):
            assert row[len(asked[formula]) :] == [-1] * (len(row) - len(asked[formula]))
            mapping = [(every[i].layer, every[i].neurons) for i in row if i >= 0]
            listed[unmapped][formula].append(mapping)
        few = none_one_or_several(tested, joint=joint, inert=unmapped == "inert")
        assert few.tolist() == [[min(len(own), 2) for own in listed[unmapped]]]
    return listed


@pytest.mark.parametrize(
    ("network", "gate_name", "text", "joint", "free", "inert"),
    [
        # A+B is h0 > 0, A*B is h1: whatever sources they come from, y = 1 iff h0 > 0 and h1 = 0.
        pytest.param(
            HAND, "XOR", XOR, True, [[(1, (1,)), (1, (0,))]], [[(1, (1,)), (1, (0,))]],
            id="every neuron of the layer has its variable",
        ),
        pytest.param(
            WITH_IDLE_NEURON, "XOR", XOR, True, [[(1, (1,)), (1, (0,))]], [[(1, (1,)), (1, (0,))]],
            id="an idle neuron is inert",
        ),
        pytest.param(ONE_NEURON, "AND", "A*B", True, [[]], [[]], id="no variable, no test"),
        pytest.param(
            # y = u0*u1 with u1 = h1 = A, and one of h1 and u1 is in no place.
            CHAIN, "AND", "((A*B)*B)*A", False,
            [[(2, (0,)), (1, (0,))], [(2, (0,)), (1, (1, 2))]], [],
            id="what the formula takes from an input stands in an unmapped neuron",
        ),
        pytest.param(
            # With u0 = 1 from one source, h1 = h2 = 0 from another put out u1 as well.
            CHAIN, "AND", "((A*B)*B)*A", True, [[(2, (0,)), (1, (0,))]], [],
            id="and jointly a place that reaches around another is none",
        ),
    ],
)  # fmt: skip
def test_by_hand(network, gate_name, text, joint, free, inert):
    rule, depth = ("strict", 2) if gate_name == "XOR" else ("text", 3)
    (formula,) = (
        f for f in candidate_formulas(gate(gate_name), rule, "binary", depth) if f.text == text
    )
    found = passing(network, [formula], joint=joint)
    assert found == {"free": [free], "inert": [inert]}
    for unmapped, (own,) in found.items():
        interventions = "joint" if joint else "single"
        rules = replace(plain.strict(), interventions=interventions, unmapped=unmapped)
        tried = as_plain(formula.root)
        assert all(plain.passes(network, tried, mapping, rules) for mapping in own)
        assert own == plain.minimal_mappings(network, as_plain(formula.root), rules)


@examples(60)
@given(
    networks(2, 3, 1) | networks(2, 2, 2, 1) | trained("xor-k3-0", "imp-k3-0"),
    st.sampled_from(["released", "text", "strict"]),
    st.sampled_from(["operators", "binary"]),
    st.sampled_from(PAIRS),
    st.booleans(),
    st.booleans(),
)
def test_those_that_pass_are_the_plain_ones(network, rule, variables, pairs, joint, ordered):
    assume_decidable(network)
    depth = len(network.weights)
    target = gate_of_table(outputs_rounded(network))
    listed = candidate_formulas(target, rule, variables, depth)
    few = [formula for formula in listed if len(formula.variables) <= NO_MORE_VARIABLES]
    chosen = few[:: 1 + len(few) // 12]
    found = passing(network, chosen, pairs, joint=joint, ordered=ordered)
    for unmapped, mappings in found.items():
        rules = replace(
            plain.text(),
            pairs=pairs,
            variables=variables,
            layers="ordered" if ordered else "any",
            interventions="joint" if joint else "single",
            unmapped=unmapped,
        )
        event(f"{unmapped}: " + ("some with variables" if any(map(any, mappings)) else "none"))
        for formula, own in zip(chosen, mappings, strict=True):
            expected = plain.minimal_mappings(network, as_plain(formula.root), rules)
            assert as_bag(map(tuple, own)) == as_bag(map(tuple, expected)), formula.text


@examples(40)
@given(networks(2, 3, 1) | networks(2, 2, 2, 1) | networks(3, 2, 1), st.sampled_from(PAIRS))
def test_more_interventions_leave_fewer_mappings(network, pairs):
    """Joint within single, inert within free: of mappings that pass, and so of formulas."""
    assume_decidable(network)
    target = gate_of_table(outputs_rounded(network))
    listed = candidate_formulas(target, "text", "binary", len(network.weights))[:60]
    by = {joint: passing(network, listed, pairs, joint=joint) for joint in (False, True)}
    for fewer, more in (
        (by[True]["free"], by[False]["free"]),
        (by[True]["inert"], by[False]["inert"]),
        (by[True]["inert"], by[True]["free"]),
        (by[False]["inert"], by[False]["free"]),
    ):
        for one, other in zip(fewer, more, strict=True):
            # Every mapping that passes more has one inside that is minimal among those of less.
            for mapping in one:
                assert any(all(map(plain.is_inside, inner, mapping)) for inner in other)


def test_unmapped_neurons_by_hand():
    # Of layers that hold a place; none of one that holds all its neurons.
    assert plain.unmapped_neurons((2, 3, 2, 1), [(1, (0, 2))]) == [(1, (1,))]
    assert plain.unmapped_neurons((2, 3, 2, 1), [(2, (1,)), (1, (0,))]) == [(1, (1, 2)), (2, (0,))]
    assert plain.unmapped_neurons((2, 3, 2, 1), [(2, (1,)), (2, (0,))]) == []
    assert plain.unmapped_neurons((2, 3, 2, 1), []) == []


def test_single_interventions_with_free_neurons_are_the_papers():
    listed = candidate_formulas(gate("XOR"), "strict", "binary", 3)
    found = passing(HAND, listed, joint=False)["free"]
    rules = plain.strict()
    for formula, own in zip(listed, found, strict=True):
        expected = plain.minimal_mappings(HAND, as_plain(formula.root), rules)
        assert Counter(map(tuple, own)) == Counter(map(tuple, expected)), formula.text
