"""Lists the candidate algorithms for the targets of a family."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.formulas import formulas

family = snakemake.params.family
listed = formulas(
    family.name, family.gates, len(family.layer_sizes) - 1, snakemake.params.protocols
)
artifacts.write(listed, "formulas", Path(snakemake.output[0]), job.made_by(snakemake))
