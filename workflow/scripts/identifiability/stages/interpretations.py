"""Stage ``interpretations``: how many interpretations the perfect circuits have.

Per circuit where circuits are listed, and as exact totals per cell for all of them.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits import interpretations_of_codes
from identifiability.circuits.candidates import circuit_ids, masks_of_ids
from identifiability.circuits.codes import kept_by_codes, masks_of_codes
from identifiability.circuits.interpretations import count_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.circuits.perfect_codes import PERFECT, is_listed, perfect_circuit_codes
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.responses import Responses
from identifiability.circuits.shapes import n_edges, n_hidden
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.stages.circuits import (
    UNKNOWN,
    VERDICT_BITS,
    as_column,
    criteria_of,
    sizes_of_circuits,
    tabulated,
)
from identifiability.stages.estimates import estimated_cells
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import (
    CELL_NUMBERS,
    CRITERIA,
    KNOWN_EXACTLY,
    NETWORK_KEYS,
    STANDARD_ERRORS,
    as_cells,
    concatenate,
)

_INTERPRETATIONS = [*STANDARD_ERRORS]
_COLUMNS = [*NETWORK_KEYS, "target", "circuit_id", *_INTERPRETATIONS]
CELL_KEYS = ["n_hidden", "n_edges", *VERDICT_BITS, *CRITERIA]
CELL_COLUMNS = [
    *NETWORK_KEYS,
    "target",
    *CELL_KEYS,
    "listed",
    *CELL_NUMBERS,
    "n_circuits_interpretable",
    "n_circuits_one_interpretation",
]
_SUMMED = ["n_circuits", *_INTERPRETATIONS, *CELL_COLUMNS[-2:]]
_TOTALS_AT_ONCE = 2**24
_log = logging.getLogger(__name__)


def interpretations(
    networks: pd.DataFrame,
    circuits: pd.DataFrame,
    reach: Reach | None = None,
    *,
    drawn_per_cell: int | None = None,
    tie_tolerance: float = TIE_TOLERANCE,
    threads: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``interpretations``, in the order of ``circuits``, and ``cells``.

    Args:
        networks: The artifact ``networks``.
        circuits: The artifact ``circuits``, made with the same reach.
        reach: Which circuits are enumerated, counted and listed; all if None.
        drawn_per_cell: About how many circuits of each cell are drawn to estimate the
            interpretations of those that are counted only; not needed where there are none.
        tie_tolerance: Activations no further apart than this are the same.
        threads: Networks worked on at a time; changes no result.
    """
    rows, cells = [], []
    for batch in batches(networks):
        within = reach or every_circuit(batch.networks.layer_sizes)
        _log.info("%s: %s", batch.target.name, within)
        if within.method == "one by one":
            own = circuits[circuits["target"] == batch.target.name]
            own_rows = _listed(batch, own, tie_tolerance)
            rows.append(own_rows)
            cells.append(cells_of_rows(batch, own, own_rows))
        else:
            work = partial(_unlisted, batch, within, drawn_per_cell, tie_tolerance)
            with ThreadPoolExecutor(threads) as pool:
                for number, (own_rows, own_cells) in enumerate(
                    pool.map(work, range(len(batch.networks))), start=1
                ):
                    rows.append(own_rows)
                    cells.append(own_cells)
                    if number % 10 == 0:
                        _log.info(
                            "%s: interpreted the circuits of %d of %d networks",
                            batch.target.name,
                            number,
                            len(batch.networks),
                        )
    return concatenate(rows, _COLUMNS), concatenate(cells, CELL_COLUMNS)


