"""Is mechanistic interpretability identifiable? Exact answers for tiny networks.

The library behind the pipeline that replicates Méloux et al. (ICLR 2025). To know the paper's
definitions, read ``plain`` beside it: the whole analysis, one thing at a time, in one file.
``protocols`` holds the criteria, each set of them one reading of the paper. The rest does the same
fast, by what it is about:

- ``networks``: gates, families of networks, their training, files of networks
- ``circuits``: sub-graphs, which of them are perfect, and their interpretations
- ``algorithms``: formulas, interchange interventions, mappings
- ``digits``: the paper's section 4.3
- ``stages``: one artifact of the pipeline from the others, data frame in, data frame out
- ``store``: artifacts, their contracts, hashes and provenance
- ``evidence``: claims, differences, statistics, and what they rest on
- ``exhibits``, ``drawing``, ``report``: figures, tables and words
- ``audit``, ``command``, ``config``: the check of a run, the command line, the settings

The public names are loaded on first use, so that a pipeline job imports no more than it needs.
"""

import importlib
from typing import Any

_PUBLIC = {
    "Explanation": "command.explanation",
    "explain": "command.explanation",
    "load": "networks.files",
    "GATES": "networks.gates",
    "Gate": "networks.gates",
    "gate": "networks.gates",
    "PROTOCOLS": "protocols",
    "Protocol": "protocols",
    "VARIANTS": "protocols",
}

__all__ = [
    "GATES",
    "PROTOCOLS",
    "VARIANTS",
    "Explanation",
    "Gate",
    "Protocol",
    "explain",
    "gate",
    "load",
]


def __getattr__(name: str) -> Any:
    """Loads a public name on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'identifiability' has no attribute {name!r}")
    return getattr(importlib.import_module(f"identifiability.{_PUBLIC[name]}"), name)
