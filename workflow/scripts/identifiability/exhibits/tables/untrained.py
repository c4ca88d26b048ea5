"""How often random initialisations compute a gate, and how ambiguous those are (C14)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from identifiability.evidence.statistics import share
from identifiability.exhibits.material import Material
from identifiability.report.findings import Findings
from identifiability.report.numerals import number, small_percent
from identifiability.report.printed import Printed, above, code, faint, lines, spanning, table

EXHIBIT = {
    "number": "D",
    "title": "Untrained networks that compute a gate",
    "caption": """
        Random initialisations that compute a gate: how many of those drawn, with the
        rate's exact 95% interval (Clopper and Pearson); and of the n analysed, how many
        have several circuits, interpretations, algorithms and minimal mappings under each
        protocol (C14).
    """,
    "category": "untrained",
    "experiments": ("untrained",),
    "artifacts": ("summary", "untrained"),
}
QUESTIONS: Mapping[str, str] = {
    "q1": "circuits",
    "q2": "interpretations",
    "q3": "algorithms",
    "q4": "mappings",
}
"""What each of the four questions is about; columns of the artifact ``summary``."""


def make(material: Material) -> pd.DataFrame:
    """The table."""
    return untrained_answers(
        material.one("untrained"), material.one("summary"), material.protocols
    )


def printed(found: Findings) -> Printed:
    """How rare, and how many have several explanations, by protocol."""
    answers = found.tables["untrained"]
    protocols = list(dict.fromkeys(answers["protocol"])) if len(answers) else []
    counts = list(QUESTIONS.values())
    rows = []
    for gate, own in answers.groupby("gate", sort=False):
        first, by_protocol = own.iloc[0], own.set_index("protocol")
        low, high = small_percent(first["rate_low"]), small_percent(first["rate_high"])
        rows.append(
            [
                str(gate),
                number(int(first["n_found"])),
                above(small_percent(first["rate"]), f"[{low}; {high}]"),
                number(int(first["n"])),
                *(
                    number(int(by_protocol.loc[p, f"several_{name}"]))
                    for p in protocols
                    for name in counts
                ),
            ]
        )
    initials = [faint(name[0].upper()) for name in counts]
    return table(
        ["auto left", *["auto right"] * 3, *["1fr right"] * (len(protocols) * len(counts))],
        [
            ["Gate", "Found", "Rate", "n"]
            + [spanning(code(p), across=len(counts)) for p in protocols],
            [*[None] * 4, *initials * len(protocols)],
        ],
        lines(rows),
    )


def untrained_answers(
    draws: pd.DataFrame, summary: pd.DataFrame, protocols: Sequence[str]
) -> pd.DataFrame:
    """How often random initialisations compute a gate, and how many have several explanations.

    Args:
        draws: The artifact ``untrained``.
        summary: The artifact ``summary`` of the same family.
        protocols: Those shown.

    Returns:
        One row per gate and protocol: networks drawn and found, the rate with its 95% interval
        (Clopper and Pearson), networks analysed, and how many of them have several answers to
        each question.
    """
    rows = []
    for draw in draws.to_dict("records"):
        rate = share(draw["n_found"], draw["n_draws"], method="beta")
        for protocol in protocols:
            own = summary[(summary["target"] == draw["target"])]
            own = own[own["analysed"] & (own["protocol"] == protocol)]
            several = {
                f"several_{name}": int((own[question] == "several").sum())
                for question, name in QUESTIONS.items()
            }
            rows.append(
                {
                    "gate": draw["target"],
                    "n_draws": draw["n_draws"],
                    "n_found": draw["n_found"],
                    "rate": rate.value,
                    "rate_low": rate.low,
                    "rate_high": rate.high,
                    "protocol": protocol,
                    "n": len(own),
                    **several,
                }
            )
    return pd.DataFrame(rows)
