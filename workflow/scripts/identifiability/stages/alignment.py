"""Stage ``alignment``: the IIA of every variable at every place, algorithms, minimal mappings."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.algorithms.alignment import count_agreements, places, responses
from identifiability.algorithms.joint import Trial, passing_mappings
from identifiability.algorithms.mappings import (
    Mappings,
    Search,
    count_listed,
    count_mappings,
    minimal_mappings,
    search_places,
    sparsest,
)
from identifiability.protocols import PAIRS, VARIANTS, Protocol, pair_mask
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate

_IIA = {pairs: f"iia_{pairs}" for pairs in PAIRS}
ALIGNMENT_COLUMNS = [*NETWORK_KEYS, "target", "variable_id", "layer", "place", *_IIA.values()]
_FORMULA_KEYS = [*NETWORK_KEYS, "target", "protocol", "formula_id"]
ALGORITHM_COLUMNS = [*_FORMULA_KEYS, "formula", "n_variables", "steps", "n_mappings"]
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
    own_of = dict(list(formulas.groupby(["target", "protocol"], sort=False)))
    none = formulas.iloc[:0]
    counted, listed = [], []
    for batch in batches(networks):
        tried = batch.keys.reset_index(names="network").merge(
            alignment, on=[*NETWORK_KEYS, "target"]
        )
        found, mapped = [], []
        known: dict[tuple[str, ...], _Solved] = {}
        passing: _Passing = {}
        for protocol in protocols:
            own = own_of.get((batch.target.name, protocol.name), none)
            # Protocols that differ in their circuits alone ask for the same mappings.
            asked = (
                *(protocol.pairs, protocol.formulas, protocol.variables, protocol.twins),
                *(protocol.layers, protocol.steps, protocol.algorithms, protocol.mappings),
                *(protocol.interventions, protocol.unmapped),
            )
            if asked not in known:
                known[asked] = _solve(batch, own, tried, protocol, passing)
            solved = known[asked]
            counts = solved.counts
            network, formula = counts.nonzero()
            said = {
                "n_variables": own["variables"].map(len).to_numpy(np.int64)[formula],
                "steps": own["steps"].to_numpy(dtype=object)[formula],
                "n_mappings": counts[network, formula],
            }
            found.append(_of_formulas(own, protocol, network, formula) | said)
            if protocol.name not in VARIANTS:
                mapped.append(_mappings(batch, own, protocol, solved.mappings()))
            _log.info(
                "%s, %s: %d minimal mappings of %d formulas",
                batch.target.name,
                protocol.name,
                counts.sum(),
                len(own),
            )
        counted += [_rows(batch, found)] if found else []
        listed += [_rows(batch, mapped)[MAPPING_COLUMNS]] if mapped else []
    return concatenate(counted, ALGORITHM_COLUMNS), concatenate(listed, MAPPING_COLUMNS)


def one_of_twins(counts: NDArray[np.int64], twin_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Mappings where twins are one algorithm (D06): those of the first twin that has any.

    Args:
        counts: Minimal mappings, int64 [network, formula].
        twin_of: What the formulas have in common with their twins, int64 [formula].

    Returns:
        The counts, 0 for every formula that has a twin with mappings before it.
    """
    order = np.argsort(twin_of, kind="stable")
    mapped = counts[:, order] > 0
    before: NDArray[np.int64] = np.cumsum(mapped, axis=1) - mapped
    # Formulas are sorted by their twins here: what counts is how many came before within a group.
    _, first, group = np.unique(twin_of[order], return_index=True, return_inverse=True)
    kept = counts.copy()
    kept[:, order] *= before == before[:, first[group]]
    return kept


