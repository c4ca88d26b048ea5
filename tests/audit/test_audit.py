"""The audit of files: whatever is changed after a run is found, and named."""

import json
import shutil
import subprocess
import sys
import tarfile
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability.audit import cases, recount
from identifiability.audit.archive import archive
from identifiability.audit.checks import Finding, findings
from identifiability.audit.files import (
    MANIFEST,
    check_bytes,
    check_files,
    check_manifest,
    check_project,
    check_whole,
    find,
    look,
)
from identifiability.audit.numbers import check_numbers
from identifiability.errors import UserError
from identifiability.store.hashes import hash_bytes, hash_table
from identifiability.store.invariants import check_rows
from tests.command.test_cli import run as command  # noqa: F401 - a fixture
from tests.examples import examples
from tests.workflow.test_workflow import would_run

SUMMARY = "results/summary/xor-k3.parquet"
NETWORKS = "results/networks/xor-k3.parquet"
FIGURE = "figures/figure_2.png"
CODE = "workflow/scripts/identifiability/circuits/perfect_codes.py"
NOISY = "xor-k3-noise-cutoff-1e-2"


@pytest.fixture
def run(finished, tmp_path):
    """The folder of a finished run, a copy, in a copy of the project."""
    return shutil.copytree(finished, tmp_path / "copy") / "tiny"


def audited(run):
    """Everything that the audit of files finds: where, and what."""
    return [(f.where, f.what) for f in findings(check_files(find(run / "results"), 2))]


def rewrite(run, file, tamper, *, forged=False):
    """Puts other rows into a file; a forger also mends its own hash and the manifest."""
    path = run / file
    table = pq.read_table(path)
    frame = tamper(pd.DataFrame(table.to_pylist()))
    changed = pa.Table.from_pandas(frame, table.schema.remove_metadata(), preserve_index=False)
    metadata = dict(table.schema.metadata)
    if forged:
        metadata[b"content_sha256"] = hash_table(changed).encode()
    pq.write_table(changed.replace_schema_metadata(metadata), path, compression="zstd")
    if forged:
        forge(run, file, hash_table(changed), len(frame))


def forge(run, file, content, rows):
    """Has the manifest say of a file what it is now."""
    manifest = json.loads((run / MANIFEST).read_text())
    path = run / file
    manifest["files"][file] = {
        "bytes": path.stat().st_size,
        "sha256": hash_bytes(path),
        "rows": rows,
        "content_sha256": content,
    }
    for job in manifest["jobs"]:
        job["inputs"] = {k: content if k == file else v for k, v in job["inputs"].items()}
    (run / MANIFEST).write_text(json.dumps(manifest))


def one_more(frame):
    """One circuit more in the first network that has any."""
    row = frame["n_circuits"].first_valid_index()
    frame.loc[row, "n_circuits"] += 1
    return frame


def test_an_untouched_run_agrees(finished):
    results = find(finished / "tiny" / "results")
    checks = check_files(results, 2)
    assert findings(checks) == []
    assert {check.name: check.checked for check in checks if not check.checked} == {}
    asked = {check.name: check for check in checks}
    n_files = asked["Every file is as the manifest says"].checked
    made = [path for part in ("data", "results", "figures", "paper")
            for path in (finished / "tiny" / part).rglob("*") if path.is_file()]  # fmt: skip
    assert n_files == len(made) - 1, "all but the manifest itself"


@pytest.fixture(scope="module")
def restorable(finished, tmp_path_factory):
    """A finished run whose files are changed and put back, while others read the shared one."""
    return shutil.copytree(finished / "tiny", tmp_path_factory.mktemp("restorable") / "tiny")


def any_file(run, data):
    """A file of the manifest, and where it lies."""
    results = find(run / "results")
    file = data.draw(st.sampled_from(sorted(results.files)))
    return results, file, results.folder / file


