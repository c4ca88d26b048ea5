"""What holds across rows and files: every statement of every contract finds what breaks it."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identifiability.audit.files import Results, metadata_of, related
from identifiability.store import artifacts
from identifiability.store.contracts import ARTIFACTS, ContractError, contract
from identifiability.store.invariants import broken, check_across, statement_in_words

FAMILY, NOISY, DIGITS = "xor-k3", "xor-k3-noise-cutoff-1e-2", "digits-0-1"
FILES = {
    "noisy": NOISY,
    "summary": NOISY,
    "untrained": "untrained-k3",
    "formulas": "depth-3",
    "readings": "xor-k2",
    **{name: DIGITS for name in ARTIFACTS if name.startswith("digit_")},
}


def put(column, value, row=0):
    """Puts a value, or what is made of the one that is there, into a row."""

    def tamper(frame):
        old = frame.at[row, column]
        frame.at[row, column] = value(old) if callable(value) else value
        return frame

    return tamper


def drop(frame):
    return frame.iloc[1:].reset_index(drop=True)


def twice(frame):
    return pd.concat([frame.iloc[:1].assign(seed=99, network_id="x/99"), frame], ignore_index=True)


def where(condition, column, value):
    """Puts a value into the first row for which a condition holds."""

    def tamper(frame):
        return put(column, value, frame.query(condition).index[0])(frame)

    return tamper


def other_shape(frame):
    return frame.assign(layer_sizes=[[2, 3, 3, 1]] * (len(frame) - 1) + [[2, 3, 1]])


def one_more(text):
    return str(int(text) + 1)


# What is tampered with, in the order of the statements of each contract.
TAMPERED = {
    "datasets": [put("probability", 0.9), drop],
    "networks": [
        put("biases", lambda layers: layers[:1]),
        other_shape,
        put("validation", lambda numbers: [numbers[0] + 1, *numbers[1:]]),
    ],
    "untrained": [put("n_analysed", lambda n: n - 1)],
    "circuits": [
        twice,
        (put("n_edges", lambda n: n + 1), put("circuit_id", lambda c: c.replace(",", "", 1))),
    ],
    "noisy": [twice, put("n_hidden", 1)],
    "interpretations": [(drop, twice), put("n_interpretations_reachable", "9" * 40)],
    "cells": [
        twice,
        (
            put("n_circuits", lambda n: n + 1),
            put("n_interpretations", one_more),
            drop,
            put("listed", False),
            put("minimal", lambda m: not m),
            put("complete", lambda c: not c),
            put("complete_minimal", lambda c: not c),
            put("within_50", lambda w: not w),
            put("within_10", lambda w: not w),
            put("within_02", lambda w: not w),
            put("minimal_within_50", lambda w: not w),
            put("minimal_within_10", lambda w: not w),
            put("minimal_within_02", lambda w: not w),
        ),
        (put("n_interpretations_reachable", "9" * 40), put("standard_error", 1.0)),
    ],
    "formulas": [drop, (put("twin_of", 9999), put("variables", lambda v: [*v, "A"]))],
    "alignment": [
        twice,
        put("place", "000"),
        (drop, put("variable_id", "ff")),
        (put("iia_all", 0.3), put("iia_source_before_base", 0.3)),
    ],
    "algorithms": [
        twice,
        (put("formula", "A"), put("n_variables", 9), put("steps", lambda s: "in" + s[-4:])),
        where("n_mappings > 1", "n_variables", 0),
    ],
    "mappings": [
        (drop, put("mapping_id", 99)),
        (
            where("protocol == 'strict'", "layers", []),
            where("neurons.str.len() > 1", "neurons", [[0], []]),
        ),
        where("layers.str.len() > 0", "neurons", lambda places: [[7], *places[1:]]),
    ],
    "summary": [
        (
            drop,
            put("converged", lambda c: not c),
            put("functional", lambda f: not f),
            put("analysed", lambda a: not a),
        ),
        (
            where("converged", "n_circuits", 9999),
            where("converged", "n_interpretations", "9999"),
            where("converged", "n_circuits_one_interpretation", 9999),
            where("converged", "standard_error_reachable", 1.0),
            where("converged", "how", "not determined"),
        ),
        where("converged and protocol == 'text-D07'", "n_interpretations", "9999"),
        (where("converged", "n_mappings", 9999), where("converged", "n_mappings_empty", 9999)),
        (
            where("converged", "q1", "none"),
            where("converged and q4 == 'unique'", "q4", "empty"),
            where("converged", "q4_mapped", lambda q: "several" if q == "none" else "none"),
        ),
    ],
    "readings": [
        (
            where("q1 == q1", "q1", lambda q: "several" if q == "none" else "none"),
            where("q2 == q2", "q2_reachable", lambda q: "several" if q == "none" else "none"),
            where("q3 == q3", "n_algorithms", 9999),
        )
    ],
    "digit_networks": [put("biases", lambda b: b[:1])],
    "digit_samples": [(drop, put("output", 7.0)), put("label", lambda v: 1 - v)],
    "digit_circuits": [twice, put("n_edges", lambda n: n + 1)],
    "digit_summary": [(drop, put("accuracy", 0.5)), where("converged", "n_circuits", 9999)],
}  # fmt: skip
CASES = [
    (artifact, number, tamper)
    for artifact, statements in TAMPERED.items()
    for number, tampers in enumerate(statements)
    for tamper in (tampers if isinstance(tampers, tuple) else (tampers,))
]


def read(finished, artifact, family):
    """A file, with what the statements of its contract read."""
    results = Results(finished / "tiny")
    file = f"{contract(artifact).folder}/{artifact}/{family}.parquet"
    table = pq.read_table(results.folder / file)
    return table, related(results, file, metadata_of(table.schema))


def tampered(table, artifact, tamper):
    frame = tamper(pd.DataFrame(table.to_pylist()))
    return pa.Table.from_pandas(frame, contract(artifact).arrow_schema(), preserve_index=False)


@pytest.fixture(scope="module")
def files(finished):
    """A file of every artifact with what its statements read, by artifact."""
    return {name: read(finished, name, FILES.get(name, FAMILY)) for name in TAMPERED}


def test_every_statement_is_tampered_with():
    assert set(TAMPERED) == {name for name in ARTIFACTS if contract(name).across}
    for artifact, statements in TAMPERED.items():
        assert len(statements) == len(contract(artifact).across)


@pytest.mark.parametrize("artifact", TAMPERED)
def test_what_a_run_writes_keeps_every_statement(files, artifact):
    table, beside = files[artifact]
    n_asked = check_across(artifact, {**beside, artifact: table})
    assert n_asked == len(contract(artifact).across)


@pytest.mark.parametrize(("artifact", "number", "tamper"), CASES)
def test_what_breaks_a_statement_is_found(files, artifact, number, tamper):
    table, beside = files[artifact]
    changed = tampered(table, artifact, tamper)
    statement = contract(artifact).across[number]
    found = dict(broken(artifact, {**beside, artifact: changed}))
    assert statement in found, [one.holds for one in found]
    assert statement_in_words(statement, found[statement]).endswith(f"break: {statement.holds}")


@pytest.mark.parametrize(
    ("number", "column", "value"),
    [(1, "n_circuits", 1), (3, "n_algorithms", 1), (4, "q4", "none")],
)
def test_networks_that_have_not_converged_have_no_counts(finished, number, column, value):
    table, beside = read(finished, "summary", "xor-k2")
    changed = tampered(table, "summary", where("not converged", column, value))
    found = dict(broken("summary", {**beside, "summary": changed}))
    assert contract("summary").across[number] in found


def test_a_file_that_breaks_a_statement_is_not_written(files, tmp_path):
    table, beside = files["summary"]
    frame = where("converged", "n_circuits", 9999)(table.to_pandas())
    path = tmp_path / "summary.parquet"
    with pytest.raises(ContractError, match=r"^summary: .*9999.*the sums over the cells"):
        artifacts.write(frame, "summary", path, None, beside)
    assert not path.exists()


def test_every_statement_is_asked_when_a_file_is_written(finished):
    """Statements whose relations a job has not at hand would be left to the audit."""
    logs = {path.parent.name: [] for path in (finished / "tiny" / "logs").rglob("*.log")}
    for path in (finished / "tiny" / "logs").rglob("*.log"):
        logs[path.parent.name] += [
            line.split("INFO identifiability.store.artifacts: ")[1]
            for line in path.read_text().splitlines()
            if "statements across" in line
        ]
    said = {line for lines in logs.values() for line in lines}
    for artifact in TAMPERED:
        n = len(contract(artifact).across)
        assert f"{artifact}: {n} statements across rows and files hold" in said, artifact
    # Families without noise have no circuits judged on it, untrained networks no samples.
    few = [
        line for line in said if int(line.split()[1]) < len(contract(line.split(":")[0]).across)
    ]
    assert sorted(few) == [
        "networks: 2 statements across rows and files hold",
        "summary: 4 statements across rows and files hold",
    ]
