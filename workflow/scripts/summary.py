"""Sums up what was found in the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.stages.protocol_filters import protocol_tables
from identifiability.stages.rows import single_output_sizes
from identifiability.stages.summary import summary
from identifiability.store import artifacts

protocols, noisy = snakemake.params.protocols, snakemake.input.get("noisy")
beside = {name: Path(snakemake.input[name]) for name in ("networks", "cells", "algorithms")}
networks, cells, algorithms = map(artifacts.read, beside.values())
if noisy:
    beside["noisy"] = Path(noisy)
totals = summary(
    networks,
    cells,
    algorithms,
    protocols,
    snakemake.params.reach,
    noisy=artifacts.read(beside["noisy"]) if noisy else None,
)
beside |= protocol_tables(protocols, single_output_sizes(networks))
artifacts.write(totals, "summary", Path(snakemake.output[0]), job.made_by(snakemake), beside)
