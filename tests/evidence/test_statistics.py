"""Estimates and tests against closed forms, hand-worked values and scipy on the raw data."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.weightstats import ttost_ind

from identifiability.evidence import statistics


def generator():
    return np.random.default_rng(0)


def draw(n, seed=1, scale=1.0):
    return np.random.default_rng(seed).exponential(scale, n)


def test_the_interval_of_a_mean_is_bca_and_the_same_every_time():
    values = draw(60)
    found = statistics.mean(values, generator())
    theirs = stats.bootstrap((values,), np.mean, rng=generator()).confidence_interval
    assert (found.n, found.value) == (60, values.mean())
    assert (found.low, found.high) == pytest.approx(tuple(theirs))
    assert found == statistics.mean(values, generator())


def test_a_mean_of_values_as_large_as_counts_can_be():
    found = statistics.mean(draw(50) * 1e22, generator())
    assert 0 < found.low < found.value < found.high < 1e23


def test_equal_values_have_a_mean_without_spread():
    found = statistics.mean(np.zeros(5), generator())
    assert (found.value, found.low, found.high, found.reason) == (0, 0, 0, None)


def test_the_interval_of_a_median_is_that_of_order_statistics():
    # Of ten values, the second and the ninth cover the median with 97.9%, the third and the
    # eighth with 89.1%.
    found = statistics.median(np.arange(10.0))
    assert (found.value, found.low, found.high) == (4.5, 1, 8)
    assert stats.binom.cdf(8, 10, 0.5) - stats.binom.cdf(1, 10, 0.5) == pytest.approx(
        0.979, abs=1e-3
    )


def test_shares_by_wilson_and_exactly():
    z = stats.norm.isf(0.025)
    n, p = 40, 10 / 40
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    wilson = statistics.share(10, 40)
    assert (wilson.low, wilson.high) == pytest.approx((middle - half, middle + half))
    exact = statistics.share(0, 100, method="beta")
    assert (exact.value, exact.low) == (0, 0)
    assert exact.high == pytest.approx(1 - 0.025 ** (1 / 100))


def test_the_distribution_is_the_central_part_of_the_values():
    values = np.arange(1001.0)
    found = statistics.distribution(values)
    assert (found.value, found.low, found.high) == pytest.approx((500, 24, 976))
    assert statistics.percentile(250, values) == pytest.approx(25, abs=0.1)
    assert statistics.percentile(5, np.full(4, 5.0)) == 50
    for n in range(1, 1000):  # for some, 2n times 50/n is above 100 when rounded
        assert 99.99 < statistics.percentile(n, np.arange(n)) <= 100


@pytest.mark.parametrize(
    ("estimate", "values", "reason"),
    [
        (lambda v: statistics.mean(v, generator()), [], "no network to measure"),
        (lambda v: statistics.mean(v, generator()), [1, 2], "n = 2: an interval needs 3"),
        (statistics.median, [], "no network to measure"),
        (statistics.median, [1, 2, 3, 4, 5], "n = 5: an interval needs 6"),
        (statistics.distribution, [], "no network to measure"),
        (statistics.distribution, range(38), "n = 38: an interval needs 39"),
        (lambda v: statistics.share(0, len(v)), [], "no network to measure"),
    ],
)
def test_too_few_networks_give_a_reason_and_no_interval(estimate, values, reason):
    found = estimate(np.array(values, float))
    assert (found.n, found.reason) == (len(values), reason)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(found.value) == (not len(values))


def test_two_samples_by_scipy_on_the_raw_data():
    before, after = draw(30), draw(40, seed=2, scale=3)
    found = statistics.compare(before, after, generator())
    assert found.p == pytest.approx(stats.ttest_ind(after, before, equal_var=False).pvalue)
    assert found.p_rank == pytest.approx(stats.mannwhitneyu(after, before).pvalue)
    assert found.difference.value == pytest.approx(after.mean() - before.mean())
    assert found.difference.low < found.difference.value < found.difference.high
    assert found.reason is None


def test_effect_sizes_by_hand():
    before, after = np.array([1.0, 2, 3]), np.array([3.0, 4, 8])
    found = statistics.compare(before, after, generator())
    pooled = np.sqrt((2 * 1 + 2 * 7) / 4)
    assert found.hedges_g == pytest.approx((5 - 2) / pooled * (1 - 3 / (4 * 4 - 1)))
    # Of nine pairs, one is a tie and eight are larger after.
    assert found.cliffs_delta == pytest.approx(8 / 9)


def test_a_test_of_too_few_has_a_reason_and_no_p():
    found = statistics.compare(np.array([1.0, 2]), draw(40), generator())
    assert found.reason == "n = 2 and 40: a test needs 3 in each group"
    assert np.isnan([found.p, found.p_rank, found.hedges_g, found.difference.low]).all()
    assert not np.isnan(found.difference.value)
    assert np.isnan(statistics.compare(np.array([]), draw(4), generator()).difference.value)


def test_equal_values_have_no_test():
    found = statistics.compare(np.ones(4), np.ones(5), generator())
    assert found.reason == "n = 4 and 5: all values are equal"
    assert np.isnan([found.p, found.p_rank]).all()


def test_one_constant_group_has_ranks_but_no_welch_test():
    before, after = draw(40), np.full(7, 2.0)
    found = statistics.compare(before, after, generator())
    assert found.reason == found.difference.reason == "n = 40 and 7: no variance in one group"
    assert np.isnan([found.p, found.hedges_g]).all()
    assert found.p_rank == pytest.approx(stats.mannwhitneyu(after, before).pvalue)
    assert found.difference.low < found.difference.value < found.difference.high


def test_a_line_by_scipy_on_the_raw_data():
    x = np.linspace(0.5, 2, 50)
    y = 3 - 2 * x + np.random.default_rng(3).normal(size=50)
    found = statistics.regress(x, y, generator())
    line = stats.linregress(x, y)
    assert (found.slope.value, found.intercept.value) == pytest.approx(
        (line.slope, line.intercept)
    )
    assert found.p == pytest.approx(line.pvalue)
    assert found.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert (found.spearman, found.p_rank) == pytest.approx(tuple(stats.spearmanr(x, y)))
    assert found.slope.low < -2 < found.slope.high
    assert found.intercept.low < 3 < found.intercept.high


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([1, 2], [1, 2], "n = 2: a regression needs 3"),
        ([1, 1, 1], [1, 2, 3], "no variance (n = 3)"),
        ([1, 2, 3], [0, 0, 0], "no variance (n = 3)"),
    ],
)
def test_a_line_through_too_little_has_a_reason_and_no_p(x, y, reason):
    found = statistics.regress(np.array(x, float), np.array(y, float), generator())
    assert found.reason == found.slope.reason == reason
    assert np.isnan([found.p, found.p_rank, found.slope.value]).all()


def test_holm_by_hand():
    # Sorted: 0.01 * 3, 0.02 * 2, 0.03 * 1, none below the one before; NaN is not counted.
    corrected = statistics.holm(np.array([0.03, np.nan, 0.01, 0.02]))
    assert corrected[[0, 2, 3]] == pytest.approx([0.04, 0.03, 0.04])
    assert np.isnan(corrected[1])
    assert np.isnan(statistics.holm(np.array([np.nan]))).all()


def test_a_ratio_of_the_same_networks_draws_them_together():
    before = draw(40)
    doubled = statistics.ratio(before, 2 * before, generator(), paired=True)
    assert (doubled.value, doubled.low, doubled.high) == pytest.approx((2, 2, 2))
    apart = statistics.ratio(before, 2 * before, generator(), paired=False)
    assert apart.low < 1.9 < apart.value < 2.1 < apart.high


def test_a_ratio_leaves_networks_out():
    before = np.arange(1.0, 41)
    after = np.where(before % 2, before, np.nan)
    found = statistics.ratio(before, after, generator(), paired=True)
    assert (found.n, found.value) == (20, pytest.approx(20 / 20.5))
    assert found.low < 1 < found.high
    few = statistics.ratio(before[:5], after[:5], generator(), paired=True)
    assert few.reason == "n = 3: the bootstrap finds no interval"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([1, 2], [1, 2, 3], "n = 2 and 3: a ratio needs 3"),
        ([0, 0, 0], [1, 2, 3], "every count before is 0 (n = 3)"),
    ],
)
def test_a_ratio_of_too_little_has_a_reason(before, after, reason):
    values = np.array(before, float), np.array(after, float)
    found = statistics.ratio(*values, generator(), paired=False)
    assert found.reason == reason
    assert np.isnan(found.value)


@pytest.mark.parametrize("method", ["wilson", "beta"])
def test_an_interval_of_none_begins_at_0_and_one_of_all_ends_at_1(method):
    for n in range(1, 200):
        assert statistics.share(0, n, method).low == 0
        assert statistics.share(n, n, method).high == 1


def test_one_more_network_lies_between_the_ends_as_often_as_is_said():
    """The r-th smallest and largest of n: probability (n + 1 - 2 r) / (n + 1)."""
    for n, ends in ((39, (1, 39)), (79, (2, 78)), (78, (1, 78))):
        found = statistics.distribution(np.arange(1.0, n + 1))
        assert (found.low, found.high) == ends
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(2000):
        *values, further = rng.exponential(size=40)
        found = statistics.distribution(np.array(values))
        inside += found.low <= further <= found.high
    assert abs(inside / 2000 - 38 / 40) < 4 * (0.05 * 0.95 / 2000) ** 0.5


def test_the_smallest_effect_found_is_that_of_a_power_calculation():
    before, after = draw(60), draw(60, seed=2)
    found = statistics.compare(before, after, generator())
    pooled = ((before.var(ddof=1) + after.var(ddof=1)) / 2) ** 0.5
    of_equal_spread = TTestIndPower().solve_power(nobs1=60, alpha=0.05, power=0.8)
    assert found.power.detectable == pytest.approx(of_equal_spread * pooled, rel=0.01)
    assert found.power.margin == pytest.approx(pooled / 2)


def test_a_change_as_small_as_that_is_found_in_80_percent_of_the_samples():
    rng = np.random.default_rng(3)
    first = statistics.compare(rng.normal(size=40), rng.normal(0, 2, size=30), generator())
    effect = 2.801585 * (1 / 40 + 4 / 30) ** 0.5  # of known variances
    assert first.power.detectable == pytest.approx(effect, rel=0.3)
    hits = sum(
        stats.ttest_ind(
            rng.normal(effect, 1, size=40), rng.normal(0, 2, size=30), equal_var=False
        ).pvalue
        < 0.05
        for _ in range(2000)
    )
    assert 0.76 < hits / 2000 < 0.83


def test_equivalence_is_that_of_two_one_sided_tests():
    before, after = draw(60), draw(45, seed=2, scale=1.2)
    found = statistics.compare(before, after, generator())
    margin = found.power.margin
    theirs, *_ = ttost_ind(after, before, -margin, margin, usevar="unequal")
    assert found.power.p_equal == pytest.approx(theirs)


def test_pairs_are_compared_by_their_differences():
    before = draw(50)
    after = before + 0.1 + 0.1 * np.random.default_rng(4).normal(size=50)
    found = statistics.compare_pairs(after - before, generator())
    assert found.p == pytest.approx(stats.ttest_rel(after, before).pvalue)
    assert found.p_rank == pytest.approx(stats.wilcoxon(after, before).pvalue)
    assert found.difference.low < 0.1 < found.difference.high
    spread = (after - before).std(ddof=1)
    assert found.hedges_g == pytest.approx((after - before).mean() / spread)
    one = statistics.compare(before, after, generator())
    assert found.power.detectable < one.power.detectable / 3
    for differences, reason in (
        ([1.0, 2.0], "n = 2: a test of pairs needs 3"),
        ([0.0] * 9, "n = 9: all differences are equal"),
        ([], "n = 0: a test of pairs needs 3"),
    ):
        nothing = statistics.compare_pairs(np.array(differences), generator())
        assert (nothing.reason, np.isnan(nothing.p)) == (reason, True)


def test_a_line_between_two_equal_groups_has_the_power_of_their_comparison():
    """Two groups coded 0 and 1: the slope is the difference of the means."""
    before, after = draw(60), draw(60, seed=2)
    groups = statistics.compare(before, after, generator()).power
    x = np.repeat([0.0, 1.0], 60)
    line = statistics.regress(x, np.concatenate([before, after]), generator()).power
    assert line.detectable == pytest.approx(groups.detectable, rel=0.02)
    assert line.margin == pytest.approx(groups.margin, rel=0.03)
    assert line.p_equal == pytest.approx(groups.p_equal, rel=0.1)
