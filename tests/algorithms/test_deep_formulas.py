"""Formulas deeper than what can be listed whole, against a search that tries everything."""

import itertools

import pytest

from identifiability import plain
from identifiability.algorithms import deep_formulas
from identifiability.algorithms.formulas import candidate_formulas, searched
from identifiability.algorithms.trees import n_trees, pack
from identifiability.networks.gates import gate
from tests.algorithms.test_trees import as_plain


def test_the_complete_depth_by_number_of_inputs():
    assert [deep_formulas.complete_depth(n, 5) for n in (1, 2, 3, 4)] == [5, 3, 3, 2]
    assert [n_trees(n, 4) for n in (1, 2)] == [1, 33_674]
    assert deep_formulas.complete_depth(3, 2) == 2


def by_brute_force(n_inputs, rule, depth, complete, most_functions):
    """The formulas that stand for truth tables, by depth, found by trying everything in turn."""
    rows = plain.input_rows(n_inputs)

    def table(formula):
        return tuple(plain.evaluate(formula, row) for row in rows)

    stand = []
    for level in range(depth + 1):
        seen = {}
        if level <= complete:
            shallower = len(plain.trees(n_inputs, rule, level - 1)) if level else 0
            for tree in plain.trees(n_inputs, rule, level)[shallower:]:
                nodes = range(plain.count_nodes(tree))
                for nots in sorted(
                    (tuple(i for i in nodes if mask >> i & 1) for mask in range(2 ** len(nodes))),
                    key=lambda where: (len(where), where),
                ):
                    formula = plain.place_nots(tree, nots)
                    seen.setdefault(table(formula), formula)
        else:
            for formula in pairs(stand, rule):
                seen.setdefault(table(formula), formula)
        stand.append(list(seen.values())[:most_functions])
    return stand, table


def pairs(stand, rule):
    """Every pair of parts, the left one from the last level."""
    for left in stand[-1]:
        for level in stand:
            for right in level:
                before = plain.formula_text(left) < plain.formula_text(right)
                if before or (rule == "text" and level is not stand[-1]):
                    for op in "*+":
                        yield (op, left, right)
                        yield ("¬", (op, left, right))


@pytest.mark.parametrize(("n_inputs", "complete", "depth"), [(2, 1, 3), (2, 2, 4), (3, 1, 2)])
@pytest.mark.parametrize("most_functions", [5, 4_096])
@pytest.mark.parametrize("rule", ["released", "text"])
def test_deeper_formulas_are_those_of_brute_force(
    monkeypatch, n_inputs, complete, depth, most_functions, rule
):
    monkeypatch.setattr(deep_formulas, "MAX_TREES", n_trees(n_inputs, complete))
    monkeypatch.setattr(deep_formulas, "MAX_FUNCTIONS", most_functions)
    deep_formulas.formula_representatives.cache_clear()
    stand, table = by_brute_force(n_inputs, rule, depth - 1, complete, most_functions)
    found = deep_formulas.formula_representatives(n_inputs, rule, depth - 1)
    assert [[node.text for node in level.nodes] for level in found] == [
        [plain.formula_text(formula) for formula in level] for level in stand
    ]
    for target in ["0110", "0001"] if n_inputs == 2 else ["00010111", "00000001"]:
        expected = [f for f in pairs(stand, rule) if table(f) == gate(target).table]
        expected.sort(key=lambda formula: sum(op in "*+" for op in plain.formula_text(formula)))
        for most in (3, 10_000):
            nodes, more = deep_formulas.pairs_for(
                pack(gate(target).table), n_inputs, rule, depth, most
            )
            assert [node.text for node in nodes] == [
                plain.formula_text(formula) for formula in expected[:most]
            ]
            assert more == (len(expected) > most)
    deep_formulas.formula_representatives.cache_clear()


QUICK = [
    *itertools.product([("XOR", 5)], ["released", "text", "strict"]),
    *itertools.product([("MUX", 4), ("PARITY", 4)], ["strict"]),
    (("PARITY", 4), "released"),
]
# Others of more than two inputs take seconds.
LONG = [
    (("0001011101111111", 4), "strict"),
    *itertools.product([("MUX", 4), ("0001011101111111", 4)], ["released", "text"]),
    (("PARITY", 4), "text"),
]


@pytest.mark.parametrize(
    ("target", "depth", "rule"),
    [
        *((*of, rule) for of, rule in QUICK),
        *(pytest.param(*of, rule, marks=pytest.mark.slow) for of, rule in LONG),
    ],
)
def test_deeper_formulas_compute_their_target_and_come_once(target, depth, rule):
    found = candidate_formulas(gate(target), rule, "binary", depth)
    assert len({f.text for f in found}) == len(found) > 0
    for number, formula in enumerate(found[:: 1 + len(found) // 100]):
        assert plain.computes(as_plain(formula.root), gate(target).table)
        assert rule != "strict" or found[formula.twin_of] is formula, number
    assert "at depth" in searched(gate(target), rule, "binary", depth)


@pytest.mark.slow
def test_a_list_that_ends_early_says_so():
    assert searched(gate("00000000"), "strict", "binary", 3) == (
        "20,000 formulas listed, further ones not"
    )


def test_what_is_not_listed_is_said():
    assert searched(gate("MUX"), "strict", "binary", 3) is None
    assert searched(gate("XOR"), "text", "operators", 5) == (
        "all formulas up to depth 3; at depths 4 to 5 those whose two parts are the first formula "
        "found of their depth for their truth table"
    )