@examples(40)
@given(st.data())
def test_a_byte_that_is_flipped_is_found(restorable, data):
    results, file, path = any_file(restorable, data)
    whole = path.read_bytes()
    position = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[position] ^ data.draw(st.integers(1, 255))
    with restored(path):
        path.write_bytes(whole[:position] + bytes([flipped]) + whole[position + 1 :])
        assert [f.where for f in check_bytes(results, {}).findings] == [file]


@examples(40)
@given(st.data())
def test_a_file_that_is_cut_off_or_gone_is_found(restorable, data):
    results, file, path = any_file(restorable, data)
    size = data.draw(st.integers(-1, path.stat().st_size - 1))
    with restored(path):
        path.unlink() if size < 0 else path.write_bytes(path.read_bytes()[:size])
        assert [f.where for f in check_bytes(results, {}).findings] == [file]


@contextmanager
def restored(path):
    """Puts a file's bytes back in the end."""
    whole = path.read_bytes()
    try:
        yield
    finally:
        path.write_bytes(whole)


def swap(run, file, other):
    """Has two files change places."""
    one, two = (run / file).read_bytes(), (run / other).read_bytes()
    (run / file).write_bytes(two)
    (run / other).write_bytes(one)


def test_a_manifest_that_leaves_something_out_is_named(run):
    manifest = json.loads((run / MANIFEST).read_text())
    (summary,) = (job for job in manifest["jobs"] if job["outputs"] == [SUMMARY])
    jobs = [job for job in manifest["jobs"] if job is not summary]
    files = {file: said for file, said in manifest["files"].items() if file != SUMMARY}
    for changes, what in (
        ({"jobs": jobs}, "no job of the manifest made it"),
        ({"files": files}, "a job made it, and it is no file of the manifest"),
        ({"files": files, "jobs": jobs}, " read it, and it is no file of the manifest"),
    ):
        (run / MANIFEST).write_text(json.dumps({**manifest, **changes}))
        found = check_whole(find(run / "results")).findings
        assert any(f.where == SUMMARY and f.what.endswith(what) for f in found), what
        assert any(f.where == "ro-crate-metadata.json" for f in found), "which says otherwise"


def test_files_of_other_runs_are_left_aside(run):
    shutil.copy(run / SUMMARY, run / "results/summary/gone.parquet")
    (run / "results/cells/folder.parquet").mkdir()
    checks = check_files(find(run / "results"), 2)
    assert findings(checks) == []
    (said,) = (check.coverage for check in checks if "not of this run" in check.coverage)
    assert said.startswith("2 Parquet files are")
    assert "results/summary/gone.parquet" in said


@pytest.mark.parametrize(
    "change",
    [
        {b"inputs": b'{"'},
        {b"settings": b"{"},
        {b"\xff": b"\xff"},
        {b"inputs": b"[1]"},
        {b"settings": b'{"protocols": [{}]}'},
    ],
)
def test_whatever_metadata_say_is_named_and_stops_nothing(run, change):
    table = pq.read_table(run / SUMMARY)
    pq.write_table(
        table.replace_schema_metadata({**table.schema.metadata, **change}), run / SUMMARY
    )
    assert {where for where, _ in audited(run)} == {SUMMARY}


@pytest.mark.parametrize("kind", ["empty", "a folder", "a link that leads nowhere", "a struct"])
def test_whatever_stands_in_for_a_file_is_named_and_stops_nothing(run, kind):
    path = run / NETWORKS
    path.unlink()
    if kind == "empty":
        path.touch()
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a struct":
        pq.write_table(pa.table({"x": [{"y": 1}]}), path)
    else:
        path.symlink_to("nowhere")
    assert NETWORKS in {where for where, _ in audited(run)}
    assert NETWORKS in {f.where for f in findings(numbers(run, networks=1, formulas=1, places=1))}


