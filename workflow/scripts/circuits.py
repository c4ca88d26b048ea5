"""Finds the perfect circuits of the networks of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.networks import devices
from identifiability.stages.circuits import circuits

# Where and how the work is done changes no result, so it is not among the settings.
engine = snakemake.config["engine"]
device = devices.pick(engine["device"])
job.ran_on(devices.name(device))
for part in job.parts(snakemake):
    found = circuits(
        part.read("networks"),
        part.settings["reach"],
        networks_at_once=engine["networks_at_once"],
        threads=snakemake.threads,
        device=device,
    )
    part.write({"circuits": found})
