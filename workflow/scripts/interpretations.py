"""Counts the interpretations of the circuits of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.interpretations import interpretations
from identifiability.store import artifacts

beside = {name: Path(snakemake.input[name]) for name in ("networks", "circuits")}
counted, cells = interpretations(
    artifacts.read(beside["networks"]),
    artifacts.read(beside["circuits"]),
    snakemake.params.reach,
    drawn_per_cell=snakemake.params.drawn_per_cell,
    tie_tolerance=snakemake.params.tie_tolerance,
    threads=snakemake.threads,
)
made_by = job.made_by(snakemake)
for artifact, rows in (("interpretations", counted), ("cells", cells)):
    beside[artifact] = Path(snakemake.output[artifact])
    artifacts.write(rows, artifact, beside[artifact], made_by, beside)
