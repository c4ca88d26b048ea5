"""Stage ``alignment``: the IIA of every variable at every place, algorithms, minimal mappings."""

import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.algorithms.alignment import count_agreements, places, responses
from identifiability.algorithms.mappings import (
    Mappings,
    Search,
    count_mappings,
    minimal_mappings,
    search_places,
)
from identifiability.protocols import PAIRS, VARIANTS, Protocol, pair_mask
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate

_IIA = {pairs: f"iia_{pairs}" for pairs in PAIRS}
ALIGNMENT_COLUMNS = [*NETWORK_KEYS, "target", "variable_id", "layer", "place", *_IIA.values()]
_FORMULA_KEYS = [*NETWORK_KEYS, "target", "protocol", "formula_id"]
ALGORITHM_COLUMNS = [*_FORMULA_KEYS, "formula", "n_mappings"]
MAPPING_COLUMNS = [*_FORMULA_KEYS, "mapping_id", "formula", "layers", "neurons"]
_log = logging.getLogger(__name__)


def alignment(networks: pd.DataFrame, formulas: pd.DataFrame, device: str = "cpu") -> pd.DataFrame:
    """Rows of the artifact ``alignment``.

    Args:
        networks: The artifact ``networks``.
        formulas: The artifact ``formulas``, whose variables are tried.
        device: Where interventions are computed; changes no result.
    """
    parts = []
    for batch in batches(networks):
        sizes = batch.networks.layer_sizes
        own = formulas[formulas["target"] == batch.target.name]
        variable_ids = np.array(
            sorted({v for variables in own["variable_ids"] for v in variables}), dtype=str
        )
        answers = responses(batch.networks, device)
        n_rows = 2 ** sizes[0]
        required = _required(variable_ids, n_rows**2)
        shape = (len(batch.networks), len(variable_ids), len(places(sizes)))
        network, variable, place = (axis.ravel() for axis in np.indices(shape))
        shares = {}
        for pairs, column in _IIA.items():
            mask = pair_mask(pairs, n_rows)
            shares[column] = count_agreements(answers, required, mask).ravel() / mask.sum()
        every = places(sizes)
        parts.append(
            batch.rows(
                network,
                variable_id=variable_ids[variable],
                layer=np.array([p.layer for p in every])[place],
                place=np.array([p.digits(sizes) for p in every])[place],
                **shares,
            )
        )
        _log.info(
            "%s: %d variables at %d places of %d networks",
            batch.target.name,
            *(shape[i] for i in (1, 2, 0)),
        )
    return concatenate(parts, ALIGNMENT_COLUMNS)


def algorithms(
    networks: pd.DataFrame,
    formulas: pd.DataFrame,
    alignment: pd.DataFrame,
    protocols: Iterable[Protocol],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``algorithms`` and ``mappings``.

    Args:
        networks: The artifact ``networks``.
        formulas: The artifact ``formulas``.
        alignment: The artifact ``alignment``.
        protocols: Under the variants of the paper's three, mappings
            are counted but not listed.
    """
    protocols = list(protocols)
    counted, listed = [], []
    for batch in batches(networks):
        tried = batch.keys.reset_index(names="network").merge(
            alignment, on=[*NETWORK_KEYS, "target"]
        )
        for protocol in protocols:
            own = formulas[
                (formulas["target"] == batch.target.name) & (formulas["protocol"] == protocol.name)
            ]
            searched = _search(batch, own, tried, protocol)
            counts = count_mappings(searched)
            if protocol.twins == "one":
                counts = one_of_twins(counts, own["twin_of"].to_numpy())
            network, formula = counts.nonzero()
            counted.append(
                _of_formulas(batch, own, protocol, network, formula).assign(
                    n_mappings=counts[network, formula]
                )
            )
            if protocol.name not in VARIANTS:
                found = minimal_mappings(searched, counts)
                listed.append(_mappings(batch, own, protocol, found))
            _log.info(
                "%s, %s: %d minimal mappings of %d formulas",
                batch.target.name,
                protocol.name,
                counts.sum(),
                len(own),
            )
    return concatenate(counted, ALGORITHM_COLUMNS), concatenate(listed, MAPPING_COLUMNS)


def one_of_twins(counts: NDArray[np.int64], twin_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Mappings where twins are one algorithm (D06): those of the first twin that has any.

    Args:
        counts: Minimal mappings, int64 [network, formula].
        twin_of: What the formulas have in common with their twins, int64 [formula].

    Returns:
        The counts, 0 for every formula that has a twin with mappings before it.
    """
    kept = counts.copy()
    for twin in np.unique(twin_of):
        alike = np.flatnonzero(twin_of == twin)
        mapped = np.logical_or.accumulate(counts[:, alike] > 0, axis=1)
        kept[:, alike[1:]] *= ~mapped[:, :-1]
    return kept


def _search(
    batch: Batch, formulas: pd.DataFrame, tried: pd.DataFrame, protocol: Protocol
) -> Search:
    """What there is to combine for one batch under one protocol."""
    sizes = batch.networks.layer_sizes
    every = places(sizes)
    variable_ids = tried["variable_id"].unique()
    # The rows of alignment form a full [network, variable, place] box, in that order.
    shares = tried[_IIA[protocol.pairs]].to_numpy()
    index = {v: i for i, v in enumerate(variable_ids)}
    return search_places(
        (shares == 1).reshape(len(batch.networks), len(variable_ids), len(every)),
        np.array([p.bits(sizes) for p in every]),
        np.array([p.layer for p in every]),
        [[index[v] for v in variables] for variables in formulas["variable_ids"]],
        list(formulas["users"]) if protocol.layers == "ordered" else None,
    )


def _of_formulas(
    batch: Batch,
    formulas: pd.DataFrame,
    protocol: Protocol,
    network: NDArray[np.int64],
    formula: NDArray[np.int64],
) -> pd.DataFrame:
    """Keys of rows about formulas in networks."""
    return batch.rows(
        network,
        protocol=protocol.name,
        formula_id=formulas["formula_id"].to_numpy()[formula],
        formula=formulas["formula"].to_numpy(dtype=object)[formula],
    )


def _mappings(
    batch: Batch, formulas: pd.DataFrame, protocol: Protocol, found: Mappings
) -> pd.DataFrame:
    """Mappings of one batch under one protocol."""
    every = places(batch.networks.layer_sizes)
    layers, neurons = [p.layer for p in every], [list(p.neurons) for p in every]
    chosen = [[i for i in row if i >= 0] for row in found.place.tolist()]
    frame = _of_formulas(batch, formulas, protocol, found.network, found.formula).assign(
        layers=pd.Series([[layers[i] for i in row] for row in chosen], dtype=object),
        neurons=pd.Series([[neurons[i] for i in row] for row in chosen], dtype=object),
    )
    numbers = frame.groupby(["network_id", "formula_id"]).cumcount()
    return frame.assign(mapping_id=numbers)[MAPPING_COLUMNS]


def _required(variable_ids: NDArray[np.str_], n_pairs: int) -> NDArray[np.bool_]:
    """What the variables require, bool [variable, pair], from their ids."""
    return np.array(
        [[bit == "1" for bit in f"{int(v, 16):0{n_pairs}b}"] for v in variable_ids], dtype=bool
    ).reshape(len(variable_ids), n_pairs)
