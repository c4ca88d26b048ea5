"""Is mechanistic interpretability identifiable? Exact answers for tiny networks.

The library behind the pipeline that replicates Méloux et al. (ICLR 2025). Modules carry the
paper's terms as names: ``gates``, ``networks``, ``training``, ``circuits``, ``interpretations``,
``formulas``, ``alignment``, ``mappings``, ``protocols``. ``plain`` does all of it a second time,
slowly and independently. ``stages`` turns one artifact of the pipeline into the next.

The public names are loaded on first use, so that a pipeline job imports no more than it needs.
"""

import importlib
from typing import Any

_PUBLIC = {"explain": "explanation", "Protocol": "protocols", "PROTOCOLS": "protocols"}

__all__ = ["PROTOCOLS", "Protocol", "explain"]


def __getattr__(name: str) -> Any:
    """Loads a public name on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'identifiability' has no attribute {name!r}")
    return getattr(importlib.import_module(f"identifiability.{_PUBLIC[name]}"), name)
