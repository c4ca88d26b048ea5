"""What protocols ask beyond the three readings: the sparsest, and empty mappings."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.algorithms.mappings import (
    count_mappings,
    minimal_mappings,
    search_places,
    sparsest,
)
from identifiability.audit.cases import parse_plain
from identifiability.circuits.candidates import edges_of_id
from identifiability.protocols import STRICT, VARIANTS
from identifiability.stages.alignment import sparsest_algorithms
from identifiability.stages.protocol_filters import admitted
from identifiability.stages.summary import answer_of_places
from tests.examples import examples
from tests.test_against_plain import as_bag

SIZES = (2, 2, 1)


# Circuits ----------------------------------------------------------------------------------------


def rows_of(names, network="n"):
    return pd.DataFrame(
        [
            {
                "network_id": network,
                "target": "XOR",
                "circuit_id": name,
                "n_hidden": name.split("|")[0].count(",") + 1,
                "n_edges": name.count("1"),
            }
            for name in names
        ]
    )


def test_the_sparsest_circuits_are_those_of_each_network():
    few, many = ["11,00|10", "00,11|01", "11,10|11"], ["11,11|11"]
    rows = pd.concat([rows_of(few, "a"), rows_of(many, "b")])
    found = admitted(rows, SIZES, VARIANTS["strict-sparsest"])
    own = {name: list(group["circuit_id"]) for name, group in found.groupby("network_id")}
    assert own == {"a": few[:2], "b": many}
    plain_ones = plain.sparsest_circuits([*map(edges_of_id, few)])
    assert as_bag(plain_ones) == as_bag(map(edges_of_id, own["a"]))
    assert len(admitted(rows, SIZES, STRICT)) == 4
    assert plain.sparsest_circuits([]) == []


# Algorithms and mappings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "operators"),
    [("A", 0), ("¬A", 0), ("A*B", 1), ("¬(A*B)*(A+B)", 3)],
)
def test_operators_are_ands_and_ors(text, operators):
    assert plain.n_operators(parse_plain(text)) == operators


def test_the_sparsest_algorithms_are_those_of_each_network():
    counts = np.array([[2, 0, 5], [0, 0, 7], [0, 0, 0]])
    found = sparsest_algorithms(counts, np.array([1, 0, 1]))
    np.testing.assert_array_equal(found, counts)
    found = sparsest_algorithms(counts, np.array([1, 0, 3]))
    np.testing.assert_array_equal(found, [[2, 0, 0], [0, 0, 7], [0, 0, 0]])
    assert sparsest_algorithms(counts[:0], np.array([1, 0, 3])).shape == (0, 3)


@examples(60)
@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=3))
def test_the_sparsest_mappings_take_the_fewest_neurons(valid):
    # Two layers of two neurons: three places in each.
    bits = np.array([1, 2, 3, 4, 8, 12])
    neurons = {0: (0,), 1: (1,), 2: (0, 1), 3: (0,), 4: (1,), 5: (0, 1)}
    search = search_places(
        np.array([valid]), bits, np.array([1, 1, 1, 2, 2, 2]), [list(range(len(valid))), []]
    )
    every = minimal_mappings(search, count_mappings(search))
    found = sparsest(every, search)
    for formula in (0, 1):
        listed = [
            [(1 + place // 3, neurons[place]) for place in mapping if place >= 0]
            for mapping in every.place[every.formula == formula].tolist()
        ]
        own = [
            [(1 + place // 3, neurons[place]) for place in mapping if place >= 0]
            for mapping in found.place[found.formula == formula].tolist()
        ]
        assert own == plain.sparsest_mappings(listed)


@pytest.mark.parametrize(
    ("mappings", "empty", "answer"),
    [(0, 0, "none"), (1, 0, "unique"), (1, 1, "empty"), (2, 1, "several"), (None, None, None)],
)
def test_the_empty_mapping_is_told_apart(mappings, empty, answer):
    assert answer_of_places(mappings, empty) == answer


def test_a_formula_without_variables_has_the_empty_mapping():
    network = plain.PlainNetwork([[[1.0, 1.0]], [[1.0]]], [[-1.0], [0.0]])
    assert plain.perfect_mappings(network, ("*", ("A",), ("B",)), plain.strict()) == [[]]
