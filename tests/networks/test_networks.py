"""Networks: the forward pass, slopes and activations, and outputs one by one.

Every hand-worked network has one hidden neuron, h, and an output, y:

    h = f(A + B - 1)    the sum is -1, 0, 0, 1 on the inputs 00, 01, 10, 11
    y = g(0.5 - h)
"""

from itertools import pairwise
from math import exp, tanh

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.networks.networks import (
    ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    Networks,
    from_layers,
)
from identifiability.plain import PlainNetwork
from tests.examples import examples

LOW, HIGH = 1 / (1 + exp(1)), 1 / (1 + exp(-1))


def hand(activation, output_activation, slope=0.01):
    layers = [([[1, 1]], [-1]), ([[-1]], [0.5])]
    return from_layers(
        [(np.array(w, np.float32), np.array(b, np.float32)) for w, b in layers],
        activation,
        output_activation,
        slope,
    )


@pytest.mark.parametrize(
    ("network", "h", "y"),
    [
        pytest.param(
            hand("leaky_relu", "leaky_relu"),
            [-0.01, 0, 0, 1],
            [0.51, 0.5, 0.5, -0.005],
            id="leaky ReLU follows every layer, the output included",
        ),
        pytest.param(
            hand("leaky_relu", "leaky_relu", 0.25),
            [-0.25, 0, 0, 1],
            [0.75, 0.5, 0.5, -0.125],
            id="the slope below zero is the network's own",
        ),
        pytest.param(
            hand("relu", "relu"), [0, 0, 0, 1], [0.5, 0.5, 0.5, 0], id="ReLU has no slope"
        ),
        pytest.param(
            hand("relu", "identity"),
            [0, 0, 0, 1],
            [0.5, 0.5, 0.5, -0.5],
            id="the output may have no activation",
        ),
        pytest.param(
            hand("tanh", "identity"),
            [-tanh(1), 0, 0, tanh(1)],
            [0.5 + tanh(1), 0.5, 0.5, 0.5 - tanh(1)],
            id="tanh",
        ),
        pytest.param(
            hand("sigmoid", "identity"),
            [LOW, 0.5, 0.5, HIGH],
            [0.5 - LOW, 0, 0, 0.5 - HIGH],
            id="sigmoid",
        ),
        pytest.param(
            hand("relu", "sigmoid"),
            [0, 0, 0, 1],
            [*[1 / (1 + exp(-0.5))] * 3, 1 / (1 + exp(0.5))],
            id="sigmoid follows the last layer only",
        ),
    ],
)
def test_forward_pass_by_hand(network, h, y):
    inputs, hidden, output = network.activations()
    assert inputs[0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert hidden[0, :, 0].tolist() == pytest.approx(h)
    assert output[0, :, 0].tolist() == pytest.approx(y)
    assert network.outputs().ravel().tolist() == output.ravel().tolist()


def test_weights_are_float32_and_sums_float64():
    # 0.1 is rounded once, when it becomes a weight. In float32, 1 + 2 ** -30 would be 1.
    network = from_layers(
        [(np.array([[0.1, 2**-30]], np.float32), np.array([1], np.float32))],
        "relu",
        "identity",
        0.01,
    )
    assert network.outputs().ravel().tolist() == [
        1,
        1 + 2**-30,
        1 + float(np.float32(0.1)),
        1 + float(np.float32(0.1)) + 2**-30,
    ]


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="unknown activation 'step'"):
        hand("step", "relu").outputs()


# Against the plain module ------------------------------------------------------------------------


@st.composite
def batches(draw, fewest_outputs=1, most_outputs=1):
    """Networks of one shape."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    hidden = draw(st.lists(st.integers(1, 4), max_size=3))
    sizes = [draw(st.integers(1, 3)), *hidden, draw(st.integers(fewest_outputs, most_outputs))]
    n_networks = draw(st.integers(1, 3))
    shapes = list(pairwise(sizes))
    return Networks(
        tuple(rng.normal(size=(n_networks, b, a)).astype(np.float32) for a, b in shapes),
        tuple(rng.normal(size=(n_networks, b)).astype(np.float32) for _, b in shapes),
        draw(st.sampled_from(ACTIVATIONS)),
        draw(st.sampled_from(OUTPUT_ACTIVATIONS)),
        draw(st.sampled_from([0.01, 0.2])),
    )


def plain_networks(networks):
    """The networks of a batch, each as the plain module has it."""
    return [
        PlainNetwork(
            [w[i].tolist() for w in networks.weights],
            [b[i].tolist() for b in networks.biases],
            networks.activation,
            networks.negative_slope,
            networks.output_activation,
        )
        for i in range(len(networks))
    ]


def precision(networks):
    """How near two evaluations of a network must be.

    Sums run in the same order everywhere, so what is made of sums alone is the same to the last
    bit. The tanh and sigmoid of a library may differ in it, by where in memory a value lies.
    """
    curved = {"tanh", "sigmoid"} & {networks.activation, networks.output_activation}
    return {"rtol": 0, "atol": 1e-12 if curved else 0}


def check_forward(networks, inputs, activations):
    """Holds activations, [network, row, neuron] per layer, against the plain module's."""
    for i, network in enumerate(plain_networks(networks)):
        for row, given_inputs in enumerate(inputs[i].tolist()):
            expected = plain.forward(network, given_inputs)
            for layer, values in zip(activations, expected, strict=True):
                np.testing.assert_allclose(
                    np.asarray(layer[i, row]), values, **precision(networks)
                )


@examples(60)
@given(batches(1, 3))
def test_activations_on_the_input_rows_are_the_plain_ones(networks):
    rows = plain.input_rows(networks.layer_sizes[0])
    inputs = np.array([rows] * len(networks), float)
    check_forward(networks, inputs, networks.activations())
    assert [n.layer_sizes for n in plain_networks(networks)] == [list(networks.layer_sizes)] * len(
        networks
    )


@examples(40)
@given(batches(), st.integers(0, 2**32 - 1))
def test_activations_on_any_inputs_are_the_plain_ones(networks, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(len(networks), 5, networks.layer_sizes[0]))
    check_forward(networks, inputs, networks.forward(inputs))
    # What a GPU computes is PyTorch's.
    check_forward(networks, inputs, networks.forward(torch.as_tensor(inputs)))


@examples(40)
@given(batches(2, 4), st.data())
def test_a_single_output_shares_the_hidden_layers(networks, data):
    index = data.draw(st.integers(0, networks.layer_sizes[-1] - 1))
    single = networks.single_output(index)
    assert single.layer_sizes == (*networks.layer_sizes[:-1], 1)
    *hidden, outputs = networks.activations()
    *own_hidden, own_output = single.activations()
    for layer, own in zip(hidden, own_hidden, strict=True):
        np.testing.assert_allclose(layer, own, **precision(networks))
    np.testing.assert_allclose(outputs[..., [index]], own_output, **precision(networks))
    assert plain_networks(single) == [n.single_output(index) for n in plain_networks(networks)]


@examples(40)
@given(batches())
def test_a_network_computes_the_same_alone_and_beside_others(networks):
    for i in range(len(networks)):
        alone = networks.select(np.array([i]))
        for layer, own in zip(networks.activations(), alone.activations(), strict=True):
            np.testing.assert_allclose(layer[[i]], own, **precision(networks))
