"""Sums up what was found in the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.summary import summary

parts = ("networks", "circuits", "interpretations", "mappings")
totals = summary(
    *(artifacts.read(Path(snakemake.input[part])) for part in parts), snakemake.params.protocols
)
artifacts.write(totals, "summary", Path(snakemake.output[0]), job.made_by(snakemake))
