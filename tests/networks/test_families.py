"""What families draw per seed: targets, input probabilities, noise, untrained networks."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

from identifiability import plain
from identifiability.networks.datasets import draw_counts, input_probabilities, noisy_samples
from identifiability.networks.gates import gate
from identifiability.networks.untrained import search_untrained
from identifiability.plain import PlainNetwork
from identifiability.stages.circuits import circuits
from identifiability.stages.datasets import datasets
from identifiability.stages.networks import networks, untrained
from identifiability.stages.noisy import noisy, noisy_representatives
from tests.networks.test_training import PUBLISHED, family

EIGHT = ("AND", "OR", "XOR", "IMP", "NAND", "NOR", "NIMP", "XNOR")


def drawn(outputs, **changes):
    return replace(family("drawn", EIGHT, **changes), outputs=outputs)


# Targets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outputs", [1, 3, 6])
def test_targets_are_drawn_evenly_and_without_replacement(outputs):
    of = drawn(outputs)
    lists = [[g.name for g in of.targets(seed)] for seed in range(800)]
    assert all(len(set(names)) == outputs for names in lists)
    for position in {0, outputs - 1}:
        counts = Counter(names[position] for names in lists)
        assert set(counts) == set(EIGHT)
        assert chisquare(list(counts.values())).pvalue > 1e-3
    assert of.layer_sizes == (2, 3, 3, outputs)
    assert [g.name for g in of.targets(5)] == lists[5]


def test_without_a_number_of_outputs_every_network_has_all_targets():
    of = family(gates=("XOR", "AND"))
    assert of.targets(0) == of.targets(7) == (gate("XOR"), gate("AND"))
    assert of.single_output_sizes == (2, 3, 3, 1)


def test_networks_know_their_own_targets():
    of = drawn(2, seeds=5, learning_rate=0.01)
    rows = networks(of, datasets(of))
    for row in rows[rows["converged"]].to_dict("records"):
        expected = [g.table for g in of.targets(row["seed"])]
        assert np.round(np.array(row["outputs"])).astype(int).tolist() == list(map(list, expected))


# Inputs ------------------------------------------------------------------------------------------


def test_skewed_input_probabilities():
    of = family(input_probabilities="skewed")
    table = np.array([input_probabilities(of, seed) for seed in range(2000)])
    np.testing.assert_allclose(table.sum(1), 1)
    np.testing.assert_allclose(table.mean(0), 0.25, atol=0.01)
    # u_1 / (u_1 + u_2) of two uniform numbers is above 2/3 with probability 1/4.
    ratio = table[:, 0] / (table[:, 0] + table[:, 1])
    assert (ratio > 2 / 3).mean() == pytest.approx(0.25, abs=0.04)
    counts, validation = draw_counts(of, 3)
    np.testing.assert_allclose(counts / counts.sum(), table[3], atol=0.04)
    assert (counts.sum(), validation.sum()) == (4000, 1000)
    assert input_probabilities(family(), 0).tolist() == [0.25] * 4


def test_noisy_samples():
    of = family(noise=0.1)
    counts = np.array([100, 200, 300, 400])
    rows, inputs = noisy_samples(of, 0, counts, of.training.noise)
    assert np.bincount(rows).tolist() == counts.tolist()
    assert (np.diff(rows) < 0).any()  # in random order
    noise = inputs - np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[rows]
    assert noise.std() == pytest.approx(0.1, rel=0.05)
    assert noise.mean() == pytest.approx(0, abs=0.01)


# Circuits on noisy inputs (D07) ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_representatives_are_the_plain_ones(seed):
    _, inputs = noisy_samples(family(), seed, np.array([20, 30, 1, 0]), 0.3)
    expected = plain.noisy_representatives(inputs.tolist())
    np.testing.assert_array_equal(noisy_representatives(inputs), expected)


def test_representatives_by_hand():
    inputs = np.array([[0.1, 0.2], [0.95, 1.1], [1.2, 1.3], [-0.4, 0.9]])
    # 0.95 is cut to 0; the last sample filed under 00 is (-0.4, 0.9); none is filed under 10.
    expected = [[-0.4, 0.9], [0.95, 1.1], [1.0, 0.0], [1.2, 1.3]]
    np.testing.assert_array_equal(noisy_representatives(inputs), expected)


def test_circuits_on_noisy_inputs_are_the_plain_ones():
    of = replace(
        family("noisy", hidden=(2, 2), seeds=12, noise=0.1),
        training=replace(
            PUBLISHED, noise=0.1, loss_cutoff=0.02, validation_samples=60, learning_rate=0.01
        ),
    )
    rows = networks(of, datasets(of))
    assert rows["converged"].sum() >= 3
    found = noisy(rows, of, of.training.noise)
    judged = 0
    for row in rows[rows["converged"]].to_dict("records"):
        network = PlainNetwork(
            [[list(map(float, to)) for to in layer] for layer in row["weights"]],
            [list(map(float, layer)) for layer in row["biases"]],
        )
        bits, inputs = noisy_samples(
            of, row["seed"], np.array(row["validation"]), of.training.noise
        )
        table = gate("XOR").table
        sample = [(x, table[r], 1) for r, x in zip(bits, inputs.tolist(), strict=True)]
        rules = replace(plain.strict(), reference="sample", formulas="released")
        expected = plain.explain(
            network, table, rules, sample=sample,
            inputs=plain.noisy_representatives(inputs.tolist()),
        )  # fmt: skip
        own = found[found["network_id"] == row["network_id"]]
        assert dict(zip(own["circuit_id"], own["n_interpretations"], strict=True)) == {
            "|".join(",".join(layer) for layer in c["edges"]): c["interpretations"]
            for c in expected["circuits"]
        }
        total = sum(map(int, own["n_interpretations_reachable"]))
        assert str(total) == expected["n_interpretations_reachable"]
        judged += len(own)
    assert judged


# Untrained networks ------------------------------------------------------------------------------

UNTRAINED = replace(
    family("untrained", ("AND", "OR", "XOR"), seeds=4), outputs=1, untrained_draws=200_000
)


def test_untrained_networks_compute_their_gates():
    rows, rates = untrained(UNTRAINED)
    assert rates["n_draws"].nunique() == 1
    assert rates["n_draws"][0] <= 200_000
    assert rates["n_analysed"].tolist() == [4, 4, 4]
    assert (rates["n_found"] >= rates["n_analysed"]).all()
    assert rows["seed"].is_monotonic_increasing
    for row in rows.to_dict("records"):
        (name,) = row["targets"]
        assert np.round(row["outputs"][0]).astype(int).tolist() == list(gate(name).table)
    found = circuits(rows)
    assert set(found["network_id"]) == set(rows["network_id"])


def test_draws_do_not_depend_on_how_many_are_wanted():
    few, more = search_untrained(replace(UNTRAINED, seeds=2)), search_untrained(UNTRAINED)
    assert set(few.draw) < set(more.draw)
    own = [list(more.draw).index(draw) for draw in few.draw]
    np.testing.assert_array_equal(few.networks.weights[0], more.networks.weights[0][own])


def test_draws_are_spent():
    found = search_untrained(replace(UNTRAINED, seeds=10**6, untrained_draws=70_000))
    assert found.draws == 70_000
    assert found.numbers.sum() == len(found.draw)
