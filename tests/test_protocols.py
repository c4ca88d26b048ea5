"""Protocols: which circuits each reading of the criteria admits, and how many there are."""

from fractions import Fraction

import numpy as np
import pytest

from identifiability import plain
from identifiability.circuits.shapes import count_candidates
from identifiability.protocols import PROTOCOLS, RELEASED, STRICT, TEXT


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (RELEASED, {2: 20, 3: 3_000, 4: 168_672, 5: 1_092_035}),
        (TEXT, {2: 18, 3: 3_126, 4: 2_210_644, 5: 3_891_677_935}),
        (STRICT, {2: 69, 3: 9_625, 4: 4_346_385, 5: 7_271_931_361}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_number_of_candidates_by_width(protocol, expected):
    shapes = {width: (2, width, width, 1) for width in expected}
    assert {
        width: protocol.n_candidates(sizes, count_candidates(sizes))
        for width, sizes in shapes.items()
    } == expected


def test_ties_with_the_cap_stay_out():
    # 3 of 10 and 15 of 50 are not above 3/10, whatever floats say.
    assert RELEASED.admits((2, 5, 5, 1), np.array([6, 7, 8]), np.array([20, 20, 20])).tolist() == [
        True, False, False
    ]  # fmt: skip
    # Width 5: 10 hidden neurons and 40 edges; 9 neurons and 26 edges are 15 less.
    assert TEXT.admits((2, 5, 5, 1), np.array([9, 9]), np.array([25, 26])).tolist() == [
        True, False
    ]  # fmt: skip


def test_the_cap_depends_on_the_widest_layer():
    assert [RELEASED.cap((2, width, 1)) for width in (3, 4, 5, 6)] == [
        None, Fraction(1, 5), Fraction(3, 10), Fraction(3, 10)
    ]  # fmt: skip
    assert RELEASED.cap((2, 2, 4, 1)) == RELEASED.cap((2, 4, 2, 1)) == Fraction(1, 5)
    assert STRICT.cap((2, 5, 5, 1)) is None


@pytest.mark.parametrize("layer_sizes", [(2, 3, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 2, 2, 2, 1)])
def test_number_of_candidates_of_other_shapes(layer_sizes):
    rules = {"released": plain.released(3), "text": plain.text(), "strict": plain.strict()}
    cells = count_candidates(layer_sizes)
    for name, protocol in PROTOCOLS.items():
        listed = sum(1 for _ in plain.candidates(layer_sizes, rules[name]))
        assert protocol.n_candidates(layer_sizes, cells) == listed


def test_max_hidden():
    cells = count_candidates((2, 4, 4, 1))
    assert [p.max_hidden((2, 4, 4, 1), cells) for p in (RELEASED, TEXT, STRICT)] == [6, 8, 8]
    # The only candidate of this shape keeps all its neurons, which released leaves out.
    cells = count_candidates((2, 1, 1, 1))
    assert [p.max_hidden((2, 1, 1, 1), cells) for p in (RELEASED, STRICT)] == [0, 2]
