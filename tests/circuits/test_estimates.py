"""Circuits beyond those enumerated: counted exactly, their interpretations estimated."""

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from identifiability import explain
from identifiability.circuits import estimates, meet_in_the_middle
from identifiability.circuits.codes import kept_by_codes
from identifiability.circuits.interpretations_of_codes import count_interpretations_of_codes
from identifiability.circuits.responses import tabulate
from identifiability.config.defaults import engine_defaults
from identifiability.networks.families import generator
from identifiability.networks.gates import gate
from identifiability.networks.models import from_anything
from identifiability.networks.stack import Reading
from identifiability.stages import estimates as stage
from identifiability.stages.frames import Batch
from identifiability.stages.rows import determined
from tests.test_reference import as_model, stored

NAMES = ["xor-k2-0", "xor-k3-0", "xor-k3-1", "and-k3-0", "imp-k3-0"]


def batch_of(name):
    """A reference network, seen through its first output."""
    target = stored(name)["targets"][0]
    keys = pd.DataFrame(
        {"family": "f", "seed": pd.array([None], "Int64"), "network_id": name, "target": [target]}
    )
    network = from_anything(as_model(name), Reading()).network.single_output(0)
    return Batch(keys, network, gate(target), np.ones((1, 4), np.int64))


def counted(name):
    """Counts of a reference network, and what its interpretations really are by code."""
    batch = batch_of(name)
    table = tabulate(batch.networks)
    wanted = meet_in_the_middle.wanted(table, np.array(batch.target.table, float))
    counts = meet_in_the_middle.count(table, wanted)
    everything = estimates.draw_circuits(counts, 10**9, np.random.default_rng(0))
    codes = codes_of(table, wanted, everything)
    found = count_interpretations_of_codes(table, codes, np.arange(len(codes)), len(codes))
    return table, wanted, counts, dict(zip(codes.tolist(), found.totals(), strict=True))


def codes_of(table, wanted, sample):
    return meet_in_the_middle.list_codes(table, wanted, sample.choice, sample.profile, sample.rank)


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_exact_where_every_circuit_is_taken(name):
    found = stage.estimated_cells(batch_of(name), 0, per_cell=10**9)
    assert set(found["how"]) == {"exact"}
    assert not found[["standard_error", "standard_error_reachable"]].any(axis=None)
    expected = explain(as_model(name), protocol="strict").frames["cells"]
    expected = expected[expected["target"] == stored(name)["targets"][0]]
    columns = ["n_circuits", "n_interpretations", "n_interpretations_reachable"]
    by_cell = (
        expected.assign(**{c: expected[c].map(int) for c in columns})
        .groupby(["n_hidden", "n_edges"])[columns]
        .sum()
    )
    ours = found.set_index(["n_hidden", "n_edges"])[columns].map(int)
    pd.testing.assert_frame_equal(ours, by_cell, check_dtype=False)
    # Leaving out the cells with few neurons leaves the others as they are.
    above = stage.estimated_cells(batch_of(name), 0, per_cell=10**9, above=3)
    pd.testing.assert_frame_equal(
        above, found[found["n_hidden"] > 3].reset_index(drop=True), check_dtype=False
    )


def test_a_stratum_is_drawn_from_evenly():
    # Few circuits of many are drawn, again and again; every circuit as often as any other of its
    # stratum, within what chance allows.
    table, wanted, counts, known = counted("xor-k3-0")
    times = dict.fromkeys(known, 0)
    expected = dict.fromkeys(known, 0.0)
    with patch.object(estimates, "WHOLE", 0):
        for seed in range(400):
            sample = estimates.draw_circuits(counts, 5, np.random.default_rng(seed))
            codes = codes_of(table, wanted, sample)
            for code in codes.tolist():
                times[code] += 1
            hidden, edges = kept_by_codes(codes, table.sizes)
            np.testing.assert_array_equal(
                np.stack([hidden, edges], axis=1), sample.cell[sample.stratum]
            )
    # How many are drawn from a stratum is not left to chance.
    share = sample.drawn / sample.size
    whole = estimates.draw_circuits(counts, 10**9, np.random.default_rng(0))
    for code, stratum in zip(codes_of(table, wanted, whole).tolist(), whole.stratum, strict=True):
        expected[code] = 400 * share[stratum]
    drawn = np.array([times[c] for c in known])
    mean = np.array([expected[c] for c in known])
    assert (np.abs(drawn - mean) <= 5 * np.sqrt(mean) + 1e-9).all()
    assert drawn.sum() == pytest.approx(mean.sum())


@pytest.mark.parametrize("name", ["xor-k3-1", "imp-k3-0"])
def test_estimates_have_no_bias_and_intervals_that_cover(name):
    table, wanted, counts, known = counted(name)
    truth = sum(known.values())
    errors, covered = [], []
    with patch.object(estimates, "WHOLE", 0):
        for seed in range(300):
            sample = estimates.draw_circuits(counts, 20, generator("test", seed, "circuits"))
            values = np.array([known[c] for c in codes_of(table, wanted, sample).tolist()], float)
            found = estimates.estimate(sample, values)
            error = found.total.sum() / truth - 1
            spread = np.sqrt((found.standard_error**2).sum()) / truth
            errors.append(error)
            covered.append(abs(error) <= 1.96 * spread)
            assert found.n_circuits.sum() == len(known)
    assert 0 < np.std(errors) < 0.2
    assert abs(np.mean(errors)) <= 4 * np.std(errors) / np.sqrt(len(errors))
    assert 0.88 <= np.mean(covered) <= 0.99


def test_a_total_is_determined_to_a_tenth():
    totals, errors = np.array([100.0, 100, 100, 0, np.nan]), np.array([10.0, 10.1, 0, 0, 1])
    assert determined(totals, errors).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize("name", ["xor-k3-0", "xor-and-nor-k3-0", "xor-k4-0"])
@pytest.mark.parametrize("protocol", ["strict", "text"])
def test_counts_only_beyond_what_is_enumerated(name, protocol):
    exact = explain(as_model(name), protocol=protocol, counts_only=True)
    most = 10_000 if "k4" in name else 500
    fewer = engine_defaults() | {"max_candidates": most}
    with patch("identifiability.networks.checks.engine_defaults", lambda: fewer):
        found = explain(as_model(name), protocol=protocol, counts_only=True)
    for one, other in zip(
        found.to_dict(counts_only=True)["targets"],
        exact.to_dict(counts_only=True)["targets"],
        strict=True,
    ):
        assert other["how"] == "exact"
        assert other["standard_error"] == 0
        for count in ("n_candidates", "n_circuits", "n_algorithms", "n_mappings"):
            assert one[count] == other[count]
        assert one["how"] in ("exact", "estimate")
        for count, error in (
            ("n_interpretations", "standard_error"),
            ("n_interpretations_reachable", "standard_error_reachable"),
        ):
            assert abs(int(one[count]) - int(other[count])) <= 5 * one[error] + 1
    if "k4" in name and protocol == "strict":
        assert one["how"] == "estimate"
