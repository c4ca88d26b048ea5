"""The whole analysis a second time, one thing at a time, with nothing but loops.

Here a circuit gets a forward pass of its own, interpretations are listed, interventions are made
one by one and formulas are found by trying. The module shares no code with the rest of the
library and needs only the standard library. It is meant to be read beside the paper (Méloux et
al. 2025, ICLR) and to be right, not fast: it is the oracle of the tests, the second path of an
audit and the baseline of the benchmarks.

Definitions are those of the paper, section 2. Where its text and its released code part ways,
``PlainRules`` says which is meant, by the number of the difference (D01 to D07, D13).

How things are written down:

* Input rows are counted through with the first input slowest: 00, 01, 10, 11. A truth table is a
  list with one bit per row.
* A neuron is (layer, index). Layer 0 holds the inputs, layer 1 is the first hidden layer.
* Edges are strings: ``edges[layer][to]`` belongs to neuron ``(layer + 1, to)`` and has one
  character per neuron below it, "1" where the edge is kept. A hidden neuron is kept when its
  string has a "1".
* A formula is a nested tuple: ``("A",)``, ``("¬", child)``, ``("*", left, right)`` for AND and
  ``("+", left, right)`` for OR. A node of it is named by its path from the root: ``()`` is the
  root, ``(0,)`` its first child, ``(0, 1)`` that child's second one.
* A sample is a list of (inputs, label, times): what the network is given, the bit that would be
  right, and how often the two occur. A sample of Boolean rows needs one entry a row, one of noisy
  inputs has an entry for each draw.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, combinations, count, pairwise, product
from typing import Any, Literal

Row = tuple[int, ...]
Neuron = tuple[int, int]
Path = tuple[int, ...]
Edges = list[list[str]]
Gate = tuple[int, ...]
Interpretation = dict[Neuron, tuple[float, Gate]]
Reading = dict[Neuron, tuple[float, dict[Row, int]]]
Formula = tuple[str] | tuple[str, "Formula"] | tuple[str, "Formula", "Formula"]
NeuronSet = tuple[int, tuple[int, ...]]

Sample = Sequence[tuple[Sequence[float], int, int]]

FormulaRule = Literal["released", "text", "strict"]
VariableRule = Literal["operators", "binary"]
PairRule = Literal["source_before_base", "all"]
StepRule = Literal["any", "live", "irredundant"]

XOR: Gate = (0, 1, 1, 0)
XNOR: Gate = (1, 0, 0, 1)


# Networks and rules ------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlainNetwork:
    """A multilayer perceptron (paper, section 2: network).

    Attributes:
        weights: ``weights[layer][to][from]``.
        biases: ``biases[layer][to]``.
        activation: "leaky_relu", "relu", "tanh", "sigmoid" or "identity"; follows every layer.
        negative_slope: Slope of leaky ReLU below zero.
        output_activation: Follows the last layer instead of ``activation``, unless None.
        levels: What stands for false and for true at the inputs.
        above: The readout: an output that exceeds it is 1, any other 0. None leaves it as it is,
            to be rounded.
    """

    weights: list[list[list[float]]]
    biases: list[list[float]]
    activation: str = "leaky_relu"
    negative_slope: float = 0.01
    output_activation: str | None = None
    levels: tuple[float, float] = (0, 1)
    above: float | None = None

    @property
    def layer_sizes(self) -> list[int]:
        """Neurons per layer, inputs and outputs included."""
        return [len(self.weights[0][0]), *(len(weight) for weight in self.weights)]

    def single_output(self, index: int) -> "PlainNetwork":
        """The network with only output ``index``: one target each (paper, section 2)."""
        return replace(
            self,
            weights=[*self.weights[:-1], [self.weights[-1][index]]],
            biases=[*self.biases[:-1], [self.biases[-1][index]]],
        )

    @classmethod
    def from_dict(cls, network: Mapping[str, Any]) -> "PlainNetwork":
        """Reads a network from parsed JSON with the attributes as keys; other keys are ignored."""
        return cls(
            network["weights"],
            network["biases"],
            network.get("activation", "leaky_relu"),
            network.get("negative_slope", 0.01),
            network.get("output_activation"),
            tuple(network.get("levels", (0, 1))),
            network.get("above"),
        )


@dataclass(frozen=True)
class PlainRules:
    """One reading of the criteria: what a protocol decides where the paper leaves room.

    Attributes:
        reference: What a circuit's rounded output has to equal: the target on every row, the
            rounded output of the whole network on every row, or the labels of a sample, in more
            than 99% of it (D01, D13).
        full_node_set: Whether circuits that keep every hidden neuron are candidates (D02).
        sparsity_measure: Share of hidden neurons left out ("node"), of hidden neurons and edges
            together ("combined"), or no cap (D03).
        sparsity_above: Candidates lie strictly above this sparsity (D03).
        pairs: Which (base, source) pairs count for the IIA (D04).
        formulas: Which formulas are candidate algorithms (D05).
        twins: Whether formulas with the same ``without_or`` are apart, or one: the first of them
            that maps (D06).
        variables: Which nodes of a formula are intermediate variables: operators, with a NOT
            standing for itself and what it negates, or the binary operators alone.
        tie: Activations no further apart than this count as equal.
        circuits: All perfect circuits, or those without another perfect one inside, or those with
            the fewest edges.
        layers: Whether a variable may sit in any layer, or only strictly below the layer of the
            variable that uses it.
        steps: Whether formulas have to be live, or irredundant.
        complete: Whether circuits have to be complete.
        tolerance: If given, circuits have to be within it of the network, whatever the reference.
        algorithms: All formulas that map, or of these those with the fewest ANDs and ORs.
        mappings: The minimal mappings of a formula, or of these those with the fewest neurons.
        interventions: Whether variables are forced one at a time, or every set of them at once.
        unmapped: Whether neurons in no place, in the layers that have one, may do anything, or
            have to change nothing when they are forced as well.
    """

    reference: Literal["target", "model", "sample"]
    full_node_set: bool
    sparsity_measure: Literal["node", "combined"] | None
    sparsity_above: Fraction
    pairs: PairRule
    formulas: FormulaRule
    variables: VariableRule
    tie: float = 1e-9
    twins: Literal["apart", "one"] = "apart"
    circuits: Literal["all", "minimal", "sparsest"] = "all"
    layers: Literal["any", "ordered"] = "any"
    steps: StepRule = "any"
    complete: bool = False
    tolerance: float | None = None
    algorithms: Literal["all", "sparsest"] = "all"
    mappings: Literal["minimal", "sparsest"] = "minimal"
    interventions: Literal["single", "joint"] = "single"
    unmapped: Literal["free", "inert"] = "free"


def released(width: int) -> PlainRules:
    """The protocol of the authors' code for hidden layers of ``width`` neurons.

    Raises:
        ValueError: If ``width`` is above 5, for which no cap is published.
    """
    if width > 5:
        raise ValueError(f"the released code has no sparsity cap for width {width}, only up to 5")
    caps = {4: Fraction(1, 5), 5: Fraction(3, 10)}
    return PlainRules(
        reference="target",
        full_node_set=False,
        sparsity_measure="node" if width in caps else None,
        sparsity_above=caps.get(width, Fraction(0)),
        pairs="source_before_base",
        formulas="released",
        variables="operators",
    )


def text() -> PlainRules:
    """The protocol of the paper's text, with its sparsity cap."""
    return PlainRules(
        reference="model",
        full_node_set=True,
        sparsity_measure="combined",
        sparsity_above=Fraction(3, 10),
        pairs="all",
        formulas="text",
        variables="operators",
    )


