"""Joint interventions, and unmapped neurons that have to be inert (docs/protocols.md).

The paper forces one variable of a mapping at a time. Here every set of them is forced at once,
each variable from a source of its own, and the neurons in no place may join them: in the layers
that hold a place they have to change nothing. Whether a place is valid then depends on the places
of the other variables, so every perfect mapping is tried, and minimal are those with no other one
inside that passes. A mapping is given up as soon as the places chosen so far fail together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from identifiability.algorithms.mappings import Mappings, Search
from identifiability.algorithms.notation import parse_formula, variable_nodes
from identifiability.algorithms.trees import INPUT_NAMES, Node, input_tables
from identifiability.networks.networks import ACTIVATIONS, OUTPUT_ACTIVATIONS, Networks

_NAMES = tuple(dict.fromkeys((*ACTIVATIONS, *OUTPUT_ACTIVATIONS)))
_LEAKY, _RELU, _TANH, _SIGMOID = (
    _NAMES.index(name) for name in ("leaky_relu", "relu", "tanh", "sigmoid")
)
_AND, _OR, _INPUT = range(3)


@dataclass(frozen=True, eq=False)
class Programs:
    """Formulas as steps to carry out, children before the nodes above them.

    Attributes:
        steps: Per formula and node: what it is (AND, OR or input), its left and right child or the
            number of the input, whether it is negated, and the position of the variable whose
            value it is, -1 if it is none, int64 [formula, node, 5].
        n_steps: Nodes of each formula, int64 [formula].
    """

    steps: NDArray[np.int64]
    n_steps: NDArray[np.int64]


def programs(formulas: Sequence[str], variables: Sequence[Sequence[str]]) -> Programs:
    """Reads formulas as they are printed.

    Args:
        formulas: The formulas.
        variables: Of each, its intermediate variables as sub-formulas, in pre-order.
    """
    read = [_program(text, tuple(own)) for text, own in zip(formulas, variables, strict=True)]
    n_steps = np.array([len(program) for program in read], np.int64)
    steps = np.full((len(read), max(n_steps, default=0), 5), -1, np.int64)
    for formula, program in enumerate(read):
        steps[formula, : len(program)] = program
    return Programs(steps, n_steps)


@cache
def _program(text: str, variables: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    root = parse_formula(text)
    variable_of = variable_nodes(root, variables)
    numbers = iter(range(sum(1 for _ in root.preorder())))
    steps: list[tuple[int, ...]] = []

    def add(node: Node) -> int:
        """Adds the steps for a node; says which one has its value."""
        variable = variable_of.get(next(numbers), -1)
        if node.children:
            left, right = (add(child) for child in node.children)
            own = (_AND if node.op == "*" else _OR, left, right)
        else:
            own = (_INPUT, INPUT_NAMES.index(node.op), -1)
        steps.append((*own, int(node.negated), variable))
        return len(steps) - 1

    add(root)
    return tuple(steps)


class _Net(NamedTuple):
    """A network, as compiled code reads it.

    Attributes:
        activations: Of the hidden neurons on every row, float64 [row, neuron].
        starts: The neuron with which each hidden layer begins, and their number, int64 [layer].
        weights: Above the first hidden layer, float64 [layer, to, from], padded with 0.
        biases: Float64 [layer, to].
        hidden: Code of the activation after hidden layers.
        last: Code of the activation after the last.
        slope: Of leaky ReLU below zero.
        bases: On which bases each source is asked for, as bits, int64 [source].
        full: All rows, as bits.
        inputs: Truth table of each input, row r in bit r, int64 [input].
    """

    activations: NDArray[np.float64]
    starts: NDArray[np.int64]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    hidden: int
    last: int
    slope: float
    bases: NDArray[np.int64]
    full: int
    inputs: NDArray[np.int64]


class _Places(NamedTuple):
    """Where the variables of formulas can be in a network.

    Attributes:
        valid: Whether a place has IIA 1 for a variable, bool [variable, place].
        bits: Neurons of each place, int64 [place].
        layer: Hidden layer of each place, int64 [place].
    """

    valid: NDArray[np.bool_]
    bits: NDArray[np.int64]
    layer: NDArray[np.int64]


class _State(NamedTuple):
    """An intervention, and room to work out what it does.

    Attributes:
        sets: The sets of neurons, those of variables first, as bits over all hidden neurons,
            int64 [set].
        picked: The row from which each set is taken, -1 for those not forced, int64 [set].
        source_of: The same for each neuron, int64 [neuron].
        values: Activations, float64 [neuron].
        own: Truth table of each variable, int64 [variable].
        forced: The bit to which each variable is forced, or -1, int64 [variable].
        tables: Truth table of every node of the formula, int64 [node].
    """

    sets: NDArray[np.int64]
    picked: NDArray[np.int64]
    source_of: NDArray[np.int64]
    values: NDArray[np.float64]
    own: NDArray[np.int64]
    forced: NDArray[np.int64]
    tables: NDArray[np.int64]


def passing_mappings(
    networks: Networks,
    of: Search,
    formulas: Programs,
    pairs: NDArray[np.bool_],
    *,
    joint: bool,
) -> dict[str, Mappings]:
    """Lists the minimal ones of the perfect mappings that pass.

    Args:
        networks: Single-output networks.
        of: Places with IIA 1, and what the formulas ask for.
        formulas: The same formulas, as steps.
        pairs: Which (base, source) pairs are asked, [base * n_rows + source].
        joint: Whether variables are forced together, and not one at a time.

    Returns:
        Those where unmapped neurons are ``free``, and those where they are ``inert``: forced like
        variables, they change nothing.
    """
    found = []
    for number, net in enumerate(_nets(networks, pairs)):
        rows = _search(
            _Places(of.valid[number], of.place_bits, of.place_layer), of.variables, of.users,
            formulas.steps, formulas.n_steps, net, joint,
        )  # fmt: skip
        found.append(np.column_stack([np.full(len(rows), number), rows]))
    every = np.concatenate(found)
    listed = Mappings(every[:, 0], every[:, -3], every[:, 1:-3])
    return {"free": listed.select(every[:, -2] == 1), "inert": listed.select(every[:, -1] == 1)}


def _nets(networks: Networks, pairs: NDArray[np.bool_]) -> Iterator[_Net]:
    """The networks one by one."""
    sizes = networks.layer_sizes
    hidden = np.concatenate(networks.activations()[1:-1], axis=2)
    starts = np.array([*accumulate(sizes[1:-1], initial=0)], np.int64)
    tables = np.array([*input_tables(sizes[0]).values()], np.int64)
    codes = _NAMES.index(networks.activation), _NAMES.index(networks.output_activation)
    n_rows = 2 ** sizes[0]
    bases = (1 << np.arange(n_rows)) @ pairs.reshape(n_rows, -1)
    shape = (len(sizes) - 2, max(sizes[2:]), max(sizes[1:-1]))
    for number in range(len(networks)):
        weights, biases = np.zeros(shape), np.zeros(shape[:2])
        for layer in range(shape[0]):
            own, bias = networks.weights[layer + 1][number], networks.biases[layer + 1][number]
            weights[layer, : own.shape[0], : own.shape[1]] = own
            biases[layer, : len(bias)] = bias
        yield _Net(
            np.ascontiguousarray(hidden[number]), starts, weights, biases,
            *codes, networks.negative_slope, bases, 2**n_rows - 1, tables,
        )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _activated(value: float, code: int, slope: float) -> float:
    """The activation function of a code, of one value."""
    if code == _LEAKY:
        return value if value > 0 else slope * value
    if code == _RELU:
        return value if value > 0 else 0.0
    if code == _TANH:
        return float(np.tanh(value))
    if code == _SIGMOID:
        return float(1 / (1 + np.exp(-value)))
    return value


@numba.njit(cache=True, nogil=True)
def _answer(net: _Net, state: _State, base: int) -> bool:
    """The network's answer on a base, the neurons of ``state`` forced to what they are."""
    last = len(net.starts) - 1
    values = state.values
    changed = False  # whether anything below may differ from the run on the base
    for layer in range(last + 1):
        below = net.starts[layer - 1] if layer else 0
        begin = net.starts[layer]
        end = net.starts[layer + 1] if layer < last else begin + 1
        here = changed
        for neuron in range(begin, end):
            if layer < last and state.source_of[neuron] >= 0:
                values[neuron] = net.activations[state.source_of[neuron], neuron]
                here = True
            elif layer < last and not changed:
                values[neuron] = net.activations[base, neuron]
            else:
                # In the order of `weighted_sum`, to the last bit.
                total = net.biases[layer - 1, neuron - begin]
                for i in range(begin - below):
                    total += values[below + i] * net.weights[layer - 1, neuron - begin, i]
                code = net.hidden if layer < last else net.last
                values[neuron] = _activated(total, code, net.slope)
        changed = here
    return bool(values[net.starts[last]] > 0.5)


