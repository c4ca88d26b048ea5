"""A finished run, to be read: its configuration, its ledgers and its files."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import isnan
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from identifiability.config.read_networks import read_networks
from identifiability.config.settings import Config, parse_config
from identifiability.errors import UserError
from identifiability.evidence.ledger import Difference, Ledger, load_claims, load_differences
from identifiability.exhibits.exhibit import EXHIBITS
from identifiability.networks.families import Family
from identifiability.store.contracts import contract
from identifiability.store.paths import PROJECT

Row = dict[str, Any]
"""A row as plain data: ints of any size, None for null."""
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
"""The element in which a figure, as SVG, says what made it."""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        config: What was run.
        folder: Where ``data`` and ``results`` lie.
        ledger: The claims, restricted to the run's families.
        differences: The differences.
    """

    config: Config
    folder: Path
    ledger: Ledger
    differences: tuple[Difference, ...]

    @cached_property
    def families(self) -> Mapping[str, Family]:
        """The families of the experiments, by slug."""
        return {family.name: family for family in self.config.used}

    def rows(self, file: str, **equal: Any) -> list[Row]:
        """Rows of a file whose columns have these values.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        keys = [(column, "=", value) for column, value in equal.items()]
        return [plain_row(row) for row in self._read(file, filters=keys or None).to_pylist()]

    def of_network(self, artifact: str, network: str) -> list[Row]:
        """The rows of an artifact about a network, by its ``network_id``.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        return self.rows(file_of(artifact, family_of(network)), network_id=network)

    def columns(self, file: str, *names: str) -> list[tuple[Any, ...]]:
        """Some columns of a file, row by row.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        table = self._read(file, columns=list(names))
        return list(zip(*(table[name].to_pylist() for name in names), strict=True))

    def metadata(self, file: str) -> tuple[int, dict[str, str]]:
        """The number of rows of a file, and what it says of its making.

        Raises:
            UserError: If there is no such file, or it is not Parquet.
        """
        found = _opened(self.folder / file, file, pq.read_metadata)
        made_by = {key.decode(): text.decode() for key, text in (found.metadata or {}).items()}
        return found.num_rows, made_by

    def inputs(self, file: str) -> list[str]:
        """The Parquet files that a file says it was made from, below the folder of the run.

        Args:
            file: Parquet, or a figure as SVG.

        Raises:
            UserError: If there is no such file, it cannot be read, or it does not say.
        """
        svg = file.endswith(".svg")
        says = _opened(self.folder / file, file, _said_in_svg) if svg else self.metadata(file)[1]
        if "inputs" not in says:
            raise UserError(f"{self.folder / file}: does not say what it was made from")
        return [name for name in json.loads(says["inputs"]) if name.endswith(".parquet")]

    def behind(self, files: Iterable[str]) -> dict[str, list[str]]:
        """Files and all that they were made from, each with its own ``inputs``.

        Raises:
            UserError: If one of them is missing, cannot be read, or does not say.
        """
        found: dict[str, list[str]] = {}
        waiting = list(files)
        while waiting:
            read = {file: self.inputs(file) for file in waiting}
            found |= read
            waiting = [name for names in read.values() for name in names if name not in found]
        return found

    def _read(self, file: str, **options: Any) -> pa.Table:
        return _opened(self.folder / file, file, partial(pq.read_table, **options))


def _opened(path: Path, file: str, read: Callable[[Path], Any]) -> Any:
    """What a reader finds in a file.

    Raises:
        UserError: If there is no such file, or it cannot be read.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file; run `snakemake --cores all {_maker(file)}`")
    try:
        return read(path)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        # Of what is not Parquet, and of a figure that says something else, a ValueError is raised.
        kind = "SVG" if path.suffix == ".svg" else "Parquet"
        raise UserError(f"{path}: cannot be read as {kind} ({error})") from None


def _said_in_svg(path: Path) -> dict[str, str]:
    """What a figure says of its making; nothing, if it has lost it."""
    # It is said before anything is drawn, so that little of the file is read.
    for _, element in ElementTree.iterparse(path):
        if element.tag == _DESCRIPTION:
            return dict(json.loads(element.text or "{}"))
    return {}


def file_of(artifact: str, name: str) -> str:
    """A file of an artifact, below the folder of the run, by what it is about."""
    return f"{contract(artifact).folder}/{artifact}/{name}.parquet"


def family_of(network: str) -> str:
    """The family of a network, by its ``network_id``."""
    return network.rpartition("/")[0]


def load_run(configfiles: Iterable[Path] = (), results: Path | None = None) -> Run:
    """Finds a run.

    Args:
        configfiles: Files given to Snakemake by ``--configfile``; each overrides those before it.
        results: Its folder ``results``; by default where the configuration puts it.

    Raises:
        UserError: If there is no such folder, or a file cannot be used.
    """
    config = read_config(configfiles)
    given = PROJECT / config.prefix / "results" if results is None else results
    if not given.is_dir() or given.resolve().name != "results":
        raise UserError(
            f"{given}: not the folder `results` of a run; run `snakemake --cores all`, or give "
            "another by --results"
        )
    paper = PROJECT / "paper"
    return Run(
        config,
        given.resolve().parent,
        load_claims(paper / "claims.yaml", config.slugs),
        load_differences(paper / "differences.yaml"),
    )


def read_config(configfiles: Iterable[Path] = ()) -> Config:
    """The configuration under which Snakemake runs.

    Args:
        configfiles: Files given to Snakemake by ``--configfile``; each overrides those before it.

    Raises:
        UserError: If a file cannot be used.
    """
    settings: dict[str, Any] = {}
    for path in (PROJECT / "config" / "config.yaml", *configfiles):
        try:
            settings = _merged(settings, yaml.safe_load(path.read_text()) or {})
        except (OSError, yaml.YAMLError) as error:
            raise UserError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    return parse_config(settings, read_networks)


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with changes at any depth, as Snakemake merges them."""
    merged = dict(settings)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if nested else value
    return merged


def _maker(file: str) -> str:
    """What Snakemake is asked for to have a file made."""
    stem, folder = Path(file).stem, Path(file).parent.name
    if folder in ("tables", "figures"):
        return EXHIBITS[stem].rule
    return stem if folder == "results" else file


def plain_row(row: Mapping[Any, Any]) -> Row:
    """A row with None for everything that is missing."""
    return {
        key: None if value is pd.NA or (isinstance(value, float) and isnan(value)) else value
        for key, value in row.items()
    }
