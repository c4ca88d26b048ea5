"""Finds the perfect circuits of the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.networks import devices
from identifiability.stages.circuits import circuits
from identifiability.store import artifacts

# Where and how the work is done changes no result, so it is not among the parameters.
engine = snakemake.config["engine"]
device = devices.pick(engine["device"])
job.ran_on(devices.name(device))
networks = Path(snakemake.input.networks)
found = circuits(
    artifacts.read(networks),
    snakemake.params.reach,
    networks_at_once=engine["networks_at_once"],
    threads=snakemake.threads,
    device=device,
)
made_by = job.made_by(snakemake)
artifacts.write(found, "circuits", Path(snakemake.output[0]), made_by, {"networks": networks})
