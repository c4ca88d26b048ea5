"""Where compiled functions are kept."""

import os
import shutil
import subprocess
import sys

from identifiability.store import compiled, paths

MODULE = """
from typing import NamedTuple
from identifiability.store.compiled import compiled
from {package}.below import {name}, twice

@compiled
def four_times(of: {name}) -> float:
    return twice(of) * 2

print(four_times({name}(1.0)))
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


def test_a_change_in_a_module_that_is_called_is_noticed(tmp_path):
    # With a copy of the decorator's module, in a library of its own.
    library = tmp_path / "workflow" / "scripts" / "identifiability"
    (library / "store").mkdir(parents=True)
    for module in (compiled, paths):
        shutil.copy(module.__file__, library / "store")
    for package in (library, library / "store"):
        (package / "__init__.py").write_text("")

    def run(name, factor):
        (library / "below.py").write_text(BELOW.format(name=name, factor=factor))
        (library / "above.py").write_text(MODULE.format(name=name, package="identifiability"))
        environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
        process = subprocess.run(
            [sys.executable, "-m", "identifiability.above"],
            env=environment | {"PYTHONPATH": str(library.parent)},
            capture_output=True,
            text=True,
        )
        assert process.returncode == 0, process.stderr
        return float(process.stdout)

    assert run("Given", 2) == 4
    assert run("Given", 3) == 6
    assert run("Renamed", 3) == 6
    assert len(list((library / "__pycache__").glob("compiled-*"))) == 3
