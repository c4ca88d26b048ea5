"""How far each protocol's count lies under the exact one."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

from identifiability.drawing.style import save
from identifiability.exhibits.exact import draw_exact
from identifiability.store import artifacts

summaries = {Path(path).stem: artifacts.read(Path(path)) for path in snakemake.input.summaries}
by_width = {str(max(f.hidden)): summaries[f.name] for f in snakemake.params.families}
protocols = [protocol.name for protocol in snakemake.params.protocols]
save(
    draw_exact(by_width, protocols),
    [Path(path) for path in snakemake.output],
    job.made_by(snakemake),
)
