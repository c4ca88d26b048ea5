"""What the shipped configuration says, for what runs without one."""

from functools import cache
from typing import Any

import yaml

from identifiability.store.paths import PROJECT


@cache
def engine_defaults() -> dict[str, Any]:
    """The section ``engine`` of config/config.yaml."""
    settings: dict[str, Any] = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())
    engine: dict[str, Any] = settings["engine"]
    return engine
