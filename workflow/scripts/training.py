"""Trains the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.networks import networks

trained = networks(
    snakemake.params.family,
    artifacts.read(Path(snakemake.input.datasets)),
    # How the work is divided changes no result, so it is not among the parameters.
    networks_at_once=snakemake.config["engine"]["networks_at_once"],
    threads=snakemake.threads,
)
artifacts.write(trained, "networks", Path(snakemake.output[0]), job.made_by(snakemake))
