"""A run as an RO-Crate: what its manifest says, in words that archives and their tools understand.

The document describes the project's folder with one run in it, by the profile `Workflow Run Crate
<https://w3id.org/ro/wfrun/workflow/0.5>`_: which workflow ran, when, on which configuration and
software, and every file that it made, with its hash. It is drawn from the manifest and
``CITATION.cff`` alone; no other file is opened, and no network asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import yaml

from identifiability.errors import UserError

NAME = "ro-crate-metadata.json"
"""What the document is called, at the root of what it describes."""

Entity = dict[str, Any]
"""A thing described: its ``@id``, its ``@type``, and what is known of it."""

_ROCRATE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    _WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
# RO-Crate 1.1 has no word for a hash; the profile has.
_CONTEXT = [
    f"{_ROCRATE}/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
_FORMATS = {
    "": "text/plain",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_PROJECT = {
    "config/": "Configurations",
    "envs/": "The environment, with the exact version of every package",
    "paper/": "Source of the report, claims, differences",
    "workflow/": "Rules, scripts, the library, schemas",
    "CITATION.cff": "How to cite this",
    "LICENSE": "The licence",
    "data/README.md": "Data dictionary of data/",
    "figures/README.md": "What the figures show",
    "results/README.md": "Data dictionary of results/",
}
"""What an archive of the project holds beside the run."""
_SOFTWARE = ("numba", "numpy", "pandas", "pyarrow", "scipy", "torch")
"""Packages that numbers depend on; the manifest has all."""


def crate(manifest: Mapping[str, Any], citation_file: Path) -> dict[str, Any]:
    """The RO-Crate metadata document of the project's folder with one run in it.

    Equal manifests give equal documents: the crate counts as published when the last job ended.
    Configuration files outside the folder are left out; what they set is in the manifest.

    Args:
        manifest: What ``results/manifest.json`` holds.
        citation_file: The project's ``CITATION.cff``.

    Returns:
        JSON-LD, to be written to ``NAME`` in the project's folder.

    Raises:
        UserError: If the run lies outside the project's folder.
    """
    prefix = PurePosixPath(manifest["config"]["prefix"])
    if prefix.is_absolute() or ".." in prefix.parts:
        raise UserError(
            f"prefix {prefix}: outside the project's folder; an RO-Crate is one folder"
        )
    citation = yaml.safe_load(citation_file.read_text())

    authors = [_author(author) for author in citation["authors"]]
    licence = _entity(
        f"https://spdx.org/licenses/{citation['license']}", "CreativeWork", citation["license"]
    )
    snakemake = _entity(
        "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
        "ComputerLanguage",
        "Snakemake",
        version=manifest["packages"]["snakemake"],
        url="https://snakemake.readthedocs.io",
    )
    software = [
        _software("https://www.python.org/", "Python", manifest["python"]),
        *(
            _software(f"https://pypi.org/project/{name}/", name, manifest["packages"][name])
            for name in _SOFTWARE
        ),
    ]
    profiles = [
        _entity(profile, "CreativeWork", name, version=version)
        for profile, (name, version) in _PROFILES.items()
    ]

    workflow = _file(
        "Snakefile",
        version=manifest["code_version"],
        programmingLanguage=_references([snakemake]),
        softwareRequirements=_references(software),
    )
    workflow["@type"] = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    config = [
        _file(name, description="Configuration of the run")
        for name in sorted(manifest["config_files"])
        if not PurePosixPath(name).is_absolute()
    ]
    made = list(_made(manifest, prefix))
    run = _run(manifest, workflow, config, made)
    parts = [
        workflow,
        *config,
        *made,
        *(_file(name, sha256=digest) for name, digest in sorted(manifest["code"].items())),
        _file("README.md", description="What this is, how to run it", about={"@id": "./"}),
        *(_part(name, text) for name, text in _PROJECT.items()),
    ]
    folder = _entity(
        "./",
        "Dataset",
        citation["title"],
        description=f"The workflow, a run of it, and the {len(made)} files that the run made",
        datePublished=run["endTime"],
        author=_references(authors),
        license=_references([licence]),
        conformsTo=_references(profiles),
        mainEntity=_references([workflow]),
        mentions=_references([run]),
        hasPart=_references(parts),
    )
    document = {
        "@id": NAME,
        "@type": "CreativeWork",
        "about": _references([folder]),
        "conformsTo": [{"@id": _ROCRATE}, {"@id": _WORKFLOW_CRATE}],
    }
    around = [document, folder, run, *profiles, *authors, licence, snakemake, *software]
    return {"@context": _CONTEXT, "@graph": [*around, *parts]}


def _made(manifest: Mapping[str, Any], prefix: PurePosixPath) -> Iterator[Entity]:
    """The files that the run made, and the manifest itself, which holds no hash of itself."""
    maker = {output: job["rule"] for job in manifest["jobs"] for output in job["outputs"]}
    for path, file in sorted(manifest["files"].items()):
        text = f"Made by rule {maker[path]}" if path in maker else "Made by the run"
        if "rows" in file:
            text += f": {file['rows']} rows"
        yield _file(
            f"{prefix / path}",
            description=text,
            contentSize=str(file["bytes"]),
            sha256=file["sha256"],
        )
    yield _file(
        f"{prefix / 'results' / 'manifest.json'}",
        description="Every job, file, package and machine of the run, and its configuration",
    )


def _run(
    manifest: Mapping[str, Any], workflow: Entity, config: list[Entity], made: list[Entity]
) -> Entity:
    """The run, from the start of its first job to the end of its last."""
    jobs = manifest["jobs"]
    return _entity(
        "#run",
        "CreateAction",
        "Run of the workflow",
        description=f"{len(jobs)} jobs, each of them in results/manifest.json",
        startTime=min((job["started"] for job in jobs), key=datetime.fromisoformat),
        endTime=max((job["ended"] for job in jobs), key=datetime.fromisoformat),
        instrument=_references([workflow]),
        object=_references(config),
        result=_references(made),
    )


def _entity(identifier: str, kind: str, name: str, **properties: Any) -> Entity:
    """A thing described."""
    return {"@id": identifier, "@type": kind, "name": name, **properties}


def _references(entities: Iterable[Entity]) -> Any:
    """What points to entities; to a single one without a list, as RO-Crate asks for."""
    found = [{"@id": entity["@id"]} for entity in entities]
    return found[0] if len(found) == 1 else found


def _file(path: str, **properties: Any) -> Entity:
    """A file, by its path below the project's folder."""
    kind = _FORMATS.get(PurePosixPath(path).suffix, "application/octet-stream")
    return _entity(quote(path), "File", path, encodingFormat=kind, **properties)


def _part(path: str, text: str) -> Entity:
    """A file, or a folder if its path ends in a slash."""
    if path.endswith("/"):
        return _entity(path, "Dataset", path, description=text)
    return _file(path, description=text)


def _software(page: str, name: str, version: str) -> Entity:
    """A program or package, by its page on the web."""
    return _entity(page, "SoftwareApplication", name, softwareVersion=version, url=page)


def _author(author: Mapping[str, str]) -> Entity:
    """An author of ``CITATION.cff``: a person, or else a group."""
    if "name" in author:
        name, kind = author["name"], "Organization"
    else:
        name, kind = f"{author['given-names']} {author['family-names']}", "Person"
    return _entity(author.get("orcid", f"#{quote(name)}"), kind, name)
