"""Circuits in the last layers of networks that tell two digits apart."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.tables import CLAIM, published
from identifiability.drawing.style import save
from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.digits import draw_digits
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.store import artifacts

families, protocol = snakemake.params.families, snakemake.params.protocol
summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
found = artifacts.read(Path(snakemake.input.circuits))
shown = admitted(perfect(found, protocol), families[0].circuit_sizes, protocol)
claim = load_claims(Path(snakemake.input.claims)).claims[CLAIM]
figure = draw_digits(summaries, families, shown, published(claim), protocol.name)
save(figure, [Path(path) for path in snakemake.output], job.made_by(snakemake))
