"""Does the conclusion survive every defensible reading? Shares, weights and verdicts over all.

A *specification curve* has the share of networks with exactly one explanation under every
combination of the criteria. How much each criterion moves it is its Shapley share of the
difference between the combination that admits most and the one that admits least: the change that
it makes, averaged over all orders in which the criteria can be switched from one to the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from identifiability.evidence import statistics
from identifiability.evidence.claims import measured_on
from identifiability.evidence.ledger import Claim, Ledger
from identifiability.evidence.verdicts import CANNOT_BE_COMPARED
from identifiability.readings import SIDES, Criterion, Side, readings


class Question(NamedTuple):
    """One of the four questions, and what of its answers is a matter of reading, too.

    Attributes:
        side: Whose criteria bear on it.
        title: What there is exactly one of, in words.
        what: The criterion that says what counts as an answer; None if there is no choice.
        columns: The column of the artifact ``readings`` with the answers, by its value.
    """

    side: Side
    title: str
    what: Criterion | None
    columns: Mapping[str, str]


def _counted(title: str, *names: str) -> Criterion:
    return Criterion("counted", title, {name: {} for name in names})


QUESTIONS: Mapping[str, Question] = {
    "circuit": Question("circuits", "Circuit", None, {"": "q1"}),
    "interpretation": Question(
        "circuits",
        "Interpretation",
        _counted("rows", "every", "reachable"),
        {"every": "q2", "reachable": "q2_reachable"},
    ),
    "algorithm": Question("mappings", "Algorithm", None, {"": "q3"}),
    "mapping": Question(
        "mappings",
        "Mapping",
        _counted("empty mapping", "counts", "left out"),
        {"counts": "q4", "left out": "q4_mapped"},
    ),
}
"""The four questions."""
CRITERIA = (*(c.name for criteria in SIDES.values() for c in criteria), "counted")
"""The criteria of both sides, each a column of results."""
_FLIPS = ["claim", "part", "criterion", "n_readings", "reproduced", "n_pairs", "differ"]
MAJORITY = 0.5
"""Above this share, most networks have exactly one."""
CLAIMS: tuple[tuple[str, Side, tuple[str, ...]], ...] = (
    ("C02", "circuits", ("",)),
    ("C04", "circuits", ("",)),
    ("C07", "circuits", ("k",)),
    ("C09", "mappings", ("all widths",)),
    ("C10", "circuits", ("all widths",)),
    ("C28", "circuits", ("Q1", "Q2")),
    ("C28", "mappings", ("Q3", "Q4")),
)
"""The paper's claims that rest on these families and on answers that are known under every
reading, by the criteria that bear on them and how the names of their parts begin. Numbers of
mappings are not: no more than two are told apart."""


def criteria_of(question: Question) -> tuple[Criterion, ...]:
    """Everything that is switched for a question."""
    return SIDES[question.side] + ((question.what,) if question.what else ())


def reading_shares(by_family: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The shares of networks with exactly one explanation, none and several, reading by reading.

    Args:
        by_family: The artifact ``readings`` of each family.

    Returns:
        A row per question, reading and family.
    """
    rows = []
    for family, found in by_family.items():
        by_reading = dict([*found.groupby("protocol")])
        for name, question in QUESTIONS.items():
            for reading in readings(question.side):
                own = by_reading.get(reading.protocol.name, found.iloc[:0])
                for value, column in question.columns.items():
                    rows.append(
                        {
                            "question": name,
                            "reading": reading.protocol.name,
                            "family": family,
                            **dict.fromkeys(CRITERIA),
                            **reading.values,
                            "counted": value or None,
                            **_shares(own, column),
                        }
                    )
    return pd.DataFrame(rows)


def _shares(rows: pd.DataFrame, column: str) -> dict[str, Any]:
    """Shares of answers; of a network with several targets, those of the targets."""
    n = rows["network_id"].nunique()
    known = bool(n) and bool(rows[column].notna().all())
    by_network = {
        name: rows[column].isin(answers).groupby(rows["network_id"]).mean()
        for name, answers in (
            ("unique", ("unique", "empty")),
            ("none", ("none",)),
            ("several", ("several",)),
        )
    }
    unique = statistics.share(float(by_network["unique"].sum()), n) if known else None
    return {
        "n": n,
        "known": known,
        "share_unique": unique.value if unique else np.nan,
        "low": unique.low if unique else np.nan,
        "high": unique.high if unique else np.nan,
        "share_none": float(by_network["none"].mean()) if known else np.nan,
        "share_several": float(by_network["several"].mean()) if known else np.nan,
    }


def shapley(shares: pd.DataFrame) -> pd.DataFrame:
    """How much each criterion moves the share of networks with exactly one explanation.

    Args:
        shares: What ``reading_shares`` says.

    Returns:
        A row per question, family and criterion: the ``effect``, in shares of networks, and the
        shares ``at_most`` and ``at_least``, under the readings that admit most and least. Null
        where one of the readings in between is left open.
    """
    rows = []
    for (name, family), own in shares.groupby(["question", "family"], sort=False):
        criteria = criteria_of(QUESTIONS[str(name)])
        ends = {c.name: (next(iter(c.values)), [*c.values][-1]) for c in criteria}
        at = {
            tuple(row[c.name] == ends[c.name][1] for c in criteria): row["share_unique"]
            for row in own.to_dict("records")
            if all(row[c.name] in ends[c.name] for c in criteria)
        }
        effects = _shapley(at, len(criteria))
        rows += [
            {
                "question": name,
                "family": family,
                "criterion": criterion.name,
                "from_value": ends[criterion.name][0],
                "to_value": ends[criterion.name][1],
                "n": int(own["n"].iloc[0]),
                "at_most": at[(False,) * len(criteria)],
                "at_least": at[(True,) * len(criteria)],
                "effect": effect,
            }
            for criterion, effect in zip(criteria, effects, strict=True)
        ]
    return pd.DataFrame(rows)


