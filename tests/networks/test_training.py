"""Training against PyTorch's own, and what a network's weights depend on."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import fisher_exact, kstest

from identifiability.circuits.reach import every_circuit
from identifiability.networks.datasets import draw_counts
from identifiability.networks.families import Family, Training, generator
from identifiability.networks.gates import gate, input_rows
from identifiability.networks.networks import Networks
from identifiability.networks.training import Trained, initial_parameters, judge, train
from identifiability.protocols import PROTOCOLS
from identifiability.stages import alignment as alignment_stage
from identifiability.stages import (
    circuits,
    datasets,
    formulas,
    interpretations,
    networks,
    summary,
)
from tests.examples import some

PUBLISHED = Training(
    samples=4000,
    validation_samples=1000,
    batch_size=100,
    max_epochs=1000,
    learning_rate=1e-3,
    weight_decay=0.01,
    loss_cutoff=1e-3,
    patience=3,
    min_accuracy=0.99,
    negative_slope=0.01,
)
ENDLESS = replace(PUBLISHED, loss_cutoff=0.0, patience=10**6)
"""Never stops before the last epoch."""


def family(name="test", gates=("XOR",), hidden=(3, 3), seeds=4, **training):
    return Family(
        name, tuple(gate(g) for g in gates), hidden, seeds, replace(PUBLISHED, **training)
    )


def samples(of, seeds):
    return np.array([draw_counts(of, seed)[0] for seed in seeds])


def trained(of, seeds, **how):
    return train(of, seeds, samples(of, seeds), **how)


def bits(network):
    """All numbers of a batch as bytes, per network."""
    parts = [*network.weights, *network.biases]
    return [b"".join(part[i].tobytes() for part in parts) for i in range(len(network))]


# Against PyTorch ---------------------------------------------------------------------------------

MASK = 2**64 - 1


def splitmix64(state):
    """The generator's next state and output (Steele, Lea, Flood 2014)."""
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


def test_splitmix64_is_the_published_generator():
    # The first outputs of the reference implementation from the state 1234567.
    state, outputs = 1234567, []
    for _ in range(3):
        state, output = splitmix64(state)
        outputs.append(output)
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def batches(of, seed, counts, epochs):
    """The row of every sample, by epoch and batch, as training draws them."""
    state = int(generator(of.name, seed, "shuffling").integers(2**64, dtype=np.uint64))
    order = [row for row, number in enumerate(counts) for _ in range(number)]
    for _ in range(epochs):
        # Fisher-Yates; an epoch shuffles what the one before left.
        for i in range(len(order) - 1, 0, -1):
            state, bits = splitmix64(state)
            j = (bits >> 32) * (i + 1) >> 32
            order[i], order[j] = order[j], order[i]
        size = of.training.batch_size
        yield [order[start : start + size] for start in range(0, len(order), size)]


def torch_model(of, seed):
    """PyTorch's layers with the initial weights of a network."""
    parameters = torch.from_numpy(initial_parameters(of, seed))
    modules = []
    for below, above in pairwise(of.layer_sizes):
        linear = torch.nn.Linear(below, above)
        with torch.no_grad():
            linear.weight.copy_(parameters[: above * below].view(above, below))
            linear.bias.copy_(parameters[above * below :][:above])
        parameters = parameters[above * below + above :]
        modules += [linear, torch.nn.LeakyReLU(of.training.negative_slope)]
    assert len(parameters) == 0
    return torch.nn.Sequential(*modules)


def gaussians(of, seed):
    """The noise on the inputs, in the order in which training draws it (Box and Muller 1958)."""
    state = int(generator(of.name, seed, "noise").integers(2**64, dtype=np.uint64))
    while True:
        state, first = splitmix64(state)
        state, second = splitmix64(state)
        radius = math.sqrt(-2 * math.log(((first >> 11) + 1) / 2**53))
        yield of.training.noise * radius * math.cos(2 * math.pi * (second >> 11) / 2**53)


