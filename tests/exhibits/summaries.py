"""Made-up rows of `summary`, as large and as scattered as real ones."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from identifiability.evidence.sweeps import Sweep

SHOWN = ("released", "text", "strict")
OPEN = 7_271_931_361


def summary(
    family: str,
    protocols: Sequence[str] = SHOWN,
    *,
    seeds: int = 30,
    targets: Sequence[str] = ("XOR",),
    width: int = 3,
    converged: int | None = None,
    **fixed: object,
) -> pd.DataFrame:
    """Rows of `summary` as large and as scattered as real ones; `fixed` sets columns."""
    random = np.random.default_rng([width, len(family)])
    rows = []
    for seed in range(seeds):
        for target in targets:
            for protocol in protocols:
                learned = seed < (seeds if converged is None else converged)
                counted = width < 5 or protocol == "released"
                circuits = int(random.lognormal(2 * width, 1))
                algorithms = int(random.poisson(1.5))
                row = {
                    "family": family,
                    "network_id": f"{family}/{seed}",
                    "target": target,
                    "protocol": protocol,
                    "analysed": learned,
                    "counted": learned and counted,
                    "how": "exact" if learned and counted else None,
                    "n_candidates": OPEN if width == 5 else 9625,
                    "n_circuits": circuits if counted else None,
                    "n_interpretations": str(circuits * 10 ** (4 * width)) if counted else None,
                    "n_interpretations_reachable": str(circuits) if counted else None,
                    "n_algorithms": algorithms,
                    "n_mappings": algorithms * int(random.lognormal(width, 1) + 1),
                    "n_mappings_empty": 0,
                } | fixed
                if not learned:
                    row |= {name: None for name in row if name.startswith("n_") and name[2] != "c"}
                    row["n_circuits"] = None
                rows.append(row)
    return pd.DataFrame(rows)


def sweep(
    summaries: Mapping[str, pd.DataFrame], experiment: str = "size", gates: str = ""
) -> Sweep:
    return Sweep(experiment, "Size", "width k", gates, summaries)


def size(protocols: Sequence[str] = SHOWN) -> list[Sweep]:
    """The widths of the paper, for drawn gates and for XOR alone."""
    return [
        sweep({str(k): summary(f"{n}-k{k}", protocols, width=k) for k in range(2, 6)}, gates=gates)
        for n, gates in (("mixed", "4 gates"), ("xor", "XOR alone"))
    ]


def tasks(protocols: Sequence[str] = SHOWN) -> list[Sweep]:
    """One to six tasks."""
    names = ("AND", "OR", "XOR", "IMP", "NAND", "NOR")
    summaries = {
        str(n): summary(f"tasks-n{n}", protocols, targets=names[:n], converged=30 - n)
        for n in range(1, 7)
    }
    return [Sweep("tasks", "Tasks", "number of tasks n", "", summaries)]


def estimates(summary: pd.DataFrame) -> pd.DataFrame:
    """The same with everything counted, the interpretations under `text` and `strict` as such."""
    rows = summary.copy()
    released = rows[rows["protocol"] == "released"].set_index("network_id")
    for column in ("n_circuits", "n_interpretations", "n_interpretations_reachable"):
        rows[column] = rows["network_id"].map(released[column])
    rows["counted"] = rows["analysed"]
    rows["how"] = np.where(rows["protocol"] == "released", "exact", "estimate")
    return rows
