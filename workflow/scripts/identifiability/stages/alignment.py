"""Stage ``alignment``: the IIA of every variable at every place, and the minimal mappings."""

import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.alignment import count_agreements, places, responses
from identifiability.mappings import minimal_mappings
from identifiability.protocols import PAIRS, Protocol, pair_mask
from identifiability.stages.frames import NETWORK_KEYS, Batch, batches, concatenate

_IIA = {pairs: f"iia_{pairs}" for pairs in PAIRS}
ALIGNMENT_COLUMNS = [*NETWORK_KEYS, "target", "variable_id", "layer", "place", *_IIA.values()]
MAPPING_COLUMNS = [
    *NETWORK_KEYS,
    "target",
    "protocol",
    "formula_id",
    "mapping_id",
    "formula",
    "layers",
    "neurons",
]
_log = logging.getLogger(__name__)


def alignment(networks: pd.DataFrame, formulas: pd.DataFrame) -> pd.DataFrame:
    """Rows of the artifact ``alignment``.

    Args:
        networks: The artifact ``networks``.
        formulas: The artifact ``formulas``, whose variables are tried.
    """
    parts = []
    for batch in batches(networks):
        sizes = batch.networks.layer_sizes
        own = formulas[formulas["target"] == batch.target.name]
        variable_ids = np.array(
            sorted({v for variables in own["variable_ids"] for v in variables}), dtype=str
        )
        answers = responses(batch.networks)
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


def mappings(
    networks: pd.DataFrame,
    formulas: pd.DataFrame,
    alignment: pd.DataFrame,
    protocols: Iterable[Protocol],
) -> pd.DataFrame:
    """Rows of the artifact ``mappings``.

    Args:
        networks: The artifact ``networks``.
        formulas: The artifact ``formulas``.
        alignment: The artifact ``alignment``.
        protocols: The readings of the criteria.
    """
    protocols = list(protocols)
    parts = []
    for batch in batches(networks):
        tried = batch.keys.reset_index(names="network").merge(
            alignment, on=[*NETWORK_KEYS, "target"]
        )
        for protocol in protocols:
            listed = formulas[
                (formulas["target"] == batch.target.name) & (formulas["protocol"] == protocol.name)
            ]
            parts.append(_mappings(batch, listed, tried, protocol))
            _log.info(
                "%s, %s: %d minimal mappings of %d formulas",
                batch.target.name,
                protocol.name,
                len(parts[-1]),
                len(listed),
            )
    return concatenate(parts, MAPPING_COLUMNS)


def _mappings(
    batch: Batch, listed: pd.DataFrame, tried: pd.DataFrame, protocol: Protocol
) -> pd.DataFrame:
    """Mappings of one batch under one protocol."""
    every = places(batch.networks.layer_sizes)
    variable_ids = tried["variable_id"].unique()
    # The rows of alignment form a full [network, variable, place] box, in that order.
    shares = tried[_IIA[protocol.pairs]].to_numpy()
    valid = (shares == 1).reshape(len(batch.networks), len(variable_ids), len(every))
    index = {v: i for i, v in enumerate(variable_ids)}
    found = minimal_mappings(
        valid,
        np.array([p.bits(batch.networks.layer_sizes) for p in every]),
        [[index[v] for v in variables] for variables in listed["variable_ids"]],
    )
    chosen = [[every[i] for i in row if i >= 0] for row in found.place]
    texts = listed["formula"].to_numpy(dtype=object)
    frame = batch.rows(
        found.network,
        protocol=protocol.name,
        formula_id=listed["formula_id"].to_numpy()[found.formula],
        formula=texts[found.formula],
        layers=[[p.layer for p in mapping] for mapping in chosen],
        neurons=[[list(p.neurons) for p in mapping] for mapping in chosen],
    )
    numbers = frame.groupby(["network_id", "formula_id"]).cumcount()
    return frame.assign(mapping_id=numbers)[MAPPING_COLUMNS]


def _required(variable_ids: NDArray[np.str_], n_pairs: int) -> NDArray[np.bool_]:
    """What the variables require, bool [variable, pair], from their ids."""
    return np.array(
        [[bit == "1" for bit in f"{int(v, 16):0{n_pairs}b}"] for v in variable_ids], dtype=bool
    ).reshape(len(variable_ids), n_pairs)
