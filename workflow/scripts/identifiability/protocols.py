"""Protocols: the paper's criteria as they can be read, as named, frozen settings.

``released`` follows the authors' code, ``text`` the paper's text, ``strict`` is ours (paper,
sections 2 and 4; docs/protocols.md lists every difference, D01 to D14). Their variants switch one
criterion each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from identifiability.algorithms.formulas import FormulaRule, VariableRule
from identifiability.algorithms.steps import StepRule
from identifiability.circuits.shapes import Cells, n_edges, n_hidden
from identifiability.errors import UserError

Pairs = Literal["source_before_base", "all"]
LayerRule = Literal["any", "ordered"]
InterventionRule = Literal["single", "joint"]
UnmappedRule = Literal["free", "inert"]
PAIRS: tuple[Pairs, ...] = get_args(Pairs)
SAMPLE_ACCURACY = Fraction(99, 100)
"""Share of samples on which a circuit judged on a sample must be right, and more (D01)."""
MAX_JOINT_INPUTS = 3
"""Joint interventions are for networks with so many inputs at most: with four, and 16 rows, a
formula of five variables has 23 million of them, and one of six 386 million."""
TOLERANCES = (0.5, 0.1, 0.02)
"""How far from the network's output a circuit's may be, on every input, to be near it."""


@dataclass(frozen=True)
class Protocol:
    """One complete set of criteria.

    Attributes:
        name: What results call it.
        reference: What a circuit must compute to be perfect (D01): the ``target`` gate; the
            target on more than 99% of the validation ``sample`` (D13: inputs that are rare in it
            may be wrong); or what the full ``model`` computes, rounded.
        inputs: What circuits are judged and read on (D07): the ``clean`` Boolean inputs, or the
            ``noisy`` ones of the validation sample; the latter only for networks trained with
            noise.
        circuits: ``all`` perfect circuits, or only the ``minimal`` ones, which have no perfect
            circuit strictly inside them, or only the ``sparsest``, with the fewest edges.
        complete: Whether circuits must agree with the network whatever is taken out of both, and
            not only as they are; ``minimal`` are then those with no complete one inside.
        tolerance: One of ``TOLERANCES``: a circuit counts if its output is less than this away
            from the network's on every input, instead of being rounded to the same; ``minimal``
            are then those with no such one inside. None: outputs are rounded.
        full_node_set: Whether circuits that keep every hidden neuron are candidates (D02).
        sparsity: Which components the cap on circuits counts (D03): hidden neurons (``node``),
            hidden neurons and edges together (``combined``), or ``none``.
        sparsity_above: The share of components left out that a circuit must exceed, by the width
            of the widest hidden layer from which it applies. No cap below the smallest width.
        pairs: Interchange interventions tried (D04): ``all`` ordered (base, source) pairs, or
            those with ``source_before_base`` in the order of the input rows.
        formulas: Which formulas are candidate algorithms (D05).
        twins: Whether formulas that De Morgan's laws turn into one another count ``apart`` or as
            ``one``, by the first that maps (D06). With ``binary`` variables twins have the same
            variables, and ``strict`` lists one of them only.
        variables: Which nodes of a formula are intermediate variables.
        layers: Whether a variable may sit in ``any`` layer, or strictly below the layer of the
            variable that uses it (``ordered``).
        steps: Whether formulas with ``any`` steps are candidates, or only those in which every
            variable does something (``live``) that nothing else does (``irredundant``).
        algorithms: ``all`` formulas that map, or only the ``sparsest`` of a network, with the
            fewest ANDs and ORs.
        mappings: The ``minimal`` mappings of an algorithm, or of these only the ``sparsest``, with
            the fewest neurons in all.
        interventions: Whether the variables of a mapping are forced one at a time (``single``), as
            in the paper, or every set of them at once, each from a source of its own (``joint``).
        unmapped: Whether neurons in no place, in the layers that have one, are ``free`` to do
            anything, or have to be ``inert``: forced to what they are on any source, alone or,
            where interventions are joint, with variables, they change nothing.
    """

    name: str
    reference: Literal["target", "sample", "model"]
    full_node_set: bool
    sparsity: Literal["none", "node", "combined"]
    sparsity_above: Mapping[int, Fraction] = field(hash=False)
    pairs: Pairs
    formulas: FormulaRule
    variables: VariableRule
    twins: Literal["apart", "one"] = "apart"
    inputs: Literal["clean", "noisy"] = "clean"
    circuits: Literal["all", "minimal", "sparsest"] = "all"
    complete: bool = False
    tolerance: float | None = None
    layers: LayerRule = "any"
    steps: StepRule = "any"
    algorithms: Literal["all", "sparsest"] = "all"
    mappings: Literal["minimal", "sparsest"] = "minimal"
    interventions: InterventionRule = "single"
    unmapped: UnmappedRule = "free"

    def cap(self, layer_sizes: tuple[int, ...]) -> Fraction | None:
        """The sparsity that circuits of such a network must exceed, or None."""
        widths = [w for w in self.sparsity_above if w <= max(layer_sizes[1:-1])]
        return None if self.sparsity == "none" or not widths else self.sparsity_above[max(widths)]

    def is_for(self, n_inputs: int) -> bool:
        """Whether networks with so many inputs can be looked at under it."""
        return self.interventions == "single" or n_inputs <= MAX_JOINT_INPUTS

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
        hidden, edges = np.array([*cells]).T
        return int(hidden[self.admits(layer_sizes, hidden, edges)].max(initial=0))


def protocol_of(settings: Mapping[str, Any]) -> Protocol:
    """A protocol from the plain data that artifacts say they were made by.

    Args:
        settings: Its fields; shares of the cap are written as ``"1/5"``, widths as text.
    """
    caps = {int(width): Fraction(share) for width, share in settings["sparsity_above"].items()}
    return Protocol(**{**settings, "sparsity_above": caps})


def protocol_named(name: str, known: Mapping[str, Protocol]) -> Protocol:
    """Looks a protocol up.

    Raises:
        UserError: If there is none of this name.
    """
    if name not in known:
        raise UserError(f"unknown protocol {name!r}; known are {', '.join(known)}")
    return known[name]


def pair_mask(pairs: Pairs, n_rows: int) -> NDArray[np.bool_]:
    """Which (base, source) pairs count, bool [base * n_rows + source]."""
    base, source = np.divmod(np.arange(n_rows**2), n_rows)
    return np.asarray(source < base if pairs == "source_before_base" else base >= 0)


RELEASED = Protocol(
    name="released",
    reference="sample",
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
    twins="one",
)
ABSTRACTION = replace(STRICT, name="abstraction", interventions="joint", unmapped="inert")
"""``strict`` with the criteria of alignment of the authors' later work (docs/protocols.md)."""
SPARSEST: Mapping[str, Any] = dict.fromkeys(("circuits", "algorithms", "mappings"), "sparsest")
"""The criteria that ask for what is sparsest: edges, ANDs and ORs, neurons."""
PROTOCOLS: Mapping[str, Protocol] = {p.name: p for p in (RELEASED, TEXT, STRICT)}
"""The protocols that figures and tables compare."""
VARIANTS: Mapping[str, Protocol] = {
    p.name: p
    for p in (
        replace(RELEASED, name="released-noisy", inputs="noisy"),
        # One difference at a time, from the text towards the released code. D06 the other way
        # round: `text` counts De Morgan twins as two.
        replace(TEXT, name="text-D01", reference="target"),
        replace(TEXT, name="text-D02", full_node_set=False),
        replace(TEXT, name="text-D03", sparsity="node", sparsity_above=RELEASED.sparsity_above),
        replace(TEXT, name="text-D04", pairs="source_before_base"),
        replace(TEXT, name="text-D05", formulas="released"),
        replace(TEXT, name="text-D06", twins="one"),
        replace(TEXT, name="text-D07", inputs="noisy"),
        replace(TEXT, name="text-D13", reference="sample"),
        # The steps of the ladder.
        replace(STRICT, name="strict-minimal", circuits="minimal"),
        replace(STRICT, name="strict-sparsest", **SPARSEST),
        replace(STRICT, name="strict-complete", complete=True),
        replace(STRICT, name="strict-complete-minimal", complete=True, circuits="minimal"),
        *(replace(STRICT, name=f"strict-within-{e}", tolerance=e) for e in TOLERANCES),
        *(
            replace(STRICT, name=f"strict-minimal-within-{e}", tolerance=e, circuits="minimal")
            for e in TOLERANCES
        ),
        replace(STRICT, name="strict-6-pairs", pairs="source_before_base"),
        replace(STRICT, name="strict-ordered", layers="ordered"),
        replace(STRICT, name="strict-live", steps="live"),
        replace(STRICT, name="strict-irredundant", steps="irredundant"),
        replace(STRICT, name="strict-inert", unmapped="inert"),
        replace(STRICT, name="strict-joint", interventions="joint"),
        replace(ABSTRACTION, name="abstraction-irredundant", steps="irredundant"),
    )
}
"""Those that the tables of differences and the ladder compare (paper, sections 6 and 7)."""
