"""The distribution of the four counts: what it shows is what the summary says."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from identifiability.exhibits.figures.figure_counts import COUNT_TITLES, draw_four_counts
from identifiability.report.numerals import number, percent
from tests.examples import some
from tests.exhibits.drawn import (
    assert_fit_for_print,
    assert_the_same_every_time,
    panels,
    words_of,
)

SHOWN = ("released", "text", "strict")
FIVE = (*SHOWN, "mine", "a-criterion-of-mine")
PUBLISHED = {"n_circuits": {"value": 52.3, "statistic": "mean", "source": "Table 3"}}


def summary(
    protocols: tuple[str, ...] = SHOWN, *, seeds: int = 30, converged: int | None = None
) -> pd.DataFrame:
    """Rows of `summary` as large and as scattered as real ones."""
    random = np.random.default_rng(0)
    rows = []
    for seed in range(seeds):
        for protocol in protocols:
            learned = seed < (seeds if converged is None else converged)
            circuits = int(random.lognormal(2, 2))
            algorithms = int(random.poisson(1.5))
            counts = {
                "n_circuits": circuits,
                "n_interpretations": str(circuits * 10**6),
                "n_algorithms": algorithms,
                "n_mappings": algorithms * int(random.lognormal(2, 1) + 1),
            }
            rows.append(
                {
                    "family": "f",
                    "network_id": f"f/{seed}",
                    "protocol": protocol,
                    "analysed": learned,
                    "how": "exact" if learned else None,
                    **(counts if learned else dict.fromkeys(counts)),
                }
            )
    return pd.DataFrame(rows)


def points(axes: Axes) -> list[list[float]]:
    """Values of the points, by protocol."""
    strips = [each for each in axes.collections if isinstance(each, PathCollection)]
    return [sorted(strip.get_offsets()[:, 0]) for strip in strips]


def medians(axes: Axes) -> list[float]:
    return [line.get_xdata()[0] for line in axes.lines if line.get_linewidth() == 1.8]


def means(axes: Axes) -> list[float]:
    (line,) = (line for line in axes.lines if line.get_marker() == "D")
    return list(line.get_xdata())


def published(axes: Axes) -> list[float]:
    return [line.get_xdata()[0] for line in axes.lines if line.is_dashed()]


def test_points_medians_and_means_are_the_data_s() -> None:
    table = summary(converged=28)
    converged = table[table["analysed"]]
    drawn = panels(draw_four_counts(table, PUBLISHED))
    assert len(drawn) == len(COUNT_TITLES)
    for axes, column in zip(drawn, COUNT_TITLES, strict=True):
        values = [
            converged.loc[converged["protocol"] == protocol, column].map(float)
            for protocol in SHOWN
        ]
        assert points(axes) == [sorted(own) for own in values]
        assert medians(axes) == [own.median() for own in values]
        assert means(axes) == pytest.approx([own.mean() for own in values])
        assert [label.get_text() for label in axes.get_yticklabels()] == list(SHOWN)


def test_numbers_stand_beside_the_boxes() -> None:
    table = summary(converged=28)
    converged = table[table["analysed"]]
    words = words_of(draw_four_counts(table, PUBLISHED)).splitlines()
    assert "f: 28 of 30 networks converged; the other 2 are left out" in words
    assert words.count("none") == words.count("exactly 1") == len(COUNT_TITLES)
    for column in COUNT_TITLES:
        for _, rows in converged.groupby("protocol"):
            values = sorted(int(value) for value in rows[column])
            assert number(Fraction(sum(values), 28)) in words
            assert number(Fraction(values[13] + values[14], 2)) in words
            for n in (values.count(0), values.count(1)):
                assert f"{n} ({percent(n / 28)})" in words


def test_published_values_are_drawn_and_named() -> None:
    figure = draw_four_counts(summary(), PUBLISHED)
    assert [published(axes) for axes in panels(figure)] == [[52.3], [], [], []]
    assert "published mean 52.3 (Table 3)" in words_of(figure)
    beyond = {"n_mappings": {"value": 1.07e5, "statistic": "mean", "source": "Table 3"}}
    figure = draw_four_counts(summary(), beyond)
    assert "published mean 107,000 (Table 3)" in words_of(figure)
    assert panels(figure)[-1].get_xlim()[1] > 1.07e5
    assert "published" not in words_of(draw_four_counts(summary(), {}))


def test_zero_has_a_place_of_its_own_on_every_axis() -> None:
    for axes in panels(draw_four_counts(summary(), {})):
        places = axes.transData.transform([(value, 0) for value in (0, 1, 10)])[:, 0]
        left, right = axes.get_xlim()
        assert left < 0
        assert max(map(max, points(axes))) < right
        (strip,) = axes.patches
        inside = strip.get_window_extent().containsx
        assert [bool(inside(place)) for place in places] == [True, False, False]
        # Far enough from 1 that their points do not touch.
        assert places[1] - places[0] > 0.1 * axes.bbox.width


def test_protocols_differ_without_their_colours() -> None:
    axes = panels(draw_four_counts(summary(FIVE), {}))[0]
    strips = [each for each in axes.collections if isinstance(each, PathCollection)]
    assert len({to_hex(strip.get_facecolor()[0]) for strip in strips}) == len(FIVE)
    assert len({strip.get_paths()[0].vertices.tobytes() for strip in strips}) == len(FIVE)
    rows = [strip.get_offsets()[:, 1] for strip in strips]
    assert all(max(above) < min(below) for above, below in pairwise(rows))


def test_counts_of_any_size() -> None:
    table = summary()
    strict = table["protocol"] == "strict"
    table.loc[strict, "n_interpretations"] = [str(10**90 + i) for i in range(strict.sum())]
    figure = draw_four_counts(table, {})
    assert medians(panels(figure)[1])[2] == pytest.approx(1e90)
    assert "1.00×10⁹⁰" in words_of(figure)


def test_estimates_and_what_is_left_open_are_said() -> None:
    table = summary()
    strict, text = table["protocol"] == "strict", table["protocol"] == "text"
    table.loc[strict, "how"] = "estimate"
    table.loc[text, ["n_circuits", "n_interpretations"]] = None
    circuits, interpretations, algorithms, _ = panels(draw_four_counts(table, {}))
    labels = [
        [label.get_text() for label in axes.get_yticklabels()]
        for axes in (circuits, interpretations, algorithms)
    ]
    assert labels[0] == ["released", "text\n(30 left open)", "strict"]
    assert labels[1] == ["released", "text\n(30 left open)", "strict\n(estimated)"]
    assert labels[2] == list(SHOWN)
    assert len(medians(circuits)) == 2
    assert [text.get_text() for text in circuits.texts].count("–") == 4


def test_a_network_with_several_targets_is_one_point() -> None:
    row = {"family": "f", "network_id": "f/0", "protocol": "released", "analysed": True}
    row |= {"how": "exact"}
    zero = dict.fromkeys(COUNT_TITLES, 0) | {"n_interpretations": "0"}
    two = dict.fromkeys(COUNT_TITLES, 2) | {"n_interpretations": "2"}
    figure = draw_four_counts(pd.DataFrame([row | zero, row | two]), {})
    assert [points(axes) for axes in panels(figure)] == [[[1.0]]] * len(COUNT_TITLES)
    # One on average, but not for every target.
    assert "1 (100%)" not in words_of(figure)


def test_nothing_converged_and_nothing_found() -> None:
    nothing = draw_four_counts(summary(converged=0), PUBLISHED)
    assert words_of(nothing) == "f: none of 30 networks converged"
    table = summary().assign(**dict.fromkeys(COUNT_TITLES, 0))
    figure = draw_four_counts(table, PUBLISHED)
    assert words_of(figure).count("30 (100%)") == len(SHOWN) * len(COUNT_TITLES)
    assert all(medians(axes) == [0, 0, 0] for axes in panels(figure))


def test_the_global_generator_is_left_as_it_was() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draw_four_counts(summary(), {})
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


DRAWINGS: dict[str, Callable[[], Figure]] = {
    "three protocols": lambda: draw_four_counts(summary(seeds=100, converged=82), PUBLISHED),
    "five protocols": lambda: draw_four_counts(summary(FIVE), PUBLISHED),
    "three networks": lambda: draw_four_counts(summary(seeds=3), PUBLISHED),
    "one network": lambda: draw_four_counts(summary(seeds=1), PUBLISHED),
    "all open": lambda: draw_four_counts(summary().assign(n_circuits=None), {}),
}


@pytest.mark.parametrize("name", some(DRAWINGS, "five protocols"))
def test_every_figure_is_legible_and_fit_for_print(name: str, tmp_path: Path) -> None:
    assert_fit_for_print(DRAWINGS[name](), tmp_path)


@pytest.mark.slow
def test_files_are_the_same_every_time(tmp_path: Path) -> None:
    assert_the_same_every_time(DRAWINGS["three protocols"], tmp_path)
