"""What the explorer's data files hold, read without the page."""

import base64
import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def needs_tools():
    """Skips a whole module where its tools are not asked for: in one line, not in one a test."""
    if os.environ.get("EXPLORER_TOOLS") != "required":
        reason = "needs Node, npm's registry and Chromium; run by `make test-page`"
        pytest.skip(reason, allow_module_level=True)


def handed_over(path):
    """What a data file hands to the page."""
    name, _, rest = path.read_text(encoding="utf-8").partition("(")
    assert name == "identifiability"
    assert rest.endswith(");\n")
    return json.loads(rest.removesuffix(");\n"))


def unpacked(text):
    """What was found in a network, one entry an output."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


def program(*names):
    """The first of some programs that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"needs {' or '.join(names)}"
    return found


def installed(folder):
    """The page's source in a folder, with the packages that build and check it."""
    shutil.copytree(ROOT / "explorer", folder, ignore=shutil.ignore_patterns("node_modules"))
    command = [program("npm"), "ci", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True)
    return folder
