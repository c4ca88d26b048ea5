"""What claims, differences, figures and tables rest on, down to a network's weights."""

import json
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from rich.console import Console

from identifiability.command.cli import main
from identifiability.command.terminal import print_trace
from identifiability.drawing.style import figure_of
from identifiability.drawing.style import save as save_figure
from identifiability.errors import UserError
from identifiability.evidence import claims, lineage
from identifiability.evidence.ledger import load_claims, load_differences
from identifiability.evidence.runs import Run, file_of, load_run
from identifiability.evidence.trace import readable_value, rows_of_network, trace, weights
from identifiability.exhibits.exhibit import EXHIBITS
from identifiability.store.artifacts import gather
from identifiability.store.contracts import contract
from tests.configured import parse

ROOT = Path(__file__).parents[2]
FAMILIES = ("xor-k3", "xor-k3-noise", "mixed-k3", "mixed-k3-skewed", "untrained-k3")
# A small run: each experiment that the whole paper compares has what there is.
EXPERIMENTS = {
    "basic": {"families": ["xor-k3"]},
    "example": {"families": ["xor-k3"], "protocol": "released"},
    "size": {"families": ["mixed-k3"], "released": ["xor-k3"]},
    "tasks": {"families": ["mixed-k3"]},
    "gate": {"families": ["xor-k3"]},
    "loss": {"families": ["xor-k3"]},
    "noise": {"families": ["xor-k3", "xor-k3-noise"]},
    "distribution": {"families": ["mixed-k3-skewed"]},
    "untrained": {"families": ["untrained-k3"]},
    "exact": {"families": ["xor-k3"], "single": ["xor-k6"]},
    "digits": {"families": ["digits-0-1"], "further": []},
}
# Hidden neurons and edges of the circuits of every network, with their interpretations. The last
# keeps every hidden neuron, so that `released` does not try it.
CIRCUITS = {
    "10,00,00|100,000,000|100": (2, 3, 2),
    "11,01,00|110,010,000|110": (4, 8, 60),
    "11,11,11|111,111,111|111": (6, 18, 10**25),
}


def small_config():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    return parse({**config, "experiments": EXPERIMENTS})


CONFIG = small_config()
# What rules make of a family, and from which of its other artifacts.
MADE = {
    "networks": ("training", ("datasets",)),
    "circuits": ("circuits", ("networks",)),
    "interpretations": ("interpretations", ("networks", "circuits")),
    "cells": ("interpretations", ("networks", "circuits")),
    "noisy": ("noisy", ("networks",)),
    "algorithms": ("alignment", ("networks", "formulas")),
    "mappings": ("alignment", ("networks", "formulas")),
    "summary": ("summary", ("networks", "cells", "algorithms")),
}
# What figures and tables are made from, where it is not the summary of xor-k3.
DRAWN_FROM = {
    "figure_3": ("results/summary/mixed-k3.parquet", "results/summary/xor-k3.parquet"),
    "table_3": ("results/summary/mixed-k3.parquet",),
    "untrained": (
        "results/summary/untrained-k3.parquet",
        "results/untrained/untrained-k3.parquet",
    ),
    "verdicts": ("results/claims.parquet",),
}
NOT_MADE = "figure_9"
EXAMPLES = {"string": "?", "integer": "0", "int64": 0, "double": 0.0, "bool": False}


def save(folder, artifact, name, rows):
    """Writes rows with the columns of the artifact's contract; those not given are made up."""
    rules = contract(artifact)
    made_up = {
        key: None if column.nullable else EXAMPLES.get(column.type, [])
        for key, column in rules.columns.items()
    }
    assert all(set(row) <= set(made_up) for row in rows), artifact
    table = pa.Table.from_pylist([made_up | row for row in rows], schema=rules.arrow_schema())
    rule, read = MADE.get(artifact, (artifact, ()))
    if artifact == "networks" and name == "untrained-k3":
        rule, read = "untrained_networks", ()
    inputs = [file_of(one, "depth-3" if one == "formulas" else name) for one in read]
    says = {"settings_sha256": f"5e{artifact}", "code_sha256": f"c0de{artifact}"}
    write(table, folder / file_of(artifact, name), says | made_from(inputs, rule))