@numba.njit(cache=True, nogil=True)
def _run(steps: NDArray[np.int64], net: _Net, state: _State) -> int:
    """Truth table of a formula, the variables of ``state`` forced."""
    for i in range(len(steps)):
        left, right, variable = steps[i, 1], steps[i, 2], steps[i, 4]
        if variable >= 0 and state.forced[variable] >= 0:
            state.tables[i] = net.full if state.forced[variable] else 0
            continue
        if steps[i, 0] == _AND:
            value = state.tables[left] & state.tables[right]
        elif steps[i, 0] == _OR:
            value = state.tables[left] | state.tables[right]
        else:
            value = net.inputs[left]
        state.tables[i] = value ^ net.full if steps[i, 3] else value
    return int(state.tables[len(steps) - 1])


@numba.njit(cache=True, nogil=True)
def _pick(state: _State, position: int, source: int, n_variables: int) -> None:
    """Forces a set to what it is on a source, or, for -1, no longer."""
    state.picked[position] = source
    left, neuron = state.sets[position], 0
    while left:
        if left & 1:
            state.source_of[neuron] = source
        left >>= 1
        neuron += 1
    if position < n_variables:
        state.forced[position] = -1 if source < 0 else state.own[position] >> source & 1


@numba.njit(cache=True, nogil=True)
def _next(state: _State, n_rows: int, first: int, end: int, n_variables: int) -> bool:
    """Goes on to the next choice of a source, or none, for some sets; the last change fastest.

    Args:
        state: Where it stands.
        n_rows: Number of sources to choose from.
        first: The first of the sets.
        end: The set after the last of them.
        n_variables: How many of all sets belong to variables.

    Returns:
        Whether there was one; if not, none of the sets is forced any more.
    """
    for position in range(end - 1, first - 1, -1):
        source = state.picked[position] + 1
        _pick(state, position, source if source < n_rows else -1, n_variables)
        if source < n_rows:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _agree_now(steps: NDArray[np.int64], net: _Net, state: _State, n_sets: int) -> bool:
    """Whether network and formula agree under one intervention, on every base that is asked."""
    bases = net.full
    for i in range(n_sets):
        if state.picked[i] >= 0:
            bases &= net.bases[state.picked[i]]
    if not bases:
        return True
    wanted = _run(steps, net, state)
    for base in range(len(net.bases)):
        if bases >> base & 1 and _answer(net, state, base) != (wanted >> base & 1 == 1):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _agree_with(
    steps: NDArray[np.int64], net: _Net, state: _State,
    n_variables: int, one: int, first: int, end: int,
) -> bool:  # fmt: skip
    """Whether they agree when one set is forced, with every choice of some of those before it.

    Args:
        steps: The formula's steps, [node, 5].
        net: The network.
        state: Nothing is forced, before and afterwards.
        n_variables: How many sets belong to variables.
        one: The set.
        first: The first of the others.
        end: The set after the last of them.
    """
    agree = True
    n_rows = len(net.bases)
    while agree and _next(state, n_rows, one, one + 1, n_variables):
        more = True
        while agree and more:
            agree = _agree_now(steps, net, state, one + 1)
            more = _next(state, n_rows, first, end, n_variables)
    for i in range(one + 1):
        _pick(state, i, -1, n_variables)
    return agree


