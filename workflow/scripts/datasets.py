"""Draws the training and validation samples of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.config.shards import shard
from identifiability.stages.datasets import datasets

for part in job.parts(snakemake):
    part.write({"datasets": datasets(part.settings["family"], shard(part.name).seeds)})
