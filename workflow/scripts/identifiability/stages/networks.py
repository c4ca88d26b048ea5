"""Stage ``networks``: training."""

import numpy as np
import pandas as pd

from identifiability.networks.families import Family, network_id
from identifiability.networks.networks import Networks
from identifiability.networks.training import converged, train


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
    accuracy, passed = converged(trained, tables, counts[..., 1], family.training)
    return pd.DataFrame(
        {
            "family": family.name,
            "seed": seeds,
            "network_id": [network_id(family.name, seed) for seed in seeds],
            **network_columns(trained.networks, [[gate.name for gate in own] for own in targets]),
            "validation": counts[..., 1].tolist(),
            "epochs": trained.epochs,
            "loss": trained.loss,
            "accuracy": accuracy,
            "converged": passed,
        }
    )


def network_columns(batch: Networks, targets: list[list[str]]) -> dict[str, object]:
    """The columns of ``networks`` that describe the networks themselves."""
    outputs = batch.outputs().transpose(0, 2, 1)
    n = len(batch)
    return {
        "targets": targets,
        "layer_sizes": [list(batch.layer_sizes)] * n,
        "activation": batch.activation,
        "output_activation": batch.output_activation,
        "negative_slope": batch.negative_slope,
        "weights": [[w[i].tolist() for w in batch.weights] for i in range(n)],
        "biases": [[b[i].tolist() for b in batch.biases] for i in range(n)],
        "outputs": outputs.tolist(),
    }
