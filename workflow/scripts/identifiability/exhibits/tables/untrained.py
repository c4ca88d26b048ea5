"""How often random initialisations compute a gate, and how ambiguous those are (C14)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from identifiability.evidence.statistics import share
from identifiability.exhibits.material import Material

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
            own = own[own["converged"] & (own["protocol"] == protocol)]
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
