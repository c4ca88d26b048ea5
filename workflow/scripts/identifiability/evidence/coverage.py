"""Whether the intervals of estimates hold the truth, where it is known.

Networks whose interpretations are all counted are estimated as if they were not, and the intervals
are compared with the exact numbers: cell by cell, and in sum under every protocol.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence import statistics
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.protocols import Protocol
from identifiability.stages.estimates import estimated_cells
from identifiability.stages.frames import batches
from identifiability.stages.rows import EXACT, STANDARD_ERRORS, determined

CELL_LEVEL = "cell"
_COLUMNS = (
    "family", "quantity", "level", "n", "networks", "share_held", "share_held_low",
    "share_held_high", "relative_error", "share_undetermined",
)  # fmt: skip
_KEYS = ["network_id", "target"]
_CELL = ["n_hidden", "n_edges"]
_WITHIN = 1.96
"""Standard errors to each side of an estimate that make its 95% interval."""
_ROUNDING = 1e-9
"""Floats that stand for the same number differ by less than this share of it."""


def compared_cells(
    networks: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    per_cell: int,
    tie_tolerance: float = TIE_TOLERANCE,
) -> pd.DataFrame:
    """Estimates every cell of every network of a family, beside what it holds.

    Args:
        networks: The artifact ``networks``.
        cells: The artifact ``cells``, of all circuits, each interpreted.
        per_cell: About how many circuits to draw from a cell.
        tie_tolerance: Activations no further apart than this are the same.

    Returns:
        A row per network, target and cell: the columns of ``estimated_cells``, and for each
        quantity the exact number as ``true_<quantity>``, a float.
    """
    numbers = cells[cells["for_model"]].assign(
        **{f"true_{q}": cells[q].map(int).astype(object) for q in STANDARD_ERRORS}
    )
    true = [f"true_{quantity}" for quantity in STANDARD_ERRORS]
    exact = numbers.groupby([*_KEYS, *_CELL])[true].sum().astype(float).reset_index()
    parts = [
        estimated_cells(batch, i, per_cell=per_cell, tie_tolerance=tie_tolerance).assign(
            network_id=batch.keys["network_id"].iloc[i], target=batch.target.name
        )
        for batch in batches(networks)
        for i in range(len(batch.keys))
    ]
    if not parts:
        return exact
    return pd.concat(parts, ignore_index=True).merge(exact, on=[*_KEYS, *_CELL], how="outer")


def coverage(
    compared: Mapping[str, tuple[tuple[int, ...], pd.DataFrame]], protocols: Sequence[Protocol]
) -> pd.DataFrame:
    """How often the 95% intervals hold the truth.

    Args:
        compared: Neurons per layer of the single-output networks, and what ``compared_cells``
            returns, by family.
        protocols: Those under whose rules cells are summed.

    Returns:
        One row per family, quantity and level, ``cell`` or a protocol: the number ``n`` of
        estimates and of the ``networks`` they are from, the share whose interval holds the exact
        number with its own 95% interval (Wilson), the median standard error as a share of the
        estimate, and the share that is not determined. What was drawn whole is no estimate. Cells
        of one network are not independent.
    """
    rows = chain.from_iterable(
        _of_family(name, sizes, cells, protocols) for name, (sizes, cells) in compared.items()
    )
    return pd.DataFrame(rows, columns=_COLUMNS)


def _of_family(
    name: str, sizes: tuple[int, ...], cells: pd.DataFrame, protocols: Iterable[Protocol]
) -> Iterator[dict[str, Any]]:
    """The rows of a family."""
    for quantity, error in STANDARD_ERRORS.items():
        columns = {"estimate": quantity, "error": error, "true": f"true_{quantity}"}
        known = cells.reindex(columns=[*_KEYS, *_CELL, "how", *columns.values()])
        known = known.rename(columns={column: new for new, column in columns.items()})
        known = known.astype(dict.fromkeys(columns, float))
        levels = {CELL_LEVEL: known[known["how"] != EXACT]}
        for protocol in protocols:
            hidden, edges = (known[column].to_numpy(np.int64) for column in _CELL)
            levels[protocol.name] = _totals(known[protocol.admits(sizes, hidden, edges)])
        for level, rows in levels.items():
            yield {"family": name, "quantity": quantity, "level": level, **_held(rows)}


def _totals(cells: pd.DataFrame) -> pd.DataFrame:
    """Sums over the cells of a network and target, of those that are not exact."""
    own = cells.assign(error=cells["error"] ** 2, drawn=cells["how"] != EXACT).groupby(_KEYS)
    totals = own[["estimate", "error", "true"]].sum().assign(drawn=own["drawn"].any())
    totals["error"] = np.sqrt(totals["error"])
    return totals[totals["drawn"]].reset_index()


def _held(rows: pd.DataFrame) -> dict[str, Any]:
    """How often intervals hold the truth, and how wide they are."""
    estimate, error, true = (rows[c].to_numpy(float) for c in ("estimate", "error", "true"))
    held = np.abs(estimate - true) <= _WITHIN * error + _ROUNDING * true
    share = statistics.share(int(held.sum()), len(held))
    some = bool((estimate > 0).any())
    with np.errstate(invalid="ignore"):
        relative = float(np.nanmedian(error / estimate)) if some else np.nan
    return {
        "n": len(rows),
        "networks": rows["network_id"].nunique(),
        "share_held": share.value,
        "share_held_low": share.low,
        "share_held_high": share.high,
        "relative_error": relative,
        "share_undetermined": float((~determined(estimate, error)).mean())
        if len(rows)
        else np.nan,
    }
