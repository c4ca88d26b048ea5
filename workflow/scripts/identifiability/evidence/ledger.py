"""The ledgers: what the paper reports, and where its text and the released code part ways.

``paper/claims.yaml`` and ``paper/differences.yaml``, read, validated and turned into settings.
What is measured with them is in ``claims`` and ``differences``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from statistics import NormalDist
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from identifiability.errors import UserError
from identifiability.networks.families import Family
from identifiability.store.contracts import contract
from identifiability.store.paths import SCHEMAS

SIGNIFICANCE = 0.05
"""The level of the paper's tests."""
OURS = "X"
"""How the ids of our own claims begin, which no tally of the paper's includes."""
TESTS = ("welch", "paired", "ols")
_REFERENCES = {"share": 0.5, "slope": 0.0, "intercept": 0.0}
_SIGNS = {"rises": 1, "falls": -1, "none": 0}
WITHOUT_NOISE = "without noise"
"""Name of the parts of C15 to C20 that Table 3 gives on its left."""
READING_ERROR = 0.1
"""Relative error granted to a value that is read off a plot."""


@dataclass(frozen=True)
class Published:
    """What the paper reports of one part.

    Attributes:
        low: Lower end of the values that agree with it; for tests, of p.
        high: Upper end; equal to ``low`` for a single value.
        words: The same to be read.
        change: For tests, the sign of the change; 0 if the paper names none.
        standard_error: Of a slope that the paper tests, from its p; None if it is not known.
    """

    low: float
    high: float
    words: str
    change: int = 0
    standard_error: float | None = None

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.low + self.high) / 2

    @property
    def significant(self) -> bool:
        """Of a test: whether p lies below 0.05."""
        return self.high <= SIGNIFICANCE


@dataclass(frozen=True)
class ClaimPart:
    """One thing that a claim says.

    Attributes:
        name: What results call it.
        statistic: How it is measured.
        samples: Which of the query's samples it is about; empty for all rows.
        published: What the paper reports; None if nothing.
        incomparable: Why ours cannot be compared with it; None if they can.
    """

    name: str
    statistic: str
    samples: tuple[str, ...]
    published: Published | None
    incomparable: str | None = None

    @property
    def reference(self) -> float:
        """The value whose sides are directions: 1 for counts, 1/2 for shares, 0 for a line's."""
        return _REFERENCES.get(self.statistic, 1.0)

    @property
    def series(self) -> str:
        """What follows a comma in its name; parts that follow one another in a series share it."""
        return self.name.partition(", ")[2]


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, or of ours about it.

    Attributes:
        id: C01, C02, …; X01, X02, … for our own.
        place: Where the paper makes it.
        statement: In our words.
        quantity: Quantity of figures and tables that it is about, or None.
        files: What the query reads, below the folder of the run.
        absent: Families that it is about and that the run leaves out.
        protocols: Readings under which it is measured.
        not_applicable: Those to which it does not apply, and why.
        ordered: Whether it is about the change from part to part.
        parts: What it says.
        query: The SQL, complete; to be run in the folder of the run. Empty if that has none of
            the families.
    """

    id: str
    place: str
    statement: str
    quantity: str | None
    files: tuple[str, ...]
    absent: tuple[str, ...]
    protocols: tuple[str, ...]
    not_applicable: Mapping[str, str] = field(hash=False)
    ordered: bool
    parts: tuple[ClaimPart, ...]
    query: str


@dataclass(frozen=True)
class Printed:
    """A number that the authors' notebook prints of their own network.

    Attributes:
        id: A01, A02, …
        place: Where it stands.
        statement: In our words.
        protocol: The reading that is theirs.
        quantity: Column of the artifact ``summary`` or ``draws``.
        value: The number.
        drawn: Whether it rests on a sample that is not published.
    """

    id: str
    place: str
    statement: str
    protocol: str
    quantity: str
    value: int
    drawn: bool


@dataclass(frozen=True)
class Ledger:
    """The claims ledger.

    Attributes:
        claims: By id, in its order.
        protocols: Readings under which a claim is measured, unless it says otherwise.
        views: Queries that others use, by name.
        table_3: Gates, widths and noise of the networks whose means are published.
        printed: What the authors' notebook prints of their own network; in no tally.
    """

    claims: Mapping[str, Claim]
    protocols: tuple[str, ...]
    views: Mapping[str, str]
    table_3: Mapping[str, Any] = field(hash=False)
    printed: tuple[Printed, ...]


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        family: Whose networks.
        protocol: How they are read.
        without_gate: Networks that learned this gate are left out; None leaves none out.
    """

    family: str
    protocol: str
    without_gate: str | None = None

    @property
    def words(self) -> str:
        """The side in words."""
        gate = f" without {self.without_gate}" if self.without_gate else ""
        return f"{self.family}{gate}, {self.protocol}"