def write(table, path, says):
    """Writes a table that says something of its making."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(says), path)


def made_from(inputs, rule):
    """What a file says that a rule made from others."""
    return {"rule": rule, "inputs": json.dumps(dict.fromkeys([*inputs, "paper/a.yaml"], "5e"))}


def draw(folder, name):
    """Writes an empty figure or table that says what it was made from."""
    says = made_from(DRAWN_FROM.get(name, ("results/summary/xor-k3.parquet",)), name)
    exhibit = EXHIBITS[name]
    if exhibit.kind == "figure":
        save_figure(figure_of(1, 1), [folder / exhibit.paths["svg"]], says)
    else:
        write(pa.table({}), folder / exhibit.paths["parquet"], says)


def totals(protocol, *, converged):
    """Counts of a network as they stand in the summary."""
    names = ("n_circuits", "n_interpretations", "n_algorithms", "n_mappings")
    if not converged:
        return dict.fromkeys(names)
    kept = [c for c in CIRCUITS.values() if protocol.name != "released" or c[0] < 6]
    return dict(
        zip(names, (len(kept), str(sum(c[2] for c in kept)), 1, 2), strict=True),
        q1="several", q2="several", q3="unique", q4="several", q4_mapped="several",
        n_interpretations_reachable="5",
    )  # fmt: skip


def save_network(folder, family, seed, *, converged):
    """Rows of one network in every artifact."""
    name = f"{family.name}/{seed}"
    target = family.gates[0].name
    key = {"family": family.name, "seed": seed, "network_id": name}
    network = {
        **key,
        "targets": [target],
        "layer_sizes": [2, 3, 3, 1],
        "activation": "leaky_relu",
        "output_activation": "leaky_relu",
        "negative_slope": 0.01,
        "weights": [[[0.5, -1.5]] * 3, [[1.0, 0.0, 2.0]] * 3, [[0.25, 0.5, 0.75]]],
        "biases": [[0.1] * 3, [0.2] * 3, [0.3]],
        "outputs": [[0.0, 1.0, 0.9, 0.1]],
        "epochs": 12,
        "loss": 0.0005 if converged else 0.25,
        "accuracy": 1.0 if converged else 0.5,
        "converged": converged,
        "functional": converged,
    }
    about = {**key, "target": target}
    senses = {"for_target": True, "for_model": True, "for_sample": True}
    senses |= {"within_50": True, "within_10": True, "within_02": False}
    rows = {
        "networks": [network],
        "datasets": [
            {**key, "input": row, "probability": 0.25, "n_train": 1000 + i, "n_validation": 250}
            for i, row in enumerate(("00", "01", "10", "11"))
        ],
        "summary": [
            {**about, "protocol": p.name, "counted": True}
            | dict.fromkeys(("converged", "functional", "analysed"), converged)
            | {"how": "exact" if converged else None, "standard_error": 0.0 if converged else None}
            | totals(p, converged=converged)
            for p in CONFIG.protocols_of(family)
        ],
        "algorithms": [],
        "mappings": [],
        "circuits": [],
        "interpretations": [],
        "cells": [],
        "noisy": [],
        "alignment": [],
    }
    if converged:
        for circuit_id, (n_hidden, n_edges, number) in CIRCUITS.items():
            circuit = {**about, "circuit_id": circuit_id}
            size = {"n_hidden": n_hidden, "n_edges": n_edges}
            found = {"n_interpretations": str(number)}
            rows["circuits"].append({**circuit, **size, **senses, "minimal": n_hidden == 2})
            rows["interpretations"].append({**circuit, **found})
            rows["cells"].append({**about, **size, **senses, **found, "n_circuits": 1})
            if n_hidden == 4:
                rows["noisy"].append({**circuit, **size, "n_interpretations": "7"})
        rows["alignment"].append(
            {**about, "variable_id": "a", "layer": 1, "place": "100"}
            | {"iia_source_before_base": 1.0, "iia_all": 1.0}
        )
        for protocol in ("released", "strict"):
            formula = {**about, "protocol": protocol, "formula_id": 3, "formula": "¬(A*B)*(A+B)"}
            rows["algorithms"].append({**formula, "n_mappings": 2})
            rows["mappings"] += [
                {**formula, "mapping_id": i, "layers": [1, 2], "neurons": [[0, 2], [i]]}
                for i in range(2)
            ]
    return rows


def judged(claim, part, protocol, **values):
    """A row of the artifact claims."""
    row = {"claim": claim, "part": part, "protocol": protocol, "statistic": "share", "n": 3}
    row |= dict.fromkeys(
        ("verdict", "other_verdict", "verdict_even_seeds", "verdict_odd_seeds"), "reproduced"
    )
    row |= {"kind": "share", "n_least": 3, "other_n": 3}
    return row | {"published": "< 2%"} | values


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with three networks a family, of which the second did not converge."""
    folder = tmp_path_factory.mktemp("run")
    for name in FAMILIES:
        family = CONFIG.families[name]
        seeds = (59, 91, 119) if family.untrained_draws else (0, 1, 2)
        networks = [
            save_network(folder, family, seed, converged=bool(family.untrained_draws) or i != 1)
            for i, seed in enumerate(seeds)
        ]
        for artifact in networks[0]:
            if artifact == "noisy" and not family.training.noise:
                continue
            if artifact == "datasets" and family.untrained_draws:
                continue
            save(folder, artifact, name, [row for rows in networks for row in rows[artifact]])
    formulas = [
        {"target": "XOR", "protocol": protocol, "formula_id": i, "formula": "A*B"}
        for protocol in ("released", "text", "strict")
        for i in range(5)
    ]
    save(folder, "formulas", "depth-3", formulas)
    draws = {"family": "untrained-k3", "target": "AND", "n_draws": 9, "n_found": 3}
    save(folder, "untrained", "untrained-k3", [draws])
    rows = [
        judged("C01", "formulas", "released", value=1.0),
        judged("C09", "all widths", "released", value=0.01, low=0.0, high=0.03),
        judged("C09", "all widths", "text", verdict="cannot be compared", reason="too few"),
        judged("C09", "k = 3", "released", value=0.5, low=0.4, high=0.6),
        judged("C02", "circuits", "released", statistic="percentile", value=2.0, percentile=98.0),
    ]
    schema = contract("claims").arrow_schema()
    made_up = dict.fromkeys(contract("claims").columns)
    table = pa.Table.from_pylist([made_up | row for row in rows], schema=schema)
    inputs = [file_of("summary", name) for name in ("mixed-k3", "xor-k3")]
    write(table, folder / "results" / "claims.parquet", made_from(inputs, "claims"))
    (folder / "figures").mkdir()
    for name in EXHIBITS:
        if name != NOT_MADE:
            draw(folder, name)
    effects = [
        {"difference": d, "before": "xor-k3, text", "after": f"xor-k3, text-{d}",
         "quantity": "n_circuits", "mean_before": 2.0, "mean_after": 3.0, "ratio": 1.5}
        for d in ("D01", "D02")
    ]  # fmt: skip
    path = folder / "results" / "tables" / "differences.parquet"
    write(pa.Table.from_pylist(effects), path, pq.read_schema(path).metadata)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The small run."""
    ledger = load_claims(ROOT / "paper" / "claims.yaml", CONFIG.slugs)
    differences = load_differences(ROOT / "paper" / "differences.yaml")
    return Run(CONFIG, folder, ledger, differences)


def copy_of(run, folder):
    """A copy of a run, to be changed."""
    shutil.copytree(run.folder, folder)
    return Run(run.config, folder, run.ledger, run.differences)


def test_a_claim(run):
    [found] = trace(run, "c09")
    assert (found.what, found.kind) == ("C09", "claim")
    assert found.facts["place"] == "Section 4, Figure 3"
    assert found.facts["shown_in"] == [
        *("figure_3", "claims", "left_out", "nulls", "tally", "verdicts"),
    ]
    assert found.facts["protocols"] == ["released", "text", "strict"]
    assert found.facts["not_in_this_run"][:2] == ["mixed-k2", "mixed-k4"]
    # Three networks under three protocols, in three samples each; one network does not converge.
    assert (found.facts["rows"], found.facts["rows_that_count"]) == (27, 18)
    assert found.facts["converged_networks"] == 2
    measured = [
        (row["part"], row["protocol"], row["measured"]) for row in found.tables["measured"]
    ]
    assert measured == [
        ("all widths", "released", "1% [0%; 3%]: reproduced"),
        ("all widths", "text", "cannot be compared (too few)"),
        ("k = 3", "released", "50% [40%; 60%]: reproduced"),
    ]
    [family] = found.tables["families"]
    assert (family["family"], family["learns"]) == ("mixed-k3", "1 of 4 gates")
    assert (family["networks"], family["converged"]) == (3, 2)
    [file] = found.tables["files"]
    n_rows = 3 * len(CONFIG.protocols_of(CONFIG.families["mixed-k3"]))
    assert file == {
        "file": "results/summary/mixed-k3.parquet",
        "rows": n_rows,
        "settings": "5esummary",
        "code": "c0desummary",
    }
    assert {row["artifact"]: (row["rule"], row["from"]) for row in found.tables["made_from"]} == {
        "datasets": (["datasets"], []),
        "formulas": (["formulas"], []),
        "networks": (["training"], ["datasets"]),
        "circuits": (["circuits"], ["networks"]),
        "cells": (["interpretations"], ["networks", "circuits"]),
        "algorithms": (["alignment"], ["formulas", "networks"]),
        "summary": (["summary"], ["networks", "algorithms", "cells"]),
    }
    assert {row["network_id"] for row in found.tables["rows"]} == {"mixed-k3/0"}


def test_the_query_of_a_claim_can_be_run_as_printed(run, monkeypatch):
    monkeypatch.chdir(run.folder)
    for name in ("C02", "C03", "C05", "C09", "C15", "C21"):
        claim = run.ledger.claims[name]
        assert len(duckdb.sql(readable_value(claim.query)).df()) == len(
            claims.query_rows(claim, run.folder)
        )


@pytest.mark.parametrize("name", ["C02", "C03", "C05", "C09", "C15", "C21"])
def test_rows_of_the_networks_are_the_rows_of_the_claim(run, name):
    """A query on one network's rows alone finds what it finds in it among all."""
    claim = run.ledger.claims[name]
    whole = claims.query_rows(claim, run.folder)
    one_by_one = [
        row
        for family in {Path(file).stem for file in claim.files} & {*run.families}
        for (network,) in run.columns(f"results/networks/{family}.parquet", "network_id")
        for row in rows_of_network(run, claim, network)
    ]

    def key(row):
        return (row["protocol"], str(row.get("sample")), str(row["value"]), str(row.get("x")))

    used = [row for row in one_by_one if row["used"]]
    expected = whole[whole["used"]].astype(object).where(whole.notna(), None).to_dict("records")
    assert sorted(map(key, used)) == sorted(map(key, expected))


