"""Measures the engine, against the plain module in the same run, and writes docs/benchmarks.md.

Every figure is the median of several runs after one that is not counted (which compiles, and
fills caches); the plain module is run once, on a few networks, and scaled to as many as the engine
had. Times are wall-clock, without imports.
"""

import dataclasses
import itertools
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pipeline
import torch
from rates import median_seconds, rates

from identifiability import plain
from identifiability.algorithms import formulas as enumeration
from identifiability.circuits.reach import reach_of
from identifiability.circuits.shapes import count_all
from identifiability.digits.circuits import judge
from identifiability.evidence.runs import read_config
from identifiability.networks.families import Family
from identifiability.networks.networks import from_layers
from identifiability.protocols import PROTOCOLS, Protocol
from identifiability.report.readme import fill
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.circuits import circuits
from identifiability.stages.datasets import datasets
from identifiability.stages.formulas import formulas
from identifiability.stages.interpretations import interpretations
from identifiability.stages.networks import networks
from identifiability.stages.protocol_filters import admitted, perfect

ROOT = Path(__file__).parents[1]
NETWORKS = 100
PLAIN_NETWORKS = 2
SIZES = (2, 3, 3, 1)
LAST_LAYERS = (3, 3, 3, 1)
IMAGES = 400
PLAIN_CIRCUITS = 100
CORES = os.cpu_count() or 1


def engine(family: Family, rows: pd.DataFrame, protocol: Protocol) -> None:
    """Formulas, circuits, interpretations and mappings of networks under one protocol."""
    enumeration._listed.cache_clear()
    # No more circuits than the protocol admits, as `explain` has it.
    reach = reach_of(SIZES, [protocol], max_candidates=count_all(SIZES), max_listed=None)
    found = admitted(perfect(circuits(rows, reach), protocol), SIZES, protocol)
    interpretations(rows, found)
    listed = formulas(len(SIZES) - 1, family.gates, [protocol])
    algorithms(rows, listed, alignment(rows, listed), [protocol])


def plainly(rows: pd.DataFrame, rules: plain.PlainRules) -> None:
    """The same by the plain module, one network after the other."""
    for row in rows.to_dict("records"):
        network = plain.PlainNetwork(
            [[list(map(float, to)) for to in layer] for layer in row["weights"]],
            [list(map(float, layer)) for layer in row["biases"]],
        )
        plain.explain(network, [0, 1, 1, 0], rules)


def on_images() -> tuple[str, float, float]:
    """Every circuit of the last layers of one network, on as many inputs as MNIST's test set has.

    Returns:
        What was measured; seconds of the engine; seconds of the plain module, which judges the
        first few candidates.
    """
    rng = np.random.default_rng(0)
    layers = [
        (rng.normal(size=(above, below)), rng.normal(size=above))
        for below, above in itertools.pairwise(LAST_LAYERS)
    ]
    network = from_layers(layers, "leaky_relu", "leaky_relu", 0.01)
    inputs = rng.normal(size=(IMAGES, LAST_LAYERS[0]))
    labels = rng.integers(2, size=IMAGES).astype(np.float32)
    fast = median_seconds(lambda: judge(network, inputs, labels))
    simple = plain.PlainNetwork(
        [w[0].tolist() for w in network.weights], [b[0].tolist() for b in network.biases]
    )
    rows, few = inputs.tolist(), PLAIN_CIRCUITS
    start = time.perf_counter()
    for edges in itertools.islice(plain.candidates(LAST_LAYERS, plain.strict()), few):
        for row in rows:
            plain.rounded_output(simple, row, edges)
    number = count_all(LAST_LAYERS)
    slow = (time.perf_counter() - start) / few * number
    sizes = ", ".join(map(str, LAST_LAYERS))
    return f"{number:,} candidate circuits of ({sizes}) on {IMAGES} images", fast, slow


def cost(folder: Path) -> tuple[float, float]:
    """Wall-clock seconds of the first run in a folder, and the largest memory of a job in MB."""
    log = min((folder / ".snakemake" / "log").glob("*.log"))  # named by when it started
    files = (folder / "benchmarks").rglob("*.tsv")
    used = max(pd.read_csv(file, sep="\t")["max_rss"].max() for file in files)
    return pipeline.elapsed(log), used


