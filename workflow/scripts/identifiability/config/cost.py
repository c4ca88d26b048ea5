"""Predicted seconds and megabytes of jobs, one expression a stage.

The figures are rough and from a laptop. They serve to refuse what would take days before it
starts; jobs ask a scheduler for a multiple, and for as much again at every retry
(workflow/rules/common.smk).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from identifiability.circuits.reach import Reach
from identifiability.circuits.shapes import n_within
from identifiability.config.settings import Config
from identifiability.config.shards import Shard
from identifiability.errors import UserError
from identifiability.networks.families import Family

JOB_THREADS = 2
"""Networks that a job works on side by side, where they are wide."""
JOB_MINUTES = 10
"""Minutes that a job should take: what it costs before it works is little beside them."""

SHARED_SECONDS = 2
"""Most seconds that a family may take to share a job; starting one takes about as long."""


class Cost(NamedTuple):
    """A job's wall-clock seconds, and its largest resident memory in megabytes."""

    seconds: float
    megabytes: float


def costs(
    reach: Reach,
    networks: int,
    threads: int = JOB_THREADS,
    noise: bool = False,
    untrained: bool = False,
) -> dict[str, Cost]:
    """What the jobs on some networks take, by stage.

    Args:
        reach: How far their circuits are looked into.
        networks: How many, all of them converged, times their outputs.
        threads: Networks that a job may work on side by side, if they are wide.
        noise: Whether they are trained with noise.
        untrained: Whether they are not trained at all. Their outputs lie close together, so that
            many circuits are within a tolerance of them, and become rows.
    """
    candidates = n_within(reach.sizes, reach.enumerated)
    at_a_time = 1 if reach.listed is None else threads
    in_turn = networks / at_a_time
    rows = networks * (candidates if reach.listed is None else min(candidates, reach.listed))
    rows *= 5 if untrained else 1
    # Halves of circuits are met in the middle twice: to count circuits, and to draw some.
    met = 6e-7 * n_within(reach.sizes, reach.counted) ** (2 / 3) if reach.estimated else 0
    sets = sum(2**width - 1 for width in reach.sizes[1:-1])
    in_memory = 500 + 4e-5 * candidates * at_a_time + 100 * reach.estimated * at_a_time
    return {
        "datasets": Cost(1 + 1e-5 * networks, 200 + 0.005 * networks),
        "training": Cost(4 + networks * (0.0012 + 0.03 * noise), 500 + 0.02 * networks),
        "circuits": Cost(
            4 + 7e-4 * networks + 3e-8 * in_turn * candidates, in_memory + 2e-5 * rows
        ),
        "interpretations": Cost(
            4 + 0.002 * networks + in_turn * (9e-8 * candidates + met), in_memory + 7e-5 * rows
        ),
        # Joint interventions take most of it.
        "alignment": Cost(
            15 + networks * (2e-4 * sets + 2e-6 * sets**3), 500 + 0.02 * networks * sets
        ),
        "summary": Cost(2 + 4e-4 * networks, 200 + 0.05 * networks),
    }


def over_budget(found: Mapping[str, Cost], engine: Mapping[str, Any]) -> str | None:
    """Which job passes the budget of the section ``engine``, and by how much, if one does."""
    for stage, (seconds, megabytes) in found.items():
        for amount, unit, key in (
            (seconds / 3600, "h", "max_hours"),
            (megabytes / 1024, "GB", "max_memory_gb"),
        ):
            if amount > engine[key]:
                return (
                    f"a job {stage!r} is predicted to take {amount:,.3g} {unit}, more than "
                    f"engine.{key}: {engine[key]}; raise engine.{key}"
                )
    return None


def networks_of_a_job(reach: Reach, engine: Mapping[str, Any]) -> int:
    """Most networks with which no job passes ``JOB_MINUTES``, or half of the memory allowed."""
    one, two = (costs(reach, networks) for networks in (1, 2))
    limits = (60 * JOB_MINUTES, 512 * engine["max_memory_gb"])
    return min(
        max(1, 1 + int((limit - first) / (second - first)))
        for stage in one
        for first, second, limit in zip(one[stage], two[stage], limits, strict=True)
    )


def job_costs(shard: Shard, config: Config) -> dict[str, Cost]:
    """What the jobs on a shard of a family take, by stage.

    Raises:
        UserError: If one passes the budget.
    """
    family = config.families[shard.family]
    networks = family.seeds if shard.seeds is None else len(shard.seeds)
    outputs = family.n_outputs if family.untrained_draws is None else len(family.gates)
    noise = family.training.noise > 0
    untrained = family.untrained_draws is not None
    found = costs(config.reach(family), networks * outputs, noise=noise, untrained=untrained)
    if reason := over_budget(found, config.engine):
        key = "seeds_per_job" if family.untrained_draws is None else "seeds"
        raise UserError(
            f"config: families.{family.name}: {reason}, or give a job fewer networks than "
            f"{networks:,} (families.{family.name}.{key})"
        )
    return found


def shares_job(stage: str, family: Family, config: Config) -> bool:
    """Whether one job does a stage for a family and for others, as each takes next to no time.

    Families of one's own do not: the others would be made again when one is added.
    """
    if family.files is not None or len(config.shards[family.name]) > 1:
        return False
    (whole,) = config.shards[family.name]
    start = costs(config.reach(family), networks=0)[stage].seconds
    return job_costs(whole, config)[stage].seconds - start <= SHARED_SECONDS


def check_budget(config: Config) -> None:
    """Raises a UserError for the first family with a job that is predicted to pass the budget."""
    for family in config.used:
        job_costs(config.shards[family.name][0], config)
