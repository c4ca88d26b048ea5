"""The claims of the paper: the ledger ``paper/claims.yaml``, measured and judged.

A claim is measured by its one query on ``results/`` and has one or more parts, each a statistic of
the query's rows with the published value beside it. ``verdicts`` has the rule that judges it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from identifiability.errors import UserError
from identifiability.evidence import statistics
from identifiability.evidence.ledger import TESTS, Claim, ClaimPart, Ledger, Published
from identifiability.evidence.statistics import Estimate, Power
from identifiability.evidence.verdicts import (
    CANNOT_BE_COMPARED,
    NOT_APPLICABLE,
    NOT_JUDGED,
    NULL,
    REPRODUCED,
    VERDICTS,
    Measured,
    agreement,
    kind_of,
    null_in_words,
    verdict,
)
from identifiability.networks.families import Analysed
from identifiability.report.numerals import equals, with_interval
from identifiability.store.contracts import contract

if TYPE_CHECKING:
    import duckdb

WHY_LEFT_OPEN = "left open: the box is too large to be counted"
"""Why a number is missing that nobody has counted."""
ESTIMATED = "interpretations estimated"
"""How a remark on numbers that are not exact begins, or goes on."""
ABOUT = "≈"
"""Beside what rests on such numbers in part."""
_SEED = 0
"""Every interval is drawn afresh from this seed, so that none depends on the ones before."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The rows that a part is about.

    Attributes:
        rows: Those that count, of the one sample, or of those before and after.
        reason: Why they cannot be measured, or None.
        remark: What to know about them, or None.
    """

    rows: tuple[pd.DataFrame, ...]
    reason: str | None = None
    remark: str | None = None


@dataclass(frozen=True)
class Pool:
    """Which networks the claims are measured on.

    Attributes:
        networks: The column of ``summary`` that says whether one counts.
        half: The seeds that count: the even ones (0) or the odd ones (1); None for all.
    """

    networks: Analysed | Literal["analysed"] = "analysed"
    half: Literal[0, 1] | None = None


WHOLE = Pool()
"""All the networks that figures and tables are about."""
_HALVES: Mapping[str, Pool] = {"even_seeds": Pool(half=0), "odd_seeds": Pool(half=1)}


def run(query: str, folder: Path, name: str, pool: Pool = WHOLE) -> pd.DataFrame:
    """Rows of a query on the files below a folder, in an order of their own values.

    Args:
        query: DuckDB's SQL.
        folder: That of the run.
        name: What an error calls the query.
        pool: Which networks it is about.

    Raises:
        UserError: If the query fails, or finds no rows though all networks are asked for.
    """
    import duckdb

    try:
        whole = _in_folder(_of_pool(query, pool), folder)
        rows: pd.DataFrame = _database().execute(whole).df()
    except duckdb.Error as error:
        raise UserError(f"{name}: {str(error).splitlines()[0]}") from None
    if rows.empty and pool == WHOLE:
        raise UserError(f"{name}: its query finds no rows in {folder}")
    return rows.sort_values(rows.columns.tolist(), ignore_index=True)


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """A database in memory, one a process, as opening it takes longer than most queries."""
    import duckdb

    # One thread, for the order of a sum, to the last bit.
    return duckdb.connect(config={"threads": 1})


def _in_folder(query: str, folder: Path) -> str:
    """A query with the paths of its files from here, not from the folder of the run."""
    here = folder.as_posix().replace("'", "''")
    return re.sub(r"'((?:data|results)/[^']+)'", lambda file: f"'{here}/{file[1]}'", query)


def _of_pool(query: str, pool: Pool) -> str:
    """A query that reads of every file what is about the networks of a pool."""

    def narrowed(read: re.Match[str]) -> str:
        artifact = read["artifact"]
        columns = contract(artifact).columns
        seeds = f" WHERE seed % 2 = {pool.half}" if pool.half is not None else ""
        which = f" REPLACE ({pool.networks} AS analysed)" if "analysed" in columns else ""
        return f"(SELECT *{which} FROM {read[0]}{seeds if 'seed' in columns else ''})"

    if pool == WHOLE:
        return query
    return re.sub(r"read_parquet\(\['\w+/(?P<artifact>\w+)/[^\]]*\]\)", narrowed, query)


def measure_claims(ledger: Ledger, folder: Path, other: Analysed = "functional") -> pd.DataFrame:
    """Measures and judges every claim: on all networks, on others, and on two halves of the seeds.

    Args:
        ledger: The claims.
        folder: That of the run, with ``results`` and ``data`` in it.
        other: The networks that are not the ones analysed.

    Returns:
        The artifact ``claims``.

    Raises:
        UserError: If a claim's query finds no rows, or none for one of its parts.
    """
    rows = []
    for claim in ledger.claims.values():
        by_pool = [
            measured_on(claim, folder, pool) for pool in (WHOLE, Pool(other), *_HALVES.values())
        ]
        for row, elsewhere, *halves in zip(*by_pool, strict=True):
            others = {f"other_{c}": elsewhere[c] for c in ("n", "value", "low", "high", "verdict")}
            stable = {
                f"verdict_{name}": half["verdict"]
                for name, half in zip(_HALVES, halves, strict=True)
            }
            rows.append(row | others | stable)
    return pd.DataFrame(rows)


def measured_on(claim: Claim, folder: Path, pool: Pool = WHOLE) -> list[dict[str, Any]]:
    """The parts of a claim under each of its protocols, measured on some networks and judged.

    Args:
        claim: The claim.
        folder: That of the run.
        pool: Which networks it is measured on.

    Returns:
        Rows of the artifact ``claims``.
    """
    found = query_rows(claim, folder, pool)
    rows = []
    judged = [(part, part.published) for part in claim.parts if part.published]
    for protocol in claim.protocols:
        own = found[found["protocol"] == protocol]
        measured = [
            measure(part.statistic, published, samples_of(claim, part, own, protocol, pool))
            for part, published in judged
        ]
        directions = _directions(claim, judged, measured)
        for (part, published), ours, same in zip(judged, measured, directions, strict=True):
            rows.append(_row(claim, part, protocol, published, ours, same))
    return rows


def query_rows(claim: Claim, folder: Path, pool: Pool = WHOLE) -> pd.DataFrame:
    """Rows that a claim's query finds; none if the run has none of its families.

    Args:
        claim: The claim.
        folder: That of the run.
        pool: Which networks it is measured on.

    Raises:
        UserError: If it finds none; names the claim.
    """
    if not claim.query:
        return pd.DataFrame(columns=["protocol", "used", "value", "sample", "x"])
    rows = run(claim.query, folder, f"claim {claim.id}", pool)
    return rows.assign(used=rows["used"].fillna(False).astype(bool))


def samples_of(
    claim: Claim, part: ClaimPart, rows: pd.DataFrame, protocol: str, pool: Pool = WHOLE
) -> Samples:
    """The rows that a part is about.

    Args:
        claim: The claim.
        part: One of its parts.
        rows: All that its query finds.
        protocol: The one in question.
        pool: Which networks the rows are about.

    Raises:
        UserError: If a sample has no row, used or not, though the run has all families and all
            networks are asked for.
    """
    rows = rows[rows["protocol"] == protocol]
    parts = [rows]
    if "sample" in rows:
        parts = [rows[rows["sample"] == sample] for sample in part.samples]
    remarks = []
    if any(sample.empty for sample in parts):
        if not claim.absent and pool != WHOLE:
            return Samples(tuple(parts), "no network to measure")
        if not claim.absent:
            raise UserError(
                f"claim {claim.id}: its query finds no rows for {part.name!r} under {protocol}"
            )
        return Samples(tuple(parts), f"not in this run: {', '.join(claim.absent)}")
    used = [sample[sample["used"]] for sample in parts]
    counted = tuple(sample[sample["value"].notna()] for sample in used)
    if any(len(some) and rest.empty for some, rest in zip(used, counted, strict=True)):
        return Samples(counted, WHY_LEFT_OPEN)
    n_estimated = sum(int(some["estimated"].sum()) for some in counted if "estimated" in some)
    remarks += known_in_part(sum(map(len, used)) - sum(map(len, counted)), n_estimated)
    if "remark" in counted[0]:
        remarks += counted[0]["remark"].dropna().unique().tolist()
    if "setting" in rows and counted[0]["setting"].nunique() > 1:
        means = counted[0].groupby("setting")["value"].mean()
        least, most = (
            f"{share:.0%} ({name})" for name, share in means.sort_values().iloc[[0, -1]].items()
        )
        alike = means.nunique() == 1
        remarks.append(
            f"{means.iloc[0]:.0%} in every setting" if alike else f"from {least} to {most}"
        )
        if claim.absent:
            remarks.append(f"not in this run: {', '.join(claim.absent)}")
    return Samples(counted, remark="; ".join(remarks) or None)


def known_in_part(n_open: int, n_estimated: int) -> list[str]:
    """What to know about numbers that are not all exact.

    Args:
        n_open: Networks that have none.
        n_estimated: Networks whose interpretations are estimated.
    """
    remarks = [f"{n_open} networks left open"] if n_open else []
    return [*remarks, f"{ESTIMATED} in {n_estimated} networks"] if n_estimated else remarks


def measure(statistic: str, published: Published, samples: Samples) -> Measured:
    """Measures one part.

    Args:
        statistic: Which one.
        published: What the paper reports.
        samples: The rows.
    """
    if samples.reason is not None:
        return Measured(Estimate(0, reason=samples.reason))
    measured = _MEASURES[statistic](samples.rows, published)
    ours = measured.estimate
    least = ours.n if statistic == "count" else min(map(len, samples.rows))
    if statistic not in TESTS and ours.reason is None and isnan(ours.low):
        ours = replace(ours, reason=statistics.NO_INTERVAL.format(n=ours.n))
    return replace(measured, estimate=ours, n_least=least, remark=samples.remark)


def overview(measured: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The claims to be read: a row per part, and a column per protocol.

    Args:
        measured: The artifact ``claims``.
        ledger: The claims.

    Returns:
        Claim, place, part, published value, and per protocol ours with the verdict.
    """
    rows = []
    for (claim, part), group in measured.groupby(["claim", "part"], sort=False):
        first = group.iloc[0]
        row = {
            "claim": claim,
            "place": ledger.claims[str(claim)].place,
            "part": part,
            "published": first["published"],
        }
        cells = {found["protocol"]: published_in_words(found) for _, found in group.iterrows()}
        rows.append(row | cells)
    return pd.DataFrame(rows).fillna("")


