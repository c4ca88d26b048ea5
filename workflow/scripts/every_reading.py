"""Answers the questions under every reading."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.readings import readings
from identifiability.store import artifacts

files = {name: Path(snakemake.input[name]) for name in ("networks", "cells", "alignment")}
found = readings(
    *map(artifacts.read, files.values()),
    artifacts.read(Path(snakemake.input.formulas)),
    snakemake.params.reach,
    analyse=snakemake.params.analyse,
)
artifacts.write(found, "readings", Path(snakemake.output[0]), job.made_by(snakemake))
