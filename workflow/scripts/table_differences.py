"""What each difference between text and released code does to the four counts."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.differences import effects
from identifiability.evidence.ledger import load_claims, load_differences
from identifiability.exhibits.tables import write_table

params = snakemake.params
views = load_claims(Path(snakemake.input.claims), params.families).views
differences = load_differences(Path(snakemake.input.differences))
note = (
    "Differences between the paper's text and the released code, each switched alone, from the "
    "text (before) towards the code (after). Means and medians over the converged networks; the "
    "ratio of the means with its 95% bootstrap interval over networks, drawn together where they "
    "are the same (paired); shares of the networks with exactly one, and with none. "
    "Where interpretations are estimated, the reason says in how many networks."
)
table = effects(differences, views, Path(params.prefix), params.families)
write_table(table, snakemake.output, note, job.made_by(snakemake))
