"""The figure of circuits in networks that tell digits apart: counts above, shares below."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from identifiability.digits.settings import DigitsFamily, DigitsTraining
from identifiability.digits.tables import kept_shares
from identifiability.drawing import style
from identifiability.exhibits.figures.figure_digits import draw_digits
from identifiability.protocols import PROTOCOLS
from tests.examples import some
from tests.exhibits import drawn

TRAINING = DigitsTraining((8,), 60, 16, 0.01, 0.2, 0.9, 0.01)
PUBLISHED = {"paper": 3209.0, "notebook": 4702.0}


def families(seeds=20) -> list[DigitsFamily]:
    """Eleven, the second with layers of two neurons."""
    return [
        DigitsFamily(f"f-{i}", (i % 10, (i + 1) % 10), (2 if i == 1 else 3,) * 3, seeds, TRAINING)
        for i in range(11)
    ]


def summaries(seeds=20) -> dict[str, pd.DataFrame]:
    """Of every family one network did not converge; few find anything in the last."""
    rng = np.random.default_rng(0)
    rows = {
        family.name: pd.DataFrame(
            [
                {
                    "family": family.name,
                    "network_id": f"{family.name}/{seed}",
                    "protocol": protocol,
                    "converged": seed > 0,
                    "n_circuits": int(rng.lognormal(7, 2)) if family.name != "f-10" else seed % 2,
                }
                for seed in range(seeds)
                for protocol in PROTOCOLS
            ]
        )
        for family in families(seeds)
    }
    return {
        name: own.assign(n_circuits=own["n_circuits"].where(own["converged"]).astype("Int64"))
        for name, own in rows.items()
    }


def circuits(seeds=20, width=3) -> pd.DataFrame:
    """A few circuits of every network of the first family that converged."""
    rng = np.random.default_rng(1)

    def layer(above: int) -> str:
        return ",".join("".join(map(str, rng.integers(0, 2, width))) for _ in range(above))

    return pd.DataFrame(
        [
            {"network_id": f"f-0/{seed}", "circuit_id": "|".join(map(layer, (width, width, 1)))}
            for seed in range(1, seeds)
            for _ in range(rng.integers(1, 2000))
        ]
    )


DRAWINGS = {
    "shown": lambda: draw_digits(summaries(), families(), circuits(), PUBLISHED, "released"),
    "three seeds": lambda: draw_digits(
        summaries(3), families(3), circuits(3), PUBLISHED, "released"
    ),
    "one family": lambda: draw_digits(
        {"f-0": summaries()["f-0"]}, families()[:1], circuits(), {}, "released"
    ),
    "no circuit": lambda: draw_digits(
        {name: own.assign(n_circuits=0) for name, own in summaries().items()},
        families(), circuits()[:0], PUBLISHED, "released",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def figure() -> Figure:
    return DRAWINGS["shown"]()


@pytest.mark.parametrize("name", some(DRAWINGS, "three seeds"))
def test_it_is_fit_for_print(name, tmp_path):
    drawn.assert_fit_for_print(DRAWINGS[name](), tmp_path)
    assert plt.get_fignums() == []


def test_it_shows_every_network_and_the_medians(figure):
    axes = figure.axes[0]
    found = pd.concat(summaries().values()).dropna().astype({"n_circuits": float})
    some = found.loc[found["n_circuits"] > 0, "n_circuits"]
    assert drawn.values_of(axes) == pytest.approx(sorted(some))
    medians = found.pivot_table(
        index="protocol", columns="family", values="n_circuits", aggfunc="median"
    ).loc[list(PROTOCOLS), list(summaries())]
    np.testing.assert_allclose(drawn.medians_of(axes), medians)
    assert len(drawn.intervals_of(axes)) == medians.size
    assert axes.get_yscale() == "log"


def test_converged_networks_and_those_with_none_are_counted_below(figure):
    digits, widths, converged, *none = drawn.table_of(figure.axes[0])
    assert digits[:2] == ["0–1", "1–2"]
    assert widths == ["3", "2"] + ["3"] * 9
    assert converged == ["19/20"] * 11
    found = pd.concat(summaries().values())
    for row, protocol in zip(none, PROTOCOLS, strict=True):
        zeros = found[(found["protocol"] == protocol) & (found["n_circuits"] == 0)]
        assert row == [str((zeros["family"] == name).sum()) for name in summaries()]
        assert row[-1] == "9"
        assert f"with none: {protocol}" in drawn.words_of(figure)


def test_published_numbers_are_lines_over_the_first_family(figure):
    words = drawn.words_of(figure)
    assert "published, paper: 3,209" in words
    assert "published, notebook: 4,702" in words
    lines = [line for line in figure.axes[0].lines if line.get_linestyle() in ("--", ":")]
    assert [line.get_ydata()[0] for line in lines] == list(PUBLISHED.values())
    assert {line.get_linestyle() for line in lines} == {"--", ":"}
    assert all(-0.5 < x < 0.5 for line in lines for x in line.get_xdata())
    assert "published" not in drawn.words_of(DRAWINGS["one family"]())


def test_a_row_per_network_shows_what_its_circuits_keep(figure):
    assert "keep each neuron and edge (0–1, released)" in drawn.words_of(figure)
    neurons_1, neurons_2, *edges = figure.axes[1:6]
    assert [axes.get_title() for axes in (neurons_1, neurons_2, *edges)] == [
        "neurons\n1", "neurons\n2", "edges\nin → 1", "edges\n1 → 2", "edges\n2 → out"
    ]  # fmt: skip
    kept = [np.asarray(axes.collections[0].get_array()) for axes in figure.axes[1:6]]
    assert [each.shape[1] for each in kept] == [3, 3, 9, 9, 3]
    by_seed = {name.split("/")[1]: own for name, own in circuits().groupby("network_id")}
    seeds = [label.get_text() for label in neurons_1.get_yticklabels()]
    numbers = [label.get_text() for label in edges[-1].get_yticklabels()]
    assert sorted(seeds) == sorted(by_seed)
    assert numbers == [f"{len(by_seed[seed]):,}" for seed in seeds]
    assert sorted(numbers, key=lambda n: -int(n.replace(",", ""))) == numbers
    for row, seed in enumerate(seeds):
        ids = by_seed[seed]["circuit_id"]
        assert sum(each[row].sum() for each in kept[2:]) == pytest.approx(
            ids.str.count("1").mean()
        )
        (first, second), _ = kept_shares(ids.to_numpy(str), (3, 3, 3, 1))
        assert kept[0][row] == pytest.approx(first)
        assert kept[1][row] == pytest.approx(second)
    # Rows are read from the top.
    assert neurons_1.get_ylim() == (len(seeds), 0)
    assert all(axes.collections[0].get_clim() == (0, 1) for axes in figure.axes[1:6])
    assert "100%" in drawn.words_of(figure)


def test_shares_differ_in_grey(figure):
    image = figure.axes[1].collections[0]
    colours = image.to_rgba(np.linspace(0, 1, 9))[:, :3]
    assert (np.diff(colours @ (0.299, 0.587, 0.114)) < -0.04).all()


def test_without_circuits_there_are_counts_alone():
    figure = DRAWINGS["no circuit"]()
    assert len(figure.axes) == 1
    assert drawn.table_of(figure.axes[0])[3:] == [["19"] * 11] * 3


def test_nothing_converged():
    nothing = {
        name: own.assign(converged=False, n_circuits=None) for name, own in summaries(3).items()
    }
    figure = draw_digits(nothing, families(3), circuits(3), PUBLISHED, "released")
    assert drawn.words_of(figure) == f"{', '.join(nothing)}: no network converged"
    one = summaries() | {"f-3": summaries()["f-3"].assign(converged=False, n_circuits=None)}
    table = drawn.table_of(draw_digits(one, families(), circuits(), PUBLISHED, "released").axes[0])
    assert [line[3] for line in table[2:]] == ["0/20", "–", "–", "–"]


@pytest.mark.slow
def test_files_are_the_same_every_time(tmp_path):
    for run in ("first", "second"):
        style.save(
            DRAWINGS["three seeds"](), [tmp_path / run / f"f.{form}" for form in drawn.FORMATS]
        )
    for form in drawn.FORMATS:
        first, second = (tmp_path / run / f"f.{form}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
