"""Finds the perfect circuits of the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.circuits import circuits

found = circuits(
    artifacts.read(Path(snakemake.input.networks)),
    max_hidden=snakemake.params.max_hidden,
    max_listed=snakemake.params.max_listed,
    # How the work is divided changes no result, so it is not among the parameters.
    networks_at_once=snakemake.config["engine"]["networks_at_once"],
    threads=snakemake.threads,
)
artifacts.write(found, "circuits", Path(snakemake.output[0]), job.made_by(snakemake))
