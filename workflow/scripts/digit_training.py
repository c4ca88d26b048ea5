"""Trains networks that tell two digits apart, by families."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.stage_images import images_of
from identifiability.digits.stage_networks import digit_networks
from identifiability.store import artifacts

images = images_of(artifacts.read(Path(snakemake.input.digit_images)))
for part in job.parts(snakemake):
    trained, samples = digit_networks(part.settings["family"], images, snakemake.threads)
    part.write({"digit_networks": trained, "digit_samples": samples})
