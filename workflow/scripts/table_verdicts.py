"""The verdicts in short, a row per claim."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.claims import verdicts
from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

measured = artifacts.read(Path(snakemake.input.measured))
ledger = load_claims(Path(snakemake.input.claims))
note = (
    "The verdicts on the paper's claims (C), and on ours about its method (X), by protocol. "
    "Where the parts of a claim differ, how many have which verdict; with ≈, some interpretations "
    "are estimated; the table `claims` has every part."
)
write_table(verdicts(measured, ledger), snakemake.output, note, job.made_by(snakemake))