def torch_trained(of, seed, counts, epochs):
    """Trains with PyTorch, sample by sample; returns the model and its loss in the last epoch."""
    settings = of.training
    model = torch_model(of, seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    rows = torch.tensor(input_rows(2), dtype=torch.float32)
    targets = torch.tensor([g.table for g in of.targets(seed)], dtype=torch.float32).T
    noise = gaussians(of, seed)
    criterion = torch.nn.MSELoss()
    for epoch in batches(of, seed, counts, epochs):
        seen = []
        for batch in epoch:
            optimizer.zero_grad()
            inputs = rows[batch]
            if settings.noise:
                drawn = [[next(noise) for _ in range(2)] for _ in batch]
                inputs = inputs + torch.tensor(drawn, dtype=torch.float32)
            loss = criterion(model(inputs), targets[batch])
            loss.backward()
            optimizer.step()
            seen += [loss.item()] * len(batch)  # the last batch may be smaller
    return model, np.mean(seen)


@pytest.mark.parametrize(
    ("of", "epochs"),
    [
        (family(max_epochs=1), 1),
        (family(max_epochs=5), 5),
        (family(hidden=(2, 2), max_epochs=4), 4),
        # Several outputs, unequal layers, other settings, and a last batch of 30.
        (family(gates=("XOR", "AND", "NOR"), hidden=(4, 3), samples=730, max_epochs=6), 6),
        (family(gates=("IMP", "OR"), hidden=(5,), batch_size=7, samples=700, max_epochs=2), 2),
        (family(hidden=(3, 3, 3), learning_rate=0.01, weight_decay=0.3, max_epochs=3), 3),
        (family(hidden=(3, 3), negative_slope=0.25, max_epochs=3), 3),
        # Noise on the inputs, and targets drawn per seed.
        (family(noise=0.1, samples=730, max_epochs=3), 3),
        (replace(family(gates=("XOR", "AND", "NOR", "IMP"), max_epochs=3), outputs=2), 3),
    ],
)
def test_training_is_pytorchs(of, epochs):
    of = replace(of, training=replace(of.training, loss_cutoff=0.0, patience=10**6))
    seeds = [0, 3]
    counts = samples(of, seeds)
    ours = train(of, seeds, counts)
    assert ours.epochs.tolist() == [epochs, epochs]
    for i, seed in enumerate(seeds):
        model, loss = torch_trained(of, seed, counts[i], epochs)
        for layer, linear in enumerate(model[::2]):
            for found, expected in [
                (ours.networks.weights[layer][i], linear.weight),
                (ours.networks.biases[layer][i], linear.bias),
            ]:
                np.testing.assert_allclose(found, expected.detach(), rtol=1e-4, atol=1e-4)
        assert ours.loss[i] == pytest.approx(loss, rel=1e-3)
        # Training went somewhere: agreement is not that of two idle loops.
        start = torch_model(of, seed)[0].weight.detach().numpy()
        assert np.abs(ours.networks.weights[0][i] - start).max() > 1e-3


@pytest.mark.slow
def test_a_long_training_ends_like_pytorchs():
    # 40 epochs of 40 steps: rounding errors have grown, but both are at the same point.
    of = family(max_epochs=40, loss_cutoff=0.0, patience=10**6)
    ours = trained(of, [1])
    model, loss = torch_trained(of, 1, samples(of, [1])[0], 40)
    assert ours.loss[0] == pytest.approx(loss, rel=0.01)
    np.testing.assert_allclose(
        ours.networks.outputs()[0],
        model(torch.tensor(input_rows(2), dtype=torch.float32)).detach(),
        atol=0.01,
    )


def test_noise_is_gaussian():
    of = family(noise=0.1)
    noise = gaussians(of, 0)
    assert kstest([next(noise) for _ in range(5000)], "norm", (0, 0.1)).pvalue > 1e-3


def test_noise_changes_training_and_nothing_else_does():
    of = family(max_epochs=2)
    noisy = replace(of, training=replace(of.training, noise=0.1))
    assert bits(trained(of, [0]).networks) != bits(trained(noisy, [0]).networks)
    assert samples(of, [0]).tolist() == samples(noisy, [0]).tolist()


# When training stops -----------------------------------------------------------------------------


def losses(of, seed, epochs):
    """The loss of every epoch, recorded by training that many epochs and no more."""
    counts = samples(of, [seed])
    recorded = []
    for epoch in range(1, epochs + 1):
        endless = replace(of.training, loss_cutoff=0.0, patience=10**6, max_epochs=epoch)
        result = train(replace(of, training=endless), [seed], counts)
        assert result.epochs.tolist() == [epoch]
        recorded.append(result.loss[0])
    return recorded


def stops_at(recorded, cutoff, patience, max_epochs):
    """The epoch after which training should stop (paper, section 3)."""
    for epoch in range(1, max_epochs + 1):
        if recorded[epoch - 1] < cutoff:
            return epoch
        # The last epoch that improved on all before it.
        best = min(range(epoch), key=lambda i: recorded[i]) + 1
        if epoch - best >= patience:
            return epoch
    return max_epochs


@pytest.mark.parametrize("gates", [("XOR",), ("XOR", "AND")])
def test_early_stopping(gates):
    # A high learning rate, so that the loss also goes up.
    epochs = 40
    of = family(gates=gates, samples=300, batch_size=30, learning_rate=0.03)
    ends = set()
    for seed in range(3):
        recorded = losses(of, seed, epochs)
        for cutoff in [0.0, *np.quantile(recorded, [0.05, 0.5, 0.9])]:
            for patience in [1, 2, 3, 10**6]:
                settings = replace(
                    of.training,
                    # The setting is per output.
                    loss_cutoff=cutoff / len(gates),
                    patience=patience,
                    max_epochs=epochs,
                )
                result = trained(replace(of, training=settings), [seed])
                expected = stops_at(recorded, cutoff, patience, epochs)
                assert result.epochs[0] == expected
                assert result.loss[0] == recorded[expected - 1]
                ends.add((cutoff > recorded[expected - 1], expected < epochs))
    # All three ways to stop occurred: cutoff, patience, last epoch.
    assert ends >= {(True, True), (False, True), (False, False)}


def test_a_loss_at_the_cutoff_is_not_below_it():
    of = family(samples=300, patience=10**6, max_epochs=2)
    first = losses(of, 0, 1)[0]
    for cutoff, epochs in [(first, 2), (np.nextafter(first, 1), 1)]:
        stopped = trained(replace(of, training=replace(of.training, loss_cutoff=cutoff)), [0])
        assert stopped.epochs[0] == epochs


# What weights depend on --------------------------------------------------------------------------


def test_weights_depend_on_family_and_seed_alone():
    of = family(samples=400, max_epochs=30)
    seeds = list(range(7))
    reference = trained(of, seeds)
    expected = bits(reference.networks)
    assert len(set(expected)) == len(seeds)
    for how in [
        {"networks_at_once": 1},
        {"networks_at_once": 2, "threads": 3},
        {"networks_at_once": 100, "threads": 2},
    ]:
        again = trained(of, seeds, **how)
        assert bits(again.networks) == expected
        assert again.epochs.tolist() == reference.epochs.tolist()
        assert again.loss.tobytes() == reference.loss.tobytes()
    for chosen in [[4], [6, 0, 3], seeds[::-1]]:
        again = trained(of, chosen)
        assert bits(again.networks) == [expected[seed] for seed in chosen]
        assert again.loss.tolist() == reference.loss[chosen].tolist()
    # Other networks of another name, with the same settings.
    assert not set(bits(trained(replace(of, name="other"), seeds).networks)) & set(expected)


def test_a_network_is_the_same_whenever_its_neighbours_stop():
    # Neighbours with other samples run for other numbers of epochs.
    of = family(samples=400, max_epochs=60, learning_rate=0.02)
    counts = samples(of, [0, 1, 2])
    others = np.array([[400, 0, 0, 0], [1, 0, 0, 0], [100, 100, 100, 100]])
    alone = train(of, [1], counts[[1]])
    beside = train(of, [0, 1, 2], np.array([others[0], counts[1], others[1]]))
    assert len(set(beside.epochs.tolist())) > 1
    assert bits(beside.networks)[1] == bits(alone.networks)[0]
    # Its own samples matter.
    assert bits(train(of, [1], others[[2]]).networks) != bits(alone.networks)


WHOLE = every_circuit((2, 2, 2, 1))


@pytest.mark.parametrize(
    "reach", [WHOLE, replace(WHOLE, listed=10, method="meet in the middle")], ids=str
)
def test_stages_do_not_depend_on_how_many_networks_go_at_once(reach):
    of = family("xor-and", ("XOR", "AND"), (2, 2), seeds=6, learning_rate=0.01)
    drawn = datasets.datasets(of)
    listed = formulas.formulas(3, of.gates, PROTOCOLS.values())

    def frames(at_once, threads):
        rows = networks.networks(of, drawn, networks_at_once=at_once, threads=threads)
        found = circuits.circuits(rows, reach, networks_at_once=at_once, threads=threads)
        counted, cells = interpretations.interpretations(rows, found, reach, threads=threads)
        tried = alignment_stage.alignment(rows, listed)
        mapped = alignment_stage.algorithms(rows, listed, tried, PROTOCOLS.values())
        totals = summary.summary(rows, cells, mapped[0], PROTOCOLS.values(), reach)
        return [rows, found, counted, cells, tried, *mapped, totals]

    reference = frames(25, 1)
    assert all(len(frame) for frame in reference)
    converged_ones = int(reference[0]["converged"].sum())
    assert 1 < converged_ones < 6
    for at_once, threads in [(1, 2), (4, 1)]:
        for expected, found in zip(reference, frames(at_once, threads), strict=True):
            pd.testing.assert_frame_equal(found, expected, check_exact=True)


# What is drawn -----------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [family(hidden=(3, 3)), family(gates=("AND", "OR"), hidden=(5,))])
def test_initial_parameters_are_uniform_as_in_pytorch(of):
    drawn = np.stack([initial_parameters(of, seed) for seed in range(200)])
    assert drawn.dtype == np.float32
    start = 0
    for below, above in pairwise(of.layer_sizes):
        end = start + above * below + above  # weights, then biases
        bound = below**-0.5
        layer = drawn[:, start:end]
        assert np.abs(layer).max() <= np.float32(bound)
        assert kstest(layer.ravel(), "uniform", (-bound, 2 * bound)).pvalue > 1e-3
        # The bound is that of PyTorch's own layers.
        linear = torch.nn.Linear(below, 1000)
        for tensor in (linear.weight, linear.bias):
            assert bound * 0.98 < tensor.abs().max().item() <= bound
        start = end
    assert start == drawn.shape[1]
    assert len(np.unique(drawn, axis=0)) == 200


def test_random_streams_differ_by_family_seed_and_purpose():
    def draw(name, seed, purpose):
        return tuple(generator(name, seed, purpose).integers(2**63, size=2).tolist())

    keys = [
        (name, seed, purpose)
        for name in ["xor-k3", "xor-k4"]
        for seed in [0, 1, 2**31]
        for purpose in ["dataset", "initialisation", "shuffling"]
    ]
    assert len({draw(*key) for key in keys}) == len(keys)
    assert all(draw(*key) == draw(*key) for key in keys)


def test_every_sample_is_one_of_the_input_rows():
    of = family(samples=4000, validation_samples=1000)
    drawn = [draw_counts(of, seed) for seed in range(100)]
    for training, validation in drawn:
        assert training.shape == validation.shape == (4,)
        assert (training.sum(), validation.sum()) == (4000, 1000)
        assert (training >= 0).all()
        assert (validation >= 0).all()
    assert len({tuple(training) for training, _ in drawn}) == 100
    # Uniform: each row's share over all networks, within four standard errors.
    shares = np.sum([training for training, _ in drawn], axis=0) / 400_000
    assert np.abs(shares - 0.25).max() < 4 * (0.25 * 0.75 / 400_000) ** 0.5


def test_draws_of_another_family_are_the_same_trainings_stopped_elsewhere():
    base = family("base", seeds=6, loss_cutoff=1e-3)
    seeds = range(6)
    same, early, late = (
        trained(replace(base, name=name, draws_of="base", training=training), seeds)
        for name, training in (
            ("same", base.training),
            ("early", replace(base.training, loss_cutoff=0.1)),
            ("late", replace(base.training, loss_cutoff=1e-5)),
        )
    )
    own, other = trained(base, seeds), trained(replace(base, name="other"), seeds)
    assert bits(own.networks) == bits(same.networks)
    assert bits(own.networks) != bits(other.networks)
    assert (early.epochs <= own.epochs).all()
    assert (own.epochs <= late.epochs).all()
    assert (early.epochs < late.epochs).any()
    # Stopped after as many epochs, it is the same network.
    for seed in seeds:
        stopped = replace(base.training, max_epochs=int(early.epochs[seed]), loss_cutoff=1e-9)
        again = trained(replace(base, training=stopped), [seed])
        if again.epochs[0] == early.epochs[seed]:
            assert bits(again.networks)[0] == bits(early.networks)[seed]


# Convergence -------------------------------------------------------------------------------------

XOR_NETWORK = [[[1, 1], [1, 1]], [[1, -2]]], [[0, -1], [0]]
OR_NETWORK = [[[1, 1], [1, 1]], [[1, -1]]], [[0, -1], [0]]


def batch(*of):
    """Networks with ReLU, each given as weights and biases."""
    weights, biases = zip(*of, strict=True)
    return Networks(
        weights=tuple(np.array(layer, np.float32) for layer in zip(*weights, strict=True)),
        biases=tuple(np.array(layer, np.float32) for layer in zip(*biases, strict=True)),
        activation="relu",
        output_activation="relu",
        negative_slope=0.01,
    )


def judged(network, losses, targets, validation):
    result = Trained(network, np.ones(len(losses), np.int64), np.array(losses, float))
    learned = judge(result, np.array(targets), np.array(validation), PUBLISHED)
    return [x.tolist() for x in (learned.accuracy, learned.converged, learned.functional)]


def test_convergence_needs_a_loss_below_the_cutoff_and_accuracy():
    xor = [[0, 1, 1, 0]]
    # OR is wrong on 11, which is 0, 1, 1.1 and 25 percent of the validation samples.
    validation = [
        *[[250, 250, 250, 250]] * 3, [400, 300, 300, 0], [400, 300, 290, 10],
        [400, 300, 289, 11], [250, 250, 250, 250],
    ]  # fmt: skip
    network = batch(*[XOR_NETWORK] * 3, *[OR_NETWORK] * 4)
    losses = [0.0009, 0.001, 0.5, 0.0, 0.0, 0.0, 0.0]
    accuracy, passed, right = judged(network, losses, [xor] * 7, validation)
    assert accuracy == [1, 1, 1, 1, 0.99, 0.989, 0.75]
    assert passed == [True, False, False, True, True, False, False]
    # Whatever the loss, and however rare the input that is wrong.
    assert right == [True] * 3 + [False] * 4


def test_convergence_of_several_outputs():
    # XOR and OR at once: the cutoff is for both, the accuracy that of the worst.
    both = [[[1, 1], [1, 1]], [[1, -2], [1, -1]]], [[0, -1], [0, 0]]
    even = [250, 250, 250, 250]
    xor, disjunction, conjunction = (list(gate(name).table) for name in ("XOR", "OR", "AND"))
    accuracy, passed, right = judged(
        batch(both, both, both),
        [0.0019, 0.002, 0.0019],
        [[xor, disjunction], [xor, disjunction], [xor, conjunction]],
        [even] * 3,
    )
    assert accuracy == [1, 1, 0.5]
    assert passed == [True, False, False]
    assert right == [True, True, False]


@pytest.mark.parametrize(("width", "released"), some([(2, 22), (3, 35)], (2, 22)))
def test_as_many_networks_converge_as_with_the_released_code(width, released):
    of = family(f"xor-k{width}", hidden=(width, width), seeds=40)
    rows = networks.networks(of, datasets.datasets(of))
    ours = int(rows["converged"].sum())
    assert fisher_exact([[ours, 40 - ours], [released, 40 - released]]).pvalue > 0.001
    # A converged network computes its gate, since no row is rarer than one in a hundred.
    for outputs in rows.loc[rows["converged"], "outputs"]:
        assert np.round(outputs).tolist() == [[0, 1, 1, 0]]
    assert (rows["loss"] < 1e-3)[rows["converged"]].all()
    assert (rows["epochs"] >= 1).all()
    assert (rows["epochs"] <= 1000).all()
