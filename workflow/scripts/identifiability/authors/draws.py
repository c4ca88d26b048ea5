"""Stage ``draws``: circuits of the authors' network on samples like the one they read it on."""

import numpy as np
import pandas as pd

from identifiability.authors.settings import DRAWN_PER_ROW, NOISE
from identifiability.networks.families import Family, network_id
from identifiability.protocols import VARIANTS
from identifiability.stages.noisy import noisy
from identifiability.stages.protocol_filters import admitted

PROTOCOL = VARIANTS["released-noisy"]
"""How their notebook reads circuits."""
COLUMNS = ["family", "draw", "n_circuits", "n_interpretations"]


def draws(
    networks: pd.DataFrame, family: Family, number: int, tie_tolerance: float
) -> pd.DataFrame:
    """Rows of the artifact ``draws``.

    Args:
        networks: The artifact ``networks`` with their network.
        family: Its family.
        number: How many samples are drawn; the draw is the seed of each.
        tie_tolerance: Activations no further apart than this are the same.
    """
    (network,) = networks.to_dict("records")
    validation = [DRAWN_PER_ROW] * 2**family.n_inputs
    again = pd.DataFrame(
        [
            {
                **network,
                "seed": draw,
                "network_id": network_id(family.name, draw),
                "validation": validation,
            }
            for draw in range(number)
        ]
    )
    found = noisy(again, family, NOISE, tie_tolerance=tie_tolerance)
    found = admitted(found, family.single_output_sizes, PROTOCOL)
    numbers = found["n_interpretations"].map(int).groupby(found["seed"])
    total = numbers.sum().reindex(range(number), fill_value=0)
    return pd.DataFrame(
        {
            "family": family.name,
            "draw": np.arange(number),
            "n_circuits": numbers.size().reindex(range(number), fill_value=0).to_numpy(np.int64),
            "n_interpretations": [str(n) for n in total],
        },
        columns=COLUMNS,
    )
