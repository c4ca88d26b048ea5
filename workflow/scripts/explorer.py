"""Puts the explorer's page, and the list of its families, beside their data."""

from identifiability.store import job

job.start(snakemake)

import logging
from pathlib import Path

from identifiability.report.explorer import check_size, index_data, write_explorer
from identifiability.store.files import written_whole

built, data = Path(snakemake.input.page), map(Path, snakemake.input.data)
megabytes = check_size([built, *data])
logging.getLogger("identifiability").info("page and data take %.1f MB", megabytes)
write_explorer(
    index_data(**snakemake.params), Path(snakemake.output.index), job.made_by(snakemake)
)
for name in ("page", "figure"):
    with written_whole(Path(getattr(snakemake.output, name))) as file:
        file.write_bytes(Path(getattr(snakemake.input, name)).read_bytes())
