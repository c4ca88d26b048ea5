"""Trains the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.networks import networks
from identifiability.store import artifacts

datasets = Path(snakemake.input.datasets)
trained = networks(
    snakemake.params.family,
    artifacts.read(datasets),
    # How the work is divided changes no result, so it is not among the parameters.
    networks_at_once=snakemake.config["engine"]["networks_at_once"],
    threads=snakemake.threads,
)
made_by = job.made_by(snakemake)
artifacts.write(trained, "networks", Path(snakemake.output[0]), made_by, {"datasets": datasets})
