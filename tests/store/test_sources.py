"""What a script depends on, against what it imports when it is run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from identifiability.exhibits.exhibit import EXHIBITS
from identifiability.store import sources
from identifiability.store.paths import LIBRARY, SCRIPTS

# What exhibit.py imports by name, it is given as further starts (rules/exhibits.smk).
STARTS = {start: None for e in EXHIBITS.values() for start in (e.module, e.writer)}
FILES = [*sorted(SCRIPTS.glob("*.py")), *(LIBRARY / start for start in STARTS)]
# Runs the import statements of every script as if nothing had loaded the library before, and
# prints the library's files that they load. One process for all, as torch takes seconds to import.
IMPORTS = """
import ast, json, sys

def of_library():
    return [name for name in sys.modules if name.split(".")[0] == "identifiability"]

loaded = {}
for script in sys.argv[1:]:
    for name in of_library():
        del sys.modules[name]
    tree = ast.parse(open(script).read())
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(compile(tree, script, "exec"), {})
    loaded[script] = [sys.modules[name].__file__ for name in of_library()]
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded():
    """The files of the library that every script loads."""
    command = [sys.executable, "-c", IMPORTS, *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("script", FILES, ids=lambda path: path.stem)
def test_sources_are_what_a_script_really_imports(loaded, script):
    assert {*map(Path, loaded[str(script)])} == set(sources.sources(script)) - {script}


def test_a_notebook_depends_on_what_its_cells_import(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["from identifiability import plain"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np"]},
        {"cell_type": "code", "source": ["from identifiability.drawing.style import house_style"]},
    ]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))
    found = set(sources.sources(notebook))
    assert {notebook, LIBRARY / "drawing" / "style.py"} <= found
    assert LIBRARY / "plain.py" not in found


def test_packages_are_empty_so_that_a_job_depends_on_the_modules_it_uses():
    for package in LIBRARY.glob("*/**/__init__.py"):
        assert package.read_text() == "", package


def test_imports_are_found_however_deep_they_stand(tmp_path):
    script = tmp_path / "a.py"
    script.write_text(
        """
def f(x):
    if x:
        from identifiability import plain
    else:
        from identifiability import protocols
    try:
        with open(x):
            from identifiability import errors
    except OSError:
        from identifiability.networks import gates
    finally:
        from identifiability.networks import families
    match x:
        case 1:
            from identifiability.drawing import style
    async def g():
        for _ in x:
            from identifiability.drawing import boxes
"""
    )
    names = ("plain", "protocols", "errors", "networks/gates", "networks/families")
    names += ("drawing/style", "drawing/boxes")
    assert {LIBRARY / f"{name}.py" for name in names} <= set(sources.sources(script))
