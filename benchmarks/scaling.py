"""Measures how cost grows; writes docs/scaling.md, docs/scaling.png and config/cost.yaml.

Random networks are counted by half sums, after a count that is not timed and compiles. The time of
one network is that of the processor, of several it is wall-clock; memory is the largest resident
memory of a process that did nothing else.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import product
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pipeline
import yaml
from matplotlib.figure import Figure

from identifiability.circuits.shapes import count_all
from identifiability.config.cost import (
    JOB_MINUTES,
    JOB_THREADS,
    SAMPLE,
    STAGES,
    WALKS,
    Fit,
    HalfSums,
    Job,
    Model,
    counter,
    duration,
    fit,
    half_sum_units,
    least_squares,
    median_seconds,
    n_choices,
    networks_of_a_job,
    predict,
    read_jobs,
    seconds_of,
    shape_of,
)
from identifiability.config.settings import Config
from identifiability.drawing.palette import FAINT, looks
from identifiability.drawing.style import TEXT_WIDTH, figure_of, house_style, save
from identifiability.evidence.runs import read_config

ROOT = Path(__file__).parents[1]
WIDTHS = (2, 3, 4, 5)
WIDEST = 6
FURTHER = ((2, 5, 4, 1), (2, 3, 5, 1))
"""Shapes that are measured for the model alone."""
ROUNDS = 3
"""Runs with several networks, of which the quickest counts."""
CHOICES = 3
"""Choices that are counted of a network at the widest, per number of neurons they keep."""
NUMBERS = (1, 10, 100)
SHARED_WIDTH = 4
CORES = (1, 2)
MANY = 10_000
LARGE = 1_000
LARGE_FAMILIES = ("xor-k2", "xor-k3", "xor-k3-noise")
"""Families that are run with so many networks, for the model alone."""
CLUSTERS = (1, 100, 1_000)
CLUSTER = ROOT / "benchmarks" / "cluster.yaml"
BLUE, GREEN = looks(["released", "strict"]).values()


class Run(NamedTuple):
    """Networks that were counted in a process of their own.

    Attributes:
        seconds: Wall-clock, all networks.
        megabytes: Largest resident memory.
    """

    seconds: float
    megabytes: float


def sizes(width: int) -> tuple[int, ...]:
    """Neurons per layer of networks of a width."""
    return (2, width, width, 1)


def count(width: int, networks: int, cores: int) -> Run:
    """Counts networks, several at a time; at the widest, some choices of each kind only."""
    counter((2, 1, 1, 1))()
    work = [counter(sizes(width), seed) for seed in range(networks)]
    if width == WIDEST:
        seconds = statistics.median(map(extrapolated_seconds, work))
    else:
        with ThreadPoolExecutor(cores) as pool:
            # A count is large: it is not kept.
            start = time.perf_counter()
            any(pool.map(lambda one: one() is None, work))
            seconds = time.perf_counter() - start
    return Run(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def extrapolated_seconds(work: Callable[..., object]) -> float:
    """Time of counting a network of the widest, from some of its choices."""
    return sum(
        n_choices(WIDEST, kept) * seconds_of_choices(work, kept) for kept in range(1, WIDEST + 1)
    )


def seconds_of_choices(work: Callable[..., object], kept: int) -> float:
    """Mean time of a choice that keeps so many neurons, from some of them, tables aside."""
    masks = [m for m in product((1, 2, 3), repeat=kept) if np.bitwise_or.reduce(m) == 3]
    drawn = np.random.default_rng(kept).permutation(masks)[:CHOICES]
    choices = (drawn << 2 * np.arange(kept)).sum(1).tolist()
    tables = seconds_of(lambda: work([]))
    return max(0.0, seconds_of(lambda: work(choices)) - tables) / len(choices)


def in_a_process(width: int, networks: int = 1, cores: int = 1) -> Run:
    """Counts networks in a process of its own."""
    command = [sys.executable, __file__, "--count", *map(str, (width, networks, cores))]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Run(*map(float, output.split()))


def draw(
    by_width: Mapping[int, Run], shared: Mapping[tuple[int, int], Run], half_sums: HalfSums
) -> Figure:
    """Time and memory per network against the width, and time against networks and cores."""
    with house_style():
        figure = figure_of(TEXT_WIDTH, 2.1)
        seconds_axes, memory, together = figure.subplots(1, 3)
        every = [*WIDTHS, WIDEST]
        modelled = [np.dot(half_sums, half_sum_units(sizes(width))) for width in every]
        seconds_axes.plot(every, modelled, color=FAINT, lw=1, zorder=1, label="model")
        for axes, field in ((seconds_axes, "seconds"), (memory, "megabytes")):
            values = [getattr(by_width[width], field) for width in every]
            axes.plot(WIDTHS, values[:-1], BLUE.marker, color=BLUE.colour, label="measured", ms=4)
            axes.plot(
                [WIDEST],
                values[-1:],
                BLUE.marker,
                color=BLUE.colour,
                markerfacecolor=BLUE.colour if axes is memory else "white",
                label="extrapolated",
                ms=4,
            )
            axes.set(xticks=every, xlabel="width k of both hidden layers")
        seconds_axes.set(title="One network, one core", ylabel="seconds", yscale="log")
        memory.set(title="One process", ylabel="MB")
        memory.set_ylim(0, 1.1 * max(run.megabytes for run in by_width.values()))
        seconds_axes.legend(loc="upper left", handlelength=1, borderpad=0)
        for cores, look in zip(CORES, (BLUE, GREEN), strict=True):
            seconds = [shared[networks, cores].seconds for networks in NUMBERS]
            label = f"{cores} core{'s' * (cores > 1)}"
            together.plot(
                NUMBERS, seconds, f"{look.marker}-", color=look.colour, lw=1, ms=4, label=label
            )
        together.set(xscale="log", yscale="log", xlabel="networks", ylabel="seconds")
        together.set(title=f"Networks of k = {SHARED_WIDTH}", xticks=NUMBERS, xticklabels=NUMBERS)
        together.minorticks_off()
        together.legend(loc="upper left")
        for axes in (seconds_axes, memory, together):
            axes.spines[["top", "right"]].set_visible(False)
        figure.tight_layout(w_pad=1.5)
    return figure


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def text(
    by_width: Mapping[int, Run],
    shared: Mapping[tuple[int, int], Run],
    found: Fit,
    config: Config,
    n_jobs: int,
    load: float,
) -> str:
    """The page."""
    one, two = (shared[NUMBERS[-1], cores].seconds for cores in CORES)
    efficiency = min(1.0, one / (CORES[-1] * two))
    clusters = [
        [
            *(f"{width}", f"{networks:,}"),
            *(
                duration(ceil(networks / cores) * WALKS * by_width[width].seconds / efficiency)
                for cores in CLUSTERS
            ),
        ]
        for width in (*WIDTHS[-2:], WIDEST)
        for networks in (NUMBERS[-1], MANY)
    ]
    families = []
    for width in WIDTHS:  # the model is fitted to no wider ones
        shape = shape_of(sizes(width), config.protocols.values(), config.engine)
        costs = predict(found.model, shape, MANY, JOB_THREADS)
        largest = max(cost.megabytes for cost in costs.values())
        families.append(
            [f"{width}", *(duration(costs[stage].seconds) for stage in STAGES), f"{largest:,.0f}"]
        )
    seconds = [duration(by_width[WIDEST].seconds), duration(WALKS * by_width[WIDEST].seconds)]
    return f"""<!-- Written by `make bench`; do not edit. -->