def _listed(batch: Batch, circuits: pd.DataFrame, tie_tolerance: float) -> pd.DataFrame:
    """Rows of ``interpretations`` for circuits that are all listed."""
    own = batch.keys.reset_index(names="network").merge(circuits[["network_id", "circuit_id"]])
    sizes = batch.networks.layer_sizes
    # A circuit's total is gathered per power of two, of which there are at most so many.
    exponents = 1 + sum(above * 2**below for below, above in pairwise(sizes[1:]))
    step = max(1, _TOTALS_AT_ONCE // exponents)
    parts = []
    for first in range(0, max(1, len(own)), step):  # no circuit: a frame without rows
        block = own.iloc[first : first + step]
        masks = masks_of_ids(block["circuit_id"].to_numpy(), sizes)
        values = circuit_activations(batch.networks, block["network"].to_numpy(), masks)
        counts = count_interpretations(readings(values, tie_tolerance), masks)
        part = block.assign(
            n_interpretations=_digits(counts.totals()),
            n_interpretations_reachable=counts.reachable.astype(str),
        )
        parts.append(part[_COLUMNS])
        _log.info(
            "%s: interpreted %d of %d circuits", batch.target.name, first + len(block), len(own)
        )
    return pd.concat(parts, ignore_index=True)


def cells_of_rows(batch: Batch, circuits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Cells of circuits that are all listed."""
    merged = circuits.merge(rows, on=[*NETWORK_KEYS, "target", "circuit_id"])
    numbers = as_cells(merged).assign(
        # Python's integers: totals pass 2**63.
        **{column: merged[column].map(int).astype(object) for column in _INTERPRETATIONS},
    )
    by = ["network_id", "target", *CELL_KEYS]
    totals = numbers.groupby(by, dropna=False)[_SUMMED].sum().reset_index()
    found = batch.keys.merge(totals, on=["network_id", "target"])
    texts = {column: found[column].map(str) for column in _INTERPRETATIONS}
    return found.assign(listed=True, **KNOWN_EXACTLY, **texts)[CELL_COLUMNS]


def _unlisted(
    batch: Batch, reach: Reach, drawn_per_cell: int | None, tie_tolerance: float, network: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of ``interpretations`` and ``cells`` for a network with too many circuits to list."""
    sizes = reach.sizes
    asked = tabulated(batch, network)
    table = asked[0]
    found = perfect_circuit_codes(*asked, reach.enumerated, near=reach.tolerance_known > 0)
    assert reach.listed is not None
    listed = is_listed(found, sizes, reach.listed)
    known = criteria_of(batch.networks.select(slice(network, network + 1)), found, reach)
    hidden, edges = kept_by_codes(found.code, sizes)
    # What is not known is one of three cases, beside yes and no. Of all that may hold of a circuit
    # little occurs together, so the sets of what does are numbered first.
    of_sets = (PERFECT + 1, *[3] * len(CRITERIA))
    sets = (found.verdict & PERFECT).astype(np.int64)
    for criterion in known:
        sets = 3 * sets + criterion % 3
    present_sets = np.flatnonzero(np.bincount(sets, minlength=1))
    shape = (n_hidden(sizes) + 1, n_edges(sizes) + 1, max(1, len(present_sets)), 2)
    number = np.searchsorted(present_sets, sets)
    cell = np.ravel_multi_index((hidden, edges, number, listed.astype(np.int64)), shape)
    present = np.flatnonzero(np.bincount(cell, minlength=1))
    cells = np.stack(np.unravel_index(present, shape), axis=1)
    holds = np.stack(np.unravel_index(present_sets[cells[:, 2]], of_sets), axis=1)
    group = np.searchsorted(present, cell)
    totals = interpretations_of_codes.count_interpretations_of_codes(
        table, found.code, group, len(cells), tie_tolerance
    )
    own_cells = batch.rows(
        np.full(len(cells), network),
        n_hidden=cells[:, 0],
        n_edges=cells[:, 1],
        **{name: (holds[:, 0] & bit) > 0 for name, bit in VERDICT_BITS.items()},
        **{
            name: as_column(np.where(holds[:, i] == 2, UNKNOWN, holds[:, i]))
            for i, name in enumerate(CRITERIA, start=1)
        },
        listed=cells[:, -1] == 1,
        n_circuits=np.bincount(group, minlength=len(cells)),
        n_interpretations=_digits(totals.totals()),
        n_interpretations_reachable=totals.reachable.astype(str),
        n_circuits_interpretable=totals.interpretable,
        n_circuits_one_interpretation=totals.one,
        **KNOWN_EXACTLY,
    )[CELL_COLUMNS]
    rows = _rows_of_codes(batch, network, table, found.code[listed], tie_tolerance)
    if not reach.estimated:
        return rows, own_cells
    if drawn_per_cell is None:
        raise ValueError(f"circuits are drawn, so drawn_per_cell is needed: {reach}")
    beyond = _beyond(batch, network, reach.enumerated, drawn_per_cell, tie_tolerance)
    return rows, pd.concat([own_cells, beyond], ignore_index=True)


def _beyond(
    batch: Batch, network: int, enumerated: int, drawn_per_cell: int, tie_tolerance: float
) -> pd.DataFrame:
    """Rows of ``cells`` for the circuits of one network that keep more than so many neurons.

    The network is right on every input, and so are all of these circuits: perfect in every sense.
    """
    found = estimated_cells(
        batch, network, per_cell=drawn_per_cell, above=enumerated, tie_tolerance=tie_tolerance
    )
    texts = {column: [str(round(n)) for n in found[column]] for column in _INTERPRETATIONS}
    return batch.rows(
        np.full(len(found), network),
        **dict.fromkeys(VERDICT_BITS, True),
        **{name: pd.array([None] * len(found), dtype="boolean") for name in CRITERIA},
        listed=False,
        n_circuits_interpretable=pd.array([None] * len(found), dtype="Int64"),
        n_circuits_one_interpretation=pd.array([None] * len(found), dtype="Int64"),
        **{str(name): found[name].to_numpy() for name in found.columns.drop(_INTERPRETATIONS)},
        **texts,
    )[CELL_COLUMNS]


def _rows_of_codes(
    batch: Batch,
    network: int,
    table: Responses,
    code: NDArray[np.int64],
    tie_tolerance: float,
) -> pd.DataFrame:
    """Rows of ``interpretations`` for the listed circuits of one network, sorted as those are."""
    masks = masks_of_codes(code, table.sizes)
    hidden, edges = sizes_of_circuits(masks)
    ids = circuit_ids(table.sizes, masks)
    order = np.lexsort((ids, hidden, edges))
    # Each circuit is a group of its own, numbered in sorted order.
    rank = np.empty(len(code), np.int64)
    rank[order] = np.arange(len(code))
    totals = interpretations_of_codes.count_interpretations_of_codes(
        table, code, rank, len(code), tie_tolerance
    )
    return batch.rows(
        np.full(len(code), network),
        circuit_id=ids[order],
        n_interpretations=_digits(totals.totals()),
        n_interpretations_reachable=totals.reachable.astype(str),
    )


def _digits(numbers: Iterable[int]) -> pd.api.extensions.ExtensionArray:
    """Numbers of any size as decimal digits; text, also if there is none."""
    return pd.array([str(number) for number in numbers], dtype="str")
