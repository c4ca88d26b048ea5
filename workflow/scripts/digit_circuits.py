"""Judges every circuit of the last layers of the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.digit_circuits import circuits, summary

trained, samples = (
    artifacts.read(Path(snakemake.input[name])) for name in ("networks", "samples")
)
sizes = snakemake.params.sizes
found = circuits(trained, samples, len(sizes) - 1, snakemake.threads)
totals = summary(trained, found, snakemake.params.protocols, sizes)
made_by = job.made_by(snakemake)
artifacts.write(found, "digit_circuits", Path(snakemake.output.circuits), made_by)
artifacts.write(totals, "digit_summary", Path(snakemake.output.summary), made_by)
