"""What parsing the configuration is handed, to read networks of one's own."""

from collections.abc import Mapping
from typing import Any

from identifiability.networks.families import Family, Training


def read_networks(name: str, settings: Mapping[str, Any], training: Training) -> Family:
    """A family of networks of one's own; the import takes a second that others are spared."""
    from identifiability.networks.own import family_of

    return family_of(name, settings, training)
