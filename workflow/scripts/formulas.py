"""Lists the candidate algorithms of one depth."""

from identifiability import job

job.start(snakemake)

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.formulas import formulas

listed = formulas(snakemake.params.depth, snakemake.params.targets, snakemake.params.protocols)
artifacts.write(listed, "formulas", Path(snakemake.output[0]), job.made_by(snakemake))
