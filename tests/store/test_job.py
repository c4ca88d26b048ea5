"""Parts of a job: what belongs to each family, or shard, of those that share it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from identifiability.evidence.runs import read_config
from identifiability.stages.datasets import datasets
from identifiability.store import artifacts, job


class Files(dict):
    """What Snakemake hands a script of its inputs or outputs: by name, or one after the other."""

    def __iter__(self):  # noqa: D105
        for files in self.values():
            yield from [files] if isinstance(files, str) else files


PAPERS = read_config().families["xor-k2"]
FAMILIES = {name: replace(PAPERS, name=name, seeds=2) for name in ("xor", "xor-k2", "k2")}


@pytest.fixture
def of(tmp_path):
    """A job that draws the samples of three families, as Snakemake describes it."""
    job._parts.clear()
    job._record.clear()
    code, shared = tmp_path / "code.py", tmp_path / "shared.txt"
    code.write_text("1\n")
    shared.write_text("read by all\n")
    outputs = [str(tmp_path / "data" / "datasets" / f"{name}.parquet") for name in FAMILIES]
    yield SimpleNamespace(
        rule="datasets_alone",
        params=SimpleNamespace(parts={n: {"family": f} for n, f in FAMILIES.items()}),
        input=Files(code=[str(code)], shared=str(shared), noisy=[f"{tmp_path}/noisy/k2.parquet"]),
        output=Files(datasets=outputs),
        config={"prefix": str(tmp_path)},
    )
    job._parts.clear()
    job._record.clear()


def draw(of):
    """Does the job, but for the input that is not there."""
    of.input["noisy"] = []
    for part in job.parts(of):
        part.write({"datasets": datasets(part.settings["family"], None)})


def test_files_belong_to_the_part_they_are_named_after(of):
    parts = job.parts(of)
    for name in ("xor", "xor-k2"):
        part = next(parts)
        assert part.name == part.outputs["datasets"].stem == name
        assert set(part.inputs) == {"shared"}, "which has no family's name, and is for all"
    with pytest.raises(FileNotFoundError, match=r"noisy/k2\.parquet"):
        next(parts)


def test_a_file_says_what_belongs_to_its_part_and_no_more(of, tmp_path):
    draw(of)
    together = (tmp_path / "data/datasets/xor-k2.parquet").read_bytes()
    of.params.parts = {"xor-k2": of.params.parts["xor-k2"]}
    draw(of)
    path = tmp_path / "data/datasets/xor-k2.parquet"
    assert path.read_bytes() == together, "whichever families share the job"
    said = pq.read_schema(path).metadata
    assert said[b"rule"] == b"datasets"
    assert b"xor-k2" in said[b"settings"]
    assert b'"k2"' not in said[b"settings"]
    assert artifacts.read(path)["family"].unique().tolist() == ["xor-k2"]


def test_every_part_leaves_a_record_of_its_own(of):
    draw(of)
    assert [record["outputs"] for record in job._parts] == [
        [f"data/datasets/{name}.parquet"] for name in FAMILIES
    ]
    times = [(record["started"], record["ended"]) for record in job._parts]
    assert times == sorted(times)
    assert len({record["made_by"]["settings_sha256"] for record in job._parts}) == 3


def test_a_part_that_fails_is_not_among_the_records(of):
    of.params.parts["k2"] = {"family": None}
    with pytest.raises(AttributeError):
        draw(of)
    assert [Path(record["outputs"][0]).stem for record in job._parts] == ["xor", "xor-k2"]
