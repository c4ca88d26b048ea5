"""Trains the networks of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.stages.networks import networks

for part in job.parts(snakemake):
    trained = networks(
        part.settings["family"],
        part.read("datasets"),
        # How the work is divided changes no result, so it is not among the settings.
        networks_at_once=snakemake.config["engine"]["networks_at_once"],
        threads=snakemake.threads,
    )
    part.write({"networks": trained})
