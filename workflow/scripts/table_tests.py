"""The tests behind C11 to C13, between numbers of tasks and between loss cutoffs."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import comparisons, write_table

params = snakemake.params
ledger = load_claims(Path(snakemake.input.claims), params.families)
claims = [ledger.claims[f"C{number}"] for number in range(11, 14)]
note = (
    "Tests between successive numbers of tasks (over the networks that have any, as in Figure 3), "
    "and of each loss cutoff against 1e-3. Means with 95% bootstrap intervals (BCa, over "
    "networks); p is Welch's, p_rank that of Mann and Whitney; _holm is corrected for the "
    "rows of this table."
)
write_table(
    comparisons(claims, Path(params.prefix)), snakemake.output, note, job.made_by(snakemake)
)