def test_a_claim_down_to_a_network(run):
    claim, network = trace(run, "C02", "released", "xor-k3/2")
    assert {row["protocol"] for row in claim.tables["rows"]} == {"released"}
    values = {row["sample"]: row["value"] for row in claim.tables["rows"]}
    assert values == {"circuits": 2, "interpretations": 62, "interpretations per circuit": 31}
    [total] = network.tables["summary"]
    assert (total["n_circuits"], total["n_interpretations"]) == (2, "62")
    # The rows behind these numbers, and no others.
    assert [row["n_interpretations"] for row in network.tables["circuits"]] == ["2", "60"]
    assert [row["n_edges"] for row in network.tables["cells"]] == [3, 8]
    assert network.tables["circuits"][0]["edges"][0] == ["10", "00", "00"]
    assert [row["places"] for row in network.tables["mappings"]] == [
        "h1.1 h1.3; h2.1",
        "h1.1 h1.3; h2.2",
    ]


def test_a_network(run):
    [found] = trace(run, "xor-k3/0")
    assert found.title == "computes XOR"
    assert found.facts["layers"] == [2, 3, 3, 1]
    assert found.facts["in_claims"][:3] == ["C02", "C03", "C04"]
    assert "D01" in found.facts["in_differences"]
    shown_in = found.facts["in_figures_and_tables"]
    assert {"figure_2", "figure_7", "table_4", "differences"} <= set(shown_in)
    assert not {"table_3", "untrained", "verdicts", NOT_MADE} & set(shown_in)
    assert found.facts["yet_to_be_made"] == [NOT_MADE]
    assert len(found.tables["summary"]) == len(CONFIG.protocols_of(CONFIG.families["xor-k3"]))
    assert [row["n_interpretations"] for row in found.tables["circuits"]][-1] == str(10**25)
    assert found.tables["inputs"][1] == {
        "input": "01",
        "probability": 0.25,
        "n_train": 1001,
        "n_validation": 250,
        "outputs": [1.0],
    }
    assert [row["neuron"] for row in found.tables["weights"]] == [
        *("h1.1", "h1.2", "h1.3", "h2.1", "h2.2", "h2.3", "out")
    ]
    artifacts = [row["file"].split("/")[1] for row in found.tables["files"]]
    assert artifacts[:2] == ["datasets", "networks"]
    assert artifacts[-1] == "summary"


