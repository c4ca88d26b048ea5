"""Stage ``own_networks``: networks of one's own, read from files."""

import logging

import numpy as np
import pandas as pd

from identifiability.families import Family, network_id
from identifiability.own import load_all
from identifiability.stages.networks import network_columns

_log = logging.getLogger(__name__)


def own_networks(family: Family) -> pd.DataFrame:
    """Rows of the artifact ``networks``: those of a family's files, numbered in their order."""
    if family.files is None:
        raise ValueError(f"{family.name} has no files")
    networks, gates = load_all(family.files)
    for seed, path in enumerate(family.files.paths):
        _log.info("%s: %s", network_id(family.name, seed), path)
    n = len(networks)
    return pd.DataFrame(
        {
            "family": family.name,
            "seed": range(n),
            "network_id": [network_id(family.name, seed) for seed in range(n)],
            **network_columns(networks, [[gate.name for gate in own] for own in gates]),
            "validation": [[1] * 2**family.n_inputs] * n,
            "epochs": pd.Series([None] * n, dtype="Int64"),
            "loss": np.nan,
            "accuracy": 1.0,
            "converged": True,
        }
    )