# How cost grows

{" ".join((__doc__ or "").split(chr(10) * 2, 1)[1].split())} {platform.machine()}, {os.cpu_count()}
cores (load average {load:.1f} before the first measurement), Python {platform.python_version()},
numba {version("numba")}.

![Time and memory against width, networks and cores](scaling.png)

## One network, against the width

A network with hidden layers of k neurons each, its perfect circuits counted by half sums on one
core: the median of {SAMPLE} random networks. At k = {WIDEST} the time is extrapolated: of each
network, and for each number of neurons that the first layer keeps, up to {CHOICES} choices of its
masks were counted, and their mean time was multiplied by how many such choices there are
({half_sum_units(sizes(WIDEST)).choices:,.0f} in all). Its memory is measured.

{
        table(
            ["k", "candidate circuits", "time", "memory, MB"],
            (
                [
                    f"{width}{', extrapolated' * (width == WIDEST)}",
                    f"{count_all(sizes(width)):,}",
                    duration(run.seconds),
                    f"{run.megabytes:,.0f}",
                ]
                for width, run in by_width.items()
            ),
        )
    }

## Networks and cores

Networks of k = {SHARED_WIDTH}, as many at a time as there are cores, one thread each.

{
        table(
            ["networks", "cores", "time", "memory, MB"],
            (
                [f"{networks:,}", f"{cores}", duration(run.seconds), f"{run.megabytes:,.0f}"]
                for (networks, cores), run in shared.items()
            ),
        )
    }