def strict() -> PlainRules:
    """The protocol without shortcuts: all circuits, all pairs, all placements of NOT on a tree.

    The trees themselves are those of ``text``. A form whose two children would be equal trees,
    such as (A*¬B)+(¬A*B), is there as its De Morgan twin (¬A*B)+¬(¬A+B).
    """
    return PlainRules(
        reference="model",
        full_node_set=True,
        sparsity_measure=None,
        sparsity_above=Fraction(0),
        pairs="all",
        formulas="strict",
        variables="binary",
    )


def abstraction() -> PlainRules:
    """The strict protocol, with joint interventions and inert unmapped neurons (section 12)."""
    return replace(strict(), interventions="joint", unmapped="inert")


# Forward pass ------------------------------------------------------------------------------------


def input_rows(n_inputs: int) -> list[Row]:
    """All Boolean input rows, the first input slowest."""
    return list(product((0, 1), repeat=n_inputs))


def activate(value: float, name: str, negative_slope: float) -> float:
    """Applies one activation function to one value.

    Raises:
        ValueError: If the activation is unknown.
    """
    match name:
        case "leaky_relu":
            return value if value > 0 else negative_slope * value
        case "relu":
            return value if value > 0 else 0.0
        case "tanh":
            return math.tanh(value)
        case "sigmoid":
            # exp of a large positive number would overflow, so each half has its own form.
            if value > 0:
                return 1 / (1 + math.exp(-value))
            return math.exp(value) / (1 + math.exp(value))
        case "identity":
            return value
    raise ValueError(f"unknown activation {name!r}")


def forward(
    network: PlainNetwork,
    row: Sequence[float],
    edges: Edges | None = None,
    forced: Mapping[Neuron, float] | None = None,
) -> list[list[float]]:
    """One forward pass of one input row (paper, section 2: circuit, interchange intervention).

    A removed edge has weight 0 and a removed neuron passes 0; the bias of a kept neuron stays.

    Args:
        network: The network.
        row: One bit per input; what is neither 0 nor 1, as on noisy inputs, is taken as it is.
        edges: The circuit to run; None runs the whole network.
        forced: Activations to put in place of what these neurons compute.

    Returns:
        The activations per layer, the inputs first.
    """
    forced = forced or {}
    false, true = network.levels
    level: dict[float, float] = {0: false, 1: true}
    activations = [[float(level.get(value, value)) for value in row]]
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        is_last = layer == len(network.weights) - 1
        name = network.activation
        if is_last and network.output_activation is not None:
            name = network.output_activation
        values = []
        for to in range(len(weight)):
            below = activations[-1]
            if (layer + 1, to) in forced:
                value = forced[layer + 1, to]
            elif edges is not None and "1" not in edges[layer][to]:
                value = 0.0
            else:
                total = bias[to]
                for source in range(len(below)):
                    if edges is None or edges[layer][to][source] == "1":
                        total += weight[to][source] * below[source]
                value = activate(total, name, network.negative_slope)
                if is_last and network.above is not None:
                    value = float(value > network.above)
            values.append(value)
        activations.append(values)
    return activations


def rounded_output(network: PlainNetwork, row: Sequence[float], edges: Edges | None = None) -> int:
    """The single output on one row, rounded to the nearest integer."""
    return round(forward(network, row, edges)[-1][0])


# Circuits ----------------------------------------------------------------------------------------


def is_above(n_removed: int, n_total: int, cap: Fraction) -> bool:
    """Whether the share ``n_removed / n_total`` is strictly above the cap, in integers (D03)."""
    return n_removed * cap.denominator > n_total * cap.numerator


def layer_edges(
    size_below: int, size: int, below: Collection[int], kept: Collection[int]
) -> list[list[str]]:
    """Every way to connect the kept neurons of one layer to the kept neurons below.

    Each kept neuron gets at least one incoming edge and each one below at least one outgoing.

    Args:
        size_below: Neurons in the layer below, kept or not.
        size: Neurons in this layer, kept or not.
        below: Indices of the kept neurons below.
        kept: Indices of the kept neurons of this layer.

    Returns:
        One list of strings, one string per neuron of this layer, per way.
    """
    marks = [("0", "1") if source in below else ("0",) for source in range(size_below)]
    strings = ["".join(string) for string in product(*marks)]
    connected = [string for string in strings if "1" in string]
    nothing = "0" * size_below
    ways = []
    for way in product(*(connected if to in kept else [nothing] for to in range(size))):
        if all(any(string[source] == "1" for string in way) for source in below):
            ways.append(list(way))
    return ways


