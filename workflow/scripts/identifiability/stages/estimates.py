"""Cells of circuits too many to enumerate: circuits counted, interpretations estimated."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.circuits import estimates, meet_in_the_middle
from identifiability.circuits.interpretations import exact_totals
from identifiability.circuits.interpretations_of_codes import count_interpretations_of_codes
from identifiability.circuits.responses import tabulate
from identifiability.networks.families import generator
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.stages.frames import Batch
from identifiability.stages.rows import CELL_NUMBERS, ESTIMATE, EXACT, NOT_DETERMINED, determined

_COLUMNS = ["n_hidden", "n_edges", *CELL_NUMBERS]


def estimated_cells(
    batch: Batch,
    network: int,
    *,
    per_cell: int,
    above: int = 0,
    tie_tolerance: float = TIE_TOLERANCE,
) -> pd.DataFrame:
    """Counts the circuits of one network without a cap, and estimates their interpretations.

    Args:
        batch: Networks, each of which computes its target.
        network: Which one.
        per_cell: About how many circuits to draw from a cell.
        above: Leave out cells that keep no more hidden neurons than this.
        tie_tolerance: Activations no further apart than this are the same.

    Returns:
        A row per cell: the exact number of circuits; ``n_interpretations``, every completion
        counted, and those that differ on a reachable row, floats or, where every circuit of the
        cell was interpreted, exact Python integers, with their standard errors; and ``how`` they
        are known.
    """
    table = tabulate(batch.networks.select(np.array([network])))
    wanted = meet_in_the_middle.wanted(table, np.array(batch.target.table, np.float64))
    counts = meet_in_the_middle.count(table, wanted)
    key = batch.keys.iloc[network]
    seed = 0 if pd.isna(key["seed"]) else int(key["seed"])
    sample = estimates.draw_circuits(
        counts, per_cell, generator(f"{key['family']} {key['target']}", seed, "circuits"), above
    )
    code = meet_in_the_middle.list_codes(table, wanted, sample.choice, sample.profile, sample.rank)
    found = count_interpretations_of_codes(
        table, code, np.arange(len(code)), len(code), tie_tolerance
    )
    with np.errstate(over="raise"):
        completions = found.by_exponent @ 2.0 ** np.arange(found.by_exponent.shape[1])
    every = estimates.estimate(sample, completions)
    reachable = estimates.estimate(sample, found.reachable.astype(np.float64))
    _, group = np.unique(sample.cell, axis=0, return_inverse=True)
    own = group[sample.stratum]
    by_cell = np.zeros((len(every.cell), found.by_exponent.shape[1]), np.int64)
    np.add.at(by_cell, own, found.by_exponent)
    exact = np.bincount(group, weights=sample.drawn < sample.size) == 0
    known = exact | (
        determined(every.total, every.standard_error)
        & determined(reachable.total, reachable.standard_error)
    )
    reached = np.bincount(own, weights=found.reachable, minlength=len(exact))
    return pd.DataFrame(
        {
            "n_hidden": every.cell[:, 0],
            "n_edges": every.cell[:, 1],
            "n_circuits": every.n_circuits,
            "how": np.where(exact, EXACT, np.where(known, ESTIMATE, NOT_DETERMINED)),
            "n_interpretations": _numbers(exact_totals(by_cell), every.total, exact),
            "standard_error": every.standard_error,
            "n_interpretations_reachable": _numbers(
                [int(n) for n in reached], reachable.total, exact
            ),
            "standard_error_reachable": reachable.standard_error,
        }
    )[_COLUMNS]


def _numbers(
    integers: list[int], floats: NDArray[np.float64], exact: NDArray[np.bool_]
) -> "pd.Series[Any]":
    """Integers where they are exact, else floats."""
    chosen = [i if e else f for i, f, e in zip(integers, floats, exact, strict=True)]
    return pd.Series(chosen, dtype=object)
