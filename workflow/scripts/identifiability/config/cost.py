"""What jobs cost, in time and memory, before they start (docs/scaling.md).

A job's seconds, and its megabytes, are a sum of units of work, each with a coefficient of its own:
fitted to Snakemake's benchmark files by ``fit``, or shipped in ``config/cost.yaml``, which
``make bench`` writes. Counting by half sums has a model of its own, measured network by network;
a few networks counted on the spot scale it to a machine.
"""

import csv
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product
from math import comb
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from identifiability.circuits.reach import reach_of, why_not_counted
from identifiability.circuits.shapes import count_all, count_candidates, n_within
from identifiability.config.settings import Config
from identifiability.config.shards import Shard
from identifiability.errors import UserError
from identifiability.networks.families import Family
from identifiability.protocols import Protocol
from identifiability.store.paths import PROJECT

STAGES = {
    "datasets": "drawing its samples",
    "training": "training its networks",
    "circuits": "searching its circuits",
    "interpretations": "counting its circuits",
    "alignment": "intervening on its networks",
    "summary": "summing up",
}
"""The jobs of a family, in order, and what they do."""
JOB_THREADS = 2
"""Networks that a job works on side by side, where they are wide."""
JOB_MINUTES = 10
"""Minutes that a job on a shard should take: next to them, what a job costs before it works is
little, and a job that is lost costs little too."""
WALKS = 2
"""Times that half sums go through a network: to count its circuits, and to draw some of them."""
CALIBRATION = (2, 4, 4, 1)
"""Neurons per layer of the networks that are counted on the spot."""
SAMPLE = 5
"""Random networks that are counted of a shape; their times vary several-fold."""
SHIPPED = PROJECT / "config" / "cost.yaml"
_MB = 2**20


@dataclass(frozen=True)
class Shape:
    """What the networks of a shape ask for.

    Attributes:
        sizes: Neurons per layer, of a network seen through one of its outputs.
        walked: Candidate circuits walked through, one at a time.
        summed: Whether there are further ones, which are counted by half sums.
        listed: Most circuits listed.
        noise: Whether they are trained with noise, and every sample evaluated.
    """

    sizes: tuple[int, ...]
    walked: int
    summed: bool
    listed: int
    noise: bool = False

    @property
    def wide(self) -> bool:
        """Whether not all circuits are listed; a job then works on several networks at a time."""
        return self.summed or self.walked > self.listed


def shape_of(
    sizes: tuple[int, ...], protocols: Iterable[Protocol], engine: Mapping[str, Any]
) -> Shape:
    """What networks ask for under some protocols.

    Args:
        sizes: Neurons per layer, (2, ..., 1).
        protocols: The readings.
        engine: The section of the configuration.
    """
    reach = reach_of(
        sizes,
        protocols,
        max_candidates=engine["max_candidates"],
        max_listed=engine["max_listed"],
    )
    walked = n_within(sizes, reach.enumerated)
    return Shape(sizes, walked, reach.estimated, walked if reach.listed is None else reach.listed)


class HalfSums(NamedTuple):
    """Work, or seconds per unit of work, of counting the circuits of one network by half sums.

    Attributes:
        choices: Masks of the first layer that read both inputs.
        pairs: Elements of the middle part times elements of the first, over all choices.
        words: Words of bit sets that are cut, over all pairs.
        built: Words of bit sets that are built, over all choices.
    """

    choices: float
    pairs: float
    words: float
    built: float


def n_choices(width: int, kept: int) -> int:
    """Masks of the first layer that read both inputs and keep so many of its neurons."""
    # Three masks keep a neuron; all neurons reading one and the same input is not enough.
    return comb(width, kept) * (int(3**kept) - 2)


