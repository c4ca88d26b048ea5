"""How often random initialisations compute a gate, and how ambiguous those are."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.exhibits.tables import untrained_answers, write_table
from identifiability.store import artifacts

draws = artifacts.read(Path(snakemake.input.untrained))
summary = artifacts.read(Path(snakemake.input.summary))
note = (
    "Random initialisations that compute a gate: how many of those drawn, with the rate's 95% "
    "interval (Clopper and Pearson). Of the n analysed, how many have several circuits, "
    "interpretations, algorithms, mappings."
)
write_table(
    untrained_answers(draws, summary, snakemake.params.protocols),
    snakemake.output,
    note,
    job.made_by(snakemake),
)
