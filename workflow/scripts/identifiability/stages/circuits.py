"""Stage ``circuits``: the perfect circuits of every network of a family."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits import census
from identifiability.circuits.candidates import circuit_ids, enumerate_candidates
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.shapes import code_bits, n_hidden
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
    reach: Reach | None = None,
    *,
    networks_at_once: int = 25,
    threads: int = 1,
    device: str = "cpu",
) -> pd.DataFrame:
    """Rows of the artifact ``circuits``: per network and target, sparsest first.

    Args:
        networks: The artifact ``networks``.
        reach: Which circuits are enumerated and listed; all if None.
        networks_at_once: Networks per block of work; changes no result.
        threads: Networks worked on at a time; changes no result.
        device: Where candidates are judged one by one; changes no result.
    """
    parts = []
    for batch in batches(networks):
        own = reach or every_circuit(batch.networks.layer_sizes)
        _log.info("%s: %s", batch.target.name, own)
        for first in range(0, len(batch.networks), networks_at_once):
            block = batch.select(slice(first, first + networks_at_once))
            if own.method == "one by one":
                parts.append(_all(block, own, device))
            else:
                with ThreadPoolExecutor(threads) as pool:
                    work = partial(_sparsest, block, own)
                    parts += pool.map(work, range(len(block.networks)))
            _log.info(
                "%s: judged %d of %d networks: %d perfect circuits listed",
                batch.target.name,
                first + len(block.networks),
                len(batch.networks),
                sum(map(len, parts)),
            )
    return concatenate(parts, COLUMNS)


def census_of(
    batch: Batch, network: int, reach: Reach
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
        reach.enumerated,
    )
    return table, found, _minimal(found.code, found.verdict, reach)


def sparsest(found: census.Perfect, reach: Reach) -> NDArray[np.int64]:
    """Indices of the circuits that are listed: whole cells, sparsest first."""
    hidden, edges = census.kept_by_codes(found.code, reach.sizes)
    cell = edges * (n_hidden(reach.sizes) + 1) + hidden
    whole = np.bincount(cell, minlength=1).cumsum()
    chosen = np.flatnonzero(whole[cell] <= (np.inf if reach.listed is None else reach.listed))
    return chosen[np.argsort(cell[chosen], kind="stable")]


def sizes_of_circuits(
    masks: list[NDArray[np.uint16]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hidden neurons and edges that circuits keep, int64 [circuit] each."""
    hidden = np.sum([(m > 0).sum(1) for m in masks[:-1]], axis=0)
    edges = np.sum([np.bitwise_count(m).sum(1) for m in masks], axis=0)
    return np.asarray(hidden, np.int64), np.asarray(edges, np.int64)


def _all(batch: Batch, reach: Reach, device: str) -> pd.DataFrame:
    """Every perfect circuit of some networks."""
    found = perfect_circuits(
        batch.networks,
        batch.targets,
        enumerate_candidates(reach.sizes, reach.enumerated),
        rows_enough(batch.validation),
        device,
    )
    verdict = sum(bit * getattr(found, name).astype(np.uint8) for name, bit in VERDICTS.items())
    if not reach.minimal:
        return _rows(batch, found.network, found.masks, verdict, None)
    code = census.codes_of_masks(found.masks, reach.sizes)
    minimal = np.zeros(len(code), bool)
    for network in range(len(batch.networks)):
        own = found.network == network
        minimal[own] = _minimal(code[own], verdict[own], reach)
    return _rows(batch, found.network, found.masks, verdict, minimal)


def _minimal(
    code: NDArray[np.int64], verdict: NDArray[np.uint8], reach: Reach
) -> NDArray[np.bool_] | None:
    """Which of one network's circuits compute what the model does, with no such one inside."""
    if not reach.minimal:
        return None
    for_model = (verdict & census.FOR_MODEL) > 0
    result = np.zeros(len(code), bool)
    result[for_model] = census.minimal(code[for_model], code_bits(reach.sizes))
    return result


def _sparsest(batch: Batch, reach: Reach, network: int) -> pd.DataFrame:
    """The sparsest perfect circuits of one network."""
    _, found, minimal = census_of(batch, network, reach)
    chosen = sparsest(found, reach)
    return _rows(
        batch,
        np.full(len(chosen), network),
        census.masks_of_codes(found.code[chosen], reach.sizes),
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
