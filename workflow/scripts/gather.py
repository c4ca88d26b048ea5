"""Puts the shards of a family together."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.store import artifacts

shards = [Path(file) for file in snakemake.input.shards]
artifacts.gather(shards, Path(snakemake.output[0]), job.made_by(snakemake)["inputs"])
