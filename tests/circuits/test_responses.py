"""Tables of responses against forward passes of circuits."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from identifiability.circuits import responses
from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.codes import codes_of_masks
from identifiability.circuits.perfect import circuit_activations
from identifiability.networks.networks import Networks
from tests.examples import examples

SHAPES = [(2, 1, 1, 1), (2, 2, 2, 1), (2, 3, 2, 1), (2, 2, 4, 1), (2, 3, 3, 1), (2, 4, 2, 1)]
ACTIVATIONS = ["leaky_relu", "relu", "tanh", "sigmoid"]
OUTPUTS = [*ACTIVATIONS, "identity"]
# Arguments of `random_network`, but for the last.
DRAWN = (
    st.integers(0, 2**32 - 1),
    st.sampled_from(SHAPES),
    st.sampled_from(ACTIVATIONS),
    st.sampled_from(OUTPUTS),
)


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


@examples(40)
@given(*DRAWN)
def test_responses_are_those_of_circuits(seed, sizes, activation, output):
    network = random_network(seed, sizes, activation, output)
    table = responses.tabulate(network)
    candidates = enumerate_candidates(sizes)
    chosen = np.random.default_rng(seed).integers(len(candidates), size=20)
    masks = candidates.edge_masks(chosen)
    first, second, last = circuit_activations(network, np.zeros(20, np.int64), masks)
    for i, code in enumerate(codes_of_masks(masks, sizes).tolist()):
        choice = code % 4 ** sizes[1]
        np.testing.assert_array_equal(responses.choice_masks(sizes[1])[choice], masks[0][i])
        kept = masks[0][i] > 0
        assert responses.kept_in_first(choice, sizes[1]) == kept @ (1 << np.arange(len(kept)))
        for neuron, mask in enumerate(masks[0][i]):
            np.testing.assert_allclose(table.first[neuron, mask], first[i, :, neuron])
        for neuron, mask in enumerate(masks[1][i]):
            np.testing.assert_allclose(table.second[choice, neuron, mask], second[i, :, neuron])
        rounded = np.empty(4)
        responses.rounded_output(table, code, rounded)
        np.testing.assert_array_equal(rounded, last[i, :, 0].round())
