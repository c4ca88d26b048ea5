"""Trees of formulas: which there are, in which order, and placements of NOT on them."""

import pytest

from identifiability import plain
from identifiability.algorithms.formulas import placed_on
from identifiability.algorithms.trees import levels, n_trees, pack
from identifiability.networks.gates import gate


def as_plain(node):
    """A formula of the engine as the plain module writes it."""
    built = (node.op, *map(as_plain, node.children))
    return ("¬", built) if node.negated else built


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 4])
def test_number_of_trees(n_inputs):
    for depth in range(3):
        expected = len(plain.trees(n_inputs, "text", depth))
        assert n_trees(n_inputs, depth) == expected
        assert sum(map(len, levels(n_inputs, "text", depth))) == expected


@pytest.mark.parametrize("number", [9, 700, 2500, 5000])
def test_placements_on_trees_of_three_inputs_and_depth_three(number):
    (tree,) = plain.trees(3, "text", 3)[number : number + 1]
    ours = [node for level in levels(3, "text", 3) for node in level][number]
    assert as_plain(ours) == tree
    target = gate("MAJORITY")
    expected = [
        plain.formula_text(f) for f in first(3, plain.working_placements(tree, target.table))
    ]
    found = placed_on(ours, pack(target.table), 3)
    assert [node.text for node in first(3, found)] == expected


def first(most, every):
    return [one for one, _ in zip(every, range(most), strict=False)]
