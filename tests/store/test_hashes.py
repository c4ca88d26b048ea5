"""Content hashes: of what a table holds, however it is laid out, and of nothing else."""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability.store import hashes

NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=4)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(max_size=4) | st.none(),
            "number": st.floats(allow_nan=False) | st.none(),
            "whole": st.integers(0, 255),
            "yes": st.booleans() | st.none(),
            "list": NUMBERS | st.none(),
            "lists": st.lists(NUMBERS, max_size=3),
        }
    ),
    max_size=12,
)
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("number", pa.float64()),
        ("whole", pa.uint8()),
        ("yes", pa.bool_()),
        ("list", pa.list_(pa.int64())),
        ("lists", pa.list_(pa.list_(pa.int64()))),
    ]
)


def table_of(rows):
    return pa.Table.from_pylist(rows, SCHEMA)


@given(ROWS, st.integers(1, 5), st.sampled_from(["none", "zstd", "snappy"]), st.booleans())
def test_the_layout_does_not_enter(tmp_path_factory, rows, group, compression, dictionary):
    path = tmp_path_factory.mktemp("layout") / "f.parquet"
    table = table_of(rows)
    options = {"compression": compression, "use_dictionary": dictionary}
    said = table.replace_schema_metadata({"made": "elsewhere"})
    pq.write_table(said, path, row_group_size=group, **options)
    assert hashes.hash_parquet(path) == hashes.hash_table(table)
    pieces = [table.slice(i, group) for i in range(0, len(rows), group)]
    if pieces:
        assert hashes.hash_table(pa.concat_tables(pieces)) == hashes.hash_table(table)


@given(ROWS, ROWS)
def test_other_rows_have_another_hash(first, second):
    # As text: there, 0.0 and -0.0 are two, as they are in the hash.
    same = str(first) == str(second)
    assert (hashes.hash_table(table_of(first)) == hashes.hash_table(table_of(second))) == same


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_the_kind_of_text_does_not_enter(kind):
    values = ["b", None, "a", "b"]
    plain, other = (pa.table({"x": pa.array(values, k)}) for k in (pa.string(), kind))
    assert hashes.hash_table(other) == hashes.hash_table(plain)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"x": [1, 2]}, {"x": [2, 1]}),
        ({"x": [1, 2]}, {"y": [1, 2]}),
        ({"x": [1, 2]}, {"x": pa.array([1, 2], pa.int32())}),
        ({"x": [0]}, {"x": [None]}),
        ({"x": ["ab", ""]}, {"x": ["a", "b"]}),
        ({"x": ["", None]}, {"x": [None, ""]}),
        ({"x": [[1], []]}, {"x": [[], [1]]}),
        ({"x": [[1], None]}, {"x": [[1], []]}),
        ({"x": [1], "y": [2]}, {"y": [2], "x": [1]}),
    ],
)
def test_what_enters(first, second):
    assert hashes.hash_table(pa.table(first)) != hashes.hash_table(pa.table(second))


def test_blocks_do_not_depend_on_batches(tmp_path):
    rows = 2 * 65_536 + 7
    table = pa.table({"x": np.arange(rows), "y": [str(i) for i in range(rows)]})
    whole = hashes.hash_table(table)
    cut = pa.concat_tables([table.slice(0, 70_000), table.slice(70_000)])
    assert hashes.hash_table(cut) == whole
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=50_000)
    assert hashes.hash_parquet(tmp_path / "f.parquet") == whole


def test_another_writer_makes_no_difference(tmp_path):
    path, again = tmp_path / "f.parquet", tmp_path / "again.parquet"
    rows = [
        {
            "text": "a",
            "number": 0.5,
            "whole": 1,
            "yes": True,
            "list": [1, None],
            "lists": [[], [2]],
        }
    ]
    pq.write_table(table_of(rows * 9), path)
    duckdb.sql(f"COPY (FROM '{path}') TO '{again}'")
    assert path.read_bytes() != again.read_bytes()
    assert hashes.hash_parquet(again) == hashes.hash_parquet(path)


def test_the_definition_by_hand():
    # One column `x` of one row, 5: its name and type, then 1 value, which is there, and is 5.
    import hashlib

    digest = hashlib.sha256(b'[["x", "int64"]]' + b"\1" + bytes(7) + b"\1" + b"\5" + bytes(7))
    assert hashes.hash_table(pa.table({"x": [5]})) == digest.hexdigest()
