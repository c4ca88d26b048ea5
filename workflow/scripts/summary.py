"""Sums up what was found in the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.summary import summary

parts = ("networks", "cells", "algorithms")
noisy = snakemake.input.get("noisy")
totals = summary(
    *(artifacts.read(Path(snakemake.input[part])) for part in parts),
    snakemake.params.protocols,
    max_hidden=snakemake.params.max_hidden,
    enumerated=snakemake.params.enumerated,
    noisy=artifacts.read(Path(noisy)) if noisy else None,
)
artifacts.write(totals, "summary", Path(snakemake.output[0]), job.made_by(snakemake))
