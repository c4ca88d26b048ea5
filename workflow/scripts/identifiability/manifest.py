"""The manifest of a run: what made every file, when, where, and what it holds.

Every job leaves a record beside its log (``identifiability.job``). The manifest puts them together
with the configuration, the packages installed and the hashes of every file that they made. It is
the one artifact that differs between two equal runs, by its times and machines.
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
from identifiability.hashes import hash_bytes, hash_parquet, hash_text

SCHEMA = Path(__file__).parents[2] / "schemas" / "manifest.schema.yaml"
VERSION = 1


def manifest(
    folder: Path, *, config: Mapping[str, Any], config_files: Iterable[Path], code_version: str
) -> dict[str, Any]:
    """What is known of a run.

    Args:
        folder: Where its ``results`` and ``logs`` lie.
        config: Its configuration, merged.
        config_files: The files that it was merged from.
        code_version: Version of the project.

    Raises:
        UserError: If there is no record of any job.
    """
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("logs/**/*.json"))]
    made = [r for r in records if any((folder / output).is_file() for output in r["outputs"])]
    if not made:
        raise UserError(f"{folder / 'logs'}: no record of any job; run `snakemake --cores all`")
    made.sort(key=lambda record: (record["started"], record["log"]))
    machines = {record["machine"]["name"]: record["machine"] for record in made}
    found = {
        "schema_version": VERSION,
        "code_version": code_version,
        "config": dict(config),
        "config_files": {str(path): hash_config(path) for path in config_files},
        # Of jobs that used one file, the last one tells which version of it is behind the results.
        "code": dict(sorted({k: v for record in made for k, v in record["code"].items()}.items())),
        "python": python_version(),
        "packages": dict(sorted((d.metadata["Name"], d.version) for d in distributions())),
        "machines": dict(sorted(machines.items())),
        "jobs": [_job(record) for record in made],
        "files": {
            output: describe(folder / output)
            for output in sorted({output for record in made for output in record["outputs"]})
            if (folder / output).is_file()
        },
    }
    check(found, "manifest")
    return found


def hash_config(path: Path) -> str:
    """SHA-256 of what a configuration file says, whatever its comments and its layout."""
    return hash_text(json.dumps(yaml.safe_load(path.read_text()), sort_keys=True, default=str))


def describe(path: Path) -> dict[str, Any]:
    """Size and hashes of a file; of a Parquet file also what it holds."""
    found: dict[str, Any] = {"bytes": path.stat().st_size, "sha256": hash_bytes(path)}
    if path.suffix == ".parquet":
        found |= {"rows": pq.read_metadata(path).num_rows, "content_sha256": hash_parquet(path)}
    return found


def check(found: Mapping[str, Any], name: str) -> None:
    """Makes sure that a manifest keeps its schema.

    Raises:
        UserError: If it does not; names the first place.
    """
    validator = Draft202012Validator(yaml.safe_load(SCHEMA.read_text()))
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
