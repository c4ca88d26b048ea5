"""Downloads one of MNIST's files."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.download import download

settings = snakemake.params
download(Path(snakemake.output[0]), settings.sha256, settings.mirrors)
