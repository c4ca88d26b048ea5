"""Searches the causal alignments of the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.networks import devices
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.protocol_filters import protocol_tables
from identifiability.store import artifacts

# The device changes no result, so it is not among the parameters.
device = devices.pick(snakemake.config["engine"]["device"])
job.ran_on(devices.name(device))
protocols = snakemake.params.protocols
beside = {name: Path(snakemake.input[name]) for name in ("networks", "formulas")}
networks, formulas = map(artifacts.read, beside.values())
tried = alignment(networks, formulas, device)
found, mappings = algorithms(networks, formulas, tried, protocols)
made_by = job.made_by(snakemake)
for artifact, rows in (("alignment", tried), ("algorithms", found), ("mappings", mappings)):
    path = beside[artifact] = Path(snakemake.output[artifact])
    artifacts.write(rows, artifact, path, made_by, beside | protocol_tables(protocols))
