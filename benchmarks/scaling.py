"""Measures how cost grows; writes docs/scaling.md and docs/scaling.png.

The perfect circuits of random networks are counted by meeting in the middle, after a count that is
not timed and compiles. The time of one network is that of the processor, of several it is
wall-clock; memory is the largest resident memory of a process that did nothing else.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version
from itertools import pairwise, product
from math import ceil, comb
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml
from matplotlib.figure import Figure

from identifiability.circuits import meet_in_the_middle, responses
from identifiability.circuits.reach import Reach, reach_of
from identifiability.circuits.shapes import count_all
from identifiability.config.cost import JOB_MINUTES, JOB_THREADS, costs, networks_of_a_job
from identifiability.config.settings import Config
from identifiability.drawing.palette import looks
from identifiability.drawing.style import TEXT_WIDTH, figure_of, house_style, save
from identifiability.evidence.runs import read_config
from identifiability.networks.networks import Networks
from identifiability.report.numerals import duration
from identifiability.store.contracts import contract

ROOT = Path(__file__).parents[1]
WIDTHS = (2, 3, 4, 5)
WIDEST = 6
SAMPLE = 5
"""Random networks that are counted of a shape; their times vary several-fold."""
PASSES = 2
"""Times that a network is gone through: to count its circuits, and to draw some of them."""
ROUNDS = 3
"""Runs with several networks, of which the quickest counts."""
CHOICES = 3
"""Choices that are counted of a network at the widest, per number of neurons they keep."""
NUMBERS = (1, 10, 100)
SHARED_WIDTH = 4
CORES = (1, 2)
MANY = 10_000
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


def counter(shape: tuple[int, ...], seed: int = 0) -> Callable[..., object]:
    """What counts the circuits of a random network, when it is called.

    Args:
        shape: Neurons per layer.
        seed: Of the weights.

    Returns:
        A function of the choices to go through, all of them if none are given.
    """
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(shape))
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


def median_seconds(shape: tuple[int, ...]) -> float:
    """Median time of counting one of some random networks, on one core."""
    counter((2, 1, 1, 1))()  # compiles, or loads what was compiled
    return statistics.median(seconds_of(counter(shape, seed)) for seed in range(SAMPLE))


def n_choices(width: int, kept: int) -> int:
    """Masks of the first layer that read both inputs and keep so many of its neurons."""
    # Three masks keep a neuron; all neurons reading one and the same input is not enough.
    return comb(width, kept) * (int(3**kept) - 2)


def reach(width: int, config: Config) -> Reach:
    """How far networks of a width are looked into."""
    limits = {key: config.engine[key] for key in ("max_candidates", "max_listed")}
    return reach_of(sizes(width), config.protocols.values(), **limits)


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


def draw(by_width: Mapping[int, Run], shared: Mapping[tuple[int, int], Run]) -> Figure:
    """Time and memory per network against the width, and time against networks and cores."""
    with house_style():
        figure = figure_of(TEXT_WIDTH, 2.1)
        seconds_axes, memory, together = figure.subplots(1, 3)
        every = [*WIDTHS, WIDEST]
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
    config: Config,
    ratios: Mapping[str, Sequence[float]],
    load: float,
) -> str:
    """The page."""
    one, two = (shared[NUMBERS[-1], cores].seconds for cores in CORES)
    efficiency = min(1.0, one / (CORES[-1] * two))
    clusters = [
        [
            *(f"{width}", f"{networks:,}"),
            *(
                duration(ceil(networks / cores) * PASSES * by_width[width].seconds / efficiency)
                for cores in CLUSTERS
            ),
        ]
        for width in (*WIDTHS[-2:], WIDEST)
        for networks in (NUMBERS[-1], MANY)
    ]
    families = []
    for width in WIDTHS:
        found = costs(reach(width, config), MANY)
        times = [duration(cost.seconds) for cost in found.values()]
        largest = max(cost.megabytes for cost in found.values())
        families.append([f"{width}", *times, f"{largest:,.0f}"])
    stages = [*found]
    seconds = [duration(by_width[WIDEST].seconds), duration(PASSES * by_width[WIDEST].seconds)]
    return f"""<!-- Written by `make bench`; do not edit. -->

# How cost grows

{" ".join((__doc__ or "").split(chr(10) * 2, 1)[1].split())} {platform.machine()}, {os.cpu_count()}
cores (load average {load:.1f} before the first measurement), Python {platform.python_version()},
numba {version("numba")}.

