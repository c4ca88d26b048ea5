"""The claims ledger, what its queries find, and the verdicts; the differences."""

import re
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from identifiability.errors import UserError
from identifiability.evidence import claims, verdicts
from identifiability.evidence.claims import Samples, measure, measure_claims
from identifiability.evidence.differences import effects
from identifiability.evidence.ledger import (
    Published,
    load_claims,
    load_differences,
    published_means,
    restrict,
)
from identifiability.evidence.statistics import Estimate
from identifiability.evidence.verdicts import Measured, verdict
from identifiability.networks.gates import gate
from identifiability.store import artifacts
from identifiability.store.contracts import contract
from tests.configured import parse

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "paper" / "claims.yaml"
DIFFERENCES = ROOT / "paper" / "differences.yaml"
CONFIG = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
SEEDS = range(24)
WIDE = {"text": "estimate", "strict": None, "strict-minimal": None}
"""How the interpretations of the widest networks are known, where they are not exact."""


def save(frame, artifact, folder, name):
    """Writes a few columns of an artifact, with the types of its contract."""
    rules = contract(artifact)
    assert set(frame.columns) <= set(rules.columns), artifact
    for column in frame.columns:
        if rules.columns[column].type == "integer":
            frame[column] = [None if pd.isna(v) else str(int(v)) for v in frame[column]]
        elif rules.columns[column].type == "int64":
            frame[column] = frame[column].astype("Int64")
    path = folder / rules.folder / artifact / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


def answer(count):
    return None if count is None else {0: "none", 1: "unique"}.get(count, "several")


def summary_rows(family, seed, protocol, targets, *, converged=True, how="exact"):
    """Totals of one network, which differ from seed to seed; left open without a ``how``."""
    rows = []
    for output, target in enumerate(targets):
        circuits, algorithms = seed % 7 + output, seed % 4
        counts = {
            "n_circuits": circuits if how else None,
            "n_interpretations": circuits * 10**21 if how else None,
            "n_algorithms": algorithms,
            "n_mappings": algorithms * (1 + seed % 3),
        }
        if not converged:
            counts = dict.fromkeys(counts)
        answers = {f"q{i}": answer(count) for i, count in enumerate(counts.values(), start=1)}
        # One of the mappings is the empty one in every other network.
        empty = 0 if not counts["n_mappings"] else seed % 2
        mapped = None if counts["n_mappings"] is None else counts["n_mappings"] - empty
        answers["q4"] = "empty" if (answers["q4"], empty) == ("unique", 1) else answers["q4"]
        answers["q4_mapped"] = answer(mapped)
        counts["n_interpretations_reachable"] = counts["n_circuits"]
        keys = {"family": family, "seed": seed, "network_id": f"{family}/{seed}", "target": target}
        flags = {"protocol": protocol, "how": how if converged else None}
        flags |= dict.fromkeys(("converged", "functional", "analysed"), converged)
        rows.append({**keys, **flags, **counts, **answers})
    return rows


def save_family(folder, family, converged=True):
    """Everything that claims and differences read of one family."""
    name, gates = family.name, [g.name for g in family.gates]
    summary, datasets, circuits, interpretations, algorithms = [], [], [], [], []
    for seed in SEEDS:
        targets = [gates[(seed + i) % len(gates)] for i in range(family.n_outputs)]
        key = {"network_id": f"{name}/{seed}", "seed": seed}
        for protocol in CONFIG.protocols_of(family):
            rows = summary_rows(
                name,
                seed,
                protocol.name,
                targets,
                converged=converged and seed != 5,
                how=WIDE.get(protocol.name, "exact") if family.hidden == (5, 5) else "exact",
            )
            summary += rows
            algorithms += [
                {
                    **key,
                    "target": row["target"],
                    "protocol": protocol.name,
                    "formula_id": formula,
                    "n_mappings": seed % 3 + 1,
                }
                for row in rows
                for formula in range(row["n_algorithms"] or 0)
            ]
        chances = np.random.default_rng(seed).dirichlet(np.ones(4))
        chances = np.array([0.5, 0.5, 0, 0]) if seed == 0 else chances
        datasets += [
            {**key, "input": row, "probability": p}
            for row, p in zip(("00", "01", "10", "11"), chances, strict=True)
        ]
        for number in range(15):
            circuit = {**key, "target": targets[0], "circuit_id": f"1{number:b}"}
            shape = {"n_hidden": 2 + number % 5, "n_edges": 4 + number}
            senses = dict.fromkeys(("for_target", "for_model", "for_sample"), True)
            circuits.append({**circuit, **shape, **senses})
            interpretations.append({**circuit, "n_interpretations": number})
    # A variable `a` with two perfect places, one of them with all pairs; none of the variable `b`.
    alignment = [
        {**key, "target": targets[0], "variable_id": variable, "layer": 1, "place": place}
        | {"iia_source_before_base": six, "iia_all": sixteen}
        for variable, place, six, sixteen in (
            ("a", "100", 1, 1), ("a", "010", 1, 0.875), ("b", "100", 0.5, 0.5),
        )
    ]  # fmt: skip
    for artifact, rows in (
        ("summary", summary),
        ("alignment", alignment),
        ("datasets", datasets),
        ("circuits", circuits),
        ("interpretations", interpretations),
        ("algorithms", algorithms),
    ):
        columns = None if rows else [*key, "target", "protocol", "formula_id", "n_mappings"]
        save(pd.DataFrame(rows, columns=columns), artifact, folder, name)


