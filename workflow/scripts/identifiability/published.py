"""The values that the paper publishes, for comparison with ours."""

from pathlib import Path
from typing import Any

import yaml

from identifiability.families import Family


def table_3(path: Path, family: Family) -> dict[str, dict[str, Any]]:
    """Table 3, left half, by quantity; nothing if the paper measured other gates or widths.

    Args:
        path: ``paper/published.yaml``.
        family: The family that is compared.
    """
    table = yaml.safe_load(path.read_text())["table_3"]
    same = table["gates"] == [gate.name for gate in family.gates]
    same &= table["hidden"] == list(family.hidden)
    values: dict[str, dict[str, Any]] = table["values"] if same else {}
    return values
