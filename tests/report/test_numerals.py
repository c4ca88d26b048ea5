"""Numbers as the report prints them."""

import pytest

from identifiability.report.numerals import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.034, "0.034 s"), (12, "12.0 s"), (90, "1.5 min"), (5400, "1.5 h"), (1e6, "11.6 d")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