def write_time(seconds: float, memory: float) -> None:
    """Writes into README what a run took."""
    readme = ROOT / "README.md"
    sentence = (
        f"With the environment installed, the pipeline took {seconds / 60:.1f} minutes on {CORES} "
        f"cores, and no\njob used more than {memory:,.0f} MB. By rule, summed over its jobs, "
        "which run side by side, some with\nseveral threads:"
    )
    readme.write_text(fill(readme.read_text(), "measured", sentence, "make bench"))


def phases(folder: Path) -> list[str]:
    """What the jobs of a run took by phase, as the lines of a page."""
    totals = pipeline.by_phase(folder)
    whole = totals.sum()
    share = whole["work"] / whole["all"]
    header = ["script", "jobs", *pipeline.PHASES, "all"]
    lines = [
        f"\nCPU seconds of that run's {whole['jobs']:.0f} jobs by script. Start is what Snakemake "
        "does before the script; validation is of what is written; writing is of artifacts and "
        f"figures. Work is {share:.0%} of the whole. What notebooks compute, and "
        "what is compiled in threads, counts as none of these or as work.\n",
        f"| {' | '.join(header)} |",
        f"|---|{'---:|' * (len(header) - 1)}",
    ]
    for script, row in [*totals.iterrows(), ("all", whole)]:
        seconds = (f"{row[name]:.1f}" for name in header[2:])
        lines.append(f"| `{script}` | {row['jobs']:.0f} | {' | '.join(seconds)} |")
    return lines


def main() -> None:
    """Measures, and writes the table."""
    family = read_config().families["xor-k3"]
    samples = datasets(family)
    more = dataclasses.replace(family, seeds=2 * NETWORKS)
    rows = networks(more, datasets(more), threads=CORES)
    converged = rows[rows["converged"]].head(NETWORKS)
    torch.set_num_threads(1)  # as the pipeline's jobs have

    table = [
        (
            f"training, {family.seeds} XOR networks, k = 3",
            median_seconds(lambda: networks(family, samples, threads=CORES)),
            None,
        )
    ]
    plain_rules = {"released": plain.released(3), "strict": plain.strict()}
    for name, rules in plain_rules.items():
        fast = median_seconds(lambda name=name: engine(family, converged, PROTOCOLS[name]))
        few = converged.head(PLAIN_NETWORKS)
        start = time.perf_counter()
        plainly(few, rules)
        slow = (time.perf_counter() - start) / len(few) * len(converged)
        label = (
            f"formulas, circuits, interpretations and mappings of {len(converged)} converged XOR "
            f"networks, k = 3, `{name}`"
        )
        table.append((label, fast, slow))
    table.append(on_images())
    if len(sys.argv) > 1:  # a folder in which `run_in_phases` has run the pipeline
        seconds, memory = cost(Path(sys.argv[1]))
        split = phases(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            pipeline.run_in_phases(Path(folder), ["--cores", str(CORES), "all"])
            seconds, memory = cost(Path(folder))
            split = phases(Path(folder))
    table.append((f"`snakemake --cores {CORES} all`, from nothing", seconds, None))

    lines = [
        "<!-- Written by `make bench`; do not edit. -->\n",
        "# Benchmarks\n",
        " ".join((__doc__ or "").split("\n\n", 1)[1].split()) + "\n",
        f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}, torch "
        f"{version('torch')}, numba {version('numba')}; the plain module was run on "
        f"{PLAIN_NETWORKS} networks.\n",
        "| what | seconds | plain module, seconds | ratio |",
        "|---|---:|---:|---:|",
        *(
            f"| {label} | {fast:.2f} | {'' if slow is None else f'{slow:,.0f}'} | "
            f"{'' if slow is None else f'{slow / fast:,.0f}'} |"
            for label, fast, slow in table
        ),
        f"\nNo job of the pipeline used more than {memory:,.0f} MB.",
        *split,
        "\nPer second, on one core; the plain module for two seconds on one of the same "
        "networks:\n",
        "| what | engine | plain module | ratio |",
        "|---|---:|---:|---:|",
        *(
            f"| {rate.what} | {rate.engine:,.0f} | {rate.plain:,.0f} | "
            f"{rate.engine / rate.plain:,.0f} |"
            for rate in rates(family)
        ),
        "",
    ]
    (ROOT / "docs/benchmarks.md").write_text("\n".join(lines))
    write_time(seconds, memory)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
