"""Joint interventions, and unmapped neurons that have to be inert (docs/protocols.md).

The paper forces one variable of a mapping at a time. Here every set of them is forced at once,
each variable from a source of its own, and the neurons in no place may join them: in the layers
that hold a place they have to change nothing. Whether a place is valid then depends on the places
of the other variables, so every perfect mapping is tried, and minimal are those with no other one
inside that passes. A mapping is given up as soon as the places chosen so far fail together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from identifiability.algorithms.forced import Forced, answers, forced_networks
from identifiability.algorithms.mappings import Mappings, Search
from identifiability.algorithms.prefixes import Prefixes, prefixes
from identifiability.networks.networks import Networks
from identifiability.store.compiled import compiled

_MAX_ENTRIES = 2**24
"""Most entries of tables that formulas tried together may have, 64 MiB of them."""
_MAX_NEURONS_KEPT = 12
"""Most hidden neurons of a network for which it is kept where no mapping passes."""


class _Tree(NamedTuple):
    """``Prefixes``, as compiled code reads it: what has places in a network.

    Attributes:
        first: The first node below each node, -1 if there is none, int64 [node].
        after: The next node below the same one, -1 if there is none, int64 [node].
        variable: The variable that a node adds, int64 [node].
        own: Its truth table, row r in bit r, int64 [node].
        parent: The node above, -1 for the root, int64 [node].
        below: At which depths the variables stand whose layer has to be above its own, as bits,
            int64 [node].
        above: The same of those whose layer has to be below its own, int64 [node].
        begins: Where the entries of a node begin in ``tables``, int64 [node].
        tables: Truth tables with variables forced, int32 [entry].
        ends: Whether a formula stands at a node, bool [node].
    """

    first: NDArray[np.int64]
    after: NDArray[np.int64]
    variable: NDArray[np.int64]
    own: NDArray[np.int64]
    parent: NDArray[np.int64]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    begins: NDArray[np.int64]
    tables: NDArray[np.int32]
    ends: NDArray[np.bool_]


class _Places(NamedTuple):
    """Where variables can be in a network.

    Attributes:
        valid: Whether a place has IIA 1 for a variable, bool [variable, place].
        bits: Neurons of each place, int64 [place].
        layer: Hidden layer of each place, int64 [place].
        starts: The neuron with which each hidden layer begins, and their number, int64 [layer].
        bases: On which bases each source is asked for, as bits, int64 [source].
    """

    valid: NDArray[np.bool_]
    bits: NDArray[np.int64]
    layer: NDArray[np.int64]
    starts: NDArray[np.int64]
    bases: NDArray[np.int64]


class _Sets(NamedTuple):
    """The sets of neurons that are forced together, and room to choose sources for them.

    Attributes:
        intervention: What a choice for a set adds to the number of the intervention, int64 [set].
        entry: What it adds to the entry of the formula's table, by choice: 0 is none, s + 1 is
            source s, int64 [set, choice].
        choice: The choice of each set, int64 [set].
        sums: Intervention, entry and bases asked of the choices before each set, int64 [set, 3].
    """

    intervention: NDArray[np.int64]
    entry: NDArray[np.int64]
    choice: NDArray[np.int64]
    sums: NDArray[np.int64]


class _Asked(NamedTuple):
    """What is asked of the mappings of formulas.

    Attributes:
        joint: Whether variables are forced together, and not one at a time.
        inert: Whether those where unmapped neurons do something are left out.
        few: Whether it is enough to know of each formula whether it has none, one or several.
    """

    joint: bool
    inert: bool
    few: bool


@dataclass(frozen=True, eq=False)
class Trial:
    """Formulas, and the interventions that their mappings into networks have to pass.

    Attributes:
        networks: Single-output networks.
        of: Places with IIA 1, and what the formulas ask for.
        formulas: The same formulas, as they are printed.
        texts: Of each, its intermediate variables as sub-formulas, in pre-order.
        pairs: Which (base, source) pairs are asked, [base * n_rows + source].
    """

    networks: Networks
    of: Search
    formulas: Sequence[str]
    texts: Sequence[Sequence[str]]
    pairs: NDArray[np.bool_]


def passing_mappings(of: Trial, *, joint: bool) -> dict[str, Mappings]:
    """Lists the minimal ones of the perfect mappings that pass.

    Args:
        of: Formulas and networks.
        joint: Whether variables are forced together, and not one at a time.

    Returns:
        Those where unmapped neurons are ``free``, and those where they are ``inert``: forced like
        variables, they change nothing.
    """
    every = _found(of, _Asked(joint, inert=False, few=False))
    listed = Mappings(every[:, 0], every[:, 1], every[:, 2:-2])
    return {"free": listed.select(every[:, -2] == 1), "inert": listed.select(every[:, -1] == 1)}


def none_one_or_several(of: Trial, *, joint: bool, inert: bool) -> NDArray[np.int64]:
    """How many minimal ones of the perfect mappings pass, where more than two count as two.

    The first that is found is minimal, as a mapping inside another one comes before it. Where all
    others contain it, it is the only one.

    Args:
        of: Formulas and networks.
        joint: Whether variables are forced together, and not one at a time.
        inert: Whether unmapped neurons, forced like variables, must change nothing.

    Returns:
        0, 1 or 2, int64 [network, formula].
    """
    every = _found(of, _Asked(joint, inert, few=True))
    counts = np.zeros((len(of.networks), len(of.formulas)), np.int64)
    np.add.at(counts, (every[:, 0], every[:, 1]), 1)
    return counts


def _found(of: Trial, asked: _Asked) -> NDArray[np.int64]:
    """The mappings that pass, sorted by network, formula and places.

    Returns:
        Network, formula, places of the variables in pre-order, and whether the mapping is minimal
        where unmapped neurons are free, and where they are inert, int64 [mapping, column].
    """
    sizes, search = of.networks.layer_sizes, of.of
    n_rows = 2 ** sizes[0]
    bases = (1 << np.arange(n_rows)) @ of.pairs.reshape(n_rows, -1)
    starts = np.array([*accumulate(sizes[1:-1], initial=0)], np.int64)
    most = search.variables.shape[1]
    found = [np.zeros((0, most + 4), np.int64)]
    for chosen in _together(search):
        tree = prefixes(
            [of.formulas[i] for i in chosen],
            [of.texts[i] for i in chosen],
            search.variables[chosen],
            search.users[chosen],
            sizes[0],
        )
        for number, forced in enumerate(forced_networks(of.networks)):
            valid = search.valid[number]
            places = _Places(valid, search.place_bits, search.place_layer, starts, bases)
            rows = _depth_first(_tree(tree, valid), places, forced, most, asked)
            rows = _of_formulas(rows[np.argsort(rows[:, 0], kind="stable")], places, tree, asked)
            rows[:, 0], rows[:, 1] = number, chosen[rows[:, 1]]
            found.append(rows)
    every = np.concatenate(found)
    return np.asarray(every[np.lexsort(every[:, most + 1 :: -1].T)])


def _together(of: Search) -> Iterator[NDArray[np.int64]]:
    """The formulas all of whose variables have a place in some network, as many as fit at once."""
    has_place = np.append(np.asarray(of.valid.any((0, 2))), True)  # -1 stands for no variable
    mapped = np.flatnonzero(has_place[of.variables].all(1))
    entries = np.cumsum(3 ** (of.variables[mapped] >= 0).sum(1))
    group = entries // _MAX_ENTRIES
    for one in np.unique(group):
        yield mapped[group == one]


def _tree(of: Prefixes, valid: NDArray[np.bool_]) -> _Tree:
    """The nodes on the way to formulas whose variables all have a place in a network.

    Args:
        of: All formulas.
        valid: Whether a place has IIA 1 for a variable, [variable, place].
    """
    has_place = np.append(np.asarray(valid.any(1)), True)  # the root's is -1
    first, after, ends = _linked(of.parent, of.variable, of.node_of, has_place)
    added = of.variable, of.own, of.parent, of.below, of.above
    return _Tree(first, after, *added, of.begins, of.tables, ends == 1)


@compiled
def _linked(
    parent: NDArray[np.int64],
    variable: NDArray[np.int64],
    node_of: NDArray[np.int64],
    has_place: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """``first``, ``after`` and ``ends`` of a tree.

    Args:
        parent: Node above each one, [node].
        variable: The variable that a node adds, [node].
        node_of: The node at which each formula stands, [formula].
        has_place: Whether a variable has a place, [variable].

    Returns:
        Int64 [3, node].
    """
    first_after_ends = np.full((3, len(parent)), -1, np.int64)
    first, after, ends = first_after_ends
    reached = np.zeros(len(parent), np.bool_)
    for node in range(len(parent)):
        reached[node] = has_place[variable[node]] and (node == 0 or reached[parent[node]])
        ends[node] = 0
    for node in node_of:
        ends[node] = int(reached[node])
    needed = ends == 1
    for node in range(len(parent) - 1, 0, -1):
        if needed[node]:
            needed[parent[node]] = True
            after[node] = first[parent[node]]
            first[parent[node]] = node
    return first_after_ends


def _of_formulas(
    rows: NDArray[np.int64], places: _Places, tree: Prefixes, asked: _Asked
) -> NDArray[np.int64]:
    """The minimal ones of the mappings that pass, by formula; where few are asked for, all.

    Args:
        rows: What ``_depth_first`` finds, node by node.
        places: Where variables can be.
        tree: The formulas.
        asked: What is asked of the mappings.

    Returns:
        0, the formula, the places of its variables in pre-order, and whether the mapping is
        minimal where unmapped neurons are free, and where they are inert, [mapping, column].
    """
    minimal = np.ones((len(rows), 2), bool) if asked.few else _minimal(rows, places.bits)
    kept = minimal.any(1)
    rows, minimal = rows[kept], minimal[kept]
    # A node's rows for each of the formulas that stand there.
    by_node = np.argsort(tree.node_of, kind="stable")
    begins = np.searchsorted(tree.node_of[by_node], rows[:, 0])
    n_formulas = np.searchsorted(tree.node_of[by_node], rows[:, 0], side="right") - begins
    which = np.repeat(np.arange(len(rows)), n_formulas)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(n_formulas) - n_formulas, n_formulas)
    formula = by_node[begins[which] + nth]
    chosen = np.column_stack([rows[which, 1:-1], np.full(len(which), -1)])  # -1 finds the last
    own = np.take_along_axis(chosen, tree.position[formula], axis=1)
    zero = np.zeros(len(which), np.int64)
    return np.column_stack([zero, formula, own, minimal[which]]).astype(np.int64)


@compiled
def _same_with(
    tree: _Tree, node: int, places: _Places, network: Forced, sets: _Sets,
    one: int, first: int, end: int,
) -> bool:  # fmt: skip
    """Whether network and formula agree when a set is forced, with any choice of others or none.

    Args:
        tree: The formulas.
        node: Whose variables are forced.
        places: Which bases are asked.
        network: The network.
        sets: The sets of neurons.
        one: The set.
        first: The first of the others, all before it.
        end: The set after the last of them.
    """
    # By names of their own: compiled code hands a tuple on as a copy.
    n_rows, asked, tables, known = len(places.bases), places.bases, tree.tables, network.known
    choices, sums, begin = sets.choice, sets.sums, tree.begins[node]
    for source in range(n_rows):
        if not asked[source]:
            continue
        intervention = (source + 1) * sets.intervention[one]
        entry, bases = sets.entry[one, source + 1], asked[source]
        if first == end:
            if (answers(network, intervention) ^ tables[begin + entry]) & bases:
                return False
            continue
        position = first
        choices[first] = -1
        sums[first, 0], sums[first, 1], sums[first, 2] = intervention, entry, bases
        while position >= first:
            choices[position] += 1
            choice = choices[position]
            if choice > n_rows:
                position -= 1
                continue
            bases = sums[position, 2]
            if choice:
                bases &= asked[choice - 1]
                if not bases:
                    continue
            intervention = sums[position, 0] + choice * sets.intervention[position]
            entry = sums[position, 1] + sets.entry[position, choice]
            if position < end - 1:
                position += 1
                choices[position] = -1
                sums[position, 0], sums[position, 1], sums[position, 2] = (
                    intervention,
                    entry,
                    bases,
                )
                continue
            answer = known[intervention] if len(known) else -1
            if answer < network.known_from:
                answer = answers(network, intervention)
            if (answer ^ tables[begin + entry]) & bases:
                return False
    return True


@compiled
def _same(
    tree: _Tree, node: int, places: _Places, network: Forced, sets: _Sets,
    one: int, together: bool,
) -> bool:  # fmt: skip
    """Whether they agree when a set is forced, with or without every choice of those before it.

    Pairs of sets come first: nearly all that fail do so there.

    Args:
        tree: The formulas.
        node: Whose variables are forced.
        places: Which bases are asked.
        network: The network.
        sets: The sets of neurons.
        one: The set.
        together: Whether others are forced with it.
    """
    zero = one - one  # and not 0, for which all this would be compiled once more
    if not together:
        return _same_with(tree, node, places, network, sets, one, zero, zero)
    for other in range(one - 1, -1, -1):
        if not _same_with(tree, node, places, network, sets, one, other, other + 1):
            return False
    # Of two sets, the pair is all there is.
    return one == 1 or _same_with(tree, node, places, network, sets, one, zero, one)


@compiled
def _force(sets: _Sets, network: Forced, position: int, neurons: int) -> None:
    """Makes a set of neurons one of those that are forced."""
    total, neuron = 0, 0
    while neurons:
        if neurons & 1:
            total += network.digits[neuron]
        neurons >>= 1
        neuron += 1
    sets.intervention[position] = total


@compiled
def _depth_first(
    tree: _Tree, places: _Places, network: Forced, most: int, asked: _Asked
) -> NDArray[np.int64]:
    """Gives the variables of formulas disjoint places, depth first, as long as they pass.

    Args:
        tree: The formulas.
        places: Where variables can be.
        network: The network.
        most: Most variables of a formula.
        asked: What is asked of the mappings.

    Returns:
        Of every mapping that passes the node at which its formulas stand, the places by depth, -1
        beyond the last, and whether unmapped neurons are inert, [mapping, column].
    """
    n_rows, n_sets = len(places.bases), most + len(places.starts) - 1
    # Made here and handed on: Numba leaves out what is written into arrays of a local tuple.
    sets = _Sets(
        np.zeros(n_sets, np.int64),
        np.zeros((n_sets, n_rows + 1), np.int64),
        np.zeros(n_sets, np.int64),
        np.zeros((n_sets, 3), np.int64),
    )
    return _walk(tree, places, network, most, asked, sets)


@compiled
def _walk(
    tree: _Tree, places: _Places, network: Forced, most: int, asked: _Asked, sets: _Sets
) -> NDArray[np.int64]:
    """The same, with room to choose sources."""
    n_rows = len(places.bases)
    nodes = np.zeros(most + 1, np.int64)  # the node at each depth
    taken = np.zeros(most + 1, np.int64)  # neurons taken up to each depth
    chosen = np.full(most + 1, -1, np.int64)  # the place that is added at each depth
    child = np.full(most + 1, -1, np.int64)  # the node below that comes next
    passed = np.full((4, most + 2), -1, np.int64)
    n_passed = 0
    found = np.full((len(tree.ends), 2), -1, np.int64)  # the first two of each node, if few
    waiting = _waiting(tree)
    may_be_mapped = _extensible(tree, places, network, asked, sets)
    # Where variables are forced alone and in any layer, what passes below a node depends on the
    # neurons taken, and not on which variable has them: where nothing does, by node and neurons.
    forgetful = asked.few and asked.inert and not asked.joint
    forgetful &= places.starts[-1] <= _MAX_NEURONS_KEPT and not (tree.below | tree.above).any()
    barren = np.zeros((len(tree.ends), 1 << places.starts[-1] if forgetful else 1), np.bool_)
    n_inert = 0
    inert_before = np.zeros(most + 1, np.int64)  # on the way to each depth
    depth = len(nodes) - most - 1  # and not 0, for which all this would be compiled once more
    arrived = True
    while depth >= 0:
        if arrived:
            arrived = False
            node = nodes[depth]
            child[depth] = tree.first[node]
            chosen[depth] = -1
            inert_before[depth] = n_inert
            if tree.ends[node] and found[node, 1] < 0:
                inert = (asked.inert or not asked.few) and _inert(
                    tree, node, places, network, depth, taken[depth], asked.joint, sets
                )
                n_inert += inert
                counts = inert or not asked.inert
                if counts and asked.few and found[node, 0] >= 0:
                    counts = not _inside(passed[found[node, 0]], chosen, depth, places.bits)
                if counts:
                    if n_passed == len(passed):
                        passed = _longer(passed, 2 * n_passed)
                    passed[n_passed, 0] = node
                    for i in range(depth):
                        passed[n_passed, 1 + i] = chosen[i]
                    passed[n_passed, most + 1] = inert
                    if asked.few:
                        found[node, 1 if found[node, 0] >= 0 else 0] = n_passed
                        if found[node, 1] >= 0 or depth == 0:
                            _close(tree, node, waiting)
                    n_passed += 1
        node = child[depth]
        if node < 0:
            if forgetful and n_inert == inert_before[depth]:
                barren[nodes[depth], taken[depth]] = True
            depth -= 1
            continue
        candidate = chosen[depth] + 1
        while candidate < len(places.bits) and (
            not places.valid[tree.variable[node], candidate]
            or places.bits[candidate] & taken[depth]
            or not _in_order(tree, node, places, chosen, depth, candidate)
            or not _allowed(may_be_mapped, places, taken[depth], candidate)
        ):
            candidate += 1
        if candidate == len(places.bits) or not waiting[node]:
            child[depth] = tree.after[node]
            chosen[depth] = -1
            continue
        chosen[depth] = candidate
        _force(sets, network, depth, places.bits[candidate])
        for source in range(n_rows):
            bit = tree.own[node] >> source & 1
            sets.entry[depth, source + 1] = (1 + bit) * 3**depth
        passes = not asked.joint or depth == 0
        if passes or _same(tree, node, places, network, sets, depth, asked.joint):
            taken[depth + 1] = taken[depth] | places.bits[candidate]
            nodes[depth + 1] = node
            if not forgetful or not barren[node, taken[depth + 1]]:
                depth += 1
                arrived = True
    return passed[:n_passed]


@compiled
def _extensible(
    tree: _Tree, places: _Places, network: Forced, asked: _Asked, sets: _Sets
) -> NDArray[np.bool_]:
    """Which neurons of a layer can all be in places, or with further ones, with the others inert.

    Forced alone, the others have to change nothing whatever the mapping is.

    Args:
        tree: The formulas.
        places: Which bases are asked.
        network: The network.
        asked: If others need not be inert, any neurons can.
        sets: Room for a set.

    Returns:
        Booleans [layer, set of neurons as bits].
    """
    starts = places.starts
    widest = 0
    for layer in range(len(starts) - 1):
        widest = max(widest, starts[layer + 1] - starts[layer])
    may = np.full((len(starts) - 1, 1 << widest), not asked.inert)
    for layer in range(len(starts) - 1 if asked.inert else 0):
        width = starts[layer + 1] - starts[layer]
        for mapped in range((1 << width) - 1, 0, -1):
            others = ((1 << width) - 1) & ~mapped
            _force(sets, network, starts[0], others << starts[layer])
            for choice in range(sets.entry.shape[1]):
                sets.entry[0, choice] = 0
            may[layer, mapped] = _same(tree, starts[0], places, network, sets, starts[0], False)
            for neuron in range(width):
                may[layer, mapped] |= may[layer, mapped | 1 << neuron]
    return may


@compiled
def _allowed(
    may_be_mapped: NDArray[np.bool_], places: _Places, taken: int, candidate: int
) -> bool:
    """Whether a place leaves neurons of its layer that can be inert."""
    layer = places.layer[candidate] - 1
    begin, end = places.starts[layer], places.starts[layer + 1]
    mapped = (taken | places.bits[candidate]) >> begin & (1 << (end - begin)) - 1
    return bool(may_be_mapped[layer, mapped])


@compiled
def _waiting(tree: _Tree) -> NDArray[np.int64]:
    """How many nodes at which formulas stand lie at or below each node, [node]."""
    found = tree.ends.astype(np.int64)
    for node in range(len(found) - 1, 0, -1):
        found[tree.parent[node]] += found[node]
    return found


@compiled
def _close(tree: _Tree, node: int, waiting: NDArray[np.int64]) -> None:
    """Takes a node off those that are waited for."""
    while node >= 0:
        waiting[node] -= 1
        node = tree.parent[node]


@compiled
def _inside(
    row: NDArray[np.int64], chosen: NDArray[np.int64], depth: int, place_bits: NDArray[np.int64]
) -> bool:
    """Whether a mapping found before lies inside the one that is chosen."""
    inside = True
    for i in range(depth):
        inside = inside and place_bits[row[1 + i]] & ~place_bits[chosen[i]] == 0
    return inside


@compiled
def _in_order(
    tree: _Tree, node: int, places: _Places, chosen: NDArray[np.int64], depth: int, candidate: int
) -> bool:
    """Whether a place lies below that of the variable's user, and above those that it uses."""
    layer = places.layer[candidate]
    for i in range(depth):
        if tree.below[node] >> i & 1 and layer >= places.layer[chosen[i]]:
            return False
        if tree.above[node] >> i & 1 and layer <= places.layer[chosen[i]]:
            return False
    return True


