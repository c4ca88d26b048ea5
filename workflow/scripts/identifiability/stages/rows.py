"""What the rows of all stages share; apart from ``frames``, so that it loads without torch."""

import pandas as pd

NETWORK_KEYS = ["family", "seed", "network_id"]


def concatenate(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The parts below one another; an empty frame with the columns if there are none."""
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
