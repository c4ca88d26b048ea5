"""Files that are there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from identifiability.errors import UserError


def beside(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.part")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives a path beside a file's place to write to; afterwards the file takes its place.

    Whatever stops a job on the way, and wherever it is stopped, what stands at the place is the
    old file or the new one: what was written reaches the disk before it is renamed.

    Args:
        path: The file's place. Its folder is made.

    Yields:
        Where to write, in the same folder. What is there is removed if something fails.

    Raises:
        UserError: If it cannot be written, as when the disk is full.
    """
    part = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        # Libraries put words of their own around the system's.
        reason = os.strerror(error.errno) if error.errno else str(error).splitlines()[0]
        raise UserError(f"{path}: cannot be written ({reason})") from error
    finally:
        part.unlink(missing_ok=True)
