"""The paper's tables, from the artifacts."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from identifiability.algorithms.trees import INPUT_NAMES
from identifiability.circuits.candidates import masks_of_ids
from identifiability.circuits.interpretations import list_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.evidence.claims import (
    Samples,
    bootstrap_generator,
    query_rows,
    samples_of,
    values_of,
)
from identifiability.evidence.ledger import Claim, ClaimPart
from identifiability.evidence.statistics import (
    Estimate,
    compare,
    holm,
    mean,
    median,
    regress,
    share,
)
from identifiability.exhibits.example import Example
from identifiability.networks.gates import gate_of_table
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.report.numerals import number, with_interval
from identifiability.store.artifacts import stamped, to_table
from identifiability.store.files import written_whole

QUESTIONS: Mapping[str, str] = {
    "q1": "circuits",
    "q2": "interpretations",
    "q3": "algorithms",
    "q4": "mappings",
}
"""What each of the four questions is about; columns of the artifact ``summary``."""
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
    for i, interpretation in enumerate(list_interpretations(read, masks, 0), start=1):
        row: dict[str, Any] = {"circuit_id": circuit_id, "interpretation": i}
        for reading in interpretation:
            name = names[reading.neuron]
            row[f"{name} gate"] = gate_name(reading.gate, parents[reading.neuron])
            row[f"{name} separator"] = reading.separator
        rows.append(row)
    return pd.DataFrame(rows) if rows else NO_INTERPRETATIONS


def mappings_of_one_network(example: Example) -> pd.DataFrame:
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


def comparisons(claims: Sequence[Claim], folder: Path) -> pd.DataFrame:
    """Table 3, and the tests of C11 to C13: two groups of networks, quantity by quantity.

    Args:
        claims: Those whose tests are shown.
        folder: That of the run.

    Returns:
        One row per test and protocol: published means and test; n, ours with 95% bootstrap
        intervals (BCa, over networks) and medians; the difference with its interval; p by Welch
        and by ranks, and both corrected for the number of rows (Holm); effect sizes. Without
        enough networks, no p but the reason; it also says where interpretations are estimated.
    """
    rows = []
    for claim in claims:
        found = query_rows(claim, folder)
        means = {
            part.samples[0]: part.published.low
            for part in claim.parts
            if part.statistic == "mean" and part.published
        }
        for protocol in claim.protocols:
            for part in claim.parts:
                if part.statistic == "welch":
                    samples = samples_of(claim, part, found, protocol)
                    row = _names(claim, part, protocol)
                    for side, sample in zip(("before", "after"), part.samples, strict=True):
                        row[f"published_{side}"] = means.get(sample, np.nan)
                    row["published"] = part.published.words if part.published else None
                    rows.append(row | _comparison(samples))
    return _corrected(pd.DataFrame(rows))


def regressions(claims: Sequence[Claim], folder: Path) -> pd.DataFrame:
    """Table 4: each quantity on the joint entropy of the input distribution.

    Args:
        claims: Those whose lines are shown.
        folder: That of the run.

    Returns:
        One row per claim and protocol: published slope, intercept and test; n, ours with 95%
        bootstrap intervals (BCa, over networks); p of the slope and of Spearman's rank
        correlation, and both corrected for the number of rows (Holm).
    """
    rows = []
    for claim in claims:
        found = query_rows(claim, folder)
        parts = {part.statistic: part for part in claim.parts}
        for protocol in claim.protocols:
            samples = samples_of(claim, parts["ols"], found, protocol)
            row = _names(claim, parts["ols"], protocol)
            for name in ("slope", "intercept"):
                theirs = parts[name].published
                row[f"published_{name}"] = theirs.low if theirs else np.nan
            theirs = parts["ols"].published
            row["published"] = theirs.words if theirs else None
            rows.append(row | _regression(samples))
    return _corrected(pd.DataFrame(rows))


def untrained_answers(
    draws: pd.DataFrame, summary: pd.DataFrame, protocols: Sequence[str]
) -> pd.DataFrame:
    """How often random initialisations compute a gate, and how many have several explanations.

    Args:
        draws: The artifact ``untrained``.
        summary: The artifact ``summary`` of the same family.
        protocols: Those shown.

    Returns:
        One row per gate and protocol: networks drawn and found, the rate with its 95% interval
        (Clopper and Pearson), networks analysed, and how many of them have several answers to
        each question.
    """
    rows = []
    for draw in draws.to_dict("records"):
        rate = share(draw["n_found"], draw["n_draws"], method="beta")
        for protocol in protocols:
            own = summary[(summary["target"] == draw["target"])]
            own = own[own["converged"] & (own["protocol"] == protocol)]
            several = {
                f"several_{name}": int((own[question] == "several").sum())
                for question, name in QUESTIONS.items()
            }
            rows.append(
                {
                    "gate": draw["target"],
                    "n_draws": draw["n_draws"],
                    "n_found": draw["n_found"],
                    "rate": rate.value,
                    "rate_low": rate.low,
                    "rate_high": rate.high,
                    "protocol": protocol,
                    "n": len(own),
                    **several,
                }
            )
    return pd.DataFrame(rows)


def _names(claim: Claim, part: ClaimPart, protocol: str) -> dict[str, Any]:
    """The columns that say which test a row is."""
    quantity, _, comparison = part.name.partition(", ")
    return {
        "claim": claim.id,
        "quantity": claim.quantity or quantity,
        "comparison": " → ".join(part.samples) if claim.quantity else comparison,
        "protocol": protocol,
    }


def _comparison(samples: Samples) -> dict[str, Any]:
    """Two groups, and the tests between them."""
    before, after = map(values_of, samples.rows)
    row: dict[str, Any] = {}
    for side, values in (("before", before), ("after", after)):
        row |= {f"n_{side}": len(values)}
        row |= _estimate(f"mean_{side}", mean(values, bootstrap_generator()))
        row |= {f"median_{side}": median(values).value}
    found = compare(before, after, bootstrap_generator())
    return row | {
        **_estimate("difference", found.difference),
        "p": found.p,
        "p_rank": found.p_rank,
        "hedges_g": found.hedges_g,
        "cliffs_delta": found.cliffs_delta,
        "reason": samples.reason or found.reason or samples.remark,
    }


def _regression(samples: Samples) -> dict[str, Any]:
    """A line, and the tests of it."""
    (rows,) = samples.rows
    line = regress(rows["x"].to_numpy(np.float64), values_of(rows), bootstrap_generator())
    return {
        "n": len(rows),
        **_estimate("slope", line.slope),
        **_estimate("intercept", line.intercept),
        "p": line.p,
        "p_rank": line.p_rank,
        "r_squared": line.r_squared,
        "spearman": line.spearman,
        "reason": samples.reason or line.reason or samples.remark,
    }


def _estimate(name: str, estimate: Estimate) -> dict[str, float]:
    """A number and its interval as columns."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _corrected(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its p-values corrected for their number, each beside itself."""
    for name in ("p_rank", "p"):
        corrected = holm(table[name].to_numpy(np.float64))
        table.insert(list(table.columns).index(name) + 1, f"{name}_holm", corrected)
    return table


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


