"""The figure that leads: what it draws is what the ladder says."""

from pathlib import Path

import numpy as np
import pytest

from identifiability.evidence.ladder import LADDER, ladder
from identifiability.exhibits.figures.figure_uniqueness import (
    LEVELS,
    QUESTIONS,
    at_levels,
    draw_uniqueness,
)
from tests.exhibits.drawn import assert_fit_for_print, panels, words_of
from tests.exhibits.summaries import size, summary, sweep

RUNGS = tuple(dict.fromkeys(step.protocol for steps in LADDER.values() for step in steps))


def test_levels_are_steps_of_the_ladder() -> None:
    for of_circuits, of_algorithms in LEVELS.values():
        assert of_circuits in {None, *(step.name for step in LADDER["circuit"])}
        assert of_algorithms in {step.name for step in LADDER["algorithm"]}


def test_lines_are_the_shares_of_the_ladder() -> None:
    over = size(RUNGS)
    drawn = iter(panels(draw_uniqueness(over)))
    for each in over:
        table = at_levels(ladder([each]))
        for question in QUESTIONS:
            axes = next(drawn)
            lines = [line for line in axes.lines if len(line.get_ydata())]
            known = table[(table["question"] == question) & table["share_unique"].notna()]
            expected = [
                own["share_unique"].tolist() for _, own in known.groupby("level", sort=False)
            ]
            assert [list(line.get_ydata()) for line in lines] == expected
            segments = axes.collections[0].get_segments()
            ends = np.array([[low, high] for (_, low), (_, high) in segments])
            np.testing.assert_allclose(ends, known[["low", "high"]])


def test_it_says_levels_and_networks() -> None:
    words = words_of(draw_uniqueness(size(RUNGS))).splitlines()
    assert {*LEVELS, *QUESTIONS.values()} <= set(words)
    assert words.count("(30)") == 4 * len(QUESTIONS) * 2


def test_no_network_converged() -> None:
    nothing = summary("f-k2", RUNGS, converged=0)
    assert words_of(draw_uniqueness([sweep({"2": nothing})])) == "f-k2: no network converged"


@pytest.mark.slow
def test_it_is_fit_for_print(tmp_path: Path) -> None:
    assert_fit_for_print(draw_uniqueness(size(RUNGS)), tmp_path)
