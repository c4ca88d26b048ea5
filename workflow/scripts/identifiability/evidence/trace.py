"""What a claim, a difference, a figure or a table rests on, down to the weights of a network."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from identifiability.circuits.candidates import edges_of_id
from identifiability.errors import UserError
from identifiability.evidence import claims, lineage
from identifiability.evidence.ledger import Claim, difference_files
from identifiability.evidence.lineage import BASES, FIGURE_BASES, STAGES, TABLE_BASES
from identifiability.evidence.runs import Row, Run, plain_row
from identifiability.networks.families import Family
from identifiability.protocols import Protocol
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.store.contracts import contract

_SENSES = ("target", "model", "sample")
_SAMPLED = 3
"""Networks whose rows are shown as a sample."""


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
    written = what.lower().replace(" ", "_")
    differences = [difference.id for difference in run.differences]
    known = {name.lower(): name for name in (*run.ledger.claims, *differences, *BASES)}
    known |= {basis.rule: name for name, basis in TABLE_BASES.items()}
    kinds = ("figure", "table") if written.isdigit() else ("table", "figure")
    for candidate in (written, *(f"{kind}_{written}" for kind in kinds)):
        if candidate in known:
            return known[candidate]
    if re.fullmatch(r"c\d+", written):
        raise UserError(f"unknown claim {what!r}; known are {', '.join(run.ledger.claims)}")
    if re.fullmatch(r"d\d+", written):
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
        protocol: Show this one alone.
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
    listed = [_family_row(run, family) for family in families]
    facts = {
        "place": claim.place,
        "shown_in": _shown_in(claim),
        "protocols": protocols,
        "rows": len(rows),
        "rows_that_count": int(rows["used"].sum()),
    }
    if families:
        facts["converged_networks"] = sum(row["converged"] for row in listed)
    if claim.absent:
        facts["not_in_this_run"] = list(claim.absent)
    tables = {
        "measured": [row | {"measured": _in_words(row)} for row in _by(measured, "part")],
        "families": listed,
        "files": [_file_row(run, file) for file in claim.files],
        "made_from": _lineage(run, claim.files, families),
        "rows": [
            row
            for one in (_sampled(run, families) if network is None else [network])
            for row in _in_order(rows_of_network(run, claim, one), protocols)
        ],
    }
    return Trace(
        name, "claim", claim.statement, facts, tables, readable_value(claim.query) or None
    )


def _by(rows: Sequence[Row], column: str) -> list[Row]:
    """Rows with those of the same value together, else in their order."""
    values = list(dict.fromkeys(row[column] for row in rows))
    return sorted(rows, key=lambda row: values.index(row[column]))


def _shown_in(claim: Claim) -> list[str]:
    """Figures and tables that show a claim."""
    figures = [
        name
        for name in FIGURE_BASES
        if re.search(rf"\b{name.replace('_', ' ')}\b", claim.place, re.IGNORECASE)
    ]
    tables = [
        name
        for name, basis in TABLE_BASES.items()
        if claim.id in basis.claims or basis.claims == ("*",)
    ]
    return [*figures, *tables]


def _in_words(row: Row) -> str:
    """What was measured, with the verdict."""
    return claims.published_in_words(
        pd.Series({k: nan if v is None else v for k, v in row.items()})
    )


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
    slug = network.rsplit("/", 1)[0]

    def own(found: re.Match[str]) -> str:
        files = re.findall(r"'([^']+)'", found[1])
        if "network_id" not in contract(Path(files[0]).parts[1]).columns:
            return found[0]
        mine = [file for file in files if Path(file).stem == slug]
        return f"(SELECT * FROM read_parquet({mine}) WHERE network_id = '{network}')"

    query = re.sub(r"read_parquet\((\[[^\]]*\])\)", own, claim.query)
    rows = claims.run(query, run.folder, f"claim {claim.id}, {network}")
    return [{"network_id": network} | plain_row(row) for row in rows.to_dict("records")]


def trace_difference(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a difference between text and released code.

    Args:
        run: The run.
        name: Its id.
        protocol: Show the comparisons with this one alone.
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
        "released_code": difference.released,
        "shown_in": ["differences"],
        "protocols": protocols,
        **_extent(run, files, protocols),
    }
    tables = {
        "effects": measured,
        **_tables(run, files, files, protocols, network),
    }
    title = "A difference between the paper's text and the released code, switched alone"
    return Trace(name, "difference", title, facts, tables)


def trace_drawing(run: Run, name: str, protocol: str | None, network: str | None) -> Trace:
    """Traces a figure or table.

    Args:
        run: The run.
        name: The stem of its files.
        protocol: Show this one alone.
        network: Show the rows of this network.

    Raises:
        UserError: If it does not rest on the protocol or the network.
    """
    basis = BASES[name]
    known = lineage.protocols_of(name, run.config, run.ledger, run.differences)
    protocols = _chosen(name, known, protocol)
    files = _inputs(run, name)
    # The verdicts are made from the claims; what those rest on is what can be traced.
    read = files if "claims" not in basis.artifacts else lineage.claims_files(run.ledger)
    if network is not None:
        _check_network(run, name, _families_of(run, read), network)
    kind = "figure" if name in FIGURE_BASES else "table"
    made = f"figures/{name}.svg" if kind == "figure" else f"results/tables/{name}.parquet"
    missing = "" if (run.folder / made).exists() else " (missing; run `snakemake --cores all`)"
    facts = {
        "made_by": f"rule {basis.rule}, workflow/scripts/{basis.rule}.py",
        "file": made + missing,
        "claims": [c.id for c in run.ledger.claims.values() if name in _shown_in(c)],
        "experiments": list(basis.experiments),
        "protocols": protocols,
        **_extent(run, read, protocols),
    }
    facts = {key: value for key, value in facts.items() if value}
    return Trace(name, kind, basis.title, facts, _tables(run, files, read, protocols, network))


def _inputs(run: Run, name: str) -> list[str]:
    """The files of results that a figure or table is made from."""
    return lineage.inputs(name, run.config, run.ledger, run.differences)


def _tables(
    run: Run,
    files: Sequence[str],
    read: Sequence[str],
    protocols: Sequence[str],
    network: str | None,
) -> dict[str, list[Row]]:
    """Families, files and lineage, and the totals of some networks.

    Args:
        run: The run.
        files: What something is made from.
        read: The artifacts by family that these are made from, if not the same.
        protocols: Those in question.
        network: The network whose totals are shown; None for a sample.
    """
    families = _families_of(run, read)
    sampled = _sampled(run, families) if network is None else [network]
    return {
        "families": [_family_row(run, family) for family in families],
        "files": [_file_row(run, file) for file in files],
        "made_from": _lineage(run, read, families),
        "sample": [row for one in sampled for row in _summary_rows(run, one, protocols)],
    }


def _summary_rows(run: Run, network: str, protocols: Sequence[str]) -> list[Row]:
    """The totals of a network, in the order of the protocols."""
    file = _file("summary", network.rsplit("/", 1)[0])
    return _in_order(run.rows(file, network_id=network), protocols)


def _in_order(rows: Iterable[Row], protocols: Sequence[str]) -> list[Row]:
    """The rows under some protocols, in the order of these."""
    kept = [row for row in rows if row["protocol"] in protocols]
    return sorted(kept, key=lambda row: protocols.index(row["protocol"]))


def trace_network(run: Run, name: str, protocol: str | None = None) -> Trace:
    """Traces a network: what was found in it, what it was trained on, and its weights.

    Args:
        run: The run.
        name: Its ``network_id``.
        protocol: Show this one alone: its circuits, algorithms and mappings.

    Raises:
        UserError: If there is no such network, or the protocol does not apply to it.
    """
    slug, stored = _stored(run, name)
    family = run.families[slug]
    known = [p.name for p in run.config.protocols_of(family)]
    protocols = _chosen(name, known, protocol)
    chosen = None if protocol is None else run.config.protocols[protocol]
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
        "in_claims": [c.id for c in run.ledger.claims.values() if slug in _stems(c.files)],
        "in_differences": [
            d.id
            for d in run.differences
            if slug in _stems(difference_files([d], run.families))
        ],
        "in_figures_and_tables": [
            n
            for n, basis in BASES.items()
            if "*" not in basis.claims and slug in _stems(_inputs(run, n))
        ],
    }  # fmt: skip
    tables = {"inputs": _input_rows(run, stored), "weights": weights(stored)}
    if stored["converged"]:
        summary = _summary_rows(run, name, protocols)
        mappings = _in_order(run.rows(_file("mappings", slug), network_id=name), protocols)
        algorithms = run.rows(_file("algorithms", slug), network_id=name)
        tables["summary"] = summary
        if chosen is None or all(row["counted"] for row in summary):
            tables["cells"] = _cells(run, name, sizes, chosen)
            tables["circuits"] = _circuits(run, name, sizes, chosen)
        else:
            facts["circuits"] = claims.WHY_LEFT_OPEN
        tables["algorithms"] = _in_order(algorithms, protocols)
        tables["mappings"] = [row | {"places": _places(row)} for row in mappings]
    tables["files"] = [
        _file_row(run, _file(artifact, slug))
        for artifact in STAGES
        if artifact != "formulas" and (run.folder / _file(artifact, slug)).exists()
    ]
    title = f"computes {', '.join(stored['targets'])}"
    facts = {key: value for key, value in facts.items() if value not in (None, [])}
    return Trace(name, "network", title, facts, tables)


def _stored(run: Run, name: str) -> tuple[str, Row]:
    """The family of a network, and its row.

    Raises:
        UserError: If there is no such network.
    """
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
    file = _file("networks", slug)
    rows = run.rows(file, network_id=name)
    if not rows:
        seeds = [seed for (seed,) in run.columns(file, "seed")]
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
        f"{_cutoff(family):g}, and the accuracy {stored['accuracy']:.3g}, to be at least "
        f"{training.min_accuracy:g}"
    )


def _cutoff(family: Family) -> float:
    """The loss below which training stops; it is given per output."""
    return family.training.loss_cutoff * family.n_outputs


def _activation(stored: Row) -> str:
    """The activations of a network in words."""
    slope = f" (slope {stored['negative_slope']:g})" if "leaky" in stored["activation"] else ""
    return f"{stored['activation']}{slope}, output {stored['output_activation']}"


def _input_rows(run: Run, stored: Row) -> list[Row]:
    """What a network was trained on, and what it answers, by input."""
    slug = stored["network_id"].rsplit("/", 1)[0]
    samples = (
        run.rows(_file("datasets", slug), network_id=stored["network_id"])
        if run.families[slug].is_trained
        else []
    )
    kept = {
        row["input"]: {key: row[key] for key in ("probability", "n_train", "n_validation")}
        for row in samples
    }
    n_inputs = stored["layer_sizes"][0]
    return [
        {
            "input": name,
            **kept.get(name, {}),
            "outputs": [values[row] for values in stored["outputs"]],
        }
        for row, name in enumerate(f"{row:0{n_inputs}b}" for row in range(2**n_inputs))
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


def _cells(run: Run, name: str, sizes: tuple[int, ...], protocol: Protocol | None) -> list[Row]:
    """A network's circuits by neurons and edges kept; none under a protocol on noisy inputs."""
    if protocol is not None and protocol.inputs == "noisy":
        return []
    rows = run.rows(_file("cells", name.rsplit("/", 1)[0]), network_id=name)
    return [
        row | {"perfect_for": [sense for sense in _SENSES if row[f"for_{sense}"]]}
        for row in _admitted(rows, sizes, protocol)
    ]


