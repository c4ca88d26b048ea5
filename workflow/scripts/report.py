"""The report, set by Typst with the fonts that it brings along."""

from identifiability.store import job

job.start(snakemake)

from pathlib import Path

import typst

from identifiability.store.files import written_whole

facts, figures = Path(snakemake.input.facts), Path(snakemake.input.figures[0]).parent
sys_inputs = {"facts": str(facts.resolve()), "figures": str(figures.resolve())}
if snakemake.input.authors:
    sys_inputs["authors"] = str(Path(snakemake.input.authors[0]).resolve())
document = typst.compile(
    Path(snakemake.input.source).resolve(),
    root="/",
    ignore_system_fonts=True,
    sys_inputs=sys_inputs,
    timestamp=0,
)
with written_whole(Path(snakemake.output[0])) as file:
    file.write_bytes(document)