def candidates(layer_sizes: Sequence[int], rules: PlainRules) -> Iterator[Edges]:
    """Every sub-graph that the rules admit as a circuit (paper, section 2: circuit; D02, D03).

    Inputs and output stay; any hidden neuron and any edge may go, as long as every neuron kept
    still has an edge below it (unless an input) and an edge above it (unless the output).

    Args:
        layer_sizes: Neurons per layer, inputs and the single output included.
        rules: ``full_node_set``, ``sparsity_measure`` and ``sparsity_above`` matter.

    Yields:
        The edges of one candidate.
    """
    hidden_sizes = layer_sizes[1:-1]
    n_hidden = sum(hidden_sizes)
    n_edges = sum(a * b for a, b in pairwise(layer_sizes))

    # A layer without any neuron would cut the inputs off, so subsets are non-empty.
    for hidden_kept in product(*(non_empty_subsets(size) for size in hidden_sizes)):
        hidden_removed = n_hidden - sum(len(kept) for kept in hidden_kept)
        if not rules.full_node_set and hidden_removed == 0:
            continue
        if rules.sparsity_measure == "node" and not is_above(
            hidden_removed, n_hidden, rules.sparsity_above
        ):
            continue
        nodes = [tuple(range(layer_sizes[0])), *hidden_kept, (0,)]
        ways = [
            layer_edges(layer_sizes[i], layer_sizes[i + 1], nodes[i], nodes[i + 1])
            for i in range(len(nodes) - 1)
        ]
        for edges in product(*ways):
            if rules.sparsity_measure == "combined":
                edges_kept = sum(string.count("1") for layer in edges for string in layer)
                removed = hidden_removed + n_edges - edges_kept
                if not is_above(removed, n_hidden + n_edges, rules.sparsity_above):
                    continue
            yield [list(layer) for layer in edges]


def non_empty_subsets(size: int) -> list[tuple[int, ...]]:
    """All non-empty subsets of ``range(size)``, small ones first."""
    numbers = range(size)
    return list(chain.from_iterable(combinations(numbers, n) for n in range(1, size + 1)))


def accuracy(network: PlainNetwork, sample: Sample, edges: Edges | None = None) -> Fraction:
    """Share of a sample on which the rounded output equals the label (D01, D13).

    Args:
        network: A network with one output.
        sample: Inputs, which may be any numbers, with label and number of times.
        edges: The circuit to run; None runs the whole network.

    Raises:
        ValueError: If the sample is empty.
    """
    n_right = 0
    n_all = 0
    for inputs, label, times in sample:
        n_all += times
        if rounded_output(network, inputs, edges) == label:
            n_right += times
    if n_all == 0:
        raise ValueError("a circuit cannot be judged on an empty sample")
    return Fraction(n_right, n_all)


def perfect_circuits(
    network: PlainNetwork,
    target_table: Sequence[int],
    rules: PlainRules,
    sample: Sample | None = None,
) -> list[Edges]:
    """The candidates whose circuit error is 0 (paper, section 2: circuit error; D01).

    On a sample "perfect" is what the released code calls so: right in more than 99% of it. With a
    tolerance, a circuit has to be within it of the network instead (paper, section 7).

    Args:
        network: A network with one output.
        target_table: The target's bit per input row.
        rules: Which candidates there are, and what they are compared with.
        sample: What they are judged on, where the rules say so.

    Returns:
        The edges of each perfect circuit.

    Raises:
        ValueError: If the rules ask for a sample and there is none.
    """
    if rules.tolerance is not None:
        return [
            edges
            for edges in candidates(network.layer_sizes, rules)
            if is_within(network, edges, rules.tolerance)
        ]
    if rules.reference == "sample":
        if sample is None:
            raise ValueError("these rules judge circuits on a sample: give one")
        return [
            edges
            for edges in candidates(network.layer_sizes, rules)
            if accuracy(network, sample, edges) > Fraction(99, 100)
        ]

    rows = input_rows(network.layer_sizes[0])
    if rules.reference == "target":
        reference = list(target_table)
    else:
        reference = [rounded_output(network, row) for row in rows]
    circuits = []
    for edges in candidates(network.layer_sizes, rules):
        if all(
            rounded_output(network, row, edges) == expected
            for row, expected in zip(rows, reference, strict=True)
        ):
            circuits.append(edges)
    return circuits


def is_within(network: PlainNetwork, edges: Edges, tolerance: float) -> bool:
    """Whether a circuit's output is less than a tolerance away from the network's on all inputs.

    Nothing is rounded (paper, section 7).
    """
    return all(
        abs(forward(network, row, edges)[-1][0] - forward(network, row)[-1][0]) < tolerance
        for row in input_rows(network.layer_sizes[0])
    )


def kept_edges(edges: Edges) -> set[tuple[int, int, int]]:
    """The kept edges of a circuit, each as (layer below, neuron above, neuron below)."""
    return {
        (layer, to, source)
        for layer, strings in enumerate(edges)
        for to, string in enumerate(strings)
        for source, mark in enumerate(string)
        if mark == "1"
    }


def minimal_circuits(circuits: Sequence[Edges]) -> list[Edges]:
    """Those circuits that have no other of them strictly inside (paper, section 7: ladder).

    One circuit is strictly inside another when its edges are some of the other's, and not all.
    """
    kept = [kept_edges(edges) for edges in circuits]
    return [
        edges
        for edges, own in zip(circuits, kept, strict=True)
        if not any(other < own for other in kept)
    ]


def is_complete(network: PlainNetwork, edges: Edges) -> bool:
    """Whether a circuit agrees with the network whatever is taken out (paper, section 10).

    For every set of hidden neurons that the circuit keeps, both run with these passing 0, and
    their rounded outputs have to be equal on all inputs.
    """
    hidden = [neuron for neuron in kept_neurons(edges) if neuron[0] < len(edges)]
    for size in range(len(hidden) + 1):
        for left_out in combinations(hidden, size):
            forced = dict.fromkeys(left_out, 0.0)
            for row in input_rows(network.layer_sizes[0]):
                circuit = forward(network, row, edges, forced)[-1][0]
                if round(circuit) != round(forward(network, row, None, forced)[-1][0]):
                    return False
    return True


