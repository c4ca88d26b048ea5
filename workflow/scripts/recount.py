"""Recounts the summary of some networks of every family with the plain module."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.files import whole
from identifiability.recount import Effort, check, recount_families, report

params = snakemake.params
files = {(path.parent.name, path.stem): path for path in map(Path, snakemake.input.results)}
effort = Effort(**params.effort)
rows = recount_families(
    params.families,
    lambda artifact, family: artifacts.read(files[artifact, family]),
    params.tables,
    effort,
    snakemake.threads,
)
check(rows)
artifacts.write(rows, "recount", Path(snakemake.output.parquet), job.made_by(snakemake))
with whole(Path(snakemake.output.markdown)) as file:
    file.write_text(report(rows, params.families, effort))