def test_whatever_is_tampered_with_is_named(run):
    """All kinds at once, each with a file of its own."""
    family = "results/{}/{}.parquet".format
    flipped, cut, dropped = (family("summary", f) for f in ("xor-k3", "mixed-k2", "xor-k2"))
    forged, laid_out = family("summary", "tasks-n2"), family("summary", "untrained-k3")
    swapped = family("circuits", "xor-k2"), family("circuits", "mixed-k2")
    crossed = family("mappings", "xor-k2"), family("algorithms", "xor-k2")
    bare, changed = family("noisy", NOISY), family("digit_circuits", "digits-0-1")

    # In the middle of a column's values: bytes elsewhere may say nothing about the rows.
    column = pq.read_metadata(run / flipped).row_group(0).column(2)
    whole = bytearray((run / flipped).read_bytes())
    whole[column.data_page_offset + column.total_compressed_size // 2] ^= 1
    (run / flipped).write_bytes(whole)
    (run / cut).write_bytes((run / cut).read_bytes()[:-100])
    rewrite(run, dropped, lambda frame: frame.iloc[1:])
    rewrite(run, forged, one_more, forged=True)
    table = pq.read_table(run / laid_out)
    pq.write_table(table, run / laid_out, compression="none", row_group_size=5)
    swap(run, *swapped)
    swap(run, *crossed)
    table = pq.read_table(run / bare)
    pq.write_table(table.replace_schema_metadata(None), run / bare)
    table = pq.read_table(run / changed)
    said = {**table.schema.metadata, b"code_sha256": b"0" * 64}
    pq.write_table(table.replace_schema_metadata(said), run / changed)
    (run / FIGURE).unlink()
    config = run.parent / "config" / "config.yaml"
    config.write_text(config.read_text().replace("\nseeds:", "\nprefix: tiny\nseeds:", 1))
    (run.parent / CODE).write_text((run.parent / CODE).read_text() + "\n")

    found = defaultdict(list)
    for where, what in audited(run):
        found[where].append(what)

    def named(file, *texts):
        for text in texts:
            assert any(text in what for what in found[file]), (file, text, found[file])

    named(flipped, "has other bytes, and other rows")
    assert any("read as Parquet" in w or "rows are not those" in w for w in found[flipped])
    named(cut, " bytes, not ", "cannot be read as Parquet")
    named(dropped, "other rows", "there is a row for every network, target and protocol")
    row = one_more(pd.DataFrame(pq.read_table(run / forged).to_pylist())).dropna(
        subset="n_circuits"
    )
    named(forged, "the sums over the cells", row["network_id"].iloc[0])
    assert found[laid_out] == [found[laid_out][0]]
    named(laid_out, "and the same rows")
    for file in (*swapped, *crossed):
        named(file, "and other rows")
    named(crossed[0], "says that it is algorithms, and lies where mappings does")
    named(bare, "its metadata lack settings, ")
    named(changed, "the manifest has other code_sha256")
    assert found[FIGURE] == ["is not there"]
    assert found["config/config.yaml"] == found[CODE] == ["has changed since the run"]


@pytest.mark.parametrize("key", [b"settings", b"inputs", b"content_sha256", b"artifact"])
def test_metadata_that_are_deleted_are_named(run, key):
    table = pq.read_table(run / NETWORKS)
    left = {k: v for k, v in table.schema.metadata.items() if k != key}
    pq.write_table(table.replace_schema_metadata(left), run / NETWORKS)
    found = [
        f.what for own in look(find(run / "results"), NETWORKS).findings.values() for f in own
    ]
    assert found == [f"its metadata lack {key.decode()}"]


def test_settings_that_are_changed_are_named(run):
    table = pq.read_table(run / NETWORKS)
    said = table.schema.metadata
    changed = {**said, b"settings": said[b"settings"].replace(b"1000", b"2000")}
    assert changed != said
    pq.write_table(table.replace_schema_metadata(changed), run / NETWORKS)
    found = [
        f.what for own in look(find(run / "results"), NETWORKS).findings.values() for f in own
    ]
    assert found == ["its settings are not those that its metadata hash"]


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("\n# a comment changes nothing\n", True),
        ("\ncontainer: other\n", False),
        ("\na: [", False),
    ],
)
def test_a_configuration_is_compared_by_what_it_says(run, text, agrees):
    config = run.parent / "my.yaml"
    config.write_text(config.read_text() + text)
    check, _ = check_project(find(run / "results"))
    changed = Finding("my.yaml", "has changed since the run")
    assert check.findings == (() if agrees else (changed,))


