"""The RO-Crate of a run."""

import copy
import json
import os
import re
import shutil
import subprocess

import pytest

from identifiability.errors import UserError
from identifiability.store.crate import NAME, crate

CIRCUITS, FIGURE, TABLE = (
    "results/circuits/xor-k3.parquet",
    "figures/figure_2.svg",
    "results/tables/my table.csv",
)
MANIFEST = {
    "schema_version": 1,
    "code_version": "commit f5a783e",
    "config": {"prefix": ".", "seeds": 2},
    "config_files": {"config/config.yaml": "0" * 64, "/home/me/mine.yaml": "1" * 64},
    "code": {"workflow/scripts/circuits.py": "c" * 64},
    "python": "3.11.7",
    "packages": dict.fromkeys(
        ("numba", "numpy", "pandas", "pyarrow", "scipy", "snakemake", "torch"), "1.2"
    ),
    "machines": {"here": {"platform": "Linux", "processor": "x", "cores": 2, "memory_mb": 9}},
    "jobs": [
        {
            "rule": "circuits",
            "started": "2026-11-21T19:20:00.123+00:00",
            "ended": "2026-11-21T19:22:00.000+00:00",
            "outputs": [CIRCUITS],
        },
        # Starts first, though its clock shows a later hour.
        {
            "rule": "figure_2",
            "started": "2026-11-21T20:19:00.000+01:00",
            "ended": "2026-11-21T20:21:00.000+01:00",
            "outputs": [FIGURE, TABLE],
        },
    ],
    "files": {
        CIRCUITS: {"sha256": "a" * 64, "bytes": 123, "rows": 10},
        FIGURE: {"sha256": "b" * 64, "bytes": 45},
        TABLE: {"sha256": "d" * 64, "bytes": 6},
    },
}
FILE = "CITATION.cff"
CITATION = """\
cff-version: 1.2.0
title: "A replication"
license: MIT
authors:
  - name: A group
  - { given-names: Ada, family-names: Lovelace, orcid: "https://orcid.org/0000-0000-0000-0000" }
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / FILE).write_text(CITATION)
    return tmp_path


@pytest.fixture
def document(root):
    return crate(MANIFEST, root / FILE)


def by_id(document):
    return {entity["@id"]: entity for entity in document["@graph"]}


def references(value):
    """Every ``@id`` that is pointed to, at any depth below an entity's properties."""
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    return [value["@id"]] if isinstance(value, dict) else []


def test_equal_manifests_give_equal_documents(document, root):
    shuffled = copy.deepcopy(MANIFEST)
    for key in ("files", "code", "config_files", "packages"):
        shuffled[key] = dict(reversed(shuffled[key].items()))
    assert json.dumps(crate(shuffled, root / FILE)) == json.dumps(document)


def test_every_entity_is_there_once_and_every_reference_leads_to_one(document):
    entities = by_id(document)
    assert len(entities) == len(document["@graph"])
    pointed_to = {
        found
        for entity in document["@graph"]
        for value in entity.values()
        for found in references(value)
    }
    assert pointed_to - set(entities) == {"https://w3id.org/ro/crate/1.1"}
    # Every file and folder but the root belongs to the root.
    data = {i for i, e in entities.items() if {"File", "Dataset"} & set(_list(e["@type"]))}
    assert data - {"./"} == set(references(entities["./"]["hasPart"]))


def _list(value):
    return value if isinstance(value, list) else [value]


def test_the_run_lasts_from_its_first_job_to_its_last(document):
    entities = by_id(document)
    run = entities["#run"]
    assert run["startTime"] == "2026-11-21T20:19:00.000+01:00"
    assert run["endTime"] == "2026-11-21T19:22:00.000+00:00"
    assert entities["./"]["datePublished"] == run["endTime"]


