"""Counts the interpretations of the circuits of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.interpretations import interpretations

counted = interpretations(
    artifacts.read(Path(snakemake.input.networks)),
    artifacts.read(Path(snakemake.input.circuits)),
    tie_tolerance=snakemake.params.tie_tolerance,
)
artifacts.write(counted, "interpretations", Path(snakemake.output[0]), job.made_by(snakemake))
