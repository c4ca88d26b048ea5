"""Estimates and tests, each by scipy or statsmodels: the paper's own, and a rank-based one beside.

Functions of float arrays, one value per network; counts up to 1e22 are rounded to floats before.
Where there is too little to test, there is no p-value but a reason with the numbers.

Both are imported where they are used: it takes a second or two, and most of what reads estimates
makes none.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
MIN_TEST = 3
"""Fewest networks, per group, of a test or of a bootstrap interval."""
MIN_MEDIAN = 6
"""Fewest networks of a 95% interval of the median: the whole range of five covers only 94%."""
MIN_DISTRIBUTION = 39
"""Fewest networks between whose extremes a further one lies with a probability of 95%."""
POWER = 0.8
"""Power of the smallest effect that a test is said to find."""
MARGIN = 0.5
"""Largest effect that counts as none, in standard deviations: Cohen's "medium", decided before
looking. Between two equal groups, which lie two standard deviations of x apart, a line rises by
half of it per standard deviation of x."""
NO_INTERVAL = "n = {n}: the bootstrap finds no interval"
_RESAMPLES = 9999
_AT_ONCE = 10**7
"""Numbers resampled at a time, which bounds memory with thousands of networks."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval; NaN where there is none.

    Attributes:
        n: Networks behind it.
        value: The number.
        low: Lower end of the interval.
        high: Upper end.
        reason: Why there is no interval, or None.
    """

    n: int
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    reason: str | None = None


@dataclass(frozen=True)
class Power:
    """What a test could have found, and whether there is nothing to find; NaN without a test.

    Attributes:
        detectable: The smallest effect that is found with 80% power, in the units of the value.
        margin: The largest effect that counts as none, in the same units.
        p_equal: Of the test of equivalence (two one-sided t-tests): whether the effect is within
            the margin on both sides.
    """

    detectable: float = np.nan
    margin: float = np.nan
    p_equal: float = np.nan


@dataclass(frozen=True)
class Comparison:
    """Two samples, independent or of the same networks; NaN where there is no test.

    Attributes:
        difference: Mean after less mean before, with a bootstrap interval (BCa); n is of both.
        p: Welch's t-test; of pairs, Student's.
        p_rank: Mann-Whitney U test; of pairs, Wilcoxon's.
        hedges_g: Difference in standard deviations (pooled), corrected for small samples.
        cliffs_delta: Probability that a value after is larger than one before, less that of the
            opposite.
        power: What the test could have found.
        reason: Why there is no test, or None.
    """

    difference: Estimate
    p: float = np.nan
    p_rank: float = np.nan
    hedges_g: float = np.nan
    cliffs_delta: float = np.nan
    power: Power = Power()
    reason: str | None = None


@dataclass(frozen=True)
class Regression:
    """A straight line by least squares; NaN where there is none.

    Attributes:
        slope: With a bootstrap interval (BCa, over networks).
        intercept: The same.
        p: Of the slope, two-sided t-test.
        p_rank: Of Spearman's rank correlation.
        r_squared: Share of the variance that the line explains.
        spearman: Spearman's rank correlation.
        power: What the test could have found.
        reason: Why there is no line, or None.
    """

    slope: Estimate
    intercept: Estimate
    p: float = np.nan
    p_rank: float = np.nan
    r_squared: float = np.nan
    spearman: float = np.nan
    power: Power = Power()
    reason: str | None = None


def mean(values: Values, generator: np.random.Generator) -> Estimate:
    """The mean with a bootstrap interval (BCa); a point where all values are equal."""
    if len(values) == 0:
        return Estimate(0, reason="no network to measure")
    value = float(values.mean())
    if len(values) < MIN_TEST:
        return Estimate(len(values), value, reason=_too_few(len(values), MIN_TEST))
    return Estimate(len(values), value, *bootstrap_interval((values,), np.mean, generator))


def median(values: Values) -> Estimate:
    """The median with its exact interval, from order statistics (a quantile test inverted)."""
    if len(values) == 0:
        return Estimate(0, reason="no network to measure")
    value = float(np.median(values))
    if len(values) < MIN_MEDIAN:
        return Estimate(len(values), value, reason=_too_few(len(values), MIN_MEDIAN))
    from scipy import stats

    interval: Any = stats.quantile_test(values, p=0.5).confidence_interval(CONFIDENCE)
    low, high = interval
    return Estimate(len(values), value, float(low), float(high))


def share(successes: float, n: int, method: str = "wilson") -> Estimate:
    """A share with its interval.

    Args:
        successes: Networks counted; one with several targets by the share of them that count. The
            interval stays that of ``n`` answers, as targets of one network are not independent.
        n: Of how many.
        method: ``wilson``, or ``beta`` for Clopper and Pearson's exact one.
    """
    if n == 0:
        return Estimate(0, reason="no network to measure")
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(successes, n, alpha=1 - CONFIDENCE, method=method)
    # Rounding leaves the ends beside 0 and 1 where they are exactly there.
    low, high = 0.0 if successes == 0 else float(low), 1.0 if successes == n else float(high)
    return Estimate(n, successes / n, low, high)


def distribution(values: Values) -> Estimate:
    """The median, and between which values a further network lies with a probability of 95%.

    Of n networks and one more, each is as likely as any other to be the smallest, so that the one
    more lies between the r-th smallest and the r-th largest with a probability of
    (n + 1 - 2 r) / (n + 1), whatever the distribution.
    """
    if len(values) == 0:
        return Estimate(0, reason="no network to measure")
    value = float(np.median(values))
    if len(values) < MIN_DISTRIBUTION:
        return Estimate(len(values), value, reason=_too_few(len(values), MIN_DISTRIBUTION))
    # The tolerance keeps 40 (1 - 0.95) / 2 from falling below 1.
    r = int((len(values) + 1) * (1 - CONFIDENCE) / 2 + 1e-9)
    ordered = np.sort(values)
    return Estimate(len(values), value, float(ordered[r - 1]), float(ordered[-r]))


def percentile(value: float, values: Values) -> float:
    """Percentile of a value in a sample, from 0 to 100; values equal to it count half."""
    from scipy import stats

    # SciPy multiplies by 50 / n, which for a value above all of 11 is a little more than 100.
    return min(100.0, float(stats.percentileofscore(values, value, kind="mean")))


def compare(before: Values, after: Values, generator: np.random.Generator) -> Comparison:
    """Compares two independent samples: Welch's t-test, and Mann and Whitney's beside it.

    Welch's needs variance in each group: of one that is constant it would take the spread to be
    known, and 0. The ranks need no more than two different values in all.

    Args:
        before: Values, [network].
        after: Values, [network].
        generator: For the bootstrap.
    """
    from scipy import stats
    from statsmodels.stats.meta_analysis import effectsize_smd

    n = len(before) + len(after)
    sizes = f"n = {len(before)} and {len(after)}"
    value = float(after.mean() - before.mean()) if len(before) and len(after) else np.nan
    if min(len(before), len(after)) < MIN_TEST:
        reason = f"{sizes}: a test needs {MIN_TEST} in each group"
        return Comparison(Estimate(n, value, reason=reason), reason=reason)
    if np.ptp(np.concatenate([before, after])) == 0:
        reason = f"{sizes}: all values are equal"
        return Comparison(Estimate(n, value, reason=reason), reason=reason)
    interval = bootstrap_interval((before, after), _difference, generator)
    ranks = stats.mannwhitneyu(after, before)
    found = Comparison(
        Estimate(n, value, *interval),
        p_rank=float(ranks.pvalue),
        cliffs_delta=float(2 * ranks.statistic / (len(before) * len(after)) - 1),
    )
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        reason = f"{sizes}: no variance in one group"
        return replace(found, difference=replace(found.difference, reason=reason), reason=reason)
    m1, s1, n1 = _moments(after)
    m2, s2, n2 = _moments(before)
    welch: Any = stats.ttest_ind(after, before, equal_var=False)
    hedges_g, _ = effectsize_smd(m1, s1, n1, m2, s2, n2)
    error = np.hypot(s1 / n1**0.5, s2 / n2**0.5)
    pooled = (((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)) ** 0.5
    return replace(
        found,
        p=float(welch.pvalue),
        hedges_g=float(hedges_g),
        power=_power(value, error, welch.df, MARGIN * pooled),
    )


def compare_pairs(differences: Values, generator: np.random.Generator) -> Comparison:
    """Compares two samples of the same networks: the paired t-test, and Wilcoxon's beside it.

    Args:
        differences: Value after less value before, [network].
        generator: For the bootstrap.
    """
    from scipy import stats

    n = len(differences)
    value = float(differences.mean()) if n else np.nan
    reason = None
    if n < MIN_TEST:
        reason = f"n = {n}: a test of pairs needs {MIN_TEST}"
    elif np.ptp(differences) == 0:
        reason = f"n = {n}: all differences are equal"
    if reason is not None:
        return Comparison(Estimate(n, value, reason=reason), reason=reason)
    spread = float(differences.std(ddof=1))
    student = stats.ttest_1samp(differences, 0)
    return Comparison(
        Estimate(n, value, *bootstrap_interval((differences,), np.mean, generator)),
        p=float(student.pvalue),
        p_rank=float(stats.wilcoxon(differences).pvalue),
        hedges_g=value / spread,
        power=_power(value, spread / n**0.5, n - 1, MARGIN * spread),
    )


def _power(value: float, error: float, df: float, margin: float) -> Power:
    """What a t-test could have found.

    Args:
        value: The effect.
        error: Its standard error.
        df: Degrees of freedom.
        margin: The largest effect that counts as none.
    """
    from scipy import stats

    t = stats.t(df)
    detectable = (t.ppf((1 + CONFIDENCE) / 2) + t.ppf(POWER)) * error
    p_equal = max(t.sf((value + margin) / error), t.cdf((value - margin) / error))
    return Power(float(detectable), float(margin), float(p_equal))


def regress(x: Values, y: Values, generator: np.random.Generator) -> Regression:
    """Regresses y on x by least squares, with Spearman's rank correlation beside it.

    Args:
        x: The explaining quantity, [network].
        y: What it explains, [network].
        generator: For the bootstrap.
    """
    from scipy import stats

    n, reason = len(x), None
    if n < MIN_TEST:
        reason = f"n = {n}: a regression needs {MIN_TEST}"
    elif np.ptp(x) == 0 or np.ptp(y) == 0:
        reason = f"no variance (n = {n})"
    if reason is not None:
        nothing = Estimate(n, reason=reason)
        return Regression(nothing, nothing, reason=reason)
    line, ranks = stats.linregress(x, y), stats.spearmanr(x, y)
    return Regression(
        Estimate(n, float(line.slope), *bootstrap_interval((x, y), _slope, generator, True)),
        Estimate(
            n, float(line.intercept), *bootstrap_interval((x, y), _intercept, generator, True)
        ),
        p=float(line.pvalue),
        p_rank=float(ranks.pvalue),
        r_squared=float(line.rvalue) ** 2,
        spearman=float(ranks.statistic),
        power=_power(
            float(line.slope),
            float(line.stderr),
            n - 2,
            MARGIN / 2 * float(y.std(ddof=1) / x.std(ddof=1)),
        ),
    )


def ratio(
    before: Values, after: Values, generator: np.random.Generator, *, paired: bool
) -> Estimate:
    """Mean after per mean before, with a bootstrap interval (percentiles, over networks).

    Args:
        before: Values, [network].
        after: Values; of the same networks if paired, NaN for those that are left out.
        generator: For the bootstrap.
        paired: Whether the two are of the same networks, which are then drawn together.
    """
    n = int(np.count_nonzero(~np.isnan(after)))
    if min(len(before), n) < MIN_TEST:
        return Estimate(n, reason=f"n = {len(before)} and {n}: a ratio needs {MIN_TEST}")
    if not before.any():
        return Estimate(n, reason=f"every count before is 0 (n = {len(before)})")
    interval = bootstrap_interval((before, after), _ratio, generator, paired, "percentile")
    reason = NO_INTERVAL.format(n=n) if np.isnan(interval).any() else None
    return Estimate(n, float(_ratio(before, after)), *interval, reason)


def holm(p: Values) -> Values:
    """P-values of one table, corrected for their number (Holm); NaN stays NaN and is not counted.

    Args:
        p: P-values, [test].
    """
    from statsmodels.stats.multitest import multipletests

    corrected = np.full(len(p), np.nan)
    given = ~np.isnan(p)
    if given.any():
        corrected[given] = multipletests(p[given], method="holm")[1]
    return corrected


def bootstrap_interval(
    samples: tuple[Values, ...],
    statistic: Callable[..., Any],
    generator: np.random.Generator,
    paired: bool = False,
    method: Literal["BCa", "percentile"] = "BCa",
) -> tuple[float, float]:
    """95% bootstrap interval of a statistic; its value twice where no value varies, NaN if none.

    Args:
        samples: One or more samples, [network] each.
        statistic: Of the samples, along ``axis``.
        generator: Draws the resamples.
        paired: Whether the samples are of the same networks, which are then drawn together.
        method: As scipy names it.
    """
    if all(np.ptp(sample[~np.isnan(sample)]) == 0 for sample in samples):
        value = float(statistic(*samples, axis=-1))
        return value, value
    from scipy import stats

    # Where a resample has no value, as can be with very few networks, the interval is NaN.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            samples,
            statistic,
            paired=paired,
            vectorized=True,
            confidence_level=CONFIDENCE,
            n_resamples=_RESAMPLES,
            batch=max(1, _AT_ONCE // max(map(len, samples))),
            method=method,
            rng=generator,
        ).confidence_interval
    return float(interval.low), float(interval.high)


def _moments(values: Values) -> tuple[float, float, int]:
    """Mean, standard deviation and number of a sample."""
    return float(values.mean()), float(values.std(ddof=1)), len(values)


def _too_few(n: int, needed: int) -> str:
    return f"n = {n}: an interval needs {needed}"


def _difference(before: Values, after: Values, axis: int = -1) -> Any:
    """Mean after less mean before, along an axis."""
    return after.mean(axis) - before.mean(axis)


def _ratio(before: Values, after: Values, axis: int = -1) -> Any:
    """Mean after, NaN left out, per mean before, along an axis."""
    there = np.count_nonzero(~np.isnan(after), axis)
    return np.nansum(after, axis) / there / before.mean(axis)


def _slope(x: Values, y: Values, axis: int = -1) -> Any:
    """Slope of the least-squares line, along an axis."""
    from_mean = x - x.mean(axis, keepdims=True)
    return (from_mean * y).sum(axis) / (from_mean**2).sum(axis)


def _intercept(x: Values, y: Values, axis: int = -1) -> Any:
    """Intercept of the least-squares line, along an axis."""
    return y.mean(axis) - _slope(x, y, axis) * x.mean(axis)
