"""How functions that call each other across modules are compiled, and kept for later runs.

Numba keeps compiled functions beside their source and compiles them anew when this file changes,
but not when a function that they call changes in another file, and it fails on what it kept if a
named tuple has another name since. So what is kept here goes into a folder that is named by the
source of all modules that use this one: any change in them compiles them all.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, cast

import numba

from identifiability.store.paths import LIBRARY

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Decorates a function to be compiled when it is first called; it then releases the GIL."""
    config: Any = numba.config
    given = config.CACHE_DIR
    # Where to keep a function is settled while it is decorated. NUMBA_CACHE_DIR, if set, holds.
    config.CACHE_DIR = given or str(LIBRARY / "__pycache__" / f"compiled-{_version()}")
    try:
        decorated: Any = numba.njit(cache=True, nogil=True)(function)
    finally:
        config.CACHE_DIR = given
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