def sparsest_circuits(circuits: Sequence[Edges]) -> list[Edges]:
    """Those of some circuits that keep the fewest edges (paper, section 10)."""
    fewest = min((len(kept_edges(edges)) for edges in circuits), default=0)
    return [edges for edges in circuits if len(kept_edges(edges)) == fewest]


# Interpretations ---------------------------------------------------------------------------------


def separators(values: Sequence[float], tie: float) -> list[float]:
    """The midpoints of the gaps between neighbouring distinct values (paper, section 2).

    In ascending order, a value no more than ``tie`` above the one before belongs to the same
    level. Values that are all alike leave no separator.
    """
    ordered = sorted(values)
    return [(low + high) / 2 for low, high in pairwise(ordered) if high - low > tie]


def kept_neurons(edges: Edges) -> list[Neuron]:
    """The kept neurons of a circuit, inputs left out, layer by layer."""
    return [
        (layer + 1, to)
        for layer, strings in enumerate(edges)
        for to, string in enumerate(strings)
        if "1" in string
    ]


def parents(edges: Edges, neuron: Neuron) -> list[Neuron]:
    """The neurons that a kept neuron's gate is about (paper, section 2: interpretation).

    Those that it has an edge from; in the first layer all inputs, as a gate there is a truth table
    over the input rows. What a missing edge means for that table shows in the table.
    """
    layer, index = neuron
    string = edges[layer - 1][index]
    return [(layer - 1, i) for i, mark in enumerate(string) if layer == 1 or mark == "1"]


def noisy_representatives(
    noisy: Sequence[Sequence[float]], n_inputs: int = 2
) -> list[list[float]]:
    """What stands for each input row when interpretations are read from noisy inputs (D07).

    Every noisy input is filed under the row that it becomes when its values lose what is behind
    the point and are clipped to 0 and 1; so 0.95 goes to 0, and 01 with a little noise may go to
    00. The last one under a row stands for it. A row with none stands for itself.

    Args:
        noisy: The noisy inputs, in the order in which they were drawn.
        n_inputs: Values per input.

    Returns:
        One input per row.
    """
    representatives = {}
    for row in input_rows(n_inputs):
        representatives[row] = [float(bit) for bit in row]
    for inputs in noisy:
        row = tuple(min(max(int(value), 0), 1) for value in inputs)
        representatives[row] = list(inputs)
    return list(representatives.values())


def readings(
    network: PlainNetwork,
    edges: Edges,
    tie: float = 1e-9,
    inputs: Sequence[Sequence[float]] | None = None,
) -> Iterator[Reading]:
    """Every consistent choice of separators (paper, section 2: interpretation).

    A separator turns a neuron's values into bits. Together with its parents' bits these fix the
    rows of its gate that some input reaches. Two inputs that give the same parent bits and
    different neuron bits make the choice inconsistent.

    Args:
        network: A network with one output.
        edges: The circuit.
        tie: Activations no further apart than this count as equal.
        inputs: What the network is given for each input row; None gives it the row itself (D07).

    Yields:
        Per kept neuron, its separator and the reached rows of its gate with their bits.
    """
    rows = input_rows(network.layer_sizes[0])
    runs = [forward(network, given, edges) for given in (rows if inputs is None else inputs)]
    output_layer = len(edges)
    order = kept_neurons(edges)

    choices: dict[Neuron, list[tuple[float, list[int]]]] = {}
    for layer, index in order:
        values: list[float] = [run[layer][index] for run in runs]
        if layer == output_layer:
            values = [round(value) for value in values]
        choices[layer, index] = [
            (separator, [int(value > separator) for value in values])
            for separator in separators(values, tie)
        ]

    def choose(
        position: int, bits: dict[Neuron, list[int]], reading: Reading
    ) -> Iterator[Reading]:
        if position == len(order):
            yield reading
            return
        neuron = order[position]
        for separator, neuron_bits in choices[neuron]:
            reached: dict[Row, int] = {}
            consistent = True
            for i in range(len(rows)):
                parent_bits = tuple(bits[parent][i] for parent in parents(edges, neuron))
                if reached.setdefault(parent_bits, neuron_bits[i]) != neuron_bits[i]:
                    consistent = False
            if consistent:
                yield from choose(
                    position + 1,
                    {**bits, neuron: neuron_bits},
                    {**reading, neuron: (separator, reached)},
                )

    # A neuron that never changes has no reading, and neither has its circuit (D12).
    if all(choices[neuron] for neuron in order):
        yield from choose(0, {(0, i): [row[i] for row in rows] for i in range(len(rows[0]))}, {})


def gates(n_parents: int, reached: Mapping[Row, int]) -> Iterator[Gate]:
    """Every truth table over the parents that agrees with the reached rows.

    Rows that no input reaches are free. XOR and XNOR of exactly two parents are not admitted
    (paper, section 2: interpretation).

    Args:
        n_parents: Number of parents.
        reached: The bit of each row that some input reaches.

    Yields:
        One bit for each of the ``2 ** n_parents`` rows, the first parent slowest.
    """
    rows = input_rows(n_parents)
    free_rows = [row for row in rows if row not in reached]
    for fill in product((0, 1), repeat=len(free_rows)):
        filled = dict(reached) | dict(zip(free_rows, fill, strict=True))
        gate = tuple(filled[row] for row in rows)
        if not (n_parents == 2 and gate in (XOR, XNOR)):
            yield gate


def fillings(edges: Edges, reading: Reading) -> Iterator[Interpretation]:
    """Every interpretation that a reading leaves open: all choices of gates, one per neuron."""

    def fill(neurons: list[Neuron]) -> Iterator[Interpretation]:
        if not neurons:
            yield {}
            return
        separator, reached = reading[neurons[0]]
        for gate in gates(len(parents(edges, neurons[0])), reached):
            for others in fill(neurons[1:]):
                yield {neurons[0]: (separator, gate), **others}

    return fill(list(reading))


