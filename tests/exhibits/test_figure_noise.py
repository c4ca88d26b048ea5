"""The two-by-two of noise: what it draws is what the summaries say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from identifiability.evidence.noise import QUANTITIES, READ, interaction, values_of
from identifiability.exhibits.figures.figure_noise import draw_noise
from identifiability.report.numerals import equals
from tests.exhibits.drawn import assert_fit_for_print, panels, words_of
from tests.exhibits.summaries import summary


def both(converged: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Networks trained without and with noise, the latter with fewer circuits read noisily."""
    without = summary("plain", tuple(READ), converged=converged)
    with_noise = summary("noise", tuple(READ), width=2, converged=converged)
    fewer = (with_noise["protocol"] == "released-noisy") & with_noise["analysed"]
    with_noise.loc[fewer, "n_circuits"] = 1
    random = np.random.default_rng(0)
    for rows in (without, with_noise):
        learned = rows["analysed"]
        drawn = random.integers(1, 10**6, learned.sum())
        rows.loc[learned, "n_interpretations"] = [str(n) for n in drawn]
    return without, with_noise


def test_values_are_paired_by_network() -> None:
    rows = both()[0]
    lacking = (rows["network_id"] == "plain/3") & (rows["protocol"] == "released-noisy")
    rows.loc[lacking, ["n_circuits", "n_interpretations"]] = [0, "0"]
    found = {quantity: values_of(rows, quantity) for quantity in QUANTITIES}
    assert [len(values) for values in found.values()] == [20, 19, 20]
    assert found["n_circuits"].loc["plain/3", "released-noisy"] == 0
    one = rows[(rows["network_id"] == "plain/5") & (rows["protocol"] == "released")].iloc[0]
    expected = int(one["n_interpretations"]) / one["n_circuits"]
    assert found["per_circuit"].loc["plain/5", "released"] == pytest.approx(expected)


def test_lines_are_means_and_the_interaction_is_tested() -> None:
    pair = both()
    figure = draw_noise({"cutoff 1e-3": pair, "cutoff 1e-2": pair})
    drawn = panels(figure)
    assert len(drawn) == 2 * len(QUANTITIES)
    for axes, quantity in zip(drawn, [*QUANTITIES, *QUANTITIES], strict=True):
        values = [values_of(own, quantity) for own in pair]
        lines = [list(line.get_ydata()) for line in axes.lines if len(line.get_ydata())]
        assert lines == [pytest.approx(list(own.mean())) for own in values]
        change = [own["released-noisy"] - own["released"] for own in values]
        p = ttest_ind(*change, equal_var=False).pvalue
        between = interaction(*values)
        assert between.p == pytest.approx(p)
        assert between.difference.value == pytest.approx(change[1].mean() - change[0].mean())
        title = axes.get_title(loc="left")
        assert title.startswith(f"n = {len(values[0])} and {len(values[1])}\ninteraction ")
        assert title.endswith(f"p {equals(p)}")
        assert len(axes.collections[0].get_segments()) == 4
    assert {"cutoff 1e-3", "trained with noise", "n = 20 and 20"} <= set(
        words_of(figure).splitlines()
    )


def test_no_network_converged() -> None:
    assert words_of(draw_noise({"cutoff": both(converged=0)})) == "no network to read on noise"


def test_one_network_has_no_test() -> None:
    figure = draw_noise({"cutoff": both(converged=1)})
    assert not any("interaction" in axes.get_title(loc="left") for axes in panels(figure))
    assert np.isfinite(panels(figure)[0].lines[0].get_ydata()).all()


@pytest.mark.slow
def test_it_is_fit_for_print(tmp_path: Path) -> None:
    assert_fit_for_print(draw_noise({"cutoff 1e-3": both()}), tmp_path)
