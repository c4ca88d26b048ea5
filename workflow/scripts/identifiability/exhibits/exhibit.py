"""What every figure and table declares of itself.

A figure is a module of ``exhibits/figures`` and a table one of ``exhibits/tables``, each named as
its files are: ``exhibits/tables/coverage.py`` makes ``results/tables/coverage.parquet``. A module
declares ``EXHIBIT``, a dictionary of literals with the keys of ``Exhibit``, and has a function
``make`` that turns a ``Material`` into a figure or a data frame. The module of a table may have a
function ``printed``: how the report prints it, if not as it is. Nothing else lists exhibits.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from identifiability.config.settings import Config, Experiment
from identifiability.digits.settings import DigitsFamily
from identifiability.protocols import Protocol

DIGITS = "digits"
"""The experiment whose families are networks of another kind."""
FORMATS: Mapping[str, tuple[str, ...]] = {
    "figure": ("svg", "png", "pdf"),
    "table": ("csv", "parquet", "md"),
}
"""Of figures and tables; Snakemake's report shows the first."""


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A figure or a table.

    Attributes:
        name: Stem of its files.
        kind: ``figure`` or ``table``.
        number: That of the paper if it repeats one of the paper's; else a letter.
        title: What it shows, in a line.
        caption: What a reader has to know of it. It stands in the report, in Snakemake's report
            and above the table in Markdown; names of protocols and files stand between backticks.
        category: Under which it is found in Snakemake's report, and made as a target, beside the
            names of its experiments.
        experiments: Whose families it is about.
        artifacts: What it reads of each of these families.
        claims: The claims whose files it reads.
        differences: Whether it reads what the differences between text and code are measured on.
        paper: Further files that it reads, stems of those in the folder ``paper``.
        protocols: Which protocols it shows: those that are compared (``shown``), all but the
            variants (``listed``), that of the example, the steps of the ladder, those that ask how
            near the network circuits are and the two that they are compared with
            (``tolerances``), those of its claims, or those of the differences.
        engine: Settings of the section ``engine`` that it is made with.
    """

    name: str
    kind: Literal["figure", "table"]
    number: str
    title: str
    caption: str
    category: str
    experiments: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    differences: bool = False
    paper: tuple[str, ...] = ()
    protocols: Literal[
        "shown", "listed", "example", "ladder", "tolerances", "claims", "differences"
    ] = "shown"
    engine: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Its module, below the library."""
        return f"exhibits/{self.kind}s/{self.name}.py"

    @property
    def writer(self) -> str:
        """What writes its files, below the library.

        Figures and tables have one each, so that a change of style does not make tables again.
        """
        return f"exhibits/{self.kind}_files.py"

    @property
    def rule(self) -> str:
        """The rule that makes it, which is a target as well."""
        return self.name if self.name.startswith(self.kind) else f"{self.kind}_{self.name}"

    @property
    def heading(self) -> str:
        """What text calls it: Figure 3."""
        return f"{self.kind.capitalize()} {self.number}"

    @property
    def paths(self) -> dict[str, str]:
        """Its files by format, below the folder of the run."""
        folder = "figures" if self.kind == "figure" else "results/tables"
        return {format: f"{folder}/{self.name}.{format}" for format in FORMATS[self.kind]}


@dataclass(frozen=True)
class Scope:
    """What of the configuration an exhibit is made with: a change of nothing else makes it again.

    Attributes:
        folder: That of the run.
        protocols: Those that it shows, unless the ladder, claims or differences say which.
        experiments: Its own, but for ``digits``.
        digit_families: The families of the experiment ``digits``, if it is about them.
        engine: Settings of the section ``engine``.
        slugs: The families of the run, where claims or differences are read.
        claims: The claims that it is about.
    """

    folder: str
    protocols: tuple[Protocol, ...]
    experiments: Mapping[str, Experiment]
    digit_families: tuple[DigitsFamily, ...]
    engine: Mapping[str, Any]
    slugs: tuple[str, ...]
    claims: tuple[str, ...]


def scope_of(exhibit: Exhibit, config: Config) -> Scope:
    """What of the configuration an exhibit is made with."""
    protocols = {
        "shown": config.shown,
        "listed": config.listed,
        "example": (config.protocols[config.example_protocol],),
    }
    about_digits = DIGITS in exhibit.experiments
    return Scope(
        config.prefix,
        protocols.get(exhibit.protocols, ()),
        {e: config.experiments[e] for e in exhibit.experiments if e != DIGITS},
        tuple(config.digit_families.values()) if about_digits else (),
        {name: config.engine[name] for name in exhibit.engine},
        tuple(config.slugs) if exhibit.protocols in ("claims", "differences") else (),
        exhibit.claims,
    )


def _declared() -> Iterator[Exhibit]:
    """What the modules declare, read without importing them: that takes seconds."""
    kind: Literal["figure", "table"]
    for kind in ("figure", "table"):
        for file in sorted((Path(__file__).parent / f"{kind}s").glob("[!_]*.py")):
            try:
                (literal,) = (
                    statement.value
                    for statement in ast.parse(file.read_text()).body
                    if isinstance(statement, ast.Assign)
                    and isinstance(statement.targets[0], ast.Name)
                    and statement.targets[0].id == "EXHIBIT"
                )
                keys = ast.literal_eval(literal)
                caption = " ".join(keys.pop("caption").split())
                yield Exhibit(name=file.stem, kind=kind, caption=caption, **keys)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{file}: EXHIBIT has to be one dictionary of literals with the keys of "
                    f"identifiability.exhibits.exhibit.Exhibit ({error})"
                ) from None


EXHIBITS: Mapping[str, Exhibit] = MappingProxyType({e.name: e for e in _declared()})
"""All figures, then all tables, by name."""
FIGURES = tuple(e for e in EXHIBITS.values() if e.kind == "figure")
TABLES = tuple(e for e in EXHIBITS.values() if e.kind == "table")


def targets() -> dict[str, list[Exhibit]]:
    """The exhibits by what they can be asked for together: experiments and categories."""
    names = dict.fromkeys(name for e in EXHIBITS.values() for name in (*e.experiments, e.category))
    return {
        name: [e for e in EXHIBITS.values() if name in (*e.experiments, e.category)]
        for name in names
    }
