"""Circuits within a tolerance of the network: by hand, against the plain module, how they nest."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import circuit_ids, edges_of_id, enumerate_candidates
from identifiability.circuits.codes import codes_of_masks, masks_of_codes
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.circuits.perfect_codes import (
    PERFECT,
    WITHIN,
    Perfect,
    perfect_circuit_codes,
)
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.responses import tabulate
from identifiability.networks.networks import from_layers
from identifiability.protocols import TOLERANCES, VARIANTS
from identifiability.stages.circuits import circuits, criteria_of
from identifiability.stages.interpretations import interpretations
from identifiability.stages.protocol_filters import perfect
from identifiability.stages.rows import CRITERIA
from identifiability.stages.rows import WITHIN as COLUMNS
from tests.circuits.test_responses import DRAWN, random_network
from tests.examples import examples
from tests.test_against_plain import as_bag, engine, networks, outputs_rounded, trained


def found_in(network, target=None):
    """The circuits of a network that are perfect or near it: ids, and what holds of them."""
    sizes = network.layer_sizes
    if target is None:
        target = network.outputs()[0, :, 0].round().clip(0, 1).astype(np.int64)
    found = perfect_circuits(
        network, target[None], enumerate_candidates(sizes), tolerances=TOLERANCES
    )
    code = codes_of_masks(found.masks, sizes)
    verdict = 1 * found.for_target + 2 * found.for_model + 4 * found.for_sample
    verdict = verdict + np.array(WITHIN) @ found.within
    judged = Perfect(code, verdict.astype(np.uint8))
    known = criteria_of(network, judged, every_circuit(sizes), found.masks)
    return circuit_ids(sizes, found.masks), dict(zip(CRITERIA, known == 1, strict=True)), judged


def chosen(ids, holds):
    """The edges of those circuits of which something holds."""
    return [edges_of_id(name) for name, own in zip(ids, holds, strict=True) if own]


HAND = from_layers(
    [
        (np.ones((2, 2), np.float32), np.zeros(2, np.float32)),
        (np.array([[0.375, 0.0625]], np.float32), np.zeros(1, np.float32)),
    ],
    "relu",
    "identity",
    0.0,
)
"""Both hidden neurons are A + B. The output is 0, 0.4375, 0.4375, 0.875: rounded, A AND B."""
FIRST, WHOLE = "11,00|10", "11,11|11"
LESS_OF_SECOND = ["11,10|11", "11,01|11"]
LESS_OF_FIRST = ["10,11|11", "01,11|11"]
APART = ["10,01|11", "01,10|11"]
FARTHEST = {
    FIRST: 0.125,
    "00,11|01": 0.75,
    WHOLE: 0,
    **dict.fromkeys(LESS_OF_SECOND, 0.0625),
    **dict.fromkeys(LESS_OF_FIRST, 0.375),
    **dict.fromkeys(APART, 0.4375),
}
"""Every circuit, and how far its output is from the network's where it is farthest."""


def test_by_hand():
    ids, known, _ = found_in(HAND)
    found = {c: {i for i, own in zip(ids, known[c], strict=True) if own} for c in CRITERIA}
    for column, tolerance in zip(COLUMNS, TOLERANCES, strict=True):
        assert found[column] == {name for name, far in FARTHEST.items() if far < tolerance}
    # Without an edge of the first neuron, the output is 0.5 or less where it should be 0.875: near
    # the network, but rounded to 0.
    assert set(ids) - {*LESS_OF_FIRST, *APART} == {FIRST, WHOLE, *LESS_OF_SECOND}
    assert found["minimal"] == {FIRST}
    assert found["minimal_within_50"] == {FIRST, *APART}
    assert found["minimal_within_10"] == {*LESS_OF_SECOND}
    assert found["minimal_within_02"] == {WHOLE}


def test_a_tolerance_is_not_reached_itself():
    # Without the second neuron the output is 0.5 too small, which is not less than 0.5.
    network = from_layers(
        [
            (np.ones((2, 2), np.float32), np.zeros(2, np.float32)),
            (np.array([[0.5, 0.25]], np.float32), np.zeros(1, np.float32)),
        ],
        "relu",
        "identity",
        0.0,
    )
    ids, known, _ = found_in(network)
    near = {name for name, own in zip(ids, known["within_50"], strict=True) if own}
    assert near == {WHOLE, *LESS_OF_SECOND}
    plain_network = plain.PlainNetwork(
        [w[0].tolist() for w in network.weights],
        [b[0].tolist() for b in network.biases],
        "relu",
        0.0,
        "identity",
    )
    assert plain.is_within(plain_network, edges_of_id(LESS_OF_SECOND[0]), 0.5)
    assert not plain.is_within(plain_network, edges_of_id(FIRST), 0.5)


@examples(40)
@given(
    networks(2, 2, 2, 1)
    | networks(2, 3, 1)
    | networks(3, 2, 1)
    | networks(4, 2, 1)
    | networks(2, 2, 1, 2, 1)
    | trained("xor-k2-0", "xor-k2-1"),
)
def test_as_the_plain_module_has_it(network):
    assume(set(outputs_rounded(network)) <= {0, 1})
    ids, known, _ = found_in(engine(network))
    for column, tolerance in zip(COLUMNS, TOLERANCES, strict=True):
        rules = replace(plain.strict(), tolerance=tolerance)
        expected = plain.perfect_circuits(network, [], rules)
        assert as_bag(chosen(ids, known[column])) == as_bag(expected)
        smallest = chosen(ids, known[f"minimal_{column}"])
        assert as_bag(smallest) == as_bag(plain.minimal_circuits(expected))


