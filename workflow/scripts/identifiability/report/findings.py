"""What a run has found, and what the report calls its families."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from identifiability.config.settings import Config
from identifiability.evidence.ledger import Difference, Ledger
from identifiability.evidence.sweeps import VARIATIONS, cutoff_of, names_of
from identifiability.exhibits.example import Example
from identifiability.networks.families import Family
from identifiability.protocols import PROTOCOLS

LEFT_OPEN = "left open"


@dataclass(frozen=True, eq=False)
class Findings:
    """What a run has found.

    Attributes:
        settings: The configuration.
        ledger: The claims.
        differences: Where text and code part ways.
        summaries: The artifact ``summary`` by family, of the families in use.
        formulas: The artifact ``formulas``.
        algorithms: The artifact ``algorithms`` by family, of the families of the experiment on
            width.
        measured: The artifact ``claims``.
        tables: The tables by name.
        example: The network shown in full; None if there is none.
    """

    settings: Config
    ledger: Ledger
    differences: Sequence[Difference]
    summaries: Mapping[str, pd.DataFrame]
    formulas: pd.DataFrame
    algorithms: Mapping[str, pd.DataFrame]
    measured: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    example: Example | None

    @property
    def shown(self) -> list[str]:
        """Names of the three protocols that the text compares."""
        return list(PROTOCOLS)


def setting_of(experiment: str, family: Family) -> str:
    """What a family has that the others of its experiment have not: k = 3, n = 2, AND, 10⁻⁴."""
    variation = VARIATIONS.get("size" if experiment == "exact" else experiment)
    return variation.setting(family) if variation else names_of(family)


def label_of(family: Family) -> str:
    """A family in words: XOR, k = 3, noise, cutoff 10⁻²."""
    gates = family.gates[0].name if len(family.gates) == 1 else f"{len(family.gates)} gates"
    words = [gates, setting_of("size", family)]
    if family.n_outputs > 1:
        words.append(setting_of("tasks", family))
    if family.training.noise:
        words.append("noise")
    if family.training.input_probabilities == "skewed":
        words.append("skewed inputs")
    if family.untrained_draws:
        words.append("untrained")
    if family.files:
        words.append(f"networks of one’s own ({family.name})")
    if "cutoff" in family.name or family.draws_of:
        words.append(f"cutoff {cutoff_of(family)}")
    return ", ".join(words)


def sweeps_of(settings: Config) -> Iterator[tuple[str, str, tuple[Family, ...]]]:
    """Name, experiment and families of everything that varies one setting.

    The families of the released code (D14) are a sweep of their own, ``size-xor``.
    """
    for name in VARIATIONS:
        if name in settings.experiments:
            experiment = settings.experiments[name]
            yield name, name, experiment.families
            if experiment.released:
                yield f"{name}-xor", name, experiment.released