@pytest.mark.parametrize("content", [None, "{}", "{", '{"schema_version": 1}'])
def test_a_manifest_that_is_gone_or_none_is_named(run, content):
    (run / MANIFEST).unlink() if content is None else (run / MANIFEST).write_text(content)
    results = find(run / "results")
    assert [f.where for f in check_manifest(results).findings] == [MANIFEST]
    assert not any(look(results, SUMMARY).findings.values()), "the rest is checked all the same"


def test_results_alone_can_be_audited(finished, tmp_path):
    """Anyone's folder, without the project around it."""
    for part in ("results", "data", "figures", "paper"):
        shutil.copytree(finished / "tiny" / part, tmp_path / part)
    checks = check_files(find(tmp_path / "results"), 2)
    assert findings(checks) == []
    alone = [check for check in checks if "project's folder" in check.coverage]
    assert len(alone) == 2


@pytest.mark.parametrize("name", ["nowhere", "elsewhere", "results"])
def test_a_folder_with_nothing_to_audit_is_refused(tmp_path, name):
    if name != "nowhere":
        (tmp_path / name).mkdir()
    with pytest.raises(UserError, match=f"{name}: "):
        find(tmp_path / name)


# Numbers -----------------------------------------------------------------------------------------


def population(run, families=None):
    files = [f for f in parquet(run, families) if f.startswith("results/networks/")]
    return cases.population(run, files)


def parquet(run, families=None):
    """Its Parquet files; of these families alone, if some are given."""
    files = find(run / "results").parquet
    return files if families is None else [f for f in files if Path(f).stem in families]


def numbers(run, families=None, **effort):
    given = cases.Effort(**{"networks": 3, **effort})
    checks, _ = check_numbers(run, parquet(run, families), given, 2)
    return checks


# The one that is tampered with, and one that is not. The lists of formulas are left aside.
TWO = ("xor-k3", "xor-k2")


def test_the_plain_module_confirms_a_run(finished):
    checks = numbers(finished / "tiny", networks=12, seed=1)
    assert findings(checks) == []
    assert all(check.checked for check in checks if "wide" not in check.name)


def test_what_only_a_recount_can_find_is_found(run):
    """A share of interventions that keeps every contract, all hashes forged."""

    def tamper(frame):
        wrong = (frame["iia_all"] * 16).round() - frame["iia_source_before_base"] * 6
        frame["iia_all"] = np.where(wrong < 9.5, frame["iia_all"] + 1 / 16, frame["iia_all"])
        return frame.assign(iia_all=frame["iia_all"].where(frame["iia_all"] < 1, 15 / 16))

    every = population(run)
    file, network, _ = next(one for one in every if one[0] == NETWORKS)
    alignment = file.replace("networks", "alignment")
    # Places of no mapping, so that no statement across files is broken.
    used = pq.read_table(run / file.replace("networks", "mappings")).num_rows
    rewrite(run, alignment, tamper, forged=True)
    check_rows("alignment", pq.read_table(run / alignment))
    drawn = cases.Drawn(file, network, 0)
    work = cases.load_cases(run, drawn, cases.Effort())
    wrong = [one for one in recount.interventions(work) if not one.agrees]
    assert used
    assert wrong
    assert all(network in one.where for one in wrong)


