"""Downloads MNIST's files."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability.digits.download import download

files = [Path(file) for file in snakemake.output]
sha256 = {file.name: snakemake.params.sha256[file.stem] for file in files}
download(sha256, files[0].parent, snakemake.params.mirrors)