@dataclass(frozen=True)
class Difference:
    """A difference between text and released code.

    Attributes:
        id: D01, D02, …
        text: What the text says, in our words.
        released: What the code does.
        comparisons: Before (text) and after (towards the code), family by family.
    """

    id: str
    text: str
    released: str
    comparisons: tuple[tuple[Side, Side], ...]

    @property
    def reads(self) -> dict[str, list[str]]:
        """Files that it is measured on, by artifact."""
        families = [side.family for sides in self.comparisons for side in sides]
        return {"summary": list(dict.fromkeys(families))}


def load_claims(path: Path, families: Iterable[str] | None = None) -> Ledger:
    """Reads and validates ``paper/claims.yaml``.

    Args:
        path: The file.
        families: Slugs of the families that the run has; None for all. Queries read no others.

    Raises:
        UserError: One line that names the file, the key, and what would be right.
    """
    text = load_ledger(path, "claims")
    claims: dict[str, Claim] = {}
    for entry in text["claims"]:
        if entry["id"] in claims:
            raise UserError(f"{path}: {entry['id']} stands there twice")
        reads, absent = restrict(entry["reads"], families)
        claims[entry["id"]] = Claim(
            id=entry["id"],
            place=entry["place"],
            statement=entry["statement"],
            quantity=entry.get("quantity"),
            files=tuple(file for files in files_of(reads).values() for file in files),
            absent=absent,
            protocols=tuple(entry.get("protocols", text["protocols"])),
            not_applicable=entry.get("not_applicable", {}),
            ordered=entry.get("ordered", False),
            parts=_with_errors([_part(part) for part in entry["parts"]]),
            query=complete(entry["query"], text["views"], reads) if all(reads.values()) else "",
        )
    printed = tuple(Printed(**entry) for entry in text.get("authors", ()))
    return Ledger(claims, tuple(text["protocols"]), text["views"], text["table_3"], printed)


