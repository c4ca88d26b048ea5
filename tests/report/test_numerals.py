"""Numbers as everything that people read prints them: report, figures, tables, terminal."""

from fractions import Fraction

import pytest

from identifiability.report.numerals import (
    counted,
    decimal,
    duration,
    equals,
    exact,
    interval,
    listed,
    number,
    p_value,
    percent,
    with_interval,
    with_powers,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.9268, "0.927"),
        (0.05, "0.0500"),
        (2.5, "2.5"),
        (Fraction(89, 2), "44.5"),
        (44.54, "44.5"),
        (999.9, "1,000"),
        (37744, "37,744"),
        (45543.0, "45,543"),
        (45543.4, "45,500"),
        (Fraction(2568, 2), "1,284"),
        (999_999, "999,999"),
        (10**6, "1.00×10⁶"),
        (9_996_000, "1.00×10⁷"),
        (1.671e11, "1.67×10¹¹"),
        (10**400 + 1, "1.00×10⁴⁰⁰"),
        (-0.00012, "−1.20×10⁻⁴"),
        (-45543, "−45,543"),
        (NAN, "–"),
        (float("inf"), "∞"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_other_numerals():
    assert [counted(n, "circuit") for n in (1, 3)] == ["1 circuit", "3 circuits"]
    assert (exact(1235), exact(-0.21)) == ("1,235", "−0.21")
    assert (decimal(-0.214), decimal(0.5, plus=True), decimal(-0.001)) == (
        "−0.21",
        "+0.50",
        "0.00",
    )
    assert [percent(s) for s in (0, 0.0004, 0.026, 0.28, 0.97, 0.9996, 1)] == [
        *("0%", "< 0.1%", "2.6%", "28%", "97%", "> 99.9%", "100%")
    ]
    assert [p_value(p) for p in (0.0001, 0.046, 0.5)] == ["< 0.001", "0.046", "0.50"]
    assert equals(0.5) == "=\u00a00.50"
    assert interval(1.0, 2.0) == "[1; 2]"
    assert interval(NAN, 2.0) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert with_powers("from 1e-3 to -0.2, k-3") == "from 10⁻³ to −0.2, k-3"


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (52.31, 40.02, 61.55, "52.3 [40.0; 61.5]"),
        (45543, 1000.4, 2e6, "45,543 [1,000; 2.00×10⁶]"),
        (3, 3, 3, "3"),
        (3, NAN, NAN, "3"),
        (NAN, NAN, NAN, ""),
    ],
)
def test_numbers_with_intervals(value, low, high, words):
    assert with_interval(value, low, high) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.034, "0.034 s"), (12, "12.0 s"), (90, "1.5 min"), (5400, "1.5 h"), (1e6, "11.6 d")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
