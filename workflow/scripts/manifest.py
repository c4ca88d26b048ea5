"""What made every file of the run, and what it holds."""

from identifiability.store import job

job.start(snakemake)

import json
from pathlib import Path

from identifiability.store.crate import crate
from identifiability.store.files import written_whole
from identifiability.store.manifest import manifest

params = snakemake.params
found = manifest(
    Path(snakemake.config["prefix"]),
    job.named(snakemake, snakemake.input.made),
    config=params.config,
    config_files=map(Path, params.config_files),
    # Not among the parameters: a commit that changes no code makes nothing again.
    code_version=snakemake.config["code_version"],
)
documents = {"manifest": found}
if snakemake.output.get("crate"):
    documents["crate"] = crate(found, Path(snakemake.input.citation))
for name, document in documents.items():
    with written_whole(Path(snakemake.output[name])) as file:
        file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
