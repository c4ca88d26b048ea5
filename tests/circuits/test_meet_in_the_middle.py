"""Counting and listing by meeting in the middle against judging all circuits."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits import meet_in_the_middle
from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.codes import codes_of_masks, kept_by_codes, profiles
from identifiability.circuits.perfect import perfect_circuits
from identifiability.circuits.responses import Responses, tabulate
from identifiability.circuits.shapes import n_hidden
from identifiability.networks.compiled_activations import read_out
from identifiability.networks.families import Family
from identifiability.networks.gates import gate
from identifiability.stages.datasets import datasets
from identifiability.stages.frames import networks_of
from identifiability.stages.networks import networks as train_networks
from tests.circuits.test_responses import DRAWN, OUTPUTS, random_network
from tests.examples import examples
from tests.networks.test_training import PUBLISHED
from tests.test_against_plain import engine
from tests.test_reference import stored

SHAPES = [
    (2, 1, 1, 1), (2, 1, 3, 1), (2, 2, 1, 1), (2, 2, 2, 1), (2, 3, 2, 1), (2, 2, 4, 1),
    (2, 3, 3, 1), (2, 2, 5, 1),
]  # fmt: skip


def perfect_codes(network, values, max_hidden=None):
    """Codes of the circuits whose rounded output has given values, judged one by one."""
    candidates = enumerate_candidates(network.layer_sizes, max_hidden)
    found = perfect_circuits(network, np.array([values]), candidates)
    return codes_of_masks(found.masks, network.layer_sizes)[found.for_target]


@examples(80)
@given(
    *DRAWN,
    st.booleans(),
    st.sampled_from([None, *plain.input_rows(4)]),
    st.data(),
)
def test_counts_and_codes_of_random_networks(
    seed, sizes, activation, output, coarse, target, data
):
    # Coarse weights put many sums on the very limits between which an output is rounded.
    network = random_network(seed, sizes, activation, output, coarse)
    values = network.outputs()[0, :, 0].round() if target is None else np.array(target, float)
    max_hidden = data.draw(st.none() | st.integers(0, n_hidden(sizes)))
    expected = perfect_codes(network, values, max_hidden)
    table = tabulate(network)
    wanted = meet_in_the_middle.wanted(table, values)
    counts = meet_in_the_middle.count(table, wanted, max_hidden=max_hidden)
    cells = np.zeros_like(counts.cells())
    np.add.at(cells, kept_by_codes(expected, sizes), 1)
    np.testing.assert_array_equal(counts.cells(), cells)
    # Every circuit has a number of its own.
    choice, profile = (
        np.repeat(i, counts.number.ravel()) for i in map(np.ravel, np.indices(counts.number.shape))
    )
    rank = np.concatenate([np.zeros(0, int), *map(np.arange, counts.number.ravel())])
    codes = meet_in_the_middle.list_codes(table, wanted, choice, profile, rank)
    np.testing.assert_array_equal(np.sort(codes), np.sort(expected))
    hidden, edges = kept_by_codes(codes, sizes)
    of_hidden, of_edges = counts.kept()
    np.testing.assert_array_equal(hidden, of_hidden[choice, profile])
    np.testing.assert_array_equal(edges, of_edges[choice, profile])
    np.testing.assert_array_equal(meet_in_the_middle.every_code(table, wanted, counts), codes)
    # The number does not depend on which others are asked for, and may be asked for again.
    some = np.sort(np.random.default_rng(seed).integers(len(rank), size=min(20, len(rank))))
    again = meet_in_the_middle.list_codes(table, wanted, choice[some], profile[some], rank[some])
    np.testing.assert_array_equal(again, codes[some])


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_interval_of_sums_is_where_the_output_is_rounded_to_a_value(output):
    table = tabulate(random_network(0, (2, 2, 2, 1), output=output))
    for value in (-1.0, 0.0, 1.0, 2.0):
        wanted = meet_in_the_middle.wanted(table, np.full(4, value), rows=1)
        assert (wanted.low[1:] == -np.inf).all()
        assert (wanted.high[1:] == np.inf).all()
        low, high = wanted.low[0], wanted.high[0]
        for limit in filter(np.isfinite, (low, high)):
            # The activation rises without a step back also as it is computed.
            sums = limit + np.spacing(limit) * np.arange(-1000, 1001)
            for total in sums:
                rounded = np.round(read_out(total, table.activation, table.slope, table.above))
                assert (rounded == value) == (low <= total < high)


def test_profiles_of_two_neurons_above_two():
    # None, or one or two edges each: 6 multisets of two numbers from 0 to 2.
    found = profiles(2, 2)
    assert sorted(zip(found.neurons, found.edges, found.patterns, strict=True)) == [
        (0, 0, 0), (1, 1, 2), (1, 2, 4), (2, 2, 4), (2, 3, 6), (2, 4, 8),
    ]  # fmt: skip
    # One neuron with one edge and one with two: a 1 in either digit, to base 3.
    assert found.edges[found.number[1 + 3]] == 3


def test_what_is_out_of_reach_is_refused():
    for sizes in [(3, 2, 2, 1), (2, 2, 1), (2, 8, 2, 1), (2, 2, 2, 2)]:
        with pytest.raises(ValueError, match="beyond that, circuits are counted for"):
            meet_in_the_middle.count(
                Responses(sizes, *(np.zeros(0) for _ in range(4)), 0.0, 0, 0.0, np.nan),
                meet_in_the_middle.Wanted(np.zeros(4), np.zeros(4)),
            )


def cells_by_the_plain_module(network, table):
    """Perfect circuits per (hidden neurons, edges), with a forward pass a candidate."""
    found = Counter()
    for edges in plain.perfect_circuits(network, table, plain.strict()):
        found[len(plain.kept_neurons(edges)) - 1, len(plain.kept_edges(edges))] += 1
    return found


def cells_counted(network, table):
    responses = tabulate(network)
    wanted = meet_in_the_middle.wanted(responses, np.array(table, float))
    cells = meet_in_the_middle.count(responses, wanted).cells()
    return {(int(h), int(e)): int(cells[h, e]) for h, e in zip(*np.nonzero(cells), strict=True)}


@pytest.mark.parametrize("name", ["xor-k2-0", "xor-k2-1", "xor-k3-0", "and-k3-0", "imp-k3-0"])
def test_trained_networks_by_the_plain_module(name):
    given = stored(name)
    network = plain.PlainNetwork.from_dict(given)
    table = gate(given["targets"][0]).table
    assert cells_counted(engine(network), table) == cells_by_the_plain_module(network, table)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_networks_of_width_four_by_the_plain_module(seed):
    family = Family("xor-k4", (gate("XOR"),), (4, 4), 20, PUBLISHED)
    rows = train_networks(family, datasets(family))
    batch = networks_of(rows[rows["converged"]]).select(np.array([seed]))
    network = plain.PlainNetwork(
        [layer[0].tolist() for layer in batch.weights],
        [layer[0].tolist() for layer in batch.biases],
    )
    xor = gate("XOR").table
    assert cells_counted(batch, xor) == cells_by_the_plain_module(network, xor)
