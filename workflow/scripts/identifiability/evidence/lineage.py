"""How the artifacts behind something came about, by what their files say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from identifiability.evidence.runs import Row, Run


def artifacts(run: Run, behind: Mapping[str, Iterable[str]]) -> list[Row]:
    """How the artifacts of some files came about, by what the files say.

    Args:
        run: The run.
        behind: The files, each with those that it was made from, as ``Run.behind`` has them.

    Returns:
        A row per artifact, each after those that it was made from: ``artifact``, the rules that
        made it (``rule``; none where the files do not say), and the artifacts that it was made
        from (``from``).
    """
    rules: dict[str, set[str]] = defaultdict(set)
    made_from: dict[str, set[str]] = defaultdict(set)
    for file, inputs in behind.items():
        name = artifact_of(file)
        _, says = run.metadata(file)
        rules[name] |= {says["rule"]} if "rule" in says else set()
        # A family that is cut into shards is made from these, which are the same artifact.
        made_from[name] |= {artifact_of(other) for other in inputs} - {name}
    # Sorted, for a set of names has another order in every process.
    order = [*TopologicalSorter({a: sorted(made_from[a]) for a in sorted(rules)}).static_order()]
    return [
        {"artifact": a, "rule": sorted(rules[a]), "from": [b for b in order if b in made_from[a]]}
        for a in order
    ]


def artifact_of(file: str) -> str:
    """The artifact that a file is, or is a shard of, by where it lies below the run's folder."""
    return Path(file).with_suffix("").parts[1]
