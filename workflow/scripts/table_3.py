"""Table 3, left half: means over the networks trained without noise."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.published import table_3 as published_values
from identifiability.tables import means_without_noise, write_table

summary = artifacts.read(Path(snakemake.input.summary))
published = published_values(Path(snakemake.input.published), snakemake.params.family)
networks = summary.drop_duplicates("network_id")
note = (
    f"Table 3, left half. Means over the {networks['converged'].sum()} of {len(networks)} "
    f"networks of {networks['family'].iloc[0]} that converged, with 95% bootstrap intervals (BCa, "
    "over networks); interpretations per circuit are over the networks with a circuit, mappings "
    "per algorithm over those with an algorithm."
)
write_table(means_without_noise(summary, published), snakemake.output, note)