def interpretations(
    network: PlainNetwork,
    edges: Edges,
    tie: float = 1e-9,
    inputs: Sequence[Sequence[float]] | None = None,
) -> Iterator[Interpretation]:
    """Every interpretation of a circuit, one by one (paper, section 2: interpretation).

    Args:
        network: A network with one output.
        edges: The circuit.
        tie: Activations no further apart than this count as equal.
        inputs: What the network is given for each input row; None gives it the row itself (D07).

    Yields:
        Per kept neuron, the output included, its separator and its gate: a bit for each row of
        its parents, the first parent slowest.
    """
    for reading in readings(network, edges, tie, inputs):
        yield from fillings(edges, reading)


def count_interpretations(
    network: PlainNetwork,
    edges: Edges,
    tie: float = 1e-9,
    limit: int = 100_000,
    inputs: Sequence[Sequence[float]] | None = None,
) -> tuple[int, int]:
    """Counts a circuit's interpretations by listing them.

    Two interpretations that differ only on rows that no input reaches come from the same reading.
    Those of different readings differ on a reached row: somewhere a neuron has the same parent
    bits and other bits of its own. So the reachable count is that of readings with a filling.

    Args:
        network: A network with one output.
        edges: The circuit.
        tie: Activations no further apart than this count as equal.
        limit: Most interpretations to list.
        inputs: What the network is given for each input row; None gives it the row itself (D07).

    Returns:
        Number of all completions, and of those that differ on reachable rows.

    Raises:
        OverflowError: If there are more than ``limit``.
    """
    completions = 0
    reachable = 0
    for reading in readings(network, edges, tie, inputs):
        before = completions
        for _ in fillings(edges, reading):
            completions += 1
            if completions > limit:
                raise OverflowError(f"the circuit has more than {limit} interpretations")
        reachable += completions > before
    return completions, reachable


def multiply_interpretations(
    network: PlainNetwork,
    edges: Edges,
    tie: float = 1e-9,
    inputs: Sequence[Sequence[float]] | None = None,
) -> tuple[int, int]:
    """The same two numbers as ``count_interpretations`` where they are too large to list.

    Readings are still listed. Within one, each neuron's gate is chosen independently of the
    others', so the numbers of gates multiply.
    """
    completions = 0
    reachable = 0
    for reading in readings(network, edges, tie, inputs):
        n_fillings = 1
        for neuron, (_, reached) in reading.items():
            n_parents = len(parents(edges, neuron))
            if n_parents == 2:
                n_fillings *= len(list(gates(n_parents, reached)))
            else:
                n_fillings *= 2 ** (2**n_parents - len(reached))
        completions += n_fillings
        reachable += n_fillings > 0
    return completions, reachable


# Formulas ----------------------------------------------------------------------------------------


def formula_text(formula: Formula) -> str:
    """Prints a formula, with brackets round every binary node but the root."""
    printed = _printed(formula)
    return printed[1:-1] if formula[0] in "*+" else printed


def _printed(formula: Formula) -> str:
    """Prints a formula with brackets round every binary node."""
    if len(formula) == 1:
        return formula[0]
    if len(formula) == 2:
        return "¬" + _printed(formula[1])
    return "(" + _printed(formula[1]) + formula[0] + _printed(formula[2]) + ")"


def evaluate(
    formula: Formula, row: Row, forced: Mapping[Path, int] | None = None, path: Path = ()
) -> int:
    """The formula's bit on one input row.

    Args:
        formula: The formula.
        row: One bit per input; "A" is the first.
        forced: Bits to put in place of what the nodes at these paths compute.
        path: Where in a larger formula this one sits.
    """
    if forced is not None and path in forced:
        return forced[path]
    if len(formula) == 1:
        return row[ord(formula[0]) - ord("A")]
    first = evaluate(formula[1], row, forced, (*path, 0))
    if len(formula) == 2:
        return 1 - first
    second = evaluate(formula[2], row, forced, (*path, 1))
    return first & second if formula[0] == "*" else first | second


def n_inputs_of(target_table: Sequence[int]) -> int:
    """Number of inputs of a truth table."""
    return len(target_table).bit_length() - 1


def computes(formula: Formula, target_table: Sequence[int]) -> bool:
    """Whether the formula equals the target on every input row."""
    rows = input_rows(n_inputs_of(target_table))
    return all(evaluate(formula, row) == bit for row, bit in zip(rows, target_table, strict=True))


def trees(n_inputs: int, rule: FormulaRule, depth: int = 3) -> list[Formula]:
    """All formulas without NOT, up to the order of children (D05).

    The inputs alone are the smallest. Then level by level: the left child comes from the level
    just below, the right child from any lower level or the same one, and AND comes before OR.
    No rule pairs a tree with itself.

    * "released": the printed left child has to sort before the printed right child.
    * The others: this is asked only of two children of one level, where it picks one of
      the two orders; a left child that is deeper than the right one needs no order.

    Args:
        n_inputs: Number of inputs.
        rule: "released", or any of the others, which share their list.
        depth: Most binary operators on a path from the root to an input.
    """
    levels: list[list[Formula]] = [[(chr(ord("A") + i),) for i in range(n_inputs)]]
    for level in range(1, depth + 1):
        new: list[Formula] = []
        for left in levels[level - 1]:
            for right_level in range(level):
                for right in levels[right_level]:
                    sorts_before = formula_text(left) < formula_text(right)
                    is_deeper = right_level < level - 1
                    if sorts_before or (is_deeper and rule != "released"):
                        new += [("*", left, right), ("+", left, right)]
        levels.append(new)
    return [tree for level_trees in levels for tree in level_trees]


def count_nodes(formula: Formula) -> int:
    """Nodes of a formula, leaves included."""
    if len(formula) == 1:
        return 1
    if len(formula) == 2:
        return 1 + count_nodes(formula[1])
    return 1 + count_nodes(formula[1]) + count_nodes(formula[2])