def test_weights_by_neuron():
    stored = {"weights": [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]], "biases": [[7.0, 8.0], [9.0]]}
    assert weights(stored) == [
        {"neuron": "h1.1", "weights": [1.0, 2.0], "bias": 7.0},
        {"neuron": "h1.2", "weights": [3.0, 4.0], "bias": 8.0},
        {"neuron": "out", "weights": [5.0, 6.0], "bias": 9.0},
    ]


def test_a_reading_on_noise_has_circuits_of_its_own(run):
    [found] = trace(run, "xor-k3-noise/0", "released-noisy")
    assert [row["n_interpretations"] for row in found.tables["circuits"]] == ["7"]
    assert found.tables["cells"] == []


def test_an_untrained_network_has_no_samples(run):
    [found] = trace(run, "untrained-k3/91")
    assert found.tables["inputs"][0] == {"input": "00", "outputs": [0.0]}


def test_a_network_that_did_not_converge_is_shown_as_such(run):
    [found] = trace(run, "xor-k3/1")
    assert found.facts["converged"].startswith("no; it is in no count (after 12 epochs the loss")
    assert "weights" in found.tables
    assert "circuits" not in found.tables


def test_a_network_says_how_its_interpretations_are_known(run, tmp_path):
    other = copy_of(run, tmp_path / "run")
    path = tmp_path / "run" / "results" / "summary" / "xor-k3.parquet"
    rows = [
        row | ({"how": "estimate", "standard_error": 4.5e27} if row["protocol"] == "text" else {})
        for row in pq.read_table(path).to_pylist()
    ]
    save(tmp_path / "run", "summary", "xor-k3", rows)
    [found] = trace(other, "xor-k3/0")
    known = {
        row["protocol"]: (row["how"], row["standard_error"]) for row in found.tables["summary"]
    }
    assert (known["released"], known["text"]) == (("exact", 0.0), ("estimate", 4.5e27))
    console = Console(width=200, record=True)
    print_trace(console, found)
    (line,) = (x for x in console.export_text().splitlines() if x.split()[:1] == ["text"])
    assert {"estimate", "4.50×10²⁷"} <= set(line.split())


