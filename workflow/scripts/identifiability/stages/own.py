"""Stage ``own_networks``: networks of one's own, read from files."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from identifiability.networks.families import Family, network_id
from identifiability.networks.own import load_all
from identifiability.stages.frames import network_columns

_log = logging.getLogger(__name__)


def own_networks(family: Family, seeds: Sequence[int] | None = None) -> pd.DataFrame:
    """Rows of the artifact ``networks``: those of a family's files, numbered in their order.

    Args:
        family: The setting.
        seeds: Which of them; by default all.
    """
    if family.files is None:
        raise ValueError(f"{family.name} has no files")
    seeds = range(family.seeds) if seeds is None else seeds
    paths = [family.files.paths[seed] for seed in seeds]
    networks, gates = load_all(replace(family.files, paths=tuple(paths)))
    for seed, path in zip(seeds, paths, strict=True):
        _log.info("%s: %s", network_id(family.name, seed), path)
    n = len(networks)
    return pd.DataFrame(
        {
            "family": family.name,
            "seed": list(seeds),
            "network_id": [network_id(family.name, seed) for seed in seeds],
            **network_columns(networks, [[gate.name for gate in own] for own in gates]),
            "validation": [[1] * 2**family.n_inputs] * n,
            "epochs": pd.Series([None] * n, dtype="Int64"),
            "loss": np.nan,
            "accuracy": 1.0,
            "converged": True,
        }
    )