def sparsest_algorithms(
    counts: NDArray[np.int64], n_operators: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Mappings of those of a network's algorithms that have the fewest ANDs and ORs.

    Args:
        counts: Minimal mappings, int64 [network, formula].
        n_operators: ANDs and ORs, int64 [formula].

    Returns:
        The counts, 0 for every formula that has more than another one with mappings.
    """
    never = np.iinfo(np.int64).max
    operators = np.where(counts > 0, n_operators, never)
    fewest = operators.min(axis=1, keepdims=True, initial=never)
    return np.where(operators == fewest, counts, 0)


class _Solved(NamedTuple):
    """The mappings of formulas into the networks of a batch.

    Attributes:
        counts: Those that count, int64 [network, formula].
        mappings: Lists them.
    """

    counts: NDArray[np.int64]
    mappings: Callable[[], Mappings]


_Passing = dict[tuple[str, ...], Mapping[str, Mappings]]


def _solve(
    batch: Batch,
    formulas: pd.DataFrame,
    tried: pd.DataFrame,
    protocol: Protocol,
    passing: _Passing,
) -> _Solved:
    """Counts the mappings of formulas under a protocol.

    Args:
        batch: The networks.
        formulas: Rows of the artifact ``formulas``, those of the protocol.
        tried: Rows of the artifact ``alignment``, those of the networks.
        protocol: Whose mappings count.
        passing: The mappings that pass more than single interventions, by what protocols ask.
            Those for which unmapped neurons are free and inert share them.
    """
    search = search_of(batch, formulas, tried, protocol)
    found = None
    if (protocol.interventions, protocol.unmapped) == ("single", "free"):
        counts = count_mappings(search)
    else:
        asked = (
            *(protocol.pairs, protocol.formulas, protocol.variables),
            *(protocol.layers, protocol.steps, protocol.interventions),
        )
        if asked not in passing:
            tested = Trial(
                batch.networks,
                search,
                list(formulas["formula"]),
                list(formulas["variables"]),
                pair_mask(protocol.pairs, 2 ** batch.networks.layer_sizes[0]),
            )
            passing[asked] = passing_mappings(tested, joint=protocol.interventions == "joint")
        found = passing[asked][protocol.unmapped]
        counts = count_listed(found, search)
    if protocol.twins == "one":
        counts = one_of_twins(counts, formulas["twin_of"].to_numpy())
    if protocol.algorithms == "sparsest":
        operators = np.array(formulas["formula"].str.count(r"[*+]"), np.int64)
        counts = sparsest_algorithms(counts, operators)

    def mappings() -> Mappings:
        of_counted = (
            minimal_mappings(search, counts)
            if found is None
            else found.select(counts[found.network, found.formula] > 0)
        )
        return sparsest(of_counted, search) if protocol.mappings == "sparsest" else of_counted

    if protocol.mappings == "sparsest":
        return _Solved(count_listed(mappings(), search), mappings)
    return _Solved(counts, mappings)


def search_of(
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
    formulas: pd.DataFrame,
    protocol: Protocol,
    network: NDArray[np.int64],
    formula: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    """Columns of rows about formulas in networks of a batch, ``network`` their indices in it."""
    return {
        "network": network,
        "protocol": np.full(len(network), protocol.name, object),
        "formula_id": formulas["formula_id"].to_numpy()[formula],
        "formula": formulas["formula"].to_numpy(dtype=object)[formula],
    }


def _mappings(
    batch: Batch, formulas: pd.DataFrame, protocol: Protocol, found: Mappings
) -> dict[str, NDArray[Any]]:
    """Columns of rows about the mappings of one batch under one protocol."""
    every = places(batch.networks.layer_sizes)
    layers, neurons = [p.layer for p in every], [list(p.neurons) for p in every]
    lists = {"layers": np.empty(len(found.place), object)}
    lists["neurons"] = np.empty_like(lists["layers"])
    for mapping, row in enumerate(found.place.tolist()):
        lists["layers"][mapping] = [layers[i] for i in row if i >= 0]
        lists["neurons"][mapping] = [neurons[i] for i in row if i >= 0]
    # Mappings are sorted by network and formula, and numbered from 0 for each of these.
    pairs = np.stack([found.network, found.formula])
    begins = np.r_[True, (pairs[:, 1:] != pairs[:, :-1]).any(0)][: len(found.network)]
    number = np.arange(len(begins))
    mapping_id = number - np.maximum.accumulate(np.where(begins, number, 0))
    own = _of_formulas(formulas, protocol, found.network, found.formula)
    return own | lists | {"mapping_id": mapping_id}


def _rows(batch: Batch, parts: list[dict[str, NDArray[Any]]]) -> pd.DataFrame:
    """Rows of one batch, from their columns under each protocol."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return batch.rows(columns.pop("network"), **columns)


def _required(variable_ids: NDArray[np.str_], n_pairs: int) -> NDArray[np.bool_]:
    """What the variables require, bool [variable, pair], from their ids."""
    return np.array(
        [[bit == "1" for bit in f"{int(v, 16):0{n_pairs}b}"] for v in variable_ids], dtype=bool
    ).reshape(len(variable_ids), n_pairs)
