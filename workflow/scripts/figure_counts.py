"""Distribution of the four counts over the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import save
from identifiability.evidence.ledger import load_claims, published_means
from identifiability.exhibits.counts import draw_four_counts
from identifiability.store import artifacts

summary = artifacts.read(Path(snakemake.input.summary))
summary = summary[summary["protocol"].isin([p.name for p in snakemake.params.protocols])]
ledger = load_claims(Path(snakemake.input.claims))
published = published_means(ledger, snakemake.params.family)
save(
    draw_four_counts(summary, published),
    [Path(path) for path in snakemake.output],
    job.made_by(snakemake),
)
