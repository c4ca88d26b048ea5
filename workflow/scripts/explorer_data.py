"""Puts together what the explorer shows of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.report.explorer import READ, family_data, read_explored, write_explorer

files = {name: Path(snakemake.input[name]) for name in READ}
frames, n_networks = read_explored(files, snakemake.params.networks)
data = family_data(frames, snakemake.params.protocols, n_networks, snakemake.params.tie_tolerance)
write_explorer(data, Path(snakemake.output[0]), job.made_by(snakemake))
