"""What a claim, a difference, a figure or a table rests on, down to the weights of a network."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import nan
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from identifiability.authors.settings import SLUG as AUTHORS
from identifiability.circuits.candidates import edges_of_id
from identifiability.errors import UserError
from identifiability.evidence import claims, lineage
from identifiability.evidence.ladder import LADDER
from identifiability.evidence.ledger import Claim, difference_files
from identifiability.evidence.runs import Row, Run, family_of, file_of, plain_row
from identifiability.exhibits.exhibit import EXHIBITS, FIGURES, TABLES, Exhibit
from identifiability.networks.families import Family
from identifiability.networks.names import neuron_name, place_name
from identifiability.protocols import TOLERANCES, VARIANTS, Protocol
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.stages.rows import WITHIN
from identifiability.store.contracts import ARTIFACTS, contract

_SENSES = ("target", "model", "sample")
_SAMPLED = 3
"""Networks whose rows are shown as a sample."""


@dataclass(frozen=True)
class Trace:
    """What something rests on.

    Attributes:
        what: Its name.
        kind: ``claim``, ``printed number``, ``difference``, ``figure``, ``table`` or
            ``network``.
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


def trace(
    run: Run, what: str, protocol: str | None = None, network: str | None = None
) -> list[Trace]:
    """Traces a claim, a difference, a figure, a table or a network.

    Args:
        run: The run.
        what: Its name: C09, D04, figure_3 or 3, table_4, ladder, xor-k3/7.
        protocol: Show this one alone.
        network: A network that it rests on, to be traced as well.

    Returns:
        What it rests on; and the network, if one is named.

    Raises:
        UserError: If there is none of that name, if it does not rest on the protocol or the
            network, or if a file is missing.
    """
    what = what.strip()
    if "/" in what:
        if network is not None:
            raise UserError(f"--network: {what} is a network already; leave --network out")
        return [_network(run, what, protocol)]
    name = _name(run, what)
    found = _tracer(run, name)(run, name, protocol, network)
    return [found] if network is None else [found, _network(run, network, protocol)]


def _tracer(run: Run, name: str) -> Callable[[Run, str, str | None, str | None], Trace]:
    """What traces something of this name."""
    if name in EXHIBITS:
        return _drawing
    if name in run.ledger.claims:
        return _claim
    return _printed if name in _ids_printed(run) else _difference


def _ids_printed(run: Run) -> list[str]:
    """Of the numbers that the authors' notebook prints of their own network."""
    return [one.id for one in run.ledger.printed]


def _name(run: Run, what: str) -> str:
    """The name of a claim, difference, figure or table, from how a person may write it."""
    written = what.lower().replace(" ", "_")
    differences = [difference.id for difference in run.differences]
    names = (*run.ledger.claims, *_ids_printed(run), *differences, *EXHIBITS)
    known = {name.lower(): name for name in names}
    known |= {table.rule: table.name for table in TABLES}
    kinds = ("figure", "table") if written.isdigit() else ("table", "figure")
    for candidate in (written, *(f"{kind}_{written}" for kind in kinds)):
        if candidate in known:
            return known[candidate]
    if re.fullmatch(r"[ac]\d+", written):
        claims_known = ", ".join((*run.ledger.claims, *_ids_printed(run)))
        raise UserError(f"unknown claim {what!r}; known are {claims_known}")
    if re.fullmatch(r"d\d+", written):
        raise UserError(
            f"unknown difference {what!r}; those measured are {', '.join(differences)}"
        )
    raise UserError(
        f"{what!r} is no claim (C01, …), difference (D01, …), network (xor-k3/7, …), figure or "
        f"table; known are {', '.join(EXHIBITS)}"
    )


