"""How far circuits are looked into: what is enumerated, counted, listed, and by what."""

import pytest

from identifiability.circuits.candidates import enumerate_candidates
from identifiability.circuits.reach import (
    Reach,
    every_circuit,
    reach_of,
    reach_within,
    why_not_counted,
)
from identifiability.circuits.shapes import n_hidden, n_within
from identifiability.errors import UserError
from identifiability.protocols import PROTOCOLS, RELEASED, STRICT, TOLERANCES, VARIANTS

LIMITS = {"max_candidates": 5_000_000, "max_listed": 10_000}
EVERY = [*PROTOCOLS.values(), *VARIANTS.values()]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((2, 2, 2, 1), Reach((2, 2, 2, 1), 4, 4, None, "one by one")),
        ((2, 3, 3, 1), Reach((2, 3, 3, 1), 6, 6, None, "one by one")),
        ((2, 4, 4, 1), Reach((2, 4, 4, 1), 8, 8, 10_000, "meet in the middle")),
        ((2, 5, 5, 1), Reach((2, 5, 5, 1), 6, 10, 10_000, "meet in the middle")),
        ((2, 6, 6, 1), Reach((2, 6, 6, 1), 6, 12, 10_000, "meet in the middle")),
        # Nothing but two inputs and two hidden layers is counted without being enumerated.
        ((2, 11, 1), Reach((2, 11, 1), 11, 11, None, "one by one")),
        ((2, 3, 3, 3, 1), Reach((2, 3, 3, 3, 1), 9, 9, None, "one by one")),
        ((3, 4, 4, 1), Reach((3, 4, 4, 1), 6, 6, None, "one by one")),
        ((2, 7, 7, 1), Reach((2, 7, 7, 1), 0, 0, None, "one by one")),
    ],
    ids=str,
)
def test_reach_under_all_protocols(sizes, expected):
    assert reach_of(sizes, EVERY, **LIMITS) == expected


def test_an_input_learnt_wrongly_leaves_open_what_is_not_enumerated():
    reach = reach_of((2, 5, 5, 1), EVERY, **LIMITS, right_everywhere=False)
    assert reach == Reach((2, 5, 5, 1), 6, 6, 10_000, "meet in the middle")
    assert reach.covers(RELEASED)
    assert not reach.covers(STRICT)


def test_what_is_to_be_listed_whole_is_not_counted_only():
    whole = LIMITS | {"max_listed": None}
    assert reach_of((2, 5, 5, 1), [RELEASED], **whole).enumerated == 6
    assert not reach_of((2, 5, 5, 1), [STRICT], **whole).covers(STRICT)
    assert reach_of((2, 5, 5, 1), [STRICT], **LIMITS | {"max_listed": 0}).covers(STRICT)


@pytest.mark.parametrize("max_listed", [0, 10, 10_000])
@pytest.mark.parametrize("most", [0, 1, 2, 69, 9_624, 9_625])
def test_no_more_is_enumerated_than_is_allowed_and_no_less(most, max_listed):
    sizes = (2, 3, 3, 1)
    reach = reach_of(sizes, [STRICT], max_candidates=most, max_listed=max_listed)
    assert n_within(sizes, reach.enumerated) <= most or not reach.enumerated
    whole = reach.enumerated == n_hidden(sizes)
    assert whole or n_within(sizes, reach.enumerated + 1) > most
    assert reach.counted == n_hidden(sizes)
    assert reach.estimated == (not whole)
    assert (reach.listed is None) == (whole and max_listed == 10_000)


def test_a_list_that_leaves_circuits_out_says_so():
    with pytest.raises(ValueError, match="are all listed"):
        Reach((2, 3, 3, 1), 4, 6, None, "one by one")
    with pytest.raises(ValueError, match="are all listed"):
        Reach((2, 3, 3, 1), 6, 6, None, "meet in the middle")


def test_minimal_circuits_are_known_as_far_as_all_circuits_are():
    minimal = VARIANTS["strict-minimal"]
    assert reach_of((2, 4, 4, 1), [minimal], **LIMITS).covers(minimal)
    wide = reach_of((2, 5, 5, 1), EVERY, **LIMITS)
    assert wide.covers(STRICT)
    assert not wide.covers(minimal)


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("kind", ["within", "minimal-within"])
def test_circuits_near_the_network_are_known_where_minimal_ones_are(kind, tolerance):
    near = VARIANTS[f"strict-{kind}-{tolerance}"]
    for width in (2, 3, 4):
        reach = reach_of((2, width, width, 1), EVERY, **LIMITS)
        assert reach.tolerance_known == 2 * width
        assert reach.covers(near)
    for width in (5, 6):
        reach = reach_of((2, width, width, 1), EVERY, **LIMITS)
        assert reach.tolerance_known == 0
        assert not reach.covers(near)
    # A cap that leaves few candidates changes nothing about it.
    with pytest.raises(UserError, match="within a tolerance"):
        reach_within((2, 5, 5, 1), near, **LIMITS)


def test_every_circuit_is_every_candidate():
    reach = every_circuit((2, 3, 2, 1))
    assert len(enumerate_candidates(reach.sizes, reach.enumerated)) == n_within(reach.sizes, 5)


def test_it_says_in_a_line_what_is_done():
    assert str(reach_of((2, 3, 3, 1), EVERY, **LIMITS)) == (
        "9,625 candidate circuits enumerated one by one"
    )
    assert str(reach_of((2, 5, 5, 1), EVERY, **LIMITS)) == (
        "1,092,035 candidate circuits of at most 6 hidden neurons enumerated by meeting in the "
        "middle; at most 10,000 perfect ones listed; those of 7 to 10 counted, their "
        "interpretations estimated"
    )


def test_why_circuits_are_not_counted_is_one_reason():
    assert why_not_counted((2, 6, 6, 1)) is None
    assert "at most 6 neurons" in why_not_counted((2, 7, 2, 1))
    for sizes in ((3, 2, 2, 1), (2, 5, 1), (2, 2, 2, 2, 1)):
        assert "two inputs and two hidden layers" in why_not_counted(sizes)
