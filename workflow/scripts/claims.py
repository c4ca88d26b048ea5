"""The paper's claims, measured and judged."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.evidence.claims import measure_claims, overview
from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.tables import write_table
from identifiability.store import artifacts

params = snakemake.params
ledger = load_claims(Path(snakemake.input.claims), params.families)
measured = measure_claims(ledger, Path(params.prefix))
artifacts.write(measured, "claims", Path(snakemake.output.claims), job.made_by(snakemake))
tables = {name: path for name, path in snakemake.output.items() if name != "claims"}
note = (
    "What the paper reports, what we find under each protocol, and the verdict. Values with 95% "
    "intervals; for claims about one particular network, our median with the central 95% of our "
    "networks, and the percentile of the published value. Where interpretations are estimated, in "
    "how many networks."
)
write_table(overview(measured, ledger), tables, note, job.made_by(snakemake))
