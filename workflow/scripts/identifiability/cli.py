"""The command ``identifiability``."""

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from identifiability.errors import UserError

# The engine is imported inside the commands, so that --help and wrong options answer at once.
if TYPE_CHECKING:
    from rich.console import Console

    from identifiability.protocols import Pairs
    from identifiability.trace import Row, Trace

_SHOWN = 5
"""Circuits and algorithms that the table for people shows."""
_QUESTIONS = (
    ("Q1", "n_circuits", "perfect circuits"),
    ("Q2", "n_interpretations", "interpretations"),
    ("Q3", "n_algorithms", "algorithms with a mapping"),
    ("Q4", "n_mappings", "minimal mappings"),
)


def main() -> None:
    """Runs the command; what a user can put right ends in one line and exit code 2."""
    try:
        command(standalone_mode=False)
    except UserError as error:
        _fail(str(error))
    except click.ClickException as error:
        _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted")


def _fail(message: str) -> None:
    click.echo(f"identifiability: error: {message}", err=True)
    sys.exit(2)


@click.group()
@click.version_option(package_name="identifiability")
def command() -> None:
    """Is the mechanistic explanation of a tiny network unique? Exact answers."""


@command.command()
@click.argument("networks", metavar="NETWORK...", nargs=-1, required=True, type=Path)
@click.option(
    "--target",
    "targets",
    metavar="GATE",
    multiple=True,
    help="Gate of each output, by name or truth table (XOR, 0110). [default: what it computes]",
)
@click.option(
    "--protocol",
    default="released",
    show_default=True,
    metavar="released|text|strict",
    help="Reading of the paper's criteria.",
)
@click.option(
    "--pairs",
    type=click.Choice(["source_before_base", "all"]),
    help="Interchange interventions to try, if not the protocol's own.",
)
@click.option(
    "--activation",
    metavar="leaky_relu|relu|tanh|sigmoid",
    help="After every layer; for files that do not say.",
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything found as JSON.")
@click.option(
    "--counts-only", is_flag=True, help="Leave the lists of circuits, formulas and mappings out."
)
@click.option(
    "--out",
    metavar="DIR",
    type=Path,
    help="Write the artifacts as DIR/<artifact>/<network>.parquet.",
)
def explain(
    networks: tuple[Path, ...],
    targets: tuple[str, ...],
    protocol: str,
    pairs: "Pairs | None",
    activation: str | None,
    json_file: str | None,
    counts_only: bool,
    out: Path | None,
) -> None:
    """Find every circuit, interpretation, algorithm and mapping of networks of your own.

    NETWORK is a .json file (weights[layer][to][from], biases[layer][to], activation), or a
    .safetensors or .npz file with the weight and bias of linear layers, in order.
    """
    from rich.console import Console

    from identifiability import explanation, network_files
    from identifiability.networks import ACTIVATIONS

    if activation is not None and activation not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise UserError(f"--activation: unsupported activation {activation!r}; known are {known}")
    reading = explanation.protocol_named(protocol)
    if pairs is not None and pairs != reading.pairs:
        reading = dataclasses.replace(reading, name=f"{reading.name}-{pairs}", pairs=pairs)
    loaded = []
    for path in networks:
        network, named = network_files.load(path, activation)
        wanted = list(targets) or named
        try:
            explanation.check(network, wanted, reading)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
        loaded.append((path, network, wanted))
    names = [path.stem for path, _, _ in loaded]
    if out is not None and len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"--out: two networks are called {twice!r}; results would overwrite")
    _make_ready(json_file, out)

    people = Console(stderr=json_file == "-")
    entries = []
    with Console(stderr=True).status("") as status:
        for path, network, wanted in loaded:
            found = explanation.explain(
                network,
                wanted,
                reading,
                name=path.stem,
                progress=_announcer(status.update, path.stem),
            )
            entry = found.to_dict(counts_only=counts_only)
            entries.append(entry)
            _print(people, entry)
            if out is not None:
                found.write(out)
    _write_json(json_file, entries)