def place_nots(tree: Formula, where: Collection[int]) -> Formula:
    """Puts a NOT over the nodes with these numbers, counted in pre-order from the root."""
    numbers = count()

    def build(node: Formula) -> Formula:
        number = next(numbers)
        built: Formula = node
        if len(node) == 3:
            built = (node[0], build(node[1]), build(node[2]))
        return ("¬", built) if number in where else built

    return build(tree)


def working_placements(tree: Formula, target_table: Sequence[int]) -> Iterator[Formula]:
    """Every way to put NOTs on a tree so that it computes the target (D05).

    Fewest NOTs first; as many, the smallest node numbers first.
    """
    n_nodes = count_nodes(tree)
    for n_nots in range(n_nodes + 1):
        for where in combinations(range(n_nodes), n_nots):
            formula = place_nots(tree, where)
            if computes(formula, target_table):
                yield formula


def without_or(formula: Formula, negated: bool = False) -> Formula:
    """The formula, or its negation, written with AND and NOT alone and with sorted children.

    Every X+Y becomes ¬(¬X*¬Y) and a double NOT vanishes. Two formulas are one algorithm, where
    De Morgan twins are counted once, when this gives the same tree (D06).
    """
    if len(formula) == 1:
        return ("¬", formula) if negated else formula
    if len(formula) == 2:
        return without_or(formula[1], not negated)
    is_or = formula[0] == "+"
    left, right = sorted((without_or(child, is_or) for child in formula[1:]), key=repr)
    conjunction: Formula = ("*", left, right)
    return ("¬", conjunction) if negated != is_or else conjunction


def formulas(target_table: Sequence[int], rule: FormulaRule, depth: int = 3) -> list[Formula]:
    """The candidate algorithms for a target (paper, section 2: algorithm; D05, D06).

    * "released" and "text" keep the first working placement of NOTs on each tree.
    * "strict" tries every placement and keeps the first of each class of ``without_or``.

    Args:
        target_table: The target's bit per input row.
        rule: Which list of candidates.
        depth: Most binary operators on a path; the network's number of weight layers.

    Returns:
        The formulas in the order in which they are enumerated.
    """
    found: list[Formula] = []
    for tree in trees(n_inputs_of(target_table), rule, depth):
        for formula in working_placements(tree, target_table):
            found.append(formula)
            if rule != "strict":
                break
    if rule != "strict":
        return found

    first_of_class: dict[Formula, Formula] = {}
    for formula in found:
        first_of_class.setdefault(without_or(formula), formula)
    return list(first_of_class.values())


def intermediate_variables(formula: Formula, rule: VariableRule) -> list[Path]:
    """The nodes that have to be found in the network (paper, section 2: mapping).

    * "operators": every operator, NOT included, except the root and what stands directly under
      a NOT.
    * "binary": every AND and OR except the outermost one, which is the formula's output or its
      complement.

    Returns:
        Their paths in pre-order.
    """
    found: list[Path] = []

    def visit(node: Formula, path: Path, is_variable: bool) -> None:
        if len(node) == 1:
            return
        if len(node) == 2:
            if rule == "operators":
                if is_variable:
                    found.append(path)
                visit(node[1], (*path, 0), False)
            else:
                visit(node[1], (*path, 0), is_variable)
            return
        if is_variable:
            found.append(path)
        visit(node[1], (*path, 0), True)
        visit(node[2], (*path, 1), True)

    visit(formula, (), False)
    return found


def subformula(formula: Formula, path: Path) -> Formula:
    """The node of a formula at a path, with all below it."""
    node = formula
    for step in path:
        child = node[1:][step]
        assert not isinstance(child, str)
        node = child
    return node


def is_inert(formula: Formula, variable: Path, n_inputs: int) -> bool:
    """Whether no interchange intervention on a variable changes the output (paper, section 9)."""
    node = subformula(formula, variable)
    rows = input_rows(n_inputs)
    return all(
        evaluate(formula, base, forced={variable: evaluate(node, source)})
        == evaluate(formula, base)
        for base in rows
        for source in rows
    )


def is_live(formula: Formula, rule: VariableRule, n_inputs: int) -> bool:
    """Whether none of the variables is inert (paper, section 9)."""
    variables = intermediate_variables(formula, rule)
    return not any(is_inert(formula, variable, n_inputs) for variable in variables)


def is_irredundant(formula: Formula, rule: VariableRule, n_inputs: int) -> bool:
    """Whether a formula is live and each variable is something of its own (paper, section 9).

    No variable's truth table may be constant, nor may it be that of the output, of another
    variable, or, where variables are binary nodes, of an input, or the complement of one of these.
    """
    rows = input_rows(n_inputs)

    def table(node: Formula) -> list[int]:
        return [evaluate(node, row) for row in rows]

    variables = intermediate_variables(formula, rule)
    others = [table(formula), [0] * len(rows)]
    if rule == "binary":
        others += [list(column) for column in zip(*rows, strict=True)]
    for variable in variables:
        own = table(subformula(formula, variable))
        for other in others:
            if own == other or own == [1 - bit for bit in other]:
                return False
        others.append(own)
    return is_live(formula, rule, n_inputs)


def steps_of(formula: Formula, rule: VariableRule, n_inputs: int) -> str:
    """What a formula's steps are: "inert" if one of them is, else "live" or "irredundant"."""
    if not is_live(formula, rule, n_inputs):
        return "inert"
    return "irredundant" if is_irredundant(formula, rule, n_inputs) else "live"


def keeps_steps(formula: Formula, rules: PlainRules, n_inputs: int) -> bool:
    """Whether the rules admit a formula, for what its steps are."""
    steps = steps_of(formula, rules.variables, n_inputs)
    return rules.steps in ("any", steps) or (rules.steps, steps) == ("live", "irredundant")


# Mappings ----------------------------------------------------------------------------------------


