"""Holds what is found in the authors' own network against what their notebook prints of it."""

from identifiability.store import job

job.start(snakemake)

import json
from pathlib import Path

from identifiability.authors.check import counts, judge
from identifiability.authors.figure import draw
from identifiability.drawing import style
from identifiability.evidence.ledger import load_claims
from identifiability.store import artifacts
from identifiability.store.files import written_whole

files = snakemake.input
summary, drawn = (artifacts.read(Path(file)) for file in (files.summary, files.draws))
printed = load_claims(Path(files.claims)).printed
check = {
    "claims": judge(printed, summary, drawn),
    "counts": counts(summary, snakemake.params.protocols),
}
with written_whole(Path(snakemake.output.check)) as file:
    file.write_text(json.dumps(check, ensure_ascii=False, indent=1) + "\n")
style.save(draw(drawn, printed), snakemake.output.figure, job.made_by(snakemake))
