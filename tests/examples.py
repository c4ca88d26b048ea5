"""How many examples a property is tried on."""

from hypothesis import settings


def examples(number):
    """Tries a property on that many examples; in `make test` on a quarter of them.

    The profile that is loaded says on how many of a hundred (tests/conftest.py).
    """
    return settings(max_examples=max(3, number * settings().max_examples // 100))
