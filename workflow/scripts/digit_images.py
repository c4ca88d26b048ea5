"""Reads the images of a source into one table."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.images import load_images
from identifiability.digits.stage_images import image_rows
from identifiability.store import artifacts

files = [Path(file) for file in snakemake.input.files]
images = load_images(snakemake.params.source, files[0].parent if files else None)
made_by = job.made_by(snakemake)
artifacts.write(image_rows(images), "digit_images", Path(snakemake.output[0]), made_by)