def test_circuits_that_were_left_open_are_not_shown_in_part(run, tmp_path):
    other = copy_of(run, tmp_path / "run")
    path = tmp_path / "run" / "results" / "summary" / "xor-k3.parquet"
    rows = pq.read_table(path).to_pylist()
    left_open = [row | {"counted": row["protocol"] == "released"} for row in rows]
    save(tmp_path / "run", "summary", "xor-k3", left_open)
    assert len(trace(other, "xor-k3/0", "released")[0].tables["circuits"]) == 2
    [found] = trace(other, "xor-k3/0", "strict")
    assert found.facts["circuits"].startswith("left open")
    assert "circuits" not in found.tables


def test_a_number_that_the_authors_print(run, tmp_path):
    folder = copy_of(run, tmp_path / "run")
    table = pq.read_table(folder.folder / file_of("summary", "xor-k3"))
    table = table.filter(pc.is_valid(table["n_algorithms"]))
    pq.write_table(table, folder.folder / file_of("summary", "authors-xor-k3"))
    released = [row for row in table.to_pylist() if row["protocol"] == "released"]
    (found,) = trace(folder, "a01")
    assert (found.what, found.kind) == ("A01", "printed number")
    assert found.facts["printed"] == 7
    assert found.facts["found"] == sorted({row["n_algorithms"] for row in released})
    assert found.tables["sample"] == released[:3]
    assert [row["artifact"] for row in found.tables["made_from"]][-1] == "summary"
    with pytest.raises(UserError, match=r"^--network: A01 rests on xor-k3/0, .*, not on x/9$"):
        trace(folder, "A01", network="x/9")


