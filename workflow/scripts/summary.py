"""Sums up what was found in the networks of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.stages.protocol_filters import protocol_tables
from identifiability.stages.rows import single_output_sizes
from identifiability.stages.summary import summary

for part in job.parts(snakemake):
    networks, protocols = part.read("networks"), part.settings["protocols"]
    totals = summary(
        networks,
        part.read("cells"),
        part.read("algorithms"),
        protocols,
        part.settings["reach"],
        analyse=part.settings["analyse"],
        noisy=part.read("noisy") if "noisy" in part.inputs else None,
    )
    part.write(
        {"summary": totals}, beside=protocol_tables(protocols, single_output_sizes(networks))
    )
