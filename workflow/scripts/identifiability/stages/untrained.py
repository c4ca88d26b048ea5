"""Stage ``untrained``: random initialisations that compute a gate, and how rare they are."""

import numpy as np
import pandas as pd

from identifiability.networks.families import Family, network_id
from identifiability.networks.untrained import search
from identifiability.stages.networks import network_columns


def untrained(family: Family) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``networks`` and ``untrained``."""
    found = search(family)
    names = [gate.name for gate in family.gates]
    n = len(found.draw)
    networks = pd.DataFrame(
        {
            "family": family.name,
            "seed": found.draw,
            "network_id": [network_id(family.name, draw) for draw in found.draw],
            **network_columns(found.networks, [[names[gate]] for gate in found.gate]),
            "validation": [[1] * 2**family.n_inputs] * n,
            "epochs": pd.Series([None] * n, dtype="Int64"),
            "loss": np.nan,
            "accuracy": 1.0,
            "converged": True,
        }
    )
    rates = pd.DataFrame(
        {
            "family": family.name,
            "target": names,
            "n_draws": found.draws,
            "n_found": found.numbers,
            "n_analysed": np.bincount(found.gate, minlength=len(names)),
        }
    )
    return networks, rates
