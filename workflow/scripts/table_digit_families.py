"""Circuits of every family of networks that tell two digits apart, as a table."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.tables import by_family
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
note = (
    "Perfect circuits of the last layers of networks that tell two digits apart: the median over "
    "converged networks with its 95% interval, the fewest and the most, and the share of networks "
    "with several, with its 95% Wilson interval."
)
write_table(
    by_family(summaries, snakemake.params.families), snakemake.output, note, job.made_by(snakemake)
)
