"""How far counts under a cap lie under the exact ones, network by network.

``strict`` has no cap and keeps the full node set: its counts are all perfect circuits, and all
interpretations of them.
"""

from collections.abc import Iterable

import pandas as pd

from identifiability.evidence.sweeps import rows_of
from identifiability.stages.rows import ESTIMATE, EXACT

ALL = "strict"
"""The protocol that admits everything."""
COMPARED = ("n_circuits", "n_interpretations")
"""What is compared; columns of the artifact ``summary``."""
_COLUMNS = ("family", "protocol", "quantity", "network_id", "share", "how")
_KEYS = ["network_id", "target"]


def shares(summary: pd.DataFrame, protocols: Iterable[str]) -> pd.DataFrame:
    """Which share of all there are each protocol's count reaches.

    Args:
        summary: The artifact ``summary`` of a family.
        protocols: Those compared with ``strict``; one under which the family has no row is left
            out.

    Returns:
        One row per protocol, quantity and converged network, the mean over its targets: the
        ``share``, and ``how`` it is known, ``exact`` or ``estimate``. A network has no row if
        either number is left open, or if there is nothing to count.
    """
    rows = summary[summary["analysed"]]
    family = str(summary["family"].iloc[0])
    whole = rows_of(summary, ALL)
    whole = whole[whole["analysed"]].set_index(_KEYS)
    parts = []
    for protocol in protocols:
        part = rows[rows["protocol"] == protocol].set_index(_KEYS)
        for quantity in COMPARED:
            both = pd.DataFrame(
                {
                    "number": pd.to_numeric(part[quantity]).astype(float),
                    "of": pd.to_numeric(whole[quantity]).astype(float),
                    "exact": quantity == "n_circuits"
                    or (part["how"] == EXACT) & (whole["how"] == EXACT),
                }
            ).dropna()
            both = both[both["of"] > 0]
            networks = both.assign(share=both["number"] / both["of"]).groupby("network_id")
            found = networks.agg(share=("share", "mean"), exact=("exact", "all")).reset_index()
            parts.append(
                found.assign(
                    family=family,
                    protocol=protocol,
                    quantity=quantity,
                    how=[EXACT if exact else ESTIMATE for exact in found["exact"]],
                )[list(_COLUMNS)]
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
