"""What every job of the pipeline does around its work: log, record, last words, provenance."""

import atexit
import json
import logging
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from identifiability.errors import UserError
from identifiability.store import artifacts
from identifiability.store.files import written_whole
from identifiability.store.hashes import hash_bytes
from identifiability.store.machines import this_machine

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_LAST_LINES = 3
_log = logging.getLogger(__name__)
_record: dict[str, Any] = {}
"""What the manifest will say of this job, whatever it makes."""
_parts: list[dict[str, Any]] = []
"""What it will say of the parts that the job was done in, if it has parts."""


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
        rule=_stage(job),
        wildcards=dict(job.wildcards.items()),
        log=named(job, [log])[0],
        threads=job.threads,
        machine=this_machine(),
        device="cpu",
        started=_now(),
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
        whole = {"outputs": sorted(named(job, job.output)), "made_by": made_by(job)}
        parts = _parts or [whole | {"ended": _now()}]
        with written_whole(record) as file:
            file.write_text(json.dumps([_record | part for part in parts], indent=1) + "\n")
    except Exception as error:  # of whatever library
        print(f"error: {error}", file=sys.stderr, flush=True)
        # What is called at the exit cannot fail a process otherwise.
        os._exit(1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


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
    """Provenance of the output of a job without parts; found once.

    Args:
        job: Snakemake's description of the job.
    """
    if "made_by" not in _record:
        _record["made_by"] = _provenance(job, dict(job.params.items()), _read(job))
    found: dict[str, str] = _record["made_by"]
    return found


def _read(job: Any) -> list[str]:
    """The files that a job reads, its code left out."""
    code = set(job.input.get("code", ()))
    return [path for path in job.input if path not in code]


def _provenance(job: Any, settings: Mapping[str, Any], read: Iterable[str]) -> dict[str, str]:
    """What made a file, from settings, the job's code, the files that were read, and the rule."""
    read = list(read)
    inputs = dict(zip(named(job, read), map(Path, read), strict=True))
    code = map(Path, job.input.get("code", ()))
    return artifacts.provenance(settings, code, inputs, _stage(job))


def _stage(job: Any) -> str:
    """The rule of a job's stage, which says the same whether or not families share the job."""
    rule: str = job.rule
    return rule.removesuffix("_alone")


def parts(job: Any) -> Iterator["Part"]:
    """The parts of a job that does the same for several families, or for one shard of a family.

    A file belongs to a part if it is named after it; among the inputs, one that stands alone
    under its name is read by all parts. Files say of their making what belongs to their part, so
    that they are the same whichever parts share a job.

    Args:
        job: Snakemake's description of the job. Its parameter ``parts`` holds the settings by the
            names of the parts.

    Yields:
        The parts, each to be done before the next one is asked for.
    """
    for name, settings in job.params.parts.items():
        started = _now()
        _log.info("%s", name)
        inputs = {key: _of_part(name, files) for key, files in job.input.items() if key != "code"}
        outputs = {key: _of_part(name, files) for key, files in job.output.items()}
        part = Part(
            name,
            settings,
            {key: Path(file) for key, file in inputs.items() if file},
            {key: Path(file) for key, file in outputs.items() if file},
            _provenance(job, settings, sorted({file for file in inputs.values() if file})),
        )
        yield part
        made = [str(path) for path in part.outputs.values()]
        _parts.append(
            {
                "started": started,
                "outputs": sorted(named(job, made)),
                "made_by": part.made_by,
                "ended": _now(),
            }
        )


def _of_part(name: str, files: str | list[str]) -> str | None:
    """The file of a part, among those that a job has under one name; None if it has none."""
    if isinstance(files, str):
        return files
    own = (file for file in files if str(Path(file).with_suffix("")).endswith(f"/{name}"))
    return next(own, None)


@dataclass(frozen=True)
class Part:
    """What a job does for one family, or for one shard of it.

    Attributes:
        name: The shard's name.
        settings: What goes into it beside files.
        inputs: The files it reads, by what the rule calls them.
        outputs: The files it writes, by artifact.
        made_by: Provenance of these.
    """

    name: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, Path]
    outputs: Mapping[str, Path]
    made_by: Mapping[str, str]

    def read(self, artifact: str) -> "pd.DataFrame":
        """The rows of an artifact that it reads."""
        return artifacts.read(self.inputs[artifact])

    def write(
        self, rows: Mapping[str, "pd.DataFrame"], beside: Mapping[str, "pa.Table"] | None = None
    ) -> None:
        """Writes artifacts, each checked against what was read and against those before it.

        Args:
            rows: The rows, by artifact.
            beside: Further tables that the statements across files read (``invariants``).
        """
        known: dict[str, pa.Table | Path] = {**self.inputs, **(beside or {})}
        for artifact, frame in rows.items():
            known[artifact] = self.outputs[artifact]
            artifacts.write(frame, artifact, self.outputs[artifact], self.made_by, known)
