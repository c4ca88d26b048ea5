"""The ladder: what it shows is what the summaries say."""

from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from identifiability.errors import UserError
from identifiability.evidence.ladder import LADDER, LADDER_COLUMNS, ladder
from identifiability.exhibits.figures.figure_ladder import STEPS, draw_ladder
from tests.examples import some
from tests.exhibits.drawn import (
    assert_fit_for_print,
    assert_the_same_every_time,
    panels,
    words_of,
)
from tests.exhibits.summaries import estimates, size, summary, sweep, tasks

RUNGS = ("released", "strict", "strict-minimal", "strict-6-pairs", "strict-ordered")


def rung(table: pd.DataFrame, question: str, step: int) -> pd.Series:
    name = LADDER[question][step].name
    (row,) = table[(table["question"] == question) & (table["step"] == name)].itertuples()
    return row


def test_the_ladder_of_a_hand_made_family() -> None:
    rows = summary("f", RUNGS, seeds=12, converged=10)
    rows[["n_algorithms", "n_circuits"]] = 2
    strict = (rows["protocol"] == "strict") & rows["converged"]
    rows.loc[strict, "n_algorithms"] = [1, 0, 0, 0, 5, 6, 7, 8, 9, 9]
    minimal = rows["protocol"] == "strict-minimal"
    rows.loc[minimal, "n_circuits"] = 1
    rows.loc[minimal, "n_interpretations"] = str(10**30)
    rows.loc[minimal, "n_interpretations_reachable"] = "1"
    table = ladder([sweep({"3": rows})])
    assert tuple(table.columns) == LADDER_COLUMNS
    assert len(table) == sum(map(len, LADDER.values()))
    assert set(table["family"]) == {"f"}
    assert set(table["x"]) == {3}
    assert set(table["n"]) == {10}
    algorithm = rung(table, "algorithm", 2)
    assert algorithm.protocol == "strict"
    assert (algorithm.share_unique, algorithm.share_none) == (0.1, pytest.approx(0.3))
    # Wilson's interval of 1 in 10.
    assert (algorithm.low, algorithm.high) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert [rung(table, "circuit", i).share_unique for i in (0, 1)] == [0, 1]
    assert [rung(table, "interpretation", i).share_unique for i in (0, 1, 2)] == [0, 0, 1]


