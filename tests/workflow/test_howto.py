"""The how-to docs/new-protocol.md, followed to the letter in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "new-protocol.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [text for language, text in BLOCKS if language == "sh"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with the files that the page has its reader write."""
    folder = tmp_path_factory.mktemp("howto")
    for name in ("workflow", "profiles", "config", "envs", "paper"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "tests").mkdir()
    for name in ("Snakefile", "pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    for language, text in BLOCKS:
        if language != "sh":
            first, _, rest = text.partition("\n")
            (folder / first.removeprefix("# ")).write_text(rest)
    return folder


def follow(folder, commands):
    """Runs commands of the page as they stand there."""
    process = subprocess.run(
        ["bash", "-ec", commands],
        cwd=folder,
        # A checkout's environment knows the checkout's library; this one knows another's.
        env=os.environ | {"PYTHONPATH": str(folder / "workflow" / "scripts"), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.returncode == 0, process.stdout
    return process.stdout


def counts(folder, count):
    """A count of every network, by protocol."""
    rows = pq.read_table(folder / "mine/results/summary/xor-k3.parquet").to_pylist()
    found = {}
    for row in rows:
        if row["converged"]:
            found.setdefault(row["protocol"], []).append(row[count])
    return found


def test_a_protocol_from_config_to_figure_and_a_new_criterion(project):
    by_keys, by_code = COMMANDS
    printed = follow(project, by_keys)
    assert "mine" in {path.name for path in project.iterdir()}
    assert re.search(r"protocols +released-16\b", printed)
    assert "figures/figure_5.svg" in printed
    assert "missing" not in printed
    figure = project / "mine" / "figures" / "figure_5.svg"
    assert "released-16" in figure.read_text()
    circuits, mappings = counts(project, "n_circuits"), counts(project, "n_mappings")
    assert circuits["released-16"] == circuits["released"]
    assert all(a <= b for a, b in zip(mappings["released-16"], mappings["released"], strict=True))
    assert mappings["released-16"] != mappings["released"]
    networks = (project / "mine" / "results" / "networks" / "xor-k3.parquet").stat().st_mtime_ns

    printed = follow(project, by_code)
    assert "1 passed" in printed
    assert "few-edges" in figure.read_text()
    circuits = counts(project, "n_circuits")
    assert all(a < b for a, b in zip(circuits["few-edges"], circuits["strict"], strict=True))
    again = (project / "mine" / "results" / "networks" / "xor-k3.parquet").stat().st_mtime_ns
    assert again == networks


def test_it_is_one_page():
    assert len(PAGE.splitlines()) < 130
