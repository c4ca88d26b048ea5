"""Contracts of the artifacts, and files that keep them."""

import errno
import json
import subprocess
import sys
from dataclasses import replace

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identifiability.errors import UserError
from identifiability.protocols import RELEASED
from identifiability.stages.rows import CRITERIA
from identifiability.store import artifacts
from identifiability.store.contracts import ARTIFACTS, ContractError, contract
from identifiability.store.files import written_whole
from identifiability.store.hashes import hash_files


def circuits(**columns):
    """Two rows that keep the contract of `circuits`, with changes."""
    frame = pd.DataFrame(
        {
            "family": "f",
            "seed": [0, 0],
            "network_id": "f/0",
            "target": "XOR",
            "circuit_id": ["11,11|10,01|11", "11,11|11,01|11"],
            "n_hidden": [4, 4],
            "n_edges": [8, 9],
            "for_target": [True, True],
            "for_model": [True, False],
            "for_sample": [True, False],
            **dict.fromkeys(CRITERIA, pd.array([True, None], dtype="boolean")),
        }
    )
    return frame.assign(**columns)


def test_every_contract_has_keys_among_its_columns():
    for artifact in ARTIFACTS:
        rules = contract(artifact)
        assert rules.artifact == artifact
        assert set(rules.key) <= set(rules.columns)
        assert all(column.description for column in rules.columns.values())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"n_hidden": [0, 4]}, "n_hidden: 0 is below 1"),
        ({"circuit_id": ["11,11|10,01|11", "x"]}, "circuit_id: 'x' does not match"),
        ({"circuit_id": "11,11|10,01|11"}, "unique"),
        ({"target": [None, "XOR"]}, "target: .*1 null value"),
        ({"n_edges": ["8", "many"]}, "n_edges"),
        ({"extra": 1}, "extra"),
        (
            {"for_target": [True, False]},
            "breaks 'for_target or for_model or for_sample or coalesce",
        ),
        ({"n_edges": [4, 9]}, "breaks 'n_edges > n_hidden'"),
        ({"within_50": [False, None]}, "breaks 'within_50 or not within_10'"),
        ({"minimal_within_02": [False, None]}, "breaks 'minimal_within_02 or not "),
        ({"within_02": [None, None]}, "breaks .*within_50 IS NULL"),
    ],
)
def test_a_table_that_breaks_its_contract_is_not_written(tmp_path, columns, message):
    path = tmp_path / "circuits" / "f.parquet"
    artifacts.write(circuits(), "circuits", path)
    before = path.read_bytes()
    with pytest.raises(ContractError, match=f"^circuits: .*{message}"):
        artifacts.write(circuits(**columns), "circuits", path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["f.parquet"]


def one_row(artifact):
    """A row of an artifact with values that its columns admit."""
    columns = contract(artifact).columns
    plain = {"string": "a", "integer": "1", "bool": True, "double": 1.0, "float": 1.0}
    return {name: plain.get(column.type, 1) for name, column in columns.items()}


@pytest.mark.parametrize(
    ("artifact", "name"),
    [(a, name) for a in ARTIFACTS for name in contract(a).columns],
)
def test_every_rule_of_every_column_is_broken_by_some_value(artifact, name):
    """By the words of each rule; a value that breaks it is found, and others are not."""
    column = contract(artifact).columns[name]
    wrong = {}
    if not column.nullable:
        wrong["is null"] = None
        if column.type in ("double", "float"):
            wrong["is null "] = float("nan")
    if column.min is not None:
        wrong[f"is below {column.min}"] = column.min - 1
    if column.max is not None:
        wrong[f"is above {column.max}"] = column.max + 1
    if column.values is not None:
        wrong["is none of"] = "neither"
    if column.pattern is not None or column.type == "integer":
        wrong["does not match"] = "-1.5 "
    kept = column.values[0] if column.values else one_row(artifact)[name]
    for words, value in wrong.items():
        table = pa.table({name: pa.array([value], column.arrow_type)})
        found = [said for said, sql in column.broken(name).items() if is_met(table, sql)]
        assert any(said.startswith(words.strip()) for said in found), (words, value)
        assert set(column.broken(name)) >= set(found)
    if column.pattern is None and not column.type.startswith("list") and column.max != 0:
        table = pa.table({name: pa.array([kept], column.arrow_type)})
        assert not any(is_met(table, sql) for sql in column.broken(name).values())


def is_met(table, condition):
    """Whether a condition of SQL is true of the one row of a table."""
    with duckdb.connect() as connection:
        connection.register("own", table)
        return connection.sql(f"SELECT count(*) FROM own WHERE {condition}").fetchall() == [(1,)]


def test_integers_of_any_size_are_kept_as_digits(tmp_path):
    frame = circuits()[["family", "seed", "network_id", "target", "circuit_id"]]
    counts = {"n_interpretations": str(10**400), "n_interpretations_reachable": "3"}
    path = tmp_path / "f.parquet"
    artifacts.write(frame.assign(**counts), "interpretations", path)
    assert int(artifacts.read(path)["n_interpretations"][0]) == 10**400
    with pytest.raises(ContractError, match="n_interpretations: '1e9' does not match"):
        artifacts.write(
            frame.assign(**{**counts, "n_interpretations": "1e9"}), "interpretations", path
        )


def test_equal_runs_write_equal_files_and_other_settings_do_not(tmp_path):
    code = [tmp_path / "a.py"]
    code[0].write_text("pass")
    for name, protocol in (
        ("1", RELEASED),
        ("2", RELEASED),
        ("3", replace(RELEASED, pairs="all")),
    ):
        made_by = artifacts.provenance({"protocol": protocol}, code, {})
        artifacts.write(circuits(), "circuits", tmp_path / name, made_by)
    first, second, third = ((tmp_path / name).read_bytes() for name in "123")
    assert first == second != third
    metadata = pq.read_metadata(tmp_path / "1").metadata
    settings = json.loads(metadata[b"settings"])["protocol"]
    assert settings["sparsity_above"] == {"4": "1/5", "5": "3/10"}
    assert metadata[b"artifact"] == b"circuits"


def test_code_is_hashed_by_name_and_content(tmp_path):
    a, b = tmp_path / "a.py", tmp_path / "b.py"
    a.write_text("x")
    b.write_text("y")
    whole = hash_files([a, b])
    assert whole == hash_files([b, a])
    b.write_text("z")
    assert whole != hash_files([a, b])


@pytest.mark.parametrize("content", [None, b"", b"PAR1 cut off"])
def test_a_file_that_is_missing_or_cut_off_is_named(tmp_path, content):
    path = tmp_path / "f.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"f\.parquet: cannot be read as Parquet"):
        artifacts.read(path)


def test_what_cannot_be_written_is_one_line_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def write():
        with written_whole(path) as part:
            part.write_text("half")
            raise OSError(errno.ENOSPC, "words of a library")

    with pytest.raises(UserError, match=r"file: cannot be written \(No space left on device\)$"):
        write()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    with written_whole(tmp_path / "folder" / "other") as part:
        part.write_text("new")
    assert (tmp_path / "folder" / "other").read_text() == "new"


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    program = """
import sys, time
from pathlib import Path
from identifiability.store.files import written_whole
with written_whole(Path(sys.argv[1])) as part:
    part.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "writing\n"
        process.kill()
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2, "what it had written is left"
    with written_whole(path) as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
