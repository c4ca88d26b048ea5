"""Shares, Shapley shares and flips over all readings, by hand and by their laws."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability.evidence.ledger import load_claims
from identifiability.evidence.readings import (
    CLAIMS,
    CRITERIA,
    QUESTIONS,
    criteria_of,
    curves,
    flips,
    reading_shares,
    shapley,
)
from identifiability.readings import readings
from identifiability.store import artifacts
from tests.examples import examples


def answers(n, **of):
    """Rows of ``readings`` for n networks of a family that all answer alike under all readings."""
    rows = [
        {
            "family": "xor-k2", "seed": seed, "network_id": f"xor-k2/{seed}", "target": "XOR",
            "protocol": reading.protocol.name,
            **{c: None for q in QUESTIONS.values() for c in q.columns.values()},
            **{
                column: of.get(column, "several")
                for question in QUESTIONS.values() if question.side == side
                for column in question.columns.values()
            },
        }
        for side in ("circuits", "mappings") for reading in readings(side) for seed in range(n)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_shares_by_hand():
    found = answers(3)
    found.loc[found["seed"] == 0, "q4"] = "empty"
    found.loc[found["seed"] == 1, "q4_mapped"] = "none"
    last = readings("mappings")[-1].protocol.name
    found.loc[(found["seed"] == 2) & (found["protocol"] == last), "q3"] = None
    shares = reading_shares({"xor-k2": found})
    artifacts.to_table(shares, "reading_shares")
    assert len(shares) == 108 * 3 + 240 * 3
    by = shares.set_index(["question", "counted", "reading"])
    first = readings("mappings")[0].protocol.name
    row = by.loc[("mapping", "counts", first)]
    assert (row["n"], row["share_unique"], row["share_several"]) == (3, 1 / 3, 2 / 3)
    row = by.loc[("mapping", "left out", first)]
    assert (row["share_unique"], row["share_none"]) == (0, 1 / 3)
    open_ones = shares[~shares["known"]]
    assert [*open_ones["reading"]] == [last]
    assert open_ones["share_unique"].isna().all()


def of_points(points, question="algorithm"):
    """Shares that are a sum of points, one for every criterion that is not at its first value."""
    criteria = criteria_of(QUESTIONS[question])
    return pd.DataFrame(
        [
            {
                "question": question, "family": "f", "reading": str(values), "n": 10,
                **dict.fromkeys(CRITERIA),
                **{c.name: v for c, v in zip(criteria, values, strict=True)},
                "share_unique": points(
                    [v != next(iter(c.values)) for c, v in zip(criteria, values, strict=True)]
                ),
            }
            for values in product(*(c.values for c in criteria))
        ]
    )  # fmt: skip


def test_shapley_shares_of_a_sum_are_its_parts():
    weights = [0.1, -0.2, 0.05, 0.3, 0.0, 0.25]
    found = shapley(of_points(lambda on: np.dot(weights, on)))
    np.testing.assert_allclose(found["effect"], weights, atol=1e-12)


def test_shapley_shares_of_two_that_work_together_are_halves():
    found = shapley(of_points(lambda on: float(on[0] and on[3])))
    assert found["effect"].tolist() == pytest.approx([0.5, 0, 0, 0.5, 0, 0])


@examples(30)
@given(st.integers(0, 2**32 - 1))
def test_shapley_shares_add_up_to_the_difference(seed):
    generator = np.random.default_rng(seed)
    shares = of_points(lambda on: generator.uniform())
    found = shapley(shares)
    artifacts.to_table(found.assign(n=10), "tables/criteria")
    assert found["effect"].sum() == pytest.approx(
        found["at_least"].iloc[0] - found["at_most"].iloc[0]
    )


def test_what_is_left_open_has_no_shapley_share():
    found = shapley(of_points(lambda on: np.nan if on[1] else 0.5))
    assert found["effect"].isna().all()


def test_flips_by_hand():
    every = readings("mappings")
    rows = pd.DataFrame(
        [
            {
                "claim": "C09", "part": "all widths", "side": "mappings",
                "reading": r.protocol.name, **dict.fromkeys(CRITERIA[:-1]), **r.values,
                "n": 5, "value": 0.5,
                "verdict": "reproduced" if r.values["pairs"] == "6" else "not reproduced",
            }
            for r in every
        ]
    )  # fmt: skip
    artifacts.to_table(rows, "reading_verdicts")
    found = flips(rows)
    artifacts.to_table(found, "tables/flips")
    by = found.set_index("criterion")
    assert by.loc["pairs", "differ"] == 1
    assert by.loc["pairs", "n_pairs"] == 120
    assert (by["differ"].drop(["any", "pairs"]) == 0).all()
    assert by.loc["any", "differ"] == 120 * 120 / (240 * 239 / 2)
    assert (by["reproduced"] == 120).all()


def test_a_curve_is_sorted_by_the_mean_over_families():
    one = of_points(lambda on: sum(on) / 6)
    two = of_points(lambda on: 0.0).assign(family="g")
    for family, rows in curves(pd.concat([one, two]), "algorithm"):
        assert rows["rank"].tolist() == list(range(240))
        if family == "f":
            assert rows["share_unique"].is_monotonic_increasing


def test_claims_are_in_the_ledger_and_their_parts_are_found():
    ledger = load_claims(Path(__file__).parents[2] / "paper" / "claims.yaml")
    for name, _, begins in CLAIMS:
        assert any(part.name.startswith(begins) for part in ledger.claims[name].parts)
