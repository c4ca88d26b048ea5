"""The paper's tables, from the artifacts."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from identifiability.candidates import masks_of_ids
from identifiability.circuits import circuit_activations
from identifiability.example import Example
from identifiability.formulas import INPUT_NAMES
from identifiability.gates import gate_of_table
from identifiability.interpretations import list_interpretations, readings
from identifiability.networks import TIE_TOLERANCE

CONFIDENCE = 0.95
_RESAMPLES = 9999
_ENOUGH_INTERPRETATIONS = 10
NO_INTERPRETATIONS = pd.DataFrame({"circuit_id": pd.Series(dtype="str"), "interpretation": []})
"""Table 1 of nothing."""
NO_MAPPINGS = pd.DataFrame(columns=["algorithm", "mapping", "places"])
"""Table 2 of nothing."""


def interpretations_of_one_circuit(
    example: Example, tie_tolerance: float = TIE_TOLERANCE
) -> pd.DataFrame:
    """Table 1: every interpretation of one circuit, gate and separator per neuron.

    The circuit is the sparsest of the example's that has at least ten interpretations; if there
    is none, the one with the most.

    Returns:
        One row per interpretation: its number, the circuit, and per neuron kept its gate and
        separator. A gate is named if it has at most two parents; else it is a truth table over
        them, first parent most significant. No row if no circuit has an interpretation.
    """
    if example.circuits.empty:
        return NO_INTERPRETATIONS
    numbers = example.circuits["n_interpretations"].map(int)
    chosen = example.circuits.iloc[int(np.minimum(numbers, _ENOUGH_INTERPRETATIONS).argmax())]
    circuit_id = chosen["circuit_id"]
    networks = example.single_output
    sizes = networks.layer_sizes
    masks = masks_of_ids(np.array([circuit_id]), sizes)
    read = readings(circuit_activations(networks, np.array([0]), masks), tie_tolerance)
    names = neuron_names(sizes)
    parents = parent_names(sizes, [layer[0] for layer in masks])
    rows: list[dict[str, Any]] = []
    for number, interpretation in enumerate(list_interpretations(read, masks, 0), start=1):
        row: dict[str, Any] = {"circuit_id": circuit_id, "interpretation": number}
        for reading in interpretation:
            name = names[reading.neuron]
            row[f"{name} gate"] = gate_name(reading.gate, parents[reading.neuron])
            row[f"{name} separator"] = reading.separator
        rows.append(row)
    return pd.DataFrame(rows) if rows else NO_INTERPRETATIONS


def minimal_mappings(example: Example) -> pd.DataFrame:
    """Table 2: every minimal mapping, one row each.

    Returns:
        The algorithm, the number of the mapping among the algorithm's, and where each of its
        intermediate variables sits.
    """
    variables = example.formulas.set_index("formula_id")["variables"]
    return pd.DataFrame(
        [
            {
                "algorithm": row["formula"],
                "mapping": row["mapping_id"] + 1,
                "places": "; ".join(
                    f"{variable} at {', '.join(f'h{layer}.{n}' for n in neurons)}"
                    for variable, layer, neurons in zip(
                        variables[row["formula_id"]], row["layers"], row["neurons"], strict=True
                    )
                )
                or "no intermediate variable",
            }
            for row in example.mappings.to_dict("records")
        ],
        columns=NO_MAPPINGS.columns,
    )


def means_without_noise(
    summary: pd.DataFrame, published: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Table 3, left half: means over the converged networks, under every protocol.

    Counts are averaged over all converged networks; interpretations per circuit, and mappings per
    algorithm, over the networks that have a circuit, an algorithm. A network with several targets
    counts once, with the mean over them.

    Args:
        summary: The artifact ``summary`` of the family.
        published: The paper's value by quantity, with its claim; empty if the family is not the
            paper's.

    Returns:
        One row per quantity and protocol: published mean, ours with its 95% bootstrap interval
        (BCa, over networks), median, and the number n of networks.
    """
    rows = []
    for quantity, measure in QUANTITIES.items():
        theirs = published.get(quantity, {"claim": None, "value": np.nan})
        for protocol, own in summary.groupby("protocol", sort=False):
            per_target = measure(own[own["converged"]])
            values = np.asarray(per_target.groupby(level=0).mean(), np.float64)
            low, high = bootstrap_interval(values)
            rows.append(
                {
                    "claim": theirs["claim"],
                    "quantity": quantity,
                    "published": float(theirs["value"]),
                    "protocol": protocol,
                    "n": len(values),
                    "mean": values.mean() if len(values) else np.nan,
                    "ci_low": low,
                    "ci_high": high,
                    "median": np.median(values) if len(values) else np.nan,
                }
            )
    return pd.DataFrame(rows)


