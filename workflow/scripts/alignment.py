"""Searches the causal alignments of the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.alignment import algorithms, alignment

networks = artifacts.read(Path(snakemake.input.networks))
formulas = artifacts.read(Path(snakemake.input.formulas))
tried = alignment(networks, formulas)
found, mappings = algorithms(networks, formulas, tried, snakemake.params.protocols)
made_by = job.made_by(snakemake)
artifacts.write(tried, "alignment", Path(snakemake.output.alignment), made_by)
artifacts.write(found, "algorithms", Path(snakemake.output.algorithms), made_by)
artifacts.write(mappings, "mappings", Path(snakemake.output.mappings), made_by)
