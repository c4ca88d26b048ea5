"""The numbers and tables of the report, as text."""

from identifiability import job

job.start(snakemake.log[0])

import json
import os
from pathlib import Path

import pandas as pd

from identifiability import artifacts
from identifiability.example import first_mapped
from identifiability.facts import Findings, facts
from identifiability.ledger import load_claims, load_differences
from identifiability.printed import printed

files, settings = snakemake.input, snakemake.params.settings
example = ("summary", "networks", "circuits", "interpretations", "mappings", "formulas")
frames = {name: artifacts.read(Path(files[name])) for name in example}
found = Findings(
    settings,
    load_claims(Path(files.claims), settings.slugs),
    load_differences(Path(files.differences)),
    {Path(file).stem: artifacts.read(Path(file)) for file in files.summaries},
    frames["formulas"],
    artifacts.read(Path(files.measured)),
    {Path(file).stem: pd.read_parquet(file) for file in files.tables},
    first_mapped(frames, settings.protocols[settings.example_protocol]),
)
text = json.dumps(
    {"facts": facts(found), "tables": printed(found)}, ensure_ascii=False, indent=1, sort_keys=True
)
path = Path(snakemake.output[0])
beside = path.with_name(f".{path.name}.part")
beside.write_text(text + "\n")
os.replace(beside, path)
