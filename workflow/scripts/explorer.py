"""Puts the explorer's page, and the list of its families, beside their data."""

from identifiability import job

job.start(snakemake)

import logging
from pathlib import Path

from identifiability.explorer import check_size, index_data, write
from identifiability.files import whole

page, index = Path(snakemake.output.page), Path(snakemake.output.index)
write(index_data(**snakemake.params), index, job.made_by(snakemake))
with whole(page) as file:
    file.write_bytes(Path(snakemake.input.page).read_bytes())
megabytes = check_size([page, index, *map(Path, snakemake.input.data)])
logging.getLogger("identifiability").info("page and data take %.1f MB", megabytes)
