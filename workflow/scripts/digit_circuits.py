"""Judges every circuit of the last layers of the networks of a family."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.digits.stage_circuits import digit_circuits, digit_summary
from identifiability.stages.protocol_filters import protocol_tables
from identifiability.store import artifacts

beside = {f"digit_{name}": Path(snakemake.input[name]) for name in ("networks", "samples")}
trained, samples = map(artifacts.read, beside.values())
sizes, protocols = snakemake.params.sizes, snakemake.params.protocols
found = digit_circuits(trained, samples, len(sizes) - 1, snakemake.threads)
totals = digit_summary(trained, found, protocols, sizes)
beside |= protocol_tables(protocols, sizes)
made_by = job.made_by(snakemake)
beside["digit_circuits"] = Path(snakemake.output.circuits)
artifacts.write(found, "digit_circuits", beside["digit_circuits"], made_by, beside)
artifacts.write(totals, "digit_summary", Path(snakemake.output.summary), made_by, beside)
