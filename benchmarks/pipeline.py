"""Runs of the pipeline in a copy of the project, and how long they took."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


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
