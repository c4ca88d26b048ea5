"""The parts of READMEs that a run fills in: headline, claims, times, what rules need.

``python -m identifiability.readme`` writes them from ``results/`` and ``benchmarks/``, between
markers in the text.
"""

import ast
import re
import textwrap
from pathlib import Path

import pandas as pd

from identifiability.claims import ABOUT, OURS
from identifiability.cost import duration

ROOT = Path(__file__).parents[3]
_SHORT = {
    "not reproduced": "✗",
    "reproduced": "✓",
    "same direction": "~",
    "cannot be compared": "–",
}
"""Verdicts in the table of claims."""
_TOGETHER = {
    "^figure_.*": "figure_*",
    "^(table_.*|claims|facts|report)$": "table_*, claims, facts, report",
    "^digit_.*": "digit_*",
    "^(datasets|formulas|untrained_networks)$": "datasets, formulas, untrained_networks",
    "^explorer(_data)?$": "explorer_data, explorer",
    "^(tutorial|audit_notebook|manifest)$": "tutorial, audit_notebook, manifest",
}
"""Rules that share a line in the tables."""
ON_A_GPU = ("circuits", "alignment")
"""Rules that compute on a GPU, where there is one."""


def headline(claims: pd.DataFrame, ladder: pd.DataFrame) -> str:
    """What the replication finds, in three sentences.

    Args:
        claims: The artifact ``claims``.
        ladder: The table ``table_ladder``.
    """
    values = claims.set_index(["claim", "part", "protocol"])["value"].astype(float)

    def several(protocol: str) -> str:
        share = values[("C28", "Q1: circuits", protocol)]
        return "over 99.9%" if 0.999 < share < 1 else f"{share:.1%}"

    def circuits(part: str, protocol: str) -> str:
        return f"{values[('C18', part, protocol)]:.0f}"

    all_pairs = ladder[(ladder["step"] == "16 pairs") & ladder["family"].str.startswith("xor-")]
    all_pairs = all_pairs.sort_values("x")
    unique = {
        question: ", ".join(f"{share:.0%}" for share in own["share_unique"])
        for question, own in all_pairs.groupby("question")
    }
    widths = ", ".join(map(str, all_pairs["x"].unique()))
    text = f"""
        Circuits and interpretations are rarely unique, whatever the reading: over the networks of
        all experiments {several("released")} have several perfect circuits by the released code's
        criteria, {several("text")} by the text's and {several("strict")} when every circuit is
        counted (fewest at width 2). Algorithms and places
        are another matter: when every formula is tried and all pairs of inputs are intervened on,
        as the text defines it, the share of XOR networks with exactly one algorithm is
        {unique["algorithm"]} at widths {widths}, and with exactly one minimal mapping
        {unique["mapping"]}, so that the width decides, not the criterion alone. And the published
        effect of noise, fewer circuits with more interpretations each, comes from reading
        networks on noisy inputs as the released code does: it takes the mean number of circuits
        from {circuits("without noise, 1e-2", "released-noisy")} to
        {circuits("with noise, 1e-2", "released-noisy")}, but the same networks have
        {circuits("with noise, 1e-2", "released")} on clean inputs.
    """
    return textwrap.fill(" ".join(text.split()), 99)


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
    """What each rule took, as Markdown, from Snakemake's benchmark files.

    Args:
        benchmarks: Their folder.
    """
    jobs = jobs_of(benchmarks)
    found = jobs.groupby(jobs["rule"].str.removeprefix("wide_")).agg(
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
            "| rule | jobs | seconds, all jobs | of them on the CPU | largest job, MB |",
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
    return jobs.assign(rule=jobs["rule_name"].replace(_TOGETHER, regex=True))


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
    results = ROOT / "results"
    readme = ROOT / "README.md"
    text = readme.read_text()
    ladder = pd.read_parquet(results / "tables" / "table_ladder.parquet")
    text = fill(text, "headline", headline(pd.read_parquet(results / "claims.parquet"), ladder))
    verdicts = pd.read_parquet(results / "tables" / "verdicts.parquet")
    text = fill(text, "claims", claims_table(verdicts))
    text = fill(text, "times", times(ROOT / "benchmarks"))
    readme.write_text(text)
    profile = ROOT / "profiles" / "slurm" / "README.md"
    profile.write_text(fill(profile.read_text(), "needs", needs(ROOT / "benchmarks")))


if __name__ == "__main__":
    main()
