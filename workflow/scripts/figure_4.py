"""Figure 4: the sparsest circuits of one network."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.example import first_mapped, why_none
from identifiability.figures.sparsest import draw_sparsest
from identifiability.figures.style import message_figure, save

frames = {n: artifacts.read(Path(f)) for n, f in snakemake.input.items() if n != "code"}
protocol = snakemake.params.protocol
example = first_mapped(frames, protocol)
figure = message_figure(why_none(frames, protocol)) if example is None else draw_sparsest(example)
save(figure, [Path(path) for path in snakemake.output])
