"""The paper's claims, measured and judged."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.claims import measure_claims
from identifiability.evidence.ledger import load_claims
from identifiability.store import artifacts

params = snakemake.params
ledger = load_claims(Path(snakemake.input.claims), params.families)
measured = measure_claims(ledger, Path(params.prefix), params.other)
artifacts.write(measured, "claims", Path(snakemake.output[0]), job.made_by(snakemake))
