"""Stage ``summary``: totals per network, target and protocol, and the four questions."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from identifiability.candidates import count_candidates
from identifiability.protocols import Protocol
from identifiability.stages.frames import NETWORK_KEYS, concatenate

COUNTS = [
    "n_circuits",
    "n_interpretations",
    "n_interpretations_reachable",
    "n_circuits_interpretable",
    "n_circuits_one_interpretation",
    "n_algorithms",
    "n_mappings",
    "n_algorithms_one_mapping",
]
_QUESTIONS = {
    "q1": "n_circuits",
    "q2": "n_interpretations",
    "q3": "n_algorithms",
    "q4": "n_mappings",
}
COLUMNS = [
    *NETWORK_KEYS, "target", "protocol", "converged", "n_candidates", *COUNTS, *_QUESTIONS
]  # fmt: skip
_BY = ["network_id", "target"]


def summary(
    networks: pd.DataFrame,
    circuits: pd.DataFrame,
    interpretations: pd.DataFrame,
    mappings: pd.DataFrame,
    protocols: Iterable[Protocol],
) -> pd.DataFrame:
    """Rows of the artifact ``summary``."""
    every = networks[[*NETWORK_KEYS, "targets", "converged"]].explode("targets")
    every = every.rename(columns={"targets": "target"}).reset_index(drop=True)
    *shared, _ = (int(size) for size in networks.iloc[0]["layer_sizes"])
    sizes = (*shared, 1)
    listed = circuits.merge(interpretations, on=[*NETWORK_KEYS, "target", "circuit_id"])
    parts = [
        _totals(every, sizes, listed, mappings[mappings["protocol"] == protocol.name], protocol)
        for protocol in protocols
    ]
    return concatenate(parts, COLUMNS)


def admitted(circuits: pd.DataFrame, sizes: tuple[int, ...], protocol: Protocol) -> pd.DataFrame:
    """The circuits that are perfect and candidates under a protocol.

    Args:
        circuits: Rows of the artifact ``circuits``.
        sizes: Neurons per layer of the single-output networks.
        protocol: The reading of the criteria.
    """
    hidden, edges = (circuits[c].to_numpy(np.int64) for c in ("n_hidden", "n_edges"))
    perfect = circuits["for_target" if protocol.reference == "target" else "for_model"]
    return circuits[perfect.to_numpy(bool) & protocol.admits(sizes, hidden, edges)]


def answer(count: object) -> str | None:
    """How a count answers its question: ``unique`` (exactly 1), ``none`` or ``several``."""
    if pd.isna(count):  # type: ignore[call-overload]
        return None
    return {0: "none", 1: "unique"}.get(int(count), "several")  # type: ignore[call-overload]


def _totals(
    every: pd.DataFrame,
    sizes: tuple[int, ...],
    circuits: pd.DataFrame,
    mappings: pd.DataFrame,
    protocol: Protocol,
) -> pd.DataFrame:
    """Rows of one protocol."""
    kept = admitted(circuits, sizes, protocol)
    found = kept[_BY].assign(
        # Python's integers: totals pass 2**63.
        n_interpretations=kept["n_interpretations"].map(int).astype(object),
        n_interpretations_reachable=kept["n_interpretations_reachable"].map(int).astype(object),
        n_circuits=1,
        n_circuits_interpretable=(kept["n_interpretations"] != "0").astype(int),
        n_circuits_one_interpretation=(kept["n_interpretations"] == "1").astype(int),
    )
    per_algorithm = (
        mappings.groupby([*_BY, "formula_id"]).size().rename("n_mappings").reset_index()
    )
    per_algorithm = per_algorithm.assign(
        n_algorithms=1, n_algorithms_one_mapping=(per_algorithm["n_mappings"] == 1).astype(int)
    ).drop(columns="formula_id")
    rows = every.assign(
        protocol=protocol.name,
        n_candidates=protocol.n_candidates(sizes, count_candidates(sizes)),
    )
    for frame in (found, per_algorithm):
        rows = rows.merge(frame.groupby(_BY).sum().reset_index(), on=_BY, how="left")
    for count in COUNTS:
        values = [
            None if not ok else 0 if pd.isna(value) else int(value)
            for ok, value in zip(rows["converged"], rows[count], strict=True)
        ]
        rows[count] = pd.Series(values, dtype=object)
    for question, count in _QUESTIONS.items():
        rows[question] = pd.Series([answer(value) for value in rows[count]], dtype=object)
    for count in ("n_interpretations", "n_interpretations_reachable"):
        rows[count] = pd.Series(
            [None if value is None else str(value) for value in rows[count]], dtype=object
        )
    return rows[COLUMNS]
