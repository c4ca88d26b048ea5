"""The tables of the experiment ``digits``, and what its figure is drawn from."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits.candidates import masks_of_ids
from identifiability.digits.settings import DigitsFamily
from identifiability.evidence import statistics
from identifiability.evidence.ledger import Claim

CLAIM = "C27"
PUBLISHED_PREFIX = "published "
"""How the columns begin that hold published numbers."""


def published(claim: Claim) -> dict[str, float]:
    """What the paper reports of one network, by the name of the part."""
    return {part.name: part.published.low for part in claim.parts if part.published}


def by_network(summaries: Mapping[str, pd.DataFrame], claim: Claim) -> pd.DataFrame:
    """A row per network: its circuits under every protocol, beside the published numbers.

    Args:
        summaries: The artifact ``digit_summary`` by family, that of the claim first.
        claim: The claim on them.
    """
    parts = []
    for number, rows in enumerate(summaries.values()):
        keys = ["family", "seed", "n_held_out", "accuracy", "converged"]
        wide = rows.pivot(index=keys, columns="protocol", values="n_circuits").reset_index()
        protocols = list(dict.fromkeys(rows["protocol"]))
        wide = wide[[*keys, *protocols]].rename_axis(columns=None)
        beside = published(claim) if number == 0 else {}
        parts.append(wide.assign(**{f"{PUBLISHED_PREFIX}{name}": n for name, n in beside.items()}))
    return pd.concat(parts, ignore_index=True)


def by_family(
    summaries: Mapping[str, pd.DataFrame], families: Sequence[DigitsFamily]
) -> pd.DataFrame:
    """A row per family and protocol: how many circuits its converged networks have.

    Args:
        summaries: The artifact ``digit_summary`` by family.
        families: Their settings.
    """
    rows = []
    for family in families:
        for protocol, own in summaries[family.name].groupby("protocol", sort=False):
            counts = own["n_circuits"].dropna().to_numpy(float)
            middle = statistics.median(counts)
            n_several = int((counts > 1).sum())
            several = statistics.share(n_several, len(counts))
            rows.append(
                {
                    "family": family.name,
                    "digits": "{}, {}".format(*family.digits),
                    "last_layers": ", ".join(map(str, family.circuit_sizes)),
                    "protocol": protocol,
                    "n_candidates": int(own["n_candidates"].iloc[0]),
                    "networks": len(own),
                    "converged": len(counts),
                    "median": middle.value,
                    "median_low": middle.low,
                    "median_high": middle.high,
                    "fewest": counts.min() if len(counts) else np.nan,
                    "most": counts.max() if len(counts) else np.nan,
                    "several": n_several,
                    "share_several": several.value,
                    "share_several_low": several.low,
                    "share_several_high": several.high,
                }
            )
    return pd.DataFrame(rows)


def kept_shares(
    circuit_ids: NDArray[np.str_], sizes: tuple[int, ...]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Which share of the circuits of one network keeps each neuron and each edge.

    Neurons of one layer have no order of their own; to lay networks beside each other, they are
    put in the order of their shares, largest first: hidden ones by how often they are kept, inputs
    by how many of their edges are.

    Args:
        circuit_ids: The circuits, [circuit].
        sizes: Neurons per layer.

    Returns:
        Shares of the hidden neurons, [neuron] per hidden layer, and of the edges, [to, from] per
        layer of weights.
    """
    masks = masks_of_ids(circuit_ids, sizes)
    edges = [
        (layer[:, :, None] >> np.arange(below) & 1).mean(0)
        for layer, below in zip(masks, sizes, strict=False)
    ]
    neurons = [(layer > 0).mean(0) for layer in masks[:-1]]
    orders = [np.argsort(-rank) for rank in (edges[0].sum(0), *neurons)]
    for layer, order in enumerate(orders):
        edges[layer] = edges[layer][:, order]
        if layer:
            edges[layer - 1] = edges[layer - 1][order]
            neurons[layer - 1] = neurons[layer - 1][order]
    return neurons, edges
