"""Draws the training and validation samples of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.config.shards import shard
from identifiability.stages.datasets import datasets
from identifiability.store import artifacts

seeds = shard(snakemake.wildcards.shard).seeds
drawn = datasets(snakemake.params.family, seeds)
artifacts.write(drawn, "datasets", Path(snakemake.output[0]), job.made_by(snakemake))
