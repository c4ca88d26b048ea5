"""Downloads one of MNIST's files."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.settings import other_sources
from identifiability.store.download import download

settings = snakemake.params
otherwise = other_sources("download")
download(Path(snakemake.output[0]), settings.sha256, settings.mirrors, otherwise)
