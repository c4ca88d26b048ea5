"""The manifest of a run: what made every file, when, where, and what it holds.

Every job leaves a record of each of its parts beside its log (``store.job``). The manifest puts
them together with the configuration, the packages installed and the hashes of every file that they
made. It is the one artifact that differs between two equal runs, by its times and machines.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from platform import python_version
from typing import Any

import pyarrow.parquet as pq
import yaml
from jsonschema import Draft202012Validator

from identifiability.errors import UserError
from identifiability.store.hashes import hash_bytes, hash_parquet, hash_text
from identifiability.store.paths import SCHEMAS

MANIFEST_SCHEMA = SCHEMAS / "manifest.schema.yaml"
MANIFEST_VERSION = 1
OF_RUNS = ("data/", "results/", "figures/")
"""Folders of what runs make; other inputs are files of the project, or the user's."""


def manifest(
    folder: Path,
    made: Iterable[str],
    *,
    config: Mapping[str, Any],
    config_files: Iterable[Path],
    code_version: str,
) -> dict[str, Any]:
    """What is known of a run.

    Args:
        folder: Where its ``results`` and ``logs`` lie.
        made: What it was to make, below the folder. What this was made from belongs to the run as
            well; files and records that an earlier run left behind do not.
        config: Its configuration, merged.
        config_files: The files that it was merged from.
        code_version: Version of the project.

    Raises:
        UserError: If there is no record of any job.
    """
    makers = _makers(folder)
    if not makers:
        raise UserError(f"{folder / 'logs'}: no record of any job; run `snakemake --cores all`")
    files, waiting = set(), {*made}
    jobs: dict[tuple[str, ...], dict[str, Any]] = {}
    while waiting:
        file = waiting.pop()
        files.add(file)
        if record := makers.get(file):
            jobs[tuple(record["outputs"])] = record
            waiting |= {*record["outputs"], *_read_by(record, folder)} - files
    order = sorted(jobs.values(), key=lambda record: (record["started"], record["log"]))
    machines = {record["machine"]["name"]: record["machine"] for record in order}
    found = {
        "schema_version": MANIFEST_VERSION,
        "code_version": code_version,
        "config": dict(config),
        "config_files": {str(path): hash_config(path) for path in config_files},
        # Of jobs that used one file, the last one tells which version of it is behind the results.
        "code": dict(
            sorted({k: v for record in order for k, v in record["code"].items()}.items())
        ),
        "python": python_version(),
        "packages": dict(sorted((d.metadata["Name"], d.version) for d in distributions())),
        "machines": dict(sorted(machines.items())),
        "jobs": [_job(record) for record in order],
        "files": {file: describe(folder / file) for file in sorted(files)},
    }
    keep_schema(found, "manifest")
    return found


def _makers(folder: Path) -> dict[str, dict[str, Any]]:
    """The record of what made each file, a job or a part of it; of several, that of the last."""
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("logs/**/*.json"))]
    listed = [one for several in found if isinstance(several, list) for one in several]
    records = [one for one in listed if isinstance(one, dict) and "made_by" in one]
    records.sort(key=lambda record: record["started"])
    return {output: record for record in records for output in record["outputs"]}


def _read_by(record: Mapping[str, Any], folder: Path) -> list[str]:
    """The files of the run that a job read: all but those of the project, and the user's."""
    read = json.loads(record["made_by"]["inputs"])
    return [file for file in read if file.startswith(OF_RUNS) and (folder / file).is_file()]


def hash_config(path: Path) -> str:
    """SHA-256 of what a configuration file says, whatever its comments and its layout."""
    return hash_text(json.dumps(yaml.safe_load(path.read_text()), sort_keys=True, default=str))


def describe(path: Path) -> dict[str, Any]:
    """Size and hashes of a file; of a Parquet file also what it holds."""
    found: dict[str, Any] = {"bytes": path.stat().st_size, "sha256": hash_bytes(path)}
    if path.suffix == ".parquet":
        found |= {"rows": pq.read_metadata(path).num_rows, "content_sha256": hash_parquet(path)}
    return found


def keep_schema(found: Mapping[str, Any], name: str) -> None:
    """Makes sure that a manifest keeps its schema.

    Raises:
        UserError: If it does not; names the first place.
    """
    validator = Draft202012Validator(yaml.safe_load(MANIFEST_SCHEMA.read_text()))
    for error in validator.iter_errors(found):
        raise UserError(f"{name}: {error.json_path}: {error.message[:200]}")


def _job(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a job of the manifest: the machine by its name, its provenance as data."""
    own = {key: value for key, value in record.items() if key not in ("code", "made_by")}
    made_by = record["made_by"]
    return own | {
        "machine": record["machine"]["name"],
        "settings": json.loads(made_by["settings"]),
        "settings_sha256": made_by["settings_sha256"],
        "code_sha256": made_by["code_sha256"],
        "inputs": json.loads(made_by["inputs"]),
        "seed_rule": made_by["seed_rule"],
    }
