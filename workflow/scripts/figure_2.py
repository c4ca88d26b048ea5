"""Figure 2: one network, and what both search strategies find in it."""

from identifiability import job

job.start(snakemake.log[0])

from pathlib import Path

from identifiability import artifacts
from identifiability.example import first_mapped, why_none
from identifiability.figures.explanations import draw_explanations
from identifiability.figures.style import message_figure, save

frames = {n: artifacts.read(Path(f)) for n, f in snakemake.input.items() if n != "code"}
protocol = snakemake.params.protocol
example = first_mapped(frames, protocol)
figure = (
    message_figure(why_none(frames, protocol))
    if example is None
    else draw_explanations(example, snakemake.params.tie_tolerance)
)
save(figure, [Path(path) for path in snakemake.output])