def test_a_difference(run):
    [found] = trace(run, "D02")
    assert found.facts["protocols"] == ["text", "text-D02"]
    assert [row["ratio"] for row in found.tables["effects"]] == [1.5]
    assert {row["family"] for row in found.tables["families"]} == {"mixed-k3", "xor-k3"}
    assert [row["protocol"] for row in found.tables["sample"]] == ["text", "text-D02"] * 2


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("3", "figure_3"),
        ("Figure 3", "figure_3"),
        ("1", "table_1"),
        ("table_4", "table_4"),
        ("ladder", "table_ladder"),
        ("counts", "figure_counts"),
        ("exact", "figure_exact"),
        ("coverage", "coverage"),
        ("differences", "differences"),
        ("table_tests", "tests"),
        (" verdicts ", "verdicts"),
    ],
)
def test_figures_and_tables_by_their_names(run, written, name):
    assert trace(run, written)[0].what == name


def test_a_figure(run):
    [found] = trace(run, "3")
    assert found.facts["experiments"] == ["size", "tasks"]
    assert found.facts["claims"] == ["C07", "C08", "C09", "C10", "C11"]
    assert found.facts["protocols"] == ["released", "text", "strict"]
    assert found.facts["rows_of_summary"] == 2 * 2 * 3  # networks, families, protocols
    assert found.facts["file"] == "figures/figure_3.svg"
    assert [row["file"] for row in found.tables["files"]] == [
        "results/summary/mixed-k3.parquet",
        "results/summary/xor-k3.parquet",
    ]


def test_a_table_of_one_network(run):
    found, network = trace(run, "table_untrained", None, "untrained-k3/59")
    assert [row["file"] for row in found.tables["files"]] == [
        "results/summary/untrained-k3.parquet",
        "results/untrained/untrained-k3.parquet",
    ]
    rules = {row["artifact"]: row["rule"] for row in found.tables["made_from"]}
    assert rules["networks"] == ["untrained_networks"]
    assert "datasets" not in rules
    assert network.what == "untrained-k3/59"


def test_the_verdicts_rest_on_what_the_claims_were_measured_on(run):
    [found] = trace(run, "verdicts")
    assert [row["file"] for row in found.tables["files"]] == ["results/claims.parquet"]
    assert [row["family"] for row in found.tables["families"]] == ["mixed-k3", "xor-k3"]
    last = found.tables["made_from"][-1]
    assert last == {"artifact": "claims", "rule": ["claims"], "from": ["summary"]}


def test_a_family_that_was_cut_into_shards_rests_on_what_they_rest_on(run, tmp_path):
    whole = trace(run, "C09")[0].tables["made_from"]
    cut = copy_of(run, tmp_path / "run")
    for artifact in ("datasets", *MADE):
        path = cut.folder / file_of(artifact, "mixed-k3")
        if not path.exists():
            continue
        table = pq.read_table(path)
        inputs, rule = (
            cut.inputs(file_of(artifact, "mixed-k3")),
            MADE.get(artifact, (artifact,))[0],
        )
        shards = [file_of(artifact, f"mixed-k3/{seeds}") for seeds in ("0-1", "2-2")]
        for shard, rows in zip(shards, (table[:2], table[2:]), strict=True):
            seeds = Path(shard).name
            read = [
                file if "formulas" in file else f"{file.removesuffix('.parquet')}/{seeds}"
                for file in inputs
            ]
            write(rows, cut.folder / shard, table.schema.metadata | made_from(read, rule))
        gathered = json.dumps(dict.fromkeys(shards, "5e"))
        gather([cut.folder / shard for shard in shards], path, gathered)
        assert cut.inputs(file_of(artifact, "mixed-k3")) == shards
    assert trace(cut, "C09")[0].tables["made_from"] == whole


