"""The README: what its headline says, and whence."""

import pandas as pd
import pytest

from identifiability.report import readme

PROTOCOLS = ("released", "text", "strict")


def answers(family, circuits, algorithms, targets=("XOR",), left_out=0):
    """The artifact `summary`: Q1 and Q3 by protocol, an answer per network and target."""
    rows = [
        {
            "family": family,
            "network_id": f"{family}/{seed}",
            "target": target,
            "protocol": protocol,
            "converged": seed >= left_out,
            "how": "exact",
            "q1": q1,
            "q2": "unique" if q1 == "unique" else "several",
            "q3": algorithms[protocol],
            "q4": "several",
        }
        for protocol in PROTOCOLS
        for seed, networks in enumerate(circuits[protocol])
        for target, q1 in zip(targets, networks, strict=True)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def summaries():
    # The first network of width 2 has not converged.
    narrow = {
        "released": [["several"], ["none"], ["unique"]],
        "text": [["several"], ["unique"], ["unique"]],
        "strict": [["several"], ["several"], ["unique"]],
    }
    several = {protocol: [["several"], ["several"]] for protocol in PROTOCOLS}
    half = {protocol: [["several", "unique"]] for protocol in PROTOCOLS}
    unique = {"released": "none", "text": "several", "strict": "unique"}
    return {
        "xor-k2": answers("xor-k2", narrow, unique, left_out=1),
        "xor-k3": answers("xor-k3", several, dict.fromkeys(PROTOCOLS, "several")),
        "tasks-n2": answers("tasks-n2", half, dict.fromkeys(PROTOCOLS, "several"), ("XOR", "AND")),
    }


def headline(summaries):
    ladder = pd.DataFrame(
        {
            "question": ["algorithm", "algorithm", "algorithm"],
            "protocol": "strict",
            "family": ["xor-k3", "xor-k2", "mixed-k2"],
            "x": [3, 2, 2],
        }
    )
    means = {"without noise, 1e-2": ("released", 53.1), "with noise, 1e-2": ("released", 58.5)}
    claims = pd.DataFrame(
        [
            *({"part": part, "protocol": p, "value": v} for part, (p, v) in means.items()),
            {"part": "with noise, 1e-2", "protocol": "released-noisy", "value": 23.7},
        ]
    ).assign(claim="C18")
    return " ".join(readme.headline(claims, ladder, summaries).split())


def test_shares_are_over_all_networks_by_protocol(summaries):
    # Of five networks: one or two of width 2, two of width 3, and one that counts by a half.
    said = headline(summaries)
    assert "Of the 5 converged networks of all experiments on Boolean gates" in said
    assert (
        "50% under `released`, 50% under `text` and 70% under `strict` have several perfect "
        "circuits. 30% under `released`, 50% under `text` and 30% under `strict` have exactly one "
        "interpretation." in said
    )


def test_says_where_interpretations_are_estimated(summaries):
    wide = summaries["xor-k3"]
    guessed = wide.assign(how=wide["how"].mask(wide["protocol"] == "text", "estimate"))
    assert "(estimated in part under `text`)" in headline(summaries | {"xor-k3": guessed})
    none = {name: rows.assign(q2="several") for name, rows in summaries.items()}
    assert (
        "No network has exactly one interpretation under any of `released`, `text` and `strict`."
        in headline(none)
    )


def test_says_under_which_protocols_the_narrowest_have_one_circuit_at_most(summaries):
    assert (
        "XOR networks of width 2 have at most one perfect circuit under `released` and `text`."
        in headline(summaries)
    )
    wide = summaries | {"xor-k2": summaries["xor-k2"].assign(q1="several")}
    assert "at most" not in headline(wide)


def test_every_number_on_algorithms_and_noise_has_its_protocol(summaries):
    said = headline(summaries)
    assert "Under `strict`, which" in said
    assert "100% and 0% of the XOR networks of width 2 and 3 have exactly one algorithm" in said
    assert "Under `text`, which" in said
    assert "none of them has exactly one algorithm" in said
    assert "53.1 without noise (`released`) and 23.7 with noise (`released-noisy`)" in said
    assert "the same networks have 58.5 (`released`)" in said


def test_a_heading_that_does_not_hold_stops_the_page(summaries):
    unique = {name: rows.assign(q1="unique") for name, rows in summaries.items()}
    with pytest.raises(ValueError, match="Circuits and interpretations are rarely unique"):
        headline(unique)
    wide = summaries | {"xor-k3": summaries["xor-k3"].assign(q3="unique")}
    with pytest.raises(ValueError, match="in narrow networks"):
        headline(wide)


def test_times_are_summed_over_the_jobs_of_a_rule(tmp_path):
    for job, (seconds, cpu) in enumerate([(10, 18), (5, 7)]):
        row = {"s": seconds, "cpu_time": cpu, "max_rss": 100 + job, "rule_name": "interpretations"}
        pd.DataFrame([row]).to_csv(tmp_path / f"{job}.tsv", sep="\t", index=False)
    heading, _, line = readme.times(tmp_path).splitlines()
    assert heading == "| rule | jobs | wall-clock seconds | CPU seconds | largest job, MB |"
    assert line == "| `interpretations` | 2 | 15 | 25 | 101 |"
