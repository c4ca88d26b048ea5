"""What several tables print of measured values: intervals, tests, verdicts, or why none."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.claims import estimated_in_part
from identifiability.evidence.verdicts import (
    CANNOT_BE_COMPARED,
    NOT_APPLICABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    SAME_DIRECTION,
)
from identifiability.report.findings import LEFT_OPEN
from identifiability.report.numerals import about, interval, number, p_value
from identifiability.report.printed import Piece, bold

NAMES: Mapping[str, str] = {
    "n_circuits": "Perfect circuits",
    "interpretations_per_circuit": "Interpretations per circuit",
    "n_interpretations": "Interpretations in all",
    "n_algorithms": "Algorithms",
    "mappings_per_algorithm": "Minimal mappings per algorithm",
    "n_mappings": "Minimal mappings in all",
}
"""Quantities as headings."""
_SIGNS: Mapping[str, str] = {
    REPRODUCED: "full",
    SAME_DIRECTION: "half",
    NOT_REPRODUCED: "empty",
    CANNOT_BE_COMPARED: "none",
    NOT_APPLICABLE: "not",
}
_NOT_RUN = "not in this run"
_SIGNIFICANT = 0.05


def signs(verdicts: Iterable[str]) -> Piece:
    """The signs of some verdicts."""
    return {"signs": [_SIGNS[verdict] for verdict in verdicts]}


def signs_of(rows: pd.DataFrame) -> Piece:
    """The signs of verdicts in ``claims``, underlined where two halves of the seeds differ."""
    found = rows[["verdict", "verdict_even_seeds", "verdict_odd_seeds"]].itertuples(index=False)
    return {
        "signs": [f"{_SIGNS[whole]}{'' if even == odd else '_'}" for whole, even, odd in found]
    }


def value_of(row: "pd.Series[Any]", name: str) -> tuple[str, str]:
    """A value of a row of a table, and its interval; empty if there is none."""
    value = about(number(row[name]), estimated_in_part(row["reason"]))
    return value, interval(row[f"{name}_low"], row[f"{name}_high"])


def p_values(row: "pd.Series[Any]") -> tuple[Piece, Piece]:
    """The p-value of a row, and that of ranks, in bold if corrected they are significant."""

    def set_off(name: str) -> Piece:
        text = p_value(row[name])
        return bold(text) if row[f"{name}_holm"] < _SIGNIFICANT else text

    return set_off("p"), set_off("p_rank")


def why_no_test(row: "pd.Series[Any]") -> str:
    """Why a row has no p-value, in a few words; empty if it has one."""
    return why(row["reason"]) if np.isnan(row["p"]) else ""


def why(reason: Any) -> str:
    """Why there is no value, in a few words; empty if nothing is said."""
    if not isinstance(reason, str):
        return ""
    for words in (LEFT_OPEN, _NOT_RUN):
        if reason.startswith(words):
            return "not run" if words == _NOT_RUN else words
    return reason.partition(":")[0].replace(" and ", ", ")


def published_p(published: str) -> str:
    """A published p-value, without the direction before it."""
    return published.rpartition(", ")[2]
