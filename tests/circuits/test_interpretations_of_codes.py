"""Interpretations of circuits given by their codes against those of the general engine."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability.circuits import interpretations_of_codes
from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.codes import codes_of_masks, distinct_codes, masks_of_codes
from identifiability.circuits.interpretations import count_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.circuits.responses import tabulate
from tests.circuits.test_responses import DRAWN, random_network
from tests.examples import examples
from tests.test_against_plain import engine, outputs_rounded, trained


def check(network, code):
    """Holds the counts of circuits against those that a forward pass each leads to."""
    masks = masks_of_codes(code, network.layer_sizes)
    values = circuit_activations(network, np.zeros(len(code), np.int64), masks)
    expected = count_interpretations(readings(values), masks)
    table = tabulate(network)
    found = interpretations_of_codes.count_interpretations_of_codes(
        table, code, np.arange(len(code)), len(code)
    )
    totals = expected.totals()
    assert found.totals() == totals
    np.testing.assert_array_equal(found.reachable, expected.reachable)
    np.testing.assert_array_equal(found.interpretable, [n > 0 for n in totals])
    np.testing.assert_array_equal(found.one, [n == 1 for n in totals])
    # In two groups, by turns.
    grouped = interpretations_of_codes.count_interpretations_of_codes(
        table, code, np.arange(len(code)) % 2, 2
    )
    assert grouped.totals() == [sum(totals[0::2]), sum(totals[1::2])]


def some_codes(sizes, seed, number=300):
    """Candidates of a network, drawn, in any order and with repetitions."""
    candidates = enumerate_candidates(sizes)
    chosen = np.random.default_rng(seed).integers(len(candidates), size=number)
    return codes_of_masks(candidates.edge_masks(chosen), sizes)


@examples(60)
@given(
    *DRAWN,
    st.booleans(),
    st.booleans(),
)
def test_random_networks(seed, sizes, activation, output, coarse, in_order):
    code = some_codes(sizes, seed)
    if in_order:
        code = distinct_codes(code, sizes)
    check(random_network(seed, sizes, activation, output, coarse), code)


@examples(15)
@given(trained("xor-k3-0", "xor-k3-1", "and-k3-0", "imp-k3-0"))
def test_trained_networks(network):
    assume(set(outputs_rounded(network)) <= {0, 1})
    check(engine(network), distinct_codes(some_codes((2, 3, 3, 1), 0, 5000), (2, 3, 3, 1)))


def test_no_circuit():
    table = tabulate(random_network(0, (2, 2, 2, 1)))
    nothing = np.zeros(0, np.int64)
    assert interpretations_of_codes.count_interpretations_of_codes(
        table, nothing, nothing, 2
    ).totals() == [
        0,
        0,
    ]


@pytest.mark.parametrize("tie_tolerance", [0.0, 1e-9, 0.3])
def test_ties(tie_tolerance):
    network = random_network(1, (2, 3, 3, 1), coarse=True)
    code = some_codes((2, 3, 3, 1), 0)
    masks = masks_of_codes(code, network.layer_sizes)
    values = circuit_activations(network, np.zeros(len(code), np.int64), masks)
    expected = count_interpretations(readings(values, tie_tolerance), masks)
    found = interpretations_of_codes.count_interpretations_of_codes(
        tabulate(network), code, np.arange(len(code)), len(code), tie_tolerance
    )
    assert found.totals() == expected.totals()