def _shapley(at: Mapping[tuple[bool, ...], float], n: int) -> list[float]:
    """Shapley values of a function of which of n criteria are switched."""
    effects = []
    for one in range(n):
        others = [i for i in range(n) if i != one]
        total = 0.0
        for size in range(n):
            for chosen in combinations(others, size):
                without = tuple(i in chosen for i in range(n))
                with_it = tuple(i in chosen or i == one for i in range(n))
                total += (at[with_it] - at[without]) / (n * comb(n - 1, size))
        effects.append(total)
    return effects


def reading_verdicts(ledger: Ledger, folder: Path) -> pd.DataFrame:
    """The verdicts on claims under every reading.

    Args:
        ledger: The claims, restricted to the families of ``readings``.
        folder: That of the run.

    Returns:
        A row per claim, part and reading, those that cannot be compared left out.
    """
    rows = []
    for name, side, begins in CLAIMS:
        claim = ledger.claims[name]
        parts = [part for part in claim.parts if part.name.startswith(begins)]
        if not parts or not claim.query:
            continue
        every = {reading.protocol.name: reading for reading in readings(side)}
        asked = _of_readings(claim, [*every], parts)
        rows += [
            {
                **{key: row[key] for key in ("claim", "part")},
                "side": side,
                "reading": row["protocol"],
                **dict.fromkeys(CRITERIA[:-1]),
                **every[row["protocol"]].values,
                **{key: row[key] for key in ("n", "value", "verdict")},
            }
            for row in measured_on(asked, folder)
            if row["verdict"] != CANNOT_BE_COMPARED
        ]
    return pd.DataFrame(
        rows, columns=["claim", "part", "side", "reading", *CRITERIA[:-1], "n", "value", "verdict"]
    )


def _of_readings(claim: Claim, protocols: Sequence[str], parts: Sequence[Any]) -> Claim:
    """A claim asked of the artifact ``readings`` in place of ``summary``."""
    return replace(
        claim,
        protocols=tuple(protocols),
        parts=tuple(parts),
        not_applicable={},
        query=claim.query.replace("results/summary/", "results/readings/"),
    )


def flips(verdicts: pd.DataFrame) -> pd.DataFrame:
    """How often the verdict on a claim differs between two readings.

    Args:
        verdicts: What ``reading_verdicts`` says.

    Returns:
        A row per part of a claim and criterion: the share ``differ`` of the ``n_pairs`` pairs of
        readings that differ in this criterion alone; and, for ``any``, of all pairs.
    """
    rows = []
    for (claim, part), own in verdicts.groupby(["claim", "part"], sort=False):
        criteria = [c.name for c in SIDES[own["side"].iloc[0]]]
        for criterion in ("any", *criteria):
            others = [c for c in criteria if c != criterion]
            groups = [own] if criterion == "any" else [g for _, g in own.groupby(others)]
            pairs, differ = map(sum, zip(*map(_pairs, groups), strict=True))
            rows.append(
                {
                    "claim": claim,
                    "part": part,
                    "criterion": criterion,
                    "n_readings": len(own),
                    "reproduced": int((own["verdict"] == "reproduced").sum()),
                    "n_pairs": pairs,
                    "differ": differ / pairs if pairs else np.nan,
                }
            )
    return pd.DataFrame(rows, columns=_FLIPS)


def _pairs(group: pd.DataFrame) -> tuple[int, int]:
    """Number of pairs of readings, and of those with different verdicts."""
    alike = group["verdict"].value_counts()
    n = len(group)
    return comb(n, 2), comb(n, 2) - sum(comb(int(k), 2) for k in alike)


def curves(shares: pd.DataFrame, question: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The readings of a question in the order of the curve, family by family.

    The order is that of the mean share over all families for which every reading is known, and
    among equals that of ``readings``.

    Args:
        shares: What ``reading_shares`` says.
        question: Which one.
    """
    own = shares[shares["question"] == question].assign(
        place=lambda rows: rows.groupby("family", sort=False).cumcount()
    )
    order = own.groupby("place")["share_unique"].mean().sort_values(kind="stable")
    rank = pd.Series(range(len(order)), order.index)
    for family, rows in own.groupby("family", sort=False):
        yield str(family), rows.assign(rank=rows["place"].map(rank)).sort_values("rank")


def spread(shares: pd.DataFrame) -> pd.DataFrame:
    """Between which shares the readings lie.

    Args:
        shares: What ``reading_shares`` says.

    Returns:
        A row per question and family: of the readings under which the answer is known of every
        network, how many there are, the ``least``, ``middle`` (median) and ``most`` of the shares
        with exactly one, and under how many readings it is above one half (``majority``).
    """
    return pd.DataFrame(
        [
            {
                "question": question,
                "family": family,
                "n": int(own["n"].iloc[0]),
                "n_readings": len(own),
                "n_known": int(own["known"].sum()),
                "least": own["share_unique"].min(),
                "middle": own["share_unique"].median(),
                "most": own["share_unique"].max(),
                "majority": int((own["share_unique"] > MAJORITY).sum()),
            }
            for (question, family), own in shares.groupby(["question", "family"], sort=False)
        ]
    )
