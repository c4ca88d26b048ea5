"""The README: what its headline says, and whence."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from identifiability.report import readme

PROTOCOLS = ("released", "text", "strict")


def answers(family, circuits, targets=("XOR",), left_out=0, protocols=PROTOCOLS, **fixed):
    """The artifact `summary`: Q1 by protocol, an answer per network and target."""
    rows = [
        {
            "family": family,
            "network_id": f"{family}/{seed}",
            "target": target,
            "protocol": protocol,
            "analysed": seed >= left_out,
            "how": "exact",
            "n_interpretations": "5000",
            "n_interpretations_reachable": "100",
            "n_mappings": 4,
            "q1": q1,
            "q4": "several",
        }
        | fixed
        for protocol in protocols
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
    several = {protocol: [["several"], ["several"]] for protocol in (*PROTOCOLS, "text-D04")}
    half = {protocol: [["several", "unique"]] for protocol in PROTOCOLS}
    mixed = answers("mixed-k3", several, protocols=(*PROTOCOLS, "text-D04"))
    mixed.loc[mixed["protocol"] == "text-D04", "n_mappings"] = 40
    mixed.loc[(mixed["protocol"] == "text") & (mixed["network_id"] == "mixed-k3/0"), "q4"] = (
        "empty"
    )
    return {
        "xor-k2": answers("xor-k2", narrow, left_out=1),
        "xor-k3": answers("xor-k3", several),
        "mixed-k3": mixed,
        "tasks-n2": answers("tasks-n2", half, ("XOR", "AND")),
    }


QUESTIONS = {"circuit": 108, "interpretation": 216, "algorithm": 240, "mapping": 480}


@pytest.fixture
def rungs():
    """The table `table_ladder`: shares of XOR networks of two widths."""
    shares = {
        ("circuit", "minimal"): (0.9, 0.3),
        ("circuit", "sparsest"): (0.9, 0.4),
        ("circuit", "complete and minimal"): (0.95, None),
        ("algorithm", "16 pairs"): (1.0, 0.2),
        ("algorithm", "irredundant steps"): (1.0, 0.8),
        ("algorithm", "joint interventions"): (1.0, 0.7),
        ("algorithm", "joint, inert neurons"): (1.0, 0.75),
        ("algorithm", "joint, inert, irredundant"): (1.0, 0.76),
        ("place", "joint, inert neurons"): (0.85, 0.25),
    }
    rows = [
        {"question": q, "step": step, "family": f"xor-k{k}", "x": k, "share_unique": share}
        for (q, step), own in shares.items()
        for k, share in zip((2, 3), own, strict=True)
    ]
    # Of four gates a tenth less.
    rows += [
        row | {"family": f"mixed-k{row['x']}", "share_unique": row["share_unique"] - 0.1}
        for row in rows
        if row["x"] == 3 and row["question"] == "algorithm"
    ]
    rows.append(rows[0] | {"family": "tasks-n2", "x": 2, "experiment": "tasks"})
    return pd.DataFrame(rows).fillna({"experiment": "size"})


def spread():
    """The table `spread` of XOR networks of two widths."""
    rows = [
        {
            "question": question, "family": family, "n_readings": n_readings,
            "n_known": n_readings,
            "least": 0.05, "most": most,
        }
        for question, n_readings in QUESTIONS.items()
        for family, most in (("xor-k2", 0.9), ("xor-k3", 0.4))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def headline(summaries, rungs):
    means = {"without noise, 1e-2": ("released", 53.1), "with noise, 1e-2": ("released", 58.5)}
    claims = pd.DataFrame(
        [
            *({"part": part, "protocol": p, "value": v} for part, (p, v) in means.items()),
            {"part": "with noise, 1e-2", "protocol": "released-noisy", "value": 23.7},
        ]
    ).assign(claim="C18")
    return " ".join(readme.headline(claims, rungs, spread(), summaries).split())


def test_shares_are_over_all_networks_by_protocol(summaries, rungs):
    # Of seven networks: one or two of width 2, four of width 3, and one that counts by a half.
    said = headline(summaries, rungs)
    assert "Of the 7 converged networks of all experiments on Boolean gates" in said
    assert "64% under `released`, 64% under `text` and 79% under `strict` have several" in said


def test_readings_have_their_number_and_their_ends(summaries, rungs):
    said = headline(summaries, rungs)
    assert "108 combinations for circuits, 216 for interpretations, 240 for algorithms" in said
    assert "at most 90% and 40% of the XOR networks (k = 2 and 3)" in said
    assert "at width 3 it is in 5% to 40% of them" in said


def test_what_is_left_open_has_no_share(summaries, rungs):
    said = headline(summaries, rungs)
    assert "90% and 30% (k = 2 and 3) have exactly one minimal circuit under `strict`" in said
    assert "95% (k = 2) exactly one that is complete and minimal" in said
    assert "Sparsity alone singles out one in 90% and 40% (k = 2 and 3)." in said


def test_interpretations_are_led_by_those_that_inputs_reach(summaries, rungs):
    said = headline(summaries, rungs)
    assert (
        "100 under `released`, of 5,000 in all; and 100 under `strict`, of 5,000 in all." in said
    )
    wide = summaries["mixed-k3"]
    guessed = wide.assign(how=wide["how"].mask(wide["protocol"] == "strict", "estimate"))
    said = headline(summaries | {"mixed-k3": guessed}, rungs)
    assert "(estimated in the widest under `strict`)" in said


def test_empty_mappings_are_told_apart(summaries, rungs):
    said = headline(summaries, rungs)
    assert "has 4 minimal mappings on average, and with these 6 pairs (`text-D04`) 40." in said
    assert "Of the 2 networks, 1 have exactly one under `text`; in 1 of them" in said


def test_every_number_on_algorithms_and_noise_has_its_protocol(summaries, rungs):
    said = headline(summaries, rungs)
    assert (
        "100% and 20% (k = 2 and 3) of the XOR networks have exactly one algorithm under" in said
    )
    assert "100% and 70% (k = 2 and 3) have (`strict-joint`)" in said
    assert "and 100% and 75% (k = 2 and 3) if forcing the neurons that no variable" in said
    assert "(`strict-irredundant`), 100% and 80% (k = 2 and 3) have exactly one." in said
    assert "from four, `abstraction` leaves one in 65% (k = 3), and in 66% (k = 3)" in said
    assert "is left in 85% and 25% (k = 2 and 3) of the XOR networks." in said
    assert "53.1 without noise (`released`) and 23.7 with noise (`released-noisy`)" in said
    assert "the same networks have 58.5 (`released`)" in said


@pytest.mark.parametrize(
    ("heading", "family", "column", "value"),
    [
        ("several perfect circuits survive", "xor-k3", "q1", "unique"),
        ("where no input reaches", "mixed-k3", "n_interpretations_reachable", "4000"),
        ("a single mapping is mostly empty", "mixed-k3", "q4", "several"),
        ("multiplies mappings", "mixed-k3", "n_mappings", 4),
    ],
)
def test_a_heading_that_does_not_hold_stops_the_page(
    summaries, rungs, heading, family, column, value
):
    changed = summaries | {family: summaries[family].assign(**{column: value})}
    with pytest.raises(ValueError, match=heading):
        headline(changed, rungs)


@pytest.mark.parametrize("step", ["joint interventions", "irredundant steps"])
def test_joint_interventions_and_padding_that_explain_little_stop_the_page(summaries, rungs, step):
    alike = rungs.assign(share_unique=rungs["share_unique"].where(rungs["step"] != step, 0.2))
    with pytest.raises(ValueError, match="several variables at once"):
        headline(summaries, alike)


def test_pictures_are_copied_smaller_and_look_the_same(tmp_path):
    drawn = np.random.default_rng(0).integers(0, 4, (60, 80, 1), np.uint8) * np.uint8(60)
    pixels = np.concatenate([drawn, drawn // 2, 255 - drawn], axis=2)
    (tmp_path / "docs").mkdir()
    Image.fromarray(pixels).convert("RGBA").save(tmp_path / "figure.png")
    readme.copy_picture("figure", tmp_path, tmp_path / "docs")
    with Image.open(tmp_path / "docs" / "figure.png") as copied:
        np.testing.assert_array_equal(np.asarray(copied.convert("RGB")), pixels)
    sizes = [(tmp_path / folder / "figure.png").stat().st_size for folder in ("docs", ".")]
    assert sizes[0] < sizes[1]


def test_times_are_summed_over_the_jobs_of_a_rule(tmp_path):
    for job, (seconds, cpu) in enumerate([(10, 18), (5, 7)]):
        row = {"s": seconds, "cpu_time": cpu, "max_rss": 100 + job, "rule_name": "interpretations"}
        pd.DataFrame([row]).to_csv(tmp_path / f"{job}.tsv", sep="\t", index=False)
    heading, _, line = readme.times(tmp_path).splitlines()
    assert heading == "| rule | jobs | wall-clock seconds | CPU seconds | largest job, MB |"
    assert line == "| `interpretations` | 2 | 15 | 25 | 101 |"
