"""The ladder: how often exactly one explanation is left, step by step."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import save
from identifiability.evidence.sweeps import sweeps
from identifiability.exhibits.ladder import draw_ladder
from identifiability.store import artifacts

summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
found = [
    sweep
    for e in snakemake.params.experiments
    for sweep in sweeps(e.name, e.families, e.released, summaries)
]
save(draw_ladder(found), [Path(path) for path in snakemake.output], job.made_by(snakemake))