@examples(60)
@given(
    st.integers(0, 2**20),
    st.sampled_from([(2, 2, 2, 1), (2, 3, 3, 1), (3, 3, 1)]),
    st.booleans(),
)
def test_how_they_nest(seed, sizes, coarse):
    network = random_network(seed, sizes, coarse=coarse)
    ids, known, _ = found_in(network)
    wide, narrower, narrowest = (known[name] for name in COLUMNS)
    assert not (narrowest & ~narrower).any()
    assert not (narrower & ~wide).any()
    for name in COLUMNS:
        assert not (known[f"minimal_{name}"] & ~known[name]).any()
        # There is always the network itself, and so a minimal one.
        assert known[name][[*ids].index("".join("1" if d == "0" else d for d in ids[0]))]
        assert known[f"minimal_{name}"].any()
    # What is minimal among more circuits is so among fewer.
    for before, after in pairwise(COLUMNS):
        assert not (known[f"minimal_{before}"] & known[after] & ~known[f"minimal_{after}"]).any()


# Both engines ------------------------------------------------------------------------------------


def as_verdicts(found):
    """Circuits found, in any order."""
    return dict(zip(found.code.tolist(), found.verdict.tolist(), strict=True))


@examples(120)
@given(
    *DRAWN,
    st.booleans(),
    st.sampled_from(plain.input_rows(4)),
    st.lists(st.sampled_from([1, 3, 300]), min_size=4, max_size=4),
    st.sampled_from([None, 2, 4]),
)
def test_met_in_the_middle_as_one_by_one(
    seed, sizes, activation, output, coarse, target, counts, max_hidden
):
    network = random_network(seed, sizes, activation, output, coarse)
    enough = rows_enough(np.array([counts]))
    listed = perfect_circuits(
        network, np.array([target]), enumerate_candidates(sizes, max_hidden), enough,
        tolerances=TOLERANCES,
    )  # fmt: skip
    senses = listed.for_target, listed.for_model, listed.for_sample, *listed.within
    verdict = (1 << np.arange(len(senses))) @ np.array(senses)
    code = codes_of_masks(listed.masks, sizes)
    asked = tabulate(network), np.array(target), network.outputs()[0, :, 0].round(), enough[0]
    found = perfect_circuit_codes(*asked, max_hidden, near=True)
    assert as_verdicts(found) == dict(zip(code.tolist(), verdict.tolist(), strict=True))
    # Without those near the network, the others are as they were.
    perfect_ones = perfect_circuit_codes(*asked, max_hidden)
    own = found.verdict & PERFECT
    assert as_verdicts(perfect_ones) == as_verdicts(Perfect(found.code[own > 0], own[own > 0]))


@examples(15)
@given(trained("xor-k3-0", "xor-k3-1", "and-k3-0", "imp-k3-0"))
def test_trained_networks(network):
    target = np.array(outputs_rounded(network))
    assume(set(target.tolist()) <= {0, 1})
    own = engine(network)
    ids, known, judged = found_in(own, target)
    enough = np.arange(16) == 15
    found = perfect_circuit_codes(tabulate(own), target, target.astype(float), enough, near=True)
    assert as_verdicts(found) == as_verdicts(judged)
    expected = criteria_of(own, found, every_circuit(own.layer_sizes))
    named = circuit_ids(own.layer_sizes, masks_of_codes(found.code, own.layer_sizes))
    for column, row in zip(CRITERIA, expected == 1, strict=True):
        assert as_bag(chosen(named, row)) == as_bag(chosen(ids, known[column]))


def rows_of(network):
    """The artifact `networks` with one network."""
    return pd.DataFrame(
        {
            "family": "f", "seed": [7], "network_id": "f/7", "targets": [["XOR"]],
            "weights": [[w[0].tolist() for w in network.weights]],
            "biases": [[b[0].tolist() for b in network.biases]],
            "activation": network.activation, "output_activation": network.output_activation,
            "negative_slope": network.negative_slope, "validation": [[1] * 4], "converged": True,
            "functional": True,
        }
    )  # fmt: skip


def test_what_is_listed_does_not_depend_on_what_is_near():
    network = random_network(8, (2, 3, 3, 1))
    rows, sizes = rows_of(network), network.layer_sizes
    whole = circuits(rows)
    senses = ["for_target", "for_model", "for_sample"]
    assert not whole[senses].any(axis=1).all()
    few = circuits(rows, Reach(sizes, 6, 6, 20, "meet in the middle"))
    expected = whole[whole[senses].any(axis=1)].head(len(few)).reset_index(drop=True)
    pd.testing.assert_frame_equal(few, expected)
    assert 0 < len(few) <= 20


@pytest.mark.parametrize("tolerance", TOLERANCES)
def test_protocols_count_them(tolerance):
    rows = rows_of(HAND.single_output(0))
    found = circuits(rows)
    _, cells = interpretations(rows, found)
    within = {name for name, far in FARTHEST.items() if far < tolerance}
    every, smallest = (VARIANTS[f"strict-{kind}within-{tolerance}"] for kind in ("", "minimal-"))
    assert set(perfect(found, every)["circuit_id"]) == within
    assert perfect(cells, every)["n_circuits"].sum() == len(within)
    minimal = plain.minimal_circuits([edges_of_id(name) for name in within])
    assert as_bag(map(edges_of_id, perfect(found, smallest)["circuit_id"])) == as_bag(minimal)


def test_left_open_where_minimal_circuits_are():
    network = random_network(3, (2, 5, 5, 1))
    reach = Reach(network.layer_sizes, 4, 4, 50, "meet in the middle")
    found = circuits(rows_of(network), reach)
    assert found[[*COLUMNS, "minimal"]].isna().all(axis=None)
    assert not any(reach.covers(p) for p in VARIANTS.values() if p.tolerance is not None)
