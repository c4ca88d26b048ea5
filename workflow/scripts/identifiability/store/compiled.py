"""How functions that call each other across modules are compiled, and kept for later runs.

Numba keeps compiled functions beside their source and compiles them anew when this file changes,
but not when a function that they call changes in another file, and it fails on what it kept if a
named tuple has another name since. So what is kept here is named after the source of all modules
that use this one: a change in any of them compiles them all.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, Literal, TypeVar, cast

import numba

from identifiability.store.paths import LIBRARY

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function, error_model: Literal["python", "numpy"] = "python") -> _Function:
    """Decorates a function to be compiled when it is first called; it then releases the GIL.

    Args:
        function: What is compiled.
        error_model: ``python`` to raise on a division by zero, ``numpy`` to go on as NumPy does.
    """
    name = function.__qualname__
    # Numba names files after the function, as it is called while it is decorated.
    function.__qualname__ = f"{name}-{_version()}"
    try:
        decorated: Any = numba.njit(cache=True, nogil=True, error_model=error_model)(function)
    finally:
        function.__qualname__ = name
    return cast(_Function, decorated)


@cache
def _version() -> str:
    """A hash of the modules whose functions are compiled here."""
    found = sha256()
    for file in sorted(LIBRARY.rglob("*.py")):
        source = file.read_bytes()
        if b"identifiability.store.compiled import" in source:
            found.update(source)
    return found.hexdigest()[:16]
