"""An archive of a run: project, results, and what has Snakemake find nothing to do."""

import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from identifiability.audit.checks import findings
from identifiability.audit.files import MANIFEST, check_files, find
from identifiability.authors.settings import FILE as AUTHORS_FILE
from identifiability.errors import UserError
from identifiability.store.crate import NAME as CRATE
from identifiability.store.files import written_whole
from identifiability.store.job import record_of


def archive(results: Path, to: Path, processes: int) -> int:
    """Packs a run with the project that made it.

    It holds the project's own files, every file of the manifest, the records and logs of the jobs,
    and Snakemake's own notes; the RO-Crate lies at its root. The authors' own network is left out:
    it is not ours to publish.

    Args:
        results: The run's folder ``results``, in the project's folder.
        to: The archive, a ``.tar.gz``.
        processes: Number of processors for the check of all files before.

    Returns:
        Number of files.

    Raises:
        UserError: If the run is not whole, or something in it disagrees with its manifest.
    """
    if not to.name.endswith(".tar.gz"):
        raise UserError(f"{to}: an archive is called .tar.gz")
    run = find(results)
    wrong = findings(check_files(run, processes))
    if wrong:
        raise UserError(
            f"{results}: {wrong[0].where} {wrong[0].what}, and {len(wrong) - 1} more findings; "
            f"run `identifiability audit {results}`"
        )
    root = run.project
    if root is None:
        raise UserError(f"{results}: does not lie in the folder of the project that made it")
    made = [
        *run.files,
        MANIFEST,
        *(path for job in run.manifest["jobs"] for path in _said(job["log"])),
    ]
    read = [
        *run.manifest["config_files"],
        *(i for job in run.manifest["jobs"] for i in job["inputs"]),
    ]
    members = {
        path.relative_to(root).as_posix(): path
        for path in (
            *_project(root),
            *(run.folder / file for file in (*made, CRATE)),
            *(root / file for file in read),
            *sorted((root / ".snakemake" / "metadata").rglob("*")),
        )
        if path.is_file() and path.is_relative_to(root) and path.name != AUTHORS_FILE
    }
    # It describes the project's folder, so it belongs there, wherever in it the run lies.
    members[CRATE] = run.folder / CRATE
    name = to.name.removesuffix(".tar.gz")
    with written_whole(to) as part, tarfile.open(part, "w:gz") as packed:
        for place, path in sorted(members.items()):
            packed.add(path, f"{name}/{place}")
    return len(members)


def _said(log: str) -> tuple[str, str]:
    """What a job left beside its outputs: its log and its record."""
    return log, record_of(Path(log)).as_posix()


def _project(root: Path) -> Iterator[Path]:
    """The project's own files: those that git knows.

    Raises:
        UserError: If it is no checkout of git.
    """
    command = ["git", "-C", str(root), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise UserError(f"{root}: is no checkout of git, which says what belongs to it") from None
    return (root / name for name in listed.split("\0") if name)
