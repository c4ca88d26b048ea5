"""Measures what provenance and the audit cost on a finished run, and writes it to docs/audit.md.

``python benchmarks/provenance.py [FOLDER]``: of a finished run; by default the project's.

Provenance is what every job does beside its work: it hashes its code, its inputs and its outputs,
and asks the statements across files. All of that is done again here, for every job of the
manifest, and set against what the jobs took in all, by Snakemake's benchmark files.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from identifiability.audit.files import Results, artifact_of, find, metadata_of, related
from identifiability.report.readme import fill, jobs_of
from identifiability.store.hashes import hash_bytes, hash_files, hash_input, hash_parquet
from identifiability.store.invariants import check_across

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "audit.md"
NETWORKS = 50
CORES = os.cpu_count() or 1


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of some work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def hashing(results: Results) -> float:
    """Seconds in which every job's code, inputs and outputs are hashed."""
    code = [ROOT / path for path in results.manifest["code"]]

    def work() -> None:
        for job in results.manifest["jobs"]:
            # As if every job had all of the code.
            hash_files(code)
            for path in code:
                hash_bytes(path)
            for file in job["inputs"]:
                path = results.folder / file
                hash_input(path if path.exists() else ROOT / file)
            for file in job["outputs"]:
                if file.endswith(".parquet"):
                    hash_parquet(results.folder / file)

    return seconds(work)


def asking(results: Results) -> float:
    """Seconds in which every statement across rows and files is asked."""

    def work() -> None:
        for file in results.parquet:
            artifact = artifact_of(file)
            if artifact is not None:
                table = pq.read_table(results.folder / file)
                beside = related(results, file, metadata_of(table.schema))
                check_across(artifact, {**beside, artifact: table})

    return seconds(work)


def audit(folder: Path, networks: int) -> float:
    """Seconds of the command that audits a run.

    Raises:
        CalledProcessError: If anything disagrees.
    """
    command = [sys.executable, "-m", "identifiability", "audit", str(folder / "results")]
    return seconds(
        lambda: subprocess.run(
            [*command, "--networks", str(networks), "--cores", str(CORES)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    )


def report(folder: Path) -> str:
    """What was measured, in words."""
    results = find(folder / "results")
    took = jobs_of(folder / "benchmarks")
    whole = took["s"].sum()
    manifest = took[took["rule_name"] == "manifest"]["s"].sum()
    hashes, statements = hashing(results), asking(results)
    files, all_of_it = audit(folder, 0), audit(folder, NETWORKS)
    n_rows = sum(file.get("rows", 0) for file in results.files.values())
    return (
        f"On a run of {len(results.manifest['jobs'])} jobs, {len(results.files)} files and "
        f"{n_rows:,} rows, on {CORES} cores: the checks of files take {files:.0f} s, the recount "
        f"of {NETWORKS} networks {all_of_it - files:.0f} s. Of the {whole:.0f} s that its jobs "
        f"take together, provenance is {hashes + manifest:.0f} s (hashes {hashes:.0f} s, the "
        f"manifest {manifest:.0f} s), {(hashes + manifest) / whole:.1%}, and the statements "
        f"across rows and files another {statements:.0f} s, {statements / whole:.1%}."
    )


def main() -> None:
    """Measures, and writes between the marks of the page."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    text = report(folder)
    print(text)
    PAGE.write_text(fill(PAGE.read_text(), "measured", text, "make bench"))


if __name__ == "__main__":
    main()
