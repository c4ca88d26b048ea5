"""Whether a network can be explained: its shape, its targets, its circuits; before any work."""

from collections.abc import Sequence
from dataclasses import replace

from identifiability.circuits.reach import Reach, reach_within
from identifiability.config.defaults import engine_defaults
from identifiability.errors import UserError
from identifiability.networks.gates import (
    Gate,
    gate_of_table,
    gates_of_one_arity,
    input_rows,
    row_names,
)
from identifiability.networks.networks import Networks
from identifiability.protocols import MAX_JOINT_INPUTS, Protocol

MAX_INPUTS = 4
"""Inputs have the names A to D in formulas; a truth table has 16 rows then."""
MAX_HIDDEN_LAYERS = 4
"""Formulas are as deep as the network (``deep_formulas`` says which are tried of those)."""
MAX_SET_WIDTH = 12
"""Sets of neurons of one layer are tried one by one; beyond this they are too many."""
MAX_SETS = 300
"""Sets of neurons, all layers together, where formulas have up to 20,000 different variables: with
more than two inputs and more than one hidden layer."""


def check_network(
    network: Networks,
    targets: Sequence[str] | None,
    protocol: Protocol,
    counts_only: bool = False,
) -> tuple[list[Gate], Reach]:
    """Makes sure that a network can be explained.

    Args:
        network: A batch of one.
        targets: The gate of each output, if given.
        protocol: Whose criteria hold.
        counts_only: Whether circuits are counted only.

    Returns:
        The gate of each output, and how far its circuits are looked into.

    Raises:
        UserError: If the network has too many inputs, layers, neurons or candidate circuits, or a
            target is unknown or not what the network computes.
    """
    if len(network) != 1:
        raise UserError(f"a batch of {len(network)} networks; networks are explained one by one")
    n_inputs, *hidden, _ = network.layer_sizes
    if n_inputs > MAX_INPUTS:
        raise UserError(f"{n_inputs} inputs; at most {MAX_INPUTS} are explained")
    if len(hidden) > MAX_HIDDEN_LAYERS:
        raise UserError(f"{len(hidden)} hidden layers; at most {MAX_HIDDEN_LAYERS} are explained")
    if protocol.tolerance is not None and network.above is not None:
        raise UserError(
            f"{protocol.name} compares outputs as they are, of which the readout "
            f"{network.readout} leaves 0 and 1; choose another protocol, or readout round"
        )
    sizes = (*network.layer_sizes[:-1], 1)
    if max(hidden) > MAX_SET_WIDTH:
        raise UserError(
            f"hidden layers of {hidden} neurons are too wide; layers of at most {MAX_SET_WIDTH} "
            "neurons are explained"
        )
    n_sets = sum(2**width - 1 for width in hidden)
    if n_inputs > 2 and len(hidden) > 1 and n_sets > MAX_SETS:
        raise UserError(
            f"hidden layers of {hidden} neurons have {n_sets:,} sets of neurons on which to "
            f"intervene; with {n_inputs} inputs and several hidden layers at most {MAX_SETS} are "
            "tried, as in one layer of 8 neurons among layers of 2"
        )
    if not protocol.is_for(n_inputs):
        raise UserError(
            f"{n_inputs} inputs; with interventions: joint, as under {protocol.name}, at most "
            f"{MAX_JOINT_INPUTS} are explained"
        )
    engine = engine_defaults()
    reach = reach_within(
        sizes,
        protocol,
        max_candidates=engine["max_candidates"],
        max_listed=0 if counts_only else None,
    )
    return _targets(network, targets), reach


def _targets(network: Networks, targets: Sequence[str] | None) -> list[Gate]:
    """The gate of each output, if the network computes it."""
    n_inputs, n_outputs = network.layer_sizes[0], network.layer_sizes[-1]
    rows = f"on the inputs {row_names(n_inputs)}"
    rounded = network.outputs()[0].round().T
    # What no integer can hold is no bit either.
    computed = [[int(v) if abs(v) < 2**53 else float(v) for v in table] for table in rounded]
    if targets is None:
        for output, table in enumerate(computed):
            if not set(table) <= {0, 1}:
                raise UserError(
                    f"output {output} rounds to {', '.join(map(str, table))} {rows}; it must be "
                    f"0 or 1 on each to be a gate{_otherwise(network)}"
                )
        return _distinct([gate_of_table(map(int, table)) for table in computed])
    if len(targets) != n_outputs:
        raise UserError(f"{len(targets)} target(s) for {n_outputs} output(s); give one for each")
    gates = gates_of_one_arity(targets)
    for output, (wanted, table) in enumerate(zip(gates, computed, strict=True)):
        if wanted.n_inputs != n_inputs:
            raise UserError(
                f"{wanted.name} takes {wanted.n_inputs} inputs, the network {n_inputs}"
            )
        if wanted.table != tuple(table):
            raise UserError(
                f"output {output} does not compute {wanted.name}: it rounds to "
                f"{', '.join(map(str, table))} {rows}, not to "
                f"{', '.join(map(str, wanted.table))}"
            )
    return _distinct(gates)


def _otherwise(network: Networks) -> str:
    """Under which other readouts and input values a network computes gates, as a hint."""
    ways: dict[str, str] = {}
    for levels in dict.fromkeys((network.levels, (-1.0, 1.0))):
        for above in (None, 0.0, 0.5):
            table = replace(network, levels=levels, above=above).outputs()[0].round().T
            if not all(set(row) == {0, 1} for row in table.tolist()):
                continue
            names = " and ".join(gate_of_table(map(int, row)).name for row in table)
            option = "" if levels == network.levels else "--inputs=-1,1 "
            option += f"--readout {'round' if above is None else f'above:{above:g}'}"
            ways.setdefault(names, f"{option} it computes {names}")
    return "".join(f"; by {way}" for way in [*ways.values()][:2]) + _with_constant(network)


def _with_constant(network: Networks) -> str:
    """Which input stands for a bias, as a hint: held at 1, it leaves a gate of the others."""
    n_inputs = network.layer_sizes[0]
    rounded = network.outputs()[0].round().T
    for number in reversed(range(n_inputs if n_inputs > 1 else 0)):
        held = input_rows(n_inputs)[:, number] == 1
        if all(set(row) == {0, 1} for row in rounded[:, held].tolist()):
            names = " and ".join(gate_of_table(map(int, row)).name for row in rounded[:, held])
            return (
                f"; with input {number + 1} held at true it computes {names}: add the weights of "
                "that input to the biases, and leave it out"
            )
    return ""


def _distinct(gates: list[Gate]) -> list[Gate]:
    """The gates, if no two are the same: results are told apart by their target."""
    tables = [gate.table for gate in gates]
    for output, gate in enumerate(gates):
        first = tables.index(gate.table)
        if first < output:
            raise UserError(
                f"outputs {first} and {output} both compute {gate.name}; give a network with one "
                "of them"
            )
    return gates
