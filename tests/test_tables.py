"""The paper's tables and the values they are compared with."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from identifiability.config import parse
from identifiability.gates import gate
from identifiability.published import table_3
from identifiability.tables import bootstrap_interval, gate_name, means_without_noise, parent_names

ROOT = Path(__file__).parents[1]


def summary(rows):
    """Rows of `summary` from (network, target, converged, circuits, interpretations, …)."""
    names = ["network_id", "target", "converged", "n_circuits", "n_interpretations"]
    names += ["n_algorithms", "n_mappings"]
    return pd.DataFrame(rows, columns=names).assign(protocol="released")


def row(table, quantity):
    return table.set_index("quantity").loc[quantity]


def test_a_network_counts_once_with_the_mean_over_its_targets():
    table = means_without_noise(
        summary(
            [
                ("f/0", "XOR", True, 2, "10", 0, 0),
                ("f/0", "AND", True, 4, "10", 2, 6),
                ("f/1", "XOR", True, 9, "9", 1, 1),
                ("f/1", "AND", True, 9, "9", 0, 0),
                ("f/2", "XOR", False, None, None, None, None),
            ]
        ),
        {"n_circuits": {"claim": "C18", "value": 52.3}},
    )
    circuits = row(table, "n_circuits")
    assert (circuits["n"], circuits["mean"]) == (2, (3 + 9) / 2)
    assert (circuits["claim"], circuits["published"]) == ("C18", 52.3)
    # Per circuit: (10/2 + 10/4) / 2 and 1; per algorithm only where there is one: 3 and 1.
    assert row(table, "interpretations_per_circuit")["mean"] == (3.75 + 1) / 2
    assert row(table, "mappings_per_algorithm")["mean"] == 2
    assert np.isnan(row(table, "n_mappings")["published"])


def test_bootstrap_interval_holds_the_mean_and_is_the_same_every_time():
    values = np.random.default_rng(1).exponential(size=60)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high
    assert (low, high) == bootstrap_interval(values)
    assert np.isnan(bootstrap_interval(np.ones(5))).all()


def test_published_values_are_for_the_papers_family_alone():
    config = parse(yaml.safe_load((ROOT / "config/config.yaml").read_text()))
    family = config.families["xor-k3"]
    assert table_3(ROOT / "paper/published.yaml", family)["n_circuits"]["value"] == 52.3
    for other in (replace(family, hidden=(2, 2)), replace(family, gates=(gate("AND"),))):
        assert table_3(ROOT / "paper/published.yaml", other) == {}


@pytest.mark.parametrize(
    ("table", "parents", "name"),
    [
        ((0, 1), ["h1.0"], "h1.0"),
        ((1, 0), ["h1.0"], "NOT h1.0"),
        ((1, 1, 0, 1), ["A", "B"], "A IMP B"),
        ((1, 0, 1, 1), ["A", "B"], "B IMP A"),
        ((1, 1, 0, 0), ["A", "B"], "NOT A"),
        ((0, 1, 0, 0, 0, 0, 1, 0), ["x", "y", "z"], "01000010 over x, y, z"),
    ],
)
def test_gates_in_words(table, parents, name):
    assert gate_name(table, parents) == name


def test_parents_of_a_circuit():
    masks = [np.array([1, 3]), np.array([3, 0]), np.array([1])]
    assert parent_names((2, 2, 2, 1), masks) == [
        *([["A", "B"]] * 2),
        *(["h1.0", "h1.1"], []),
        ["h2.0"],
    ]
