"""Measures what a job costs before it works, here and under SLURM; writes benchmarks/cluster.yaml.

The jobs are those of the rule ``datasets``, which has next to nothing to do. Under SLURM they
share one job of it. One job, and one with several parts, tell what a job of SLURM costs by itself
and what each part of it costs. Without SLURM on this machine the file is left as it is.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from slurm_cluster import Cluster, missing  # noqa: E402

FAMILIES = ("and-k3", "or-k3", "imp-k3", "xor-k2", "xor-k3", "mixed-k2", "mixed-k3", "tasks-n1")
ROUNDS = 3
WRITTEN = ROOT / "benchmarks" / "cluster.yaml"
LOCAL = ("--cores=1",)
# One job of SLURM for all; the rest as in the profile.
SHARED = (
    "--workflow-profile=profiles/slurm",
    "--slurm-status-command=squeue",
    "--group-components",
    f"networks={len(FAMILIES)}",
)


def seconds(
    options: Sequence[str], families: Sequence[str], environment: Mapping[str, str]
) -> float:
    """Time that Snakemake takes for the jobs of some families, in a folder without results."""
    targets = [f"data/datasets/{family}.parquet" for family in families]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("workflow", "profiles", "config", "envs", "paper"):
            shutil.copytree(ROOT / name, Path(folder, name))
        shutil.copy(ROOT / "Snakefile", folder)
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "snakemake", *options, "--", *targets],
            cwd=folder,
            env=dict(environment),
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - start


def measure(options: Sequence[str], environment: Mapping[str, str]) -> dict[str, float]:
    """Median time of one job, and of each further one."""
    one, all_ = (
        statistics.median(seconds(options, families, environment) for _ in range(ROUNDS))
        for families in (FAMILIES[:1], FAMILIES)
    )
    return {"first": round(one, 2), "further": round((all_ - one) / (len(FAMILIES) - 1), 2)}


def main() -> None:
    """Measures and writes."""
    if (reason := missing()) is not None:
        print(f"no SLURM to measure, {WRITTEN.name} is left as it is: {reason}")
        return
    local = measure(LOCAL, os.environ)
    with Cluster() as cluster:
        shared = measure(SHARED, cluster.environment)
    found = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "snakemake": version("snakemake"),
        "plugin": version("snakemake-executor-plugin-slurm"),
        "rounds": ROUNDS,
        "jobs": len(FAMILIES),
        "local": local,
        "slurm": shared,
    }
    head = "# Written by `make bench`; do not edit. Seconds of jobs with next to nothing to do.\n"
    WRITTEN.write_text(head + yaml.safe_dump(found, sort_keys=False))


if __name__ == "__main__":
    main()