def test_a_network_counts_once_in_the_ladder_with_the_share_of_its_targets() -> None:
    rows = summary("f", RUNGS, seeds=4, targets=("AND", "OR"))
    rows["n_mappings"] = [1, 0] * (len(rows) // 2)
    rows = rows.sort_values(["protocol", "network_id"], kind="stable")
    rows["n_mappings"] = [1, 0, 1, 1, 2, 3, 0, 0] * len(RUNGS)
    row = rung(ladder([sweep({"2": rows})]), "mapping", 0)
    assert (row.n, row.share_unique, row.share_none) == (4, 1.5 / 4, 1.5 / 4)
    assert row.low < row.share_unique < row.high


def test_what_is_left_open_and_what_did_not_converge_has_no_share() -> None:
    rows = summary("f", RUNGS, width=5)
    table = ladder([sweep({"5": rows})])
    wide = table["question"].isin(["circuit", "interpretation"])
    assert not table.loc[wide, "counted"].any()
    assert table.loc[wide, ["share_unique", "low", "high", "share_none"]].isna().all(axis=None)
    assert table.loc[~wide, "counted"].all()
    assert table.loc[~wide, "share_unique"].notna().all()
    nothing = ladder([sweep({"3": summary("f", RUNGS, converged=0)})])
    assert set(nothing["n"]) == {0}
    assert nothing["counted"].all()
    assert nothing["share_unique"].isna().all()


def test_estimates_are_marked_in_the_ladder() -> None:
    rows = summary("f", RUNGS, width=5)
    minimal = rows["protocol"] == "strict-minimal"
    rows = pd.concat([estimates(rows[~minimal]), rows[minimal]])
    table = ladder([sweep({"5": rows})])
    marked = table[table["estimated"]]
    assert list(marked["question"]) == ["interpretation"]
    assert list(marked["step"]) == ["of all perfect circuits"]
    assert marked["share_unique"].notna().all()
    words = words_of(draw_ladder([sweep({"5": rows})]))
    assert words.count("estimated") == 1
    assert words.count("left open") == 2


def spans(axes: Axes, chosen: Callable[[Rectangle], bool]) -> list[tuple[float, float]]:
    """Middle and height of every bar of a kind, from left to right; all stand on 0."""
    bars = [patch for patch in axes.patches if chosen(patch)]
    assert all(bar.get_y() == 0 for bar in bars)
    return sorted((bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in bars)


def of_colour(colour: str) -> Callable[[Rectangle], bool]:
    return lambda patch: not patch.get_hatch() and patch.get_facecolor()[:3] == to_rgb(colour)


def test_the_ladder_is_drawn_as_it_is_tabled() -> None:
    over = [*size(RUNGS), *tasks(RUNGS)]
    drawn = panels(draw_ladder(over))
    assert len(drawn) == len(LADDER) * len(over)
    tables = [ladder([each]) for each in over]
    for axes, (question, table) in zip(drawn, product(LADDER, tables), strict=True):
        rows = table[table["question"] == question]
        own = rows[rows["counted"]]
        middles = []
        for i, (step, colour) in enumerate(zip(LADDER[question], STEPS, strict=False)):
            bars = spans(axes, of_colour(colour))
            of_step = own[own["step"] == step.name]
            assert [height for _, height in bars] == list(of_step["share_unique"])
            shift = 0.2 * (i - (len(LADDER[question]) - 1) / 2)
            assert [x - shift for x, _ in bars] == pytest.approx(range(len(bars)))
            middles += [x for x, _ in bars]
        # What neither has exactly one nor several, above the white bars, is hatched.
        hatched = spans(axes, lambda patch: bool(patch.get_hatch()))
        white = spans(axes, of_colour("white"))
        assert [height for _, height in hatched] == [1] * len(own)
        by_place = own.sort_values(["x", "step"], key=lambda v: v.map(order(question)))
        assert [1 - height for _, height in white] == pytest.approx(list(by_place["share_none"]))
        assert [x for x, _ in white] == pytest.approx(sorted(middles))
        intervals = sorted(tuple(line.ravel()) for line in axes.collections[0].get_segments())
        expected = zip(sorted(middles), by_place["low"], by_place["high"], strict=True)
        assert intervals == [pytest.approx((x, low, x, high)) for x, low, high in expected]
        left_open = [text for text in axes.texts if text.get_text() == "left open"]
        assert len(left_open) == (len(own) < len(rows))


def order(question: str) -> Callable[[object], object]:
    """Steps by their numbers; everything else as it is."""
    numbers = {step.name: i for i, step in enumerate(LADDER[question])}
    return lambda value: numbers.get(value, value)


def test_the_ladder_says_how_many_networks_it_is_about() -> None:
    figure = draw_ladder(tasks(RUNGS))
    last = panels(figure)[-1]
    labels = [label.get_text() for label in last.get_xticklabels()]
    assert labels == ["1\n29", "2\n28", "3\n27", "4\n26", "5\n25", "6\n24"]
    words = words_of(figure).splitlines()
    assert {"networks", "Tasks", "number of tasks n"} <= set(words)
    for question, steps in LADDER.items():
        assert f"Exactly one {question}" in words
        assert {step.name for step in steps} <= set(words)


def test_no_network_converged() -> None:
    nothing = summary("f-k2", RUNGS, converged=0)
    assert words_of(draw_ladder([sweep({"2": nothing})])) == "f-k2: no network converged"
    figure = draw_ladder([sweep({"2": nothing, "3": summary("f-k3", RUNGS)})])
    for axes in panels(figure):
        assert "none converged" in [text.get_text() for text in axes.texts]
    assert panels(figure)[-1].get_xticklabels()[0].get_text() == "2\n0"


def test_a_family_without_a_protocol_is_named() -> None:
    with pytest.raises(UserError, match="strict-minimal"):
        ladder([sweep({"3": summary("f")})])


def test_colours_of_the_steps_differ_in_grey() -> None:
    def luminance(colour: str) -> float:
        linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04 else c / 12.92 for c in to_rgb(colour)]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for lighter, darker in pairwise(STEPS):
        # The contrast that WCAG asks of neighbouring graphical objects is 3; text needs 4.5.
        assert (luminance(lighter) + 0.05) / (luminance(darker) + 0.05) > 1.5
    assert max(map(len, LADDER.values())) <= len(STEPS)


DRAWINGS: dict[str, Callable[[], Figure]] = {
    "size and tasks": lambda: draw_ladder([*size(RUNGS), *tasks(RUNGS)]),
    "three networks": lambda: draw_ladder([sweep({"3": summary("f", RUNGS, seeds=3)})]),
    "none in one family": lambda: draw_ladder(
        [sweep({"2": summary("f-k2", RUNGS, converged=0), "3": summary("f-k3", RUNGS)})]
    ),
    "estimates": lambda: draw_ladder(
        [sweep({str(k): estimates(summary("f", RUNGS, width=k)) for k in (3, 4)})]
    ),
}


@pytest.mark.parametrize("name", some(DRAWINGS, "estimates"))
def test_every_figure_is_legible_and_fit_for_print(name: str, tmp_path: Path) -> None:
    assert_fit_for_print(DRAWINGS[name](), tmp_path)


@pytest.mark.slow
def test_files_are_the_same_every_time(tmp_path: Path) -> None:
    assert_the_same_every_time(DRAWINGS["size and tasks"], tmp_path)
