"""The ladder: which criterion leaves exactly one explanation (paper, sections 7, 9 and 10).

Every rung but those of the released code is the protocol ``strict`` with the criteria named. Of
algorithms and mappings, completing the list of formulas adds explanations; all 16 pairs of inputs
remove some of them, and each of the further rungs others. An empty mapping, which formulas without
intermediate variables have, is one mapping for the question ``mapping``, and none for ``place``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from identifiability.evidence import statistics
from identifiability.evidence.sweeps import Sweep, estimated, rows_of
from identifiability.protocols import TOLERANCES


class Step(NamedTuple):
    """One rung of the ladder.

    Attributes:
        name: What the criterion asks, in words.
        protocol: The protocol that asks it.
        column: The count in the artifact ``summary``.
        less: What is taken off it, if anything.
        on: Name of the step to which this one adds its criterion; empty for the first.
    """

    name: str
    protocol: str
    column: str
    less: str | None = None
    on: str = ""


def _circuits(column: str) -> tuple[Step, ...]:
    """The steps of where-then-what, for one of its counts."""
    return (
        Step("released", "released", column),
        Step("all perfect circuits", "strict", column, on="released"),
        Step("minimal", "strict-minimal", column, on="all perfect circuits"),
        Step("sparsest", "strict-sparsest", column, on="minimal"),
        Step("complete", "strict-complete", column, on="all perfect circuits"),
        Step("complete and minimal", "strict-complete-minimal", column, on="complete"),
    )


def _near() -> tuple[Step, ...]:
    """The steps for circuits that ask how near the network they are, instead of rounding."""
    names = [f"minimal within {tolerance}" for tolerance in TOLERANCES]
    protocols = [f"strict-minimal-within-{tolerance}" for tolerance in TOLERANCES]
    return tuple(
        Step(name, protocol, "n_circuits", on="minimal")
        for name, protocol in zip(names, protocols, strict=True)
    )


def _algorithms(column: str, less: str | None = None) -> tuple[Step, ...]:
    """The steps of what-then-where, for one of its counts."""
    return (
        Step("released", "released", column, less),
        Step("all formulas, 6 pairs", "strict-6-pairs", column, less, "released"),
        Step("16 pairs", "strict", column, less, "all formulas, 6 pairs"),
        Step("layers in order", "strict-ordered", column, less, "16 pairs"),
        Step("live steps", "strict-live", column, less, "16 pairs"),
        Step("irredundant steps", "strict-irredundant", column, less, "live steps"),
        Step("sparsest", "strict-sparsest", column, less, "16 pairs"),
        Step("inert neurons", "strict-inert", column, less, "16 pairs"),
        Step("joint interventions", "strict-joint", column, less, "16 pairs"),
        Step("joint, inert neurons", "abstraction", column, less, "joint interventions"),
        Step(
            *("joint, inert, irredundant", "abstraction-irredundant", column, less),
            on="joint, inert neurons",
        ),
    )


LADDER: Mapping[str, tuple[Step, ...]] = {
    "circuit": (*_circuits("n_circuits"), *_near()),
    "interpretation": _circuits("n_interpretations"),
    "reachable": _circuits("n_interpretations_reachable"),
    "algorithm": _algorithms("n_algorithms"),
    "mapping": _algorithms("n_mappings"),
    "place": _algorithms("n_mappings", "n_mappings_empty"),
}
"""The steps by question, from the criteria as published to the last one."""
ASKED: Mapping[str, str] = {
    "circuit": "circuit",
    "interpretation": "interpretation, all completions",
    "reachable": "interpretation of reachable rows",
    "algorithm": "algorithm",
    "mapping": "mapping, the empty one included",
    "place": "mapping that maps something",
}
"""What there is exactly one of, in words."""

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
            **step_shares(rows_of(summary, step.protocol), step),
        }
        for sweep in sweeps
        for question, steps in LADDER.items()
        for step in steps
        for x, summary in sweep.summaries.items()
    ]
    return pd.DataFrame(rows, columns=LADDER_COLUMNS)


def step_shares(rows: pd.DataFrame, step: Step) -> dict[str, Any]:
    """The shares of a step, from the rows of the artifact ``summary`` under its protocol.

    Returns:
        ``n``, ``counted``, ``estimated``, ``share_unique`` with ``low`` and ``high``, and
        ``share_none``, as in ``ladder``.
    """
    converged = rows[rows["analysed"]]
    n = converged["network_id"].nunique()
    counted = not converged[step.column].isna().any()
    unique, none = statistics.Estimate(n), np.nan
    if n and counted:
        counts = converged[step.column].map(int)
        if step.less:
            counts = counts - converged[step.less].map(int)
        by_network = [
            (counts == number).groupby(converged["network_id"]).mean() for number in (1, 0)
        ]
        unique = statistics.share(float(by_network[0].sum()), n)
        none = float(by_network[1].mean())
    return {
        "n": n,
        "counted": counted,
        "estimated": counted and "interpretations" in step.column and estimated(converged),
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
