"""Shards: the seeds of a large family, cut into ranges that are worked on by jobs of their own.

A family that is not cut is its own one shard. Networks do not depend on each other, so that what
shards find, put one below the other, is what the whole family finds (tests/config/test_shards.py).
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

# Snakemake and each of its jobs read this module: what takes time to load is loaded by others.
if TYPE_CHECKING:
    import pandas as pd

_RANGE = r"[0-9]+-[0-9]+"


@dataclass(frozen=True)
class Shard:
    """Some networks of a family.

    Attributes:
        family: The family's slug.
        seeds: The networks' seeds; None for all of the family's.
    """

    family: str
    seeds: range | None = None

    def __str__(self) -> str:
        """Its name, in the names of files: ``xor-k3``, or ``xor-k3/0-999``."""
        if self.seeds is None:
            return self.family
        return f"{self.family}/{self.seeds.start}-{self.seeds.stop - 1}"

    def of(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """The rows of an artifact that are about these networks, in their order."""
        if self.seeds is None:
            return frame
        return frame[frame["seed"].isin(self.seeds)].reset_index(drop=True)


def shard(name: str) -> Shard:
    """The shard of a name.

    Raises:
        ValueError: If the name is not a shard's.
    """
    found = re.fullmatch(rf"([^/]+)(?:/({_RANGE}))?", name)
    if found is None:
        raise ValueError(f"{name!r} is not the name of a shard")
    family, seeds = found.groups()
    if seeds is None:
        return Shard(family)
    first, last = map(int, seeds.split("-"))
    return Shard(family, range(first, last + 1))


def shards_of(family: str, seeds: int, seeds_per_job: int) -> tuple[Shard, ...]:
    """A family's shards, in the order of their seeds.

    Args:
        family: The family's slug.
        seeds: Its number of networks.
        seeds_per_job: Most networks of a shard; as many in each, but for the last.
    """
    if seeds <= seeds_per_job:
        return (Shard(family),)
    starts = range(0, seeds, seeds_per_job)
    return tuple(Shard(family, range(s, min(s + seeds_per_job, seeds))) for s in starts)
