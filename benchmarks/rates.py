"""How fast the parts of the engine are, in things done per second, against the plain module."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from identifiability import plain
from identifiability.algorithms.alignment import places
from identifiability.algorithms.alignment import responses as response_signatures
from identifiability.circuits import estimates, meet_in_the_middle, responses
from identifiability.circuits.codes import masks_of_codes
from identifiability.circuits.interpretations_of_codes import count_interpretations_of_codes
from identifiability.circuits.perfect_codes import perfect_circuit_codes
from identifiability.circuits.shapes import count_candidates
from identifiability.networks.families import Family
from identifiability.networks.networks import Networks
from identifiability.stages.datasets import datasets
from identifiability.stages.frames import networks_of
from identifiability.stages.networks import networks

TABLE = [0, 1, 1, 0]
RUNS = 5
BRIEFLY = 2.0
"""Seconds that the plain module is run for."""


class Rate(NamedTuple):
    """One row of the table: things done per second on one core, by either."""

    what: str
    engine: float
    plain: float


def median_seconds(work: Callable[[], object]) -> float:
    """Median wall-clock time of several runs, after one that is not counted."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def rates(family: Family) -> Iterator[Rate]:
    """Measures on converged XOR networks, the same ones for both.

    Args:
        family: XOR networks, of any width.
    """
    batches = {k: _converged(family, k) for k in (4, 5)}
    for k, batch in batches.items():
        sizes = batch.layer_sizes
        tables = [responses.tabulate(batch.select(np.array([i]))) for i in range(len(batch))]
        wanted = [meet_in_the_middle.wanted(table, np.array(TABLE, float)) for table in tables]
        several = list(zip(tables, wanted, strict=True))
        number = sum(count_candidates(sizes).values()) * len(several)
        seconds = median_seconds(
            lambda several=several: [meet_in_the_middle.count(*one) for one in several]
        )
        network = _plainly(batch)
        every = plain.candidates(sizes, plain.strict())
        judged = _plain_rate(_perfect(network, edges) for edges in every)
        yield Rate(f"candidate circuits judged and counted, k = {k}", number / seconds, judged)
        table, one = several[0]
        if k == 4:
            asked = (table, np.array(TABLE), np.array(TABLE, float), np.zeros(16, bool))
            code = perfect_circuit_codes(*asked).code
            seconds = median_seconds(lambda asked=asked: perfect_circuit_codes(*asked))
            found = number / len(several) / seconds
            yield Rate(f"candidate circuits judged and listed, k = {k}", found, judged)
        else:
            counts = meet_in_the_middle.count(table, one)
            drawn = estimates.draw_circuits(counts, 200, np.random.default_rng(0))
            code = meet_in_the_middle.list_codes(
                table, one, drawn.choice, drawn.profile, drawn.rank
            )
        group = np.zeros(len(code), np.int64)
        seconds = median_seconds(
            lambda table=table, code=code, group=group: count_interpretations_of_codes(
                table, code, group, 1
            )
        )
        ids = masks_of_codes(code[:: max(1, len(code) // 500)], sizes)
        counted = _plain_rate(
            plain.multiply_interpretations(network, edges) for edges in _edges(ids, sizes)
        )
        yield Rate(
            f"perfect circuits whose interpretations are counted, k = {k}",
            len(code) / seconds,
            counted,
        )
    batch = batches[5]
    seconds = median_seconds(lambda: response_signatures(batch))
    number = len(batch) * len(places(batch.layer_sizes))
    formula = plain.formulas(TABLE, "text", 2)[0]
    variable = plain.intermediate_variables(formula, "binary")[0]
    network = _plainly(batch)
    signed = _plain_rate(
        plain.iia(network, formula, variable, place.layer, place.neurons, "all")
        for place in places(batch.layer_sizes)
    )
    yield Rate(
        "response signatures (16 interventions at a place), k = 5", number / seconds, signed
    )


def _converged(family: Family, k: int) -> Networks:
    """Converged networks of a width."""
    wide = dataclasses.replace(family, name=f"xor-k{k}", hidden=(k, k), seeds=12)
    rows = networks(wide, datasets(wide))
    return networks_of(rows[rows["converged"]])


def _plainly(batch: Networks) -> plain.PlainNetwork:
    """The first network of a batch."""
    return plain.PlainNetwork(
        [layer[0].tolist() for layer in batch.weights],
        [layer[0].tolist() for layer in batch.biases],
        negative_slope=batch.negative_slope,
    )


def _perfect(network: plain.PlainNetwork, edges: plain.Edges) -> bool:
    """Whether one candidate is right on every input."""
    rows = plain.input_rows(2)
    return all(
        plain.rounded_output(network, row, edges) == bit
        for row, bit in zip(rows, TABLE, strict=True)
    )


def _edges(masks: list[np.ndarray], sizes: tuple[int, ...]) -> Iterator[plain.Edges]:
    """Circuits as the plain module writes them, from edge masks [circuit, neuron] per layer."""
    for circuit in range(len(masks[0])):
        yield [
            ["".join(str(int(mask) >> i & 1) for i in range(below)) for mask in layer[circuit]]
            for below, layer in zip(sizes, masks, strict=False)
        ]


def _plain_rate(work: Iterable[object]) -> float:
    """Things done per second, for as long as there are some or for a while."""
    start, done = time.perf_counter(), 0
    for _ in islice(work, 10**6):
        done += 1
        if time.perf_counter() - start > BRIEFLY:
            break
    return done / (time.perf_counter() - start)
