"""What a figure or table is made from: the files that its rule reads, and its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from identifiability.evidence.ledger import (
    Claim,
    Difference,
    Ledger,
    load_claims,
    load_differences,
)
from identifiability.evidence.sweeps import Sweep, sweeps
from identifiability.exhibits.example import Example, first_mapped, read_frames, why_none
from identifiability.exhibits.exhibit import Scope
from identifiability.networks.families import Family
from identifiability.protocols import Protocol
from identifiability.store import artifacts


@dataclass(frozen=True)
class Material:
    """What a figure or table is made from.

    Attributes:
        files: The files of every artifact that it reads, by name; those that claims or
            differences are ``measured_on``, and the files ``claims_ledger`` and
            ``differences_ledger`` of the folder ``paper``.
        scope: What of the configuration it is made with.
    """

    files: Mapping[str, Sequence[Path]]
    scope: Scope

    @property
    def folder(self) -> Path:
        """That of the run."""
        return Path(self.scope.folder)

    @property
    def protocols(self) -> list[str]:
        """Names of the protocols shown."""
        return [protocol.name for protocol in self.scope.protocols]

    @property
    def protocol(self) -> Protocol:
        """The first of the protocols shown: that of the example."""
        return self.scope.protocols[0]

    @property
    def families(self) -> tuple[Family, ...]:
        """The families of its first experiment."""
        return next(iter(self.scope.experiments.values())).families

    @property
    def engine(self) -> Mapping[str, Any]:
        """Settings of the section ``engine``."""
        return self.scope.engine

    def by_family(self, artifact: str = "summary") -> dict[str, pd.DataFrame]:
        """The frames of an artifact by the slug of their family."""
        return {file.stem: artifacts.read(file) for file in self.files[artifact]}

    def one(self, artifact: str) -> pd.DataFrame:
        """The frame of an artifact of which one file is read."""
        (file,) = self.files[artifact]
        return artifacts.read(file)

    @cached_property
    def ledger(self) -> Ledger:
        """The claims; on the families of the run alone, where their files are read."""
        return load_claims(self.files["claims_ledger"][0], self.scope.slugs or None)

    @property
    def claims(self) -> list[Claim]:
        """The claims that it is about."""
        return [self.ledger.claims[name] for name in self.scope.claims]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences between text and code."""
        return load_differences(self.files["differences_ledger"][0])

    def sweeps(self) -> list[list[Sweep]]:
        """The sweeps of every experiment."""
        summaries = self.by_family()
        return [
            sweeps(e.name, e.families, e.released, summaries)
            for e in self.scope.experiments.values()
        ]

    def example(self) -> tuple[Example | None, str]:
        """The network shown in full, and nothing; or none, and why there is none."""
        frames = read_frames({name: files[0] for name, files in self.files.items()}, self.protocol)
        found = first_mapped(frames, self.protocol)
        return found, "" if found else why_none(frames, self.protocol)
