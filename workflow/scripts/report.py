"""The report, set by Typst with the fonts that it brings along."""

from identifiability import job

job.start(snakemake.log[0])

import os
from pathlib import Path

import typst

facts, figures = Path(snakemake.input.facts), Path(snakemake.input.figures[0]).parent
document = typst.compile(
    Path(snakemake.input.source).resolve(),
    root="/",
    ignore_system_fonts=True,
    sys_inputs={"facts": str(facts.resolve()), "figures": str(figures.resolve())},
    timestamp=0,
)
path = Path(snakemake.output[0])
beside = path.with_name(f".{path.name}.part")
beside.write_bytes(document)
os.replace(beside, path)