def half_sum_units(sizes: tuple[int, ...]) -> HalfSums:
    """The work of counting one network by half sums.

    Args:
        sizes: Neurons per layer, (2, a, b, 1).
    """
    _, first, second, _ = sizes
    total = np.zeros(4)
    for kept in range(1, first + 1):
        choices = n_choices(first, kept)
        pairs = 2 ** (kept * max(0, second - 2))
        last = 2 ** (kept * min(2, second))
        words = -(-last // 64)
        total += choices * np.array([1, pairs, pairs * words, 4 * last * words], float)
    return HalfSums(*map(float, total))


def half_sum_megabytes(sizes: tuple[int, ...]) -> float:
    """Memory of counting one network by half sums: its tables, bit sets and counts."""
    _, first, second, _ = sizes
    tables = 2 * 4**first * second * 2**first * 4 * 8
    last = 2 ** (first * min(2, second))
    bit_sets = (4 * (last + 1) + 2**first) * -(-last // 64) * 8
    counts = 4**first * comb(first + second, second) * 8
    return float(tables + bit_sets + counts) / _MB


@dataclass(frozen=True)
class Model:
    """Coefficients of the units of work.

    Attributes:
        half_sums: Seconds per unit on one core.
        factor: What a job's counting by half sums takes, as a multiple of that.
        seconds: By stage, seconds per unit of ``time_units``.
        megabytes: By stage, megabytes per unit of ``memory_units``.
    """

    half_sums: HalfSums
    factor: float
    seconds: Mapping[str, Sequence[float]]
    megabytes: Mapping[str, Sequence[float]]

    def half_sum_seconds(self, sizes: tuple[int, ...]) -> float:
        """Seconds of counting one network by half sums, on one core, before ``factor``."""
        return float(np.dot(self.half_sums, half_sum_units(sizes)))


class Cost(NamedTuple):
    """A job's cost.

    Attributes:
        seconds: Wall-clock time.
        megabytes: Largest resident memory.
    """

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Job:
    """A job that was run.

    Attributes:
        stage: Its rule.
        shape: Its networks'.
        networks: How many converged, times their outputs.
        cost: What Snakemake measured.
    """

    stage: str
    shape: Shape
    networks: int
    cost: Cost


def _threads(shape: Shape, cores: int) -> int:
    return min(JOB_THREADS, cores) if shape.wide else 1


def time_units(
    stage: str, shape: Shape, networks: int, half_sum_seconds: float, cores: int
) -> list[float]:
    """What the seconds of a job are made of: one start, and its units of work.

    Args:
        stage: Its rule.
        shape: Its networks'.
        networks: How many.
        half_sum_seconds: What counting one by half sums takes on one core.
        cores: Cores of the machine.
    """
    side_by_side = networks / _threads(shape, cores)
    match stage:
        case "training":
            return [1, networks, networks * shape.noise]
        case "circuits":
            return [1, networks, side_by_side * shape.walked]
        case "interpretations":
            summed = WALKS * half_sum_seconds * shape.summed
            return [1, networks, side_by_side * shape.walked, side_by_side * summed]
        case "alignment":
            return [1, networks * sum(2**width - 1 for width in shape.sizes[1:-1])]
    return [1, networks]


def memory_units(stage: str, shape: Shape, networks: int) -> list[float]:
    """What the megabytes of a job are made of, half sums aside."""
    if stage in ("circuits", "interpretations"):
        return [1, networks * shape.listed, shape.walked * shape.wide]
    return time_units(stage, shape, networks, 0, 1)


def predict(model: Model, shape: Shape, networks: int, cores: int) -> dict[str, Cost]:
    """The cost of every job of a family, by stage.

    Args:
        model: Coefficients.
        shape: Of its networks.
        networks: How many, all of them converged, times their outputs.
        cores: Cores of the machine.
    """
    half = _half_sum_seconds(model, shape)
    costs = {}
    for stage in STAGES:
        seconds = np.array(time_units(stage, shape, networks, half, cores))
        megabytes = np.dot(model.megabytes[stage], memory_units(stage, shape, networks))
        coefficients = [*model.seconds[stage]]
        if stage == "interpretations":
            coefficients.append(model.factor)
            megabytes += _summed_megabytes(shape, cores)
        costs[stage] = Cost(float(seconds @ coefficients), float(megabytes))
    return costs


@cache
def load_model() -> Model:
    """The coefficients that are shipped."""
    stored = yaml.safe_load(SHIPPED.read_text())
    return Model(**stored | {"half_sums": HalfSums(**stored["half_sums"])})


def read_jobs(folder: Path, config: Config, benchmarks: str = "benchmarks") -> list[Job]:
    """The jobs of a finished run whose benchmark files and results are there.

    Args:
        folder: Where the benchmark files and ``results`` lie.
        config: What was run.
        benchmarks: Folder of the benchmark files.
    """
    import pyarrow.parquet as pq

    jobs = []
    for family in config.used:
        networks, summary = (
            folder / "results" / name / f"{family.name}.parquet"
            for name in ("networks", "summary")
        )
        if not (networks.exists() and summary.exists()):
            continue
        shape = _family_shape(family, config)
        strict = pq.read_table(summary, columns=["counted"], filters=[("protocol", "=", "strict")])
        # A run of an earlier version leaves open what is counted by half sums now.
        shape = replace(shape, summed=shape.summed and all(strict["counted"].to_pylist()))
        trained = pq.read_table(networks, columns=["seed", "converged"]).to_pandas()
        for shard, stage in product(config.shards[family.name], STAGES):
            file = folder / benchmarks / stage / f"{shard}.tsv"
            if file.exists():
                *_, row = csv.DictReader(file.read_text().splitlines(), delimiter="\t")
                cost = Cost(float(row["s"]), float(row["max_rss"]))
                converged = int(shard.of(trained)["converged"].sum())
                jobs.append(Job(stage, shape, converged * family.n_outputs, cost))
    return jobs


class Fit(NamedTuple):
    """A model fitted to jobs.

    Attributes:
        model: Its coefficients.
        errors: By stage, the median over jobs of how many times the larger of predicted and
            measured seconds is the smaller.
        factor_fitted: Whether the jobs say what half sums take; else the factor is the one given.
    """

    model: Model
    errors: Mapping[str, float]
    factor_fitted: bool


def fit(jobs: Sequence[Job], known: Model) -> Fit:
    """Fits coefficients to jobs, none below zero, by least squares of relative errors.

    Args:
        jobs: Of every stage at least one, on ``JOB_THREADS`` cores or more.
        known: Its half sums are kept, and its factor where no job has any.
    """
    seconds, megabytes = {}, {}
    summed = any(job.stage == "interpretations" and job.shape.summed for job in jobs)
    for stage in STAGES:
        own = [job for job in jobs if job.stage == stage]
        seconds[stage] = least_squares(
            [
                time_units(
                    stage, j.shape, j.networks, _half_sum_seconds(known, j.shape), JOB_THREADS
                )
                for j in own
            ],
            [job.cost.seconds for job in own],
        )
        megabytes[stage] = least_squares(
            [memory_units(stage, job.shape, job.networks) for job in own],
            [
                job.cost.megabytes
                - (stage == "interpretations") * _summed_megabytes(job.shape, JOB_THREADS)
                for job in own
            ],
        )
    fitted = seconds["interpretations"].pop()
    model = Model(known.half_sums, fitted if summed else known.factor, seconds, megabytes)
    ratios: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for job in jobs:
        predicted = predict(model, job.shape, job.networks, JOB_THREADS)[job.stage].seconds
        ratio = predicted / job.cost.seconds
        ratios[job.stage].append(max(ratio, 1 / ratio))
    return Fit(model, {stage: median(found) for stage, found in ratios.items()}, summed)


def _half_sum_seconds(model: Model, shape: Shape) -> float:
    return model.half_sum_seconds(shape.sizes) if shape.summed else 0.0


def _summed_megabytes(shape: Shape, cores: int) -> float:
    return _threads(shape, cores) * half_sum_megabytes(shape.sizes) if shape.summed else 0.0


def least_squares(units: Sequence[Sequence[float]], measured: Sequence[float]) -> list[float]:
    """Coefficients of units, [job][unit], such that relative errors are small; none negative."""
    from scipy.optimize import nnls

    relative = np.array(units, float) / np.array(measured)[:, None]
    scale = np.maximum(relative.max(0), np.finfo(float).tiny)
    found: NDArray[np.float64] = nnls(relative / scale, np.ones(len(measured)))[0] / scale
    return [float(coefficient) for coefficient in found]


def counter(sizes: tuple[int, ...], seed: int = 0) -> Callable[..., object]:
    """What counts the circuits of a random network by half sums, when it is called.

    Args:
        sizes: Neurons per layer.
        seed: Of the weights.

    Returns:
        A function of the choices to go through, all of them if none are given.
    """
    from identifiability.circuits import meet_in_the_middle, responses
    from identifiability.networks.networks import Networks

    rng = np.random.default_rng(seed)
    pairs = list(pairwise(sizes))
    network = Networks(
        tuple(rng.normal(size=(1, above, below)).astype(np.float32) for below, above in pairs),
        tuple(rng.normal(size=(1, above)).astype(np.float32) for _, above in pairs),
    )

    def count(choices: Iterable[int] | None = None) -> object:
        table = responses.tabulate(network)
        wanted = meet_in_the_middle.wanted(table, network.outputs()[0, :, 0].round())
        return meet_in_the_middle.count(table, wanted, choices)

    return count


def seconds_of(work: Callable[[], object]) -> float:
    """Time of some work on one core, whatever else the machine does."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def median_seconds(sizes: tuple[int, ...]) -> float:
    """Median time of counting one of some random networks, on one core."""
    counter((2, 1, 1, 1))()  # compiles, or loads what was compiled
    return median(seconds_of(counter(sizes, seed)) for seed in range(SAMPLE))


def calibrate(model: Model) -> float:
    """What half sums take here, as a multiple of a model's seconds: some networks, counted now."""
    return median_seconds(CALIBRATION) / model.half_sum_seconds(CALIBRATION)


def duration(seconds: float) -> str:
    """A time to be read, in the largest unit of which there is at least one."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"


def over_budget(costs: Mapping[str, Cost], engine: Mapping[str, Any]) -> str | None:
    """Which job passes the budget, and by how much; None if none does.

    Args:
        costs: By stage.
        engine: The section of the configuration.
    """
    for stage, cost in costs.items():
        hours, gigabytes = cost.seconds / 3600, cost.megabytes / 1024
        for amount, unit, verb, key in (
            (hours, "h", "take", "max_hours"),
            (gigabytes, "GB", "need", "max_memory_gb"),
        ):
            if amount > engine[key]:
                return (
                    f"{STAGES[stage]} is predicted to {verb} {amount:,.3g} {unit}, more than "
                    f"engine.{key}: {engine[key]}; raise engine.{key}"
                )
    return None


def networks_of_a_job(
    model: Model, shape: Shape, cores: int, engine: Mapping[str, Any]
) -> tuple[int, str]:
    """How many networks a job should be given, and what bounds them.

    No job on so many is predicted to take more than ``JOB_MINUTES``, or to need more than half of
    the memory that the budget allows.

    Args:
        model: Coefficients.
        shape: Of the networks.
        cores: Cores of the machine.
        engine: The section of the configuration.
    """
    limits = {"time": 60.0 * JOB_MINUTES, "memory": 1024 * engine["max_memory_gb"] / 2}
    most = dict.fromkeys(limits, 10**9)
    ones, twos = (predict(model, shape, networks, cores) for networks in (1, 2))
    for stage in STAGES:
        for (bound, limit), one, two in zip(limits.items(), ones[stage], twos[stage], strict=True):
            if two > one:
                most[bound] = min(most[bound], 1 + int((limit - one) / (two - one)))
    bound = min(most, key=lambda name: most[name])
    return max(1, most[bound]), bound


def job_costs(shard: Shard, config: Config) -> dict[str, Cost]:
    """The predicted cost of every job on a shard of a family, by stage.

    Raises:
        UserError: If one passes the budget.
    """
    family = config.families[shard.family]
    networks = family.seeds if shard.seeds is None else len(shard.seeds)
    outputs = family.n_outputs if family.untrained_draws is None else len(family.gates)
    costs = predict(load_model(), _family_shape(family, config), networks * outputs, JOB_THREADS)
    if reason := over_budget(costs, config.engine):
        key = "seeds_per_job" if family.untrained_draws is None else "seeds"
        raise UserError(
            f"config: families.{family.name}: {reason}, or give a job fewer networks than "
            f"{networks:,} (families.{family.name}.{key})"
        )
    return costs


def check_budget(config: Config) -> None:
    """Raises a UserError for the first family with a job that is predicted to pass the budget."""
    for family in config.used:
        job_costs(config.shards[family.name][0], config)


def _family_shape(family: Family, config: Config) -> Shape:
    shape = shape_of(family.single_output_sizes, config.protocols_of(family), config.engine)
    return replace(shape, noise=family.training.noise > 0)


class Estimate(NamedTuple):
    """What the command ``identifiability cost`` says.

    Attributes:
        sizes: Neurons per layer.
        protocol: The reading.
        candidates: Candidate circuits per network.
        shape: Of the networks.
        networks: How many.
        cores: On so many cores.
        costs: By stage.
        source: Where the coefficients of the stages come from.
        half_sums: Where those of half sums come from; None where there are none.
        gpu: By stage, on a GPU; None where none was measured.
        per_job: Networks that the pipeline gives a job.
        advised: Networks that a job should be given, and what bounds them.
        refused: Why the pipeline would refuse it; None if it would not.
    """

    sizes: tuple[int, ...]
    protocol: str
    candidates: int
    shape: Shape
    networks: int
    cores: int
    costs: Mapping[str, Cost]
    source: str
    half_sums: str | None
    gpu: Mapping[str, Cost] | None
    per_job: int
    advised: tuple[int, str]
    refused: str | None


def estimate(
    config: Config,
    folder: Path,
    sizes: tuple[int, ...],
    protocol: str,
    networks: int,
    cores: int,
) -> Estimate:
    """Predicts what networks would cost, from the benchmark files of a run if there are any.

    Args:
        config: What was run, and the budget.
        folder: Where ``results`` and ``benchmarks`` lie, and ``benchmarks-gpu``, if the run was
            repeated on a GPU.
        sizes: Inputs, then neurons per hidden layer.
        protocol: Name of the reading.
        networks: How many.
        cores: Cores of the machine.

    Raises:
        UserError: If networks are out of reach, or there is no such protocol.
    """
    if protocol not in config.protocols:
        known = ", ".join(config.protocols)
        raise UserError(f"unknown protocol {protocol!r}; known are {known}")
    reading = config.protocols[protocol]
    sizes = (*sizes, 1)
    if min(sizes) < 1:
        raise UserError(f"layers of {list(sizes)} neurons: a layer has at least 1")
    most = config.engine["max_candidates"]
    if (why := why_not_counted(sizes)) and count_all(sizes) > most:
        raise UserError(
            f"{sizes[0]} inputs and hidden layers of {list(sizes[1:-1])} neurons have too many "
            f"candidate circuits; at most {most:,} are enumerated (engine.max_candidates), "
            f"and {why}"
        )
    shape = shape_of(sizes, [reading], config.engine)
    model, half_sums = load_model(), None
    if shape.summed:
        model = replace(model, factor=calibrate(model))
        half_sums = f"calibrated: {SAMPLE} networks {CALIBRATION}, counted now"
    source = f"shipped in config/cost.yaml; no benchmark files below {folder}"
    if jobs := read_jobs(folder, config):
        fitted = fit(jobs, model)
        model = fitted.model
        files = f"benchmark files of {folder / 'benchmarks'}"
        source = (
            f"fitted to {len(jobs)} {files}; median error a factor of "
            f"{median(fitted.errors.values()):.2f}, at most {max(fitted.errors.values()):.2f} "
            f"({max(fitted.errors, key=lambda stage: fitted.errors[stage])})"
        )
        if shape.summed and fitted.factor_fitted:
            half_sums = "fitted to the same files"
    costs = predict(model, shape, networks, cores)
    per_job = min(networks, config.engine["seeds_per_job"])
    on_gpu = read_jobs(folder, config, "benchmarks-gpu")
    return Estimate(
        sizes,
        protocol,
        reading.n_candidates(sizes, count_candidates(sizes)),
        shape,
        networks,
        cores,
        costs,
        source,
        half_sums,
        predict(fit(on_gpu, model).model, shape, networks, cores) if on_gpu else None,
        per_job,
        networks_of_a_job(model, shape, cores, config.engine),
        over_budget(predict(model, shape, per_job, cores), config.engine),
    )
