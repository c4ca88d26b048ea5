"""Stage ``datasets``: the samples of every network of a family."""

from collections.abc import Iterable

import pandas as pd

from identifiability.networks.datasets import draw_counts, input_probabilities
from identifiability.networks.families import Family, network_id


def datasets(family: Family, seeds: Iterable[int] | None = None) -> pd.DataFrame:
    """Rows of the artifact ``datasets``.

    Args:
        family: The setting.
        seeds: Which networks; by default all.
    """
    return pd.DataFrame(
        [
            {
                "family": family.name,
                "seed": seed,
                "network_id": network_id(family.name, seed),
                "input": f"{row:0{family.n_inputs}b}",
                "probability": probability,
                "n_train": train,
                "n_validation": validation,
            }
            for seed in (range(family.seeds) if seeds is None else seeds)
            for row, (probability, train, validation) in enumerate(
                zip(input_probabilities(family, seed), *draw_counts(family, seed), strict=True)
            )
        ]
    )
