"""The how-tos of docs, followed to the letter in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text() for name in ("new-protocol", "new-exhibit")
}
BLOCKS = {
    name: re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for name, page in PAGES.items()
}


def commands(name):
    """The commands of a page, block by block."""
    return [text for language, text in BLOCKS[name] if language == "sh"]


def project(folder, page):
    """A copy of the project with the files that a page has its reader write."""
    for name in ("workflow", "profiles", "config", "envs", "paper"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "tests").mkdir()
    for name in ("Snakefile", "pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    for language, text in BLOCKS[page]:
        if language != "sh":
            first, _, rest = text.partition("\n")
            (folder / first.removeprefix("# ")).write_text(rest)
    return folder


def follow(folder, lines):
    """Runs commands of the page as they stand there."""
    process = subprocess.run(
        ["bash", "-ec", lines],
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


def test_what_the_page_on_protocols_has_its_reader_write_works(tmp_path):
    """Its patch, its test and its settings; what is made with them is only planned."""
    folder = project(tmp_path / "howto", "new-protocol")
    by_keys, by_code = commands("new-protocol")
    patch, of_criterion, _ = by_code.splitlines()
    assert "1 passed" in follow(folder, f"{patch}\n{of_criterion}")
    make = next(line for line in by_keys.splitlines() if "snakemake" in line)
    planned = follow(folder, make.replace("my.yaml", "my.yaml few-edges.yaml --dry-run"))
    assert "mine/figures/figure_5.svg" in planned
    assert "mine/results/summary/xor-k3.parquet" in planned


@pytest.mark.slow
def test_a_protocol_from_config_to_figure_and_a_new_criterion(tmp_path):
    folder = project(tmp_path / "howto", "new-protocol")
    by_keys, by_code = commands("new-protocol")
    printed = follow(folder, by_keys)
    assert "mine" in {path.name for path in folder.iterdir()}
    assert re.search(r"protocols +released-16\b", printed)
    assert "figures/figure_5.svg" in printed
    assert "missing" not in printed
    figure = folder / "mine" / "figures" / "figure_5.svg"
    assert "released-16" in figure.read_text()
    circuits, mappings = counts(folder, "n_circuits"), counts(folder, "n_mappings")
    assert circuits["released-16"] == circuits["released"]
    assert all(a <= b for a, b in zip(mappings["released-16"], mappings["released"], strict=True))
    assert mappings["released-16"] != mappings["released"]
    networks = (folder / "mine" / "results" / "networks" / "xor-k3.parquet").stat().st_mtime_ns

    printed = follow(folder, by_code)
    assert "1 passed" in printed
    assert "few-edges" in figure.read_text()
    circuits = counts(folder, "n_circuits")
    assert all(a < b for a, b in zip(circuits["few-edges"], circuits["strict"], strict=True))
    again = (folder / "mine" / "results" / "networks" / "xor-k3.parquet").stat().st_mtime_ns
    assert again == networks


def test_a_figure_and_a_table_are_a_file_each_and_a_contract(tmp_path):
    folder = project(tmp_path / "howto", "new-exhibit")
    assert [text.partition("\n")[0] for language, text in BLOCKS["new-exhibit"]][1:4] == [
        "# workflow/scripts/identifiability/exhibits/figures/figure_unexplained.py",
        "# workflow/scripts/identifiability/exhibits/tables/unexplained.py",
        "# workflow/schemas/artifacts/tables/unexplained.yaml",
    ]
    (lines,) = commands("new-exhibit")
    printed = follow(folder, lines)
    assert "results/summary/xor-k3.parquet" in printed
    assert "exhibits/figures/figure_unexplained.py" in printed
    table = pq.read_table(folder / "mine/results/tables/unexplained.parquet").to_pylist()
    assert [row["protocol"] for row in table] == ["released", "text", "strict"]
    summary = pq.read_table(folder / "mine/results/summary/xor-k3.parquet").to_pylist()
    for row in table:
        own = [r for r in summary if r["converged"] and r["protocol"] == row["protocol"]]
        assert (row["n"], row["n_none"]) == (len(own), sum(r["q3"] == "none" for r in own))
    for path in ("figures/figure_unexplained.svg", "results/tables/unexplained.md"):
        assert (folder / "mine" / path).stat().st_size > 100
    asked = follow(folder, ".venv/bin/snakemake -n --configfile small.yaml -- gate")
    assert re.search(r"gate: .*figure_unexplained.*table_unexplained", asked)
    assert "Figure 5: " in asked
    assert "Figure U: " not in asked, "made already"


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_it_is_one_page(page):
    assert len(page.splitlines()) < 130
