"""Tests of the claims as tables: two groups compared (Table 3), and lines fitted (Table 4)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from identifiability.evidence.claims import (
    Samples,
    bootstrap_generator,
    query_rows,
    samples_of,
    values_of,
)
from identifiability.evidence.ledger import Claim, ClaimPart
from identifiability.evidence.statistics import (
    Comparison,
    Estimate,
    compare,
    compare_pairs,
    holm,
    mean,
    median,
    regress,
)


def comparisons(claims: Sequence[Claim], folder: Path) -> pd.DataFrame:
    """Table 3, and the tests of C11 to C13: two groups of networks, or one group seen twice.

    Args:
        claims: Those whose tests are shown.
        folder: That of the run.

    Returns:
        One row per test and protocol: published means and test; n, ours with 95% bootstrap
        intervals (BCa, over networks) and medians; the difference with its interval; p by Welch
        and by ranks, and both corrected for the number of rows (Holm); effect sizes. Without
        enough networks, no p but the reason; it also says where interpretations are estimated.
    """
    rows = []
    for claim in claims:
        found = query_rows(claim, folder)
        means = {
            part.samples[0]: part.published.low
            for part in claim.parts
            if part.statistic == "mean" and part.published
        }
        for protocol in claim.protocols:
            for part in claim.parts:
                if part.statistic not in ("welch", "paired"):
                    continue
                samples = samples_of(claim, part, found, protocol)
                row = _names(claim, part, protocol)
                paired = part.statistic == "paired"
                theirs = (None, None) if paired else part.samples
                for side, sample in zip(("before", "after"), theirs, strict=True):
                    row[f"published_{side}"] = means.get(str(sample), np.nan)
                row["published"] = part.published.words if part.published else None
                rows.append(row | (_pairs if paired else _comparison)(samples))
    return _corrected(pd.DataFrame(rows))


def regressions(claims: Sequence[Claim], folder: Path) -> pd.DataFrame:
    """Table 4: each quantity on the joint entropy of the input distribution.

    Args:
        claims: Those whose lines are shown.
        folder: That of the run.

    Returns:
        One row per claim and protocol: published slope, intercept and test; n, ours with 95%
        bootstrap intervals (BCa, over networks); p of the slope and of Spearman's rank
        correlation, and both corrected for the number of rows (Holm).
    """
    rows = []
    for claim in claims:
        found = query_rows(claim, folder)
        parts = {part.statistic: part for part in claim.parts}
        for protocol in claim.protocols:
            samples = samples_of(claim, parts["ols"], found, protocol)
            row = _names(claim, parts["ols"], protocol)
            for name in ("slope", "intercept"):
                theirs = parts[name].published
                row[f"published_{name}"] = theirs.low if theirs else np.nan
            theirs = parts["ols"].published
            row["published"] = theirs.words if theirs else None
            rows.append(row | _regression(samples))
    return _corrected(pd.DataFrame(rows))


def _names(claim: Claim, part: ClaimPart, protocol: str) -> dict[str, Any]:
    """The columns that say which test a row is."""
    quantity, _, comparison = part.name.partition(", ")
    return {
        "claim": claim.id,
        "quantity": claim.quantity or quantity,
        "comparison": " → ".join(part.samples) if claim.quantity else comparison,
        "protocol": protocol,
    }


def _pairs(samples: Samples) -> dict[str, Any]:
    """One group seen twice: the differences within its networks; it has no means of its own."""
    differences = values_of(samples.rows[0])
    row: dict[str, Any] = {}
    for side in ("before", "after"):
        row |= {f"n_{side}": len(differences), **_estimate(f"mean_{side}", Estimate(0))}
        row |= {f"median_{side}": np.nan}
    return row | _tested(samples, compare_pairs(differences, bootstrap_generator()))


def _comparison(samples: Samples) -> dict[str, Any]:
    """Two groups, and the tests between them."""
    before, after = map(values_of, samples.rows)
    row: dict[str, Any] = {}
    for side, values in (("before", before), ("after", after)):
        row |= {f"n_{side}": len(values)}
        row |= _estimate(f"mean_{side}", mean(values, bootstrap_generator()))
        row |= {f"median_{side}": median(values).value}
    return row | _tested(samples, compare(before, after, bootstrap_generator()))


def _tested(samples: Samples, found: Comparison) -> dict[str, Any]:
    """The difference and its tests as columns."""
    return {
        **_estimate("difference", found.difference),
        "p": found.p,
        "p_rank": found.p_rank,
        "hedges_g": found.hedges_g,
        "cliffs_delta": found.cliffs_delta,
        "reason": samples.reason or found.reason or samples.remark,
    }


def _regression(samples: Samples) -> dict[str, Any]:
    """A line, and the tests of it."""
    (rows,) = samples.rows
    line = regress(rows["x"].to_numpy(np.float64), values_of(rows), bootstrap_generator())
    return {
        "n": len(rows),
        **_estimate("slope", line.slope),
        **_estimate("intercept", line.intercept),
        "p": line.p,
        "p_rank": line.p_rank,
        "r_squared": line.r_squared,
        "spearman": line.spearman,
        "reason": samples.reason or line.reason or samples.remark,
    }


def _estimate(name: str, estimate: Estimate) -> dict[str, float]:
    """A number and its interval as columns."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _corrected(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its p-values corrected for their number, each beside itself."""
    for name in ("p_rank", "p"):
        corrected = holm(table[name].to_numpy(np.float64))
        table.insert(list(table.columns).index(name) + 1, f"{name}_holm", corrected)
    return table
