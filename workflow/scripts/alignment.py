"""Searches the causal alignments of the networks of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.networks import devices
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.protocol_filters import protocol_tables

# The device changes no result, so it is not among the settings.
device = devices.pick(snakemake.config["engine"]["device"])
job.ran_on(devices.name(device))
for part in job.parts(snakemake):
    protocols = part.settings["protocols"]
    networks, formulas = part.read("networks"), part.read("formulas")
    tried = alignment(networks, formulas, device)
    found, mappings = algorithms(networks, formulas, tried, protocols)
    part.write(
        {"alignment": tried, "algorithms": found, "mappings": mappings},
        beside=protocol_tables(protocols),
    )
