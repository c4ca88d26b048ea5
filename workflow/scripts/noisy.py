"""Judges and reads the circuits of a family on noisy inputs."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.noisy import noisy
from identifiability.store import artifacts

networks = Path(snakemake.input.networks)
found = noisy(
    artifacts.read(networks),
    snakemake.params.family,
    snakemake.params.noise,
    tie_tolerance=snakemake.params.tie_tolerance,
)
made_by = job.made_by(snakemake)
artifacts.write(found, "noisy", Path(snakemake.output[0]), made_by, {"networks": networks})
