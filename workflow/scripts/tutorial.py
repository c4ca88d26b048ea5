"""Executes the tutorial, and turns it into a page."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.report.notebooks import execute

execute(
    Path(snakemake.input.notebook),
    notebook=Path(snakemake.output.notebook),
    page=Path(snakemake.output.page),
    made_by=job.made_by(snakemake),
)
