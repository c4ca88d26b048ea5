"""What the authors' notebook prints of their network, against what is found in it."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from identifiability.evidence.ledger import Printed
from identifiability.evidence.statistics import distribution, percentile
from identifiability.report.numerals import interval, number

HOLDS = {True: "reproduced", False: "not reproduced"}


def judge(
    printed: Iterable[Printed], summary: pd.DataFrame, draws: pd.DataFrame
) -> list[dict[str, str]]:
    """Judges what is printed.

    A number that rests on clean inputs has to be the one found. One that rests on a sample of
    noisy inputs, which is not published, has to lie in the central 95% of those found on others.

    Args:
        printed: What the notebook prints.
        summary: The artifact ``summary`` of their network.
        draws: The artifact ``draws``.

    Returns:
        By claim: ``id``, ``statement``, ``printed``, ``protocol``, ``found`` and ``verdict``.
    """
    found = []
    for one in printed:
        if one.drawn:
            values = draws[one.quantity].map(int).to_numpy(float)
            over = distribution(values)
            holds = over.low <= one.value <= over.high
            words = (
                f"{number(over.value)} {interval(over.low, over.high)}, over {number(over.n)} "
                f"samples; percentile {percentile(one.value, values):.0f}"
            )
        else:
            (row,) = summary[summary["protocol"] == one.protocol].to_dict("records")
            holds = int(row[one.quantity]) == one.value
            words = number(int(row[one.quantity]))
        found.append(
            {
                "id": one.id,
                "statement": one.statement,
                "printed": number(one.value),
                "protocol": one.protocol,
                "found": words,
                "verdict": HOLDS[bool(holds)],
            }
        )
    return found


def counts(summary: pd.DataFrame, protocols: Iterable[str]) -> list[dict[str, Any]]:
    """What is found in their network under some protocols, as text.

    Args:
        summary: The artifact ``summary``.
        protocols: Which, in this order.
    """
    by_protocol = {row["protocol"]: row for row in summary.to_dict("records")}
    columns = (
        "n_circuits",
        "n_interpretations",
        "n_interpretations_reachable",
        "n_algorithms",
        "n_mappings",
    )
    return [
        {"protocol": name, **{c: f"{int(by_protocol[name][c]):,}" for c in columns}}
        for name in protocols
    ]
