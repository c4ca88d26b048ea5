"""What every job of the pipeline does around its work: log, last words, provenance."""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from identifiability.artifacts import provenance
from identifiability.errors import UserError

_LAST_LINES = 3


def start(log: str) -> None:
    """Begins a job; to be called first, so that what fails in an import is in the log as well.

    Log lines go to the rule's log file and to the terminal. A traceback goes to the log file, and
    its last lines to the terminal; of what a user can put right, only what it says.

    Args:
        log: The rule's log file.
    """
    file, terminal = logging.FileHandler(log, mode="w"), logging.StreamHandler()
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    terminal.setFormatter(logging.Formatter("  %(message)s"))
    logging.basicConfig(handlers=[file, terminal])
    logging.getLogger("identifiability").setLevel(logging.INFO)
    # On a full disk, what cannot be written is said once, by what fails for it.
    logging.raiseExceptions = False

    def last_words(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
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


def made_by(job: Any) -> dict[str, str]:
    """Provenance of a job's output, from its parameters and the code among its inputs.

    Args:
        job: Snakemake's description of the job.
    """
    return provenance(dict(job.params.items()), map(Path, job.input.code))