def _circuits(run: Run, name: str, sizes: tuple[int, ...], protocol: Protocol | None) -> list[Row]:
    """A network's circuits, sparsest first, with their interpretations.

    Under a protocol on noisy inputs, those judged on them; else those of ``circuits``.
    """
    slug = name.rsplit("/", 1)[0]
    if protocol is not None and protocol.inputs == "noisy":
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
        _admitted(rows, sizes, protocol), key=lambda row: (row["n_edges"], row["n_hidden"])
    )


def _admitted(rows: Sequence[Row], sizes: tuple[int, ...], protocol: Protocol | None) -> list[Row]:
    """The circuits, or cells of them, that count under a protocol; all if none is given."""
    if protocol is None or not rows:
        return list(rows)
    frame = pd.DataFrame(rows)
    if protocol.inputs == "clean":
        frame = perfect(frame, protocol)
    return [rows[i] for i in admitted(frame, sizes, protocol).index]


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
            f"--protocol: {what} does not rest on {protocol!r}; its protocols are "
            f"{', '.join(known)}"
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


def _sampled(run: Run, families: Sequence[str]) -> list[str]:
    """The first converged network of some families, spread evenly."""
    step = max(1, -(-len(families) // _SAMPLED))
    found = []
    for family in families[::step]:
        networks = run.columns(_file("networks", family), "network_id", "converged")
        found += [name for name, converged in networks if converged][:1]
    return found


def _extent(run: Run, files: Sequence[str], protocols: Sequence[str]) -> dict[str, int]:
    """How many rows of the summaries, and converged networks, something rests on."""
    columns = ("network_id", "protocol", "converged")
    rows = [
        name
        for file in files
        if Path(file).parent.name == "summary"
        for name, protocol, converged in run.columns(file, *columns)
        if converged and protocol in protocols
    ]
    return {"rows_of_summary": len(rows), "converged_networks": len(set(rows))}


def _family_row(run: Run, name: str) -> Row:
    """A family in one row."""
    family = run.families[name]
    networks = run.columns(_file("networks", name), "converged")
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
    if not family.is_trained:
        return "none"
    training = family.training
    words = [f"loss < {_cutoff(family):g}"]
    if training.noise:
        words.append(f"noise {training.noise:g}")
    if training.input_probabilities != "uniform":
        words.append(f"{training.input_probabilities} inputs")
    return ", ".join(words)


def _file_row(run: Run, file: str) -> Row:
    """A file with what made it."""
    n_rows, made_by = run.metadata(file)
    hashes = {name: made_by.get(f"{name}_sha256") for name in ("settings", "code")}
    return {"file": file, "rows": n_rows, **hashes}


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
        return any(family.is_trained for family in families)
    return True


def _runs(rule: str, families: Sequence[Family]) -> bool:
    """Whether a rule is run for any of the families."""
    return {
        "training": any(family.is_trained for family in families),
        "untrained_networks": any(family.untrained_draws for family in families),
        "own_networks": any(family.files for family in families),
    }.get(rule, True)
