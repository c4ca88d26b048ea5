"""Puts together what the explorer shows of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.report.explorer import READ, family_data, read_frames, write

files = {name: Path(snakemake.input[name]) for name in READ}
frames, n_networks = read_frames(files, snakemake.params.networks)
data = family_data(frames, snakemake.params.protocols, n_networks, snakemake.params.tie_tolerance)
write(data, Path(snakemake.output[0]), job.made_by(snakemake))