def test_a_file_that_does_not_say_its_rule_shows_none(run, tmp_path):
    old = copy_of(run, tmp_path / "run")
    path = old.folder / "results" / "networks" / "mixed-k3.parquet"
    table = pq.read_table(path)
    said = {key: text for key, text in table.schema.metadata.items() if key != b"rule"}
    write(table, path, said)
    rules = {row["artifact"]: row["rule"] for row in trace(old, "C09")[0].tables["made_from"]}
    assert rules["networks"] == []
    assert rules["circuits"] == ["circuits"]


def test_in_a_real_run_everything_rests_on_what_its_job_read(finished):
    """What the files say leads to the same as the manifest, which is made from jobs' records."""
    folder = finished / "tiny"
    run = load_run([finished / "my.yaml"], folder / "results")
    manifest = json.loads((folder / "results" / "manifest.json").read_text())
    maker = {file: job for job in manifest["jobs"] for file in job["outputs"]}
    for name, exhibit in EXHIBITS.items():
        job = maker[next(iter(exhibit.paths.values()))]
        assert job["rule"] == exhibit.rule, name
        [found] = trace(run, name)
        waiting = [file for file in job["inputs"] if file.endswith(".parquet")]
        assert [row["file"] for row in found.tables["files"]] == waiting, name
        rules, made_from = defaultdict(set), defaultdict(set)
        while waiting:
            file = waiting.pop()
            read = [other for other in maker[file]["inputs"] if other.endswith(".parquet")]
            rules[lineage.artifact_of(file)].add(maker[file]["rule"])
            made_from[lineage.artifact_of(file)].update(map(lineage.artifact_of, read))
            waiting += read
        rows = found.tables["made_from"]
        assert {row["artifact"]: set(row["rule"]) for row in rows} == rules, name
        assert {row["artifact"]: set(row["from"]) for row in rows} == made_from, name
        order = [row["artifact"] for row in rows]
        assert all(set(row["from"]) <= set(order[:i]) for i, row in enumerate(rows)), name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("C99",), "unknown claim 'C99'; known are C01, C02,"),
        (("A01",), "A01: the authors' own network was not explained; run `snakemake"),
        (("A05",), "unknown claim 'A05'; known are C01, C02,"),
        (("D08",), "unknown difference 'D08'; those measured are D01, D02,"),
        (("figure_1",), "'figure_1' is no claim (C01, …), difference (D01, …), network"),
        (("C09", "text-D01"), "C09 does not rest on 'text-D01'; its protocols are released"),
        (("C09", None, "xor-k3"), "'xor-k3' is not a network; write family/seed"),
        (("C09", None, "xor-k9/1"), "unknown family 'xor-k9'; known are xor-k3"),
        (("digits-0-1/3",), "their weights are in results/digit_networks/digits-0-1.parquet"),
        (("C09", None, "xor-k3/0"), "C09 does not rest on xor-k3/0; its families are mixed-k3"),
        (("C09", None, "mixed-k3/1"), "mixed-k3/1, which did not converge (after 12 epochs the"),
        (("C01", None, "xor-k3/0"), "C01 rests on no network"),
        (("9",), "figures/figure_9.svg: no such file; run `snakemake --cores all figure_9`"),
        (("C04",), "holds no C04; run `snakemake --cores all claims`"),
        (("3", None, "untrained-k3/59"), "figure_3 does not rest on untrained-k3/59"),
        (("xor-k3/7",), "xor-k3 has no network 7; its seeds are 0 to 2"),
        (("xor-k3/00",), "xor-k3 has no network 00; its seeds are 0 to 2"),
        (("untrained-k3/7",), "untrained-k3 has no network 7; its seeds are 59, 91, 119"),
        (("xor-k3/0", None, "xor-k3/0"), "xor-k3/0 is a network already; leave --network out"),
        (("mixed-k3/0", "released-noisy"), "mixed-k3/0 does not rest on 'released-noisy'"),
    ],
)
def test_what_cannot_be_traced_is_one_line(run, arguments, message):
    with pytest.raises(UserError, match=re.escape(message)) as error:
        trace(run, *arguments)
    assert "\n" not in str(error.value)


