"""The parts of READMEs that a run fills in: headline, claims, times, what rules need.

``python -m identifiability.report.readme`` writes them from ``results/`` and ``benchmarks/``,
between markers in the text.
"""

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from identifiability.evidence.claims import ABOUT, OURS
from identifiability.evidence.runs import read_config
from identifiability.evidence.sweeps import estimated
from identifiability.protocols import PROTOCOLS
from identifiability.report.facts import converged_of, share_answering
from identifiability.report.numerals import duration, listed, number, percent
from identifiability.store.paths import PROJECT

_SHORT = {
    "not reproduced": "✗",
    "reproduced": "✓",
    "same direction": "~",
    "cannot be compared": "–",
}
"""Verdicts in the table of claims."""
_TOGETHER = {
    "^figure_.*": "figure_*",
    "^(table_.*|measure_claims|facts|report)$": "table_*, measure_claims, facts, report",
    "^digit_.*": "digit_*",
    "^(datasets|formulas|untrained_networks)$": "datasets, formulas, untrained_networks",
    "^explorer(_data)?$": "explorer_data, explorer",
    "^(tutorial|audit_notebook|manifest)$": "tutorial, audit_notebook, manifest",
}
"""Rules that share a line in the tables."""
ON_A_GPU = ("circuits", "alignment")
"""Rules that compute on a GPU, where there is one."""


def headline(
    claims: pd.DataFrame, ladder: pd.DataFrame, summaries: Mapping[str, pd.DataFrame]
) -> str:
    """What the replication finds, in three paragraphs; every number names its protocol.

    Args:
        claims: The artifact ``claims``.
        ladder: The table ``table_ladder``.
        summaries: The artifact ``summary`` by family, of all families in use.
    """
    rungs = ladder[(ladder["protocol"] == "strict") & ladder["family"].str.startswith("xor-")]
    xor = rungs.sort_values("x").drop_duplicates("x").set_index("x")["family"]
    widths = listed([str(width) for width in xor.index])
    found = [
        _circuits(summaries, xor.index[0], xor.iloc[0]),
        _algorithms([summaries[family] for family in xor], widths),
        _noise(claims),
    ]
    return "\n\n".join(textwrap.fill(" ".join(text.split()), 99) for text in found)


def guarded(holds: bool, sentence: str) -> str:
    """A sentence that the results have to bear out.

    Raises:
        ValueError: If they do not.
    """
    if not holds:
        raise ValueError(f"the README says what does not hold any more: {sentence}")
    return f"**{sentence}**"


def _circuits(summaries: Mapping[str, pd.DataFrame], width: int, narrowest: str) -> str:
    """How many networks have several circuits, and one interpretation; and the narrowest."""
    rows = {protocol: converged_of(summaries.values(), protocol) for protocol in PROTOCOLS}
    n = rows["strict"]["network_id"].nunique()
    several = [
        f"{percent(share_answering(own, 'q1', 'several'))} under `{protocol}`"
        for protocol, own in rows.items()
    ]
    read = {protocol: share_answering(own, "q2", "unique") for protocol, own in rows.items()}
    if any(read.values()):
        shares = [f"{percent(share)} under `{protocol}`" for protocol, share in read.items()]
        one = f"{listed(shares)} have exactly one interpretation"
    else:
        names = listed([f"`{protocol}`" for protocol in read])
        one = f"No network has exactly one interpretation under any of {names}"
    guessed = [f"`{protocol}`" for protocol, own in rows.items() if estimated(own)]
    remark = f" (estimated in part under {listed(guessed)})" if guessed else ""
    at_most_one = [
        f"`{protocol}`"
        for protocol in PROTOCOLS
        if share_answering(converged_of([summaries[narrowest]], protocol), "q1", "several") == 0
    ]
    exception = ""
    if at_most_one:
        exception = (
            f"XOR networks of width {width} have at most one perfect circuit under "
            f"{listed(at_most_one)}."
        )
    rare = all(
        share_answering(own, q, "unique") <= 0.5 for own in rows.values() for q in ("q1", "q2")
    )
    heading = guarded(rare, "Circuits and interpretations are rarely unique.")
    return f"""
        {heading}
        Of the {number(n)} converged networks of all experiments on Boolean gates, untrained ones
        included, {listed(several)} have several perfect circuits. {one}{remark}. {exception}
    """


def _algorithms(summaries: Sequence[pd.DataFrame], widths: str) -> str:
    """How many XOR networks have exactly one algorithm and mapping, by width."""

    def unique(protocol: str, question: str) -> str | None:
        rows = [converged_of([summary], protocol) for summary in summaries]
        shares = [share_answering(own, question, "unique") for own in rows]
        return listed([percent(share) for share in shares]) if any(shares) else None

    by_text = unique("text", "q3")
    text = f"{by_text} of them have exactly one" if by_text else "none of them has exactly one"
    by_strict = [share_answering(converged_of([s], "strict"), "q3", "unique") for s in summaries]
    falls = by_strict[0] > 0.5 > by_strict[-1]
    heading = guarded(falls, "Algorithms and their places can be unique, in narrow networks.")
    return f"""
        {heading} Under `strict`, which
        tries every formula and intervenes on all pairs of inputs, {unique("strict", "q3")} of the
        XOR networks of width {widths} have exactly one algorithm, and {unique("strict", "q4")}
        exactly one minimal mapping. Under `text`, which intervenes on all pairs as well but counts
        De Morgan twins as two, {text} algorithm. Width matters as much as the criterion.
    """


