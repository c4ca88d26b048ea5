"""What each difference between the paper's text and the released code does to the four counts.

Every difference of ``paper/differences.yaml`` is switched alone; networks before and after are the
same ones wherever only the protocol changes (paper, sections 6 and 7).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.claims import WHY_LEFT_OPEN, bootstrap_generator, known_in_part, run
from identifiability.evidence.ledger import Difference, Side, complete
from identifiability.evidence.statistics import Estimate, ratio

QUANTITIES: Mapping[str, str] = {
    "n_circuits": "q1",
    "n_interpretations": "q2",
    "n_algorithms": "q3",
    "n_mappings": "q4",
}
"""The four counts, and the questions that they answer; as in the view ``per_network``."""


def effects(
    differences: Iterable[Difference],
    views: Mapping[str, str],
    folder: Path,
    families: Iterable[str],
) -> pd.DataFrame:
    """The effect of each difference on the four counts.

    Args:
        differences: All of them.
        views: Queries that others use; ``per_network`` is one of them.
        folder: That of the run.
        families: Slugs of the families that the run has.

    Returns:
        One row per difference, comparison and count: networks, means and medians before and
        after; the ratio of the means with its 95% bootstrap interval, drawn over networks,
        together where they are the same; shares of the networks that have exactly one, and none.
        Where a side was left open or has too few networks, the reason; where interpretations
        are estimated, in how many networks.

    Raises:
        UserError: If a side has no rows; names the difference.
    """
    known, rows = set(families), []
    for difference in differences:
        for before, after in difference.comparisons:
            absent = sorted({before.family, after.family} - known)
            frames = [
                _networks(side, views, folder, difference.id) if not absent else NO_NETWORKS
                for side in (before, after)
            ]
            for quantity, question in QUANTITIES.items():
                row = {
                    "difference": difference.id,
                    "before": before.words,
                    "after": after.words,
                    "quantity": quantity,
                    "paired": before.family == after.family,
                }
                effect = _effect(frames, quantity, question, paired=row["paired"] is True)
                if absent:
                    effect["reason"] = f"not in this run: {', '.join(absent)}"
                rows.append(row | effect)
    return pd.DataFrame(rows)


NO_NETWORKS = pd.DataFrame(
    columns=[
        *QUANTITIES,
        "estimated",
        *(f"{q}_{a}" for q in QUANTITIES.values() for a in ("unique", "several")),
    ]
)
"""Totals of no network."""


def _networks(side: Side, views: Mapping[str, str], folder: Path, name: str) -> pd.DataFrame:
    """Totals of the networks analysed of one side, by ``network_id``."""
    query = f"SELECT * FROM per_network WHERE protocol = '{side.protocol}'"
    if side.without_gate:
        query += (
            " AND network_id NOT IN "
            f"(SELECT network_id FROM {{summary}} WHERE target = '{side.without_gate}')"
        )
    whole = complete(query, views, {"summary": [side.family]})
    rows = run(whole, folder, f"difference {name}, {side.words}")
    return rows[rows["analysed"]].set_index("network_id").sort_index()


def _effect(
    frames: Sequence[pd.DataFrame], quantity: str, question: str, *, paired: bool
) -> dict[str, Any]:
    """One count before and after.

    Args:
        frames: Totals of the networks before and after.
        quantity: The count.
        question: The question that it answers.
        paired: Whether they are the same networks.
    """
    before, after = (frame[quantity].astype(np.float64) for frame in frames)
    row: dict[str, Any] = {}
    for side, frame, values in zip(("before", "after"), frames, (before, after), strict=True):
        unique, several = frame[f"{question}_unique"].mean(), frame[f"{question}_several"].mean()
        row |= {
            f"n_{side}": int(values.notna().sum()),
            f"mean_{side}": values.mean(),
            f"median_{side}": values.median(),
            f"unique_{side}": unique,
            f"none_{side}": 1 - unique - several,
        }
    if any(len(values) and values.isna().all() for values in (before, after)):
        found = Estimate(0, reason=WHY_LEFT_OPEN)
    elif paired:
        both = (before + after).dropna().index
        found = _ratio(before[both], after[both], paired=True)
    else:
        found = _ratio(before.dropna(), after.dropna(), paired=False)
    return row | {
        "ratio": found.value,
        "ratio_low": found.low,
        "ratio_high": found.high,
        "reason": found.reason or "; ".join(_remarks(frames, quantity)) or None,
    }


def _remarks(frames: Sequence[pd.DataFrame], quantity: str) -> list[str]:
    """What to know about the networks behind a count, before and after."""
    every = pd.concat(frames)
    left_open, guessed = every[quantity].isna(), every["estimated"].astype(bool)
    return known_in_part(
        every.index[left_open].nunique(),
        every.index[guessed & ~left_open].nunique() if quantity == "n_interpretations" else 0,
    )


def _ratio(before: "pd.Series[float]", after: "pd.Series[float]", *, paired: bool) -> Estimate:
    """Ratio of the means."""
    return ratio(
        np.asarray(before, np.float64),
        np.asarray(after, np.float64),
        bootstrap_generator(),
        paired=paired,
    )


def effects_of(table: pd.DataFrame) -> dict[tuple[str, str, str, str], Any]:
    """Rows of the table of differences by difference, before, after and count."""
    return {
        (row["difference"], row["before"], row["after"], row["quantity"]): row
        for row in table.to_dict("records")
    }
