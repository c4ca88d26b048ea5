"""Table 2: all minimal mappings of the example network."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.exhibits.example import first_mapped, read_frames, why_none
from identifiability.exhibits.tables import NO_MAPPINGS, mappings_of_one_network, write_table

protocol = snakemake.params.protocol
files = {name: Path(file) for name, file in snakemake.input.items() if name != "code"}
frames = read_frames(files, protocol)
example = first_mapped(frames, protocol)
if example is None:
    table, note = NO_MAPPINGS, f"Table 2. {why_none(frames, protocol)}."
else:
    table = mappings_of_one_network(example)
    note = (
        f"Table 2. Every minimal mapping of {example.network_id} (protocol {protocol.name}): "
        f"{len(table)} in all, of {table['algorithm'].nunique()} of the candidate algorithms. "
        "h1.0 is the first neuron of the first hidden layer."
    )
write_table(table, snakemake.output, note, job.made_by(snakemake))