Measure = Callable[[pd.DataFrame], "pd.Series[float]"]
"""A quantity of rows of ``summary``, as floats by ``network_id``."""


def _count(column: str) -> Measure:
    """A count; exact integers of any size are rounded here."""
    return lambda rows: pd.Series(
        [float(int(value)) for value in rows[column]], index=rows["network_id"], dtype=float
    )


def _ratio(column: str, per: str) -> Measure:
    """A count per another, of the rows where the other is not 0."""

    def ratio(rows: pd.DataFrame) -> "pd.Series[float]":
        rows = rows[rows[per] > 0]
        values = [int(a) / int(b) for a, b in zip(rows[column], rows[per], strict=True)]
        return pd.Series(values, index=rows["network_id"], dtype=float)

    return ratio


QUANTITIES: Mapping[str, Measure] = {
    "n_algorithms": _count("n_algorithms"),
    "mappings_per_algorithm": _ratio("n_mappings", "n_algorithms"),
    "n_mappings": _count("n_mappings"),
    "n_circuits": _count("n_circuits"),
    "interpretations_per_circuit": _ratio("n_interpretations", "n_circuits"),
    "n_interpretations": _count("n_interpretations"),
}


def bootstrap_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95% BCa bootstrap interval of the mean; NaN for fewer than two different values."""
    if len(np.unique(values)) < 2:
        return np.nan, np.nan
    result = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=CONFIDENCE,
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(0),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def neuron_names(sizes: tuple[int, ...]) -> list[str]:
    """Names of the non-input neurons, layer by layer: h1.0, h1.1, …, out."""
    hidden = [
        f"h{layer}.{i}" for layer, width in enumerate(sizes[1:-1], start=1) for i in range(width)
    ]
    return [*hidden, "out"]


def parent_names(sizes: tuple[int, ...], masks: Sequence[NDArray[np.uint16]]) -> list[list[str]]:
    """Names of what each non-input neuron reads.

    A neuron of the first hidden layer reads the inputs, whatever edges it keeps: its gate is a
    truth table over all of them.

    Args:
        sizes: Neurons per layer.
        masks: Edge masks of one circuit, [neuron] per non-input layer.
    """
    names, start = neuron_names(sizes), 0
    parents = [list(INPUT_NAMES[: sizes[0]])] * sizes[1]
    for width, layer in zip(sizes[1:], masks[1:], strict=False):
        below = names[start : start + width]
        parents += [[n for i, n in enumerate(below) if int(mask) >> i & 1] for mask in layer]
        start += width
    return parents


def gate_name(gate: tuple[int, ...], parents: list[str]) -> str:
    """A gate over its parents, in words if it has at most two of them."""
    if len(parents) == 1:
        return parents[0] if gate == (0, 1) else f"NOT {parents[0]}"
    if len(parents) == 2:
        a, b = parents
        name = gate_of_table(gate).name
        special = {
            "A": a,
            "B": b,
            "NOT_A": f"NOT {a}",
            "NOT_B": f"NOT {b}",
            "CONVERSE_IMP": f"{b} IMP {a}",
            "CONVERSE_NIMP": f"{b} NIMP {a}",
        }
        return special.get(name, f"{a} {name} {b}")
    return f"{''.join(map(str, gate))} over {', '.join(parents)}"


def write_table(table: pd.DataFrame, paths: Mapping[str, str], note: str) -> None:
    """Writes a table as Parquet, CSV and Markdown, each beside its place and then renamed.

    Args:
        table: The rows.
        paths: Where to, by format: ``parquet``, ``csv``, ``md``.
        note: What the table shows; stands above it in the Markdown.
    """
    writers: dict[str, Callable[[Path], object]] = {
        "parquet": lambda path: table.to_parquet(path, index=False),
        "csv": lambda path: table.to_csv(path, index=False),
        "md": lambda path: path.write_text(f"{note}\n\n{_markdown(table)}\n"),
    }
    for format, write in writers.items():
        path = Path(paths[format])
        beside = path.with_name(f".{path.name}.part")
        write(beside)
        os.replace(beside, path)


def _markdown(table: pd.DataFrame) -> str:
    """A Markdown table; numbers with four significant digits."""
    if table.empty:
        return "(no rows)"
    escaped = table.copy()
    for column in table.columns[table.dtypes == "str"]:
        escaped[column] = table[column].str.replace(r"([|*])", r"\\\1", regex=True)
    return str(escaped.to_markdown(index=False, floatfmt=".4g"))