def base_source_pairs(n_inputs: int, pairs: PairRule) -> list[tuple[Row, Row]]:
    """The (base, source) pairs of input rows that count for the IIA (D04)."""
    rows = input_rows(n_inputs)
    return [
        (rows[base], rows[source])
        for base in range(len(rows))
        for source in range(len(rows))
        if pairs == "all" or source < base
    ]


def iia(
    network: PlainNetwork,
    formula: Formula,
    variable: Path,
    layer: int,
    neurons: Sequence[int],
    pairs: PairRule,
) -> Fraction:
    """Interchange intervention accuracy of one variable at one place (paper, section 2: IIA).

    Formula and network run on the base; the variable is forced to its bit on the source, its
    neurons to their activations on the source. They agree if the network's output is above 0.5
    exactly where the formula gives 1.

    Args:
        network: A network with one output.
        formula: The algorithm.
        variable: Path of the variable's node.
        layer: Layer of its neurons; 1 is the first hidden layer.
        neurons: Their indices.
        pairs: Which (base, source) pairs count.

    Returns:
        Share of the pairs on which they agree.
    """
    node = subformula(formula, variable)
    tried = base_source_pairs(network.layer_sizes[0], pairs)
    n_agreed = 0
    for base, source in tried:
        bit = evaluate(formula, base, forced={variable: evaluate(node, source)})
        on_source = forward(network, source)[layer]
        output = forward(network, base, forced={(layer, i): on_source[i] for i in neurons})[-1][0]
        n_agreed += (output > 0.5) == (bit == 1)
    return Fraction(n_agreed, len(tried))


def valid_sets(
    network: PlainNetwork, formula: Formula, variable: Path, pairs: PairRule
) -> list[NeuronSet]:
    """Every non-empty set of hidden neurons of one layer with IIA 1, as (layer, neurons)."""
    return [
        (layer, neurons)
        for layer, size in enumerate(network.layer_sizes[1:-1], start=1)
        for neurons in non_empty_subsets(size)
        if iia(network, formula, variable, layer, neurons, pairs) == 1
    ]


def perfect_mappings(
    network: PlainNetwork, formula: Formula, rules: PlainRules
) -> list[list[NeuronSet]]:
    """Every way to give each variable a valid set, all disjoint (paper, section 2: mapping).

    Where the rules ask for ordered layers, or for more than single interventions, only those that
    pass. A formula without
    intermediate variables has exactly one: the empty mapping.

    Returns:
        One (layer, neurons) per intermediate variable, in pre-order, per mapping.
    """
    variables = intermediate_variables(formula, rules.variables)
    options = []
    for variable in variables:
        valid = valid_sets(network, formula, variable, rules.pairs)
        if not valid:
            return []
        options.append(valid)

    mappings: list[list[NeuronSet]] = [[]]
    for valid in options:
        mappings = [
            [*mapping, place]
            for mapping in mappings
            for place in valid
            if all(are_disjoint(place, taken) for taken in mapping)
        ]
    if rules.layers == "ordered":
        mappings = [mapping for mapping in mappings if is_ordered(variables, mapping)]
    if (rules.interventions, rules.unmapped) == ("single", "free"):
        return mappings
    return [mapping for mapping in mappings if passes(network, formula, mapping, rules)]


def unmapped_neurons(layer_sizes: Sequence[int], mapping: Sequence[NeuronSet]) -> list[NeuronSet]:
    """The neurons in no place, of each layer that holds a place (paper, section 12)."""
    found: list[NeuronSet] = []
    for layer in sorted({layer for layer, _ in mapping}):
        taken = {i for where, neurons in mapping if where == layer for i in neurons}
        left = tuple(i for i in range(layer_sizes[layer]) if i not in taken)
        if left:
            found.append((layer, left))
    return found


def passes(
    network: PlainNetwork, formula: Formula, mapping: Sequence[NeuronSet], rules: PlainRules
) -> bool:
    """Whether network and formula agree under all interventions asked for (paper, section 12).

    Some sets of neurons are forced at once, each to its activations on a source of its own, and
    the variables whose places they are to their bits on these sources. Which sets: every choice
    of them where interventions are joint, one at a time where they are single. Where unmapped
    neurons have to be inert, those of a layer are one more set, which no variable belongs to.

    Args:
        network: A network with one output.
        formula: The algorithm.
        mapping: One (layer, neurons) per intermediate variable, in pre-order.
        rules: Which interventions are asked for.
    """
    variables: list[Path | None] = [*intermediate_variables(formula, rules.variables)]
    sets = list(mapping)
    if rules.unmapped == "inert":
        sets += unmapped_neurons(network.layer_sizes, mapping)
    variables += [None] * (len(sets) - len(variables))
    most = len(sets) if rules.interventions == "joint" else min(1, len(sets))
    rows = input_rows(network.layer_sizes[0])
    activations = {row: forward(network, row) for row in rows}
    for base in rows:
        sources = [
            s for b, s in base_source_pairs(network.layer_sizes[0], rules.pairs) if b == base
        ]
        for size in range(1, most + 1):
            for chosen in combinations(range(len(sets)), size):
                for picked in product(sources, repeat=size):
                    bits: dict[Path, int] = {}
                    values: dict[Neuron, float] = {}
                    for i, source in zip(chosen, picked, strict=True):
                        layer, neurons = sets[i]
                        for neuron in neurons:
                            values[layer, neuron] = activations[source][layer][neuron]
                        variable = variables[i]
                        if variable is not None:
                            bits[variable] = evaluate(subformula(formula, variable), source)
                    output = forward(network, base, forced=values)[-1][0]
                    if (output > 0.5) != (evaluate(formula, base, forced=bits) == 1):
                        return False
    return True


def variable_above(variables: Sequence[Path], variable: Path) -> Path | None:
    """The variable that uses this one: the nearest on the way up to the root, if any is."""
    for length in reversed(range(len(variable))):
        if variable[:length] in variables:
            return variable[:length]
    return None


