"""Stage ``readings``: the answers of every network under every reading.

Nothing is enumerated for it: readings of circuits are filters on the cells, and those of mappings
search the places whose IIA is known, as far as to tell none, one and several apart.
"""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.algorithms.joint import Trial, none_one_or_several
from identifiability.algorithms.steps import ADMITTED
from identifiability.circuits.reach import Reach
from identifiability.networks.families import Analysed
from identifiability.protocols import PROTOCOLS, Protocol, pair_mask
from identifiability.readings import readings as all_readings
from identifiability.stages.alignment import (
    ALGORITHM_COLUMNS,
    one_of_twins,
    search_of,
)
from identifiability.stages.frames import Batch, batches
from identifiability.stages.rows import NETWORK_KEYS, concatenate
from identifiability.stages.summary import answer, summary

_KEYS = [*NETWORK_KEYS, "target", "protocol", "analysed"]
_OF_CIRCUITS = [
    *("n_circuits", "n_interpretations", "n_interpretations_reachable", "how"),
    *("q1", "q2", "q2_reachable"),
]
_OF_MAPPINGS = ["n_algorithms", "n_mappings", "q3", "q4", "q4_mapped"]
_COLUMNS = [*_KEYS, *_OF_CIRCUITS, *_OF_MAPPINGS]
_log = logging.getLogger(__name__)


def readings(
    networks: pd.DataFrame,
    cells: pd.DataFrame,
    alignment: pd.DataFrame,
    formulas: pd.DataFrame,
    reach: Reach,
    *,
    analyse: Analysed = "converged",
) -> pd.DataFrame:
    """Rows of the artifact ``readings``, of the networks analysed.

    Args:
        networks: The artifact ``networks``.
        cells: The artifact ``cells``.
        alignment: The artifact ``alignment``.
        formulas: The artifact ``formulas``.
        reach: Which circuits are in ``cells``.
        analyse: Which networks figures, tables and claims are about.
    """
    networks = networks[networks[analyse]]
    none = pd.DataFrame(columns=ALGORITHM_COLUMNS)
    on_circuits = [reading.protocol for reading in all_readings("circuits")]
    found = summary(networks, cells, none, on_circuits, reach, analyse=analyse)
    reachable = pd.Series(
        [answer(count) for count in found["n_interpretations_reachable"]], found.index, object
    )
    of_circuits = found.assign(q2_reachable=reachable, **dict.fromkeys(_OF_MAPPINGS))
    on_mappings = [reading.protocol for reading in all_readings("mappings")]
    mapped = _algorithms(networks, alignment, formulas)
    found = summary(networks, cells.iloc[:0], mapped, on_mappings, reach, analyse=analyse)
    of_mappings = found.assign(n_mappings=None, **dict.fromkeys(_OF_CIRCUITS))
    return concatenate([of_circuits[_COLUMNS], of_mappings[_COLUMNS]], _COLUMNS)


def _algorithms(
    networks: pd.DataFrame, alignment: pd.DataFrame, formulas: pd.DataFrame
) -> pd.DataFrame:
    """The algorithms under every reading, with at most two mappings each."""
    parts = []
    for batch in batches(networks):
        tried = batch.keys.reset_index(names="network").merge(
            alignment, on=[*NETWORK_KEYS, "target"]
        )
        searched: dict[tuple[str, ...], NDArray[np.int64]] = {}
        for reading in all_readings("mappings"):
            protocol = reading.protocol
            own = _listed(formulas, batch, protocol)
            # Steps and twins choose among formulas, whose mappings do not depend on one another.
            asked = (
                *(protocol.formulas, protocol.pairs, protocol.layers),
                *(protocol.interventions, protocol.unmapped),
            )
            if asked not in searched:
                searched[asked] = _none_one_or_several(batch, own, tried, protocol)
            admitted = own["steps"].isin(ADMITTED[protocol.steps]).to_numpy()
            counts = np.where(admitted, searched[asked], 0)
            if protocol.twins == "one":
                counts = one_of_twins(counts, own["twin_of"].to_numpy())
            network, formula = counts.nonzero()
            parts.append(
                batch.rows(
                    network,
                    protocol=protocol.name,
                    formula_id=own["formula_id"].to_numpy()[formula],
                    n_variables=own["variables"].map(len).to_numpy(np.int64)[formula],
                    n_mappings=counts[network, formula],
                )
            )
        _log.info("%s: %d readings of mappings", batch.target.name, len(all_readings("mappings")))
    return concatenate(parts, [*NETWORK_KEYS, "target", "protocol", "n_variables", "n_mappings"])


def _listed(formulas: pd.DataFrame, batch: Batch, protocol: Protocol) -> pd.DataFrame:
    """The list of formulas of a reading, as that of the protocol it is taken from."""
    (of,) = (name for name, p in PROTOCOLS.items() if p.formulas == protocol.formulas)
    chosen = (formulas["target"] == batch.target.name) & (formulas["protocol"] == of)
    return formulas[chosen]


def _none_one_or_several(
    batch: Batch, formulas: pd.DataFrame, tried: pd.DataFrame, protocol: Protocol
) -> NDArray[np.int64]:
    """Up to two minimal mappings of each formula, int64 [network, formula]."""
    return none_one_or_several(
        Trial(
            batch.networks,
            search_of(batch, formulas, tried, protocol),
            list(formulas["formula"]),
            list(formulas["variables"]),
            pair_mask(protocol.pairs, 2 ** batch.networks.layer_sizes[0]),
        ),
        joint=protocol.interventions == "joint",
        inert=protocol.unmapped == "inert",
    )
