"""Measures what a job costs before it works, here and under SLURM; writes benchmarks/cluster.yaml.

The jobs are those of the rule ``datasets``, which has next to nothing to do. Under SLURM they
share one job of it. One job, and one with several parts, tell what a job of SLURM costs by itself
and what each part of it costs. Without SLURM on this machine the file is left as it is.

Given what Snakemake printed of two runs of the whole paper, one here and one under SLURM, it notes
how long they took instead: ``python benchmarks/cluster.py LOCAL_LOG SLURM_LOG``.
"""

import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import pipeline
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.slurm_cluster import Cluster, missing  # noqa: E402

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
        start = time.perf_counter()
        pipeline.run(Path(folder), [*options, "--", *targets], environment)
        return time.perf_counter() - start


def measure(options: Sequence[str], environment: Mapping[str, str]) -> dict[str, float]:
    """Median time of one job, and of each further one."""
    one, all_ = (
        statistics.median(seconds(options, families, environment) for _ in range(ROUNDS))
        for families in (FAMILIES[:1], FAMILIES)
    )
    return {"first": round(one, 2), "further": round((all_ - one) / (len(FAMILIES) - 1), 2)}


def read_log(file: Path) -> dict[str, int]:
    """Seconds, jobs, and jobs sent to a cluster of a run that was printed to a file."""
    text = file.read_text()
    return {
        "seconds": round(pipeline.elapsed(file)),
        "jobs": int(re.findall(r"^(\d+) of \1 steps", text, re.MULTILINE)[-1]),
        "sent": len(re.findall(r"has been submitted with SLURM jobid", text)),
    }


def main() -> None:
    """Measures and writes, or notes the times of two runs."""
    known = yaml.safe_load(WRITTEN.read_text()) if WRITTEN.exists() else {}
    if len(sys.argv) == 3:
        local, slurm = (read_log(Path(file)) for file in sys.argv[1:])
        write({**known, "paper": {"local": local, "slurm": slurm}})
        return
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
    write({**known, **found})


def write(found: Mapping[str, object]) -> None:
    """Writes what was found."""
    head = "# Written by `make bench`; do not edit. Seconds of jobs with next to nothing to do.\n"
    WRITTEN.write_text(head + yaml.safe_dump(found, sort_keys=False))


if __name__ == "__main__":
    main()
