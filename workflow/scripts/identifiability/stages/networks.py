"""Stages ``networks`` and ``untrained``: networks trained, or found to compute a gate as drawn."""

import numpy as np
import pandas as pd

from identifiability.networks.families import Family, network_id
from identifiability.networks.training import judge, train
from identifiability.networks.untrained import search_untrained
from identifiability.stages.frames import network_columns


def networks(
    family: Family, datasets: pd.DataFrame, *, networks_at_once: int = 25, threads: int = 1
) -> pd.DataFrame:
    """Rows of the artifact ``networks``: a family, trained on its datasets."""
    seeds = [int(seed) for seed in datasets["seed"].unique()]
    counts = datasets[["n_train", "n_validation"]].to_numpy().reshape(len(seeds), -1, 2)
    trained = train(
        family, seeds, counts[..., 0], networks_at_once=networks_at_once, threads=threads
    )
    targets = [family.targets(seed) for seed in seeds]
    tables = np.array([[gate.table for gate in own] for own in targets])
    learned = judge(trained, tables, counts[..., 1], family.training)
    return pd.DataFrame(
        {
            "family": family.name,
            "seed": seeds,
            "network_id": [network_id(family.name, seed) for seed in seeds],
            **network_columns(trained.networks, [[gate.name for gate in own] for own in targets]),
            "validation": counts[..., 1].tolist(),
            "epochs": trained.epochs,
            "loss": trained.loss,
            "accuracy": learned.accuracy,
            "converged": learned.converged,
            "functional": learned.functional,
        }
    )


def untrained(family: Family) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the artifacts ``networks`` and ``untrained``: how rare such initialisations are."""
    found = search_untrained(family)
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
            "functional": True,
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
