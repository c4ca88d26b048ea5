"""Figure 2: one network, and what both search strategies find in it."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import message_figure, save
from identifiability.exhibits.example import first_mapped, read_frames, why_none
from identifiability.exhibits.explanations import draw_explanations

protocol = snakemake.params.protocol
files = {name: Path(file) for name, file in snakemake.input.items() if name != "code"}
frames = read_frames(files, protocol)
example = first_mapped(frames, protocol)
figure = (
    message_figure(why_none(frames, protocol))
    if example is None
    else draw_explanations(example, snakemake.params.tie_tolerance)
)
save(figure, [Path(path) for path in snakemake.output], job.made_by(snakemake))