def _claim(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a claim: verdicts, query, files, and some rows with their networks."""
    claim = run.ledger.claims[name]
    protocols = _chosen(name, claim.protocols, protocol)
    measured = _in_order(run.rows("results/claims.parquet", claim=name), "protocol", protocols)
    if not measured:
        raise UserError(
            f"{run.folder / 'results/claims.parquet'}: holds no {name}; run "
            "`snakemake --cores all claims`"
        )
    basis = _basis(run, name, claim.files, network)
    rows = claims.query_rows(claim, run.folder)
    rows = rows[rows["protocol"].isin(protocols)]
    facts = {
        "place": claim.place,
        "shown_in": _shown_in(claim),
        "protocols": protocols,
        "rows": len(rows),
        "rows_that_count": int(rows["used"].sum()),
    }
    if families := basis.tables["families"]:
        facts["converged_networks"] = sum(row["converged"] for row in families)
    if claim.absent:
        facts["not_in_this_run"] = list(claim.absent)
    parts = _in_order(measured, "part", [*dict.fromkeys(row["part"] for row in measured)])
    tables = {
        "measured": [row | {"measured": _in_words(row)} for row in parts],
        **basis.tables,
        "rows": [
            row
            for one in basis.networks
            for row in _in_order(rows_of_network(run, claim, one), "protocol", protocols)
        ],
    }
    query = readable_value(claim.query) or None
    return Trace(name, "claim", claim.statement, facts, tables, query)


def _printed(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a number that the authors' notebook prints: what is found, and in which rows."""
    one = next(one for one in run.ledger.printed if one.id == name)
    (chosen,) = _chosen(name, [one.protocol], protocol)
    file = file_of("draws" if one.drawn else "summary", AUTHORS)
    if not (run.folder / file).is_file():
        raise UserError(
            f"{name}: the authors' own network was not explained; run "
            "`snakemake --cores all authors`"
        )
    rows = run.rows(file, **({} if one.drawn else {"protocol": chosen}))
    names = dict.fromkeys(str(row["network_id"]) for row in rows)
    if network is not None and network not in names:
        raise UserError(f"--network: {name} rests on {', '.join(names)}, not on {network}")
    facts = {
        "place": one.place,
        "protocols": [chosen],
        "quantity": one.quantity,
        "printed": one.value,
        "found": sorted({int(row[one.quantity]) for row in rows}),
        "rows": len(rows),
    }
    tables = {
        "files": [_file_row(run, file)],
        "made_from": lineage.artifacts(run, run.behind([file])),
        "sample": rows[:_SAMPLED],
    }
    return Trace(name, "printed number", one.statement, facts, tables)


def _shown_in(claim: Claim) -> list[str]:
    """Figures and tables that show a claim."""
    place = claim.place.lower()
    figures = [f.name for f in FIGURES if re.search(rf"\b{f.heading.lower()}\b", place)]
    tables = [t.name for t in TABLES if claim.id in t.claims or of_all_claims(t)]
    return [*figures, *tables]


def of_all_claims(exhibit: Exhibit) -> bool:
    """Whether a figure or table is about every claim."""
    return "claims" in exhibit.artifacts


def _in_words(row: Row) -> str:
    """What was measured, with the verdict."""
    return claims.published_in_words(pd.Series(row, dtype=object).fillna(nan))


def readable_value(query: str) -> str:
    """A query with a line for every file; to be run in the folder of the run."""
    return re.sub(r"', '(?=(?:results|data)/)", "',\n    '", query)


def rows_of_network(run: Run, claim: Claim, network: str) -> list[Row]:
    """The rows that a claim's query finds in one network: queries join and group by network.

    Args:
        run: The run.
        claim: The claim.
        network: One of the networks that it rests on.
    """

    def own(found: re.Match[str]) -> str:
        files = re.findall(r"'([^']+)'", found[1])
        if "network_id" not in contract(lineage.artifact_of(files[0])).columns:
            return found[0]
        mine = [file for file in files if Path(file).stem == family_of(network)]
        return f"(SELECT * FROM read_parquet({mine}) WHERE network_id = '{network}')"

    query = re.sub(r"read_parquet\((\[[^\]]*\])\)", own, claim.query)
    rows = claims.run(query, run.folder, f"claim {claim.id}, {network}")
    return [{"network_id": network} | plain_row(row) for row in rows.to_dict("records")]


def _difference(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a difference between text and released code: its effects, and what they rest on."""
    difference = next(d for d in run.differences if d.id == name)
    sides = [side for pair in difference.comparisons for side in pair]
    protocols = _chosen(name, dict.fromkeys(side.protocol for side in sides), protocol)
    effects = run.rows("results/tables/differences.parquet", difference=name)
    words = {side.words for side in sides if side.protocol in protocols}
    basis = _basis(run, name, difference_files([difference], run.families), network)
    facts = {
        "text": difference.text,
        "released_code": difference.released,
        "shown_in": ["differences"],
        "protocols": protocols,
        **_extent(run, basis.behind, protocols),
    }
    tables = {
        "effects": [row for row in effects if {row["before"], row["after"]} & words],
        **basis.tables,
        "sample": _summaries(run, basis.networks, protocols),
    }
    title = "A difference between the paper's text and the released code, switched alone"
    return Trace(name, "difference", title, facts, tables)


def _drawing(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a figure or table: the rule that makes it, and what its files say it rests on."""
    exhibit = EXHIBITS[name]
    protocols = _chosen(name, protocols_shown(run, exhibit), protocol)
    basis = _basis(run, name, run.inputs(_drawn(exhibit)), network)
    facts = {
        "made_by": f"rule {exhibit.rule}, identifiability/{exhibit.module}",
        "file": _drawn(exhibit),
        "claims": [c.id for c in run.ledger.claims.values() if name in _shown_in(c)],
        "experiments": list(exhibit.experiments),
        "protocols": protocols,
        **_extent(run, basis.behind, protocols),
    }
    facts = {key: value for key, value in facts.items() if value}
    tables = basis.tables | {"sample": _summaries(run, basis.networks, protocols)}
    return Trace(name, exhibit.kind, exhibit.title, facts, tables)


def protocols_shown(run: Run, exhibit: Exhibit) -> list[str]:
    """The protocols that a figure or table shows."""
    match exhibit.protocols:
        case "example":
            names = [run.config.example_protocol]
        case "shown":
            names = [protocol.name for protocol in run.config.shown]
        case "listed":
            names = [protocol.name for protocol in run.config.listed]
        case "ladder":
            names = [step.protocol for steps in LADDER.values() for step in steps]
        case "tolerances":
            near = [p.name for p in VARIANTS.values() if p.tolerance is not None]
            names = ["strict", "strict-minimal", *near]
        case "differences":
            pairs = [pair for difference in run.differences for pair in difference.comparisons]
            names = [side.protocol for pair in pairs for side in pair]
        case "claims":
            listed = run.ledger.claims if of_all_claims(exhibit) else exhibit.claims
            names = [p for claim in listed for p in run.ledger.claims[claim].protocols]
    return list(dict.fromkeys(names))


def _drawn(exhibit: Exhibit) -> str:
    """The file of a figure or table that says what it was made from."""
    return exhibit.paths["svg" if exhibit.kind == "figure" else "parquet"]


class _Basis(NamedTuple):
    """What something rests on: its files and those behind them, networks to show, and tables."""

    behind: Mapping[str, Sequence[str]]
    networks: Sequence[str]
    tables: dict[str, list[Row]]


def _basis(run: Run, what: str, files: Sequence[str], network: str | None) -> _Basis:
    """What stands on some files; of its networks the one asked for, or else a sample."""
    listed = [_file_row(run, file) for file in files]
    behind = run.behind(files)
    families = [name for name in dict.fromkeys(_stems(behind)) if name in run.families]
    if network is not None:
        _check_network(run, what, families, network)
    networks = _sampled(run, families) if network is None else [network]
    rows = [_family_row(run, family) for family in families]
    tables = {"families": rows, "files": listed, "made_from": lineage.artifacts(run, behind)}
    return _Basis(behind, networks, tables)


def _stems(files: Iterable[str]) -> list[str]:
    return [Path(file).stem for file in files]


def _file_row(run: Run, file: str) -> Row:
    """A file with what made it."""
    n_rows, says = run.metadata(file)
    hashes = {name: says.get(f"{name}_sha256") for name in ("settings", "code")}
    return {"file": file, "rows": n_rows, **hashes}


def _family_row(run: Run, name: str) -> Row:
    """A family in one row."""
    family = run.families[name]
    networks = run.columns(file_of("networks", name), "converged")
    gates = [gate.name for gate in family.gates]
    whole = family.outputs is None or len(gates) == 1
    return {
        "family": name,
        "learns": ", ".join(gates) if whole else f"{family.outputs} of {len(gates)} gates",
        "gates": gates,
        "hidden": list(family.hidden),
        "training": _training(family),
        "networks": len(networks),
        "converged": sum(converged for (converged,) in networks),
    }


def _training(family: Family) -> str:
    """How a family is trained, in a few words."""
    if not family.is_trained:
        return "none"
    noise, inputs = family.training.noise, family.training.input_probabilities
    words = [f"loss < {_cutoff(family):g}", f"noise {noise:g}" if noise else ""]
    words += [f"{inputs} inputs"] if inputs != "uniform" else []
    return ", ".join(filter(None, words))


def _cutoff(family: Family) -> float:
    """The loss below which training stops; it is given per output."""
    return family.training.loss_cutoff * family.n_outputs


def _sampled(run: Run, families: Sequence[str]) -> list[str]:
    """The first converged network of some families, spread evenly."""
    step = max(1, -(-len(families) // _SAMPLED))
    found = []
    for family in families[::step]:
        networks = run.columns(file_of("networks", family), "network_id", "converged")
        found += [name for name, converged in networks if converged][:1]
    return found


def _extent(run: Run, files: Iterable[str], protocols: Sequence[str]) -> dict[str, int]:
    """How many rows of the summaries, and converged networks, something rests on."""
    summaries = [file for file in files if Path(file).parent.name == "summary"]
    rows = [
        name
        for file in summaries
        for name, protocol, converged in run.columns(file, "network_id", "protocol", "converged")
        if converged and protocol in protocols
    ]
    return {"rows_of_summary": len(rows), "converged_networks": len(set(rows))}


def _summaries(run: Run, networks: Iterable[str], protocols: Sequence[str]) -> list[Row]:
    """The totals of networks, each in the order of the protocols."""
    return [
        row
        for network in networks
        for row in _in_order(run.of_network("summary", network), "protocol", protocols)
    ]


def _in_order(rows: Iterable[Row], column: str, values: Sequence[Any]) -> list[Row]:
    """The rows with some values in a column, in the order of these, else in their own."""
    kept = [row for row in rows if row[column] in values]
    return sorted(kept, key=lambda row: values.index(row[column]))


def _chosen(what: str, known: Iterable[str], protocol: str | None) -> list[str]:
    """The protocols to be shown; raises a UserError if the one wanted is not among them."""
    known = list(known)
    if protocol is None or protocol in known:
        return known if protocol is None else [protocol]
    raise UserError(
        f"--protocol: {what} does not rest on {protocol!r}; its protocols are {', '.join(known)}"
    )


def _check_network(run: Run, what: str, families: Sequence[str], name: str) -> None:
    """Raises a UserError unless something rests on a network."""
    if not families:
        raise UserError(f"--network: {what} rests on no network")
    stored = _stored(run, name)
    if stored["family"] not in families:
        raise UserError(
            f"--network: {what} does not rest on {name}; its families are {', '.join(families)}"
        )
    if not stored["converged"]:
        raise UserError(
            f"--network: {what} does not rest on {name}, which did not converge "
            f"({_why(run, stored)}); `identifiability trace {name}` shows it"
        )


def _network(run: Run, name: str, protocol: str | None) -> Trace:
    """Traces a network: what was found in it, what it was trained on, and its weights."""
    stored = _stored(run, name)
    slug = family_of(name)
    family = run.families[slug]
    protocols = _chosen(name, [p.name for p in run.config.protocols_of(family)], protocol)
    slope = f" (slope {stored['negative_slope']:g})" if "leaky" in stored["activation"] else ""
    ended = "yes"
    if not stored["converged"]:
        right = "but right on every input" if stored["functional"] else "it is in no count"
        ended = f"no; {right} ({_why(run, stored)})"
    facts = {
        **{key: stored[key] for key in ("family", "seed", "targets")},
        "layers": stored["layer_sizes"],
        "activation": f"{stored['activation']}{slope}, output {stored['output_activation']}",
        **{key: stored[key] for key in ("epochs", "loss", "accuracy")},
        "converged": ended,
        **_shown_with(run, slug),
    }
    tables = {"inputs": _input_rows(run, stored), "weights": weights(stored)}
    if stored["converged"] or stored["functional"]:
        summary, algorithms, mappings = (
            _in_order(run.of_network(artifact, name), "protocol", protocols)
            for artifact in ("summary", "algorithms", "mappings")
        )
        tables["summary"] = summary
        if protocol is None or all(row["counted"] for row in summary):
            tables |= _circuits(run, name, run.config.protocols[protocol] if protocol else None)
        else:
            facts["circuits"] = claims.WHY_LEFT_OPEN
        tables["algorithms"] = algorithms
        tables["mappings"] = [row | {"places": _places(row)} for row in mappings]
    files = [file_of(artifact, slug) for artifact in ARTIFACTS]
    tables["files"] = [_file_row(run, file) for file in files if (run.folder / file).exists()]
    facts = {key: value for key, value in facts.items() if value not in (None, [])}
    return Trace(name, "network", f"computes {', '.join(stored['targets'])}", facts, tables)


def _shown_with(run: Run, slug: str) -> dict[str, list[str]]:
    """The claims, differences, figures and tables that rest on a family.

    Tables of all claims are left out. A figure or table that is yet to be made does not say what
    it rests on.
    """
    drawn = [exhibit for exhibit in EXHIBITS.values() if not of_all_claims(exhibit)]
    made = [exhibit for exhibit in drawn if (run.folder / _drawn(exhibit)).exists()]
    files: dict[str, dict[str, Sequence[str]]] = {
        "in_claims": {c.id: c.files for c in run.ledger.claims.values()},
        "in_differences": {d.id: difference_files([d], run.families) for d in run.differences},
        "in_figures_and_tables": {e.name: run.inputs(_drawn(e)) for e in made},
    }
    found = {k: [name for name in of if slug in _stems(of[name])] for k, of in files.items()}
    return found | {"yet_to_be_made": [e.name for e in drawn if e not in made]}


def _stored(run: Run, name: str) -> Row:
    """A network's row of the artifact ``networks``; raises a UserError if there is none."""
    slug, _, seed = name.rpartition("/")
    if not slug or not seed.isdecimal():
        raise UserError(f"{name!r} is not a network; write family/seed, such as xor-k3/7")
    if slug in run.config.digit_families:
        raise UserError(
            f"{name}: networks that tell digits apart are not shown here; their weights are in "
            f"results/digit_networks/{slug}.parquet"
        )
    if slug not in run.families:
        raise UserError(f"unknown family {slug!r}; known are {', '.join(run.families)}")
    if rows := run.of_network("networks", name):
        return rows[0]
    seeds = [seed for (seed,) in run.columns(file_of("networks", slug), "seed")]
    listed = f"{seeds[0]} to {seeds[-1]}"
    if seeds != list(range(len(seeds))):
        listed = ", ".join(map(str, seeds[:5])) + (", …" if len(seeds) > 5 else "")
    raise UserError(f"{slug} has no network {seed}; its seeds are {listed}")


def _why(run: Run, stored: Row) -> str:
    """How training ended, against what it had to reach."""
    family = run.families[stored["family"]]
    return (
        f"after {stored['epochs']} epochs the loss was {stored['loss']:.3g}, to be below "
        f"{_cutoff(family):g}, and the accuracy {stored['accuracy']:.3g}, to be at least "
        f"{family.training.min_accuracy:g}"
    )


def _input_rows(run: Run, stored: Row) -> list[Row]:
    """What a network was trained on, and what it answers, by input."""
    kept = ("probability", "n_train", "n_validation")
    is_trained = run.families[stored["family"]].is_trained
    rows = run.of_network("datasets", stored["network_id"]) if is_trained else []
    samples = {row["input"]: {key: row[key] for key in kept} for row in rows}
    inputs = map("".join, product("01", repeat=stored["layer_sizes"][0]))
    return [
        {"input": name, **samples.get(name, {}), "outputs": list(values)}
        for name, values in zip(inputs, zip(*stored["outputs"], strict=True), strict=True)
    ]


def weights(stored: Row) -> list[Row]:
    """The weights of a network, a row per neuron.

    Args:
        stored: Its row of the artifact ``networks``.

    Returns:
        The neuron's name (h1.1 is the first of the first hidden layer), the weights of its edges
        from every neuron below, in their order, and its bias.
    """
    sizes = [0, *map(len, stored["biases"])]
    layers = zip(stored["weights"], stored["biases"], strict=True)
    return [
        {"neuron": neuron_name(number, neuron, sizes), "weights": incoming, "bias": bias}
        for number, layer in enumerate(layers, start=1)
        for neuron, (incoming, bias) in enumerate(zip(*layer, strict=True))
    ]


def _circuits(run: Run, name: str, protocol: Protocol | None) -> dict[str, list[Row]]:
    """A network's circuits, sparsest first, with their interpretations; and cells of circuits.

    Under a protocol on noisy inputs, the circuits judged on them, and no cells.
    """
    if protocol is not None and protocol.inputs == "noisy":
        cells, circuits = list[Row](), run.of_network("noisy", name)
    else:
        key = itemgetter("target", "circuit_id")
        numbers = {key(row): row for row in run.of_network("interpretations", name)}
        circuits = [row | numbers[key(row)] for row in run.of_network("circuits", name)]
        cells = run.of_network("cells", name)
    sizes = run.families[family_of(name)].single_output_sizes
    cells, circuits = (_admitted(rows, sizes, protocol) for rows in (cells, circuits))
    circuits.sort(key=itemgetter("n_edges", "n_hidden"))
    return {
        "cells": [row | _senses(row) for row in cells],
        "circuits": [row | {"edges": edges_of_id(row["circuit_id"])} for row in circuits],
    }


def _senses(row: Row) -> Row:
    """In which senses the circuits of a cell are perfect, and how near the network they are."""
    within = [t for t, column in zip(TOLERANCES, WITHIN, strict=True) if row[column]]
    return {
        "perfect_for": [s for s in _SENSES if row[f"for_{s}"]],
        "within": min(within, default=None),
    }


def _admitted(rows: list[Row], sizes: tuple[int, ...], protocol: Protocol | None) -> list[Row]:
    """The circuits, or cells of them, that count under a protocol; all if none is given."""
    if protocol is None or not rows:
        return rows
    frame = pd.DataFrame(rows)
    if protocol.inputs == "clean":
        frame = perfect(frame, protocol)
    return [rows[i] for i in admitted(frame, sizes, protocol).index]


def _places(row: Row) -> str:
    """Where a mapping puts its variables, in their order."""
    return "; ".join(
        place_name(layer, neurons, " ")
        for layer, neurons in zip(row["layers"], row["neurons"], strict=True)
    )
