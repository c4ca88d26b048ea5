"""What a script depends on, against what it imports when it is run."""

import ast
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
# Runs the import statements of every script, and prints which of the library's files every file
# imports, as Python itself is asked for them: a module is loaded once, and all that it imports is
# noted whether or not another has loaded it before. One process for all, as torch takes seconds.
IMPORTS = """
import ast, builtins, json, sys

imported, load = {}, builtins.__import__

def noting(name, globals=None, locals=None, fromlist=(), level=0):
    found = load(name, globals, locals, fromlist, level)
    if name.split(".")[0] == "identifiability":
        parts = name.split(".")
        names = [".".join(parts[: i + 1]) for i in range(len(parts))]
        names += [f"{name}.{part}" for part in fromlist or () if f"{name}.{part}" in sys.modules]
        files = imported.setdefault(globals["__file__"], set())
        files.update(sys.modules[one].__file__ for one in names)
    return found

builtins.__import__ = noting
for script in sys.argv[1:]:
    tree = ast.parse(open(script).read())
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(compile(tree, script, "exec"), {"__file__": script})
print(json.dumps({file: [*files] for file, files in imported.items()}))
"""


@pytest.fixture(scope="module")
def imported():
    """The files of the library that the import statements of a file name, file by file."""
    command = [sys.executable, "-c", IMPORTS, *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("script", FILES, ids=lambda path: path.stem)
def test_sources_are_what_a_script_really_imports(imported, script):
    loaded, waiting = set(), {str(script)}
    while waiting:
        file = waiting.pop()
        loaded.add(file)
        waiting |= set(imported.get(file, ())) - loaded
    assert {*map(Path, loaded)} == set(sources.sources(script))


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


HEAVY = {"torch", "scipy", "statsmodels", "sklearn", "numba", "matplotlib", "seaborn", "duckdb"}
HEAVY |= {"nbconvert", "typst", "IPython"}
# What a job may load when it starts; what it loads later, where it needs it, is not in the list.
BUDGET = {
    **dict.fromkeys(["datasets", "formulas", "summary", "gather", "manifest"], frozenset()),
    **dict.fromkeys(["explorer_data", "explorer", "exhibit"], frozenset()),
    **dict.fromkeys(["training", "untrained_networks", "own_networks"], frozenset({"numba"})),
    **dict.fromkeys(["circuits", "noisy", "interpretations", "alignment"], frozenset({"numba"})),
    # Tests and intervals are imported where they are made.
    **dict.fromkeys(["measure_claims", "facts"], frozenset()),
}


def loaded_by(start):
    """The heavy libraries that a file and what it imports load when they are loaded."""
    loaded = set()
    for file in sources.sources(start):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Import):
                loaded |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                loaded.add(node.module.split(".")[0])
    return loaded & HEAVY


@pytest.mark.parametrize("stage", BUDGET)
def test_a_stage_loads_what_it_computes_with(stage):
    assert loaded_by(SCRIPTS / f"{stage}.py") <= BUDGET[stage]


# These interpret circuits themselves.
INTERPRETING = ("figure_2", "table_1", "coverage")


@pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=lambda exhibit: exhibit.name)
def test_an_exhibit_loads_no_more_than_what_it_is_drawn_with(exhibit):
    allowed = {"matplotlib", "seaborn"} if exhibit.kind == "figure" else set()
    allowed |= {"numba"} if exhibit.name in INTERPRETING else set()
    assert loaded_by(LIBRARY / exhibit.module) <= allowed


def test_the_stages_of_a_network_run_without_torch():
    """What the statements say, in a process: neither do the libraries load it themselves."""
    stages = ["networks", "circuits", "interpretations", "alignment", "summary"]
    imports = "; ".join(f"import identifiability.stages.{stage}" for stage in stages)
    command = f"import sys; {imports}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not {"torch", "scipy.stats", "statsmodels", "matplotlib"} & {*done.stdout.split()}


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
