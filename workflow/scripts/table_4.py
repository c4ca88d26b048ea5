"""Table 4: each quantity on the joint entropy of the input distribution."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import regressions, write_table

params = snakemake.params
ledger = load_claims(Path(snakemake.input.claims), params.families)
claims = [ledger.claims[f"C{number}"] for number in range(21, 27)]
note = (
    "Table 4. Each quantity on the joint entropy of the input distribution in bits, by least "
    "squares over the converged networks, with 95% bootstrap intervals (BCa, over networks). p is "
    "that of the slope, p_rank that of Spearman's rank correlation; _holm is corrected for the "
    "rows of this table."
)
write_table(
    regressions(claims, Path(params.prefix)), snakemake.output, note, job.made_by(snakemake)
)
