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
from identifiability.circuits.complete import complete, complete_codes
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.circuits.perfect_codes import Perfect
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.responses import Responses, tabulate
from identifiability.circuits.shapes import code_bits
from identifiability.networks.networks import Networks
from identifiability.protocols import TOLERANCES
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import CRITERIA, NETWORK_KEYS, WITHIN, concatenate

VERDICT_BITS = {
    "for_target": perfect_codes.FOR_TARGET,
    "for_model": perfect_codes.FOR_MODEL,
    "for_sample": perfect_codes.FOR_SAMPLE,
}
UNKNOWN = -1
_COLUMNS = [
    *NETWORK_KEYS, "target", "circuit_id", "n_hidden", "n_edges", *VERDICT_BITS, *CRITERIA
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
        TOLERANCES if reach.tolerance_known else (),
    )
    verdict = sum(
        bit * getattr(found, name).astype(np.uint8) for name, bit in VERDICT_BITS.items()
    )
    for bit, within in zip(perfect_codes.WITHIN, found.within, strict=False):
        verdict = verdict + bit * within.astype(np.uint8)
    code = codes_of_masks(found.masks, reach.sizes)
    known = np.empty((len(CRITERIA), len(code)), np.int8)
    for network in range(len(batch.networks)):
        own = found.network == network
        known[:, own] = criteria_of(
            batch.networks.select(slice(network, network + 1)),
            Perfect(code[own], verdict[own]),
            reach,
            [masks[own] for masks in found.masks],
        )
    return _rows(batch, found.network, found.masks, verdict, known)


def criteria_of(
    network: Networks,
    found: Perfect,
    reach: Reach,
    masks: list[NDArray[np.uint16]] | None = None,
) -> NDArray[np.int8]:
    """What holds of one network's circuits that compute what the network does, or nearly.

    Args:
        network: A batch of one.
        found: Its perfect circuits, or the sparsest of them: what lies inside of one is sparser.
            Where it is looked into how near the network circuits are, all that are near as well.
        reach: Which of the criteria are looked into.
        masks: Their edge masks, [circuit, neuron] per non-input layer; not needed where circuits
            are met in the middle.

    Returns:
        For each of ``CRITERIA`` 1 where it holds, 0 where it does not, ``UNKNOWN`` where it is not
        looked into, int8 [criterion, circuit].
    """
    result = np.full((len(CRITERIA), len(found.code)), UNKNOWN, np.int8)
    # Rows of it by name, not copies: what is written to them is in the result.
    known = dict(zip(CRITERIA, result, strict=True))
    smallest, whole, smallest_whole = result[:3]
    for_model = np.flatnonzero(found.verdict & perfect_codes.FOR_MODEL)
    bits = code_bits(reach.sizes)
    if reach.minimal_known:
        smallest[:] = 0
        smallest[for_model] = minimal(found.code[for_model], bits)
    if reach.complete_known:
        whole[:] = 0
        if masks is None:
            whole[for_model] = complete_codes(tabulate(network), found.code[for_model])
        else:
            whole[for_model] = complete(network, [own[for_model] for own in masks])
    if reach.minimal_known and reach.complete_known:
        chosen = whole == 1
        smallest_whole[:] = 0
        smallest_whole[chosen] = minimal(found.code[chosen], bits)
    if reach.tolerance_known:
        for name, bit in zip(WITHIN, perfect_codes.WITHIN, strict=True):
            near = found.verdict & bit > 0
            known[name][:] = near
            known[f"minimal_{name}"][:] = 0
            known[f"minimal_{name}"][near] = minimal(found.code[near], bits)
    return result


def as_column(known: NDArray[np.int8]) -> pd.arrays.BooleanArray:
    """One of the criteria as a column: null where it is not known."""
    return pd.arrays.BooleanArray(known == 1, known == UNKNOWN)


def _sparsest(batch: Batch, reach: Reach, network: int) -> pd.DataFrame:
    """The sparsest perfect circuits of one network."""
    assert reach.listed is not None
    asked = tabulated(batch, network)
    own = batch.networks.select(slice(network, network + 1))
    if reach.tolerance_known:
        # What is near the network and lies inside of a listed circuit need not be listed itself.
        found = perfect_codes.perfect_circuit_codes(*asked, reach.enumerated, near=True)
        listed = perfect_codes.is_listed(found, reach.sizes, reach.listed)
        known = criteria_of(own, found, reach)[:, listed]
        found = found.select(listed)
    else:
        found = perfect_codes.sparsest(*asked, reach.listed, reach.enumerated)
        known = criteria_of(own, found, reach)
    return _rows(
        batch,
        np.full(len(found.code), network),
        masks_of_codes(found.code, reach.sizes),
        found.verdict,
        known,
    )


def _rows(
    batch: Batch,
    network: NDArray[np.int64],
    masks: list[NDArray[np.uint16]],
    verdict: NDArray[np.uint8],
    known: NDArray[np.int8],
) -> pd.DataFrame:
    """Rows of circuits, sorted."""
    hidden, edges = sizes_of_circuits(masks)
    rows = batch.rows(
        network,
        circuit_id=circuit_ids(batch.networks.layer_sizes, masks),
        n_hidden=hidden,
        n_edges=edges,
        **{name: (verdict & bit) > 0 for name, bit in VERDICT_BITS.items()},
        **{name: as_column(own) for name, own in zip(CRITERIA, known, strict=True)},
    )
    rows = rows.assign(order=network).sort_values(
        ["order", "n_edges", "n_hidden", "circuit_id"], ignore_index=True
    )
    return rows[_COLUMNS]
