"""Contracts of the artifacts: what each file holds, declared once in ``workflow/schemas``.

A contract gives an artifact's columns with types, units, ranges and meaning, its key, the
invariants of its rows, and what holds across rows and files (``store.invariants``). It is enforced
when a file is written, checked again by the audit, and printed as the data dictionary.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa
import yaml

from identifiability.store.paths import SCHEMAS

FOLDER = SCHEMAS / "artifacts"
ARTIFACTS = (
    "datasets",
    "networks",
    "untrained",
    "draws",
    "circuits",
    "interpretations",
    "cells",
    "noisy",
    "formulas",
    "alignment",
    "algorithms",
    "mappings",
    "summary",
    "readings",
    "digit_images",
    "digit_networks",
    "digit_samples",
    "digit_circuits",
    "digit_summary",
    "claims",
    "reading_shares",
    "reading_verdicts",
)
TABLES = tuple(sorted(file.stem for file in (FOLDER / "tables").glob("*.yaml")))
"""Tables of the report, which are artifacts called ``tables/<name>``."""

_SCALARS = {
    "string": pa.string(),
    "integer": pa.string(),  # of any size, as decimal digits
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "double": pa.float64(),
    "float": pa.float32(),
    "bool": pa.bool_(),
}


class ContractError(ValueError):
    """A table breaks its contract. The message names the artifact, the column and a value."""


@dataclass(frozen=True)
class Column:
    """One column of an artifact.

    Attributes:
        type: ``string``, ``integer`` (of any size, as digits), ``int64``, ``uint8``, ``double``,
            ``float``, ``bool``, or ``list<…>`` of one of them.
        description: What it holds.
        nullable: Whether it may be null.
        unit: What it counts or measures in, if anything.
        min: Smallest value allowed.
        max: Largest value allowed.
        values: The values allowed.
        pattern: Regular expression that its strings match.
    """

    type: str
    description: str
    nullable: bool = False
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None

    @property
    def arrow_type(self) -> pa.DataType:
        """The type in the file."""
        return _arrow_type(self.type)

    def broken(self, name: str) -> dict[str, str]:
        """What a value may not be, in words, each with SQL that is true where one is.

        Args:
            name: What the column is called.
        """
        it, pattern = f'"{name}"', self.pattern
        # NaN passes for null, and is the largest number of the database.
        nan = f"isnan({it})" if self.type in ("double", "float") else "false"
        if self.type == "integer":
            pattern = r"^(0|[1-9]\d*)$"
        found = {}
        if not self.nullable:
            found["is null"] = f"{it} IS NULL OR {nan}"
        if self.min is not None:
            found[f"is below {self.min}"] = f"{it} < {self.min}"
        if self.max is not None:
            found[f"is above {self.max}"] = f"{it} > {self.max} AND NOT {nan}"
        if self.values is not None:
            listed = ", ".join(map(_quoted, self.values))
            found[f"is none of {listed}"] = f"{it} NOT IN ({listed})"
        if pattern is not None:
            found[f"does not match {pattern}"] = f"NOT regexp_matches({it}, {_quoted(pattern)})"
        return found


@dataclass(frozen=True)
class Across:
    """What holds across the rows of a file, or across files that belong together.

    Attributes:
        holds: The statement, in words.
        reads: The other relations that it is about: artifacts made before, or ``protocols`` and
            ``admitted`` (``identifiability.store.invariants``).
        broken: SQL that gives the rows that break it.
    """

    holds: str
    broken: str
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """What one artifact's files hold.

    Attributes:
        artifact: Its name, and that of its folder.
        version: Version of this contract.
        folder: ``data`` or ``results``.
        row: What one row is.
        key: Columns that name a row.
        columns: By name, in the order of the file.
        invariants: Expressions of SQL over the columns, which are false in no row.
        across: What holds across rows and files.
        further: Columns whose names depend on the run, by a pattern of their names.
        file: Its files, below the folder.
    """

    artifact: str
    version: int
    folder: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    invariants: tuple[str, ...] = ()
    across: tuple[Across, ...] = ()
    further: Mapping[str, Column] = field(default_factory=dict)
    file: str = "<artifact>/<family>.parquet"

    @property
    def path(self) -> str:
        """Where its files lie."""
        return f"{self.folder}/{self.file.replace('<artifact>', self.artifact)}"

    def columns_of(self, names: Iterable[str]) -> dict[str, Column]:
        """The columns that a file with these names has by the contract, in their order.

        Those declared by name, and of the others those that fit a pattern, wherever they stand.
        """
        # The first pattern that fits counts.
        patterns = [*reversed([*self.further.items()])]
        return self.columns | {
            name: column
            for name in names
            for pattern, column in patterns
            if name not in self.columns and re.search(pattern, name)
        }

    def arrow_schema(self, names: Iterable[str] = ()) -> pa.Schema:
        """Names and types of the columns of a file with these names."""
        return pa.schema(
            [
                pa.field(name, column.arrow_type, nullable=column.nullable)
                for name, column in self.columns_of(names).items()
            ]
        )

    def check_names(self, names: Iterable[str]) -> None:
        """Makes sure that a file has the columns, in their order.

        Raises:
            ContractError: If one is missing, too many, or at another place.
        """
        given = list(names)
        wanted = [*self.columns_of(given)]
        if given != wanted:
            differs = [n for n in wanted if n not in given] + [n for n in given if n not in wanted]
            what = f": {', '.join(differs)}" if differs else " in their order"
            raise ContractError(f"{self.artifact}: columns differ from the contract{what}")


@cache
def contract(artifact: str) -> Contract:
    """The contract of an artifact.

    Raises:
        FileNotFoundError: If there is no such artifact.
    """
    text = (FOLDER / f"{artifact}.yaml").read_text()
    # Every job reads contracts; in Python alone, that takes ten times as long.
    declared: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    columns = {name: Column(**column) for name, column in declared.pop("columns").items()}
    key, invariants = tuple(declared.pop("key")), tuple(declared.pop("invariants", ()))
    across = tuple(
        Across(one["holds"], one["broken"], tuple(one.get("reads", ())))
        for one in declared.pop("across", ())
    )
    further = {name: Column(**column) for name, column in declared.pop("further", {}).items()}
    return Contract(
        **declared,
        key=key,
        columns=columns,
        invariants=invariants,
        across=across,
        further=further,
    )


def _arrow_type(name: str) -> pa.DataType:
    if name.startswith("list<"):
        return pa.list_(_arrow_type(name.removeprefix("list<").removesuffix(">")))
    return _SCALARS[name]


def _quoted(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("'", "''") + "'"