![Time and memory against width, networks and cores](scaling.png)

## One network, against the width

A network with hidden layers of k neurons each, its perfect circuits counted on one core: the
median of {SAMPLE} random networks. At k = {WIDEST} the time is extrapolated: of each network, and
for each number of neurons that the first layer keeps, up to {CHOICES} choices of its masks were
counted, and their mean time was multiplied by how many such choices there are
({sum(n_choices(WIDEST, kept) for kept in range(1, WIDEST + 1)):,} in all). Its memory is measured.

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

> ⌈N / C⌉ × {PASSES} × seconds of one network / {efficiency:.2f}

where circuits are gone through {PASSES} times, once to count them and once to draw those whose
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
counted. The predictions use one expression per stage and are rough by design. For the
{sum(map(len, ratios.values()))} jobs of a run with at most {config.families["xor-k3"].seeds} seeds
a family, the median prediction is
{", ".join(f"{statistics.median(own):.1f} (`{stage}`)" for stage, own in ratios.items())} times
what was measured, and the smallest {min(map(min, ratios.values())):.2f} times; jobs therefore ask
a scheduler for more (`workflow/rules/common.smk`), and for as much again at every retry. The
pipeline refuses a job that is predicted to pass `engine.max_hours` or `engine.max_memory_gb`, here
{config.engine["max_hours"]} h and {config.engine["max_memory_gb"]} GB.
No GPU has been measured.

{table(["k", *(f"`{stage}`" for stage in stages), "largest job, MB"], families)}

{shards(config)}"""


def shards(config: Config) -> str:
    """What a job costs before it works, and how many networks make one worth sending."""
    cluster = yaml.safe_load(CLUSTER.read_text())
    local, slurm = cluster["local"], cluster["slurm"]
    extra, part = (slurm[name] - local[name] for name in ("first", "further"))
    rows = []
    for width in WIDTHS:
        networks = networks_of_a_job(reach(width, config), config.engine)
        rows.append([f"{width}", f"{networks:,}", f"{ceil(MANY / networks):,}"])
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
keep the longest of its jobs to {minutes} minutes, as predicted above, and to half of
`engine.max_memory_gb`, here {memory} GB. Where all of a family do, it is not cut.

{table(["k", "networks of a job, at most", f"jobs for {MANY:,}"], rows)}

`engine.seeds_per_job`, here {per_job:,}, cuts all families alike, a family's own `seeds_per_job`
that one: wide networks need one.

The whole paper, {paper["local"]["jobs"]} jobs, took {duration(paper["local"]["seconds"])} on these
cores, and {duration(paper["slurm"]["seconds"])} under a SLURM on the same cores that was told of 4
and of one GPU, in {paper["slurm"]["sent"]} jobs of it: {ratio:.2f} times as long.
"""


def measured(folder: Path, config: Config) -> dict[str, list[float]]:
    """What was predicted of a run, as a multiple of the seconds measured, by stage."""
    jobs = json.loads((folder / "results" / "manifest.json").read_text())["jobs"]
    took = {
        output: datetime.fromisoformat(job["ended"]) - datetime.fromisoformat(job["started"])
        for job in jobs
        for output in job["outputs"]
    }
    ratios: dict[str, list[float]] = {}
    for family in config.used:
        rows = pd.read_parquet(folder / "results" / "networks" / f"{family.name}.parquet")
        networks = int(rows["converged"].sum()) * family.n_outputs
        found = costs(config.reach(family), networks, noise=family.training.noise > 0)
        for stage, cost in found.items():
            artifact = "networks" if stage == "training" else stage
            file = f"{contract(artifact).folder}/{artifact}/{family.name}.parquet"
            if file in took:  # networks that are drawn have no samples
                ratios.setdefault(stage, []).append(cost.seconds / took[file].total_seconds())
    return ratios


def main() -> None:
    """Measures and writes; a folder in which the pipeline has run may be given."""
    if sys.argv[1:2] == ["--count"]:
        print(*count(*map(int, sys.argv[2:])))
        return
    folder, config = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT, read_config()
    if not (folder / "results" / "networks").is_dir():
        raise SystemExit(f"{folder}: no results of a run; run `make paper`")
    load, _, _ = os.getloadavg()
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
    save(draw(by_width, shared), [ROOT / "docs/scaling.png"])
    page = text(by_width, shared, config, measured(folder, config), load)
    (ROOT / "docs/scaling.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
