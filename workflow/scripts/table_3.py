"""Table 3: means over networks trained without and with noise."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import comparisons, write_table

params = snakemake.params
ledger = load_claims(Path(snakemake.input.claims), params.families)
claims = [ledger.claims[f"C{number}"] for number in range(15, 21)]
note = (
    "Table 3. Means over the converged networks trained without and with noise, at the text's "
    "loss cutoff and at 1e-2, that of the released code, with 95% bootstrap intervals (BCa, over "
    "networks); interpretations per circuit are over the networks with a circuit, mappings per "
    "algorithm over those with an algorithm. p is Welch's, p_rank that of Mann and Whitney; _holm "
    "is corrected for the rows of this table. Under released-noisy, the networks trained with "
    "noise are read on noisy inputs, and those without under released."
)
write_table(
    comparisons(claims, Path(params.prefix)), snakemake.output, note, job.made_by(snakemake)
)
