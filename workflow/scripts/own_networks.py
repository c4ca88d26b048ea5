"""Reads the networks of a family of one's own."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.config.shards import shard
from identifiability.networks.own import own_networks
from identifiability.store import artifacts

rows = own_networks(snakemake.params.family, shard(snakemake.wildcards.shard).seeds)
artifacts.write(rows, "networks", Path(snakemake.output[0]), job.made_by(snakemake))
