"""Table 1: all interpretations of one circuit of the example network."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.exhibits.example import first_mapped, read_frames, why_none
from identifiability.exhibits.tables import (
    NO_INTERPRETATIONS,
    interpretations_of_one_circuit,
    write_table,
)

protocol = snakemake.params.protocol
files = {name: Path(file) for name, file in snakemake.input.items() if name != "code"}
frames = read_frames(files, protocol)
example = first_mapped(frames, protocol)
if example is None:
    table, note = NO_INTERPRETATIONS, f"Table 1. {why_none(frames, protocol)}."
else:
    table = interpretations_of_one_circuit(example, snakemake.params.tie_tolerance)
    note = (
        f"Table 1. Every interpretation of one circuit of {example.network_id} (protocol "
        f"{protocol.name}): gate and separator per neuron. The circuit has the fewest edges among "
        "those with at least ten interpretations, or the most interpretations if none has ten; "
        "no row: none has any. h1.0 is the first neuron of the first hidden layer; larger "
        "activations than the separator are 1."
    )
write_table(table, snakemake.output, note, job.made_by(snakemake))
