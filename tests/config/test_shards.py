"""Shards: what they find, put together, is what the whole family finds."""

import json

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from identifiability.config.shards import Shard, shard, shards_of
from identifiability.errors import UserError
from identifiability.evidence.runs import read_config
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.circuits import circuits
from identifiability.stages.datasets import datasets
from identifiability.stages.formulas import formulas
from identifiability.stages.interpretations import interpretations
from identifiability.stages.networks import networks
from identifiability.stages.noisy import noisy
from identifiability.stages.summary import summary
from identifiability.store import artifacts
from identifiability.store.hashes import hash_parquet, hash_table
from identifiability.store.invariants import check_rows
from identifiability.store.paths import PROJECT
from tests.configured import parse
from tests.examples import some

CONFIG = PROJECT / "config" / "config.yaml"
# Targets that differ between networks and outputs, and a family that is judged on noise too.
FAMILIES = {
    "tasks-n2": {"seeds": 7},
    "xor-k2": {"seeds": 4},
    "xor-k3-noise-cutoff-1e-2": {"seeds": 3},
}


def config_with(changes):
    config = yaml.safe_load(CONFIG.read_text())
    for key, value in changes.items():
        *path, last = key.split(".")
        node = config
        for name in path:
            node = node[name]
        node[last] = value
    return parse(config)


@given(st.integers(1, 5000), st.integers(1, 600))
def test_shards_cover_every_seed_once_and_in_order(seeds, per_job):
    found = shards_of("xor-k3", seeds, per_job)
    if seeds <= per_job:
        assert found == (Shard("xor-k3"),)
        return
    assert [seed for one in found for seed in one.seeds] == list(range(seeds))
    assert {len(one.seeds) for one in found[:-1]} == {per_job}
    assert [shard(str(one)) for one in found] == list(found)


@pytest.mark.parametrize("name", ["", "xor-k3/", "xor-k3/0", "xor-k3/0-9/1", "xor-k3/a-b"])
def test_other_names_are_no_shards(name):
    with pytest.raises(ValueError, match="not the name of a shard"):
        shard(name)


def test_a_family_may_say_how_many_networks_make_a_job():
    config = config_with({"engine.seeds_per_job": 40, "families.xor-k2.seeds_per_job": 100})
    assert [str(one) for one in config.shards["xor-k3"]] == [
        "xor-k3/0-39",
        "xor-k3/40-79",
        "xor-k3/80-99",
    ]
    assert config.shards["xor-k2"] == (Shard("xor-k2"),)
    # Untrained networks are drawn together.
    assert config.shards["untrained-k3"] == (Shard("untrained-k3"),)
    with pytest.raises(UserError, match=r"untrained-k3.seeds_per_job: untrained .* leave it out"):
        config_with({"families.untrained-k3.seeds_per_job": 10})


def everything(family, config, seeds):
    """Every artifact of some networks of a family."""
    protocols = config.protocols_of(family)
    reach = config.reach(family)
    found = {"datasets": datasets(family, seeds)}
    found["networks"] = networks(family, found["datasets"])
    found["circuits"] = circuits(found["networks"], reach)
    found["interpretations"], found["cells"] = interpretations(
        found["networks"], found["circuits"], reach
    )
    listed = formulas(3, family.gates, protocols)
    found["alignment"] = alignment(found["networks"], listed)
    found["algorithms"], found["mappings"] = algorithms(
        found["networks"], listed, found["alignment"], protocols
    )
    if family.training.noise:
        found["noisy"] = noisy(found["networks"], family, family.training.noise)
    found["summary"] = summary(
        *(found[name] for name in ("networks", "cells", "algorithms")),
        protocols,
        reach,
        noisy=found.get("noisy"),
    )
    return found


@pytest.mark.parametrize("name", some(FAMILIES, "xor-k3-noise-cutoff-1e-2"))
def test_shards_together_are_the_whole_family(name, tmp_path):
    config = config_with(
        {f"families.{name}.seeds": FAMILIES[name]["seeds"], "engine.seeds_per_job": 2}
    )
    family = config.families[name]
    made_by = artifacts.provenance({"family": name}, [CONFIG], {}, "a rule of theirs")
    whole = everything(family, config, None)
    parts = [everything(family, config, one.seeds) for one in config.shards[name]]
    assert len(parts) > 1
    for artifact, frame in whole.items():
        paths = [tmp_path / artifact / f"{number}.parquet" for number in range(len(parts))]
        for path, part in zip(paths, parts, strict=True):
            artifacts.write(part[artifact], artifact, path, made_by)
        together = tmp_path / f"{artifact}.parquet"
        inputs = json.dumps({path.name: hash_parquet(path) for path in paths})
        artifacts.gather(paths, together, inputs)
        expected = artifacts.to_table(frame, artifact)
        read = artifacts.pq.read_table(together)
        assert read.equals(expected), artifact
        assert dict(read.schema.metadata) == {
            **expected.schema.metadata,
            **{key.encode(): value.encode() for key, value in made_by.items()},
            b"inputs": inputs.encode(),
            b"content_sha256": hash_table(expected).encode(),
        }
        check_rows(artifact, read)


def test_shards_that_were_made_differently_are_not_put_together(tmp_path):
    frame = datasets(read_config().families["xor-k2"], range(2))
    paths = [tmp_path / "0-1.parquet", tmp_path / "2-3.parquet"]
    for path, code in zip(paths, (CONFIG, PROJECT / "Snakefile"), strict=True):
        artifacts.write(frame, "datasets", path, artifacts.provenance({}, [code], {}))
    with pytest.raises(UserError, match=r"2-3\.parquet: made by other code.* delete it"):
        artifacts.gather(paths, tmp_path / "all.parquet", "{}")
    (tmp_path / "4-5.parquet").write_bytes(b"half a file")
    for name, reason in (("4-5", "cannot be read as Parquet"), ("6-7", "No such file")):
        with pytest.raises(UserError, match=rf"{name}\.parquet: .*{reason}"):
            artifacts.gather(
                [paths[0], tmp_path / f"{name}.parquet"], tmp_path / "all.parquet", "{}"
            )
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"
    assert not (tmp_path / "all.parquet").exists()


def test_rows_of_a_shard():
    frame = pd.DataFrame({"seed": [0, 1, 2, 3, 4], "value": list("abcde")})
    assert Shard("f", range(1, 3)).of(frame)["value"].tolist() == ["b", "c"]
    assert Shard("f").of(frame) is frame