@numba.njit(cache=True, nogil=True)
def _agree(
    steps: NDArray[np.int64], net: _Net, state: _State,
    n_variables: int, one: int, together: bool,
) -> bool:  # fmt: skip
    """Whether they agree when one set is forced, with or without every choice of those before it.

    Pairs of sets come first: nearly all that fail do so there.

    Args:
        steps: The formula's steps, [node, 5].
        net: The network.
        state: Nothing is forced, before and afterwards.
        n_variables: How many sets belong to variables.
        one: The set.
        together: Whether others are forced with it.
    """
    agree = True
    for other in range(one if together else 0, -1, -1):
        # The last time round, with all of those before it, or, if it is alone, with none.
        pair = other > 0
        first, end = (other - 1, other) if pair else (0, one if together else 0)
        if agree and (pair or one != 1 or not together):
            agree = _agree_with(steps, net, state, n_variables, one, first, end)
    return agree


@numba.njit(cache=True, nogil=True)
def _search(
    places: _Places,
    variables: NDArray[np.int64],
    users: NDArray[np.int64],
    steps: NDArray[np.int64],
    n_steps: NDArray[np.int64],
    net: _Net,
    joint: bool,
) -> NDArray[np.int64]:
    """Searches for the mappings that pass, formula by formula.

    Args:
        places: Where variables can be.
        variables: Variables of each formula, -1 beyond their number, [formula, position].
        users: Position of each variable's user, -1 if there is none, [formula, position].
        steps: Steps of each formula, [formula, node, 5].
        n_steps: Their number, [formula].
        net: The network.
        joint: Whether variables are forced together.

    Returns:
        The places of each mapping, -1 beyond its variables; its formula; whether it is minimal
        among those that pass, and among those of them where unmapped neurons are inert, [mapping,
        position].
    """
    most, n_hidden = variables.shape[1], len(net.starts) - 1
    state = _State(
        np.zeros(most + n_hidden, np.int64),
        np.full(most + n_hidden, -1, np.int64),
        np.full(net.starts[-1], -1, np.int64),
        np.zeros(net.starts[-1] + 1),
        np.zeros(most, np.int64),
        np.full(most, -1, np.int64),
        np.zeros(steps.shape[1], np.int64),
    )
    has_place = np.zeros(len(places.valid), np.bool_)
    for variable in range(len(places.valid)):
        for place in range(len(places.bits)):
            has_place[variable] |= places.valid[variable, place]
    mappings = np.zeros((0, most + 3), np.int64)
    for formula in range(len(variables)):
        n_variables = 0
        mapped = True
        while n_variables < most and variables[formula, n_variables] >= 0:
            mapped = mapped and has_place[variables[formula, n_variables]]
            n_variables += 1
        if mapped:
            own = variables[formula, :n_variables]
            found = _combine(
                places, own, users[formula],
                steps[formula, : n_steps[formula]], net, state, joint,
            )  # fmt: skip
            free, inert = _minimal(found, places.bits, False), _minimal(found, places.bits, True)
            begin = len(mappings)
            mappings = _longer(mappings, begin + (free | inert).sum())
            for i in np.flatnonzero(free | inert):
                for k in range(n_variables):
                    mappings[begin, k] = found[i, k]
                mappings[begin, most] = formula
                mappings[begin, most + 1] = free[i]
                mappings[begin, most + 2] = inert[i]
                begin += 1
    return mappings