def verdicts(measured: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The verdicts in short: a row per claim, and a column per protocol.

    Args:
        measured: The artifact ``claims``.
        ledger: The claims.

    Returns:
        Claim, place, statement, and per protocol the verdict on all parts, or how many parts have
        which one, with a mark where interpretations are estimated.
    """
    rows = []
    for claim, group in measured.groupby("claim", sort=False):
        known = ledger.claims[str(claim)]
        row = {"claim": known.id, "place": known.place, "statement": known.statement}
        for protocol, found in group.groupby("protocol", sort=False):
            numbers = found["verdict"].value_counts().reindex(VERDICTS).dropna().astype(int)
            row[str(protocol)] = (
                str(numbers.index[0])
                if len(numbers) == 1
                else ", ".join(f"{number} {name}" for name, number in numbers.items())
            )
            if any(map(estimated_in_part, found["reason"])):
                row[str(protocol)] += f" {ABOUT}"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def estimated_in_part(reason: Any) -> bool:
    """Whether a remark says that interpretations are estimated."""
    return isinstance(reason, str) and ESTIMATED in reason


def published_in_words(row: "pd.Series[Any]") -> str:
    """A row of the artifact ``claims`` in one cell."""
    reason = f" ({row['reason']})" if isinstance(row["reason"], str) else ""
    if row["verdict"] in NOT_JUDGED:
        return f"{row['verdict']}{reason}"
    share = row["statistic"] == "share"
    value = with_interval(row["value"], row["low"], row["high"], share=share)
    if row["statistic"] in TESTS:
        value += f", p {equals(row['p'])}"
    if row["statistic"] == "percentile":
        value += f", percentile {row['percentile']:.0f}"
    return f"{value}: {row['verdict']}{reason}"


def _directions(
    claim: Claim, judged: Sequence[tuple[ClaimPart, Published]], measured: Sequence[Measured]
) -> list[bool]:
    """Whether each part, as published and as measured, has the same direction (``verdict``)."""
    theirs = [published.middle for _, published in judged]
    ours = [found.estimate.value for found in measured]
    same = []
    for i, (part, published) in enumerate(judged):
        first = i == 0 or part.series != judged[i - 1][0].series
        neighbour = min(i + 1, len(judged) - 1) if first else i - 1
        if part.statistic in TESTS:
            signs = published.change, np.sign(ours[i])
        elif claim.ordered and not isnan(ours[neighbour]):
            signs = np.sign(theirs[i] - theirs[neighbour]), np.sign(ours[i] - ours[neighbour])
        else:
            signs = np.sign(theirs[i] - part.reference), np.sign(ours[i] - part.reference)
        same.append(bool(signs[0] == signs[1] != 0))
    return same


def _row(
    claim: Claim,
    part: ClaimPart,
    protocol: str,
    published: Published,
    measured: Measured,
    same: bool,
) -> dict[str, Any]:
    """A row of the artifact ``claims``."""
    ours = measured.estimate
    judged = verdict(published, measured, part.statistic, same)
    kind = kind_of(part)
    why = null_in_words(measured) if (kind, judged) == (NULL, REPRODUCED) else None
    reason = ours.reason or "; ".join(filter(None, (why, measured.remark))) or None
    agrees = agreement(ours, part.statistic, published.standard_error)
    if protocol in claim.not_applicable:
        judged, reason = NOT_APPLICABLE, claim.not_applicable[protocol]
    elif part.incomparable and ours.reason is None:
        judged = CANNOT_BE_COMPARED
        reason = "; ".join(filter(None, (part.incomparable, measured.remark)))
    return {
        "claim": claim.id,
        "part": part.name,
        "protocol": protocol,
        "statistic": part.statistic,
        "kind": kind,
        "n": ours.n,
        "n_least": measured.n_least,
        "value": ours.value,
        "low": ours.low,
        "high": ours.high,
        "agrees_low": agrees[0],
        "agrees_high": agrees[1],
        "percentile": measured.percentile,
        "p": measured.p,
        "p_rank": measured.p_rank,
        "effect": measured.effect,
        "detectable": measured.detectable,
        "margin": measured.margin,
        "p_equal": measured.p_equal,
        "published": published.words,
        "published_low": published.low,
        "published_high": published.high,
        "verdict": judged,
        "reason": reason,
    }


def _count(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    value = float(values_of(samples[0]).sum())
    return Measured(Estimate(int(value), value, value, value))


def _mean(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    return Measured(statistics.mean(values_of(samples[0]), bootstrap_generator()))


def _median(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    return Measured(statistics.median(values_of(samples[0])))


def _percentile(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    values = values_of(samples[0])
    return Measured(
        statistics.distribution(values),
        percentile=statistics.percentile(published.middle, values) if len(values) else nan,
    )


def _share(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    values = values_of(samples[0])
    return Measured(statistics.share(float(values.sum()), len(values)))


def _welch(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    before, after = map(values_of, samples)
    return _compared(statistics.compare(before, after, bootstrap_generator()))


def _paired(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    return _compared(statistics.compare_pairs(values_of(samples[0]), bootstrap_generator()))


def _compared(found: statistics.Comparison) -> Measured:
    return _tested(found.difference, found.p, found.p_rank, found.hedges_g, found.power)


def _tested(estimate: Estimate, p: float, p_rank: float, effect: float, power: Power) -> Measured:
    return Measured(
        estimate,
        p=p,
        p_rank=p_rank,
        effect=effect,
        detectable=power.detectable,
        p_equal=power.p_equal,
        margin=power.margin,
    )


def _line(samples: Sequence[pd.DataFrame]) -> statistics.Regression:
    return _fitted(tuple(samples[0]["x"]), tuple(samples[0]["value"]))


@lru_cache(maxsize=1)
def _fitted(x: tuple[float, ...], y: tuple[float, ...]) -> statistics.Regression:
    """A line, once for the three parts that ask for its slope, its intercept and its test."""
    values = np.array(x, np.float64), np.array(y, np.float64)
    return statistics.regress(*values, bootstrap_generator())


def _slope(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    return Measured(_line(samples).slope)


def _intercept(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    return Measured(_line(samples).intercept)


def _ols(samples: Sequence[pd.DataFrame], published: Published) -> Measured:
    line = _line(samples)
    return _tested(line.slope, line.p, line.p_rank, line.r_squared, line.power)


_MEASURES: Mapping[str, Callable[[Sequence[pd.DataFrame], Published], Measured]] = {
    "count": _count,
    "mean": _mean,
    "median": _median,
    "percentile": _percentile,
    "share": _share,
    "welch": _welch,
    "paired": _paired,
    "slope": _slope,
    "intercept": _intercept,
    "ols": _ols,
}


def bootstrap_generator() -> np.random.Generator:
    """Random numbers of one interval."""
    return np.random.default_rng(_SEED)


def values_of(rows: pd.DataFrame) -> statistics.Values:
    """The values of a sample, [network], those left open not among them."""
    return rows["value"].dropna().to_numpy(np.float64)