def _noise(claims: pd.DataFrame) -> str:
    """What the effect of noise on the number of circuits comes from."""
    values = claims.set_index(["claim", "part", "protocol"])["value"].astype(float)

    def value(part: str, protocol: str) -> float:
        return float(values[("C18", part, protocol)])

    def circuits(part: str, protocol: str) -> str:
        return number(value(part, protocol))

    before, after = "without noise, 1e-2", "with noise, 1e-2"
    measured = (
        value(after, "released-noisy") < value(before, "released") < value(after, "released")
    )
    heading = guarded(measured, "The published effect of noise is a measurement effect.")
    return f"""
        {heading} Networks trained with noise
        appear to have fewer circuits, with more interpretations each, because the released code
        judges and reads them on noisy inputs as well. At its loss cutoff, the mean number of
        circuits is
        {circuits(before, "released")} without noise (`released`) and
        {circuits(after, "released-noisy")} with noise (`released-noisy`), but on
        clean inputs the same networks have {circuits(after, "released")}
        (`released`).
    """


def claims_table(verdicts: pd.DataFrame) -> str:
    """The verdicts on the paper's claims, as Markdown.

    Args:
        verdicts: The table ``verdicts``.
    """
    protocols = list(verdicts.columns[3:])
    table = verdicts[~verdicts["claim"].str.startswith(OURS)].drop(columns="place")
    for protocol in protocols:
        # "3 reproduced, 1 same direction" as "3 ✓ 1 ~".
        for name, mark in _SHORT.items():
            table[protocol] = table[protocol].str.replace(name, mark)
        table[protocol] = table[protocol].str.replace(", ", " ")
    key = ", ".join(f"{mark} {name}" for name, mark in _SHORT.items())
    key += f", {ABOUT} some interpretations are estimated"
    return f"{key}; numbers where the parts of a claim differ.\n\n{table.to_markdown(index=False)}"


def times(benchmarks: Path) -> str:
    """What each rule took, summed over its jobs, as Markdown, from Snakemake's benchmark files.

    Args:
        benchmarks: Their folder.
    """
    jobs = jobs_of(benchmarks)
    found = jobs.groupby("rule").agg(
        jobs=("s", "size"),
        seconds=("s", "sum"),
        cpu=("cpu_time", "sum"),
        memory=("max_rss", "max"),
    )
    found = found.sort_values("seconds", ascending=False)
    lines = [
        f"| `{rule}` | {row.jobs:.0f} | {row.seconds:.0f} | {row.cpu:.0f} | {row.memory:,.0f} |"
        for rule, row in found.iterrows()
    ]
    return "\n".join(
        [
            "| rule | jobs | wall-clock seconds | CPU seconds | largest job, MB |",
            "|---|---:|---:|---:|---:|",
            *lines,
        ]
    )


def needs(benchmarks: Path) -> str:
    """What each rule asked for and what it used, as Markdown, from the same files.

    Args:
        benchmarks: Their folder.
    """
    jobs = jobs_of(benchmarks)
    asked = pd.DataFrame(list(jobs["resources"].map(ast.literal_eval)))
    jobs = jobs.assign(megabytes=asked["mem_mb"], minutes=asked["runtime"])
    lines = [
        f"| `{rule}` | {_between(own['threads'])} | {'yes' if rule in ON_A_GPU else ''} | "
        f"{_between(own['megabytes'])} | {own['max_rss'].max():,.0f} | "
        f"{_between(own['minutes'])} | {duration(own['s'].max())} |"
        for rule, own in jobs.groupby("rule", sort=False)
    ]
    return "\n".join(
        [
            "| rule | threads | GPU | MB asked | most used | minutes asked | longest job |",
            "|---|---:|---|---:|---:|---:|---:|",
            *lines,
        ]
    )


def _between(values: "pd.Series[int]") -> str:
    """The smallest and the largest of some numbers."""
    return " – ".join(f"{value:,}" for value in sorted({values.min(), values.max()}))


def jobs_of(benchmarks: Path) -> pd.DataFrame:
    """Snakemake's benchmark files, a row a job, with the rules that share a line as one.

    Those that do not name their rule are left out: they are of an earlier version.
    """
    files = sorted(benchmarks.rglob("*.tsv"))
    jobs = pd.concat([pd.read_csv(file, sep="\t") for file in files], ignore_index=True)
    jobs = jobs.dropna(subset="rule_name").reset_index(drop=True)
    return jobs.assign(
        # A family's own job is of the same stage as the one that others share.
        rule=jobs["rule_name"].str.removesuffix("_alone").replace(_TOGETHER, regex=True)
    )


def fill(text: str, name: str, content: str, by: str = "make docs") -> str:
    """Puts a text between the markers of a name.

    Args:
        text: Where they stand.
        name: Their name.
        content: What comes between them.
        by: The command that they say writes it.

    Raises:
        ValueError: If the markers are not there.
    """
    start, end = f"<!-- {name}: written by `{by}` -->", "<!-- end -->"
    pattern = re.compile(f"({re.escape(start)}).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no markers for {name!r}")
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)


def main() -> None:
    """Fills the README, and that of the profile for SLURM."""
    results = PROJECT / "results"
    readme = PROJECT / "README.md"
    text = readme.read_text()
    claims = pd.read_parquet(results / "claims.parquet")
    ladder = pd.read_parquet(results / "tables" / "table_ladder.parquet")
    summaries = {
        family.name: pd.read_parquet(results / "summary" / f"{family.name}.parquet")
        for family in read_config().used
    }
    text = fill(text, "headline", headline(claims, ladder, summaries))
    verdicts = pd.read_parquet(results / "tables" / "verdicts.parquet")
    text = fill(text, "claims", claims_table(verdicts))
    text = fill(text, "times", times(PROJECT / "benchmarks"))
    readme.write_text(text)
    profile = PROJECT / "profiles" / "slurm" / "README.md"
    profile.write_text(fill(profile.read_text(), "needs", needs(PROJECT / "benchmarks")))


if __name__ == "__main__":
    main()
