"""Figures 3, 5 and 6–9: counts against what an experiment varies, as boxes."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import save
from identifiability.evidence.ledger import load_claims
from identifiability.evidence.sweeps import sweeps
from identifiability.exhibits.boxes import draw_details, draw_totals, published_medians
from identifiability.store import artifacts

params = snakemake.params
summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
found = [sweeps(e.name, e.families, e.released, summaries) for e in params.experiments]
protocols = [protocol.name for protocol in params.protocols]
published = published_medians(load_claims(Path(snakemake.input.claims)))
figure = (
    draw_totals(found, protocols, published)
    if params.totals
    else draw_details(found[0], protocols, published)
)
save(figure, [Path(path) for path in snakemake.output], job.made_by(snakemake))
