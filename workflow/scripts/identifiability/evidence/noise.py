"""Trained without or with noise, read on clean or on noisy inputs: the two-by-two of Table 3.

The paper compares two of the four cases (C18 to C20).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from identifiability.evidence.claims import bootstrap_generator
from identifiability.evidence.statistics import Comparison, compare
from identifiability.networks.families import Family

QUANTITIES: Mapping[str, str] = {
    "n_circuits": "Perfect circuits",
    "per_circuit": "Interpretations per circuit",
    "n_interpretations": "Interpretations",
}
READ: Mapping[str, str] = {"released": "clean", "released-noisy": "noisy"}
"""The protocols by what they read."""


def pairs(
    families: Sequence[Family], summaries: Mapping[str, pd.DataFrame]
) -> dict[float, tuple[pd.DataFrame, pd.DataFrame]]:
    """By loss cutoff, the networks trained without noise and with it.

    Args:
        families: Those of the experiment.
        summaries: The artifact ``summary`` by family.
    """
    found: dict[float, dict[bool, pd.DataFrame]] = {}
    for family in families:
        own = found.setdefault(family.training.loss_cutoff, {})
        own[family.training.noise > 0] = summaries[family.name]
    return {cutoff: (own[False], own[True]) for cutoff, own in found.items() if len(own) == 2}


def values_of(summary: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """A quantity of the networks counted that have it under both readings.

    Returns:
        Float64, a row a network, a column a protocol.
    """
    rows = summary[summary["analysed"] & summary["protocol"].isin(READ)]
    numbers = rows[["n_circuits", "n_interpretations"]].astype(float)
    per_circuit = numbers["n_interpretations"] / numbers["n_circuits"].replace(0, np.nan)
    numbers = numbers.assign(per_circuit=per_circuit, **rows[["network_id", "protocol"]])
    wide = numbers.pivot(index="network_id", columns="protocol", values=quantity)
    return wide.reindex(columns=list(READ)).dropna()


def interaction(without: pd.DataFrame, with_noise: pd.DataFrame) -> Comparison:
    """How much more reading on noise changes networks trained with noise than those without.

    Args:
        without: What `values_of` gives for networks trained without noise.
        with_noise: For those trained with it.
    """
    before, after = (
        (own["released-noisy"] - own["released"]).to_numpy() for own in (without, with_noise)
    )
    return compare(before, after, bootstrap_generator())
