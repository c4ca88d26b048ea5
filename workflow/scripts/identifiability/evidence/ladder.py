"""The ladder: which step of the criteria leaves exactly one explanation (paper, section 7).

On the side of circuits and interpretations, every step but the first removes explanations: only
circuits with no perfect circuit strictly inside, then only what the inputs reach. On the side of
algorithms and mappings, the first step completes the list of formulas, which adds explanations;
all 16 pairs of inputs, and variables in layers in the order of their use, then remove them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from identifiability.evidence import statistics
from identifiability.evidence.sweeps import Sweep, estimated, rows_of


class Step(NamedTuple):
    """One rung of the ladder.

    Attributes:
        name: What the criterion asks, in words.
        protocol: The protocol that asks it.
        column: The count in the artifact ``summary``.
    """

    name: str
    protocol: str
    column: str


def _algorithms(column: str) -> tuple[Step, ...]:
    """The steps of what-then-where, for one of its counts."""
    return (
        Step("released", "released", column),
        Step("all formulas, 6 pairs", "strict-6-pairs", column),
        Step("16 pairs", "strict", column),
        Step("layers in order", "strict-ordered", column),
    )


LADDER: Mapping[str, tuple[Step, ...]] = {
    "circuit": (
        Step("all perfect circuits", "strict", "n_circuits"),
        Step("minimal ones only", "strict-minimal", "n_circuits"),
    ),
    "interpretation": (
        Step("of all perfect circuits", "strict", "n_interpretations"),
        Step("of minimal ones only", "strict-minimal", "n_interpretations"),
        Step("reachable rows only", "strict-minimal", "n_interpretations_reachable"),
    ),
    "algorithm": _algorithms("n_algorithms"),
    "mapping": _algorithms("n_mappings"),
}
"""The steps by question, from the criteria as published to the last one; each keeps those before
it."""

LADDER_COLUMNS = (
    "question", "step", "protocol", "experiment", "family", "x", "n", "counted", "estimated",
    "share_unique", "low", "high", "share_none",
)  # fmt: skip


def ladder(sweeps: Iterable[Sweep]) -> pd.DataFrame:
    """The shares of networks with exactly one explanation, and with none, at every step.

    A network with several targets counts once, with the share of its targets that have exactly
    one. The interval is Wilson's for as many answers as there are networks: targets of one
    network are not independent.

    Args:
        sweeps: Families by width, by number of tasks.

    Returns:
        One row per sweep, question, step and family: the value ``x`` of what is varied, the
        number ``n`` of converged networks, whether they were ``counted``, whether any of the
        counts is ``estimated``, and ``share_unique`` with its 95% interval from ``low`` to
        ``high``, and ``share_none``. Shares are NaN where no network converged or the count is
        left open.

    Raises:
        UserError: If a family has no row under one of the protocols.
    """
    rows = [
        {
            "question": question,
            "step": step.name,
            "protocol": step.protocol,
            "experiment": sweep.experiment,
            "family": str(summary["family"].iloc[0]),
            "x": int(x),
            **_shares(rows_of(summary, step.protocol), step.column),
        }
        for sweep in sweeps
        for question, steps in LADDER.items()
        for step in steps
        for x, summary in sweep.summaries.items()
    ]
    return pd.DataFrame(rows, columns=LADDER_COLUMNS)


def _shares(rows: pd.DataFrame, column: str) -> dict[str, Any]:
    """Shares of the converged networks, with the interval of the first."""
    converged = rows[rows["converged"]]
    n = converged["network_id"].nunique()
    counted = not converged[column].isna().any()
    unique, none = statistics.Estimate(n), np.nan
    if n and counted:
        counts = converged[column].map(int)
        by_network = [
            (counts == number).groupby(converged["network_id"]).mean() for number in (1, 0)
        ]
        unique = statistics.share(float(by_network[0].sum()), n)
        none = float(by_network[1].mean())
    return {
        "n": n,
        "counted": counted,
        "estimated": counted and "interpretations" in column and estimated(converged),
        "share_unique": unique.value,
        "low": unique.low,
        "high": unique.high,
        "share_none": none,
    }


def ladder_shares(
    table: pd.DataFrame, question: str, families: Sequence[str], column: str = "share_unique"
) -> Any:
    """Shares of networks with exactly one explanation, [step, family]; NaN where left open."""
    rows = table[table["question"] == question].set_index(["step", "family"])[column]
    return np.array([[rows[step.name, f] for f in families] for step in LADDER[question]], float)
