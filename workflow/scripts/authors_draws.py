"""Counts the circuits of the authors' own network on samples of noisy inputs."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.authors.draws import draws
from identifiability.store import artifacts

settings = snakemake.params
networks = artifacts.read(Path(snakemake.input.networks))
found = draws(networks, settings.family, settings.draws, settings.tie_tolerance)
artifacts.write(found, "draws", Path(snakemake.output[0]), job.made_by(snakemake))
