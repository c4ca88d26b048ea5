"""Which source files a script depends on, so that an edit re-runs what uses it and no more."""

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from identifiability.store.paths import LIBRARY


def prefer_this_library() -> None:
    """Has the processes started from here on import this library.

    Without it, they would import the one of another checkout, if the environment knows that one.
    """
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(LIBRARY.parent), *([others] if others else [])]
    )


def code_version(root: Path) -> str:
    """Version of the project: the commit, where it is a checkout of git.

    Args:
        root: Folder of the project.
    """
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not a checkout of git"
    return f"commit {found.stdout.strip()}"


def sources(script: Path) -> list[Path]:
    """A script or notebook and every module of the library that it imports, directly or not."""
    found: set[Path] = set()
    waiting = {script}
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= _imported(file) - found
    return sorted(found)


@cache
def _imported(file: Path) -> set[Path]:
    """Files of the library that the import statements of one file load."""
    names: set[str] = set()
    for node in _statements(ast.parse(_code(file))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    files = set()
    for name in names:
        package, *rest = name.split(".")
        if package == LIBRARY.name:
            # Importing a.b.c runs a/__init__, a/b/__init__ and a/b/c.
            for depth in range(len(rest) + 1):
                path = LIBRARY.joinpath(*rest[:depth])
                files |= {path.with_suffix(".py"), path / "__init__.py"}
    return {path for path in files if path.is_file()}


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements in a node, however deep, without a look into expressions: most of a tree."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for part in getattr(node, field, ()):
            if isinstance(part, ast.stmt):
                yield part
            yield from _statements(part)


def _code(file: Path) -> str:
    """The Python of a file: of a notebook, its cells of code, without IPython's magics."""
    if file.suffix != ".ipynb":
        return file.read_text()
    cells = [cell for cell in json.loads(file.read_text())["cells"] if cell["cell_type"] == "code"]
    lines = "\n".join("".join(cell["source"]) for cell in cells).splitlines()
    return "\n".join(line for line in lines if not line.startswith("%"))
