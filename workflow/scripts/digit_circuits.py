"""Judges every circuit of the last layers of the networks on digits, by families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.digits.stage_circuits import digit_circuits, digit_summary
from identifiability.stages.protocol_filters import protocol_tables

for part in job.parts(snakemake):
    sizes, protocols = part.settings["sizes"], part.settings["protocols"]
    trained = part.read("digit_networks")
    found = digit_circuits(trained, part.read("digit_samples"), len(sizes) - 1, snakemake.threads)
    part.write(
        {
            "digit_circuits": found,
            "digit_summary": digit_summary(trained, found, protocols, sizes),
        },
        beside=protocol_tables(protocols, sizes),
    )