def is_ordered(variables: Sequence[Path], mapping: Sequence[NeuronSet]) -> bool:
    """Whether every variable's layer is strictly below that of the variable that uses it.

    Args:
        variables: Paths of the intermediate variables.
        mapping: One (layer, neurons) for each of them.
    """
    layers = {variable: layer for variable, (layer, _) in zip(variables, mapping, strict=True)}
    for variable in variables:
        above = variable_above(variables, variable)
        if above is not None and layers[variable] >= layers[above]:
            return False
    return True


def are_disjoint(first: NeuronSet, second: NeuronSet) -> bool:
    """Whether two sets of neurons have no neuron in common."""
    return first[0] != second[0] or not set(first[1]) & set(second[1])


def is_inside(inner: NeuronSet, outer: NeuronSet) -> bool:
    """Whether one set of neurons is contained in the other; equal sets are."""
    return inner[0] == outer[0] and set(inner[1]) <= set(outer[1])


def n_operators(formula: Formula) -> int:
    """Number of ANDs and ORs of a formula."""
    own = len(formula) == 3
    children = [child for child in formula[1:] if not isinstance(child, str)]
    return own + sum(n_operators(child) for child in children)


def sparsest_mappings(mappings: Sequence[list[NeuronSet]]) -> list[list[NeuronSet]]:
    """Those of a formula's mappings that take the fewest neurons in all (paper, section 10)."""

    def size(mapping: list[NeuronSet]) -> int:
        return sum(len(neurons) for _, neurons in mapping)

    fewest = min(map(size, mappings), default=0)
    return [mapping for mapping in mappings if size(mapping) == fewest]


def minimal_mappings(
    network: PlainNetwork, formula: Formula, rules: PlainRules
) -> list[list[NeuronSet]]:
    """The perfect mappings with no other inside them, set by set (paper, section 2: minimal).

    Returns:
        One (layer, neurons) per intermediate variable, in pre-order, per mapping.
    """
    mappings = perfect_mappings(network, formula, rules)
    return [
        mapping
        for mapping in mappings
        if not any(other != mapping and all(map(is_inside, other, mapping)) for other in mappings)
    ]


# Everything --------------------------------------------------------------------------------------


def explain(
    network: PlainNetwork,
    target_table: Sequence[int],
    rules: PlainRules,
    limit: int = 100_000,
    sample: Sample | None = None,
    inputs: Sequence[Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Every explanation of a network: what and where, both ways round (paper, section 1).

    Args:
        network: A network with one output.
        target_table: The target's bit per input row.
        rules: The protocol.
        limit: Interpretations of a circuit are listed one by one up to this many, and beyond it
            multiplied from their parts.
        sample: What circuits are judged on, where the rules say so (D01, D13).
        inputs: What the network is given for each input row when interpretations are read; None
            gives it the row itself, ``noisy_representatives`` what the released code does (D07).

    Returns:
        ``n_candidates``, ``n_circuits``, ``n_interpretations`` (a string, all completions),
        ``n_interpretations_reachable`` (a string), ``n_algorithms`` (formulas with a mapping),
        ``n_mappings`` (minimal ones), ``n_mappings_empty`` (those that map nothing),
        ``circuits`` (``edges``, and ``interpretations`` as a string), ``formulas`` (``formula``,
        ``steps``, ``minimal_mappings``) and ``mappings`` (``formula``, ``mapping``: ``layer`` and
        ``neurons`` per variable, in pre-order).

    Raises:
        ValueError: If the network has several outputs, or inputs that do not fit the target, or
            if the rules ask for a sample and there is none.
    """
    if network.layer_sizes[-1] != 1:
        raise ValueError("the network has several outputs: take single_output first")
    if 2 ** network.layer_sizes[0] != len(target_table):
        raise ValueError(
            f"{network.layer_sizes[0]} inputs need a target with {2 ** network.layer_sizes[0]} "
            f"rows, not {len(target_table)}"
        )

    accepted = perfect_circuits(network, target_table, rules, sample)
    if rules.complete:
        accepted = [edges for edges in accepted if is_complete(network, edges)]
    if rules.circuits == "minimal":
        accepted = minimal_circuits(accepted)
    elif rules.circuits == "sparsest":
        accepted = sparsest_circuits(accepted)
    circuits = []
    completions = 0
    reachable = 0
    for edges in accepted:
        counts = multiply_interpretations(network, edges, rules.tie, inputs)
        if counts[0] <= limit:
            counts = count_interpretations(network, edges, rules.tie, limit, inputs)
        completions += counts[0]
        reachable += counts[1]
        circuits.append({"edges": edges, "interpretations": str(counts[0])})

    found = []
    mapped = set()
    for formula in formulas(target_table, rules.formulas, depth=len(network.weights)):
        if not keeps_steps(formula, rules, network.layer_sizes[0]):
            continue
        minimal = minimal_mappings(network, formula, rules)
        if rules.twins == "one" and without_or(formula) in mapped:
            minimal = []
        if minimal:
            mapped.add(without_or(formula))
        found.append((formula, minimal))
    fewest = min((n_operators(formula) for formula, minimal in found if minimal), default=0)

    algorithms = []
    mappings = []
    for formula, minimal in found:
        if rules.algorithms == "sparsest" and n_operators(formula) > fewest:
            minimal = []
        if rules.mappings == "sparsest":
            minimal = sparsest_mappings(minimal)
        name = formula_text(formula)
        steps = steps_of(formula, rules.variables, network.layer_sizes[0])
        algorithms.append({"formula": name, "steps": steps, "minimal_mappings": len(minimal)})
        for mapping in minimal:
            places = [{"layer": layer, "neurons": list(neurons)} for layer, neurons in mapping]
            mappings.append({"formula": name, "mapping": places})

    return {
        "n_candidates": sum(1 for _ in candidates(network.layer_sizes, rules)),
        "n_circuits": len(circuits),
        "n_interpretations": str(completions),
        "n_interpretations_reachable": str(reachable),
        "n_algorithms": sum(a["minimal_mappings"] != 0 for a in algorithms),
        "n_mappings": len(mappings),
        "n_mappings_empty": sum(not mapping["mapping"] for mapping in mappings),
        "circuits": circuits,
        "formulas": algorithms,
        "mappings": mappings,
    }
