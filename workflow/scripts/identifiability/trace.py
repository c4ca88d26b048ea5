"""What a claim, a difference, a figure or a table rests on, down to the weights of a network."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from identifiability import claims
from identifiability.candidates import edges_of_id
from identifiability.config import Config, parse
from identifiability.contracts import contract
from identifiability.errors import UserError
from identifiability.families import Family, network_id
from identifiability.ladder import LADDER
from identifiability.ledger import (
    Claim,
    Difference,
    Ledger,
    difference_files,
    load_claims,
    load_differences,
)
from identifiability.protocols import Protocol
from identifiability.stages.summary import admitted, perfect

PROJECT = Path(__file__).parents[3]
_SAMPLED = 3
"""Networks whose rows are shown as a sample."""
_EXAMPLE = ("summary", "networks", "circuits", "interpretations", "mappings")

Row = dict[str, Any]
"""A row as plain data: ints of any size, None for null."""
Protocols = Literal["shown", "example", "ladder", "claims", "differences"]


@dataclass(frozen=True)
class Basis:
    """What a figure or table rests on.

    Attributes:
        rule: The rule that makes it.
        title: What it shows.
        protocols: Which readings it shows: all but the variants (``shown``), that of the example,
            the steps of the ladder, those of its claims, or those of the differences.
        experiments: Whose families it is about.
        artifacts: What it reads of each of them.
        claims: The claims that it measures, and whose files it reads; ``*`` for all.
    """

    rule: str
    title: str
    protocols: Protocols
    experiments: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ("summary",)
    claims: tuple[str, ...] = ()


def _boxes(title: str, *experiments: str) -> Basis:
    return Basis("figure_boxes", title, "shown", experiments)


def _example(name: str, title: str) -> Basis:
    return Basis(name, title, "example", ("example",), (*_EXAMPLE, "formulas"))


FIGURES: Mapping[str, Basis] = {
    "figure_2": _example("figure_2", "What both strategies find in one network"),
    "figure_3": _boxes("All explanations by width and by number of tasks", "size", "tasks"),
    "figure_4": _example("figure_4", "The sparsest circuits of one network"),
    "figure_5": _boxes("All explanations by gate", "gate"),
    "figure_6": _boxes("Explanations by gate, in detail", "gate"),
    "figure_7": _boxes("Explanations by width, in detail", "size"),
    "figure_8": _boxes("Explanations by number of tasks, in detail", "tasks"),
    "figure_9": _boxes("Explanations by loss cutoff, in detail", "loss"),
    "figure_counts": Basis("figure_counts", "The four counts over networks", "shown", ("basic",)),
    "figure_ladder": Basis(
        "figure_ladder", "Which criterion leaves one explanation", "ladder", ("size", "tasks")
    ),
}
"""The figures, by the stem of their files."""
TABLES: Mapping[str, Basis] = {
    "table_1": _example("table_1", "All interpretations of one circuit"),
    "table_2": _example("table_2", "All minimal mappings of one network"),
    "table_3": Basis(
        "table_3",
        "Means without and with noise in training",
        "claims",
        ("noise",),
        claims=("C15", "C16", "C17", "C18", "C19", "C20"),
    ),
    "table_4": Basis(
        "table_4",
        "Regressions on the entropy of the inputs",
        "claims",
        ("distribution",),
        claims=("C21", "C22", "C23", "C24", "C25", "C26"),
    ),
    "table_ladder": Basis(
        "table_ladder", "Which criterion leaves one explanation", "ladder", ("size", "tasks")
    ),
    "tests": Basis(
        "table_tests",
        "Tests between numbers of tasks, and between loss cutoffs",
        "claims",
        ("tasks", "loss"),
        claims=("C11", "C12", "C13"),
    ),
    "untrained": Basis(
        "table_untrained",
        "Untrained networks that compute a gate",
        "shown",
        ("untrained",),
        ("summary", "untrained"),
    ),
    "claims": Basis("claims", "The claims, part by part, with verdicts", "claims", claims=("*",)),
    "verdicts": Basis(
        "table_verdicts", "The verdicts in short", "claims", artifacts=("claims",), claims=("*",)
    ),
    "differences": Basis("table_differences", "Each difference switched alone", "differences"),
}
"""The tables, by the stem of their files."""
BASES: Mapping[str, Basis] = {**FIGURES, **TABLES}


class Stage(NamedTuple):
    """How an artifact comes about.

    Attributes:
        rules: Those that make it; networks are either trained or drawn.
        inputs: The artifacts that it is made from; ``noisy`` only for families with noise, and
            ``datasets`` for trained ones.
    """

    rules: tuple[str, ...]
    inputs: tuple[str, ...] = ()


STAGES: Mapping[str, Stage] = {
    "datasets": Stage(("datasets",)),
    "networks": Stage(("training", "untrained_networks"), ("datasets",)),
    "untrained": Stage(("untrained_networks",)),
    "circuits": Stage(("circuits",), ("networks",)),
    "interpretations": Stage(("interpretations",), ("networks", "circuits")),
    "cells": Stage(("interpretations",), ("networks", "circuits")),
    "noisy": Stage(("noisy",), ("networks",)),
    "formulas": Stage(("formulas",)),
    "alignment": Stage(("alignment",), ("networks", "formulas")),
    "algorithms": Stage(("alignment",), ("networks", "formulas")),
    "mappings": Stage(("alignment",), ("networks", "formulas")),
    "summary": Stage(("summary",), ("networks", "cells", "algorithms", "noisy")),
}
"""The artifacts, in the order in which they are made."""


@dataclass(frozen=True)
class Trace:
    """What something rests on.

    Attributes:
        what: Its name.
        kind: ``claim``, ``difference``, ``figure``, ``table`` or ``network``.
        title: What it says or shows.
        facts: What there is to know in a word or a list, by name.
        tables: Rows by name.
        query: SQL that measures it, or None.
    """

    what: str
    kind: str
    title: str
    facts: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    query: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The trace as plain data, ready for JSON."""
        named = {"what": self.what, "kind": self.kind, "title": self.title}
        query = {} if self.query is None else {"query": self.query}
        return named | dict(self.facts) | query | dict(self.tables)


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        config: What was run.
        folder: Where ``data`` and ``results`` lie.
        ledger: The claims, restricted to the run's families.
        differences: The differences.
    """

    config: Config
    folder: Path
    ledger: Ledger
    differences: tuple[Difference, ...]

    @cached_property
    def families(self) -> Mapping[str, Family]:
        """The families of the experiments, by slug."""
        return {family.name: family for family in self.config.used}

    def rows(self, file: str, **equal: Any) -> list[Row]:
        """Rows of a file whose columns have these values.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        keys = [(column, "=", value) for column, value in equal.items()]
        return [_plain(row) for row in self._read(file, filters=keys or None).to_pylist()]

    def column_pairs(self, file: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a file, row by row.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        table = self._read(file, columns=list(columns))
        return list(zip(*(table[column].to_pylist() for column in columns), strict=True))

    def _read(self, file: str, **options: Any) -> pa.Table:
        path = self.folder / file
        if not path.exists():
            raise UserError(f"{path}: no such file; run `snakemake --cores all {_maker(file)}`")
        try:
            return pq.read_table(path, **options)
        except (OSError, pa.ArrowInvalid) as error:
            raise UserError(f"{path}: cannot be read as Parquet ({error})") from None


def load_run(configfiles: Iterable[Path] = (), results: Path | None = None) -> Run:
    """Finds a run.

    Args:
        configfiles: Files given to Snakemake by ``--configfile``; each overrides those before it.
        results: Its folder ``results``; by default where the configuration puts it.

    Raises:
        UserError: If there is no such folder, or a file cannot be used.
    """
    settings: dict[str, Any] = {}
    for path in (PROJECT / "config" / "config.yaml", *configfiles):
        try:
            settings = _merged(settings, yaml.safe_load(path.read_text()) or {})
        except (OSError, yaml.YAMLError) as error:
            raise UserError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    config = parse(settings)
    given = PROJECT / config.prefix / "results" if results is None else results
    if not given.is_dir() or given.resolve().name != "results":
        raise UserError(
            f"{given}: not the folder `results` of a run; run `snakemake --cores all`, or give "
            "another by --results"
        )
    paper = PROJECT / "paper"
    return Run(
        config,
        given.resolve().parent,
        load_claims(paper / "claims.yaml", [family.name for family in config.used]),
        load_differences(paper / "differences.yaml"),
    )


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with changes at any depth, as Snakemake merges them."""
    merged = dict(settings)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if nested else value
    return merged


def trace(
    run: Run, what: str, protocol: str | None = None, network: str | None = None
) -> list[Trace]:
    """Traces a claim, a difference, a figure, a table or a network.

    Args:
        run: The run.
        what: Its name: C09, D04, figure_3 or 3, table_4, ladder, xor-k3/7.
        protocol: Show this reading alone.
        network: A network that it rests on, to be traced as well.

    Returns:
        What it rests on; and the network, if one is named.

    Raises:
        UserError: If there is none of that name, if it does not rest on the protocol or the
            network, or if a file is missing.
    """
    if "/" in what:
        if network is not None:
            raise UserError(f"--network: {what} is a network already; leave --network out")
        return [trace_network(run, what, protocol)]
    name = _name(run, what)
    found = next(
        make(run, name, protocol, network)
        for names, make in (
            (run.ledger.claims, trace_claim),
            ([d.id for d in run.differences], trace_difference),
            (BASES, trace_drawing),
        )
        if name in names
    )
    return [found] if network is None else [found, trace_network(run, network, protocol)]


def _name(run: Run, what: str) -> str:
    """The name of a claim, difference, figure or table, from how a person may write it."""
    plain = what.strip().lower().replace(" ", "_")
    differences = [d.id for d in run.differences]
    by_rule = {basis.rule: name for name, basis in BASES.items() if basis.rule != "figure_boxes"}
    known = {name.lower(): name for name in (*run.ledger.claims, *differences, *BASES)}
    figures_first = plain.isdigit()
    for candidate in (
        plain,
        f"figure_{plain}" if figures_first else f"table_{plain}",
        f"table_{plain}" if figures_first else f"figure_{plain}",
    ):
        if candidate in known or candidate in by_rule:
            return known.get(candidate) or by_rule[candidate]
    if re.fullmatch(r"c\d+", plain):
        raise UserError(f"unknown claim {what!r}; known are {', '.join(run.ledger.claims)}")
    if re.fullmatch(r"d\d+", plain):
        raise UserError(
            f"unknown difference {what!r}; those measured are {', '.join(differences)}"
        )
    raise UserError(
        f"{what!r} is no claim (C01, …), difference (D01, …), network (xor-k3/7, …), figure or "
        f"table; known are {', '.join(BASES)}"
    )


def trace_claim(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a claim: verdicts, query, files, and some rows with their networks.

    Args:
        run: The run.
        name: Its id.
        protocol: Show this reading alone.
        network: Show the rows of this network.

    Raises:
        UserError: If the claim does not rest on the protocol or the network, or has not been
            measured.
    """
    claim = run.ledger.claims[name]
    protocols = _chosen(name, claim.protocols, protocol)
    families = _families_of(run, claim.files)
    if network is not None:
        _check_network(run, name, families, network)
    measured = [
        row for row in run.rows("results/claims.parquet", claim=name)
        if row["protocol"] in protocols
    ]  # fmt: skip
    if not measured:
        raise UserError(
            f"{run.folder / 'results/claims.parquet'}: holds no {name}; run "
            "`snakemake --cores all claims`"
        )
    rows = claims.query_rows(claim, run.folder)
    rows = rows[rows["protocol"].isin(protocols)]
    facts = {
        "place": claim.place,
        "shown in": _shown_in(claim),
        "protocols": protocols,
        "rests on": _extent(len(rows), int(rows["used"].sum()), run, families),
    }
    if claim.absent:
        facts["not in this run"] = list(claim.absent)
    tables = {
        "measured": [row | {"ours": _ours(row)} for row in _by(measured, "part")],
        "families": [_family_row(run, family) for family in families],
        "files": [_file_row(run, file) for file in claim.files],
        "made from": _lineage(run, claim.files, families),
        "rows": [
            row
            for one in (_sampled(run, families) if network is None else [network])
            for row in _rows_of_network(run, claim, one)
            if row["protocol"] in protocols
        ],
    }
    return Trace(name, "claim", claim.statement, facts, tables, readable(claim.query) or None)


def _by(rows: Sequence[Row], column: str) -> list[Row]:
    """Rows with those of the same value together, else in their order."""
    values = list(dict.fromkeys(row[column] for row in rows))
    return sorted(rows, key=lambda row: values.index(row[column]))


def _shown_in(claim: Claim) -> list[str]:
    """Figures and tables that show a claim."""
    figures = [
        name
        for name in FIGURES
        if re.search(rf"\b{name.replace('_', ' ')}\b", claim.place, re.IGNORECASE)
    ]
    tables = [
        name
        for name, basis in TABLES.items()
        if claim.id in basis.claims or basis.claims == ("*",)
    ]
    return [*figures, *tables]


def _ours(row: Row) -> str:
    """What was measured, with the verdict's reason left out, in words."""
    numbers = {key: float("nan") if row[key] is None else row[key] for key in _NUMBERS}
    judged = row["verdict"] != claims.CANNOT_BE_COMPARED
    words = claims.with_interval(
        numbers["value"], numbers["low"], numbers["high"], row["statistic"] == "share"
    )
    if judged and row["p"] is not None:
        words += f", p = {row['p']:.2g}"
    if judged and row["percentile"] is not None:
        words += f", percentile {row['percentile']:.0f}"
    return words


_NUMBERS = ("value", "low", "high")


def readable(query: str) -> str:
    """A query with a line for every file; to be run in the folder of the run."""
    return query.replace("', 'results/", "',\n    'results/").replace(
        "', 'data/", "',\n    'data/"
    )


def _rows_of_network(run: Run, claim: Claim, network: str) -> list[Row]:
    """The rows that a claim's query finds in one network; queries go by network."""
    slug = network.rsplit("/", 1)[0]

    def own(found: re.Match[str]) -> str:
        files = re.findall(r"'([^']+)'", found[1])
        if "network_id" not in contract(Path(files[0]).parts[1]).columns:
            return found[0]
        mine = [file for file in files if Path(file).stem == slug]
        return f"(SELECT * FROM read_parquet({mine}) WHERE network_id = '{network}')"

    query = re.sub(r"read_parquet\((\[[^\]]*\])\)", own, claim.query)
    rows = claims.run(query, run.folder, f"claim {claim.id}, {network}")
    return [{"network_id": network} | _plain(row) for row in rows.to_dict("records")]


def trace_difference(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a difference between text and released code.

    Args:
        run: The run.
        name: Its id.
        protocol: Show the comparisons with this reading alone.
        network: Show the rows of this network.

    Raises:
        UserError: If the difference does not rest on the protocol or the network, or has not been
            measured.
    """
    difference = next(d for d in run.differences if d.id == name)
    sides = [side for pair in difference.comparisons for side in pair]
    protocols = _chosen(name, dict.fromkeys(side.protocol for side in sides), protocol)
    files = difference_files([difference], run.families)
    families = _families_of(run, files)
    if network is not None:
        _check_network(run, name, families, network)
    words = {side.words for side in sides if side.protocol in protocols}
    measured = [
        row
        for row in run.rows("results/tables/differences.parquet", difference=name)
        if {row["before"], row["after"]} & words
    ]
    facts = {
        "text": difference.text,
        "released code": difference.released,
        "shown in": ["differences"],
        "protocols": protocols,
        "rests on": _extent_of_files(run, files, protocols),
    }
    tables = {
        "effects": measured,
        **_basis_tables(run, files, families, protocols, network),
    }
    title = "A difference between the paper's text and the released code, switched alone"
    return Trace(name, "difference", title, facts, tables)


def trace_drawing(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a figure or table.

    Args:
        run: The run.
        name: The stem of its files.
        protocol: Show this reading alone.
        network: Show the rows of this network.

    Raises:
        UserError: If it does not rest on the protocol or the network.
    """
    basis = BASES[name]
    protocols = _chosen(name, _protocols_of(run, basis), protocol)
    files = inputs(run, name)
    families = _families_of(run, files if "summary" in basis.artifacts else _claims_files(run))
    if network is not None:
        _check_network(run, name, families, network)
    kind = "figure" if name in FIGURES else "table"
    folder, formats = ("figures", "svg png pdf") if kind == "figure" else (
        "results/tables", "parquet csv md"
    )  # fmt: skip
    made = f"{folder}/{name}.{formats.split()[0]}"
    facts = {
        "made by": f"rule {basis.rule} (workflow/scripts/{basis.rule}.py)",
        "written to": f"{folder}/{name}.{{{formats.replace(' ', ',')}}}"
        + ("" if (run.folder / made).exists() else f"; missing: run `snakemake {made}`"),
        "claims": [c.id for c in run.ledger.claims.values() if name in _shown_in(c)],
        "experiments": list(basis.experiments),
        "protocols": protocols,
        "rests on": _extent_of_files(run, files, protocols),
    }
    return Trace(
        name,
        kind,
        basis.title,
        {key: value for key, value in facts.items() if value},
        _basis_tables(run, files, families, protocols, network),
    )


def inputs(run: Run, name: str) -> list[str]:
    """The files of results that a figure or table is made from, below the folder of the run."""
    basis = BASES[name]
    if basis.artifacts == ("claims",):
        return ["results/claims.parquet"]
    if basis.protocols == "differences":
        return difference_files(run.differences, run.families)
    if basis.claims:
        return _claims_files(run, basis.claims)
    families = _of_experiments(run, basis.experiments)
    files = []
    for artifact in basis.artifacts:
        names = (
            [f.name for f in families]
            if artifact != "formulas"
            else dict.fromkeys(f"depth-{len(f.layer_sizes) - 1}" for f in families)
        )
        files += [f"results/{artifact}/{n}.parquet" for n in names]
    return files


def _of_experiments(run: Run, names: Iterable[str]) -> list[Family]:
    """The families of some experiments, each once."""
    experiments = [run.config.experiments[name] for name in names]
    return list(dict.fromkeys(f for e in experiments for f in (*e.families, *e.released)))


def _claims_files(run: Run, names: Sequence[str] = ("*",)) -> list[str]:
    """The files that some claims are measured on."""
    listed = run.ledger.claims if "*" in names else names
    return list(dict.fromkeys(f for name in listed for f in run.ledger.claims[name].files))


def _protocols_of(run: Run, basis: Basis) -> list[str]:
    """The readings that a figure or table shows."""
    if basis.protocols == "example":
        return [run.config.example_protocol]
    if basis.protocols == "shown":
        return [protocol.name for protocol in run.config.shown]
    if basis.protocols == "ladder":
        names = [step.protocol for steps in LADDER.values() for step in steps]
    elif basis.protocols == "differences":
        pairs = [pair for difference in run.differences for pair in difference.comparisons]
        names = [side.protocol for pair in pairs for side in pair]
    else:
        listed = run.ledger.claims if "*" in basis.claims else basis.claims
        names = [p for claim in listed for p in run.ledger.claims[claim].protocols]
    return list(dict.fromkeys(names))


def _basis_tables(
    run: Run,
    files: Sequence[str],
    families: Sequence[str],
    protocols: Sequence[str],
    network: str | None,
) -> dict[str, list[Row]]:
    """Families, files and lineage, and some rows of the summaries read."""
    sampled = _sampled(run, families) if network is None else [network]
    return {
        "families": [_family_row(run, family) for family in families],
        "files": [_file_row(run, file) for file in files],
        "made from": _lineage(run, files, families),
        "summary": [row for one in sampled for row in _summary_rows(run, one, protocols)],
    }


def _summary_rows(run: Run, network: str, protocols: Sequence[str]) -> list[Row]:
    """The totals of a network, in the order of the protocols."""
    rows = run.rows(_file("summary", network.rsplit("/", 1)[0]), network_id=network)
    return sorted(
        (row for row in rows if row["protocol"] in protocols),
        key=lambda row: list(protocols).index(row["protocol"]),
    )


def trace_network(run: Run, name: str, protocol: str | None = None) -> Trace:
    """Traces a network: what was found in it, what it was trained on, and its weights.

    Args:
        run: The run.
        name: Its ``network_id``.
        protocol: Show this reading alone: its circuits, algorithms and mappings.

    Raises:
        UserError: If there is no such network, or the protocol does not apply to it.
    """
    slug, stored = _stored(run, name)
    family = run.families[slug]
    known = [p.name for p in run.config.protocols_of(family)]
    protocols = _chosen(name, known, protocol)
    reading = None if protocol is None else run.config.protocols[protocol]
    sizes = (*map(int, stored["layer_sizes"][:-1]), 1)
    converged = "yes" if stored["converged"] else f"no; it is in no count ({_why(stored, family)})"
    facts = {
        "family": slug,
        "seed": stored["seed"],
        "targets": stored["targets"],
        "layers": stored["layer_sizes"],
        "activation": _activation(stored),
        "epochs": stored["epochs"],
        "loss": stored["loss"],
        "accuracy": stored["accuracy"],
        "converged": converged,
        "in claims": [c.id for c in run.ledger.claims.values() if slug in _stems(c.files)],
        "in differences": [
            d.id
            for d in run.differences
            if slug in _stems(difference_files([d], run.families))
        ],
        "in figures and tables": [
            n
            for n, basis in BASES.items()
            if "*" not in basis.claims and slug in _stems(inputs(run, n))
        ],
    }  # fmt: skip
    tables = {"inputs": _input_rows(run, stored), "weights": weights(stored)}
    if stored["converged"]:
        cells = run.rows(_file("cells", slug), network_id=name)
        algorithms = run.rows(_file("algorithms", slug), network_id=name)
        mappings = run.rows(_file("mappings", slug), network_id=name)
        tables |= {
            "summary": _summary_rows(run, name, protocols),
            "cells": _admitted(cells, sizes, reading),
            "circuits": _circuits(run, name, sizes, reading),
            "algorithms": [row for row in algorithms if row["protocol"] in protocols],
            "mappings": [
                row | {"places": _places(row)} for row in mappings if row["protocol"] in protocols
            ],
        }
    tables["files"] = [
        _file_row(run, _file(artifact, slug))
        for artifact in STAGES
        if artifact != "formulas" and (run.folder / _file(artifact, slug)).exists()
    ]
    title = f"computes {', '.join(stored['targets'])}"
    return Trace(name, "network", title, facts, tables)


def _stored(run: Run, name: str) -> tuple[str, Row]:
    """The family of a network, and its row.

    Raises:
        UserError: If there is no such network.
    """
    slug, _, seed = name.rpartition("/")
    if not slug or not seed.isdecimal():
        raise UserError(f"{name!r} is not a network; write family/seed, such as xor-k3/7")
    if slug not in run.families:
        raise UserError(f"unknown family {slug!r}; known are {', '.join(run.families)}")
    file = _file("networks", slug)
    rows = run.rows(file, network_id=network_id(slug, int(seed)))
    if not rows:
        seeds = [seed for (seed,) in run.column_pairs(file, "seed")]
        listed = f"{seeds[0]} to {seeds[-1]}"
        if seeds != list(range(len(seeds))):
            listed = ", ".join(map(str, seeds[:5])) + (", …" if len(seeds) > 5 else "")
        raise UserError(f"{slug} has no network {seed}; its seeds are {listed}")
    return slug, rows[0]


def _check_network(run: Run, what: str, families: Sequence[str], name: str) -> None:
    """Raises a UserError unless something rests on a network."""
    if not families:
        raise UserError(f"--network: {what} rests on no network")
    slug, stored = _stored(run, name)
    if slug not in families:
        raise UserError(
            f"--network: {what} does not rest on {name}; its families are {', '.join(families)}"
        )
    if not stored["converged"]:
        raise UserError(
            f"--network: {what} does not rest on {name}, which did not converge "
            f"({_why(stored, run.families[slug])}); `identifiability trace {name}` shows it"
        )


def _why(stored: Row, family: Family) -> str:
    """How training ended, against what it had to reach."""
    training = family.training
    return (
        f"after {stored['epochs']} epochs the loss was {stored['loss']:.3g}, to be below "
        f"{training.loss_cutoff:g}, and the accuracy {stored['accuracy']:.3g}, to be at least "
        f"{training.min_accuracy:g}"
    )


def _activation(stored: Row) -> str:
    """The activations of a network in words."""
    slope = f" (slope {stored['negative_slope']:g})" if "leaky" in stored["activation"] else ""
    return f"{stored['activation']}{slope}, output {stored['output_activation']}"


def _input_rows(run: Run, stored: Row) -> list[Row]:
    """What a network was trained on, and what it answers, by input."""
    slug = stored["network_id"].rsplit("/", 1)[0]
    drawn = run.families[slug].untrained_draws is None
    samples = run.rows(_file("datasets", slug), network_id=stored["network_id"]) if drawn else []
    kept = {
        row["input"]: {key: row[key] for key in ("probability", "n_train", "n_validation")}
        for row in samples
    }
    n_inputs = stored["layer_sizes"][0]
    names = [f"{row:0{n_inputs}b}" for row in range(2**n_inputs)]
    return [
        {"input": name, **kept.get(name, {})}
        | {
            f"{target} (output {output})": values[row]
            for output, (target, values) in enumerate(
                zip(stored["targets"], stored["outputs"], strict=True)
            )
        }
        for row, name in enumerate(names)
    ]


def weights(stored: Row) -> list[Row]:
    """The weights of a network, a row per neuron.

    Args:
        stored: Its row of the artifact ``networks``.

    Returns:
        The neuron's name (h1.0 is the first of the first hidden layer), the weights of its edges
        from every neuron below, in their order, and its bias.
    """
    layers = list(zip(stored["weights"], stored["biases"], strict=True))
    rows = []
    for layer, (matrix, biases) in enumerate(layers, start=1):
        name = "out" if layer == len(layers) else f"h{layer}"
        for neuron, (incoming, bias) in enumerate(zip(matrix, biases, strict=True)):
            rows.append({"neuron": f"{name}.{neuron}", "weights": incoming, "bias": bias})
    return rows


def _circuits(run: Run, name: str, sizes: tuple[int, ...], reading: Protocol | None) -> list[Row]:
    """A network's circuits, sparsest first, with their interpretations.

    Under a reading on noisy inputs, those judged on them; else those of ``circuits``.
    """
    slug = name.rsplit("/", 1)[0]
    if reading is not None and reading.inputs == "noisy":
        rows = run.rows(_file("noisy", slug), network_id=name)
    else:
        numbers = {
            (row["target"], row["circuit_id"]): row
            for row in run.rows(_file("interpretations", slug), network_id=name)
        }
        rows = [
            row | numbers[row["target"], row["circuit_id"]]
            for row in run.rows(_file("circuits", slug), network_id=name)
        ]
    rows = [row | {"edges": edges_of_id(row["circuit_id"])} for row in rows]
    return sorted(
        _admitted(rows, sizes, reading), key=lambda row: (row["n_edges"], row["n_hidden"])
    )


def _admitted(rows: Sequence[Row], sizes: tuple[int, ...], reading: Protocol | None) -> list[Row]:
    """The circuits, or cells of them, that count under a protocol; all if none is given."""
    if reading is None or not rows:
        return list(rows)
    frame = pd.DataFrame(rows)
    if reading.inputs == "clean":
        frame = perfect(frame, reading)
    elif "for_model" in frame:
        return []  # cells hold circuits judged on clean inputs
    return [rows[i] for i in admitted(frame, sizes, reading).index]


def _places(row: Row) -> str:
    """Where a mapping puts its variables, in their order."""
    return "; ".join(
        " ".join(f"h{layer}.{n}" for n in neurons)
        for layer, neurons in zip(row["layers"], row["neurons"], strict=True)
    )


def _chosen(what: str, known: Iterable[str], protocol: str | None) -> list[str]:
    """The protocols to be shown.

    Raises:
        UserError: If the one wanted is not among those known.
    """
    known = list(known)
    if protocol is None:
        return known
    if protocol not in known:
        raise UserError(
            f"--protocol: {what} is not read by {protocol!r}; but by {', '.join(known)}"
        )
    return [protocol]


def _families_of(run: Run, files: Iterable[str]) -> list[str]:
    """The families that some files are about."""
    return [name for name in dict.fromkeys(_stems(files)) if name in run.families]


def _stems(files: Iterable[str]) -> list[str]:
    return [Path(file).stem for file in files]


def _file(artifact: str, name: str) -> str:
    """A file of an artifact, below the folder of the run."""
    return f"{contract(artifact).folder}/{artifact}/{name}.parquet"


def _maker(file: str) -> str:
    """What Snakemake is asked for to have a file made."""
    stem, folder = Path(file).stem, Path(file).parent.name
    return {"results": stem, "tables": f"table_{stem}"}.get(folder, file)


def _sampled(run: Run, families: Sequence[str]) -> list[str]:
    """The first converged network of some families, spread evenly."""
    step = max(1, -(-len(families) // _SAMPLED))
    found = []
    for family in families[::step]:
        networks = run.column_pairs(_file("networks", family), "network_id", "converged")
        found += [name for name, converged in networks if converged][:1]
    return found


def _extent(n_rows: int, n_used: int, run: Run, families: Sequence[str]) -> str:
    """How much a claim rests on, in words."""
    rows = f"{n_rows:,} rows of its query, {n_used:,} of which count"
    networks = sum(row["converged"] for row in (_family_row(run, f) for f in families))
    return f"{rows}; {networks:,} converged networks" if families else rows


def _extent_of_files(run: Run, files: Sequence[str], protocols: Sequence[str]) -> str:
    """How many rows of the summaries, and networks, something rests on."""
    networks: set[str] = set()
    n_rows = 0
    for file in files:
        if Path(file).parent.name == "summary":
            for name, protocol, converged in run.column_pairs(
                file, "network_id", "protocol", "converged"
            ):
                if protocol in protocols and converged:
                    n_rows += 1
                    networks.add(name)
    if not n_rows:
        return ""
    return f"{n_rows:,} rows of results/summary, of {len(networks):,} converged networks"


def _family_row(run: Run, name: str) -> Row:
    """A family in one row."""
    family = run.families[name]
    networks = run.column_pairs(_file("networks", name), "converged")
    gates = [gate.name for gate in family.gates]
    return {
        "family": name,
        "learns": ", ".join(gates)
        if family.outputs is None or len(gates) == 1
        else f"{family.outputs} of {len(gates)} gates",
        "gates": gates,
        "hidden": list(family.hidden),
        "training": _training(family),
        "networks": len(networks),
        "converged": sum(converged for (converged,) in networks),
    }


def _training(family: Family) -> str:
    """How a family is trained, in a few words."""
    if family.untrained_draws is not None:
        return "none"
    training = family.training
    words = [f"loss < {training.loss_cutoff:g}"]
    if training.noise:
        words.append(f"noise {training.noise:g}")
    if training.input_probabilities != "uniform":
        words.append(f"{training.input_probabilities} inputs")
    return ", ".join(words)


def _file_row(run: Run, file: str) -> Row:
    """A file with what made it; nulls if it is not there."""
    path = run.folder / file
    if not path.exists():
        return {"file": file, "rows": None, "settings": None, "code": None}
    try:
        found = pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: cannot be read as Parquet ({error})") from None
    made_by = {key.decode(): text.decode() for key, text in (found.metadata or {}).items()}
    return {
        "file": file,
        "rows": found.num_rows,
        "settings": made_by.get("settings_sha256"),
        "code": made_by.get("code_sha256"),
    }


def _lineage(run: Run, files: Iterable[str], families: Iterable[str]) -> list[Row]:
    """How the files' artifacts come about, back to the networks and their samples."""
    of_families = [run.families[name] for name in families]
    waiting = [Path(file).parent.name for file in files]
    found: dict[str, Row] = {}
    while waiting:
        artifact = waiting.pop()
        if artifact in STAGES and artifact not in found:
            made_from = [a for a in STAGES[artifact].inputs if _occurs(a, of_families)]
            rules = [r for r in STAGES[artifact].rules if _runs(r, of_families)]
            found[artifact] = {"artifact": artifact, "rule": rules, "from": made_from}
            waiting += made_from
    return [found[artifact] for artifact in reversed(list(STAGES)) if artifact in found]


def _occurs(artifact: str, families: Sequence[Family]) -> bool:
    """Whether any of the families has an artifact."""
    if artifact == "noisy":
        return any(family.training.noise > 0 for family in families)
    if artifact == "datasets":
        return any(family.untrained_draws is None for family in families)
    return True


def _runs(rule: str, families: Sequence[Family]) -> bool:
    """Whether a rule is run for any of the families."""
    untrained = {family.untrained_draws is not None for family in families}
    return {"untrained_networks": True in untrained, "training": False in untrained}.get(
        rule, True
    )


def _plain(row: Mapping[Any, Any]) -> Row:
    """A row with None for everything that is missing."""
    return {
        key: None if value is pd.NA or (isinstance(value, float) and isnan(value)) else value
        for key, value in row.items()
    }
