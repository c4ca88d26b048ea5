"""The figure of exact against capped counts shows every network, and says what it leaves out."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from identifiability.drawing import style
from identifiability.evidence import statistics
from identifiability.evidence.sparsity_caps import COMPARED, shares
from identifiability.exhibits.figures.figure_exact import draw_exact
from identifiability.protocols import PROTOCOLS
from tests.evidence.test_coverage import made_up_summary
from tests.examples import some
from tests.exhibits import drawn

CAPPED = ["released", "text"]


def summaries(seeds=90) -> dict[str, pd.DataFrame]:
    """Four widths, of which the last has estimates."""
    rng = np.random.default_rng(0)
    return {
        str(k): made_up_summary(
            {
                f"f/{i}": {
                    "released": (int(rng.integers(0, 3) * 10 ** (k - 2)), 10 ** (4 * k)),
                    "text": (int(rng.integers(1, 9)), 10 ** (5 * k)),
                    "mine": (int(rng.integers(1, 9)), 0),
                    "strict": (10**k, 10 ** (k * k) * int(rng.integers(10, 99))),
                }
                for i in range(seeds)
            },
            "estimate" if k == 5 else "exact",
        )
        for k in (2, 3, 4, 5)
    }


def per_place(found: Mapping[str, pd.DataFrame], quantity: str) -> list[list[np.ndarray]]:
    """Shares, as [protocol][width][network]."""
    rows = {width: shares(summary, CAPPED) for width, summary in found.items()}
    return [
        [
            own.loc[(own["protocol"] == protocol) & (own["quantity"] == quantity), "share"]
            for own in rows.values()
        ]
        for protocol in CAPPED
    ]


DRAWINGS = {
    "shown": lambda: draw_exact(summaries(), list(PROTOCOLS)),
    "further protocols": lambda: draw_exact(
        {k: s.replace("mine", "a-criterion-of-mine") for k, s in summaries().items()},
        [*PROTOCOLS, "a-criterion-of-mine", "theirs"],
    ),
    "three seeds": lambda: draw_exact(summaries(3), list(PROTOCOLS)),
    "one network": lambda: draw_exact({"3": made_up_summary()}, list(PROTOCOLS)),
}


@pytest.fixture(scope="module")
def figure() -> Figure:
    return DRAWINGS["shown"]()


@pytest.mark.parametrize("name", some(DRAWINGS, "further protocols"))
def test_it_is_fit_for_print(name, tmp_path):
    drawn.assert_fit_for_print(DRAWINGS[name](), tmp_path)
    assert plt.get_fignums() == []


def test_it_shows_every_network_with_medians_and_intervals(figure):
    for axes, quantity in zip(figure.axes, COMPARED, strict=True):
        places = per_place(summaries(), quantity)
        every = [value for protocol in places for values in protocol for value in values]
        assert drawn.values_of(axes) == pytest.approx(sorted(v for v in every if v > 0))
        for medians, protocol in zip(drawn.medians_of(axes), places, strict=True):
            assert medians == pytest.approx([values.median() for values in protocol])
        expected = [
            (found.low, found.high)
            for protocol in places
            for found in (statistics.median(values.to_numpy()) for values in protocol)
        ]
        ends = [tuple(line.get_ydata()) for line in drawn.intervals_of(axes)]
        assert ends == [pytest.approx(each) for each in expected]
        low, high = axes.get_ylim()
        assert all(low < value < high for value in every if value > 0)
        assert low < 1 < high


def test_points_of_a_protocol_have_their_marker_and_their_place(figure):
    for axes in figure.axes:
        by_marker = {}
        for points in drawn.points_of(axes):
            marker = points.get_paths()[0].vertices.tobytes()
            across = points.get_offsets()[:, 0]
            by_marker.setdefault(marker, []).extend(across - np.round(across))
        (left, right) = by_marker.values()
        assert max(left) < 0 < min(right)


def test_estimates_are_hollow_and_the_legend_says_so_only_where_there_are(figure):
    for axes, n in zip(figure.axes, (0, 180), strict=True):
        hollow = [p for p in drawn.points_of(axes) if (p.get_facecolor()[:, :3] == 1).all()]
        assert sum(len(points.get_offsets()) for points in hollow) == n
        assert all((points.get_edgecolor()[:, :3] < 1).any() for points in hollow)
    assert "hollow: of an estimate" in drawn.words_of(figure)
    assert "hollow" not in drawn.words_of(DRAWINGS["one network"]())


def test_networks_and_those_with_none_are_counted_below(figure):
    assert "width k\nnetworks\nwith none: released\nwith none: text" in drawn.words_of(figure)
    for axes, quantity in zip(figure.axes, COMPARED, strict=True):
        widths, networks, *none = drawn.table_of(axes)
        assert widths == ["2", "3", "4", "5"]
        assert networks == ["90"] * 4
        assert none == [
            [str((values == 0).sum()) for values in protocol]
            for protocol in per_place(summaries(), quantity)
        ]
    assert int(drawn.table_of(figure.axes[0])[2][0]) > 0
    # Of three networks one has nothing to find, and one's interpretations are left open.
    circuits, interpretations = DRAWINGS["one network"]().axes
    assert drawn.table_of(circuits) == [["3"], ["2"], ["0"], ["1"]]
    assert drawn.table_of(interpretations) == [["3"], ["1"], ["0"], ["1"]]


def test_nothing_to_compare():
    figure = draw_exact({"2": made_up_summary().assign(analysed=False)}, list(PROTOCOLS))
    assert drawn.words_of(figure) == "f: no network to compare"


@pytest.mark.slow
def test_files_are_the_same_every_time(tmp_path):
    for seed, run in enumerate(("first", "second")):
        np.random.seed(seed)  # noqa: NPY002
        style.save(
            DRAWINGS["three seeds"](), [tmp_path / run / f"f.{form}" for form in drawn.FORMATS]
        )
        after = np.random.random()  # noqa: NPY002
        assert after == np.random.RandomState(seed).random()
    for form in drawn.FORMATS:
        first, second = (tmp_path / run / f"f.{form}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