Each line is the quickest of {ROUNDS} runs. With {NUMBERS[-1]} networks, {CORES[-1]} cores are
{one / two:.2f} times as quick as one; below, they are taken to be used to {efficiency:.0%}.

## What it would take: {MANY:,} networks, and k = {WIDEST} on a cluster

Extrapolated, not measured. Networks share nothing, so N of them on C cores take

> ⌈N / C⌉ × {WALKS} × seconds of one network / {efficiency:.2f}

where circuits are gone through {WALKS} times, once to count them and once to draw those whose
interpretations are looked at, and the cores of a cluster are taken to be as fast, and as well used
({efficiency:.0%}), as those measured here. One network of k = {WIDEST} takes {seconds[0]} to be
counted on one core, {seconds[1]} with drawing. The pipeline gives a job {JOB_THREADS} threads:
more cores are used by cutting families into shards, below.

{
        table(
            ["k", "networks", *(f"{cores:,} core{'s' * (cores > 1)}" for cores in CLUSTERS)],
            clusters,
        )
    }

## A family of {MANY:,} networks, job by job

What `identifiability cost` predicts for the pipeline on {JOB_THREADS} cores, every protocol
counted: extrapolated from {n_jobs} jobs, of a run with at most {config.families["xor-k3"].seeds}
seeds a family and of {len(LARGE_FAMILIES)} families with {
        LARGE:,}. The model of half sums is fitted to k ≤ {
        WIDTHS[-1]
    }. In half of those jobs the prediction was within a factor of
{statistics.median(found.errors.values()):.2f}, by job
{", ".join(f"{error:.2f} (`{stage}`)" for stage, error in found.errors.items())}. The pipeline
refuses a job beyond `engine.max_hours` or `engine.max_memory_gb`, here {
        config.engine["max_hours"]
    }
h and {config.engine["max_memory_gb"]} GB. No GPU has been measured.

{table(["k", *(f"`{stage}`" for stage in STAGES), "largest job, MB"], families)}

{shards(found.model, config)}"""


def shards(model: Model, config: Config) -> str:
    """What a job costs before it works, and how many networks make one worth sending."""
    cluster = yaml.safe_load(CLUSTER.read_text())
    local, slurm = cluster["local"], cluster["slurm"]
    extra, part = (slurm[name] - local[name] for name in ("first", "further"))
    rows = []
    for width in WIDTHS:
        shape = shape_of(sizes(width), config.protocols.values(), config.engine)
        networks, bound = networks_of_a_job(model, shape, JOB_THREADS, config.engine)
        rows.append([f"{width}", f"{networks:,}", bound, f"{ceil(MANY / networks):,}"])
    minutes, memory = JOB_MINUTES, config.engine["max_memory_gb"]
    per_job, paper = config.engine["seeds_per_job"], cluster["paper"]
    ratio = paper["slurm"]["seconds"] / paper["local"]["seconds"]
    return f"""## What a job costs before it works, and the shards that follow

Measured on {cluster["machine"]}, the cluster's only node among them, with Snakemake
{cluster["snakemake"]} and its plugin for SLURM {cluster["plugin"]}: medians of {cluster["rounds"]}
runs of one job, and of {cluster["jobs"]}, that have next to nothing to do. Under SLURM they
share one job of it, as small jobs do in `profiles/slurm`.

