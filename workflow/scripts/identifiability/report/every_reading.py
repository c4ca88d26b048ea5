"""What the report says of all readings at once: facts of the tables spread, criteria and flips."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from identifiability.evidence.readings import CRITERIA, QUESTIONS, criteria_of
from identifiability.readings import SIDES, readings
from identifiability.report.findings import LEFT_OPEN, Findings, setting_of, sweeps_of
from identifiability.report.numerals import listed, number, percent

_TITLES = {c.name: c.title for q in QUESTIONS.values() for c in criteria_of(q)}


def reading_facts(found: Findings) -> dict[str, str | bool | None]:
    """Every fact about the readings, by name."""
    made: dict[str, str | bool | None] = {
        f"readings.{side}": number(len(readings(side))) for side in SIDES
    }
    for sweep, experiment, families in sweeps_of(found.settings):
        if experiment != "size":
            continue
        names = [family.name for family in families]
        settings = [setting_of(experiment, family) for family in families]
        for question in QUESTIONS:
            key = f"readings.{question}.{sweep}"
            rows = _by_family(found.tables["spread"], question, names)
            made[key] = _each([_range(row) for row in rows], settings)
            made[f"{key}.majority"] = _each([_majority(row) for row in rows], settings)
            effects = found.tables["criteria"]
            strongest = [
                _strongest(effects[(effects["question"] == question) & (effects["family"] == n)])
                for n in names
            ]
            made[f"{key}.criterion"] = _each(strongest, settings)
    flips = found.tables["flips"]
    own = flips[(flips["claim"] == "C09") & (flips["part"] == "all widths")]
    return made | _flips("readings.C09.all widths", own)


def _by_family(table: pd.DataFrame, question: str, names: Sequence[str]) -> list[dict[Any, Any]]:
    rows = table[table["question"] == question].set_index("family")
    return [rows.loc[name].to_dict() for name in names]


def _each(words: Sequence[str], settings: Sequence[str]) -> str:
    """Something said of every setting."""
    return listed([f"{word} ({setting})" for word, setting in zip(words, settings, strict=True)])


def _range(row: dict[Any, Any]) -> str:
    """Between which shares the readings lie."""
    if not row["n_known"]:
        return LEFT_OPEN
    return f"{percent(row['least'])} to {percent(row['most'])}"


def _majority(row: dict[Any, Any]) -> str:
    """Under what share of the readings most networks have exactly one."""
    return percent(row["majority"] / row["n_known"]) if row["n_known"] else LEFT_OPEN


def _strongest(effects: pd.DataFrame) -> str:
    """The criterion that makes the largest difference, and how many points."""
    if effects["effect"].isna().any():
        return LEFT_OPEN
    by_criterion = dict(zip(effects["criterion"], effects["effect"], strict=True))
    strongest = max(by_criterion, key=lambda criterion: abs(by_criterion[criterion]))
    points = f"{100 * by_criterion[strongest]:+.0f}".replace("-", "−")
    return f"{_TITLES[strongest]}, {points} points"


def _flips(key: str, rows: pd.DataFrame) -> dict[str, str | bool | None]:
    """How often a verdict differs, and by which criterion most often."""
    if rows.empty:
        asked = ("n", "reproduced", "differ", "criterion", "criterion.differ")
        return {f"{key}.{name}": None for name in asked}
    whole = rows[rows["criterion"] == "any"].iloc[0]
    criteria = rows[rows["criterion"].isin(CRITERIA)].dropna(subset="differ")
    alone = dict(zip(criteria["criterion"], criteria["differ"], strict=True))
    most = max(alone, key=alone.__getitem__, default=None)
    if most and not alone[most]:
        most = None
    return {
        f"{key}.n": number(int(whole["n_readings"])),
        f"{key}.reproduced": number(int(whole["reproduced"])),
        f"{key}.differ": percent(whole["differ"]),
        f"{key}.criterion": _TITLES[most] if most else None,
        f"{key}.criterion.differ": percent(alone[most]) if most else None,
    }
