"""Counts the interpretations of the circuits of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.interpretations import interpretations

counted, cells = interpretations(
    artifacts.read(Path(snakemake.input.networks)),
    artifacts.read(Path(snakemake.input.circuits)),
    max_hidden=snakemake.params.max_hidden,
    max_listed=snakemake.params.max_listed,
    drawn_per_cell=snakemake.params.drawn_per_cell,
    tie_tolerance=snakemake.params.tie_tolerance,
    threads=snakemake.threads,
)
made_by = job.made_by(snakemake)
artifacts.write(counted, "interpretations", Path(snakemake.output.interpretations), made_by)
artifacts.write(cells, "cells", Path(snakemake.output.cells), made_by)
