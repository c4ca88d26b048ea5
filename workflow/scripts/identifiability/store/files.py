"""Files that are there as a whole or not at all."""

import glob
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from identifiability.errors import UserError


def beside(path: Path) -> Path:
    """Where this process writes a file before it takes its place.

    No other process writes there, so that a job that was given up but lives on, on a node that was
    lost for a while, does not write into the file of the one that took over.
    """
    return path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}.part")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Gives a path beside a file's place to write to; afterwards the file takes its place.

    Whatever stops a job on the way, and wherever it is stopped, what stands at the place is the
    old file or the new one: what was written reaches the disk before it is renamed. What others
    left beside it is removed.

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
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            left.unlink(missing_ok=True)
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
