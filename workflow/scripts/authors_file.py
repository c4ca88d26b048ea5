"""Gets the file with the authors' own network: a copy, or a download."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.authors.settings import get_file

get_file(snakemake.params.source, Path(snakemake.output[0]))