def load_ledger(path: Path, schema: str) -> dict[str, Any]:
    """Reads a YAML file and holds it against a schema of ``workflow/schemas``.

    Raises:
        UserError: One line that names the file, the key, and what would be right.
    """
    try:
        text: dict[str, Any] = yaml.load(path.read_text(), yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    rules = yaml.load((SCHEMAS / f"{schema}.schema.yaml").read_text(), yaml.CSafeLoader)
    violation = best_match(Draft202012Validator(rules).iter_errors(text))
    if violation is None:
        return text
    node, names = text, []
    for key in violation.absolute_path:
        node = node[key]
        named = isinstance(node, dict) and (node.get("id") or node.get("part"))
        names.append(str(named or key))
    raise UserError(f"{path}: {'.'.join(names) or '(top level)'}: {violation.message}")


def complete(query: str, views: Mapping[str, str], reads: Mapping[str, Sequence[str]]) -> str:
    """A query with the views it uses before it, and the files it reads in it.

    Args:
        query: It may name views, and artifacts in braces.
        views: In an order in which each uses only those above it.
        reads: Names of files by artifact.
    """
    used: list[str] = []
    for name, view in reversed(list(views.items())):
        if re.search(rf"\b{name}\b", "\n".join([query, *used])):
            used.insert(0, f"{name} AS (\n{view.rstrip()}\n)")
    whole = (f"WITH {', '.join(used)}\n" if used else "") + query
    for artifact, files in files_of(reads).items():
        whole = whole.replace(f"{{{artifact}}}", f"read_parquet({files})")
    return whole


def restrict(
    reads: Mapping[str, Sequence[str]], families: Iterable[str] | None
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """What a query reads in a run that has some families alone, and the families it misses.

    Args:
        reads: Names of files by artifact.
        families: Slugs of the families that the run has; None for all.
    """
    if families is None:
        return {artifact: list(names) for artifact, names in reads.items()}, ()
    known = set(families)
    kept = {
        artifact: [n for n in names if n in known or not _by_family(artifact)]
        for artifact, names in reads.items()
    }
    absent = {n for artifact, names in reads.items() for n in names if n not in kept[artifact]}
    return kept, tuple(sorted(absent))


def _by_family(artifact: str) -> bool:
    """Whether an artifact has a file for every family."""
    return "family" in contract(artifact).columns


def files_of(reads: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Paths by artifact, below the folder of the run."""
    return {
        artifact: [f"{contract(artifact).folder}/{artifact}/{name}.parquet" for name in names]
        for artifact, names in reads.items()
    }


def load_differences(path: Path) -> tuple[Difference, ...]:
    """Reads and validates ``paper/differences.yaml``.

    Raises:
        UserError: One line that names the file, the key, and what would be right.
    """
    return tuple(
        Difference(
            entry["id"],
            entry["text"],
            entry["released"],
            tuple(
                (Side(**sides["before"]), Side(**sides["after"])) for sides in entry["comparisons"]
            ),
        )
        for entry in load_ledger(path, "differences")["differences"]
    )


def difference_files(differences: Iterable[Difference], families: Iterable[str]) -> list[str]:
    """What the effects are measured on, in a run that has some families alone.

    Args:
        differences: All of them.
        families: Slugs of the families that the run has.
    """
    known = set(families)
    paths = [
        path
        for difference in differences
        for path in files_of(restrict(difference.reads, known)[0])["summary"]
    ]
    return list(dict.fromkeys(paths))


def published_means(ledger: Ledger, family: Family) -> dict[str, dict[str, Any]]:
    """Table 3, left half, by quantity; nothing if the paper measured other networks.

    Args:
        ledger: The claims.
        family: The family that is compared.
    """
    theirs = ledger.table_3
    same = theirs["gates"] == [gate.name for gate in family.gates]
    same &= theirs["hidden"] == list(family.hidden) and theirs["noise"] == family.training.noise
    if not same:
        return {}
    return {
        claim.quantity: {
            "claim": claim.id,
            "value": part.published.low,
            "statistic": "mean",
            "source": claim.place,
        }
        for claim in ledger.claims.values()
        for part in claim.parts
        if claim.quantity and part.published and part.name == WITHOUT_NOISE
    }


def _part(entry: Mapping[str, Any]) -> ClaimPart:
    published = entry.get("published")
    return ClaimPart(
        entry["part"],
        entry["statistic"],
        tuple(entry.get("of", [entry["part"]])),
        None if published is None else _published(published, entry["statistic"]),
        entry.get("incomparable"),
    )


def _with_errors(parts: Sequence[ClaimPart]) -> tuple[ClaimPart, ...]:
    """The parts of a claim, slopes with the standard error that the test of the line implies."""
    tests = [part.published for part in parts if part.statistic == "ols" and part.published]
    if not tests:
        return tuple(parts)
    quantile = NormalDist().inv_cdf(1 - tests[0].middle / 2)
    return tuple(
        replace(
            part,
            published=replace(
                part.published, standard_error=abs(part.published.middle) / quantile
            ),
        )
        if part.statistic == "slope" and part.published
        else part
        for part in parts
    )


def _published(entry: Any, statistic: str) -> Published:
    """A published value, range or test."""
    if statistic in TESTS:
        p = _published(entry["p"], "p")
        sign = "" if p.words[0] in "<>" else "= "
        change = "no significant change" if entry["change"] == "none" else entry["change"]
        return Published(p.low, p.high, f"{change}, p {sign}{p.words}", _SIGNS[entry["change"]])
    low, high = (0.0, 1.0) if statistic in ("share", "p") else (-inf, inf)
    write = _as_percent if statistic == "share" else _as_printed
    match entry:
        case {"about": value}:
            error = READING_ERROR * abs(value)
            return Published(value - error, value + error, f"about {write(value)}")
        case {"below": value}:
            return Published(low, value, f"< {write(value)}")
        case {"above": value}:
            return Published(value, high, f"> {write(value)}")
        case {"at_least": value, "words": words}:
            return Published(value, high, f"{words} (at least {write(value)})")
    return Published(entry, entry, write(entry))


def _as_printed(value: float) -> str:
    """A published number, thousands separated."""
    return f"{value:,}"


def _as_percent(value: float) -> str:
    """A published share."""
    return f"{value:.0%}"