@numba.njit(cache=True, nogil=True)
def _combine(
    places: _Places,
    variables: NDArray[np.int64],
    users: NDArray[np.int64],
    steps: NDArray[np.int64],
    net: _Net,
    state: _State,
    joint: bool,
) -> NDArray[np.int64]:
    """Combines disjoint places depth first, one variable after the other, as long as they pass.

    Args:
        places: Where variables can be.
        variables: Those of the formula, [position].
        users: Position of each variable's user, -1 if there is none, [position].
        steps: Steps of the formula, [node, 5].
        net: The network.
        state: Nothing is forced. It is an argument, and not made here, because Numba takes what is
            written into arrays of a local tuple for unused, and leaves it out.
        joint: Whether variables are forced together.

    Returns:
        The places of every mapping that passes, and whether unmapped neurons are inert, [mapping,
        position].
    """
    _run(steps, net, state)
    for i in range(len(steps)):
        if steps[i, 4] >= 0:
            state.own[steps[i, 4]] = state.tables[i]
    n_variables, n_hidden = len(variables), len(net.starts) - 1
    chosen = np.full(n_variables + 1, -1, np.int64)
    taken = np.zeros(n_variables + 1, np.int64)  # neurons taken before each position
    passed = np.zeros((4, n_variables + 1), np.int64)
    n_passed = 0
    position = 0
    agree = True
    while position >= 0:
        if position == n_variables:
            if n_passed == len(passed):
                passed = _longer(passed, 2 * n_passed)
            for i in range(n_variables):
                passed[n_passed, i] = chosen[i]
            passed[n_passed, n_variables] = agree
            n_passed += 1
            position -= 1
            continue
        candidate = chosen[position] + 1
        user = users[position]
        while candidate < len(places.bits) and (
            not places.valid[variables[position], candidate]
            or places.bits[candidate] & taken[position]
            or (user >= 0 and places.layer[candidate] >= places.layer[chosen[user]])
        ):
            candidate += 1
        if candidate == len(places.bits):
            position -= 1
            continue
        chosen[position] = candidate
        state.sets[position] = places.bits[candidate]
        taken[position + 1] = taken[position] | places.bits[candidate]
        # The set of the variable, if others are forced with it: alone it has IIA 1. With the last
        # variable those of unmapped neurons, which say no more than whether they are inert.
        first, end = (position if joint else position + 1), position + 1
        if end == n_variables:
            for layer in range(n_hidden):
                in_layer = (1 << net.starts[layer + 1]) - (1 << net.starts[layer])
                unmapped = in_layer & ~taken[position + 1]
                if unmapped and unmapped != in_layer:
                    state.sets[end] = unmapped
                    end += 1
        passes = agree = True
        for one in range(first, end):
            agree = agree and _agree(steps, net, state, n_variables, one, joint)
            if one == position:
                passes = agree
        if passes:
            position += 1
            chosen[position] = -1
    return passed[:n_passed]


