"""Estimates of interpretations against their exact numbers, as a table."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.coverage import compared_cells, coverage
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

networks, cells = (
    {Path(file).stem: artifacts.read(Path(file)) for file in files}
    for files in (snakemake.input.networks, snakemake.input.cells)
)
settings = snakemake.params
compared = {
    family.name: (
        family.single_output_sizes,
        compared_cells(
            networks[family.name],
            cells[family.name],
            per_cell=settings.per_cell,
            tie_tolerance=settings.tie_tolerance,
        ),
    )
    for family in settings.families
}
note = (
    "Networks whose interpretations are all counted, estimated again as those of wider networks "
    "are. Level cell: n cells (hidden neurons, edges) that are not drawn whole; else n totals "
    "under a protocol. share_held: how many 95% intervals (estimate ± 1.96 standard errors) hold "
    "the exact number, with its 95% Wilson interval, which takes them as independent; cells of "
    "one network are not. relative_error: median standard error as a share of the estimate. "
    "share_undetermined: standard error above a tenth of the estimate."
)
write_table(coverage(compared, settings.protocols), snakemake.output, note, job.made_by(snakemake))
