"""All that the report is set from: facts, tables, captions, and whether its sentences hold."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from identifiability.exhibits.exhibit import EXHIBITS
from identifiability.report.conditions import conditions, hold
from identifiability.report.facts import facts
from identifiability.report.findings import Findings
from identifiability.report.tables import report_tables


def document(found: Findings, source: str, *, whole: bool) -> dict[str, Any]:
    """What ``paper/replication.typ`` reads, ready for JSON.

    Args:
        found: What a run has found.
        source: The text of the report.
        whole: Whether the run is of the paper's own experiments, so that what the text says has to
            hold; of others, sentences that do not are left out.
    """
    tables = {
        **found.tables,
        "measured": found.measured,
        "summary": pd.concat(found.summaries.values()),
    }
    return {
        "facts": facts(found),
        "tables": report_tables(found),
        "exhibits": {name: asdict(exhibit) for name, exhibit in EXHIBITS.items()},
        "holds": hold(conditions(source), tables),
        "whole": whole,
    }
