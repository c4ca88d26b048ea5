"""The parts of READMEs that a run fills in: headline, claims, times, what rules need.

``python -m identifiability.report.readme`` writes them from ``results/`` and ``benchmarks/``,
between markers in the text.
"""

import ast
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from PIL import Image

from identifiability.evidence.claims import ABOUT
from identifiability.evidence.ledger import OURS
from identifiability.evidence.readings import MAJORITY, QUESTIONS
from identifiability.evidence.runs import read_config
from identifiability.evidence.sweeps import estimated
from identifiability.evidence.verdicts import KINDS, MIN_TALLY
from identifiability.protocols import PROTOCOLS, pair_mask
from identifiability.report.facts import converged_of, share_answering
from identifiability.report.numerals import duration, listed, number, percent
from identifiability.store.paths import PROJECT

_SHORT = {
    "not reproduced": "✗",
    "reproduced": "✓",
    "same direction": "~",
    "cannot be compared": "–",
    "not applicable": "n/a",
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
_PICTURES = ("figure_3", "figure_ladder", "figure_uniqueness")
"""Figures that the README shows."""
_WIDE = 3
"""The width from which on findings about all wider networks are stated."""
_NEARLY_NONE = 0.1
"""Largest share of interpretations that is hardly any."""
ON_A_GPU = ("circuits", "alignment")
"""Rules that compute on a GPU, where there is one."""


def headline(
    claims: pd.DataFrame,
    ladder: pd.DataFrame,
    spread: pd.DataFrame,
    summaries: Mapping[str, pd.DataFrame],
) -> str:
    """What the replication finds, in six paragraphs; every number names its protocol.

    Args:
        claims: The artifact ``claims``.
        ladder: The table ``table_ladder``.
        spread: The table ``spread``.
        summaries: The artifact ``summary`` by family, of all families in use.
    """
    found = [
        _algorithms(ladder),
        _readings(ladder, spread),
        _circuits(ladder, summaries),
        _interpretations(ladder, summaries),
        _places(ladder, summaries),
        _noise(claims),
    ]
    return "\n\n".join(
        textwrap.fill(" ".join(text.split()), 99, break_on_hyphens=False) for text in found
    )


def _readings(ladder: pd.DataFrame, spread: pd.DataFrame) -> str:
    """Between which shares all readings lie, of XOR networks."""
    xor = _by_width(ladder, "xor-")
    rows = spread.set_index(["question", "family"]).to_dict("index")
    known = [rows[question, xor.iloc[0]]["n_readings"] for question in QUESTIONS]
    place, reading = ([rows[q, f]["most"] for f in xor] for q in ("mapping", "interpretation"))
    widths = listed([str(width) for width in xor.index])
    wide = [share for width, share in zip(xor.index, place, strict=True) if width > _WIDE]
    heading = guarded(
        all(share <= MAJORITY for share in wide),
        f"No reading singles out a place in most XOR networks wider than {_WIDE}.",
    )
    ends = rows["algorithm", xor.iloc[-1]]
    every = [number(n) for n in known]
    is_open = any(rows["interpretation", f]["n_known"] < known[1] for f in xor)
    remark = " (minimal and complete circuits of the widest are left open)" if is_open else ""
    return f"""
        {heading} With all criteria crossed ({every[0]} combinations for circuits, {every[1]} for
        interpretations, {every[2]} for algorithms, {every[3]} for mappings), exactly one mapping
        is left in at most {listed([percent(share) for share in place])} of the XOR networks
        (k = {widths}), whatever the combination, and exactly one interpretation in at most
        {listed([percent(share) for share in reading])}{remark}. Whether the algorithm is unique
        depends on the reading: at width {xor.index[-1]} it is in {percent(ends["least"])} to
        {percent(ends["most"])} of them.
    """


def _by_width(ladder: pd.DataFrame, kind: str) -> "pd.Series[str]":
    """Families of the experiment on width whose names begin so, by width."""
    rows = ladder[(ladder["experiment"] == "size") & ladder["family"].str.startswith(kind)]
    return rows.sort_values("x").drop_duplicates("x").set_index("x")["family"]


def _unique(ladder: pd.DataFrame, question: str, step: str, families: "pd.Series[str]") -> str:
    """Shares of networks with exactly one, by width, in words; without those left open."""
    shares = _shares(ladder, question, step, families).dropna()
    widths = listed([str(width) for width in shares.index])
    return f"{listed([percent(share) for share in shares])} (k = {widths})"


def _shares(
    ladder: pd.DataFrame, question: str, step: str, families: "pd.Series[str]"
) -> "pd.Series[float]":
    """Shares of networks with exactly one, by width; NaN where they are left open."""
    own = ladder[(ladder["question"] == question) & (ladder["step"] == step)]
    found: pd.Series[float] = families.map(own.set_index("family")["share_unique"])
    return found


def guarded(holds: bool, sentence: str) -> str:
    """A sentence that the results have to bear out.

    Raises:
        ValueError: If they do not.
    """
    if not holds:
        raise ValueError(f"the README says what does not hold any more: {sentence}")
    return f"**{sentence}**"


def _circuits(ladder: pd.DataFrame, summaries: Mapping[str, pd.DataFrame]) -> str:
    """How many networks have several circuits, and what is left of stricter criteria."""
    rows = {protocol: converged_of(summaries.values(), protocol) for protocol in PROTOCOLS}
    n = rows["strict"]["network_id"].nunique()
    several = [
        f"{percent(share_answering(own, 'q1', 'several'))} under `{protocol}`"
        for protocol, own in rows.items()
    ]
    xor = _by_width(ladder, "xor-")
    wide = [summaries[family] for family in xor[xor.index >= _WIDE]]
    many = all(
        share_answering(converged_of([summary], protocol), "q1", "several") > 0.5
        for summary in wide
        for protocol in PROTOCOLS
    )
    heading = guarded(
        many, f"From width {_WIDE} on, several perfect circuits survive every reading."
    )
    return f"""
        {heading}
        Of the {number(n)} converged networks of all experiments on Boolean gates, untrained ones
        included, {listed(several)} have several. Stricter criteria leave exactly one more often:
        of the XOR networks, {_unique(ladder, "circuit", "minimal", xor)} have exactly one minimal
        circuit under `strict`, and
        {_unique(ladder, "circuit", "complete and minimal", xor)} exactly one that is complete and
        minimal. Sparsity alone singles out one in {_unique(ladder, "circuit", "sparsest", xor)}.
    """


def _interpretations(ladder: pd.DataFrame, summaries: Mapping[str, pd.DataFrame]) -> str:
    """How many interpretations differ on rows that inputs reach, and how many the paper counts."""
    families = _by_width(ladder, "mixed-")
    reached, every = (
        {
            protocol: [_median(summaries[family], protocol, count) for family in families]
            for protocol in PROTOCOLS
        }
        for count in ("n_interpretations_reachable", "n_interpretations")
    )
    rare = all(
        few <= _NEARLY_NONE * all_of_them
        for protocol in PROTOCOLS
        for width, few, all_of_them in zip(
            families.index, reached[protocol], every[protocol], strict=True
        )
        if width >= _WIDE
    )
    heading = guarded(
        rare, f"From width {_WIDE} on, nearly all interpretations differ where no input reaches."
    )
    widths = listed([str(width) for width in families.index])
    parts = [
        f"{listed([number(n) for n in reached[protocol]])} under `{protocol}`, of "
        f"{listed([number(n) for n in every[protocol]])} in all"
        for protocol in ("released", "strict")
    ]
    guessed = [
        f"`{protocol}`"
        for protocol in ("released", "strict")
        if any(estimated(converged_of([summaries[family]], protocol)) for family in families)
    ]
    remark = f" (estimated in the widest under {listed(guessed)})" if guessed else ""
    return f"""
        {heading} The median numbers that differ on a row which some input reaches are, for
        networks of width {widths} with gates drawn from four, {"; and ".join(parts)}{remark}. The
        rest are ways to fill in rows of truth tables that never occur.
    """


def _median(summary: pd.DataFrame, protocol: str, count: str) -> float:
    """The median of a count over the converged networks that have any."""
    values = converged_of([summary], protocol)[count].astype(float)
    return float(values[values > 0].median())


def _places(ladder: pd.DataFrame, summaries: Mapping[str, pd.DataFrame]) -> str:
    """What leaving out interventions does to mappings, and how many map nothing."""
    families = _by_width(ladder, "mixed-")
    rows = {
        name: converged_of([summaries[family] for family in families], name)
        for name in ("text", "text-D04")
    }
    means = {name: float(own["n_mappings"].astype(float).mean()) for name, own in rows.items()}
    few, every = (pair_mask(pairs, 4).sum() for pairs in ("source_before_base", "all"))
    answers = rows["text"]["q4"]
    empty, unique = (int((answers == answer).sum()) for answer in ("empty", "unique"))
    heading = guarded(
        means["text-D04"] > means["text"] and empty > unique,
        "Leaving out interventions multiplies mappings, and a single mapping is mostly empty.",
    )
    return f"""
        {heading} The released code intervenes on {few} of the {every} pairs of inputs. Under
        `text` a network with gates drawn from four, over all widths, has
        {number(means["text"])} minimal mappings on average, and with these {few} pairs
        (`text-D04`)
        {number(means["text-D04"])}. Of the {number(len(answers))} networks,
        {number(empty + unique)} have exactly one under `text`; in {number(empty)} of them it is
        the empty one, of a formula without intermediate variables.
    """


def _algorithms(ladder: pd.DataFrame) -> str:
    """How many networks have exactly one algorithm, by how variables are forced."""
    xor, mixed = _by_width(ladder, "xor-"), _by_width(ladder, "mixed-")
    single, joint, bare = (
        _shares(ladder, "algorithm", step, xor)
        for step in ("16 pairs", "joint interventions", "irredundant steps")
    )
    heading = guarded(
        bool(single.iloc[-1] < 0.5 < min(joint.min(), bare.min())),
        "Forcing several variables at once leaves one algorithm in most XOR networks.",
    )
    return f"""
        {heading} The paper forces one variable of an algorithm at a time:
        {_unique(ladder, "algorithm", "16 pairs", xor)} of the XOR networks have exactly one
        algorithm under `strict`. Where all sets of its variables have to pass, as the authors'
        later work asks, {_unique(ladder, "algorithm", "joint interventions", xor)} have
        (`strict-joint`), and {_unique(ladder, "algorithm", "joint, inert neurons", xor)} if
        forcing the neurons that no variable is mapped to may not change anything either
        (`abstraction`). What single interventions let through is mostly padding: without formulas
        that have a step which does nothing, or repeats what is already there
        (`strict-irredundant`),
        {_unique(ladder, "algorithm", "irredundant steps", xor)} have exactly one. Where gates are
        drawn from four, `abstraction` leaves one in
        {_unique(ladder, "algorithm", "joint, inert neurons", mixed)}, and in
        {_unique(ladder, "algorithm", "joint, inert, irredundant", mixed)} without padded formulas
        (`abstraction-irredundant`). Where the algorithm lies stays open: under `abstraction`,
        exactly one mapping that maps something is left in
        {_unique(ladder, "place", "joint, inert neurons", xor)} of the XOR networks.
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


def claims_table(verdicts: pd.DataFrame, tally: pd.DataFrame) -> str:
    """The verdicts on the paper's claims, as Markdown: by what they say, then claim by claim.

    Args:
        verdicts: The table ``verdicts``.
        tally: The table of that name.
    """
    counted = tally[tally["protocol"].isin(PROTOCOLS)].assign(
        shown=lambda rows: [
            f"{row.reproduced} of {row.parts}" for row in rows.itertuples(index=False)
        ]
    )
    by_kind = counted.pivot(index="kind", columns="protocol", values="shown")
    by_kind = by_kind.loc[[*KINDS, "whole claim"], list(PROTOCOLS)]
    by_kind.index = pd.Index(
        [f"{kind}s" for kind in by_kind.index], name="reproduced, of those judged"
    )
    protocols = list(verdicts.columns[3:])
    table = verdicts[~verdicts["claim"].str.startswith(OURS)].drop(columns="place")
    for protocol in protocols:
        # "3 reproduced, 1 same direction" as "3 ✓ 1 ~".
        for name, mark in _SHORT.items():
            table[protocol] = table[protocol].str.replace(name, mark)
        table[protocol] = table[protocol].str.replace(", ", " ")
    key = ", ".join(f"{mark} {name}" for name, mark in _SHORT.items())
    key += f", {ABOUT} some interpretations are estimated"
    return (
        "Parts of the claims by what they say, effects that the paper finds significant first, "
        f"and claims with all their parts; parts with fewer than {MIN_TALLY} networks in a sample "
        f"are left out.\n\n{by_kind.to_markdown()}\n\n{key}; numbers where the parts of a claim "
        f"differ.\n\n{table.to_markdown(index=False)}"
    )


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


def copy_picture(name: str, figures: Path, folder: Path) -> None:
    """Copies a figure with 256 colours, in which it takes a third of the room."""
    with Image.open(figures / f"{name}.png") as picture:
        picture.convert("RGB").quantize(256).save(folder / f"{name}.png", optimize=True)


def main() -> None:
    """Fills the README, and that of the profile for SLURM; copies the figures that are shown."""
    results = PROJECT / "results"
    readme = PROJECT / "README.md"
    text = readme.read_text()
    claims = pd.read_parquet(results / "claims.parquet")
    ladder = pd.read_parquet(results / "tables" / "table_ladder.parquet")
    spread = pd.read_parquet(results / "tables" / "spread.parquet")
    summaries = {
        family.name: pd.read_parquet(results / "summary" / f"{family.name}.parquet")
        for family in read_config().independent
    }
    text = fill(text, "headline", headline(claims, ladder, spread, summaries))
    verdicts = pd.read_parquet(results / "tables" / "verdicts.parquet")
    tally = pd.read_parquet(results / "tables" / "tally.parquet")
    text = fill(text, "claims", claims_table(verdicts, tally))
    text = fill(text, "times", times(PROJECT / "benchmarks"))
    readme.write_text(text)
    for name in _PICTURES:
        copy_picture(name, PROJECT / "figures", PROJECT / "docs")
    profile = PROJECT / "profiles" / "slurm" / "README.md"
    profile.write_text(fill(profile.read_text(), "needs", needs(PROJECT / "benchmarks")))


if __name__ == "__main__":
    main()
