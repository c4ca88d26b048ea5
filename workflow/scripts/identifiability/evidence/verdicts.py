"""The one rule by which the parts of claims are judged, and how verdicts are counted.

Nothing here reads results; what is judged was measured by ``claims``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot, isnan, nan, sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from identifiability.evidence.ledger import OURS, SIGNIFICANCE, TESTS, ClaimPart, Published
from identifiability.evidence.statistics import CONFIDENCE, Estimate

REPRODUCED = "reproduced"
SAME_DIRECTION = "same direction"
NOT_REPRODUCED = "not reproduced"
CANNOT_BE_COMPARED = "cannot be compared"
NOT_APPLICABLE = "not applicable"
VERDICTS = (REPRODUCED, SAME_DIRECTION, NOT_REPRODUCED, CANNOT_BE_COMPARED, NOT_APPLICABLE)
NOT_JUDGED = (CANNOT_BE_COMPARED, NOT_APPLICABLE)
"""The verdicts that say nothing for or against a claim."""
SIGNIFICANT, NULL, LEVEL, SHARE, COUNT = (
    "significant effect",
    "null",
    "level",
    "share",
    "count",
)
KINDS = (SIGNIFICANT, NULL, LEVEL, SHARE, COUNT)
"""What a part says; an effect says more than a level that may be met by chance."""
MIN_TALLY = 20
"""Fewest networks, in each sample, of a part that is counted in tallies."""
_QUANTILE = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Between this number of standard errors on either side lie 95%."""


@dataclass(frozen=True)
class Measured:
    """What we find for one part.

    Attributes:
        estimate: The value with its interval; its reason says why it cannot be compared.
        n_least: Networks in the smallest of its samples.
        p: The paper's own test.
        p_rank: The rank-based one.
        effect: Size of the effect.
        detectable: Of a test: the smallest effect that it would find with 80% power.
        p_equal: Of a test: that of equivalence, whether the effect is within ``margin``.
        margin: Of a test: the largest effect that counts as none.
        percentile: Of the published value among our networks.
        remark: What to know about the value.
    """

    estimate: Estimate
    n_least: int = 0
    p: float = nan
    p_rank: float = nan
    effect: float = nan
    detectable: float = nan
    p_equal: float = nan
    margin: float = nan
    percentile: float = nan
    remark: str | None = None


def kind_of(part: ClaimPart) -> str:
    """What a part says, one of ``KINDS``."""
    if part.statistic in TESTS:
        return SIGNIFICANT if part.published and part.published.significant else NULL
    return {"share": SHARE, "count": COUNT, "percentile": COUNT}.get(part.statistic, LEVEL)


def agreement(
    estimate: Estimate, statistic: str, standard_error: float | None
) -> tuple[float, float]:
    """Where the same measure of other networks would lie, in 95% of the cases.

    A published value has a sampling error of its own, so that our interval alone is too narrow for
    it. Where the paper gives a test of the value, its standard error follows from p, and the two
    are added as squares; else the paper's networks are taken to scatter as ours do, which widens
    our interval by the square root of two. Counts of formulas have no error, and the range of
    single networks is already one of values that are not ours.

    Args:
        estimate: Ours.
        statistic: How it was measured.
        standard_error: That of the published value; None if it is not known.
    """
    if statistic in ("count", "percentile"):
        return estimate.low, estimate.high
    arms = np.array([estimate.value - estimate.low, estimate.high - estimate.value])
    if standard_error is None:
        below, above = sqrt(2) * arms
    else:
        below, above = (hypot(arm, _QUANTILE * standard_error) for arm in arms)
    low, high = float(estimate.value - below), float(estimate.value + above)
    return (max(low, 0.0), min(high, 1.0)) if statistic == "share" else (low, high)


