"""Minimal perfect mappings of algorithms into a network (paper, section 2; Q3 and Q4).

A perfect mapping gives every intermediate variable a place with IIA 1, all places disjoint. A
subset of disjoint places is disjoint, so a perfect mapping is minimal exactly when no place in it
contains a smaller valid place of the same variable: the minimal mappings are the disjoint
combinations of inclusion-minimal valid places, and no other perfect mapping needs to be listed.
A smaller place lies in the same layer, so this holds as well where layers must be in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Mappings:
    """Minimal mappings, sorted by network, then formula.

    Attributes:
        network: Index of the network, int64 [mapping].
        formula: Index of the formula, int64 [mapping].
        place: Index of each variable's place, int64 [mapping, variable], -1 beyond the formula's
            number of variables.
    """

    network: NDArray[np.int64]
    formula: NDArray[np.int64]
    place: NDArray[np.int64]

    def select(self, kept: NDArray[np.bool_]) -> "Mappings":
        """Some of the mappings, by truth values [mapping]."""
        return Mappings(self.network[kept], self.formula[kept], self.place[kept])


def minimal_places(valid: NDArray[np.bool_], place_bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Keeps the valid places that contain no smaller valid place of the same variable.

    Args:
        valid: Whether a place has IIA 1, [network, variable, place].
        place_bits: Each place as a bit mask over all hidden neurons, [place].

    Returns:
        Booleans [network, variable, place].
    """
    inside = (place_bits[:, None] & ~place_bits[None, :]) == 0
    np.fill_diagonal(inside, False)
    return np.asarray(valid & ~(valid @ inside))


@dataclass(frozen=True, eq=False)
class Search:
    """What there is to combine.

    Attributes:
        valid: Whether a place has IIA 1 for a variable, bool [network, variable, place].
        minimal: Whether it is inclusion-minimal as well, bool [network, variable, place].
        place_bits: Each place as a bit mask over all hidden neurons, int64 [place].
        place_layer: Hidden layer of each place, int64 [place].
        variables: Indices of each formula's variables, in pre-order, -1 beyond their number,
            int64 [formula, position].
        users: Position of the variable that uses each one, and whose layer must be above; -1 if
            there is none, int64 [formula, position].
    """

    valid: NDArray[np.bool_]
    minimal: NDArray[np.bool_]
    place_bits: NDArray[np.int64]
    place_layer: NDArray[np.int64]
    variables: NDArray[np.int64]
    users: NDArray[np.int64]


def search_places(
    valid: NDArray[np.bool_],
    place_bits: NDArray[np.int64],
    place_layer: NDArray[np.int64],
    formula_variables: Sequence[Sequence[int]],
    users: Sequence[Sequence[int]] | None = None,
) -> Search:
    """Prepares the search for the mappings of formulas into networks.

    Args:
        valid: Whether a place has IIA 1 for a variable, [network, variable, place].
        place_bits: Each place as a bit mask over all hidden neurons, [place].
        place_layer: Hidden layer of each place, [place].
        formula_variables: Per formula, the indices of its variables, in pre-order. A formula
            without intermediate variables has one mapping, the empty one.
        users: Per formula and variable, the position of the variable that uses it, -1 if there is
            none. If given, a variable's layer lies strictly below the layer of its user.
    """
    most = max((len(v) for v in formula_variables), default=0)
    variables = np.full((len(formula_variables), most), -1, np.int64)
    above = np.full_like(variables, -1)
    for formula, own in enumerate(formula_variables):
        variables[formula, : len(own)] = own
        if users is not None:
            above[formula, : len(own)] = users[formula]
    minimal = minimal_places(valid, place_bits)
    return Search(valid, minimal, place_bits, place_layer, variables, above)


def count_mappings(of: Search) -> NDArray[np.int64]:
    """Numbers of minimal mappings, int64 [network, formula]."""
    counts = np.zeros((len(of.minimal), len(of.variables)), np.int64)
    nothing = np.zeros((0, of.variables.shape[1]), np.int64)
    every = np.ones_like(counts, bool)
    _search(
        of.minimal, of.place_bits, of.place_layer, of.variables, of.users, every, counts, nothing
    )
    return counts


