"""Stage ``circuits``: the perfect circuits of every network of a family."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits import census
from identifiability.circuits.candidates import (
    circuit_ids,
    code_bits,
    enumerate_candidates,
    n_hidden,
    seeks_minimal,
)
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.protocols import n_within
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate

VERDICTS = {
    "for_target": census.FOR_TARGET,
    "for_model": census.FOR_MODEL,
    "for_sample": census.FOR_SAMPLE,
}
COLUMNS = [
    *NETWORK_KEYS, "target", "circuit_id", "n_hidden", "n_edges", *VERDICTS, "minimal"
]  # fmt: skip
_log = logging.getLogger(__name__)


def circuits(
    networks: pd.DataFrame,
    *,
    max_hidden: int | None = None,
    max_listed: int | None = None,
    networks_at_once: int = 25,
    threads: int = 1,
    device: str = "cpu",
) -> pd.DataFrame:
    """Rows of the artifact ``circuits``: per network and target, sparsest first.

    Args:
        networks: The artifact ``networks``.
        max_hidden: Leave out circuits that keep more hidden neurons than this.
        max_listed: Where there are more candidates than this, only so many perfect circuits are
            listed, whole cells of (edges, hidden neurons), sparsest first. None: all.
        networks_at_once: Networks per block of work; changes no result.
        threads: Networks worked on at a time; changes no result.
        device: Where candidates are judged; changes no result. The compiled census, which judges
            those of networks with more than ``max_listed``, is on the CPU.
    """
    parts = []
    for batch in batches(networks):
        sizes = batch.networks.layer_sizes
        for first in range(0, len(batch.networks), networks_at_once):
            block = batch.select(slice(first, first + networks_at_once))
            if listed_whole(sizes, max_hidden, max_listed):
                parts.append(_all(block, max_hidden, device))
            else:
                with ThreadPoolExecutor(threads) as pool:
                    work = partial(_sparsest, block, max_hidden, max_listed or 0)
                    parts += pool.map(work, range(len(block.networks)))
            _log.info(
                "%s: judged %d of %d networks: %d perfect circuits listed",
                batch.target.name,
                first + len(block.networks),
                len(batch.networks),
                sum(map(len, parts)),
            )
    return concatenate(parts, COLUMNS)


def listed_whole(sizes: tuple[int, ...], max_hidden: int | None, max_listed: int | None) -> bool:
    """Whether every perfect circuit of such networks is listed."""
    if max_listed is None or not census.can_count(sizes):
        return True
    return n_within(sizes, n_hidden(sizes) if max_hidden is None else max_hidden) <= max_listed


def census_of(
    batch: Batch, network: int, max_hidden: int | None
) -> tuple[census.Responses, census.Perfect, NDArray[np.bool_] | None]:
    """The perfect circuits of one network as codes, and which of them are minimal.

    Minimal circuits are those among the circuits that compute what the full network computes.
    """
    own = batch.networks.select(np.array([network]))
    table = census.responses(own)
    found = census.perfect(
        table,
        np.array(batch.target.table),
        own.outputs()[0, :, 0].round(),
        rows_enough(batch.validation[network : network + 1])[0],
        max_hidden,
    )
    return table, found, _minimal(found.code, found.verdict, table.sizes)


def sparsest(found: census.Perfect, sizes: tuple[int, ...], max_listed: int) -> NDArray[np.int64]:
    """Indices of the circuits that are listed: whole cells, sparsest first."""
    hidden, edges = census.kept_by_codes(found.code, sizes)
    cell = edges * (n_hidden(sizes) + 1) + hidden
    whole = np.bincount(cell, minlength=1).cumsum()
    chosen = np.flatnonzero(whole[cell] <= max_listed)
    return chosen[np.argsort(cell[chosen], kind="stable")]


def sizes_of_circuits(
    masks: list[NDArray[np.uint16]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hidden neurons and edges that circuits keep, int64 [circuit] each."""
    hidden = np.sum([(m > 0).sum(1) for m in masks[:-1]], axis=0)
    edges = np.sum([np.bitwise_count(m).sum(1) for m in masks], axis=0)
    return np.asarray(hidden, np.int64), np.asarray(edges, np.int64)


def _all(batch: Batch, max_hidden: int | None, device: str) -> pd.DataFrame:
    """Every perfect circuit of some networks."""
    sizes = batch.networks.layer_sizes
    found = perfect_circuits(
        batch.networks,
        batch.targets,
        enumerate_candidates(sizes, max_hidden),
        rows_enough(batch.validation),
        device,
    )
    verdict = sum(bit * getattr(found, name).astype(np.uint8) for name, bit in VERDICTS.items())
    if not seeks_minimal(sizes):
        return _rows(batch, found.network, found.masks, verdict, None)
    code = census.codes_of_masks(found.masks, sizes)
    minimal = np.zeros(len(code), bool)
    for network in range(len(batch.networks)):
        own = found.network == network
        minimal[own] = _minimal(code[own], verdict[own], sizes)
    return _rows(batch, found.network, found.masks, verdict, minimal)


def _minimal(
    code: NDArray[np.int64], verdict: NDArray[np.uint8], sizes: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """Which of one network's circuits compute what the model does, with no such one inside."""
    for_model = (verdict & census.FOR_MODEL) > 0
    smallest = census.minimal(code[for_model], code_bits(sizes))
    if smallest is None:
        return None
    result = np.zeros(len(code), bool)
    result[for_model] = smallest
    return result


def _sparsest(batch: Batch, max_hidden: int | None, max_listed: int, network: int) -> pd.DataFrame:
    """The sparsest perfect circuits of one network."""
    sizes = batch.networks.layer_sizes
    _, found, minimal = census_of(batch, network, max_hidden)
    chosen = sparsest(found, sizes, max_listed)
    return _rows(
        batch,
        np.full(len(chosen), network),
        census.masks_of_codes(found.code[chosen], sizes),
        found.verdict[chosen],
        None if minimal is None else minimal[chosen],
    )


def _rows(
    batch: Batch,
    network: NDArray[np.int64],
    masks: list[NDArray[np.uint16]],
    verdict: NDArray[np.uint8],
    minimal: NDArray[np.bool_] | None,
) -> pd.DataFrame:
    """Rows of circuits, sorted."""
    hidden, edges = sizes_of_circuits(masks)
    rows = batch.rows(
        network,
        circuit_id=circuit_ids(batch.networks.layer_sizes, masks),
        n_hidden=hidden,
        n_edges=edges,
        **{name: (verdict & bit) > 0 for name, bit in VERDICTS.items()},
        minimal=pd.array([None] * len(network) if minimal is None else minimal, dtype="boolean"),
    )
    rows = rows.assign(order=network).sort_values(
        ["order", "n_edges", "n_hidden", "circuit_id"], ignore_index=True
    )
    return rows[COLUMNS]
