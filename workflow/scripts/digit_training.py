"""Trains the networks of a family that tell two digits apart."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.stages.digits import images_of, networks

images = images_of(artifacts.read(Path(snakemake.input.images)))
trained, samples = networks(snakemake.params.family, images, snakemake.threads)
made_by = job.made_by(snakemake)
artifacts.write(trained, "digit_networks", Path(snakemake.output.networks), made_by)
artifacts.write(samples, "digit_samples", Path(snakemake.output.samples), made_by)
