"""Stage ``circuits``: the perfect circuits of every network of a family."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits import perfect_codes
from identifiability.circuits.candidates import circuit_ids, enumerate_candidates
from identifiability.circuits.codes import codes_of_masks, masks_of_codes, minimal
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.circuits.perfect_codes import Perfect
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.responses import Responses, tabulate
from identifiability.circuits.shapes import code_bits
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate

VERDICT_BITS = {
    "for_target": perfect_codes.FOR_TARGET,
    "for_model": perfect_codes.FOR_MODEL,
    "for_sample": perfect_codes.FOR_SAMPLE,
}
_COLUMNS = [
    *NETWORK_KEYS, "target", "circuit_id", "n_hidden", "n_edges", *VERDICT_BITS, "minimal"
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
    return concatenate(parts, _COLUMNS)


def tabulated(
    batch: Batch, network: int
) -> tuple[Responses, NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """What the functions of ``perfect_codes`` ask about one network, in their order."""
    own = batch.networks.select(np.array([network]))
    return (
        tabulate(own),
        np.array(batch.target.table),
        own.outputs()[0, :, 0].round(),
        rows_enough(batch.validation[network : network + 1])[0],
    )


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
    verdict = sum(
        bit * getattr(found, name).astype(np.uint8) for name, bit in VERDICT_BITS.items()
    )
    if not reach.minimal_known:
        return _rows(batch, found.network, found.masks, verdict, None)
    code = codes_of_masks(found.masks, reach.sizes)
    smallest = np.zeros(len(code), bool)
    for network in range(len(batch.networks)):
        own = found.network == network
        smallest[own] = minimal_for_model(Perfect(code[own], verdict[own]), reach)
    return _rows(batch, found.network, found.masks, verdict, smallest)


def minimal_for_model(found: Perfect, reach: Reach) -> NDArray[np.bool_] | None:
    """Which of one network's circuits compute what the model does, with no such one inside.

    Args:
        found: Its perfect circuits, or the sparsest of them: what lies inside of one is sparser.
        reach: Whether minimal circuits are sought.

    Returns:
        Booleans [circuit]; None if they are not.
    """
    if not reach.minimal_known:
        return None
    for_model = (found.verdict & perfect_codes.FOR_MODEL) > 0
    result = np.zeros(len(found.code), bool)
    result[for_model] = minimal(found.code[for_model], code_bits(reach.sizes))
    return result


def _sparsest(batch: Batch, reach: Reach, network: int) -> pd.DataFrame:
    """The sparsest perfect circuits of one network."""
    assert reach.listed is not None
    found = perfect_codes.sparsest(*tabulated(batch, network), reach.listed, reach.enumerated)
    return _rows(
        batch,
        np.full(len(found.code), network),
        masks_of_codes(found.code, reach.sizes),
        found.verdict,
        minimal_for_model(found, reach),
    )


def _rows(
    batch: Batch,
    network: NDArray[np.int64],
    masks: list[NDArray[np.uint16]],
    verdict: NDArray[np.uint8],
    smallest: NDArray[np.bool_] | None,
) -> pd.DataFrame:
    """Rows of circuits, sorted."""
    hidden, edges = sizes_of_circuits(masks)
    rows = batch.rows(
        network,
        circuit_id=circuit_ids(batch.networks.layer_sizes, masks),
        n_hidden=hidden,
        n_edges=edges,
        **{name: (verdict & bit) > 0 for name, bit in VERDICT_BITS.items()},
        minimal=pd.array([None] * len(network) if smallest is None else smallest, dtype="boolean"),
    )
    rows = rows.assign(order=network).sort_values(
        ["order", "n_edges", "n_hidden", "circuit_id"], ignore_index=True
    )
    return rows[_COLUMNS]
