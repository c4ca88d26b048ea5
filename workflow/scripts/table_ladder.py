"""The ladder as a table."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.ladder import ladder
from identifiability.evidence.sweeps import sweeps
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
found = [
    sweep
    for e in snakemake.params.experiments
    for sweep in sweeps(e.name, e.families, e.released, summaries)
]
note = (
    "The ladder. Shares of the n converged networks of a family with exactly one explanation "
    "(share_unique, with its 95% Wilson interval) and with none (share_none), as the criteria "
    "change step by step; x is the width k or the number of tasks n. A network with several "
    "targets counts once, with the share of its targets. Where counted is false, the count is "
    "left open; where estimated is true, it is of interpretations that are estimated."
)
write_table(ladder(found), snakemake.output, note, job.made_by(snakemake))