@command.command()
@click.argument("what", metavar="WHAT")
@click.option("--protocol", metavar="NAME", help="Show one reading of the criteria alone.")
@click.option(
    "--network", metavar="FAMILY/SEED", help="Go on to one of the networks that it rests on."
)
@click.option(
    "--results",
    metavar="DIR",
    type=Path,
    help="Folder `results` of a run. [default: where the configuration puts it]",
)
@click.option(
    "--configfile",
    "configfiles",
    metavar="FILE",
    multiple=True,
    type=Path,
    help="What the run was given, if not config/config.yaml alone.",
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything found as JSON.")
def trace(
    what: str,
    protocol: str | None,
    network: str | None,
    results: Path | None,
    configfiles: tuple[Path, ...],
    json_file: str | None,
) -> None:
    """Show what a claim, figure or table rests on, down to a network's weights.

    WHAT is a claim (C09), a difference between text and code (D04), a figure (figure_3, or 3), a
    table (table_4, differences, ladder), or a network (xor-k3/7).
    """
    from rich.console import Console

    from identifiability import trace as tracing

    run = tracing.load_run(configfiles, results)
    found = tracing.trace(run, what, protocol, network)
    _make_ready(json_file, None)
    people = Console(stderr=json_file == "-", highlight=False)
    for one in found:
        _print_trace(people, one)
    _write_json(json_file, [one.to_dict() for one in found])


def _write_json(json_file: str | None, entries: list[dict[str, Any]]) -> None:
    """Writes what was found, if it was asked for."""
    if json_file == "-":
        click.echo(json.dumps(entries, ensure_ascii=False))
    elif json_file is not None:
        beside = _beside(json_file)
        beside.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
        beside.replace(json_file)


def _announcer(update: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda stage: update(f"{name}: {stage} …")


def _make_ready(json_file: str | None, out: Path | None) -> None:
    """Makes sure, before work starts, that results can be written.

    Raises:
        UserError: If they cannot.
    """
    if json_file is not None and json_file != "-":
        try:
            if Path(json_file).is_dir():
                raise UserError(
                    f"--json: {json_file!r} is a folder; give a file, or - for the terminal"
                )
            _beside(json_file).touch()
        except OSError as error:
            raise UserError(f"--json: {json_file}: cannot be written ({error.strerror})") from None
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--out: {out}: cannot be a folder ({error.strerror})") from None


def _beside(file: str) -> Path:
    """Where a file is written before it takes its name."""
    return Path(file).with_name(f".{Path(file).name}.part")


def _print(console: "Console", entry: dict[str, Any]) -> None:
    """Prints what was found in one network as tables for people."""
    from rich.table import Table
    from rich.text import Text

    from identifiability.stages.summary import answer

    for target in entry["targets"]:
        console.print(
            Text.assemble(
                (entry["network"], "bold"),
                f" computes {target['target']} · protocol {entry['protocol']} · "
                f"{target['n_candidates']:,} candidate circuits",
            )
        )
        table = Table("", "found", "", "unique?", box=None, pad_edge=False, header_style="dim")
        table.columns[1].justify = "right"
        for question, count, what in _QUESTIONS:
            number = int(target[count])
            verdict = {"unique": "yes", "none": "none found", "several": "no"}[str(answer(number))]
            table.add_row(question, f"{number:,}", what, verdict)
            if count == "n_interpretations":
                reachable = int(target["n_interpretations_reachable"])
                table.add_row("", f"{reachable:,}", "of them differ on reachable rows", "")
        console.print(table)
        if "circuits" in target:
            _print_lists(console, target)
        console.print()


def _print_lists(console: "Console", target: dict[str, Any]) -> None:
    """Prints the first few circuits and algorithms."""
    from rich.table import Table

    circuits = [
        (" | ".join(" ".join(layer) for layer in c["edges"]), f"{int(c['interpretations']):,}")
        for c in target["circuits"]
    ]
    algorithms = [
        (f["formula"], f"{f['minimal_mappings']:,}")
        for f in target["formulas"]
        if f["minimal_mappings"]
    ]
    for what, number, rows in (
        ("circuits, sparsest first (edges kept, per neuron)", "interpretations", circuits),
        ("algorithms", "minimal mappings", algorithms),
    ):
        if rows:
            shown = f"{_SHOWN} of {len(rows):,} {what}" if len(rows) > _SHOWN else what
            table = Table(shown, number, box=None, pad_edge=False, header_style="dim")
            table.columns[1].justify = "right"
            for row in rows[:_SHOWN]:
                table.add_row(*row)
            console.print(table)


def _same(*names: str) -> dict[str, str]:
    """Columns that are headed by their own names."""
    return {name: name for name in names}


class _Shown(NamedTuple):
    """How a table of a trace is shown.

    Attributes:
        heading: Above it.
        columns: Heads of its columns, by name; none: all, by their own names.
        limit: Most rows shown; None: all.
    """

    heading: str
    columns: dict[str, str]
    limit: int | None = None


_NAMED = {"network_id": "network", "target": "target", "protocol": "protocol"}
_COUNTS = {
    "n_circuits": "circuits",
    "n_interpretations": "interpretations",
    "n_interpretations_reachable": "reachable",
}
_TRACED = {
    "measured": _Shown(
        "Published and measured", _same("part", "published", "protocol", "ours", "n", "verdict")
    ),
    "effects": _Shown(
        "Effect on the four counts: means, their ratio, share of networks with exactly one",
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
    "made from": _Shown("How they come about", _same("artifact", "rule", "from")),
    "rows": _Shown(
        "Rows of the query, by network",
        _NAMED | {"sample": "sample", "used": "counts", "value": "value", "x": "x"},
        12,
    ),
    "summary": _Shown(
        "Totals (results/summary)",
        _NAMED | _COUNTS | {"n_algorithms": "algorithms", "n_mappings": "mappings"},
        15,
    ),
    "inputs": _Shown("Inputs: samples, and the network's outputs", {}),
    "weights": _Shown("Weights", {"neuron": "neuron", "weights": "from below", "bias": "bias"}),
    "cells": _Shown(
        "Perfect circuits by neurons and edges kept (results/cells)",
        {"target": "target", "n_hidden": "neurons", "n_edges": "edges"} | _COUNTS,
        8,
    ),
    "circuits": _Shown(
        "Perfect circuits, sparsest first: edges kept, per neuron (results/circuits)",
        {
            "target": "target",
            "n_hidden": "neurons",
            "n_edges": "edges",
            "edges": "circuit",
            "n_interpretations": "interpretations",
        },
        8,
    ),
    "algorithms": _Shown(
        "Algorithms with a mapping (results/algorithms)",
        _same("target", "protocol", "formula") | {"n_mappings": "mappings"},
        8,
    ),
    "mappings": _Shown(
        "Minimal mappings: the places of an algorithm's variables (results/mappings)",
        _same("target", "protocol", "formula", "places"),
        8,
    ),
}


def _print_trace(console: "Console", found: "Trace") -> None:
    """Prints what something rests on."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text.assemble((found.what, "bold"), f"  {found.title}"))
    facts = Table.grid(padding=(0, 2))
    for name, value in found.facts.items():
        facts.add_row(Text(name, "dim"), _cell(value))
    console.print(facts)
    for name, rows in found.tables.items():
        if rows:
            _print_rows(console, _TRACED[name], rows)
    if found.query:
        console.print(Text("\nThe query, to be run in the folder of the run", "bold dim"))
        console.print(Text(found.query.rstrip()), soft_wrap=True)
    console.print()


def _print_rows(console: "Console", how: _Shown, rows: "Sequence[Row]") -> None:
    """Prints rows as a table; what repeats the row above, from the left on, is left out."""
    from rich.table import Table
    from rich.text import Text

    shown = rows[: how.limit]
    more = f" ({len(shown)} of {len(rows):,})" if len(shown) < len(rows) else ""
    console.print(Text(f"\n{how.heading}{more}", "bold dim"))
    columns = {
        key: name
        for key, name in (how.columns or _same(*rows[0])).items()
        if any(key in row for row in rows)
    }
    table = Table(box=None, pad_edge=False, header_style="dim")
    for key, name in columns.items():
        numbers = any(isinstance(row.get(key), int | float) for row in rows)
        right = numbers or key.startswith("n_")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    before: list[str] = []
    for row in shown:
        cells = [_cell(row.get(key), key) for key in columns]
        same = next((i for i, (a, b) in enumerate(zip(cells, before, strict=False)) if a != b), 0)
        table.add_row(*("" if i < same else cell for i, cell in enumerate(cells)))
        before = cells
    console.print(table)


def _cell(value: object, key: str = "") -> str:
    """A value to be read."""
    if key in ("settings", "code") and isinstance(value, str):
        return value[:8]
    if key.startswith("n_") and isinstance(value, str):
        value = int(value)
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}" if value < 10**12 else f"{value:.3e}"
        case float():
            return f"{value:,.4g}" if abs(value) < 10**6 else f"{value:.3g}"
        case list() if value and isinstance(value[0], list):
            return " | ".join(" ".join(map(str, part)) for part in value)
        case list() if value and isinstance(value[0], float):
            return "  ".join(f"{weight:+.4f}" for weight in value)
        case list():
            return ", ".join(map(str, value))
    return str(value)
