"""The recount by the plain module: it confirms right numbers, and finds every wrong one."""

from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest

from identifiability import artifacts, plain, recount
from identifiability.errors import UserError
from identifiability.plain import PlainNetwork
from identifiability.recount import Case, Effort

XOR = (0, 1, 1, 0)
TABLES = {"XOR": XOR, "AND": (0, 0, 0, 1)}
EFFORT = Effort(cases=2, wide_cases=1, circuits=100, listed=100_000, listed_in_all=300_000, seed=0)

# XOR with one hidden layer of three: h0 = A + B, h1 = A*B, y = h0 - 2 h1. The third, h2 = A,
# has no influence.
WEIGHTS = [[[1, 1], [1, 1], [1, 0]], [[1, -2, 0]]]
BIASES = [[0, -1, 0], [0]]
NETWORK = PlainNetwork(WEIGHTS, BIASES, "relu")


def networks(n, targets=("XOR",), converged=True):
    """Rows of `networks`: n times the same one, an output for each target."""
    hidden, output = WEIGHTS
    return pd.DataFrame(
        {
            "family": "f",
            "seed": seed,
            "network_id": f"f/{seed}",
            "targets": np.array(targets, object),
            "layer_sizes": np.array([2, 3, len(targets)]),
            "activation": "relu",
            "output_activation": "relu",
            "negative_slope": 0.01,
            "weights": [np.array(hidden, np.float32), np.array(output * len(targets))],
            "biases": [np.array(BIASES[0], np.float32), np.zeros(len(targets))],
            "validation": np.array([2, 2, 2, 2]),
            "converged": converged,
        }
        for seed in range(n)
    )


def written(network_id="f/0", counted=True, how="exact"):
    """What a pipeline without faults writes about the network, from ``plain.explain``."""
    keys = {"family": "f", "seed": int(network_id[2:]), "network_id": network_id, "target": "XOR"}
    summary = []
    for protocol in recount.PROTOCOLS:
        rules = recount.rules_of(protocol, NETWORK.layer_sizes)
        sample = [(row, bit, 2) for row, bit in zip(plain.input_rows(2), XOR, strict=True)]
        found = plain.explain(NETWORK, XOR, rules, sample=sample)
        numbers = [int(circuit["interpretations"]) for circuit in found["circuits"]]
        mappings = [formula["minimal_mappings"] for formula in found["formulas"]]
        totals = {key: value for key, value in found.items() if key.startswith("n_")}
        totals["n_circuits_interpretable"] = sum(n > 0 for n in numbers)
        totals["n_circuits_one_interpretation"] = numbers.count(1)
        totals["n_algorithms_one_mapping"] = mappings.count(1)
        summary.append({**keys, "protocol": protocol, "counted": counted, "how": how, **totals})

    circuits = []
    for edges in plain.perfect_circuits(NETWORK, XOR, plain.strict()):
        completions, reachable = plain.multiply_interpretations(NETWORK, edges)
        hidden = sum("1" in string for string in edges[0])
        circuits.append(
            {
                **keys,
                "circuit_id": ",".join(edges[0]) + "|" + edges[1][0],
                "n_hidden": hidden,
                "n_edges": sum(string.count("1") for layer in edges for string in layer),
                "for_target": True,
                "for_model": True,
                "for_sample": True,
                "n_interpretations": str(completions),
                "n_interpretations_reachable": str(reachable),
                "n_circuits": 1,
                "n_circuits_interpretable": int(completions > 0),
                "n_circuits_one_interpretation": int(completions == 1),
            }
        )
    # One row of cells per circuit: it is their sums that count.
    frame = pd.DataFrame(circuits)
    return {
        "summary": pd.DataFrame(summary),
        "cells": frame.drop(columns="circuit_id"),
        "circuits": frame,
        "interpretations": frame,
    }


def case(network_id="f/0"):
    keys = {"family": "f", "seed": int(network_id[2:]), "network_id": network_id}
    return Case(NETWORK, "XOR", XOR, (2, 2, 2, 2), keys)


def compared(stored, effort=EFFORT):
    """The comparison of one case with what is stored."""
    own = case()
    shape = own.shape
    n_candidates = {
        p: sum(1 for _ in plain.candidates(shape, recount.rules_of(p, shape)))
        for p in recount.PROTOCOLS
    }
    formulas = {p: plain.formulas(XOR, p, depth=2) for p in recount.PROTOCOLS}
    found = recount.recount(own, formulas, effort)
    return recount.compare(own, n_candidates, found, stored)


