"""What the report is set from: numbers, tables, captions, and whether its sentences hold."""

from identifiability.store import job

job.start(snakemake)

import json
from pathlib import Path

import pandas as pd

from identifiability.evidence.ledger import load_claims, load_differences
from identifiability.exhibits.example import first_mapped, read_frames
from identifiability.report.document import document
from identifiability.report.findings import Findings
from identifiability.store import artifacts
from identifiability.store.files import written_whole

files, settings = snakemake.input, snakemake.params.settings
example = ("summary", "networks", "circuits", "interpretations", "mappings", "formulas")
protocol = settings.protocols[settings.example_protocol]
frames = read_frames({name: Path(files[name]) for name in example}, protocol)
found = Findings(
    settings,
    load_claims(Path(files.claims), settings.slugs),
    load_differences(Path(files.differences)),
    {Path(file).stem: artifacts.read(Path(file)) for file in files.summaries},
    frames["formulas"],
    {Path(file).stem: artifacts.read(Path(file)) for file in files.algorithms},
    artifacts.read(Path(files.measured)),
    {Path(file).stem: pd.read_parquet(file) for file in files.tables},
    first_mapped(frames, protocol),
)
made = document(found, Path(files.source).read_text(), whole=snakemake.params.whole)
text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)
with written_whole(Path(snakemake.output[0])) as file:
    file.write_text(text + "\n")
