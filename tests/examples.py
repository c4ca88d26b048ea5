"""How many examples a property is tried on, and with which parameters a test is run."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def examples(number):
    """Tries a property on that many examples; in `make test` on a tenth of them.

    The profile that is loaded says on how many of a hundred (tests/conftest.py).
    """
    return settings(max_examples=max(3, number * settings().max_examples // 100))


def of_profile(every, quick):
    """What examples are drawn from: in `make test`, the quick ones alone."""
    assert all(case in every for case in quick), quick
    return every if settings().max_examples >= 100 else quick


def some(cases: Iterable[Any], *quick: Any) -> list[Any]:
    """Parameters of a test, of which `make test` has those alone that are named as quick."""
    listed = list(cases)
    assert all(case in listed for case in quick), quick
    return [
        case
        if case in quick
        else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)
        for case in listed
    ]
