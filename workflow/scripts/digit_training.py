"""Trains the networks of a family that tell two digits apart."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.stage_images import images_of
from identifiability.digits.stage_networks import digit_networks
from identifiability.store import artifacts

beside = {"digit_images": Path(snakemake.input.images)}
images = images_of(artifacts.read(beside["digit_images"]))
trained, samples = digit_networks(snakemake.params.family, images, snakemake.threads)
made_by = job.made_by(snakemake)
beside["digit_networks"] = Path(snakemake.output.networks)
artifacts.write(trained, "digit_networks", beside["digit_networks"], made_by)
artifacts.write(samples, "digit_samples", Path(snakemake.output.samples), made_by, beside)
