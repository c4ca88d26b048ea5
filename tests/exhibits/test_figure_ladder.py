"""The ladder: what it shows is what the summaries say."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from identifiability.errors import UserError
from identifiability.evidence.ladder import ASKED, LADDER, LADDER_COLUMNS, ladder
from identifiability.exhibits.figures.figure_ladder import draw_ladder
from tests.examples import some
from tests.exhibits.drawn import (
    assert_fit_for_print,
    assert_the_same_every_time,
    panels,
    words_of,
)
from tests.exhibits.summaries import estimates, size, summary, sweep, tasks

RUNGS = tuple(dict.fromkeys(step.protocol for steps in LADDER.values() for step in steps))


def rung(table: pd.DataFrame, question: str, step: int) -> pd.Series:
    name = LADDER[question][step].name
    (row,) = table[(table["question"] == question) & (table["step"] == name)].itertuples()
    return row


def test_the_ladder_of_a_hand_made_family() -> None:
    rows = summary("f", RUNGS, seeds=12, converged=10)
    rows[["n_algorithms", "n_circuits"]] = 2
    strict = (rows["protocol"] == "strict") & rows["analysed"]
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
    assert [rung(table, "circuit", i).share_unique for i in (1, 2)] == [0, 1]
    assert [rung(table, q, 2).share_unique for q in ("interpretation", "reachable")] == [0, 1]


def test_an_empty_mapping_is_one_and_maps_nothing() -> None:
    rows = summary("f", RUNGS, seeds=4)
    rows["n_mappings"], rows["n_mappings_empty"] = 1, 1
    rows.loc[rows["network_id"] == "f/0", "n_mappings"] = 2
    rows.loc[rows["network_id"] == "f/1", ["n_mappings", "n_mappings_empty"]] = [1, 0]
    table = ladder([sweep({"3": rows})])
    for step in range(len(LADDER["mapping"])):
        mapping, place = rung(table, "mapping", step), rung(table, "place", step)
        assert (mapping.share_unique, mapping.share_none) == (0.75, 0)
        assert (place.share_unique, place.share_none) == (0.5, 0.5)


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
    wide = table["question"].isin(["circuit", "interpretation", "reachable"])
    wide &= table["protocol"] != "released"
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
    known = rows["protocol"].isin(("released", "strict"))
    rows = pd.concat([estimates(rows[known]), rows[~known]])
    table = ladder([sweep({"5": rows})])
    marked = table[table["estimated"]]
    assert set(marked["question"]) == {"interpretation", "reachable"}
    assert set(marked["step"]) == {"all perfect circuits"}
    assert marked["share_unique"].notna().all()
    assert words_of(draw_ladder([sweep({"5": rows})])).count("≈") == 2


def test_the_ladder_is_drawn_as_it_is_tabled() -> None:
    over = [*size(RUNGS), *tasks(RUNGS)]
    drawn = panels(draw_ladder(over))
    assert len(drawn) == len(LADDER) * len(over)
    tables = [ladder([each]) for each in over]
    for axes, (question, table) in zip(drawn, product(LADDER, tables), strict=True):
        rows = table[table["question"] == question]
        places = list(dict.fromkeys(rows["x"]))
        expected = rows.assign(
            y=rows["step"].map([step.name for step in LADDER[question]].index),
            at=rows["x"].map(places.index),
        ).sort_values(["y", "at"])
        # Colours, and what is written in a cell.
        shares = axes.collections[0].get_array().filled(np.nan).ravel()
        np.testing.assert_allclose(shares, expected["share_unique"])
        texts = [text.get_text() for text in axes.texts if text.get_text() not in HEADINGS]
        written = [f"{100 * share:.0f}" for share in expected["share_unique"].dropna()]
        assert [text for text in texts if text] == written
        # Hatched where nothing is counted, and a bar as long as the share with none.
        patches = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        hatched = {patch.get_xy() for patch in patches if patch.get_hatch()}
        left_open = expected[~expected["counted"]]
        assert hatched == set(zip(left_open["at"], left_open["y"], strict=True))
        bars = sorted(
            (int(patch.get_y()), patch.get_x(), patch.get_width())
            for patch in patches
            if not patch.get_hatch()
        )
        none = expected[expected["share_none"] > 0]
        assert bars == [
            pytest.approx(bar)
            for bar in zip(none["y"], none["at"], none["share_none"], strict=True)
        ]


HEADINGS = {f"Exactly one {asked}" for asked in ASKED.values()} | {
    "networks", "Size, 4 gates", "Size, XOR alone", "Tasks"
}  # fmt: skip


def test_the_ladder_says_how_many_networks_it_is_about() -> None:
    figure = draw_ladder(tasks(RUNGS))
    last = panels(figure)[-1]
    labels = [label.get_text() for label in last.get_xticklabels()]
    assert labels == ["1\n29", "2\n28", "3\n27", "4\n26", "5\n25", "6\n24"]
    words = words_of(figure).splitlines()
    assert {"networks", "Tasks", "number of tasks n"} <= set(words)
    for question, steps in LADDER.items():
        assert f"Exactly one {ASKED[question]}" in words
        assert {step.name for step in steps} <= set(words)


def test_no_network_converged() -> None:
    nothing = summary("f-k2", RUNGS, converged=0)
    assert words_of(draw_ladder([sweep({"2": nothing})])) == "f-k2: no network converged"
    figure = draw_ladder([sweep({"2": nothing, "3": summary("f-k3", RUNGS)})])
    for axes in panels(figure):
        assert not any(patch.get_hatch() for patch in axes.patches)
    assert panels(figure)[-1].get_xticklabels()[0].get_text() == "2\n0"


def test_a_family_without_a_protocol_is_named() -> None:
    with pytest.raises(UserError, match="strict-minimal"):
        ladder([sweep({"3": summary("f")})])


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
