"""Where compiled functions are kept."""

import os
import shutil
import subprocess
import sys

from identifiability.store import compiled, paths

ABOVE = """
from identifiability.below import {name}, twice
from identifiability.store.compiled import compiled

@compiled
def four_times(of: {name}) -> float:
    return twice(of) * 2

print(four_times({name}(1.0)), sum(four_times.stats.cache_hits.values()))
"""
BELOW = """
from typing import NamedTuple
from identifiability.store.compiled import compiled

class {name}(NamedTuple):
    value: float

@compiled
def twice(of: {name}) -> float:
    return of.value * {factor}
"""


def write(folder, name, factor):
    """A library whose folder is that of the decorator; returns the folder to import it from."""
    library = folder / "identifiability"
    (library / "store").mkdir(parents=True, exist_ok=True)
    for package in (library, library / "store"):
        (package / "__init__.py").write_text("")
    for module in (compiled, paths):
        shutil.copy(module.__file__, library / "store")
    (library / "below.py").write_text(BELOW.format(name=name, factor=factor))
    (library / "above.py").write_text(ABOVE.format(name=name))
    return folder


def run(folder):
    """What the function returns, and how many functions need not be compiled."""
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    process = subprocess.run(
        [sys.executable, "-m", "identifiability.above"],
        # What is written twice within a second is not told apart by what Python keeps compiled.
        env=environment | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    value, hits = process.stdout.split()
    return float(value), int(hits)


def test_a_change_in_another_module_is_noticed(tmp_path):
    assert run(write(tmp_path, "Given", 2)) == (4, 0)
    assert run(tmp_path) == (4, 1)
    assert run(write(tmp_path, "Given", 3)) == (6, 0)
    assert run(write(tmp_path, "Renamed", 3)) == (6, 0)
    # A copy of the library need not be compiled.
    assert run(shutil.copytree(tmp_path, tmp_path.with_name("copy"))) == (6, 1)