@compiled
def _inert(
    tree: _Tree, node: int, places: _Places, network: Forced,
    n_variables: int, taken: int, joint: bool, sets: _Sets,
) -> bool:  # fmt: skip
    """Whether unmapped neurons change nothing, alone or with the variables and one another.

    Args:
        tree: The formulas.
        node: Whose variables all have a place.
        places: Which bases are asked.
        network: The network.
        n_variables: Number of the variables.
        taken: The neurons in their places, as bits.
        joint: Whether variables are forced together.
        sets: The places, and room for the sets of unmapped neurons after them.
    """
    end = n_variables + 0
    for layer in range(len(places.starts) - 1):
        in_layer = (1 << places.starts[layer + 1]) - (1 << places.starts[layer])
        unmapped = in_layer & ~taken
        if unmapped and unmapped != in_layer:
            _force(sets, network, end, unmapped)
            for choice in range(sets.entry.shape[1]):
                sets.entry[end, choice] = 0
            if not _same(tree, node, places, network, sets, end, joint):
                return False
            end += 1
    return True


@compiled
def _longer(rows: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """The same rows, and room for further ones, filled with -1.

    One by one: Numba takes seconds to compile what copies several at once.
    """
    more = np.full((length, rows.shape[1]), -1, np.int64)
    for i in range(len(rows)):
        for k in range(rows.shape[1]):
            more[i, k] = rows[i, k]
    return more


@compiled
def _minimal(rows: NDArray[np.int64], place_bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the mappings of a node have no other one inside.

    A mapping inside another one comes before it, as places do.

    Args:
        rows: Node, places, whether unmapped neurons are inert, node by node, [mapping, column].
        place_bits: Neurons of each place, [place].

    Returns:
        Whether one is minimal among all, and among those where unmapped neurons are inert, bool
        [mapping, 2].
    """
    minimal = np.zeros((len(rows), 2), np.bool_)
    found = np.zeros(len(rows), np.int64)
    last = rows.shape[1] - 1
    for inert in range(2):
        n_found, node = 0, -1
        for i in range(len(rows)):
            if rows[i, 0] != node:
                n_found, node = 0, rows[i, 0]
            if inert and not rows[i, last]:
                continue
            minimal[i, inert] = True
            for j in found[:n_found]:
                inside = True
                for k in range(1, last):
                    if rows[j, k] >= 0 and place_bits[rows[j, k]] & ~place_bits[rows[i, k]]:
                        inside = False
                        break
                if inside:
                    minimal[i, inert] = False
                    break
            if minimal[i, inert]:
                found[n_found] = i
                n_found += 1
    return minimal
