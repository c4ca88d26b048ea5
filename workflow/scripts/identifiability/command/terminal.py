"""Traces, predicted costs and audits as tables for people, in a terminal."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from identifiability.audit.checks import Check, findings
from identifiability.evidence.runs import Row
from identifiability.evidence.trace import Trace
from identifiability.report.numerals import number, percent


def _same(*names: str) -> dict[str, str]:
    """Columns that are headed by their own names."""
    return {name: name for name in names}


_FINDINGS = 40
"""Disagreements that an audit prints."""
_FINDING = 600
"""Characters of one."""


class _Shown(NamedTuple):
    """How a table of a trace is shown.

    Attributes:
        heading: Above it.
        columns: Heads of its columns, by name.
        limit: Most rows shown; None: all.
    """

    heading: str
    columns: dict[str, str]
    limit: int | None = None


_TOTALS = {
    "n_circuits": "circuits",
    "n_interpretations": "interpretations",
    "n_interpretations_reachable": "reachable",
    "how": "known",
    "standard_error": "standard error",
    "n_algorithms": "algorithms",
    "n_mappings": "mappings",
}
_TRACED = {
    "measured": _Shown(
        "Published and measured", _same("part", "published", "protocol", "n", "measured")
    ),
    "effects": _Shown(
        "Effect on the four counts, and on the share of networks with exactly one",
        {
            "before": "before",
            "after": "after",
            "quantity": "count",
            "mean_before": "mean",
            "mean_after": "after",
            "ratio": "ratio",
            "unique_before": "one",
            "unique_after": "after",
        },
    ),
    "families": _Shown(
        "Families", _same("family", "learns", "hidden", "training", "networks", "converged")
    ),
    "files": _Shown(
        "Files, with the hashes of the settings and the code that made them",
        _same("file", "rows", "settings", "code"),
    ),
    "made_from": _Shown("How they come about", _same("artifact", "rule", "from")),
    "rows": _Shown(
        "Rows of the query, by network",
        {"network_id": "network", "protocol": "protocol", "sample": "sample"}
        | {"used": "counts", "value": "value", "estimated": "estimated", "x": "x"},
        12,
    ),
    "sample": _Shown(
        "Totals of networks (results/summary)",
        {"network_id": "network", "protocol": "protocol", "target": "gate"}
        | {key: name for key, name in _TOTALS.items() if key != "n_interpretations_reachable"},
        12,
    ),
    "summary": _Shown(
        "Totals (results/summary)", {"protocol": "protocol", "target": "gate"} | _TOTALS, 15
    ),
    "inputs": _Shown(
        "Inputs: probability, samples, and what the network answers",
        {
            "input": "input",
            "probability": "probability",
            "n_train": "training",
            "n_validation": "validation",
            "outputs": "outputs",
        },
    ),
    "weights": _Shown("Weights", {"neuron": "neuron", "weights": "from below", "bias": "bias"}),
    "cells": _Shown(
        "Circuits by neurons and edges kept (results/cells)",
        {
            "target": "gate",
            "n_hidden": "neurons",
            "n_edges": "edges",
            "perfect_for": "perfect for",
            "within": "within",
            "minimal": "minimal",
            "listed": "listed",
            "n_circuits": "circuits",
            "n_interpretations": "interpretations",
            "how": "known",
            "standard_error": "standard error",
        },
        8,
    ),
    "circuits": _Shown(
        "Circuits, sparsest first (results/circuits)",
        {
            "target": "gate",
            "n_hidden": "neurons",
            "n_edges": "edges",
            "edges": "edges kept, per neuron",
            "n_interpretations": "interpretations",
        },
        8,
    ),
    "algorithms": _Shown(
        "Algorithms with a mapping (results/algorithms)",
        {"target": "gate"} | _same("protocol", "formula") | {"n_mappings": "mappings"},
        8,
    ),
    "mappings": _Shown(
        "Minimal mappings: places of the variables (results/mappings)",
        {"target": "gate"} | _same("protocol", "formula", "places"),
        8,
    ),
}


def print_trace(console: Console, found: Trace) -> None:
    """Prints what something rests on."""
    console.print(Text.assemble((found.what, "bold"), f"  {found.title}"))
    facts = Table.grid(padding=(0, 2))
    for name, value in found.facts.items():
        facts.add_row(Text(name.replace("_", " "), "dim"), _cell(value))
    console.print(facts)
    for name, rows in found.tables.items():
        if rows:
            _print_rows(console, _TRACED[name], rows)
    if found.query:
        console.print(Text("\nThe query, to be run in the folder of the run", "bold dim"))
        console.print(Text(found.query.rstrip()), soft_wrap=True)
    console.print()


def print_audit(console: Console, checks: Sequence[Check], covered: str | None) -> None:
    """Prints an audit: a line per check, what was covered, and everything that disagrees."""
    table = Table("", "of", box=None, pad_edge=False, header_style="dim")
    for head in ("checked", "agreed", "disagreed"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in checks:
        numbers = (f"{n:,}" for n in (one.checked, one.agreed, one.disagreed))
        table.add_row(one.name, one.of, *numbers, style="bold red" if one.findings else None)
        if one.coverage:
            table.add_row(Text(f"  {one.coverage}", "dim"))
    console.print(table)
    if covered is not None:
        console.print(Text(f"\n{covered}", "dim"))
    found = findings(checks)
    if not found:
        console.print(Text("\nEverything that was checked agrees.", "bold"))
        return
    console.print(Text(f"\n{len(found):,} disagreements", "bold red"))
    for finding in found[:_FINDINGS]:
        console.print(Text.assemble((finding.where, "bold"), f": {_short(finding.what)}"))
    if len(found) > _FINDINGS:
        console.print(Text(f"and {len(found) - _FINDINGS:,} more; --json writes all", "dim"))


def _short(text: str) -> str:
    """A text, cut in its middle if it is long."""
    half = _FINDING // 2
    return text if len(text) <= _FINDING else f"{text[:half]} … {text[-half:]}"


def _print_rows(console: Console, how: _Shown, rows: Sequence[Row]) -> None:
    """Prints rows as a table; what repeats the row above, from the left on, is left out."""
    shown = rows[: how.limit]
    more = f" · {len(shown)} of {len(rows):,}" if len(shown) < len(rows) else ""
    console.print(Text(f"\n{how.heading}{more}", "bold dim"))
    columns = {key: name for key, name in how.columns.items() if any(key in row for row in rows)}
    table = Table(box=None, pad_edge=False, header_style="dim")
    for key, name in columns.items():
        numbers = any(isinstance(row.get(key), int | float) for row in rows)
        right = numbers or key.startswith("n_")
        whole = right or key in ("quantity", "protocol", "target", "how")
        table.add_column(
            name, justify="right" if right else "left", overflow="fold", no_wrap=whole
        )
    before: list[str] = []
    for row in shown:
        cells = [_cell(row.get(key), key) for key in columns]
        same = next((i for i, (a, b) in enumerate(zip(cells, before, strict=False)) if a != b), 0)
        table.add_row(*("" if i < same else cell for i, cell in enumerate(cells)))
        before = cells
    console.print(table)


def _cell(value: Any, key: str = "") -> str:
    """A value to be read."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case str() if key in ("settings", "code"):
            return value[:8]
        case str() if key == "quantity":
            return value.removeprefix("n_")
        case str() if key.startswith("n_"):
            return _cell(int(value))
        case int():
            return number(value)
        case float() if key == "bias":
            return f"{value:+.4f}"
        case float() if key.startswith("unique"):
            return percent(value)
        case float():
            return number(value)
        case [list(), *_]:
            return " | ".join(" ".join(part) for part in value)
        case [float(), *_]:
            return "  ".join(f"{weight:+.4f}" for weight in value)
        case list() if key == "perfect_for" and len(value) == 3:
            return "all three"
        case list():
            return ", ".join(map(str, value))
    return str(value)