{
        table(
            ["", "the first job", "each further one"],
            (
                [name, f"{found['first']:.1f} s", f"{found['further']:.1f} s"]
                for name, found in (("here, one at a time", local), ("under SLURM", slurm))
            ),
        )
    }

Sent to SLURM, a job costs {extra:.0f} s more: to be sent, to start Snakemake again, and to be seen
to be done at the next look. A part of a job that is shared costs {part:.1f} s more than here. Next
to {minutes} minutes of work that is {extra / (60 * minutes):.0%}, and what one job that is
lost takes with it is {minutes} minutes at most. Hence the rule: a shard has as many networks as
keep the longest of its jobs to {minutes} minutes, by the model above, and to half of
`engine.max_memory_gb`, here {memory} GB. Where all of a family do, it is not cut.

{table(["k", "networks of a job, at most", "bound by", f"jobs for {MANY:,}"], rows)}

`engine.seeds_per_job`, here {per_job:,}, cuts all families alike, a family's own `seeds_per_job`
that one: wide networks need one.

The whole paper, {paper["local"]["jobs"]} jobs, took {duration(paper["local"]["seconds"])} on these
cores, and {duration(paper["slurm"]["seconds"])} under a SLURM on the same cores that was told of 4
and of one GPU, in {paper["slurm"]["sent"]} jobs of it: {ratio:.2f} times as long.
"""


def jobs_on_many() -> list[Job]:
    """Jobs on more networks than a family of the paper has: they tell what each network costs."""
    settings = {
        "prefix": "many",
        "families": {name: {"seeds": LARGE, "seeds_per_job": LARGE} for name in LARGE_FAMILIES},
    }
    targets = [f"many/results/summary/{name}.parquet" for name in LARGE_FAMILIES]
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "many.yaml")
        file.write_text(yaml.safe_dump(settings))
        folder = Path(name, "project")
        pipeline.run(folder, ["--cores=1", "--configfile", str(file), "--", *targets])
        return read_jobs(folder / "many", read_config([file]))


def main() -> None:
    """Measures, fits and writes; a folder in which the pipeline has run may be given."""
    if sys.argv[1:2] == ["--count"]:
        print(*count(*map(int, sys.argv[2:])))
        return
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    config = read_config()
    jobs = read_jobs(folder, config)
    if not jobs:
        raise SystemExit(f"{folder}: no benchmark files of a run; run `make paper`")
    load, _, _ = os.getloadavg()
    jobs += jobs_on_many()
    in_a_process(WIDTHS[0])  # compiles
    by_width = {width: in_a_process(width) for width in WIDTHS}
    by_width[WIDEST] = in_a_process(WIDEST, SAMPLE)
    for width in WIDTHS:
        by_width[width] = by_width[width]._replace(seconds=median_seconds(sizes(width)))
    # One after the other, so that what else the machine does slows all of them alike.
    rounds = [
        {(n, c): in_a_process(SHARED_WIDTH, n, c) for n in NUMBERS for c in CORES}
        for _ in range(ROUNDS)
    ]
    shared = {key: min(found[key] for found in rounds) for key in rounds[0]}
    measured = {sizes(width): by_width[width].seconds for width in WIDTHS}
    measured |= {shape: median_seconds(shape) for shape in FURTHER}
    half_sums = HalfSums(
        *least_squares([half_sum_units(shape) for shape in measured], [*measured.values()])
    )
    found = fit(jobs, Model(half_sums, 1.0, {}, {}))
    stored = {
        "half_sums": half_sums._asdict(),
        "factor": found.model.factor,
        "seconds": found.model.seconds,
        "megabytes": found.model.megabytes,
    }
    (ROOT / "config/cost.yaml").write_text(
        "# Written by `make bench`; do not edit. Seconds and megabytes per unit of work.\n"
        + yaml.safe_dump(stored, sort_keys=False)
    )
    save(draw(by_width, shared, half_sums), [ROOT / "docs/scaling.png"])
    page = text(by_width, shared, found, config, len(jobs), load)
    (ROOT / "docs/scaling.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
