"""What every job of the pipeline does around its work: log, record, last words, provenance."""

import atexit
import json
import logging
import os
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from identifiability.errors import UserError
from identifiability.store.artifacts import provenance
from identifiability.store.files import written_whole
from identifiability.store.hashes import hash_bytes
from identifiability.store.machines import this_machine

_LAST_LINES = 3
_record: dict[str, Any] = {}
"""What the manifest will say of this job."""


def start(job: Any) -> None:
    """Begins a job; to be called first, so that what fails in an import is in the log as well.

    Log lines go to the rule's log file and to the terminal. A traceback goes to the log file, and
    its last lines to the terminal; of what a user can put right, only what it says. When the job
    has succeeded, a record of it is written beside its log.

    Args:
        job: Snakemake's description of the job.
    """
    log = job.log[0]
    file, terminal = logging.FileHandler(log, mode="w"), logging.StreamHandler()
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    terminal.setFormatter(logging.Formatter("  %(message)s"))
    logging.basicConfig(handlers=[file, terminal])
    logging.getLogger("identifiability").setLevel(logging.INFO)
    # On a full disk, what cannot be written is said once, by what fails for it.
    logging.raiseExceptions = False

    record = record_of(Path(log))
    record.unlink(missing_ok=True)
    _record.update(
        rule=job.rule,
        wildcards=dict(job.wildcards.items()),
        log=named(job, [log])[0],
        threads=job.threads,
        machine=this_machine(),
        device="cpu",
        started=_now(),
        outputs=sorted(named(job, job.output)),
        code={str(path): hash_bytes(Path(path)) for path in job.input.get("code", ())},
    )
    atexit.register(_finish, job, record)

    def last_words(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        atexit.unregister(_finish)
        lines = traceback.format_exception(kind, error, trace)
        where = f"(the whole traceback is in {log})"
        try:
            with open(log, "a") as stream:
                stream.writelines(lines)
        except OSError as reason:
            where = f"({log} cannot be written: {reason.strerror})"
        known = isinstance(error, UserError)
        tail = [f"error: {error}"] if known else "".join(lines).splitlines()[-_LAST_LINES:]
        print(*tail, where, sep="\n", file=sys.stderr)

    sys.excepthook = last_words


def record_of(log: Path) -> Path:
    """Where the record of a job lies, by its log file."""
    return log.with_suffix(".json")


def ran_on(device: str) -> None:
    """Has the record say on which device the job computes."""
    _record["device"] = device


def _finish(job: Any, record: Path) -> None:
    """Writes the record of a job that has succeeded; without one, it has not."""
    try:
        made_by(job)
        _record["ended"] = _now()
        with written_whole(record) as file:
            file.write_text(json.dumps(_record, indent=1) + "\n")
    except Exception as error:  # of whatever library
        print(f"error: {error}", file=sys.stderr, flush=True)
        # What is called at the exit cannot fail a process otherwise.
        os._exit(1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _inputs(job: Any) -> dict[str, Path]:
    """The files that a job reads, its code left out, by what they are called in the results.

    Args:
        job: Snakemake's description of the job.
    """
    code = set(job.input.get("code", ()))
    read = [path for path in job.input if path not in code]
    return dict(zip(named(job, read), map(Path, read), strict=True))


def named(job: Any, paths: Iterable[str]) -> list[str]:
    """Files as they are called in the results: below the run's folder, if they lie there.

    Args:
        job: Snakemake's description of the job.
        paths: The files.
    """
    folder = Path(job.config["prefix"])
    return [
        path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
        for path in map(Path, paths)
    ]


def made_by(job: Any) -> dict[str, str]:
    """Provenance of a job's output, from its parameters, inputs, code and rule; found once.

    Args:
        job: Snakemake's description of the job.
    """
    if "made_by" not in _record:
        _record["made_by"] = provenance(
            dict(job.params.items()),
            map(Path, job.input.get("code", ())),
            _inputs(job),
            job.rule,
        )
    found: dict[str, str] = _record["made_by"]
    return found
