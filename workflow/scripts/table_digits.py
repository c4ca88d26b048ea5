"""Circuits of every network that tells two digits apart, as a table."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.tables import CLAIM, by_network
from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
claim = load_claims(Path(snakemake.input.claims)).claims[CLAIM]
note = (
    "Perfect circuits of the last layers, under every protocol, of every network that tells two "
    "digits apart; empty where it did not converge. Beside those of the first family, what the "
    "paper reports of one network, and what the released notebook shows."
)
write_table(by_network(summaries, claim), snakemake.output, note, job.made_by(snakemake))