def save_formulas(folder):
    rows = [
        {"target": target, "protocol": protocol, "formula_id": i}
        | {"variable_ids": [["a"], ["a", "a"], ["a", "b"]][min(i, 2)]}
        for target in ("AND", "XOR")
        for protocol, number in (("released", 56), ("text", 132), ("strict", 358))
        for i in range(number)
    ]
    save(pd.DataFrame(rows), "formulas", folder, "depth-3")


def save_digits(folder, family):
    """What the claim on digits reads of one family: the last network has not converged."""
    rows = [
        {
            "network_id": f"{family.name}/{seed}",
            "seed": seed,
            "protocol": protocol,
            "converged": seed != SEEDS[-1],
            "n_circuits": 1000 * (seed + 1) if seed != SEEDS[-1] else None,
        }
        for seed in SEEDS
        for protocol in ("released", "text", "strict")
    ]
    save(pd.DataFrame(rows), "digit_summary", folder, family.name)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A small run of every family."""
    folder = tmp_path_factory.mktemp("results")
    for family in CONFIG.used:
        save_family(folder, family)
    for family in CONFIG.digit_families.values():
        save_digits(folder, family)
    save_formulas(folder)
    return folder


@pytest.fixture(scope="module")
def ledger():
    return load_claims(LEDGER)


@pytest.fixture(scope="module")
def measured(results, ledger):
    return measure_claims(ledger, results)


def row(measured, claim, part, protocol="released"):
    return measured.set_index(["claim", "part", "protocol"]).loc[(claim, part, protocol)]


# The ledger


def test_the_ledger_holds_every_claim(ledger):
    published = [f"C{i:02}" for i in range(1, 29)]
    assert list(ledger.claims) == [*published, "X01", "X02"]
    for claim in ledger.claims.values():
        assert any(part.published for part in claim.parts)
        assert len({part.name for part in claim.parts}) == len(claim.parts)


def test_the_ledger_names_families_and_protocols_that_there_are(ledger):
    known = {*CONFIG.slugs, "depth-3"}
    for claim in ledger.claims.values():
        assert {Path(file).stem for file in claim.files} <= known
        assert set(claim.protocols) <= set(CONFIG.protocols)


@pytest.mark.parametrize(
    ("claim", "part", "words"),
    [
        ("C01", "formulas", "56"),
        ("C02", "interpretations", "45,543"),
        ("C07", "k = 3", "about 6,000"),
        ("C09", "all widths", "< 2%"),
        ("C10", "all widths", "0%"),
        ("C11", "mappings, n = 1 → 2", "falls, p < 0.05"),
        ("C11", "mappings, n = 5 → 6", "no significant change, p > 0.05"),
        ("C14", "several mappings", "several (at least 50%)"),
        ("C15", "without noise", "2.7"),
        ("C15", "change", "no significant change, p = 0.766"),
        ("C18", "change, 1e-2", "falls, p < 0.001"),
        ("C24", "slope", "-326"),
        ("C28", "Q1: circuits", "overwhelming (at least 95%)"),
    ],
)
def test_published_values_in_words(ledger, claim, part, words):
    parts = {p.name: p for p in ledger.claims[claim].parts}
    assert parts[part].published.words == words


def test_what_the_paper_says_does_not_change_has_no_direction(ledger):
    """A test has a direction exactly where the paper finds it significant (Table 3, Table 4)."""
    directed = {
        claim.id: part.published.change
        for claim in ledger.claims.values()
        for part in claim.parts
        if part.statistic in ("welch", "ols") and part.published
        if part.published.significant == (part.published.change == 0)
    }
    assert directed == {}


def test_published_values_as_ranges(ledger):
    def ends(claim, part):
        [published] = [p.published for p in ledger.claims[claim].parts if p.name == part]
        return published.low, published.high

    assert ends("C09", "k = 2") == (0, 0.02)
    assert ends("C07", "k = 3") == pytest.approx((5400, 6600))
    assert ends("C18", "change") == (0, 0.001)
    assert ends("C11", "mappings, n = 4 → 5") == (0.05, 1)
    assert ends("C28", "Q4: mappings") == (0.95, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text["claims"][0].pop("query"), "C01: 'query' is a required property"),
        (lambda text: text["claims"][0].update(id="X"), "X.id: 'X' does not match"),
        (lambda text: text["claims"][1].update(id="C01"), "C01 stands there twice"),
        (
            lambda text: text["claims"][0]["parts"][0].update(statistic="mode"),
            "C01.parts.formulas.statistic: 'mode' is not one of",
        ),
        (
            lambda text: text["claims"][10]["parts"][0].update(of=["interpretations 1"]),
            "C11.parts.interpretations, n = 1 → 2.of: .* is too short",
        ),
        (lambda text: text.pop("views"), r"\(top level\): 'views' is a required property"),
    ],
)
def test_a_ledger_that_is_wrong_is_refused_in_one_line(tmp_path, change, message):
    text = yaml.safe_load(LEDGER.read_text())
    change(text)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(text))
    with pytest.raises(UserError, match=message) as error:
        load_claims(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [None, "claims: [", "claims:\n\t- x"])
def test_a_ledger_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "claims.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=r"claims\.yaml: cannot be read"):
        load_claims(path)


def test_published_means_are_for_the_papers_family_alone(ledger):
    family = CONFIG.families["xor-k3"]
    means = published_means(ledger, family)
    assert means["n_circuits"] == {
        "claim": "C18",
        "value": 52.3,
        "statistic": "mean",
        "source": "Table 3",
    }
    assert len(means) == 6
    noisy = replace(family, training=replace(family.training, noise=0.1))
    others = (replace(family, hidden=(2, 2)), replace(family, gates=(gate("AND"),)), noisy)
    for other in others:
        assert published_means(ledger, other) == {}


# The queries


def test_every_query_runs_and_every_part_is_measured(measured, ledger):
    artifacts.to_table(measured, "claims")
    expected = {
        (claim.id, part.name, protocol)
        for claim in ledger.claims.values()
        for part in claim.parts
        if part.published
        for protocol in claim.protocols
    }
    assert set(measured[["claim", "part", "protocol"]].itertuples(index=False)) == expected


def test_a_query_reads_the_folder_of_the_run_wherever_it_is_run(
    results, ledger, tmp_path, monkeypatch
):
    save_family(tmp_path, CONFIG.families["xor-k3"], converged=False)
    monkeypatch.chdir(tmp_path)
    assert claims.query_rows(ledger.claims["C06"], results)["used"].any()


def test_a_query_runs_as_it_stands_in_the_folder_of_the_run(results, ledger, monkeypatch):
    monkeypatch.chdir(results)
    query = ledger.claims["C09"].query
    assert query.startswith("WITH per_network AS")
    assert {"protocol", "sample", "used", "value"} <= set(duckdb.sql(query).columns)


def test_formulas_are_counted(measured):
    values = [row(measured, "C01", "formulas", p)["value"] for p in ("released", "text", "strict")]
    assert values == [56, 132, 358]


def test_a_network_with_several_targets_counts_once(results, ledger):
    rows = claims.query_rows(ledger.claims["C11"], results)
    rows = rows[(rows["sample"] == "mappings 6") & (rows["protocol"] == "released")]
    assert len(rows) == len(SEEDS)
    # Without the networks that have none, and the one that has not converged.
    assert rows["used"].sum() == sum(seed % 4 > 0 and seed != 5 for seed in SEEDS)


def test_quotients_are_over_the_networks_that_have_a_divisor(results, ledger):
    rows = claims.query_rows(ledger.claims["C19"], results)
    rows = rows[(rows["sample"] == "without noise") & (rows["protocol"] == "text")]
    assert rows["used"].sum() == sum(seed % 7 > 0 and seed != 5 for seed in SEEDS)
    assert set(rows.loc[rows["used"], "value"]) == {1e21}


def test_noisy_readings_are_compared_with_released_ones(results, ledger):
    rows = claims.query_rows(ledger.claims["C18"], results)
    rows = rows[rows["protocol"] == "released-noisy"]
    assert rows["sample"].value_counts().to_dict() == {
        name: len(SEEDS)
        for name in ("without noise", "with noise", "without noise, 1e-2", "with noise, 1e-2")
    }


def test_the_two_algorithms_with_the_most_mappings(results, ledger):
    rows = claims.query_rows(ledger.claims["C03"], results)
    loose = rows[(rows["sample"] == "neither minimal nor disjoint") & rows["used"]]
    # Two formulas have a place for every variable: 1 + 1 * 1 ways by one place, 2 + 2 * 2 by two.
    assert set(loose[["protocol", "value"]].itertuples(index=False)) == {
        ("released", 6), ("text", 2), ("strict", 2),
    }  # fmt: skip
    rows = rows[(rows["sample"] == "mappings of two algorithms") & rows["used"]]
    rows = rows[rows["protocol"] == "text"]
    # Networks with two or three algorithms, each with seed % 3 + 1 mappings, at both cutoffs.
    expected = sorted(2 * (s % 3 + 1) for s in [*SEEDS, *SEEDS] if s % 4 >= 2 and s != 5)
    assert sorted(rows["value"]) == expected


def test_the_sparsest_circuits_that_a_protocol_admits(results, ledger):
    rows = claims.query_rows(ledger.claims["C05"], results)
    used = rows[rows["used"]].groupby("protocol").size() / (len(SEEDS) - 1)
    # Of 15 circuits, released leaves out those with all six neurons; text, those that keep more
    # than 16 of the 24 components.
    kept = [(2 + i % 5, 4 + i) for i in range(15)]
    assert used["released"] == sum(neurons < 6 for neurons, _ in kept)
    assert used["text"] == sum(24 - neurons - edges > 7.2 for neurons, edges in kept)
    assert used["strict"] == 12


def test_entropy_is_in_bits(results, ledger):
    rows = claims.query_rows(ledger.claims["C21"], results)
    assert rows["x"].between(0, 2).all()
    assert rows["x"].eq(1).sum() == rows["protocol"].nunique()  # seed 0: two inputs, evenly


def test_a_box_left_open_is_said_so(measured):
    for part in ("all widths", "k = 5"):
        for protocol in ("released", "text", "strict"):
            found = row(measured, "C10", part, protocol)
            if protocol != "strict":
                assert "left open" not in str(found["reason"])
            elif part == "k = 5":
                assert found["verdict"] == verdicts.CANNOT_BE_COMPARED
                assert found["reason"] == "left open: the box is too large to be counted"
                assert np.isnan(found["value"])
            else:
                assert found["reason"].startswith("23 networks left open; ")


def test_a_value_of_estimates_is_said_so(measured, ledger):
    remark = "interpretations estimated in 23 networks"
    for claim, part in (*(("C10", "k = 5"), ("C10", "all widths")),):
        found = row(measured, claim, part, "text")
        assert found["reason"].startswith(remark)
        assert f"({remark}" in claims.published_in_words(found)
        assert remark not in str(row(measured, claim, part, "released")["reason"])
    # Seeds without a circuit have no interpretation, and are left out of the median.
    some = row(measured, "C07", "k = 5", "text")
    n = sum(seed % 7 > 0 and seed != 5 for seed in SEEDS)
    assert some["reason"].endswith(f"(D11); interpretations estimated in {n} networks")
    assert some["verdict"] == verdicts.CANNOT_BE_COMPARED
    assert claims.published_in_words(some).startswith("cannot be compared (how many circuits")
    exact = ("C07", "k = 4"), ("C08", "k = 5"), ("C28", "Q1: circuits"), ("C10", "k = 4")
    for claim, part in exact:
        assert "estimated" not in str(row(measured, claim, part, "text")["reason"])
    written = claims.overview(measured, ledger).set_index(["claim", "part"])["text"]
    assert remark in written[("C10", "k = 5")]


def test_every_query_about_interpretations_says_whether_they_are_estimated(results, ledger):
    numbers = (2, 4, 7, 10, 11, 13, 14, 19, 20, 25, 26, 28)
    for claim in (ledger.claims[f"C{number:02}"] for number in numbers):
        assert "estimated" in claims.query_rows(claim, results), claim.id


def test_a_claim_whose_query_finds_no_rows_is_named(tmp_path, ledger):
    save(pd.DataFrame({"target": ["AND"], "protocol": "text"}), "formulas", tmp_path, "depth-3")
    only = replace(ledger, claims={"C01": ledger.claims["C01"]})
    with pytest.raises(UserError, match="claim C01: its query finds no rows"):
        measure_claims(only, tmp_path)


def test_a_part_that_finds_no_rows_is_named(results, ledger):
    claim = ledger.claims["C06"]
    strange = replace(claim, protocols=("loose",))
    with pytest.raises(UserError, match=r"claim C06: .* no rows for 'algorithms' under loose"):
        measure_claims(replace(ledger, claims={"C06": strange}), results)


def test_a_file_that_is_missing_is_named(tmp_path, ledger):
    only = replace(ledger, claims={"C06": ledger.claims["C06"]})
    with pytest.raises(UserError, match=r"claim C06: .*results/summary/xor-k3\.parquet"):
        measure_claims(only, tmp_path)


def test_a_run_without_a_family_says_so(results):
    families = [f.name for f in CONFIG.used if f.name not in ("mixed-k5", "mixed-k3-skewed")]
    partial = load_claims(LEDGER, families)
    assert not any(
        "mixed-k5" in file or "skewed" in file for c in partial.claims.values() for file in c.files
    )
    some = {name: partial.claims[name] for name in ("C08", "C09", "C21")}
    measured = measure_claims(replace(partial, claims=some), results)
    assert row(measured, "C08", "k = 5")["reason"] == "not in this run: mixed-k5"
    assert pd.isna(row(measured, "C08", "k = 4")["reason"])
    assert row(measured, "C21", "slope")["reason"] == "not in this run: mixed-k3-skewed"
    assert row(measured, "C09", "all widths")["reason"].endswith("not in this run: mixed-k5")


def test_no_network_that_converged_cannot_be_compared(tmp_path, ledger):
    for name in ("xor-k3", "xor-k3-cutoff-1e-2"):
        save_family(tmp_path, CONFIG.families[name], converged=False)
    save_formulas(tmp_path)
    some = {name: ledger.claims[name] for name in ("C02", "C03", "C05", "C06")}
    measured = measure_claims(replace(ledger, claims=some), tmp_path)
    applies = (measured["claim"] != "C06") | (measured["protocol"] != "strict")
    assert set(measured.loc[applies, "verdict"]) == {verdicts.CANNOT_BE_COMPARED}
    assert set(measured.loc[applies, "reason"]) == {"no network to measure"}
    assert (measured["n_least"] == 0).all()
    assert set(measured.loc[~applies, "verdict"]) == {verdicts.NOT_APPLICABLE}


def test_a_claim_is_measured_on_the_other_networks_as_well(tmp_path, ledger):
    """Network 5 did not converge; here it is functional, and the even ones are not."""
    save_family(tmp_path, CONFIG.families["xor-k3"])
    path = tmp_path / "results" / "summary" / "xor-k3.parquet"
    summary = pd.read_parquet(path)
    summary["functional"] = (summary["seed"] % 2 == 1).tolist()
    counts = ["n_circuits", "n_interpretations", "n_algorithms", "n_mappings"]
    summary.loc[summary["seed"] == 5, counts] = [5, "5", 5, 5]
    summary.to_parquet(path, index=False)
    only = replace(ledger, claims={"C02": ledger.claims["C02"]})
    for other, n in (("functional", 12), ("converged", 23)):
        found = row(measure_claims(only, tmp_path, other), "C02", "circuits")
        assert (found["n"], found["other_n"]) == (23, n)
    found = row(measure_claims(only, tmp_path), "C02", "interpretations per circuit")
    assert found["other_n"] == sum(s % 2 == 1 and s % 7 > 0 for s in SEEDS)


def test_halves_of_the_seeds_are_judged_apart(tmp_path, ledger):
    save_family(tmp_path, CONFIG.families["xor-k3"])
    path = tmp_path / "results" / "summary" / "xor-k3.parquet"
    summary = pd.read_parquet(path)
    odd = summary["seed"] % 2 == 1
    summary.loc[odd, "q2"], summary.loc[~odd, "q2"] = "several", "none"
    summary.to_parquet(path, index=False)
    reads = replace(ledger.claims["C28"], absent=("another",))
    query = reads.query
    files = str([f for f in reads.files if "xor-k3.parquet" in f])
    claim = replace(reads, query=re.sub(r"\['results/summary[^]]*\]", files, query))
    found = row(
        measure_claims(replace(ledger, claims={"C28": claim}), tmp_path),
        "C28",
        "Q2: interpretations",
    )
    assert found["verdict_odd_seeds"] == verdicts.REPRODUCED
    assert found["verdict_even_seeds"] == verdicts.NOT_REPRODUCED


def test_what_is_said_of_every_setting_is_judged_by_the_one_with_the_smallest_share(
    results, ledger
):
    rows = claims.query_rows(ledger.claims["C28"], results)
    rows = rows[(rows["protocol"] == "text") & rows["used"]]
    for sample, question, some in (
        ("Q1: circuits", "q1", False),
        ("Q3: algorithms, if any", "q3", True),
    ):
        shares = {}
        for file in ledger.claims["C28"].files:
            own = pd.read_parquet(results / file).query("protocol == 'text' and analysed")
            if some:
                own = own[own[question] != "none"]
            several = (own[question] == "several").groupby(own["network_id"]).mean()
            shares[Path(file).stem] = several.mean()
        least = min(shares, key=lambda name: (round(shares[name], 9), name))
        chosen = rows[rows["sample"] == sample]
        assert chosen["value"].mean() == pytest.approx(shares[least])
        assert set(chosen["remark"]) == {f"in {least}, the least of {len(shares)} settings"}


def test_networks_stopped_at_two_losses_are_compared_one_by_one(results, ledger):
    """Every family has the same counts here, seed by seed, so that no difference is left."""
    rows = claims.query_rows(ledger.claims["C13"], results)
    rows = rows[rows["sample"].str.endswith("same trainings") & (rows["protocol"] == "released")]
    circuits = rows[rows["sample"] == "circuits, 1e-3 → 1e-5, same trainings"]
    assert len(circuits) == len(SEEDS)
    assert circuits["used"].sum() == len(SEEDS) - 1
    assert (circuits.loc[circuits["used"], "value"] == 0).all()
    assert rows["sample"].nunique() == 10


# The verdict


def ours(value=5.0, low=4.0, high=6.0, reason=None, p=nan):
    return Measured(Estimate(40, value, low, high, reason), p=p)


@pytest.mark.parametrize(
    ("published", "same", "expected"),
    [
        (Published(4.5, 4.5, ""), False, verdicts.REPRODUCED),
        (Published(4, 4, ""), False, verdicts.REPRODUCED),
        (Published(6.5, 6.5, ""), True, verdicts.SAME_DIRECTION),
        (Published(6.5, 6.5, ""), False, verdicts.NOT_REPRODUCED),
        (Published(5.9, 7, ""), False, verdicts.REPRODUCED),
        (Published(-inf, 3.5, ""), False, verdicts.NOT_REPRODUCED),
        (Published(6.5, inf, ""), True, verdicts.SAME_DIRECTION),
    ],
)
def test_a_value_is_reproduced_if_it_meets_our_interval(published, same, expected):
    assert verdict(published, ours(), "mean", same) == expected


@pytest.mark.parametrize(
    ("published", "error", "statistic", "low", "high"),
    [
        # Arms of 1 and 2; wider by the square root of two.
        (0, None, "mean", 5 - 2**0.5, 5 + 8**0.5),
        (0, None, "slope", 5 - 2**0.5, 5 + 8**0.5),
        # The published standard error is known: 1.96 times it is added as squares.
        (0, 1.0, "slope", 5 - (1 + 3.8414588) ** 0.5, 5 + (4 + 3.8414588) ** 0.5),
        (0, None, "percentile", 4, 7),
        (0, None, "count", 4, 7),
    ],
)
def test_a_published_value_has_a_sampling_error(published, error, statistic, low, high):
    found = verdicts.agreement(Estimate(40, 5, 4, 7), statistic, error)
    assert found == pytest.approx((low, high))
    for value, expected in (
        (low + 1e-6, verdicts.REPRODUCED),
        (high - 1e-6, verdicts.REPRODUCED),
        (low - 1e-6, verdicts.NOT_REPRODUCED),
        (high + 1e-6, verdicts.NOT_REPRODUCED),
    ):
        theirs = Published(value, value, "", standard_error=error)
        assert verdict(theirs, ours(5, 4, 7), statistic, False) == expected


def test_where_shares_agree_lies_between_nought_and_all():
    assert verdicts.agreement(Estimate(40, 0.99, 0.95, 1.0), "share", None) == pytest.approx(
        (0.99 - 0.04 * 2**0.5, 1)
    )


def test_two_samples_agree_in_95_percent_of_the_cases():
    """What the factor is for: means of two samples of one population."""
    rng = np.random.default_rng(0)
    n, agreed = 2000, 0
    for _ in range(n):
        mine, theirs = rng.normal(size=(2, 50))
        arm = 1.96 * mine.std(ddof=1) / 50**0.5
        mean = mine.mean()
        low, high = verdicts.agreement(Estimate(50, mean, mean - arm, mean + arm), "mean", None)
        agreed += low <= theirs.mean() <= high
    assert 0.93 < agreed / n < 0.96


def test_the_error_of_a_published_slope_follows_from_its_p(ledger):
    """Table 4: a slope of -326 with p = 0.001 is 3.29 standard errors from 0."""
    parts = {p.name: p.published for p in ledger.claims["C24"].parts}
    assert parts["slope"].standard_error == pytest.approx(326 / 3.2905, rel=1e-4)
    assert parts["intercept"].standard_error is None
    assert parts["trend"].standard_error is None


@pytest.mark.parametrize(
    ("detectable", "p_equal", "words"),
    [
        (0.9, 0.2, "only for want of power"),
        (0.3, 0.2, "equality not shown"),
        (0.3, 0.01, None),
        (0.9, 0.01, None),
        (nan, nan, None),
    ],
)
def test_a_null_says_what_it_rests_on(detectable, p_equal, words):
    found = replace(ours(p=0.4), detectable=detectable, p_equal=p_equal, margin=0.5)
    assert verdicts.null_in_words(found) == words


def test_a_null_of_few_networks_is_reproduced_for_want_of_power(tmp_path):
    rng = np.random.default_rng(1)
    part = {
        "part": "change",
        "statistic": "welch",
        "of": ["before", "after"],
        "published": {"change": "none", "p": {"above": 0.05}},
    }
    for n, reason in ((8, "only for want of power"), (400, None)):
        values = rng.normal(size=2 * n)
        rows = {"sample": ["before"] * n + ["after"] * n, "value": values}
        found, _ = one_claim(tmp_path, part, rows)
        assert found["verdict"].item() == verdicts.REPRODUCED
        assert (found["kind"].item(), found["n_least"].item()) == ("null", n)
        assert found["reason"].item() == reason


def tally_rows(*rows):
    names = ("claim", "kind", "statistic", "n_least", "verdict")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).assign(
        protocol="text"
    )


def test_verdicts_are_tallied_by_kind_and_by_whole_claims():
    measured = tally_rows(
        ("C01", "count", "count", 56, verdicts.REPRODUCED),
        ("C15", "null", "welch", 20, verdicts.REPRODUCED),
        ("C15", "null", "welch", 19, verdicts.NOT_REPRODUCED),
        ("C15", "level", "mean", 99, verdicts.SAME_DIRECTION),
        ("C18", "significant effect", "welch", 99, verdicts.NOT_REPRODUCED),
        ("C18", "level", "mean", 99, verdicts.REPRODUCED),
        ("C18", "level", "mean", 99, verdicts.CANNOT_BE_COMPARED),
        ("C12", "null", "paired", 99, verdicts.NOT_REPRODUCED),
        ("X01", "share", "share", 99, verdicts.REPRODUCED),
    )
    found = verdicts.tally(measured).set_index("kind")
    columns = ["parts", "reproduced", "same_direction", "not_reproduced"]
    assert found.loc["count", columns].tolist() == [1, 1, 0, 0]
    assert found.loc["null", columns].tolist() == [1, 1, 0, 0]
    assert found.loc["level", columns].tolist() == [2, 1, 1, 0]
    assert found.loc["significant effect", columns].tolist() == [1, 0, 0, 1]
    assert found.loc["share", columns].tolist() == [0, 0, 0, 0]
    assert found.loc["whole claim", columns].tolist() == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("p_published", "change", "p", "same", "expected"),
    [
        ((0, 0.001), 1, 0.01, True, verdicts.REPRODUCED),
        ((0.018, 0.018), 1, 0.049, True, verdicts.REPRODUCED),
        ((0, 0.05), 1, 0.01, False, verdicts.NOT_REPRODUCED),
        ((0, 0.05), 1, 0.3, True, verdicts.SAME_DIRECTION),
        ((0, 0.05), 1, 0.3, False, verdicts.NOT_REPRODUCED),
        ((0.766, 0.766), 1, 0.2, True, verdicts.REPRODUCED),
        ((0.766, 0.766), 1, 0.2, False, verdicts.NOT_REPRODUCED),
        ((0.766, 0.766), 1, 0.01, True, verdicts.SAME_DIRECTION),
        ((0.766, 0.766), 1, 0.01, False, verdicts.NOT_REPRODUCED),
        # "Does not change": there is no direction to be reproduced.
        ((0.05, 1), 0, 0.2, False, verdicts.REPRODUCED),
        ((0.05, 1), 0, 0.01, False, verdicts.NOT_REPRODUCED),
    ],
)
def test_a_test_is_reproduced_on_the_same_side_and_in_the_same_direction(
    p_published, change, p, same, expected
):
    published = Published(*p_published, "", change)
    for statistic in ("welch", "paired", "ols"):
        assert verdict(published, ours(p=p), statistic, same) == expected


def test_what_was_not_measured_cannot_be_compared():
    nothing = ours(reason="n = 2: an interval needs 3")
    for statistic in ("mean", "welch"):
        published = Published(0, 10, "")
        assert verdict(published, nothing, statistic, True) == verdicts.CANNOT_BE_COMPARED


def one_claim(tmp_path, part, rows, **fields):
    """Measures a claim of one's own on rows of one's own."""
    (tmp_path / "results").mkdir(exist_ok=True)
    pd.DataFrame(rows).to_parquet(tmp_path / "results" / "rows.parquet")
    text = {
        "protocols": ["released"],
        "table_3": {"gates": ["XOR"], "hidden": [3, 3], "noise": 0},
        "views": {},
        "claims": [
            {
                "id": "C01",
                "place": "here",
                "statement": "so",
                "reads": {"formulas": ["none"]},
                "parts": part if isinstance(part, list) else [part],
                "query": """
                    SELECT 'released' AS protocol, true AS used, * FROM 'results/rows.parquet'
                """,
                **fields,
            }
        ],
    }
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(text))
    ledger = load_claims(path)
    return measure_claims(ledger, tmp_path), ledger


def test_directions_of_counts_are_sides_of_one(tmp_path):
    for published, expected in ((60, "same direction"), (0.5, "not reproduced")):
        part = {"part": "x", "statistic": "mean", "published": published}
        found, _ = one_claim(tmp_path, part, {"value": [4.0, 5, 6]})
        assert found["verdict"].item() == expected


def test_directions_of_shares_are_sides_of_one_half(tmp_path):
    values = {"value": [1.0] * 30 + [0.0] * 70}
    for published, expected in ((0.05, "same direction"), (0.9, "not reproduced")):
        part = {"part": "x", "statistic": "share", "published": published}
        found, _ = one_claim(tmp_path, part, values)
        assert found["verdict"].item() == expected


def test_directions_of_a_line_are_signs(tmp_path):
    x = np.arange(30.0)
    rows = {"x": x, "value": 2 * x + np.sin(x)}
    for published, expected in (
        (1.99, "reproduced"),
        (50, "same direction"),
        (-2, "not reproduced"),
    ):
        part = {"part": "x", "statistic": "slope", "published": published}
        found, _ = one_claim(tmp_path, part, rows)
        assert found["verdict"].item() == expected


def test_directions_of_ordered_parts_are_changes_from_part_to_part(tmp_path):
    samples = {"a": 4.0, "b": 8.0, "c": 6.0}
    rows = {
        "sample": [name for name in samples for _ in range(9)],
        "value": [value for value in samples.values() for _ in range(9)],
    }
    parts = [
        {"part": name, "statistic": "median", "published": published}
        for name, published in (("a", 10), ("b", 20), ("c", 30))
    ]
    found, _ = one_claim(tmp_path, parts, rows, ordered=True)
    assert list(found["verdict"]) == ["same direction", "same direction", "not reproduced"]


def test_series_of_ordered_parts_are_apart(tmp_path):
    samples = {"a": 4.0, "b": 8.0, "a, other": 2.0, "b, other": 1.0}
    rows = {
        "sample": [name for name in samples for _ in range(9)],
        "value": [value for value in samples.values() for _ in range(9)],
    }
    parts = [
        {"part": name, "statistic": "median", "published": published}
        for name, published in zip(samples, (10, 20, 5, 3), strict=True)
    ]
    found, _ = one_claim(tmp_path, parts, rows, ordered=True)
    # The first of the others falls as published, though it is below the last part before it.
    assert list(found["verdict"]) == ["same direction"] * 4


def test_what_is_of_another_kind_is_measured_and_not_judged(tmp_path):
    part = {"part": "x", "statistic": "mean", "published": 5, "incomparable": "counted otherwise"}
    found, ledger = one_claim(tmp_path, part, {"value": [4.0, 5, 6]})
    assert found["verdict"].item() == verdicts.CANNOT_BE_COMPARED
    assert (found["value"].item(), found["reason"].item()) == (5, "counted otherwise")
    cell = claims.overview(found, ledger)["released"].item()
    assert cell == "cannot be compared (counted otherwise)"


def test_a_claim_that_does_not_apply_to_a_protocol(tmp_path):
    part = {"part": "x", "statistic": "mean", "published": 5}
    found, ledger = one_claim(
        tmp_path, part, {"value": [4.0, 5, 6]}, not_applicable={"released": "has others"}
    )
    assert found["verdict"].item() == verdicts.NOT_APPLICABLE
    assert claims.overview(found, ledger)["released"].item() == "not applicable (has others)"


def test_one_network_has_no_direction(tmp_path):
    part = {"part": "x", "statistic": "percentile", "published": 900}
    found, _ = one_claim(tmp_path, part, {"value": np.arange(101.0)})
    assert found["verdict"].item() == verdicts.NOT_REPRODUCED


def test_a_test_follows_the_order_of_its_samples(tmp_path):
    rng = np.random.default_rng(0)
    rows = {
        "sample": ["before"] * 40 + ["after"] * 40,
        "value": np.concatenate([rng.normal(5, 1, 40), rng.normal(3, 1, 40)]),
    }
    for change, expected in (("falls", "reproduced"), ("rises", "not reproduced")):
        part = {
            "part": "change",
            "statistic": "welch",
            "of": ["before", "after"],
            "published": {"change": change, "p": {"below": 0.05}},
        }
        found, _ = one_claim(tmp_path, part, rows)
        assert found["verdict"].item() == expected
        assert found["value"].item() < found["high"].item() < 0
        assert found["effect"].item() < 0


def test_a_percentile_is_of_the_published_value(tmp_path):
    part = {"part": "x", "statistic": "percentile", "published": 90}
    found, ledger = one_claim(tmp_path, part, {"value": np.arange(101.0)})
    assert found["verdict"].item() == "reproduced"
    assert found["percentile"].item() == pytest.approx(90, abs=1)
    cell = claims.overview(found, ledger)["released"].item()
    assert re.fullmatch(r"50 \[1; 99\], percentile 9\d: reproduced", cell)


def test_an_interval_that_the_bootstrap_does_not_find_is_no_verdict():
    rows = pd.DataFrame({"x": [0.0, 1, 2], "value": [0.0, 1, 5]})
    found = measure("slope", Published(2.5, 2.5, ""), Samples((rows,)))
    assert found.estimate.reason == "n = 3: the bootstrap finds no interval"


# The tables


def test_the_overview_has_a_row_per_part_and_the_verdicts_one_per_claim(measured, ledger):
    parts = claims.overview(measured, ledger)
    assert len(parts) == len(measured.drop_duplicates(["claim", "part"]))
    assert parts.set_index(["claim", "part"]).loc[("C01", "formulas"), "text"] == (
        "132: same direction"
    )
    short = claims.verdicts(measured, ledger).set_index("claim")
    assert list(short.index) == list(ledger.claims)
    assert short.loc["C01", "released"] == "reproduced"
    assert short.loc["C01", "released-noisy"] == ""
    numbers = sum(int(n) for n in re.findall(r"\d+", short.loc["C11", "text"]))
    assert numbers in (0, 10)


# The differences


@pytest.fixture(scope="module")
def differences():
    return load_differences(DIFFERENCES)


def test_every_difference_that_can_be_switched_is(differences):
    switched = ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D09", "D10", "D13", "D14"]
    assert [difference.id for difference in differences] == switched
    for difference in differences:
        for side in (side for sides in difference.comparisons for side in sides):
            known = CONFIG.protocols_of(CONFIG.families[side.family])
            assert side.protocol in {protocol.name for protocol in known}


def test_effects_of_differences(results, ledger, differences):
    found = effects(differences, ledger.views, results, [f.name for f in CONFIG.used])
    keys = ["difference", "before", "quantity"]
    assert len(found) == 4 * sum(len(d.comparisons) for d in differences)
    rows = found.set_index(keys)
    same = rows.loc[("D01", "mixed-k3, text", "n_circuits")]
    assert same["paired"]
    assert (same["ratio"], same["ratio_low"], same["ratio_high"]) == (1, 1, 1)
    assert same["n_before"] == same["n_after"] == len(SEEDS) - 1
    counts = [s % 7 for s in SEEDS if s != 5]
    assert same["mean_before"] == pytest.approx(np.mean(counts))
    assert same["unique_before"] == pytest.approx(np.mean([c == 1 for c in counts]))
    assert same["none_before"] == pytest.approx(np.mean([c == 0 for c in counts]))
    without = rows.loc[("D10", "tasks-n3, text", "n_mappings")]
    assert without["after"] == "tasks-n3 without XNOR, text"
    assert 0 < without["n_after"] < without["n_before"]
    wide = rows.sort_index().loc[("D14", "mixed-k5, text")]
    n = 2 * (len(SEEDS) - 1)
    assert wide.loc["n_interpretations", "reason"] == f"interpretations estimated in {n} networks"
    assert np.isfinite(wide["ratio"]).all()
    assert wide["reason"].drop("n_interpretations").isna().all()
    assert rows["reason"].str.contains("estimated").sum() == 1


def test_a_difference_from_what_is_left_open(results, ledger, differences):
    (d14,) = (d for d in differences if d.id == "D14")
    (sides,) = (pair for pair in d14.comparisons if pair[0].family == "mixed-k5")
    left_open = replace(d14, comparisons=(tuple(replace(s, protocol="strict") for s in sides),))
    found = effects([left_open], ledger.views, results, ["mixed-k5", "xor-k5"])
    found = found.set_index("quantity")
    for quantity in ("n_circuits", "n_interpretations"):
        assert found.loc[quantity, "reason"] == "left open: the box is too large to be counted"
        assert np.isnan(found.loc[quantity, "ratio"])
    assert np.isfinite(found.loc["n_mappings", "ratio"])


def test_effects_in_a_run_without_a_family(results, ledger, differences):
    found = effects(differences, ledger.views, results, ["xor-k3"])
    reasons = found.set_index(["difference", "before", "quantity"])["reason"]
    assert pd.isna(reasons[("D02", "xor-k3, text", "n_circuits")])
    assert reasons[("D02", "mixed-k3, text", "n_circuits")] == "not in this run: mixed-k3"


def test_a_difference_whose_side_has_no_rows_is_named(results, ledger, differences):
    before, after = differences[0].comparisons[0]
    strange = replace(differences[0], comparisons=((before, replace(after, protocol="x")),))
    with pytest.raises(UserError, match="difference D01, mixed-k3, x: its query finds no rows"):
        effects([strange], ledger.views, results, ["mixed-k3"])


def test_a_run_reads_the_files_of_its_families_alone():
    reads = {"summary": ["a", "b"], "formulas": ["depth-3"]}
    assert restrict(reads, ["a"]) == ({"summary": ["a"], "formulas": ["depth-3"]}, ("b",))
    assert restrict(reads, None) == (reads, ())