@numba.njit(cache=True, nogil=True)
def _longer(rows: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """The same rows, and room for further ones, filled with -1.

    One by one, here and below: Numba takes seconds to compile what copies several at once.
    """
    more = np.full((length, rows.shape[1]), -1, np.int64)
    for i in range(len(rows)):
        for k in range(rows.shape[1]):
            more[i, k] = rows[i, k]
    return more


@numba.njit(cache=True, nogil=True)
def _minimal(
    passed: NDArray[np.int64], place_bits: NDArray[np.int64], inert: bool
) -> NDArray[np.bool_]:
    """Which of the mappings of a formula have no other one inside.

    A mapping inside another one comes before it, as places do.

    Args:
        passed: Their places, and whether unmapped neurons are inert, [mapping, position].
        place_bits: Neurons of each place, [place].
        inert: Whether only those count where they are.
    """
    minimal = np.zeros(len(passed), np.bool_)
    found = np.zeros(len(passed), np.int64)
    n_found = 0
    for i in range(len(passed)):
        if inert and not passed[i, -1]:
            continue
        minimal[i] = True
        for j in found[:n_found]:
            inside = True
            for k in range(passed.shape[1] - 1):
                inside = inside and place_bits[passed[j, k]] & ~place_bits[passed[i, k]] == 0
            if inside:
                minimal[i] = False
                break
        if minimal[i]:
            found[n_found] = i
            n_found += 1
    return minimal
