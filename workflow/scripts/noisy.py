"""Judges and reads the circuits of a family trained with noise on noisy inputs."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.noisy import noisy

found = noisy(
    artifacts.read(Path(snakemake.input.networks)),
    snakemake.params.family,
    tie_tolerance=snakemake.params.tie_tolerance,
)
artifacts.write(found, "noisy", Path(snakemake.output[0]), job.made_by(snakemake))
