"""What an experiment varies, and its families in that order (paper, section 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log10

import pandas as pd

from identifiability.errors import UserError
from identifiability.networks.families import Family
from identifiability.report.numerals import NO_BREAK, with_powers


@dataclass(frozen=True, eq=False)
class Sweep:
    """Families that differ in one setting.

    Attributes:
        experiment: The experiment's name, such as ``size``.
        title: What it varies, for a heading.
        axis: The same as the title of an axis.
        gates: Which gates its networks learn, in words, if the experiment has families with other
            gates at the same settings; else empty.
        summaries: The artifact ``summary`` of each family, by the value of the setting.
    """

    experiment: str
    title: str
    axis: str
    gates: str
    summaries: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Variation:
    """What an experiment varies.

    Attributes:
        title: For a heading.
        axis: For an axis.
        words: In a table of experiments.
        value: The setting of a family, as printed at an axis.
        symbol: The letter that stands for it, if one does.
        in_text: The setting of a family in text, if it is printed otherwise there.
    """

    title: str
    axis: str
    words: str
    value: Callable[[Family], str]
    symbol: str = ""
    in_text: Callable[[Family], str] | None = None

    def setting(self, family: Family) -> str:
        """What a family has that the others of its experiment have not: k = 3, AND, 10⁻⁴."""
        if self.symbol:
            return f"{self.symbol}{NO_BREAK}={NO_BREAK}{self.value(family)}"
        return (self.in_text or self.value)(family)


def names_of(family: Family) -> str:
    """A family's gates."""
    return ", ".join(gate.name for gate in family.gates)


def cutoff_of(family: Family) -> str:
    """The loss cutoff of a family as a power of ten."""
    return cutoff_text(family.training.loss_cutoff)


def cutoff_text(cutoff: float) -> str:
    """A loss cutoff as a power of ten."""
    return with_powers(f"{cutoff:.0e}".replace("e-0", "e-"))


def _log_cutoff(family: Family) -> str:
    """Decimal logarithm of the loss cutoff, with a sign of the right length."""
    return f"{log10(family.training.loss_cutoff):.3g}".replace("-", "−")


VARIATIONS: Mapping[str, Variation] = {
    "size": Variation(
        "Size", "width k", "width k of the hidden layers", lambda f: str(max(f.hidden)), "k"
    ),
    "tasks": Variation(
        "Tasks", "number of tasks n", "number of tasks n", lambda f: str(f.n_outputs), "n"
    ),
    "gate": Variation("Gate", "gate", "gate", names_of),
    "loss": Variation(
        "Loss cutoff", "loss cutoff, power of ten", "loss cutoff", _log_cutoff, in_text=cutoff_of
    ),
}
"""The experiments that vary one setting, and what; figures and text know no other list."""


def sweeps(
    experiment: str,
    families: Sequence[Family],
    released: Sequence[Family],
    summaries: Mapping[str, pd.DataFrame],
) -> list[Sweep]:
    """The sweeps of an experiment.

    Args:
        experiment: One of ``VARIATIONS``.
        families: The experiment's families; a sweep keeps their order.
        released: The families that the released code runs instead (D14); may be empty.
        summaries: The artifact ``summary`` by family.

    Returns:
        The sweep of ``families``, and that of ``released`` if there are any.

    Raises:
        UserError: If two families of a sweep have the same setting.
    """
    variation = VARIATIONS[experiment]
    return [
        Sweep(
            experiment,
            variation.title,
            variation.axis,
            _gates(members) if released else "",
            {
                value: summaries[family.name]
                for value, family in _by_value(experiment, members).items()
            },
        )
        for members in (families, released)
        if members
    ]


def _gates(families: Sequence[Family]) -> str:
    """The gates of families in words."""
    names = {gate.name for family in families for gate in family.gates}
    return f"{names.pop()} alone" if len(names) == 1 else f"{len(names)} gates"


def _by_value(experiment: str, families: Sequence[Family]) -> dict[str, Family]:
    """Families by the setting that the experiment varies."""
    variation = VARIATIONS[experiment]
    found: dict[str, Family] = {}
    for family in families:
        value = variation.value(family)
        if value in found:
            raise UserError(
                f"config: experiments.{experiment}: {found[value].name} and {family.name} have "
                f"the same {variation.axis}, {value}; leave one of them out"
            )
        found[value] = family
    return found


def estimated(rows: pd.DataFrame) -> bool:
    """Whether interpretations are estimates in any of some rows of the artifact ``summary``."""
    return bool((rows["how"] == "estimate").any())


def rows_of(summary: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """The rows of a family under a protocol.

    Raises:
        UserError: If there are none.
    """
    rows = summary[summary["protocol"] == protocol]
    if rows.empty:
        raise UserError(
            f"results/summary/{summary['family'].iloc[0]}.parquet: no row under the protocol "
            f"{protocol!r}; it holds {', '.join(map(str, summary['protocol'].unique()))}"
        )
    return rows
