"""Downloads: checked, resumed, never taken for whole when they are not."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import requests

from identifiability.errors import UserError

_log = logging.getLogger(__name__)
_BLOCK = 2**16
_TIMEOUT = 20
"""Seconds without an answer, or without a byte, after which the next mirror is tried."""
_STEP = 0.25
"""Share of a file after which progress is told."""


def download(target: Path, sha256: str, mirrors: Sequence[str], otherwise: str) -> None:
    """Downloads a file, if it is not there yet, and checks it.

    What has arrived when a connection breaks stays as ``.<name>.part`` and is gone on with, by the
    next mirror or the next run. The file takes its name when its SHA-256 is right.

    Args:
        target: Where it goes; its name is that of the file at the mirrors.
        sha256: Of its content.
        mirrors: Addresses of folders that have it, tried in order.
        otherwise: What would work as well, for the error.

    Raises:
        UserError: One line that names the file, the mirrors, and what would work as well.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and sha256_of(target) == sha256:
        return
    failures, part = [], _part(target)
    for mirror in mirrors:
        address = f"{mirror.rstrip('/')}/{target.name}"
        try:
            _fetch(address, part)
        except (requests.RequestException, OSError) as error:
            failures.append(f"{address}: {_reason(error)}")
            continue
        found = sha256_of(part)
        if found == sha256:
            part.replace(target)
            return
        part.unlink()
        failures.append(f"{address}: SHA-256 is {found}, not {sha256}")
    reasons = "; ".join(failures) or "the configuration names no mirror"
    raise UserError(f"{target}: cannot be downloaded ({reasons}); {otherwise}")


def _fetch(address: str, part: Path) -> None:
    """Downloads a file, or what is missing of it."""
    have = part.stat().st_size if part.exists() else 0
    asked = {"Range": f"bytes={have}-"} if have else {}
    with requests.get(address, headers=asked, stream=True, timeout=_TIMEOUT) as answer:
        if have and answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # it is whole, or wrong; its checksum tells
        answer.raise_for_status()
        resumed = have and answer.status_code == requests.codes.partial_content
        done = have if resumed else 0
        rest = int(answer.headers.get("Content-Length", 0))
        whole, told = done + rest, done
        _log.info("%s: %s", address, f"going on after {done:,} bytes" if done else "downloading")
        with part.open("ab" if resumed else "wb") as file:
            for block in answer.iter_content(_BLOCK):
                file.write(block)
                done += len(block)
                if done - told >= _STEP * whole:
                    _log.info("%s: %d of %d bytes", part.name[1:-5], done, whole)
                    told = done
    if rest and done < whole:
        raise OSError(f"the connection ended after {done:,} of {whole:,} bytes")


def _part(target: Path) -> Path:
    """Where a file is written before it takes its name."""
    return target.with_name(f".{target.name}.part")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    """What went wrong, in a few words: libraries wrap the cause in many."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT} s"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server says {error.response.status_code}"
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return "no connection, or it broke"
    return str(error).splitlines()[0]
