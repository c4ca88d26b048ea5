"""Searches the causal alignments of the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts, devices
from identifiability.stages.alignment import algorithms, alignment

# The device changes no result, so it is not among the parameters.
device = devices.pick(snakemake.config["engine"]["device"])
networks = artifacts.read(Path(snakemake.input.networks))
formulas = artifacts.read(Path(snakemake.input.formulas))
tried = alignment(networks, formulas, device)
found, mappings = algorithms(networks, formulas, tried, snakemake.params.protocols)
made_by = job.made_by(snakemake)
artifacts.write(tried, "alignment", Path(snakemake.output.alignment), made_by)
artifacts.write(found, "algorithms", Path(snakemake.output.algorithms), made_by)
artifacts.write(mappings, "mappings", Path(snakemake.output.mappings), made_by)