def test_files_made_have_hash_size_format_and_maker(document):
    entities = by_id(document)
    assert entities[CIRCUITS] == {
        "@id": CIRCUITS,
        "@type": "File",
        "name": CIRCUITS,
        "encodingFormat": "application/vnd.apache.parquet",
        "description": "Made by rule circuits: 10 rows",
        "contentSize": "123",
        "sha256": "a" * 64,
    }
    assert entities["workflow/scripts/circuits.py"]["sha256"] == "c" * 64
    assert references(entities["#run"]["result"]) == [
        FIGURE,
        CIRCUITS,
        "results/tables/my%20table.csv",
        "results/manifest.json",
    ]


def test_the_run_is_of_the_snakefile_with_the_configuration_of_the_folder(document):
    entities = by_id(document)
    workflow = entities["Snakefile"]
    assert entities["./"]["mainEntity"] == entities["#run"]["instrument"] == {"@id": "Snakefile"}
    assert workflow["version"] == "commit f5a783e"
    assert entities[workflow["programmingLanguage"]["@id"]]["version"] == "1.2"
    assert entities["#run"]["object"] == {"@id": "config/config.yaml"}


def test_names_licence_and_authors_are_those_of_the_citation(document):
    entities = by_id(document)
    folder = entities["./"]
    assert folder["name"] == "A replication"
    assert folder["license"] == {"@id": "https://spdx.org/licenses/MIT"}
    authors = [entities[found] for found in references(folder["author"])]
    assert [(author["@type"], author["name"]) for author in authors] == [
        ("Organization", "A group"),
        ("Person", "Ada Lovelace"),
    ]


def test_a_run_in_a_folder_of_its_own_is_found_there(root):
    entities = by_id(crate({**MANIFEST, "config": {"prefix": "smoke"}}, root / FILE))
    assert f"smoke/{CIRCUITS}" in entities
    assert "smoke/results/manifest.json" in entities
    assert CIRCUITS not in entities


@pytest.mark.parametrize("prefix", ["/scratch/run", "../run"])
def test_a_run_outside_the_project_has_no_crate(root, prefix):
    with pytest.raises(UserError, match=re.escape(prefix)):
        crate({**MANIFEST, "config": {"prefix": prefix}}, root / FILE)


# The profile's validator: `pip install roc-validator` in an environment of its own.
VALIDATOR = os.environ.get("ROCRATE_VALIDATOR") or shutil.which("rocrate-validator")
# The terms in use, as RO-Crate 1.1 defines them, so that its context need not be fetched.
SCHEMA_ORG = """
    about author contentSize datePublished description encodingFormat endTime hasPart instrument
    license mainEntity mentions name object programmingLanguage result softwareRequirements
    softwareVersion startTime url version
"""
TERMS = {
    "@vocab": "http://schema.org/",
    "File": "http://schema.org/MediaObject",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    **{term: f"http://schema.org/{term}" for term in SCHEMA_ORG.split()},
}


def validate(document, folder):
    """What the validator says of a folder whose files are all there, but empty."""
    for entity in document["@graph"]:
        path = folder / entity["name"] if "name" in entity else None
        if entity["@type"] == "Dataset" and entity["@id"] != "./":
            path.mkdir(parents=True, exist_ok=True)
        elif "File" in entity["@type"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    context = [TERMS, *document["@context"][1:]]
    (folder / NAME).write_text(json.dumps({**document, "@context": context}))
    return subprocess.run(
        [VALIDATOR, "--no-interactive", "validate", "--offline", "--cache-path", folder / "cache",
         "--profile-identifier", "workflow-run-crate-0.5", "--no-paging", "--verbose", folder],
        capture_output=True,
        text=True,
    )  # fmt: skip


@pytest.mark.skipif(VALIDATOR is None, reason="needs rocrate-validator, or ROCRATE_VALIDATOR")
def test_the_validator_of_the_profile_finds_nothing_missing(document, root):
    done = validate(document, root)
    assert done.returncode == 0, done.stdout + done.stderr
    del by_id(document)["#run"]["instrument"]
    assert validate(document, root).returncode == 1