def test_missing_and_broken_files_are_named(run, tmp_path):
    other = copy_of(run, tmp_path / "run")
    (tmp_path / "run" / "results" / "claims.parquet").unlink()
    with pytest.raises(UserError, match="no such file; run `snakemake --cores all claims`"):
        trace(other, "C09")
    (tmp_path / "run" / "results" / "tables" / "differences.parquet").unlink()
    with pytest.raises(UserError, match="run `snakemake --cores all table_differences`"):
        trace(other, "D01")
    figure = tmp_path / "run" / "figures" / "figure_3.svg"
    drawn = figure.read_text()
    figure.write_text(drawn.replace("dc:description", "dc:title"))
    with pytest.raises(UserError, match=r"figure_3\.svg: does not say what it was made from"):
        trace(other, "figure_3")
    figure.write_text(drawn.replace("{", "(", 1))
    with pytest.raises(UserError, match=r"figure_3\.svg: cannot be read as SVG \("):
        trace(other, "figure_3")
    figure.write_text("?")
    with pytest.raises(UserError, match=r"figure_3\.svg: cannot be read as SVG \("):
        trace(other, "figure_3")
    (tmp_path / "run" / "results" / "tables" / "table_1.parquet").unlink()
    with pytest.raises(UserError, match="run `snakemake --cores all table_1`"):
        trace(other, "table_1")
    (tmp_path / "run" / "results" / "networks" / "xor-k3.parquet").write_text("?")
    with pytest.raises(UserError, match=r"xor-k3\.parquet: cannot be read as Parquet"):
        trace(other, "xor-k3/0")


def test_a_run_is_found_by_its_configuration_or_its_folder(folder, tmp_path):
    found = load_run(results=folder / "results")
    assert found.folder == folder
    assert "mixed-k5" in found.families
    smoke = load_run([ROOT / "config" / "smoke.yaml"], folder / "results")
    assert "mixed-k5" not in smoke.families
    assert smoke.config.families["xor-k3"].seeds == smoke.config.families["and-k3"].seeds == 12
    for arguments in [([], tmp_path), ([], tmp_path / "results")]:
        with pytest.raises(UserError, match="not the folder `results` of a run"):
            load_run(*arguments)
    with pytest.raises(UserError, match=r"no\.yaml: cannot be read"):
        load_run([tmp_path / "no.yaml"])


@pytest.fixture
def command(capsys, monkeypatch, folder):
    """Runs the command as its entry point does, in a terminal of some width."""

    def run(*arguments, columns="80"):
        monkeypatch.setenv("COLUMNS", columns)
        where = [] if "--results" in arguments else ["--results", str(folder / "results")]
        monkeypatch.setattr(sys, "argv", ["identifiability", "trace", *arguments, *where])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_command_fits_the_terminal(command, columns):
    code, out, _ = command("C02", "--network", "xor-k3/0", columns=columns)
    assert code == 0
    text = out.replace(out[out.index("The query") : out.index("xor-k3/0  computes")], "")
    assert max(map(len, text.splitlines())) <= int(columns)
    for words in ("percentile 98", "11 01 00 | 110 010 000 | 110", "h1.2    +0.5000  -1.5000"):
        assert words in out
    assert "1.00×10²⁵" in out
    assert "5esummar" in out  # the hash of the settings


def test_the_command_writes_json(command, tmp_path):
    code, out, err = command("C02", "--network", "xor-k3/0", "--json", "-")
    claim, network = json.loads(out)
    assert code == 0
    assert "Published and measured" in err
    assert claim["what"] == "C02"
    assert claim["files"][0]["settings"] == "5esummary"
    assert claim["measured"][0]["low"] is None
    assert network["weights"][0]["weights"] == [0.5, -1.5]
    assert command("xor-k3/0", "--json", str(tmp_path / "a.json"))[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())[0]["weights"] == network["weights"]


def test_an_error_of_the_command_is_one_line(command):
    code, out, err = command("C09", "--results", "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith("identifiability: error: nowhere: not the folder `results` of a run")
    assert len(err.splitlines()) == 1
