"""Draws the training and validation samples of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.datasets import datasets

artifacts.write(
    datasets(snakemake.params.family),
    "datasets",
    Path(snakemake.output[0]),
    job.made_by(snakemake),
)