def count_listed(found: Mappings, of: Search) -> NDArray[np.int64]:
    """Numbers of mappings that are listed, int64 [network, formula].

    Args:
        found: Mappings.
        of: What they were combined from.
    """
    counts = np.zeros((len(of.valid), len(of.variables)), np.int64)
    np.add.at(counts, (found.network, found.formula), 1)
    return counts


def minimal_mappings(of: Search, counts: NDArray[np.int64]) -> Mappings:
    """Lists the minimal mappings of formulas into networks.

    Args:
        of: What there is to combine.
        counts: What ``count_mappings`` says of it, or 0 where none is to be listed, [network,
            formula].
    """
    place = np.full((int(counts.sum()), of.variables.shape[1]), -1, np.int64)
    _search(
        of.minimal, of.place_bits, of.place_layer, of.variables, of.users, counts > 0,
        np.zeros_like(counts), place,
    )  # fmt: skip
    networks, formulas = (np.repeat(i.ravel(), counts.ravel()) for i in np.indices(counts.shape))
    return Mappings(networks, formulas, place)


def sparsest(found: Mappings, of: Search) -> Mappings:
    """Those of the mappings of a formula into a network that take the fewest neurons in all.

    Args:
        found: Mappings.
        of: What they were combined from.
    """
    size = np.append(np.bitwise_count(of.place_bits).astype(np.int64), 0)  # no place: no neuron
    neurons = size[found.place].sum(axis=1)
    pair = found.network * len(of.variables) + found.formula
    fewest = np.full(len(of.minimal) * len(of.variables), np.iinfo(np.int64).max)
    np.minimum.at(fewest, pair, neurons)
    return found.select(neurons == fewest[pair])


@numba.njit(cache=True, nogil=True)
def _search(
    minimal: NDArray[np.bool_],
    place_bits: NDArray[np.int64],
    place_layer: NDArray[np.int64],
    variables: NDArray[np.int64],
    users: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    counts: NDArray[np.int64],
    place: NDArray[np.int64],
) -> None:
    """Combines disjoint places depth first, one variable after the other.

    Args:
        minimal: Places to combine, [network, variable, place].
        place_bits: Neurons of each place, [place].
        place_layer: Hidden layer of each place, [place].
        variables: Variables of each formula, -1 beyond their number, [formula, position].
        users: Position of each variable's user, -1 if there is none, [formula, position].
        wanted: Which formulas to search for in which networks, [network, formula].
        counts: Filled with the numbers of mappings, [network, formula].
        place: Filled with the mappings, [mapping, position]; if it has no rows, they are only
            counted.
    """
    n_networks, _, n_places = minimal.shape
    most = variables.shape[1]
    chosen = np.full(most + 1, -1, np.int64)
    taken = np.zeros(most + 1, np.int64)  # neurons taken before each position
    listed = 0
    for network in range(n_networks):
        for formula in range(len(variables)):
            if not wanted[network, formula]:
                continue
            n_variables = 0
            while n_variables < most and variables[formula, n_variables] >= 0:
                n_variables += 1
            found = 0
            position = 0
            chosen[0] = -1
            while position >= 0:
                if position == n_variables:
                    if len(place):
                        place[listed, :n_variables] = chosen[:n_variables]
                        listed += 1
                    found += 1
                    position -= 1
                    continue
                candidate = chosen[position] + 1
                variable = variables[formula, position]
                user = users[formula, position]
                while candidate < n_places and (
                    not minimal[network, variable, candidate]
                    or place_bits[candidate] & taken[position]
                    or (user >= 0 and place_layer[candidate] >= place_layer[chosen[user]])
                ):
                    candidate += 1
                if candidate == n_places:
                    position -= 1
                    continue
                chosen[position] = candidate
                taken[position + 1] = taken[position] | place_bits[candidate]
                position += 1
                chosen[position] = -1
            counts[network, formula] = found
