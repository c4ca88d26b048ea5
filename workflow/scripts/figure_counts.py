"""Distribution of the four counts over the networks of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

import yaml

from identifiability import artifacts
from identifiability.figures.counts import draw_counts
from identifiability.figures.style import save

summary = artifacts.read(Path(snakemake.input.summary))
published = yaml.safe_load(Path(snakemake.input.published).read_text())["table_3"]
save(draw_counts(summary, published), [Path(path) for path in snakemake.output])
