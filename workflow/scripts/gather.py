"""Puts the shards of a family together."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts

artifacts.gather([Path(file) for file in snakemake.input.shards], Path(snakemake.output[0]))
