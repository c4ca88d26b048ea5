"""Runs of the pipeline in a copy of the project, and how long they took."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
PHASES = ("start", "imports", "compilation", "work", "validation", "writing")
"""What a job's CPU seconds go to (phases/sitecustomize.py)."""


def run(
    folder: Path, options: Sequence[str], environment: Mapping[str, str] | None = None
) -> None:
    """Copies the project to a folder, and runs Snakemake there.

    Raises:
        CalledProcessError: If it fails.
    """
    for name in ("workflow", "profiles", "config", "envs", "paper"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Snakefile", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", *options]
    subprocess.run(command, cwd=folder, env=environment, check=True)


def elapsed(log: Path) -> float:
    """Wall-clock seconds of a run, from what Snakemake printed."""
    found = re.findall(r"^Elapsed time: (\d+):(\d+):([\d.]+)$", log.read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"{log}: its run did not come to an end")
    hours, minutes, seconds = map(float, found[-1])
    return 3600 * hours + 60 * minutes + seconds


def run_in_phases(folder: Path, options: Sequence[str]) -> None:
    """As ``run``, and has every job report what it took by phase, in the folder ``phases``."""
    told = folder / "phases"
    told.mkdir(parents=True)
    hook = str(Path(__file__).parent / "phases")
    # Python keeps what it has compiled, as it does for a user, whatever is set here.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run(folder, options, kept | {"PHASES": str(told), "PYTHONPATH": hook})


def by_phase(folder: Path) -> pd.DataFrame:
    """CPU seconds by script, a row each, and phase; that of most seconds first."""
    told = pd.DataFrame([json.loads(file.read_text()) for file in folder.glob("phases/*.json")])
    totals = told.groupby("script").agg(
        jobs=("start", "size"), **{phase: (phase, "sum") for phase in PHASES}
    )
    totals["all"] = totals[list(PHASES)].sum(axis=1)
    return totals.sort_values("all", ascending=False)
