"""Circuits as integers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits import codes
from identifiability.circuits.candidates import (
    circuit_ids,
    edges_of_id,
    enumerate_candidates,
)
from identifiability.circuits.perfect import perfect_circuits
from identifiability.circuits.shapes import code_bits
from tests.examples import examples
from tests.test_against_plain import as_bag, engine, keeps_its_distance, networks, outputs_rounded


@pytest.mark.parametrize("sizes", [(2, 1, 1, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 3, 3, 1)])
def test_codes_and_masks(sizes):
    candidates = enumerate_candidates(sizes)
    masks = candidates.edge_masks(np.arange(len(candidates)))
    code = codes.codes_of_masks(masks, sizes)
    for again, layer in zip(codes.masks_of_codes(code, sizes), masks, strict=True):
        np.testing.assert_array_equal(again, layer)
    hidden, edges = codes.kept_by_codes(code, sizes)
    np.testing.assert_array_equal(hidden, sum((m > 0).sum(1) for m in masks[:-1]))
    np.testing.assert_array_equal(edges, sum(np.bitwise_count(m).sum(1) for m in masks))


@pytest.mark.parametrize("sizes", [(2, 1, 1, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 3, 3, 1)])
def test_codes_that_share_most_are_beside_each_other(sizes):
    candidates = enumerate_candidates(sizes)
    code = codes.codes_of_masks(candidates.edge_masks(np.arange(len(candidates))), sizes)
    shuffled = np.random.default_rng(0).permutation(np.concatenate([code, code[::2]]))
    found = codes.distinct_codes(shuffled, sizes)
    assert len(found) == len(code)
    low, high, _ = codes.masks_of_codes(found, sizes)
    choice = low @ (4 ** np.arange(sizes[1]))
    as_read = [(c, *masks) for c, masks in zip(choice, high.tolist(), strict=True)]
    assert as_read == sorted(as_read)


@examples(30)
@given(networks(2, 2, 2, 1) | networks(2, 2, 3, 1))
def test_minimal_circuits(network):
    assume(keeps_its_distance(network))
    target = outputs_rounded(network)
    sizes = tuple(network.layer_sizes)
    rules = replace(plain.strict(), reference="model")
    expected = plain.minimal_circuits(plain.perfect_circuits(network, target, rules))
    found = perfect_circuits(engine(network), np.array([target]), enumerate_candidates(sizes))
    ids = circuit_ids(sizes, found.masks)[found.for_model]
    code = codes.codes_of_masks(found.masks, sizes)[found.for_model]
    minimal = codes.minimal(code, code_bits(sizes))
    assert as_bag(map(edges_of_id, ids[minimal])) == as_bag(expected)


@given(
    st.sets(st.integers(0, 2**9 - 1)) | st.sets(st.integers(0, 2**5 - 1)),
    st.integers(9, 11),
)
def test_minimal_of_any_sets(sets, n_bits):
    code = np.array(sorted(sets), np.int64)
    expected = [not any(o != c and o & c == o for o in sets) for c in code.tolist()]
    np.testing.assert_array_equal(codes.minimal(code, n_bits), expected)
