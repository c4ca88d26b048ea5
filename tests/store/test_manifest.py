"""The manifest: what made every file of a run, when, where, and what it holds."""

import json
import platform
import re
import shutil
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from matplotlib.image import imread
from PIL import Image

from identifiability.errors import UserError
from identifiability.store.hashes import hash_files, hash_parquet, hash_text
from identifiability.store.job import record_of
from identifiability.store.manifest import hash_config, keep_schema, manifest


@pytest.fixture(scope="module")
def run(finished):
    return finished / "tiny"


@pytest.fixture(scope="module")
def written(run):
    return json.loads((run / "results" / "manifest.json").read_text())


def again(run, made):
    given = {"config": {"prefix": "tiny"}, "config_files": [], "code_version": "commit 0"}
    return manifest(run, made, **given)


def test_it_names_every_file_of_the_run(run, written):
    made = {
        path.relative_to(run).as_posix()
        for part in ("data", "results", "figures", "paper")
        for path in (run / part).rglob("*")
        if path.is_file()
    }
    assert set(written["files"]) == made - {"results/manifest.json"}
    assert {file for job in written["jobs"] for file in job["outputs"]} == set(written["files"])


def test_every_file_says_the_same_of_its_making_as_its_job(run, written):
    maker = {file: job for job in written["jobs"] for file in job["outputs"]}
    for file, said in written["files"].items():
        path, job = run / file, maker[file]
        assert said["bytes"] == path.stat().st_size
        if file.endswith(".parquet"):
            own = {k.decode(): v.decode() for k, v in pq.read_schema(path).metadata.items()}
            assert said["content_sha256"] == own["content_sha256"] == hash_parquet(path)
            assert said["rows"] == pq.read_metadata(path).num_rows
        elif file == "results/explorer/uniqueness.svg":
            # A copy beside the page, which says who made the figure.
            assert path.read_bytes() == (run / "figures/figure_uniqueness.svg").read_bytes()
            continue
        elif file.endswith((".png", ".svg")):
            own = figure_says(path)
        elif file.endswith(".ipynb"):
            own = json.loads(path.read_text())["metadata"]["made_by"]
        else:
            continue
        assert own["settings_sha256"] == job["settings_sha256"] == hash_text(own["settings"])
        assert json.loads(own["settings"]) == job["settings"]
        assert own["code_sha256"] == job["code_sha256"]
        assert own["rule"] == job["rule"]
        assert json.loads(own["inputs"]) == job["inputs"]
        assert json.loads(own["packages"]).items() <= written["packages"].items()


def figure_says(path):
    """What a figure says of its making."""
    if path.suffix == ".png":
        assert imread(path).size
        return json.loads(Image.open(path).text["Description"])
    found = re.search(r"<dc:description>(.*)</dc:description>", path.read_text(), re.DOTALL)
    return json.loads(found[1].replace("&quot;", '"').replace("&gt;", ">").replace("&lt;", "<"))


def test_inputs_are_the_files_that_were_read(run, written):
    for job in written["jobs"]:
        for file, digest in job["inputs"].items():
            if file in written["files"] and file.endswith(".parquet"):
                assert digest == written["files"][file]["content_sha256"]
    (claims,) = (job for job in written["jobs"] if job["rule"] == "measure_claims")
    assert {"paper/claims.yaml", "results/summary/xor-k3.parquet"} <= set(claims["inputs"])
    assert not any("scripts" in file for file in claims["inputs"])


def test_code_is_that_of_the_project(finished, written):
    (circuits,) = (
        job for job in written["jobs"] if job["outputs"] == ["results/circuits/xor-k3.parquet"]
    )
    files = [finished / file for file in written["code"]]
    assert all(file.exists() for file in files)
    named = {file.name for file in files}
    assert {"circuits.py", "circuits.yaml", "networks.py", "table_1.yaml"} <= named
    records = json.loads(record_of(finished / "tiny" / circuits["log"]).read_text())
    for own in records:
        assert circuits["code_sha256"] == hash_files(finished / file for file in own["code"])


def test_jobs_say_when_and_where(written):
    assert set(written["machines"]) == {platform.node()}
    starts = []
    for job in written["jobs"]:
        start, end = (datetime.fromisoformat(job[key]) for key in ("started", "ended"))
        assert start <= end
        assert start.tzinfo is not None
        assert job["machine"] == platform.node()
        assert job["device"] == "cpu" or job["device"].startswith("cuda: ")
        starts.append(start)
    assert starts == sorted(starts)


def test_what_an_earlier_run_left_behind_is_left_out(run):
    found = again(run, ["figures/figure_counts.png"])
    assert {job["rule"] for job in found["jobs"]} >= {"figure_counts", "summary", "training"}
    assert not {job["rule"] for job in found["jobs"]} & {"measure_claims", "report", "figure_2"}
    assert "figures/figure_counts.pdf" in found["files"], "of the same job"
    assert "results/networks/xor-k3.parquet" in found["files"]
    assert "results/networks/mixed-k2.parquet" not in found["files"]


def test_records_are_told_from_other_files(run, tmp_path):
    for part in ("logs", "data", "figures", "results"):
        shutil.copytree(run / part, tmp_path / part)
    (tmp_path / "logs" / "audit.json").write_text("[]")
    made = ["figures/figure_counts.png"]
    assert again(tmp_path, made) == again(run, made)


def test_a_file_whose_record_is_gone_has_no_job(run, tmp_path):
    for part in ("logs", "data", "figures", "results"):
        shutil.copytree(run / part, tmp_path / part)
    (tmp_path / "logs" / "figure_counts.json").unlink()
    found = again(tmp_path, ["figures/figure_counts.png", "figures/figure_3.png"])
    assert "figures/figure_counts.png" in found["files"]
    assert "figures/figure_counts.png" not in {f for j in found["jobs"] for f in j["outputs"]}


def test_a_folder_without_records_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"logs: no record of any job; run `snakemake"):
        again(tmp_path, ["figures/figure_counts.png"])


def test_configurations_are_compared_by_what_they_say(tmp_path):
    texts = ("a: 1\nb: [x]\n", "# other\nb:\n  - x\na: 1", "a: 1\nb: [y]\n")
    paths = [tmp_path / f"{i}.yaml" for i in range(3)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    first, same, other = map(hash_config, paths)
    assert first == same != other


@pytest.mark.parametrize(
    ("change", "place"),
    [({"python": 3}, r"\$\.python"), ({"jobs": [{}]}, r"\$\.jobs\[0\]"), ({"x": 1}, r"\$: ")],
)
def test_what_breaks_the_schema_is_named(written, change, place):
    with pytest.raises(UserError, match=rf"^m: {place}"):
        keep_schema({**written, **change}, "m")


def test_records_lie_beside_logs():
    assert record_of(Path("logs/circuits/xor-k3/0-9.log")) == Path("logs/circuits/xor-k3/0-9.json")
