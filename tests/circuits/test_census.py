"""The census of circuits against the engine that lists them, and against the plain module."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits import census
from identifiability.circuits.candidates import circuit_ids, edges_of_id, enumerate_candidates
from identifiability.circuits.interpretations import count_interpretations, readings
from identifiability.circuits.perfect import (
    circuit_activations,
    perfect_circuits,
    rows_enough,
)
from identifiability.circuits.reach import Reach
from identifiability.circuits.shapes import code_bits
from identifiability.networks.networks import Networks
from identifiability.stages.circuits import circuits
from identifiability.stages.interpretations import CELL, interpretations
from tests.test_against_plain import (
    as_bag,
    engine,
    keeps_its_distance,
    networks,
    outputs_rounded,
    trained,
)

SHAPES = [(2, 1, 1, 1), (2, 2, 2, 1), (2, 3, 2, 1), (2, 2, 4, 1), (2, 3, 3, 1), (2, 4, 2, 1)]


def random_network(seed, sizes, activation="leaky_relu", output="leaky_relu", coarse=False):
    """A batch of one network with drawn weights."""
    rng = np.random.default_rng(seed)

    def numbers(*shape):
        drawn = rng.integers(-4, 5, shape) / 2 if coarse else rng.normal(size=shape)
        return drawn.astype(np.float32)[None]

    pairs = list(pairwise(sizes))
    return Networks(
        tuple(numbers(above, below) for below, above in pairs),
        tuple(numbers(above) for _, above in pairs),
        activation,
        output,
    )


def check(network, target, counts, max_hidden=None):
    """Holds a census against the circuits that are listed."""
    sizes = network.layer_sizes
    enough = rows_enough(np.array([counts]))
    table = census.responses(network)
    model = network.outputs()[0, :, 0].round()
    found = census.perfect(table, np.array(target), model, enough[0], max_hidden)
    listed = perfect_circuits(
        network, np.array([target]), enumerate_candidates(sizes, max_hidden), enough
    )
    masks = census.masks_of_codes(found.code, sizes)
    np.testing.assert_array_equal(census.codes_of_masks(masks, sizes), found.code)
    for bit, verdict in [
        (census.FOR_TARGET, listed.for_target),
        (census.FOR_MODEL, listed.for_model),
        (census.FOR_SAMPLE, listed.for_sample),
    ]:
        own = circuit_ids(sizes, masks)[(found.verdict & bit) > 0]
        assert sorted(own) == sorted(circuit_ids(sizes, listed.masks)[verdict])
    if not len(found.code):
        return
    values = circuit_activations(network, np.zeros(len(found.code), np.int64), masks)
    expected = count_interpretations(readings(values), masks)
    own = census.count_interpretations(
        table, found.code, np.arange(len(found.code)), len(found.code)
    )
    totals = expected.totals()
    assert own.totals() == totals
    np.testing.assert_array_equal(own.reachable, expected.reachable)
    np.testing.assert_array_equal(own.interpretable, [n > 0 for n in totals])
    np.testing.assert_array_equal(own.one, [n == 1 for n in totals])
    # In two groups, by turns.
    grouped = census.count_interpretations(table, found.code, np.arange(len(totals)) % 2, 2)
    assert grouped.totals() == [sum(totals[0::2]), sum(totals[1::2])]


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(SHAPES),
    st.sampled_from(["leaky_relu", "relu", "tanh", "sigmoid"]),
    st.sampled_from(["leaky_relu", "relu", "tanh", "sigmoid", "identity"]),
    st.booleans(),
    st.sampled_from(plain.input_rows(4)),
    st.lists(st.sampled_from([1, 3, 300]), min_size=4, max_size=4),
    st.sampled_from([None, 2, 3]),
)
def test_census_of_random_networks(
    seed, sizes, activation, output, coarse, target, counts, max_hidden
):
    network = random_network(seed, sizes, activation, output, coarse)
    check(network, target, counts, max_hidden)


@settings(max_examples=15)
@given(trained("xor-k3-0", "xor-k3-1", "and-k3-0", "imp-k3-0"), st.booleans())
def test_census_of_trained_networks(network, capped):
    target = outputs_rounded(network)
    assume(set(target) <= {0, 1})
    check(engine(network), target, [1] * 4, 4 if capped else None)


@settings(max_examples=30)
@given(networks(2, 2, 2, 1) | networks(2, 2, 3, 1))
def test_minimal_circuits(network):
    assume(keeps_its_distance(network))
    target = outputs_rounded(network)
    sizes = tuple(network.layer_sizes)
    rules = replace(plain.strict(), reference="model")
    expected = plain.minimal_circuits(plain.perfect_circuits(network, target, rules))
    found = perfect_circuits(engine(network), np.array([target]), enumerate_candidates(sizes))
    ids = circuit_ids(sizes, found.masks)[found.for_model]
    code = census.codes_of_masks(found.masks, sizes)[found.for_model]
    minimal = census.minimal(code, code_bits(sizes))
    assert as_bag(map(edges_of_id, ids[minimal])) == as_bag(expected)


@given(
    st.sets(st.integers(0, 2**9 - 1)) | st.sets(st.integers(0, 2**5 - 1)),
    st.integers(9, 11),
)
def test_minimal_of_any_sets(codes, n_bits):
    code = np.array(sorted(codes), np.int64)
    expected = [not any(o != c and o & c == o for o in codes) for c in code.tolist()]
    np.testing.assert_array_equal(census.minimal(code, n_bits), expected)


@pytest.mark.parametrize("sizes", [(2, 3, 3, 1), (2, 2, 3, 1)])
def test_cells_are_the_same_whether_circuits_are_listed_or_not(sizes):
    network = random_network(3, sizes, coarse=True)
    table = network.outputs()[0, :, 0].round().astype(int)
    rows = pd.DataFrame(
        {
            "family": "f", "seed": [7], "network_id": "f/7", "targets": [["XOR"]],
            "weights": [[w[0].tolist() for w in network.weights]],
            "biases": [[b[0].tolist() for b in network.biases]],
            "activation": "leaky_relu", "output_activation": "leaky_relu",
            "negative_slope": 0.01, "validation": [[1, 1, 1, 1000]], "converged": True,
        }
    )  # fmt: skip
    assert len(table) == 4
    whole = circuits(rows)
    counted, cells = interpretations(rows, whole)
    assert cells["listed"].all()
    most = sum(sizes[1:-1])
    reach = Reach(sizes, most, most, 20, "meet in the middle")
    few = circuits(rows, reach)
    assert 0 < len(few) <= 20
    few_counted, few_cells = interpretations(rows, few, reach)
    # The same cells, and as many circuits as they say.
    by = [*CELL]
    pd.testing.assert_frame_equal(
        few_cells.drop(columns="listed").sort_values(by, ignore_index=True),
        cells.drop(columns="listed").sort_values(by, ignore_index=True),
        check_dtype=False,
    )
    assert few_cells.loc[few_cells["listed"], "n_circuits"].sum() == len(few)
    # The sparsest ones, with the same numbers.
    pd.testing.assert_frame_equal(few, whole.head(len(few)))
    pd.testing.assert_frame_equal(few_counted, counted.head(len(few)))