def test_a_network_that_is_changed_is_found(run):
    """Weights with all hashes forged: nothing that was counted fits them."""

    def tamper(frame):
        return frame.assign(
            weights=[
                [[[-w for w in to] for to in layer] for layer in net] for net in frame["weights"]
            ]
        )

    rewrite(run, NETWORKS, tamper, forged=True)
    every = population(run, TWO)
    effort = {"networks": len(every), "formulas": 2, "places": 2, "circuits": 10}
    wrong = {f.where.split()[0] for f in findings(numbers(run, TWO, **effort))}
    drawn = {name for file, name, _ in every if file == NETWORKS}
    assert wrong == drawn
    assert len(drawn) < len(every)


def test_a_file_that_is_gone_does_not_stop_the_recount(run):
    (run / "results/mappings/xor-k3.parquet").unlink()
    n = len(population(run, TWO))
    checks = numbers(run, TWO, networks=n, formulas=1, places=1, circuits=1)
    found = findings(checks)
    assert all("cannot be recounted: FileNotFoundError" in f.what for f in found)
    assert {f.where.split("/")[0] for f in found} == {"xor-k3"}


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def wide(monkeypatch):
    """A terminal that no line is too long for."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("wide")
def test_the_command_says_what_it_checked_and_exits_with_0(finished, command, tmp_path):  # noqa: F811
    file = tmp_path / "audit.json"
    done = command(
        "audit", finished / "tiny/results", "--networks", 2, "--seed", 5, "--json", file
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0].split() == ["of", "checked", "agreed", "disagreed"]
    assert "2 of " in done.stdout
    assert "(seed 5)" in done.stdout
    assert "Everything that was checked agrees." in done.stdout
    said = json.loads(file.read_text())
    assert all(check["agreed"] == check["checked"] for check in said["checks"])
    assert "Not recounted" in said["covered"]


@pytest.mark.usefixtures("wide")
def test_the_command_names_what_disagrees_and_exits_with_1(run, command):  # noqa: F811
    rewrite(run, SUMMARY, one_more)
    done = command("audit", run / "results", "--networks", 0)
    assert done.returncode == 1
    assert f"{SUMMARY}: has " in done.stdout
    assert "disagreements" in done.stdout


def test_the_command_refuses_what_is_no_run(tmp_path):
    # As a process of its own, by the other of its two names.
    program = [sys.executable, "-m", "identifiability"]
    done = subprocess.run([*program, "audit", tmp_path], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("identifiability: error: ")
    assert done.stderr.count("\n") == 1


# Archives ----------------------------------------------------------------------------------------


@pytest.fixture
def checkout(run):
    """The project of a run, as a checkout of git."""
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y"]
    (run.parent / ".gitignore").write_text("/tiny/\n.snakemake/\n__pycache__/\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=run.parent, check=True)
    return run


def test_an_archive_passes_the_audit_elsewhere_and_has_nothing_to_do(checkout, tmp_path):
    packed = tmp_path / "replication.tar.gz"
    assert archive(checkout / "results", packed, 2) > 200
    with tarfile.open(packed) as file:
        file.extractall(tmp_path / "elsewhere", filter="data")
    (folder,) = (tmp_path / "elsewhere").iterdir()
    assert (folder / "ro-crate-metadata.json").exists()
    assert audited(folder / "tiny") == []
    assert would_run(folder) == set()
    assert not (folder / ".git").exists()


def test_what_was_tampered_with_is_not_packed(checkout, tmp_path):
    (checkout / FIGURE).unlink()
    with pytest.raises(UserError, match=rf"{FIGURE} is not there, and 0 more findings"):
        archive(checkout / "results", tmp_path / "a.tar.gz", 2)
    assert not (tmp_path / "a.tar.gz").exists()


def test_an_archive_needs_a_project_and_a_name(finished, checkout, tmp_path):
    with pytest.raises(UserError, match=r"a\.zip: an archive is called \.tar\.gz"):
        archive(checkout / "results", tmp_path / "a.zip", 2)
    for part in ("results", "data", "figures", "paper"):
        shutil.copytree(finished / "tiny" / part, tmp_path / part)
    with pytest.raises(UserError, match="does not lie in the folder of the project"):
        archive(tmp_path / "results", tmp_path / "a.tar.gz", 2)
