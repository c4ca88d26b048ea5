"""The recount by the plain module: it confirms right numbers, and finds every wrong one."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identifiability import plain
from identifiability.audit import cases, recount
from identifiability.audit.cases import Case, Effort, Work
from identifiability.audit.numbers import CHECK_TITLES
from identifiability.plain import PlainNetwork

XOR = (0, 1, 1, 0)
EFFORT = Effort(circuits=100, listed_in_all=300_000, formulas=1000, places=1000)

# XOR with one hidden layer of three: h0 = A + B, h1 = A*B, y = h0 - 2 h1. The third, h2 = A,
# has no influence.
WEIGHTS = [[[1, 1], [1, 1], [1, 0]], [[1, -2, 0]]]
BIASES = [[0, -1, 0], [0]]
NETWORK = PlainNetwork(WEIGHTS, BIASES, "relu")
SAMPLE = [([float(a), float(b)], a ^ b, 2) for a, b in plain.input_rows(2)]
CASE = Case(NETWORK, "XOR", SAMPLE, "f/0")


def written():
    """What a run without faults writes about the network, from ``plain.explain``."""
    keys = {"family": "f", "seed": 0, "network_id": "f/0", "target": "XOR"}
    summary, formulas, mappings = [], [], []
    for protocol in cases.RECOUNTED:
        rules = cases.rules_of(protocol, NETWORK.layer_sizes)
        sample = [(row, bit, 2) for row, bit in zip(plain.input_rows(2), XOR, strict=True)]
        found = plain.explain(NETWORK, XOR, rules, sample=sample)
        numbers = [int(circuit["interpretations"]) for circuit in found["circuits"]]
        totals = {key: value for key, value in found.items() if key.startswith("n_")}
        totals["n_circuits_interpretable"] = sum(n > 0 for n in numbers)
        totals["n_circuits_one_interpretation"] = numbers.count(1)
        own = {**keys, "protocol": protocol, "counted": True, "how": "exact"}
        summary.append({**own, "functional": True, **totals})
        for number, formula in enumerate(plain.formulas(XOR, rules.formulas, depth=2)):
            variables = plain.intermediate_variables(formula, rules.variables)
            texts = [plain.formula_text(plain.subformula(formula, v)) for v in variables]
            row = {"protocol": protocol, "formula_id": number}
            row["formula"] = plain.formula_text(formula)
            names = [f"{protocol} {text}" for text in texts]
            steps = plain.steps_of(formula, rules.variables, 2)
            formulas.append({**row, "variables": texts, "variable_ids": names, "steps": steps})
            for mapping in plain.minimal_mappings(NETWORK, formula, rules):
                layers, neurons = [one[0] for one in mapping], [one[1] for one in mapping]
                mappings.append({**row, "layers": layers, "neurons": neurons})

    circuits = []
    perfect = plain.perfect_circuits(NETWORK, XOR, plain.strict())
    complete = [edges for edges in perfect if plain.is_complete(NETWORK, edges)]
    criteria = {
        "minimal": plain.minimal_circuits(perfect),
        "complete": complete,
        "complete_minimal": plain.minimal_circuits(complete),
    }
    near = {
        name: plain.perfect_circuits(NETWORK, [], replace(plain.strict(), tolerance=tolerance))
        for name, tolerance in (("within_50", 0.5), ("within_10", 0.1), ("within_02", 0.02))
    }
    criteria |= near
    criteria |= {f"minimal_{name}": plain.minimal_circuits(own) for name, own in near.items()}
    for edges in [*perfect, *(e for e in near["within_50"] if e not in perfect)]:
        is_perfect = edges in perfect
        completions, reachable = plain.multiply_interpretations(NETWORK, edges)
        n_hidden, n_edges = cases.cell_of(edges)
        circuits.append(
            {
                **keys,
                "circuit_id": cases.circuit_id(edges),
                "n_hidden": n_hidden,
                "n_edges": n_edges,
                **dict.fromkeys(("for_target", "for_model", "for_sample"), is_perfect),
                **{name: edges in own for name, own in criteria.items()},
                "listed": True,
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
        "circuits": frame.copy(),
        "interpretations": frame.copy(),
        "formulas": pd.DataFrame(formulas),
        "mappings": pd.DataFrame(mappings),
        "alignment": alignment(formulas),
    }


def alignment(formulas):
    """Every variable of some formulas at every place."""
    rows = {}
    for row in formulas:
        formula = cases.parse_plain(row["formula"])
        rules = cases.rules_of(row["protocol"], NETWORK.layer_sizes)
        variables = plain.intermediate_variables(formula, rules.variables)
        for name, variable in zip(row["variable_ids"], variables, strict=True):
            for neurons in plain.non_empty_subsets(3):
                place = "".join("1" if i in neurons else "0" for i in range(3))
                all_pairs, half = (
                    float(plain.iia(NETWORK, formula, variable, 1, neurons, pairs))
                    for pairs in ("all", "source_before_base")
                )
                shares = {"iia_all": all_pairs, "iia_source_before_base": half}
                rows[name, place] = {"variable_id": name, "layer": 1, "place": place, **shares}
    return pd.DataFrame(rows.values())


@pytest.fixture
def stored():
    return written()


def compared(stored, effort=EFFORT, outputs=(0.0, 1.0, 1.0, 0.0)):
    """The comparison of the network with what is stored."""
    work = Work(CASE, stored, outputs, effort)
    return [
        *recount.outputs(work),
        *recount.recount_every_circuit(work),
        *recount.drawn_circuits(work),
        *recount.drawn_candidates(work),
        *recount.tried_formulas(work),
        *recount.interventions(work),
    ]


def wrong(rows):
    """What disagrees, as check and quantity."""
    return {(row.about, row.quantity) for row in rows if not row.agrees}


def test_the_network_by_hand(stored):
    # XOR needs h0 and h1 with both inputs. h2 is gone, or reads A, B or both: four circuits. Where
    # it reads B alone, whose weight is 0, it is dead. h0 is OR, h1 AND, (h0, h1) is 00 10 10 11,
    # and y is NIMP: the free row 01 would make it XOR. With h2 = A, y reaches 000, 100, 101 and
    # 111, so four rows are free.
    strict = stored["summary"].set_index("protocol").loc["strict"]
    assert strict["n_circuits"] == 4
    assert strict["n_interpretations"] == str(1 + 16 + 0 + 16)
    assert strict["n_circuits_one_interpretation"] == 1
    assert strict["n_circuits_interpretable"] == 3
    assert (strict["n_algorithms"], strict["n_mappings"]) == (1, 1)


def test_right_numbers_are_confirmed(stored):
    rows = compared(stored)
    assert wrong(rows) == set()
    assert {row.about for row in rows} == set(CHECK_TITLES) - {"formulas"}
    totals = [
        row for row in rows if (row.quantity, row.where) == ("n_interpretations", "f/0 XOR strict")
    ]
    assert [(row.written, row.recounted) for row in totals] == [("33", "33")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("n_candidates", 58),
        ("n_circuits", 5),
        ("n_interpretations", "34"),
        ("n_interpretations_reachable", "0"),
        ("n_circuits_interpretable", 4),
        ("n_circuits_one_interpretation", 0),
    ],
)
def test_a_tampered_summary_is_found(stored, column, value):
    strict = stored["summary"]["protocol"] == "strict"
    stored["summary"].loc[strict, column] = value
    assert column in {quantity for _, quantity in wrong(compared(stored))}


@pytest.mark.parametrize(
    ("artifact", "column", "value", "about"),
    [
        ("interpretations", "n_interpretations_reachable", "7", "interpretations"),
        ("circuits", "circuit_id", "11,01,00|110", "circuits"),
        ("circuits", "for_sample", False, "circuits"),
        ("circuits", "n_edges", 4, "circuits"),
        ("cells", "listed", False, "candidates"),
        ("mappings", "neurons", [(0,)], "mappings"),
        ("alignment", "iia_all", 0.5, "IIA"),
        ("alignment", "iia_source_before_base", 0.25, "IIA"),
    ],
)
def test_a_tampered_row_is_found(stored, artifact, column, value, about):
    frame = stored[artifact]
    last = frame.index[-1]
    assert frame.at[last, column] != value
    frame.at[last, column] = value
    assert about in {one for one, _ in wrong(compared(stored))}


@pytest.mark.parametrize("column", ["within_50", "within_02", "minimal_within_10"])
def test_what_is_said_wrongly_of_how_near_a_circuit_is_is_found(stored, column):
    stored["circuits"][column] = ~stored["circuits"][column]
    assert ("circuits", "near the network") in wrong(compared(stored))


def test_a_circuit_near_the_network_that_was_dropped_is_found(stored):
    circuits = stored["circuits"]
    assert circuits["within_50"].any()
    stored["circuits"] = circuits[circuits.index != circuits["within_50"].idxmax()]
    found = wrong(compared(stored))
    assert ("circuits", "circuits near the network listed wrongly or not at all") in found


def test_nothing_is_asked_where_the_run_did_not_look(stored):
    columns = [c for c in stored["circuits"] if "within" in c]
    for artifact in ("circuits", "cells"):
        rows = stored[artifact]
        perfect = rows["for_model"]
        stored[artifact] = rows[perfect].astype(dict.fromkeys(columns, object))
        stored[artifact][columns] = None
    assert wrong(compared(stored)) == set()


@pytest.mark.parametrize("column", ["minimal", "complete", "complete_minimal"])
def test_what_is_said_wrongly_of_a_circuit_is_found(stored, column):
    stored["circuits"][column] = ~stored["circuits"][column]
    assert ("circuits", "minimal and complete") in wrong(compared(stored))


def test_steps_that_are_called_by_another_name_are_found(stored):
    stored["formulas"]["steps"] = "inert"
    assert ("mappings", "steps") in wrong(compared(stored))


@pytest.mark.parametrize("artifact", ["circuits", "mappings"])
def test_a_row_that_was_dropped_is_found(stored, artifact):
    stored[artifact] = stored[artifact].iloc[:-1]
    assert artifact in {one for one, _ in wrong(compared(stored))}


def test_wrong_outputs_are_found(stored):
    found = wrong(compared(stored, outputs=(0.0, 1.0, 1.0, 1e-6)))
    assert found == {("outputs", "outputs on 4 inputs")}


@pytest.mark.parametrize("functional", [True, False])
def test_a_network_that_is_wrongly_called_functional_or_not_is_found(stored, functional):
    work = Work(CASE, stored, (0.0, 1.0, 1.0, 0.0), EFFORT, functional)
    stored["summary"]["functional"] = not functional
    assert wrong(recount.outputs(work)) == {("outputs", "right on every input")}
    stored["summary"]["functional"] = functional
    assert not wrong(recount.outputs(work))


def test_improbable_totals_are_found(stored):
    # Two in three candidates are not perfect: of 400 drawn, so many cannot be.
    stored["summary"]["n_circuits"] *= 9
    found = wrong(compared(stored))
    assert ("candidates", "perfect circuits among all candidates") in found
    assert ("candidates", "candidates among sets of edges") not in found


@pytest.mark.parametrize(("column", "value"), [("n_circuits", 9999), ("n_candidates", 0)])
def test_impossible_totals_are_found(stored, column, value):
    stored["summary"][column] = value
    assert "candidates" in {about for about, _ in wrong(compared(stored))}


def test_a_circuit_without_a_cell_is_found(stored):
    work = Work(CASE, {**stored, "cells": stored["cells"].iloc[:0]}, (), EFFORT)
    found = {one.quantity for one in recount.drawn_candidates(work) if not one.agrees}
    assert found == {"of 400 drawn, in no cell, or listed wrongly or not at all"}


def test_the_tie_tolerance_of_the_run_is_used(stored):
    # A neuron whose values are no further apart than the tolerance has no separator.
    name = stored["circuits"]["circuit_id"].iloc[-1]
    found = recount.interpret(replace(CASE, tie=9.0), [name], EFFORT)
    assert found[name][:2] == (0, 0)


def test_more_circuits_than_are_counted(stored):
    # The cells have one, two and one circuits: with two at most, either the one of two is counted
    # or the others are.
    effort = replace(EFFORT, circuits=2)
    rows = compared(stored, effort)
    assert wrong(rows) == set()
    quantity = "n_interpretations of 2 of 4 circuits"
    assert quantity in {row.quantity for row in rows}
    # The rest is taken from the cells, so the total is still under watch.
    strict = stored["summary"]["protocol"] == "strict"
    stored["summary"].loc[strict, "n_interpretations"] = "34"
    assert wrong(compared(stored, effort)) == {("interpretations", quantity)}


@pytest.mark.parametrize(
    # The circuits have 0, 1, 16 and 16 interpretations.
    ("listed", "listed_in_all", "n_listed"),
    [(16, 33, 4), (15, 33, 2), (16, 32, 3), (99, 17, 3), (99, 16, 2), (0, 0, 1)],
)
def test_long_lists_are_multiplied(stored, listed, listed_in_all, n_listed):
    effort = replace(EFFORT, listed=listed, listed_in_all=listed_in_all)
    names = stored["circuits"]["circuit_id"]
    found = recount.interpret(CASE, names, effort)
    assert sum(how for *_, how in found.values()) == n_listed
    assert sum(n for n, *_ in found.values()) == 33


def test_what_was_left_open_is_not_compared(stored):
    stored["summary"]["counted"] = False
    about = {
        (r.about, r.quantity)
        for r in recount.recount_every_circuit(Work(CASE, stored, (), EFFORT))
    }
    assert {q for a, q in about if a == "circuits"} == {"n_candidates"}
    assert not list(recount.drawn_candidates(Work(CASE, stored, (), EFFORT)))


def test_estimates_are_not_compared(stored):
    stored["summary"]["how"] = "estimate"
    stored["summary"]["n_interpretations"] = "999"
    assert wrong(compared(stored)) == set()


@pytest.mark.parametrize("shape", [(2, 2, 2, 1), (2, 3, 3, 1), (2, 4, 1)])
def test_rules_on_sparsity_are_those_of_the_candidates(shape):
    every = list(plain.candidates(shape, plain.strict()))
    for protocol in cases.RECOUNTED:
        rules = cases.rules_of(protocol, shape)
        admitted = [e for e in every if cases.admits(rules, shape, cases.cell_of(e))]
        assert admitted == list(plain.candidates(shape, rules))
        assert recount.recount_candidates(shape, protocol) == len(admitted)


def test_ids_name_edges():
    edges = [["11", "01", "00"], ["110"]]
    assert cases.circuit_id(edges) == "11,01,00|110"
    assert cases.edges_of("11,01,00|110") == edges
    assert cases.cell_of(edges) == (2, 5)


def test_whole_cells():
    circuits = {str(i): (i % 3, 0) for i in range(9)}
    assert recount.whole_cells(circuits, 9, Random(0)) == frozenset(circuits)
    for seed in range(9):
        chosen = recount.whole_cells(circuits, 7, Random(seed))
        assert len(chosen) == 6
        assert len({circuits[name] for name in chosen}) == 2
    assert recount.whole_cells(circuits, 2, Random(0)) == frozenset()


@pytest.mark.parametrize("shape", [(2, 2, 1), (2, 2, 2, 1), (3, 2, 1)])
def test_candidates_are_drawn_evenly(shape):
    every = [cases.circuit_id(e) for e in plain.candidates(shape, plain.strict())]
    drawn, n_drawn = recount.draw_candidates(shape, 100 * len(every), Random(0))
    counts = pd.Series([cases.circuit_id(edges) for edges in drawn]).value_counts()
    assert set(counts.index) == set(every)
    # Poisson: the standard deviation is 10.
    assert counts.between(50, 160).all()
    share = Fraction(len(every), 2 ** cases.edges_kept(shape))
    assert len(drawn) / n_drawn == pytest.approx(float(share), rel=0.1)


@pytest.mark.parametrize("rule", ["released", "text", "strict"])
def test_formulas_are_read_as_they_are_printed(rule):
    for formula in plain.formulas(XOR, rule, 3)[:60]:
        assert cases.parse_plain(plain.formula_text(formula)) == formula


@pytest.mark.parametrize("text", ["", "A*", "A*B+A", "(A*B)", "¬", "(A*B", "A B", "A*(B"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ValueError, match="^" if not text else None):
        cases.parse_plain(text)


def test_networks_are_drawn_among_those_analysed(tmp_path):
    folder = tmp_path / "results" / "networks"
    folder.mkdir(parents=True)
    rows = {
        "network_id": [f"f/{i}" for i in range(20)],
        "converged": [i % 4 == 0 for i in range(20)],
        "functional": [i % 4 == 2 for i in range(20)],
        "layer_sizes": [[2, 3, 3, 2]] * 20,
    }
    pq.write_table(pa.table(rows), folder / "f.parquet")
    every = cases.population(tmp_path, ["results/networks/f.parquet"])
    assert every == [("results/networks/f.parquet", f"f/{i}", 2) for i in range(0, 20, 2)]
    effort = replace(EFFORT, networks=3)
    drawn = cases.draw_networks(every, effort)
    assert drawn == cases.draw_networks(every, effort)
    assert len({one.network_id for one in drawn}) == 3
    assert {one.output for one in drawn} <= {0, 1}
    assert len({tuple(cases.draw_networks(every, replace(effort, seed=i))) for i in range(9)}) > 1
    assert len(cases.draw_networks(every, replace(effort, networks=99))) == 10
