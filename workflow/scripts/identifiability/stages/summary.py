"""Stage ``summary``: totals per network, target and protocol, and the four questions."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from identifiability.circuits.reach import Reach
from identifiability.circuits.shapes import count_candidates
from identifiability.networks.families import Analysed
from identifiability.protocols import Protocol
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.stages.rows import (
    ESTIMATE,
    EXACT,
    NETWORK_KEYS,
    NOT_DETERMINED,
    STANDARD_ERRORS,
    as_cells,
    concatenate,
    determined,
    single_output_sizes,
    sought,
)

_CIRCUIT_COUNTS = [
    "n_circuits",
    "n_interpretations",
    "n_interpretations_reachable",
    "n_circuits_interpretable",
    "n_circuits_one_interpretation",
]
_MAPPING_COUNTS = [
    "n_algorithms",
    "n_mappings",
    "n_mappings_empty",
    "n_algorithms_one_mapping",
]
_COUNTS = [*_CIRCUIT_COUNTS, *_MAPPING_COUNTS]
_QUESTIONS = {
    "q1": "n_circuits",
    "q2": "n_interpretations",
    "q3": "n_algorithms",
    "q4": "n_mappings",
}
_COLUMNS = [
    *NETWORK_KEYS,
    "target",
    "protocol",
    "converged",
    "functional",
    "analysed",
    "counted",
    "n_candidates",
    *_COUNTS,
    "how",
    *STANDARD_ERRORS.values(),
    *_QUESTIONS,
    "q4_mapped",
]
_BY = ["network_id", "target", "protocol"]


def summary(
    networks: pd.DataFrame,
    cells: pd.DataFrame,
    algorithms: pd.DataFrame,
    protocols: Iterable[Protocol],
    reach: Reach,
    *,
    analyse: Analysed = "converged",
    noisy: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of the artifact ``summary``.

    Args:
        networks: The artifact ``networks``.
        cells: The artifact ``cells``.
        algorithms: The artifact ``algorithms``.
        protocols: Those in question.
        reach: Which circuits are in ``cells``; those of a protocol that admits more, or that asks
            which are minimal or near the network where this is not known, are left open.
        analyse: Which networks figures, tables and claims are about; all that are ``sought`` are
            counted.
        noisy: The artifact ``noisy``, for protocols that judge and read on noisy inputs.
    """
    every = networks[[*NETWORK_KEYS, "targets", "converged", "functional"]].explode("targets")
    every["analysed"] = every[analyse]
    every = every.rename(columns={"targets": "target"}).reset_index(drop=True)
    sizes = single_output_sizes(networks)
    on_noise = None if noisy is None else as_cells(noisy)
    possible = count_candidates(sizes)
    parts, circuits = [], []
    for protocol in protocols:
        if protocol.inputs == "clean":
            found = perfect(cells, protocol)
        elif on_noise is not None:
            found = on_noise
        else:
            raise ValueError(f"{protocol.name} needs circuits judged on noisy inputs")
        circuits.append(admitted(found, sizes, protocol).assign(protocol=protocol.name))
        parts.append(
            every.assign(
                protocol=protocol.name,
                counted=reach.covers(protocol),
                n_candidates=protocol.n_candidates(sizes, possible),
            )
        )
    if not parts:
        return concatenate([], _COLUMNS)
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.merge(_totals_of_cells(pd.concat(circuits)), on=_BY, how="left")
    rows = rows.merge(_totals_of_algorithms(algorithms), on=_BY, how="left")
    return concatenate([_finished(rows)], _COLUMNS)


def answer(count: object) -> str | None:
    """How a count answers its question: ``unique`` (exactly 1), ``none`` or ``several``."""
    if pd.isna(count):  # type: ignore[call-overload]
        return None
    return {0: "none", 1: "unique"}.get(int(count), "several")  # type: ignore[call-overload]


def answer_of_places(mappings: object, empty: object) -> str | None:
    """How mappings answer Q4: as ``answer`` says, or ``empty`` if the only one maps nothing.

    Args:
        mappings: Number of minimal mappings; None if the network was not analysed.
        empty: How many of them are empty, as formulas without intermediate variables have them.
    """
    found = answer(mappings)
    return "empty" if found == "unique" and empty == 1 else found


def _totals_of_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Sums over cells per network, target and protocol; Python's integers, as they pass 2**63."""
    known = {c: cells[c].fillna(0).map(int).astype(object) for c in _CIRCUIT_COUNTS}
    unknown = {f"{c} unknown": cells[c].isna() for c in _CIRCUIT_COUNTS}
    squares = {error: cells[error] ** 2 for error in STANDARD_ERRORS.values()}
    rows = cells.assign(**known, **unknown, **squares, exact=cells["how"] == EXACT)
    grouped = rows.groupby(_BY)
    totals = grouped[[*known, *squares]].sum()
    for count in known:
        totals[count] = totals[count].mask(grouped[f"{count} unknown"].any(), None)
    totals[list(squares)] **= 0.5
    return totals.assign(exact=grouped["exact"].all(), any_cell=True).reset_index()


def _totals_of_algorithms(algorithms: pd.DataFrame) -> pd.DataFrame:
    """Sums over algorithms per network, target and protocol."""
    numbers = algorithms.assign(
        n_algorithms=1,
        n_mappings_empty=algorithms["n_mappings"].where(algorithms["n_variables"] == 0, 0),
        n_algorithms_one_mapping=(algorithms["n_mappings"] == 1).astype(int),
    )
    return numbers.groupby(_BY)[_MAPPING_COUNTS].sum().reset_index()


def _finished(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of the artifact: null where nothing was counted, 0 where nothing was found."""
    inside = sought(rows)
    counted = inside & rows["counted"]
    for count in _COUNTS:
        own = count in _CIRCUIT_COUNTS
        known = counted if own else inside
        nothing = rows["any_cell" if own else count].isna()
        values = [
            0 if ok and none else None if not ok or pd.isna(value) else int(value)
            for ok, none, value in zip(known, nothing, rows[count], strict=True)
        ]
        rows[count] = pd.Series(values, dtype=object)
    exact = rows["exact"].isna() | (rows["exact"] == True)  # noqa: E712
    good = np.ones(len(rows), bool)
    for count, error in STANDARD_ERRORS.items():
        rows[error] = rows[error].fillna(0.0).where(counted)
        # What is exact may be too large for a float.
        estimates = rows[count].mask(exact, None)
        total = np.array([np.nan if n is None else float(n) for n in estimates])
        good &= determined(total, rows[error].to_numpy(np.float64))
    how = np.where(exact, EXACT, np.where(good, ESTIMATE, NOT_DETERMINED))
    rows["how"] = pd.Series(how, rows.index, object).where(counted, None)
    for question, count in _QUESTIONS.items():
        rows[question] = pd.Series([answer(value) for value in rows[count]], dtype=object)
    mapped = [*zip(rows["n_mappings"], rows["n_mappings_empty"], strict=True)]
    rows["q4"] = pd.Series([answer_of_places(*pair) for pair in mapped], dtype=object)
    rows["q4_mapped"] = pd.Series(
        [None if every is None else answer(every - empty) for every, empty in mapped], dtype=object
    )
    for count in STANDARD_ERRORS:
        rows[count] = pd.Series(
            [
                None if value is None or how == NOT_DETERMINED else str(value)
                for value, how in zip(rows[count], rows["how"], strict=True)
            ],
            dtype=object,
        )
    return rows[_COLUMNS]
