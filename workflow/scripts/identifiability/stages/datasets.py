"""Stage ``datasets``: the samples of every network of a family."""

import pandas as pd

from identifiability.datasets import draw_counts
from identifiability.families import Family, network_id


def datasets(family: Family) -> pd.DataFrame:
    """Rows of the artifact ``datasets``."""
    n_inputs = family.gates[0].n_inputs
    return pd.DataFrame(
        [
            {
                "family": family.name,
                "seed": seed,
                "network_id": network_id(family.name, seed),
                "input": f"{row:0{n_inputs}b}",
                "n_train": train,
                "n_validation": validation,
            }
            for seed in range(family.seeds)
            for row, (train, validation) in enumerate(zip(*draw_counts(family, seed), strict=True))
        ]
    )
