"""Protocols: the readings of the paper's criteria, as named, frozen settings.

``released`` follows the authors' code, ``text`` the paper's text, ``strict`` is ours (paper,
sections 2 and 4; docs/protocols.md lists every difference, D01 to D14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from identifiability.candidates import Cells, n_edges, n_hidden
from identifiability.formulas import FormulaRule, VariableRule

Pairs = Literal["source_before_base", "all"]
PAIRS: tuple[Pairs, ...] = get_args(Pairs)


@dataclass(frozen=True)
class Protocol:
    """One reading of the criteria.

    Attributes:
        name: What results call it.
        reference: What a circuit must compute to be perfect (D01): the ``target`` gate, or what
            the full ``model`` computes, rounded.
        full_node_set: Whether circuits that keep every hidden neuron are candidates (D02).
        sparsity: Which components the cap on circuits counts (D03): hidden neurons (``node``),
            hidden neurons and edges together (``combined``), or ``none``.
        sparsity_above: The share of components left out that a circuit must exceed, by the width
            of the widest hidden layer from which it applies. No cap below the smallest width.
        pairs: Interchange interventions tried (D04): ``all`` ordered (base, source) pairs, or
            those with ``source_before_base`` in the order of the input rows.
        formulas: Which formulas are candidate algorithms (D05, D06).
        variables: Which nodes of a formula are intermediate variables.
    """

    name: str
    reference: Literal["target", "model"]
    full_node_set: bool
    sparsity: Literal["none", "node", "combined"]
    sparsity_above: Mapping[int, Fraction] = field(hash=False)
    pairs: Pairs
    formulas: FormulaRule
    variables: VariableRule

    def cap(self, layer_sizes: tuple[int, ...]) -> Fraction | None:
        """The sparsity that circuits of such a network must exceed, or None."""
        widths = [w for w in self.sparsity_above if w <= max(layer_sizes[1:-1])]
        return None if self.sparsity == "none" or not widths else self.sparsity_above[max(widths)]

    def admits(
        self, layer_sizes: tuple[int, ...], hidden: NDArray[np.int64], edges: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether circuits that keep so many hidden neurons and edges are candidates.

        Counts are compared as integers: 3 of 10 and 15 of 50 are ties with 0.3 and stay out.

        Args:
            layer_sizes: Neurons per layer of the single-output network.
            hidden: Hidden neurons kept, [...].
            edges: Edges kept, [...].

        Returns:
            Booleans [...].
        """
        total_hidden, total_edges = n_hidden(layer_sizes), n_edges(layer_sizes)
        admitted = np.ones(np.shape(hidden), bool) if self.full_node_set else hidden < total_hidden
        cap = self.cap(layer_sizes)
        if cap is None:
            return admitted
        removed, total = total_hidden - hidden, total_hidden
        if self.sparsity == "combined":
            removed, total = removed + total_edges - edges, total + total_edges
        return admitted & (removed * cap.denominator > cap.numerator * total)

    def n_candidates(self, layer_sizes: tuple[int, ...], cells: Cells) -> int:
        """Number of candidate circuits, of the exact totals per (hidden neurons, edges) cell."""
        return sum(
            number
            for (hidden, edges), number in cells.items()
            if self.admits(layer_sizes, np.array(hidden), np.array(edges))
        )

    def max_hidden(self, layer_sizes: tuple[int, ...], cells: Cells) -> int:
        """Most hidden neurons that a candidate keeps; 0 if there is no candidate."""
        return max(
            (
                hidden
                for hidden, edges in cells
                if self.admits(layer_sizes, np.array(hidden), np.array(edges))
            ),
            default=0,
        )


def pair_mask(pairs: Pairs, n_rows: int) -> NDArray[np.bool_]:
    """Which (base, source) pairs count, bool [base * n_rows + source]."""
    base, source = np.divmod(np.arange(n_rows**2), n_rows)
    return np.asarray(source < base if pairs == "source_before_base" else base >= 0)


RELEASED = Protocol(
    name="released",
    reference="target",
    full_node_set=False,
    sparsity="node",
    sparsity_above={4: Fraction(2, 10), 5: Fraction(3, 10)},
    pairs="source_before_base",
    formulas="released",
    variables="operators",
)
TEXT = Protocol(
    name="text",
    reference="model",
    full_node_set=True,
    sparsity="combined",
    sparsity_above={1: Fraction(3, 10)},
    pairs="all",
    formulas="text",
    variables="operators",
)
STRICT = Protocol(
    name="strict",
    reference="model",
    full_node_set=True,
    sparsity="none",
    sparsity_above={},
    pairs="all",
    formulas="strict",
    variables="binary",
)
PROTOCOLS: Mapping[str, Protocol] = {p.name: p for p in (RELEASED, TEXT, STRICT)}