def test_the_network_by_hand():
    # XOR needs h0 and h1 with both inputs. h2 is gone, or reads A, B or both: four circuits. Where
    # it reads B alone, whose weight is 0, it is dead. h0 is OR, h1 AND, (h0, h1) is 00 10 10 11,
    # and y is NIMP: the free row 01 would make it XOR. With h2 = A, y reaches 000, 100, 101 and
    # 111, so four rows are free.
    stored = written()
    strict = stored["summary"].set_index("protocol").loc["strict"]
    assert strict["n_circuits"] == 4
    assert strict["n_interpretations"] == str(1 + 16 + 0 + 16)
    assert strict["n_circuits_one_interpretation"] == 1
    assert strict["n_circuits_interpretable"] == 3
    assert (strict["n_algorithms"], strict["n_mappings"]) == (1, 1)


def test_right_numbers_are_confirmed():
    rows = compared(written())
    assert rows["agrees"].all()
    recount.check(rows)
    assert len(rows) == 3 * 10
    assert not rows.duplicated(["protocol", "quantity"]).any()
    text = rows.set_index(["protocol", "quantity"]).loc[("strict", "n_interpretations")]
    assert (text["summary"], text["recount"]) == ("33", "33")
    assert text["coverage"] == "4 of 4 circuits; 4 listed, the others multiplied"
    artifacts.to_table(rows, "recount")


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("n_candidates", 58),
        ("n_circuits", 5),
        ("n_interpretations", "34"),
        ("n_interpretations_reachable", "0"),
        ("n_circuits_interpretable", 4),
        ("n_circuits_one_interpretation", 0),
        ("n_algorithms", 2),
        ("n_mappings", 0),
        ("n_algorithms_one_mapping", 0),
    ],
)
def test_a_tampered_summary_is_found(column, wrong):
    stored = written()
    strict = stored["summary"]["protocol"] == "strict"
    stored["summary"].loc[strict, column] = wrong
    rows = compared(stored)
    assert rows[~rows["agrees"]]["quantity"].tolist() == [column]
    with pytest.raises(UserError, match=rf"^the .* 1 other .*: f/0 XOR strict {column}: {wrong} "):
        recount.check(rows)


def test_a_tampered_circuit_is_found():
    stored = written()
    stored["interpretations"] = stored["interpretations"].copy()
    stored["interpretations"].loc[0, "n_interpretations_reachable"] = "7"
    wrong = compared(stored).query("not agrees")
    assert set(wrong["quantity"]) == {"n_circuits_listed"}
    assert "strict" in set(wrong["protocol"])

    stored = written()
    stored["circuits"] = stored["circuits"].copy()
    stored["circuits"].loc[0, "circuit_id"] = "11,01,00|110"
    assert "n_circuits_listed" in set(compared(stored).query("not agrees")["quantity"])


def test_more_circuits_than_are_counted():
    # The cells have one, two and one circuits: with two at most, either the one of two is counted
    # or the others are.
    effort = replace(EFFORT, circuits=2)
    stored = written()
    rows = compared(stored, effort)
    assert rows["agrees"].all()
    coverage = rows.query("protocol == 'strict' and quantity == 'n_interpretations'")["coverage"]
    assert coverage.item().startswith("2 of 4 circuits in ")
    assert coverage.item().endswith(
        " of 3 cells, drawn at random; 2 listed, the others multiplied"
    )
    # The rest is taken from the cells, so the total is still under watch.
    strict = stored["summary"]["protocol"] == "strict"
    stored["summary"].loc[strict, "n_interpretations"] = "34"
    wrong = compared(stored, effort).query("not agrees")
    assert wrong["quantity"].tolist() == ["n_interpretations"]


@pytest.mark.parametrize(
    # The circuits have 0, 1, 16 and 16 interpretations.
    ("listed", "listed_in_all", "n_listed"),
    [(16, 33, 4), (15, 33, 2), (16, 32, 3), (99, 17, 3), (99, 16, 2), (0, 0, 1)],
)
def test_long_lists_are_multiplied(listed, listed_in_all, n_listed):
    effort = replace(EFFORT, listed=listed, listed_in_all=listed_in_all)
    rows = compared(written(), effort)
    assert rows["agrees"].all()
    text = rows.set_index(["protocol", "quantity"])["coverage"]["strict", "n_interpretations"]
    assert text == f"4 of 4 circuits; {n_listed} listed, the others multiplied"