def verdict(published: Published, measured: Measured, statistic: str, same: bool) -> str:
    """The one rule by which every part of every claim is judged.

    *Cannot be compared*: nothing was measured (the box was left open, too few networks, no
    variance), or the ledger says why the published value is of another kind; the reason is given.
    *Not applicable*: the ledger says that the claim is about what the protocol has otherwise.

    Tests (Welch, paired, slope): the paper's own test decides, uncorrected, as published.
    *Reproduced* if both p lie on the same side of 0.05 and ours has the direction of the published
    change; where the paper names no direction ("does not change"), the side decides. Else *same
    direction* if the directions agree, else *not reproduced*.

    Everything else: *reproduced* if the published value lies within ``agreement`` of ours; a bound
    ("fewer than 2%"), a value read off a plot (within 10%) or words ("overwhelming") are a range,
    and must meet it. For claims about one particular network that is where 95% of single networks
    lie, and there is no direction; a number of formulas must be equal. Else *same direction* if
    both lie on the same side: of 1 for counts (are there several explanations?), of one half for
    shares, of 0 for slopes and intercepts; for claims about a change from part to part, if both
    rise or both fall from the part before (the first part: to the next). Else *not reproduced*.

    Args:
        published: What the paper reports.
        measured: What we find.
        statistic: How it is measured.
        same: Whether both have the same direction.
    """
    ours = measured.estimate
    if ours.reason is not None:
        return CANNOT_BE_COMPARED
    if statistic in TESTS:
        same_side = (measured.p < SIGNIFICANCE) == published.significant
        agrees = same_side and (same or published.change == 0)
    else:
        low, high = agreement(ours, statistic, published.standard_error)
        agrees = low <= published.high and published.low <= high
    if agrees:
        return REPRODUCED
    return SAME_DIRECTION if same and statistic != "percentile" else NOT_REPRODUCED


def null_in_words(measured: Measured) -> str | None:
    """What a null that our networks show as well rests on: equality, or want of power.

    Args:
        measured: A test that is not significant.
    """
    if isnan(measured.p_equal) or measured.p_equal < SIGNIFICANCE:
        return None
    if measured.detectable > measured.margin:
        return "only for want of power"
    return "equality not shown"


def tallied(measured: pd.DataFrame) -> pd.DataFrame:
    """The rows of the artifact ``claims`` that count in tallies.

    These are the paper's own claims, but for what cannot be compared or does not apply, for parts
    with fewer than ``MIN_TALLY`` networks in one of their samples (the claim on the number of
    formulas rests on none), and for tests of pairs, which stand beside those that the paper made.
    """
    enough = (measured["n_least"] >= MIN_TALLY) | (measured["statistic"] == "count")
    paper = ~measured["claim"].str.startswith(OURS) & (measured["statistic"] != "paired")
    return measured[enough & paper & ~measured["verdict"].isin(NOT_JUDGED)]


def tally(measured: pd.DataFrame) -> pd.DataFrame:
    """How many parts of every kind, and how many claims with all their parts, are reproduced.

    Args:
        measured: The artifact ``claims``.

    Returns:
        A row per protocol and kind, and one for whole claims: ``parts`` judged, and how many have
        which verdict. A claim counts by the worst verdict among its parts.
    """
    judged = tallied(measured)
    ranks: Mapping[str, int] = {name: rank for rank, name in enumerate(VERDICTS)}
    rows = []
    for protocol in dict.fromkeys(measured["protocol"]):
        own = judged[judged["protocol"] == protocol]
        for kind in KINDS:
            rows.append(_numbers(protocol, kind, own.loc[own["kind"] == kind, "verdict"]))
        worst = own.groupby("claim")["verdict"].agg(lambda own: max(own, key=ranks.__getitem__))
        rows.append(_numbers(protocol, "whole claim", worst))
    return pd.DataFrame(rows)


def _numbers(protocol: str, kind: str, verdicts: Iterable[str]) -> dict[str, str | int]:
    """A row of ``tally``."""
    found = list(verdicts)
    judged = [name for name in VERDICTS if name not in NOT_JUDGED]
    return {
        "kind": kind,
        "protocol": protocol,
        "parts": len(found),
        **{name.replace(" ", "_"): found.count(name) for name in judged},
    }