def write_table(
    table: pd.DataFrame, paths: Mapping[str, str], note: str, made_by: Mapping[str, str]
) -> None:
    """Writes a table as Parquet, CSV and Markdown, each beside its place and then renamed.

    Args:
        table: The rows.
        paths: Where to, by format: ``parquet``, ``csv``, ``md``.
        note: What the table shows; stands above it in the Markdown.
        made_by: What ``artifacts.provenance`` says; goes into the metadata of the Parquet file.

    Raises:
        ContractError: If the table breaks its contract. Nothing is written then.
    """
    checked = stamped(to_table(table, f"tables/{Path(paths['parquet']).stem}"), made_by)
    writers: dict[str, Callable[[Path], object]] = {
        "parquet": lambda path: pq.write_table(checked, path),
        "csv": lambda path: table.to_csv(path, index=False),
        "md": lambda path: path.write_text(f"{note}\n\n{markdown(table)}\n"),
    }
    for format, write in writers.items():
        with written_whole(Path(paths[format])) as file:
            write(file)


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table; numbers to be read, intervals beside their values, null as nothing."""
    if table.empty:
        return "(no rows)"
    shown = table.copy()
    for column in table.columns[table.dtypes == "str"]:
        shown[column] = table[column].str.replace(r"([|*])", r"\\\1", regex=True).fillna("")
    for column in table.columns:
        ends = [f"{column}_low", f"{column}_high"]
        if set(ends) <= set(table.columns):
            numbers = zip(table[column], table[ends[0]], table[ends[1]], strict=True)
            shown[column] = [with_interval(*row) for row in numbers]
            shown = shown.drop(columns=ends)
    for column in shown.columns[shown.dtypes == "float64"]:
        shown[column] = ["" if np.isnan(v) else number(v) for v in shown[column]]
    return str(shown.to_markdown(index=False, disable_numparse=True))