def test_what_was_left_open_is_not_compared():
    rows = compared(written(counted=False))
    assert set(rows["quantity"]) == {
        *("n_candidates", "n_algorithms", "n_mappings", "n_algorithms_one_mapping")
    }


def test_estimates_are_not_compared():
    rows = compared(written(how="estimate"))
    assert rows["agrees"].all()
    assert "n_circuits" in set(rows["quantity"])
    assert not rows["quantity"].str.contains("interpretation").any()


def test_a_summary_without_a_protocol():
    stored = written()
    stored["summary"] = stored["summary"].query("protocol != 'text'")
    with pytest.raises(
        UserError, match=r"f/0 XOR: the summary should have one row .* text, not 0"
    ):
        compared(stored)


@pytest.mark.parametrize("shape", [(2, 2, 2, 1), (2, 3, 3, 1), (2, 4, 1)])
def test_rules_on_sparsity_are_those_of_the_candidates(shape):
    every = list(plain.candidates(shape, plain.strict()))
    for protocol in recount.PROTOCOLS:
        rules = recount.rules_of(protocol, shape)
        admitted = [e for e in every if recount.admits(rules, shape, recount.cell_of(e))]
        assert admitted == list(plain.candidates(shape, rules))


def test_ids_name_edges():
    edges = [["11", "01", "00"], ["110"]]
    assert recount.circuit_id(edges) == "11,01,00|110"
    assert recount.edges_of("11,01,00|110") == edges
    assert recount.cell_of(edges) == (2, 5)


def test_networks_are_drawn_among_the_converged():
    rows = networks(20)
    rows["converged"] = [seed % 2 == 0 for seed in range(20)]
    drawn = recount.choose(rows, EFFORT)
    assert len(drawn) == 2
    assert (drawn["seed"] % 2 == 0).all()
    assert recount.choose(rows, EFFORT)["seed"].tolist() == drawn["seed"].tolist()
    draws = {tuple(recount.choose(rows, replace(EFFORT, seed=seed))["seed"]) for seed in range(9)}
    assert len(draws) > 1
    assert len(recount.choose(networks(3, converged=False), EFFORT)) == 0
    # One network with two targets makes two cases.
    two = recount.choose(networks(9, ("XOR", "AND")), EFFORT)
    assert [c.target for c in recount.cases(two, TABLES)] == ["XOR", "AND"]


def test_whole_cells():
    circuits = {str(i): (i % 3, 0) for i in range(9)}
    assert recount.whole_cells(circuits, 9, Random(0)) == frozenset(circuits)
    for seed in range(9):
        chosen = recount.whole_cells(circuits, 7, Random(seed))
        assert len(chosen) == 6
        assert len({circuits[name] for name in chosen}) == 2
    assert recount.whole_cells(circuits, 2, Random(0)) == frozenset()


def test_families_from_end_to_end():
    stored = {name: [] for name in ("summary", "cells", "circuits", "interpretations")}
    for seed in range(4):
        for name, frame in written(f"f/{seed}").items():
            stored[name].append(frame)
    frames = {name: pd.concat(parts) for name, parts in stored.items()}
    frames["networks"] = networks(4)

    def read(artifact, family):
        assert family in ("f", "g")
        return frames[artifact] if family == "f" else frames[artifact].iloc[:0]

    rows = recount.recount_families(["f", "g"], read, TABLES, EFFORT, processes=2)
    assert rows["network_id"].nunique() == 2
    assert len(rows) == 2 * 30
    recount.check(rows)
    artifacts.to_table(rows, "recount")
    report = recount.report(rows, ["f", "g"], EFFORT)
    assert "60 numbers" in report
    assert "confirms 60" in report
    assert "Counted in part" not in report

    frames["summary"] = frames["summary"].assign(n_mappings=9)
    rows = recount.recount_families(["f"], read, TABLES, EFFORT, processes=1)
    with pytest.raises(UserError, match="finds 6 other numbers"):
        recount.check(rows)
