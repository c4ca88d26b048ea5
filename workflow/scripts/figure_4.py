"""Figure 4: the sparsest circuits of one network."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import message_figure, save
from identifiability.exhibits.example import first_mapped, read_frames, why_none
from identifiability.exhibits.sparsest import draw_sparsest

protocol = snakemake.params.protocol
files = {name: Path(file) for name, file in snakemake.input.items() if name != "code"}
frames = read_frames(files, protocol)
example = first_mapped(frames, protocol)
figure = message_figure(why_none(frames, protocol)) if example is None else draw_sparsest(example)
save(figure, [Path(path) for path in snakemake.output], job.made_by(snakemake))
