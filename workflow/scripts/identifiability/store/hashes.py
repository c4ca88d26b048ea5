"""Hashes: of the bytes of a file, and of what a Parquet file holds however it is laid out.

The content hash is that of the table's names, types and values in their order. Row groups,
encoding, compression, metadata and the version of the writer do not enter it, so that two runs on
two machines can be compared. It is the SHA-256 of:

1. the JSON of ``[[name, type], ...]``;
2. for every block of 65,536 rows, the last one shorter, and every column in turn: the number of
   values (8 bytes, little-endian, as all numbers); one byte per value, 1 unless it is null; then,
   a null counting as 0 or as empty, the bytes of the values if they are numbers, one byte each if
   they are Boolean, the lengths (8 bytes each) and the UTF-8 of all if they are text, the lengths
   (8 bytes each) and the elements as a column of their own if they are lists.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_BLOCK = 65_536


def hash_bytes(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_text(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def hash_table(table: pa.Table) -> str:
    """Content hash of a table."""
    return hash_batches(table.schema, table.to_batches())


def hash_parquet(path: Path) -> str:
    """Content hash of a Parquet file, read block by block.

    Raises:
        OSError: If it cannot be read.
        pa.ArrowInvalid: If it is not Parquet, or damaged.
    """
    with pq.ParquetFile(path) as file:
        return hash_batches(file.schema_arrow, file.iter_batches(_BLOCK))


def hash_input(path: Path) -> str:
    """What provenance says of an input: the content hash of Parquet, else that of the bytes."""
    return hash_parquet(path) if path.suffix == ".parquet" else hash_bytes(path)


def hash_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> str:
    """Content hash of rows that come in batches of any size."""
    digest = hashlib.sha256()
    names = [[field.name, str(_plain_type(field.type))] for field in schema]
    digest.update(json.dumps(names).encode())
    for block in _blocks(schema, batches):
        for column, field in zip(block.columns, schema, strict=True):
            _feed(digest, column.cast(_plain_type(field.type)).combine_chunks())
    return digest.hexdigest()


def _blocks(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in blocks of the same size, but for the last."""
    left = schema.empty_table()
    for batch in batches:
        left = pa.concat_tables([left, pa.Table.from_batches([batch], schema)])
        while left.num_rows >= _BLOCK:
            yield left.slice(0, _BLOCK)
            left = left.slice(_BLOCK)
    if left.num_rows:
        yield left


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """A type without what is about its layout."""
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.field("element", _plain_type(kind.value_type)))
    return kind


def _feed(digest: Any, array: pa.Array) -> None:
    """Adds a column to a hash."""
    digest.update(len(array).to_bytes(8, "little"))
    digest.update(np.asarray(pc.is_valid(array)).astype(np.uint8).tobytes())
    kind = array.type
    if pa.types.is_list(kind):
        digest.update(_numbers(pc.list_value_length(array), "<i8"))
        _feed(digest, array.flatten())
    elif pa.types.is_string(kind):
        digest.update(_numbers(pc.binary_length(array), "<i8"))
        known = array.drop_null()
        whole = pa.ListArray.from_arrays(pa.array([0, len(known)], pa.int32()), known)
        digest.update(pc.binary_join(whole, "")[0].as_py().encode())
    elif pa.types.is_boolean(kind):
        digest.update(_numbers(array.cast(pa.uint8()), "u1"))
    elif not pa.types.is_null(kind):
        digest.update(_numbers(array, np.dtype(kind.to_pandas_dtype()).newbyteorder("<")))


def _numbers(array: pa.Array, kind: Any) -> bytes:
    """Numbers as bytes, null as 0."""
    return np.asarray(pc.fill_null(array, 0)).astype(kind).tobytes()
