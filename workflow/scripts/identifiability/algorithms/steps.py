"""Whether every step of a formula does something (docs/definitions.md).

A variable is *inert* if forcing it to any value that it takes never changes the formula's output.
A formula is *live* if none of its variables is. It is *irredundant* if, further, no variable says
what is there without it: a constant, an input, the output, another variable, or the complement of
one of these. Where a NOT on an input is a variable, it need not differ from that input.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from identifiability.algorithms.trees import input_tables

Steps = Literal["inert", "live", "irredundant"]
"""What a formula's steps are: some inert; live, but not irredundant; or irredundant."""
StepRule = Literal["any", "live", "irredundant"]
ADMITTED: Mapping[StepRule, tuple[Steps, ...]] = {
    "any": ("inert", "live", "irredundant"),
    "live": ("live", "irredundant"),
    "irredundant": ("irredundant",),
}
"""The formulas that a rule admits, by what their steps are."""


def steps_of(
    variables: Sequence[tuple[int, tuple[int, int]]],
    table: int,
    n_inputs: int,
    *,
    inputs_may_be_negated: bool,
) -> Steps:
    """What a formula's steps are.

    Args:
        variables: Of each of its intermediate variables the truth table, row r in bit r, and those
            of the formula with the variable forced to 0, and to 1.
        table: Its truth table.
        n_inputs: Number of inputs.
        inputs_may_be_negated: Whether a NOT on an input is a variable.
    """
    full = 2 ** (2**n_inputs) - 1
    if any(_is_inert(value, forced, table, full) for value, forced in variables):
        return "inert"
    known = {0, _apart_from_complement(table, full)}
    if not inputs_may_be_negated:
        known |= _of_inputs(n_inputs)
    for value, _ in variables:
        own = _apart_from_complement(value, full)
        if own in known:
            return "live"
        known.add(own)
    return "irredundant"


def _is_inert(value: int, forced: tuple[int, int], table: int, full: int) -> bool:
    """Whether forcing a variable to any value that it takes leaves the output as it is."""
    takes_0, takes_1 = value != full, value != 0
    return not (takes_0 and forced[0] != table) and not (takes_1 and forced[1] != table)


def _apart_from_complement(table: int, full: int) -> int:
    """The one of a truth table and its complement that is 0 on the first row."""
    return table ^ full if table & 1 else table


@cache
def _of_inputs(n_inputs: int) -> frozenset[int]:
    full = 2 ** (2**n_inputs) - 1
    return frozenset(_apart_from_complement(t, full) for t in input_tables(n_inputs).values())
