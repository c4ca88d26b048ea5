"""Lists the candidate algorithms of one depth."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.formulas import formulas
from identifiability.store import artifacts

listed = formulas(snakemake.params.depth, snakemake.params.targets, snakemake.params.protocols)
artifacts.write(listed, "formulas", Path(snakemake.output[0]), job.made_by(snakemake))
