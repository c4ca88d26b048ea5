"""Circuits near the network: what is drawn is what the summaries say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from identifiability.exhibits.figures.figure_tolerance import (
    ALL,
    MINIMAL,
    READINGS,
    UNIQUE,
    by_reading,
    draw_tolerance,
)
from identifiability.protocols import PROTOCOLS, TOLERANCES, VARIANTS
from tests.exhibits.drawn import assert_fit_for_print, panels, words_of
from tests.exhibits.summaries import summary

PROTOCOLS_READ = [name for names in READINGS.values() for name in names]


def near(widths: str = "2345", **fixed: object) -> dict[str, pd.DataFrame]:
    """The artifact `summary` by width; some networks have exactly one minimal circuit."""
    found = {}
    for k in widths:
        rows = summary(f"xor-k{k}", PROTOCOLS_READ, width=int(k), **fixed)
        minimal = rows["protocol"].str.startswith("strict-minimal") & rows["n_circuits"].notna()
        rows.loc[minimal, "n_circuits"] = rows.loc[minimal, "n_circuits"].astype(int) % 4 + 1
        found[k] = rows
    return found


def test_readings_are_protocols_that_differ_in_what_they_ask_of_circuits() -> None:
    known = PROTOCOLS | VARIANTS
    for tolerance, names in zip((None, *TOLERANCES), READINGS.values(), strict=True):
        every, minimal = (known[name] for name in names)
        assert (every.tolerance, every.circuits) == (tolerance, "all")
        assert (minimal.tolerance, minimal.circuits) == (tolerance, "minimal")


def test_numbers_by_hand() -> None:
    rows = summary("f", PROTOCOLS_READ, seeds=5, converged=4)
    counts = {"strict-within-0.1": [1, 2, 4, 7], "strict-minimal-within-0.1": [1, 1, 2, 1]}
    for protocol, own in counts.items():
        rows.loc[(rows["protocol"] == protocol) & rows["analysed"], "n_circuits"] = own
    table = by_reading({"3": rows}).set_index(["panel", "reading"])
    assert len(table) == 3 * len(READINGS)
    assert set(table["n"]) == {4}
    assert tuple(table.loc[(ALL, "0.1"), ["low", "value", "high"]]) == (1.75, 3, 4.75)
    assert table.loc[(MINIMAL, "0.1"), "value"] == 1
    # Wilson's interval of 3 in 4.
    unique = tuple(table.loc[(UNIQUE, "0.1"), ["value", "low", "high"]])
    assert unique == pytest.approx((0.75, 0.3006, 0.9544), abs=1e-4)


def test_lines_are_what_the_table_says() -> None:
    summaries = near()
    table = by_reading(summaries)
    drawn = panels(draw_tolerance(summaries))
    assert [axes.get_title(loc="left") for axes in drawn] == [ALL, MINIMAL, UNIQUE]
    assert set(table["width"]) == {"2", "3", "4"}
    for axes, panel in zip(drawn, (ALL, MINIMAL, UNIQUE), strict=True):
        own = table[table["panel"] == panel]
        lines = [line for line in axes.lines if len(line.get_ydata())]
        expected = [rows["value"].tolist() for _, rows in own.groupby("width", sort=False)]
        assert [list(line.get_ydata()) for line in lines] == expected
        segments = axes.collections[0].get_segments()
        ends = np.array([[low, high] for (_, low), (_, high) in segments])
        np.testing.assert_allclose(ends, own[["low", "high"]])
        assert [label.get_text() for label in axes.get_xticklabels()] == [*READINGS]
    assert [axes.get_yscale() for axes in drawn] == ["log", "log", "linear"]


def test_it_says_what_is_left_open_and_how_many_networks_there_are() -> None:
    words = words_of(draw_tolerance(near())).splitlines()
    assert "left open: k = 5" in words
    assert {f"k = {k} (30 networks)" for k in (2, 3, 4)} <= set(words)
    assert not any(
        "left open" in line for line in words_of(draw_tolerance(near("23"))).splitlines()
    )


def test_nothing_to_draw() -> None:
    expected = "xor-k5: no network with all circuits near it known"
    assert words_of(draw_tolerance(near("5"))) == expected
    none = summary("f-k2", PROTOCOLS_READ, converged=0)
    assert words_of(draw_tolerance({"2": none})).startswith("f-k2: no network")


@pytest.mark.slow
def test_it_is_fit_for_print(tmp_path: Path) -> None:
    assert_fit_for_print(draw_tolerance(near()), tmp_path)
