"""Boolean gates and their truth tables (paper, section 3).

Input rows are in A-major order: 00, 01, 10, 11. A truth table is a tuple of bits, one per row,
and is written as a string of the same digits: XOR is ``0110``. Three inputs go on in the same
way, 000, 001, …, 111: MAJORITY is ``00010111``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identifiability.errors import UserError

INPUT_NAMES = "ABCD"
"""What inputs are called, in formulas and wherever people read."""


@dataclass(frozen=True)
class Gate:
    """A Boolean function of ``n_inputs`` inputs.

    Attributes:
        name: The gate's name, or its truth table where it has none.
        table: Output bit per input row, A-major; ``2 ** n_inputs`` of them.
    """

    name: str
    table: tuple[int, ...]

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return len(self.table).bit_length() - 1


_NAMED = {
    "AND": "0001",
    "OR": "0111",
    "XOR": "0110",
    "IMP": "1101",
    "NAND": "1110",
    "NOR": "1000",
    "NIMP": "0010",
    "XNOR": "1001",
    "A": "0011",
    "B": "0101",
    "NOT_A": "1100",
    "NOT_B": "1010",
    "CONVERSE_IMP": "1011",
    "CONVERSE_NIMP": "0100",
    "FALSE": "0000",
    "TRUE": "1111",
    "MAJORITY": "00010111",
    "PARITY": "01101001",
    "EXACT_2": "00010110",
    "MUX": "00110101",
    "FULL_ADDER_CARRY": "00010111",
    "FULL_ADDER_SUM": "01101001",
}
GATES = {name: Gate(name, tuple(map(int, table))) for name, table in _NAMED.items()}
"""By name: every function of two inputs, and some of three. MUX gives B where A is 0, else C."""
# Where two names share a table, what is found to compute it gets the first.
_BY_TABLE = {gate.table: gate for gate in reversed(GATES.values())}


def gate(name: str) -> Gate:
    """Looks a gate up by its name or by its truth table, such as ``0110``.

    Raises:
        UserError: If it is neither.
    """
    if name.upper() in GATES:
        return GATES[name.upper()]
    if set(name) <= {"0", "1"} and len(name) >= 2 and len(name).bit_count() == 1:
        return gate_of_table([int(bit) for bit in name])
    raise UserError(
        f"unknown gate {name!r}; known are {', '.join(GATES)}, or a truth table such as 0110"
    )


def gate_of_table(table: Iterable[int]) -> Gate:
    """The gate with this truth table (one bit per row, A-major), named if it has a name."""
    bits = tuple(int(bit) for bit in table)
    return _BY_TABLE.get(bits, Gate("".join(map(str, bits)), bits))


def gates_of_one_arity(names: Sequence[str]) -> list[Gate]:
    """Looks several gates up and makes sure that one network can have them all as targets.

    Raises:
        UserError: If a gate is unknown, or two of them take different numbers of inputs.
    """
    gates = [gate(name) for name in names]
    arities = {g.name: g.n_inputs for g in gates}
    if len(set(arities.values())) > 1:
        listed = ", ".join(f"{name} takes {n}" for name, n in arities.items())
        raise UserError(f"gates with different numbers of inputs: {listed}; all must take as many")
    return gates


def input_rows(n_inputs: int) -> NDArray[np.float64]:
    """All rows of ``n_inputs`` Boolean inputs, float64 [row, input], A-major."""
    rows = np.arange(2**n_inputs)[:, None]
    return ((rows >> np.arange(n_inputs - 1, -1, -1)) & 1).astype(np.float64)


def row_names(n_inputs: int) -> str:
    """The input rows, as messages list them: ``00, 01, 10, 11``."""
    return ", ".join(f"{row:0{n_inputs}b}" for row in range(2**n_inputs))
