"""Draws random initialisations until enough compute a gate."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.networks import untrained
from identifiability.store import artifacts

networks, rates = untrained(snakemake.params.family)
made_by = job.made_by(snakemake)
artifacts.write(networks, "networks", Path(snakemake.output.networks), made_by)
beside = {"networks": Path(snakemake.output.networks)}
artifacts.write(rates, "untrained", Path(snakemake.output.untrained), made_by, beside)
