"""The paper's tables and the values they are compared with."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats

from identifiability.circuits.words import gate_name, parent_names
from identifiability.evidence.comparisons import comparisons, regressions
from identifiability.evidence.ledger import load_claims
from identifiability.exhibits.exhibit import EXHIBITS
from identifiability.exhibits.table_files import NOTE, markdown, write
from identifiability.exhibits.tables.untrained import untrained_answers
from identifiability.store.contracts import ContractError
from identifiability.store.hashes import hash_parquet

ROOT = Path(__file__).parents[2]


# Networks trained without and with noise: circuits, interpretations, algorithms, mappings; and
# the entropy of the inputs of each.
WITHOUT = [(s % 5 + 2, 10 * (s % 3 + 1), s % 3, s % 3 * 2) for s in range(20)]
WITH = [(s % 5 + 9, 10 * (s % 3 + 1), 0, 0) for s in range(20)]


@pytest.fixture
def folder(tmp_path):
    """A run of four families, whose networks differ in nothing but what Tables 3 and 4 compare."""
    families = {
        "xor-k3": WITHOUT,
        "xor-k3-cutoff-1e-2": WITHOUT,
        "xor-k3-noise": WITH,
        "xor-k3-noise-cutoff-1e-2": WITH[:2],
        "mixed-k3-skewed": WITHOUT,
    }
    for name, networks in families.items():
        rows = [
            {
                "family": name,
                "network_id": f"{name}/{seed}",
                "target": "XOR",
                "protocol": protocol,
                **dict.fromkeys(("converged", "functional", "analysed"), True),
                "how": "exact",
                "n_circuits": circuits,
                "n_interpretations": str(interpretations),
                "n_interpretations_reachable": str(interpretations),
                "n_algorithms": algorithms,
                "n_mappings": mappings,
                **dict.fromkeys(("q1", "q2", "q3", "q4", "q4_mapped"), "several"),
            }
            for seed, (circuits, interpretations, algorithms, mappings) in enumerate(networks)
            for protocol in ("released", "text", "strict", "released-noisy")
            if protocol != "released-noisy" or "noise" in name
        ]
        path = tmp_path / "results" / "summary" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_parquet(path)
    chances = [
        {"network_id": f"mixed-k3-skewed/{seed}", "input": row, "probability": p}
        for seed in range(20)
        for row, p in (("00", (seed + 1) / 40), ("01", 1 - (seed + 1) / 40), ("10", 0), ("11", 0))
    ]
    (tmp_path / "data" / "datasets").mkdir(parents=True)
    pd.DataFrame(chances).to_parquet(tmp_path / "data" / "datasets" / "mixed-k3-skewed.parquet")
    return tmp_path


@pytest.fixture
def ledger():
    return load_claims(ROOT / "paper" / "claims.yaml")


def test_table_3_compares_networks_without_and_with_noise(folder, ledger):
    claims = [ledger.claims[f"C{number}"] for number in range(15, 21)]
    table = comparisons(claims, folder)
    assert len(table) == 6 * 2 * 4
    rows = table.set_index(["claim", "comparison", "protocol"])
    found = rows.loc[("C18", "without noise → with noise", "text")]
    assert (found["published_before"], found["published_after"]) == (52.3, 28.6)
    assert (found["mean_before"], found["mean_after"], found["difference"]) == (4, 11, 7)
    before, after = ([row[0] for row in rows] for rows in (WITHOUT, WITH))
    welch = stats.ttest_ind(after, before, equal_var=False).pvalue
    assert found["p"] == pytest.approx(welch)
    assert found["p_holm"] > found["p"]
    assert (found["n_before"], found["n_after"]) == (20, 20)
    assert found["cliffs_delta"] == 1
    # Mappings per algorithm are over the networks with an algorithm, of which noise leaves none.
    found = rows.loc[("C16", "without noise → with noise", "strict")]
    assert (found["mean_before"], found["n_before"], found["n_after"]) == (2, 13, 0)
    assert np.isnan(found["p"])
    assert found["reason"] == "n = 13 and 0: a test needs 3 in each group"
    few = rows.loc[("C18", "without noise, 1e-2 → with noise, 1e-2", "text")]
    assert few["reason"] == "n = 20 and 2: a test needs 3 in each group"
    assert np.isnan(few[["p", "p_holm", "p_rank", "p_rank_holm"]].astype(float)).all()


def test_p_values_are_corrected_for_those_of_their_table(folder, ledger):
    table = comparisons([ledger.claims["C18"]], folder)
    # Two comparisons, of which one has no test, under each of four protocols.
    assert table["p"].notna().sum() == 4
    assert table["p_holm"].dropna().to_numpy() == pytest.approx(4 * table["p"].dropna())
    assert table["p_rank_holm"].dropna().to_numpy() == pytest.approx(4 * table["p_rank"].dropna())


def test_table_4_regresses_on_the_entropy_in_bits(folder, ledger):
    table = regressions([ledger.claims["C24"]], folder)
    assert list(table["protocol"]) == ["released", "text", "strict"]
    found = table.iloc[0]
    chance = np.arange(1, 21) / 40
    bits = -chance * np.log2(chance) - (1 - chance) * np.log2(1 - chance)
    line = stats.linregress(bits, [row[0] for row in WITHOUT])
    assert found["slope"] == pytest.approx(line.slope)
    assert found["intercept"] == pytest.approx(line.intercept)
    assert found["p"] == pytest.approx(line.pvalue)
    assert found["slope_low"] < found["slope"] < found["slope_high"]
    assert (found["published_slope"], found["published_intercept"]) == (-326, 556)
    assert found["p_holm"] == pytest.approx(min(1, 3 * line.pvalue))
    assert found["n"] == 20


def test_untrained_networks_by_gate():
    draws = pd.DataFrame({"target": ["AND", "XOR"], "n_draws": 1000, "n_found": [40, 0]})
    rows = [
        {
            "target": "AND",
            "protocol": protocol,
            "analysed": True,
            "q1": "several",
            "q2": "several",
        }
        | {"q3": answer, "q4": "unique"}
        for protocol in ("released", "text", "text-D01")
        for answer in ("several", "none", "several")
    ]
    table = untrained_answers(draws, pd.DataFrame(rows), ["released", "text"])
    assert list(table["gate"]) == ["AND", "AND", "XOR", "XOR"]
    found = table.iloc[0]
    assert (found["rate"], found["n"]) == (0.04, 3)
    exact = stats.binomtest(40, 1000).proportion_ci()
    assert (found["rate_low"], found["rate_high"]) == pytest.approx(tuple(exact))
    several = [found[f"several_{q}"] for q in ("circuits", "interpretations", "algorithms")]
    assert (several, found["several_mappings"]) == ([3, 3, 2], 0)
    assert (table.iloc[2]["rate_low"], table.iloc[2]["n"]) == (0, 0)


def test_a_table_in_markdown_has_intervals_beside_values_and_no_nan():
    table = pd.DataFrame(
        {
            "name": ["a|b", None],
            "mean": [1.5, np.nan],
            "mean_low": [1.0, np.nan],
            "mean_high": 2.25,
        }
        | {"p": [0.00012, np.nan], "n": [3, 0]}
    )
    lines = markdown(table).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[1:-1]] == ["name", "mean", "p", "n"]
    assert "1.5 [1; 2.25]" in lines[2]
    assert r"a\|b" in lines[2]
    assert "1.20×10⁻⁴" in lines[2]
    assert [cell.strip() for cell in lines[3].split("|")[1:-1]] == ["", "", "", "0"]


def test_a_table_is_written_thrice_if_it_keeps_its_contract(tmp_path):
    table = pd.DataFrame(
        {"circuit_id": "11|1", "interpretation": [1], "h1.1 gate": "A AND B"}
        | {"h1.1 separator": 0.5, "out gate": "h1.1", "out separator": 0.5}
    )
    exhibit = EXHIBITS["table_1"]
    paths = {format: str(tmp_path / Path(path).name) for format, path in exhibit.paths.items()}
    with pytest.raises(ContractError, match=r"^tables/table_1: .*: h1\.1 number"):
        write(table.assign(**{"h1.1 number": 7}), exhibit, paths, {})
    assert not list(tmp_path.iterdir())
    table.attrs[NOTE] = "Of one network"
    write(table, exhibit, paths, {"settings": "{}"})
    text = (tmp_path / "table_1.md").read_text()
    assert text.startswith(f"Table 1. {exhibit.caption}\n\nOf one network.\n\n| circuit_id ")
    pd.testing.assert_frame_equal(pd.read_csv(paths["csv"]), table)
    pd.testing.assert_frame_equal(pd.read_parquet(paths["parquet"]), table)
    said = pq.read_schema(paths["parquet"]).metadata
    assert (said[b"artifact"], said[b"settings"]) == (b"tables/table_1", b"{}")
    assert said[b"content_sha256"] == hash_parquet(Path(paths["parquet"])).encode()


@pytest.mark.parametrize(
    ("table", "parents", "name"),
    [
        ((0, 1), ["h1.1"], "h1.1"),
        ((1, 0), ["h1.1"], "NOT h1.1"),
        ((1, 1, 0, 1), ["A", "B"], "A IMP B"),
        ((1, 0, 1, 1), ["A", "B"], "B IMP A"),
        ((1, 1, 0, 0), ["A", "B"], "NOT A"),
        ((0, 1, 0, 0, 0, 0, 1, 0), ["x", "y", "z"], "01000010 over x, y, z"),
    ],
)
def test_gates_in_words(table, parents, name):
    assert gate_name(table, parents) == name


def test_parents_of_a_circuit():
    masks = [np.array([1, 3]), np.array([3, 0]), np.array([1])]
    assert parent_names((2, 2, 2, 1), masks) == [
        *([["A", "B"]] * 2),
        *(["h1.1", "h1.2"], []),
        ["h2.1"],
    ]
