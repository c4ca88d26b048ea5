"""Artifacts: Parquet files that keep their contract and say what made them."""

import dataclasses
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from identifiability.contracts import Contract, ContractError, contract
from identifiability.errors import UserError
from identifiability.families import SEED_RULE
from identifiability.files import whole

_PACKAGES = ("numba", "numpy", "pandas", "pyarrow", "torch")
_COMPRESSION = "zstd"


def provenance(settings: Mapping[str, Any], code: Iterable[Path]) -> dict[str, str]:
    """What made a file, as strings for its metadata; equal in two equal runs.

    Args:
        settings: The settings that went into it.
        code: Its source files.
    """
    text = json.dumps(settings, sort_keys=True, default=_plain)
    packages = {name: version(name) for name in _PACKAGES}
    return {
        "settings": text,
        "settings_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "code_sha256": hash_files(code),
        "seed_rule": SEED_RULE,
        "python": platform.python_version(),
        "packages": json.dumps(packages, sort_keys=True),
    }


def _plain(value: Any) -> Any:
    """Settings as plain data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def to_table(frame: pd.DataFrame, artifact: str) -> pa.Table:
    """A frame as a table with the artifact's columns and types.

    Raises:
        ContractError: If the frame breaks the contract.
    """
    rules: Contract = contract(artifact)
    rules.check(frame)
    try:
        table = pa.Table.from_pandas(frame, schema=rules.arrow_schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"{artifact}: {' '.join(map(str, error.args))}") from None
    return table.replace_schema_metadata(
        {"artifact": artifact, "schema_version": str(rules.version)}
    )


def write(
    frame: pd.DataFrame, artifact: str, path: Path, made_by: Mapping[str, str] | None = None
) -> None:
    """Writes an artifact: checked first, beside its place, then renamed.

    Args:
        frame: The rows.
        artifact: Which artifact they are.
        path: Where to.
        made_by: What ``provenance`` says.

    Raises:
        ContractError: If the frame breaks the contract. Nothing is written then.
        UserError: If the file cannot be written.
    """
    table = to_table(frame, artifact)
    table = table.replace_schema_metadata({**table.schema.metadata, **(made_by or {})})
    with whole(path) as file:
        pq.write_table(table, file, compression=_COMPRESSION)


def read(path: Path, **equal: Any) -> pd.DataFrame:
    """Reads an artifact.

    Args:
        path: Where it is.
        equal: Only the rows whose columns have these values.

    Raises:
        UserError: If the file is missing or is not Parquet.
    """
    filters = [(column, "=", value) for column, value in equal.items()]
    try:
        frame: pd.DataFrame = pq.read_table(path, filters=filters or None).to_pandas()
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: cannot be read as Parquet ({error})") from None
    return frame


def gather(shards: Sequence[Path], path: Path) -> None:
    """Writes what the shards of a family hold as one artifact, below one another.

    One row group after the other, so that it takes no more memory for more shards.

    Args:
        shards: The files, in the order of their seeds.
        path: Where to.

    Raises:
        UserError: If a file is missing or is not Parquet, or they were not made alike: by other
            code, settings or packages.
    """
    parts = {shard: _opened(shard) for shard in shards}
    schema = parts[shards[0]].schema_arrow
    for shard, part in parts.items():
        if not part.schema_arrow.equals(schema, check_metadata=True):
            raise UserError(
                f"{shard}: made by other code, settings or packages than {shards[0]}; delete it, "
                "to have it made again"
            )
    with whole(path) as file, pq.ParquetWriter(file, schema, compression=_COMPRESSION) as writer:
        for part in parts.values():
            for group in range(part.num_row_groups):
                writer.write_table(part.read_row_group(group))


def _opened(path: Path) -> pq.ParquetFile:
    """A file, open for reading.

    Raises:
        UserError: If the file is missing or is not Parquet.
    """
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: cannot be read as Parquet ({error})") from None
