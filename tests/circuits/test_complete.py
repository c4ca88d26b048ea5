"""Complete circuits: by hand, as the plain module has them, and how they nest."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import circuit_ids, edges_of_id, enumerate_candidates
from identifiability.circuits.codes import codes_of_masks
from identifiability.circuits.complete import complete, complete_codes
from identifiability.circuits.perfect import perfect_circuits
from identifiability.circuits.perfect_codes import FOR_MODEL, Perfect
from identifiability.circuits.reach import every_circuit
from identifiability.circuits.responses import tabulate
from identifiability.networks.networks import from_layers
from identifiability.stages.circuits import criteria_of
from identifiability.stages.rows import CRITERIA
from tests.circuits.test_responses import random_network
from tests.examples import examples
from tests.test_against_plain import as_bag, engine, networks, outputs_rounded

IDENTITY = ("relu", "identity", 0.0)


def network_of(*layers):
    return from_layers(
        [(np.array(w, np.float32), np.array(b, np.float32)) for w, b in layers], *IDENTITY
    )


def test_by_hand():
    # Both hidden neurons carry A, and either is enough: 0.6 is rounded to 1. Without the first
    # neuron, the network still answers 1 where A is 1, and the circuit that has no other does not.
    spare = network_of(([[1, 0], [1, 0]], [0, 0]), ([[0.6, 0.6]], [0]))
    masks = [np.array([[1, 1], [1, 0]], np.uint16), np.array([[3], [1]], np.uint16)]
    np.testing.assert_array_equal(complete(spare, masks), [True, False])


def found_in(network):
    """A network's circuits that compute what it does: ids, and what holds of them."""
    sizes = network.layer_sizes
    target = network.outputs()[:, :, 0].round().clip(0, 1).astype(np.int64)
    found = perfect_circuits(network, target, enumerate_candidates(sizes))
    masks = [own[found.for_model] for own in found.masks]
    code = codes_of_masks(masks, sizes)
    perfect = Perfect(code, np.full(len(code), FOR_MODEL, np.uint8))
    known = criteria_of(network, perfect, every_circuit(sizes), masks)
    return circuit_ids(sizes, masks), masks, dict(zip(CRITERIA, known == 1, strict=True))


@examples(40)
@given(
    networks(2, 2, 2, 1) | networks(2, 3, 1) | networks(3, 2, 1) | networks(2, 2, 1, 2, 1),
)
def test_as_the_plain_module_has_it(network):
    assume(set(outputs_rounded(network)) <= {0, 1})
    ids, _, known = found_in(engine(network))
    listed = [*map(edges_of_id, ids)]
    expected = [edges for edges in listed if plain.is_complete(network, edges)]
    own = [edges for edges, whole in zip(listed, known["complete"], strict=True) if whole]
    assert as_bag(own) == as_bag(expected)
    smallest = [e for e, whole in zip(listed, known["complete_minimal"], strict=True) if whole]
    assert as_bag(smallest) == as_bag(plain.minimal_circuits(expected))


@examples(60)
@given(st.integers(0, 2**20), st.sampled_from([(2, 2, 2, 1), (2, 3, 3, 1), (3, 3, 1)]))
def test_how_they_nest(seed, sizes):
    network = random_network(seed, sizes, coarse=True)
    ids, _, known = found_in(network)
    assert not (known["complete_minimal"] & ~known["complete"]).any()
    # The full network is complete, where it is a circuit, and a minimal circuit that is complete
    # has no complete one inside.
    whole = [name for name in ids if "0" not in name]
    assert all(known["complete"][list(ids).index(name)] for name in whole)
    assert not (known["minimal"] & known["complete"] & ~known["complete_minimal"]).any()
    edges = np.array([name.count("1") for name in ids])
    if len(edges):
        assert known["minimal"][edges == edges.min()].all()


@examples(60)
@given(
    st.integers(0, 2**20),
    st.sampled_from([(2, 2, 2, 1), (2, 3, 3, 1), (2, 2, 4, 1)]),
    st.sampled_from(["leaky_relu", "tanh", "identity"]),
    st.booleans(),
)
def test_from_tables_as_set_by_set(seed, sizes, output, coarse):
    network = random_network(seed, sizes, output=output, coarse=coarse)
    masks = enumerate_candidates(sizes).edge_masks(np.arange(len(enumerate_candidates(sizes))))
    found = complete_codes(tabulate(network), codes_of_masks(masks, sizes))
    np.testing.assert_array_equal(found, complete(network, masks))
    assert coarse or found.any()


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh", "sigmoid"])
def test_other_activations(activation):
    network = random_network(5, (2, 3, 2, 1), activation, "identity", coarse=True)
    ids, masks, known = found_in(network)
    plain_network = plain.PlainNetwork(
        [w[0].tolist() for w in network.weights],
        [b[0].tolist() for b in network.biases],
        activation,
        network.negative_slope,
        "identity",
    )
    np.testing.assert_array_equal(complete(network, masks), known["complete"])
    expected = [plain.is_complete(plain_network, edges_of_id(name)) for name in ids]
    assert known["complete"].tolist() == expected
