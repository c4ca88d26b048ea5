"""The authors' own network: the file, what is found in it, and what their notebook prints.

The file is not ours to publish: tests of the network itself need it in data/authors, where
`snakemake authors` puts it, or where AUTHORS_NETWORK says.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from identifiability import explain, plain
from identifiability.authors.check import counts, judge
from identifiability.authors.draws import draws
from identifiability.authors.figure import draw
from identifiability.authors.settings import SHA256, Authors, family_of_authors, get_file
from identifiability.errors import UserError
from identifiability.evidence.ledger import load_claims
from identifiability.networks.families import Training
from identifiability.networks.files import load
from identifiability.networks.own import own_networks
from identifiability.plain import PlainNetwork
from identifiability.store.download import sha256_of
from identifiability.store.paths import PROJECT
from tests.exhibits.drawn import words_of

SETTINGS = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())
PRINTED = load_claims(PROJECT / "paper" / "claims.yaml").printed
PLACES = [
    Path(os.environ.get("AUTHORS_NETWORK", PROJECT / "data" / "authors" / "xor_mlp.pt")),
    PROJECT.parent / "shared" / "authors" / "xor_mlp.pt",
]


@pytest.fixture(scope="module")
def file():
    found = [place for place in PLACES if place.is_file()]
    if not found:
        pytest.skip("needs the authors' network: `snakemake authors`, or AUTHORS_NETWORK")
    assert sha256_of(found[0]) == SHA256
    return found[0]


# The file ----------------------------------------------------------------------------------------


def test_a_copy_is_taken_and_checked(file, tmp_path):
    target = tmp_path / "data" / "xor_mlp.pt"
    get_file(Authors(file, (), 1), target)
    assert target.read_bytes() == file.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["xor_mlp.pt"]


def test_another_file_is_refused(tmp_path):
    (tmp_path / "other.pt").write_bytes(b"other")
    with pytest.raises(UserError, match=r"is another file than the authors' xor_mlp\.pt") as error:
        get_file(Authors(tmp_path / "other.pt", (), 1), tmp_path / "data" / "xor_mlp.pt")
    assert SHA256 in str(error.value)
    assert not (tmp_path / "data").exists()
    with pytest.raises(
        UserError, match=r"authors.path: .*nothing.pt: no such file; leave the key"
    ):
        get_file(Authors(tmp_path / "nothing.pt", (), 1), tmp_path / "data" / "xor_mlp.pt")


def test_a_download_that_fails_says_what_else_would_do(tmp_path):
    with pytest.raises(
        UserError, match=r"cannot be downloaded .*authors: \{path: FILE\}"
    ) as error:
        get_file(Authors(None, ("http://127.0.0.1:9",), 1), tmp_path / "xor_mlp.pt")
    assert "\n" not in str(error.value)


# The network -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network(file):
    return load(file)[0]


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        # An independent count, in the order of `found`.
        ("released", (32, None, None, 7, 42)),
        ("text", (7, 826, None, 2, 2)),
        ("strict", (197, 147_899_020, 7_836, 1, 1)),
        ("abstraction", (197, 147_899_020, 7_836, 1, 1)),
    ],
)
def test_what_is_found_is_what_was_counted_apart(network, protocol, expected):
    (target,) = explain(network, protocol=protocol)["targets"]
    found = [
        int(target[name])
        for name in (
            "n_circuits",
            "n_interpretations",
            "n_interpretations_reachable",
            "n_algorithms",
            "n_mappings",
        )
    ]
    assert all(one in (None, own) for one, own in zip(expected, found, strict=True)), found


def test_the_one_mapping_under_strict_passes_all_joint_interventions(network):
    (mapping,) = explain(network, protocol="strict")["targets"][0]["mappings"]
    plainly = PlainNetwork(
        [w[0].tolist() for w in network.weights], [b[0].tolist() for b in network.biases]
    )
    rules = plain.strict()
    (formula,) = (
        f
        for f in plain.formulas((0, 1, 1, 0), "strict")
        if plain.formula_text(f) == mapping["formula"]
    )
    places = [(place["layer"], tuple(place["neurons"])) for place in mapping["mapping"]]
    assert plain.passes(plainly, formula, places, replace(rules, interventions="joint"))


def test_printed_numbers_lie_among_those_found_on_noisy_inputs(file):
    family = family_of_authors(str(file), Training(**SETTINGS["training"]))
    networks = own_networks(family)
    found = draws(networks, family, 60, 1e-9)
    assert found["draw"].tolist() == list(range(60))
    # A sample is what its number says, whatever others are drawn.
    pd.testing.assert_frame_equal(draws(networks, family, 3, 1e-9), found.head(3))
    judged = judge([one for one in PRINTED if one.drawn], pd.DataFrame(), found)
    assert [one["verdict"] for one in judged] == ["reproduced", "reproduced"]


# Verdicts ----------------------------------------------------------------------------------------


def summary(**numbers):
    return pd.DataFrame([{"protocol": "released", **numbers}])


def sample(n=200):
    values = np.arange(n)
    return pd.DataFrame(
        {
            "draw": values,
            "n_circuits": values,
            "n_interpretations": [str(1000 * v) for v in values],
        }
    )


def test_numbers_on_clean_inputs_have_to_be_the_same():
    clean = [one for one in PRINTED if not one.drawn]
    judged = judge(clean, summary(n_algorithms=7, n_mappings=41), sample())
    assert [(one["id"], one["found"], one["verdict"]) for one in judged] == [
        ("A01", "7", "reproduced"),
        ("A02", "41", "not reproduced"),
    ]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(4, "reproduced"), (3, "not reproduced"), (195, "reproduced"), (196, "not reproduced")],
)
def test_numbers_on_noisy_inputs_have_to_be_among_the_central_ones(value, verdict):
    # Of 0 to 199, the fifth from either end: (200 + 1) 0.05 / 2, rounded down.
    (drawn,) = (one for one in PRINTED if one.id == "A03")
    (judged,) = judge([replace(drawn, value=value)], summary(), sample())
    assert judged["verdict"] == verdict
    assert judged["found"].startswith("99.5 [4; 195], over 200 samples; percentile ")


def test_counts_are_written_in_full():
    columns = ("n_circuits", "n_interpretations", "n_interpretations_reachable")
    rows = summary(**dict.fromkeys(columns, "147899020"), n_algorithms=1, n_mappings=2)
    (row,) = counts(rows, ["released"])
    assert row == {
        "protocol": "released",
        **dict.fromkeys(columns, "147,899,020"),
        "n_algorithms": "1",
        "n_mappings": "2",
    }


def test_the_figure_has_the_printed_numbers():
    words = words_of(draw(sample(), PRINTED))
    assert "line: 7, as printed" in words
    assert "line: 100,896, as printed" in words
