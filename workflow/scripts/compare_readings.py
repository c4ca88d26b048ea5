"""Shares and verdicts under every reading."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.ledger import load_claims
from identifiability.evidence.readings import reading_shares, reading_verdicts
from identifiability.store import artifacts

files = [Path(file) for file in snakemake.input.readings]
by_family = {file.stem: artifacts.read(file) for file in files}
ledger = load_claims(Path(snakemake.input.claims), by_family)
made_by = job.made_by(snakemake)
shares = reading_shares(by_family)
artifacts.write(shares, "reading_shares", Path(snakemake.output.shares), made_by)
verdicts = reading_verdicts(ledger, Path(snakemake.params.prefix))
artifacts.write(verdicts, "reading_verdicts", Path(snakemake.output.verdicts), made_by)
