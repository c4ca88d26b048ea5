"""Columns of a table by family: what varies above them, and each one's own setting."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from identifiability.config.settings import Config
from identifiability.networks.families import Family
from identifiability.report.findings import setting_of, sweeps_of
from identifiability.report.printed import Cell, Piece, faint, spanning


class FamilyColumns(NamedTuple):
    """The columns of a table, a family each, after one for what rows are about.

    Attributes:
        families: Their slugs.
        heads: The two lines above them.
    """

    families: list[str]
    heads: list[list[Cell]]

    @property
    def widths(self) -> list[str]:
        """How wide they are, and on which side the text stands."""
        return ["auto left", *["1fr right"] * len(self.families)]


def family_columns(settings: Config, experiments: Collection[str]) -> FamilyColumns:
    """A column for every family of the sweeps of some experiments.

    Args:
        settings: The run's.
        experiments: Which ones.
    """
    sweeps = [
        (experiment, families)
        for _, experiment, families in sweeps_of(settings)
        if experiment in experiments
    ]
    own = [(experiment, family) for experiment, families in sweeps for family in families]
    return FamilyColumns(
        [family.name for _, family in own],
        [
            [None, *(_varied(*sweep) for sweep in sweeps)],
            [None, *(faint(setting_of(*one).split()[-1]) for one in own)],
        ],
    )


def _varied(experiment: str, families: Sequence[Family]) -> Piece:
    """What a group of columns varies."""
    gates = families[0].gates
    varied = f"k, {gates[0].name if len(gates) == 1 else f'{len(gates)} gates'}"
    return spanning("tasks n" if experiment == "tasks" else varied, across=len(families))
