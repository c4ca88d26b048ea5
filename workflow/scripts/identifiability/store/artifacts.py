"""Artifacts: Parquet files that keep their contract and say what made them."""

import dataclasses
import json
import logging
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from identifiability.errors import UserError
from identifiability.networks.families import SEED_RULE
from identifiability.store.contracts import Contract, ContractError, contract
from identifiability.store.files import written_whole
from identifiability.store.hashes import (
    hash_batches,
    hash_files,
    hash_input,
    hash_table,
    hash_text,
)
from identifiability.store.invariants import check_across, check_rows

_PACKAGES = ("duckdb", "numba", "numpy", "pandas", "pyarrow", "scipy", "statsmodels", "torch")
_COMPRESSION = "zstd"
_OF_ITS_ROWS = (b"content_sha256", b"inputs")
"""Metadata in which the shards of a family differ."""
_log = logging.getLogger(__name__)


def provenance(
    settings: Mapping[str, Any],
    code: Iterable[Path],
    inputs: Mapping[str, Path],
    rule: str | None = None,
) -> dict[str, str]:
    """What made a file, as strings for its metadata; equal in two equal runs.

    Args:
        settings: The settings that went into it.
        code: Its source files.
        inputs: The files that it was made from, by what they are called in the results.
        rule: The rule whose job makes it; None outside the pipeline.
    """
    text = json.dumps(settings, sort_keys=True, default=_plain)
    packages = {name: version(name) for name in _PACKAGES}
    return {
        **({} if rule is None else {"rule": rule}),
        "settings": text,
        "settings_sha256": hash_text(text),
        "code_sha256": hash_files(code),
        "inputs": json.dumps({name: hash_input(path) for name, path in sorted(inputs.items())}),
        "seed_rule": SEED_RULE,
        "python": platform.python_version(),
        "packages": json.dumps(packages, sort_keys=True),
    }


def _plain(value: Any) -> Any:
    """Settings as plain data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def to_table(frame: pd.DataFrame, artifact: str) -> pa.Table:
    """A frame as a table with the artifact's columns and types.

    Raises:
        ContractError: If the frame breaks the contract.
    """
    rules: Contract = contract(artifact)
    rules.check_names(frame.columns)
    try:
        table = pa.Table.from_pandas(
            frame, schema=rules.arrow_schema(frame.columns), preserve_index=False
        )
    except (ValueError, pa.ArrowTypeError) as error:  # among them pa.ArrowInvalid
        raise ContractError(f"{artifact}: {' '.join(map(str, error.args))}") from None
    check_rows(artifact, table)
    return table.replace_schema_metadata(
        {"artifact": artifact, "schema_version": str(rules.version)}
    )


def write(
    frame: pd.DataFrame,
    artifact: str,
    path: Path,
    made_by: Mapping[str, str] | None = None,
    beside: Mapping[str, pa.Table | Path] | None = None,
) -> None:
    """Writes an artifact: checked first, beside its place, then renamed.

    Args:
        frame: The rows.
        artifact: Which artifact they are.
        path: Where to.
        made_by: What ``provenance`` says.
        beside: What the contract's statements across files read, by name (``invariants``); those
            that read others are left to the audit.

    Raises:
        ContractError: If the frame breaks the contract. Nothing is written then.
        UserError: If the file cannot be written.
    """
    table = to_table(frame, artifact)
    n_held = check_across(artifact, {**(beside or {}), artifact: table})
    if n_held:
        _log.info("%s: %d statements across rows and files hold", artifact, n_held)
    with written_whole(path) as file:
        pq.write_table(stamped(table, made_by or {}), file, compression=_COMPRESSION)


def stamped(table: pa.Table, made_by: Mapping[str, str]) -> pa.Table:
    """A table whose metadata say what made it, and what it holds."""
    own = {"content_sha256": hash_table(table), **made_by}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **_encoded(own)})


def _encoded(metadata: Mapping[str, str]) -> dict[bytes, bytes]:
    """Metadata as Arrow keeps them."""
    return {key.encode(): text.encode() for key, text in metadata.items()}


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


def gather(shards: Sequence[Path], path: Path, inputs: str) -> None:
    """Writes what the shards of a family hold as one artifact, below one another.

    One row group after the other, so that it takes no more memory for more shards. The file says
    what the shards say of their making, the rule as well; only its inputs are the shards.

    Args:
        shards: The files, in the order of their seeds.
        path: Where to.
        inputs: What ``provenance`` says of them.

    Raises:
        UserError: If a file is missing or is not Parquet, or they were not made alike: by
            another rule, other code, settings or packages.
    """
    parts = {shard: _opened(shard) for shard in shards}
    first = parts[shards[0]].schema_arrow
    for shard, part in parts.items():
        if not part.schema_arrow.equals(first) or _maker(part) != _maker(parts[shards[0]]):
            raise UserError(
                f"{shard}: made by other code, settings or packages than {shards[0]}; delete it, "
                "to have it made again"
            )
    rows = (batch for part in parts.values() for batch in part.iter_batches())
    own = {"content_sha256": hash_batches(first, rows), "inputs": inputs}
    schema = first.with_metadata({**_maker(parts[shards[0]]), **_encoded(own)})
    with (
        written_whole(path) as file,
        pq.ParquetWriter(file, schema, compression=_COMPRESSION) as writer,
    ):
        for part in parts.values():
            for group in range(part.num_row_groups):
                writer.write_table(part.read_row_group(group))


def _maker(part: pq.ParquetFile) -> dict[bytes, bytes]:
    """What made a file, but for the rows that it was made from and holds."""
    metadata = part.schema_arrow.metadata or {}
    return {key: text for key, text in metadata.items() if key not in _OF_ITS_ROWS}


def _opened(path: Path) -> pq.ParquetFile:
    """A file, open for reading.

    Raises:
        UserError: If the file is missing or is not Parquet.
    """
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: cannot be read as Parquet ({error})") from None
