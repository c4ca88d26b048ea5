"""The engine against the plain module, on networks nobody picked.

Hidden layers are drawn, and a readout is fitted on them so that the output computes a gate.
Half of the networks have coarse weights, so that exact ties, dead and constant neurons happen
all the time. Coarse networks with ReLU are evaluated without any rounding error; all others have
to keep away from the thresholds of the definitions, where the order of a sum may decide.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, log2
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from identifiability import PROTOCOLS, explain, plain
from identifiability.algorithms.alignment import count_agreements, places, responses
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.algorithms.mappings import count_mappings, minimal_mappings, search_places
from identifiability.circuits.candidates import (
    circuit_ids,
    edges_of_id,
    enumerate_candidates,
    masks_of_ids,
)
from identifiability.circuits.interpretations import (
    InterpretationCounts,
    count_interpretations,
    list_interpretations,
    readings,
)
from identifiability.circuits.perfect import circuit_activations, perfect_circuits, rows_enough
from identifiability.circuits.reach import every_circuit
from identifiability.circuits.shapes import count_candidates
from identifiability.networks.gates import gate, gate_of_table
from identifiability.networks.networks import Networks
from identifiability.plain import PlainNetwork
from identifiability.protocols import PAIRS, pair_mask
from identifiability.stages.alignment import one_of_twins
from identifiability.stages.frames import batches
from identifiability.stages.interpretations import cells_of_rows
from identifiability.stages.summary import summary
from tests.examples import examples

REFERENCE = Path(__file__).parent / "data" / "reference"
ROWS = plain.input_rows(2)
SLOW = pytest.mark.slow
LISTED = 500
"""Interpretations of a circuit that the plain module lists rather than multiplies."""

# Networks ----------------------------------------------------------------------------------------


def in_float32(numbers):
    """Nested lists of numbers as the engine has them: rounded to float32."""
    if isinstance(numbers, (list, tuple, np.ndarray)):
        return [in_float32(part) for part in numbers]
    return float(np.float32(numbers))


@dataclass(frozen=True)
class Drawn(PlainNetwork):
    """A network, and whether its evaluation is free of rounding errors."""

    exact: bool = False


def readout(hidden, table, coarse):
    """Weights and bias with which an output comes close to a table of 0 and 1.

    The sums are cut at their widest gap, so that they fall on either side of 0.5 and within 1 of
    it. With coarse weights everything stays a fraction with a power of two below it.
    """
    with_bias = np.column_stack([hidden, np.ones(len(hidden))])
    weights = np.linalg.lstsq(with_bias, np.array(table, float))[0][:-1]
    weights = np.round(weights * 4) / 4 if coarse else weights
    sums = hidden @ weights
    levels = np.sort(sums)
    gap = int(np.argmax(np.diff(levels)))
    cut = (levels[gap] + levels[gap + 1]) / 2
    reach = np.abs(sums - cut).max()
    if reach < 1e-3:  # the same on all rows: FALSE or TRUE
        return 0 * weights, float(table[0])
    scale = 2.0 ** min(0, -ceil(log2(reach) + 0.01))
    return scale * weights, 0.5 - scale * cut


def with_readout(
    hidden_layers, table, coarse, activation, output_activation, levels=(0, 1), rounds=True
):
    """A network of these hidden layers with the readout for a table."""
    weights, biases = hidden_layers
    below = PlainNetwork(weights, biases, activation, levels=levels)
    values = np.array([plain.forward(below, row)[-1] for row in rows_of(below)])
    weight, bias = readout(values, table, coarse)
    if output_activation == "sigmoid":  # 0.5 is reached at 0
        weight, bias = 4 * weight, 4 * (bias - 0.5)
    elif output_activation == "tanh":  # 0.5 is reached at 0.55
        weight, bias = 1.1 * weight, 1.1 * bias
    elif output_activation == "identity" and not rounds:  # logits: 0.5 is reached at 0
        weight, bias = 4 * weight, 4 * (bias - 0.5)
    logits = output_activation == "identity"
    return Drawn(
        [*in_float32(weights), in_float32([weight])],
        [*in_float32(biases), in_float32([bias])],
        activation,
        output_activation=output_activation,
        levels=levels,
        above=None if rounds else 0.0 if logits else 0.5,
        exact=coarse and activation == "relu" and output_activation in ("relu", "identity"),
    )


@st.composite
def networks(draw, *layer_sizes):
    """Networks with drawn hidden layers that compute a drawn gate, if their readout can."""
    # From a seed: numbers drawn one by one are too often 0, or those of the example before.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    coarse = draw(st.booleans())

    def numbers(*shape):
        return (rng.integers(-4, 5, shape) / 2 if coarse else rng.normal(size=shape)).tolist()

    weights = [numbers(above, below) for below, above in pairwise(layer_sizes[:-1])]
    biases = [numbers(size) for size in layer_sizes[1:-1]]
    activation = draw(st.sampled_from(["leaky_relu", "relu", "tanh", "sigmoid"]))
    output_activation = draw(st.sampled_from([activation, "identity"]))
    n_rows = 2 ** layer_sizes[0]
    number = int(rng.integers(1, 2**n_rows - 1))  # constant ones come by themselves
    table = tuple(map(int, f"{number:0{n_rows}b}"))
    return with_readout(
        (weights, biases),
        table,
        coarse,
        activation,
        output_activation,
        draw(st.sampled_from([(0, 1), (-1, 1)])),
        draw(st.booleans()),
    )


@st.composite
def trained(draw, *names):
    """Reference networks with hidden layers rounded, which makes ties and still works."""
    stored = json.loads((REFERENCE / f"{draw(st.sampled_from(names))}.json").read_text())
    steps = 2 ** draw(st.integers(0, 4))
    *weights, _ = stored["weights"]
    *biases, _ = stored["biases"]
    weights = [[[round(w * steps) / steps for w in to] for to in layer] for layer in weights]
    biases = [[round(b * steps) / steps for b in layer] for layer in biases]
    activation = draw(st.sampled_from(["leaky_relu", "relu"]))
    table = gate(stored["targets"][0]).table
    return with_readout((weights, biases), table, True, activation, activation)


def engine(*of_one_shape):
    """Plain networks as a batch of the engine."""
    first = of_one_shape[0]
    return Networks(
        weights=tuple(
            np.array(layer, np.float32)
            for layer in zip(*(n.weights for n in of_one_shape), strict=True)
        ),
        biases=tuple(
            np.array(layer, np.float32)
            for layer in zip(*(n.biases for n in of_one_shape), strict=True)
        ),
        activation=first.activation,
        output_activation=first.output_activation or first.activation,
        negative_slope=first.negative_slope,
        levels=first.levels,
        above=first.above,
    )


def rows_of(network):
    return plain.input_rows(network.layer_sizes[0])


def outputs_rounded(network):
    return [plain.rounded_output(network, row) for row in rows_of(network)]


def keeps_its_distance(network):
    """Whether no threshold of the definitions is so near that rounding errors may decide."""

    def is_near(output):
        above = network.above
        return abs(output % 1 - 0.5 if above is None else output - above) < 1e-6

    rows, raw = rows_of(network), replace(network, above=None)
    for edges in plain.candidates(network.layer_sizes, plain.strict()):
        runs = [plain.forward(raw, row, edges) for row in rows]
        if any(is_near(run[-1][0]) for run in runs):
            return False
        for layer in range(1, len(edges)):
            for values in zip(*(run[layer] for run in runs), strict=True):
                gaps = [high - low for low, high in pairwise(sorted(values))]
                if any(1e-11 < gap < 1.1e-8 for gap in gaps):
                    return False
    for source in rows:
        on_source = plain.forward(network, source)
        for layer, size in enumerate(network.layer_sizes[1:-1], start=1):
            for neurons in plain.non_empty_subsets(size):
                forced = {(layer, i): on_source[layer][i] for i in neurons}
                for base in rows:
                    if is_near(plain.forward(raw, base, forced=forced)[-1][0]):
                        return False
    return True


def assume_decidable(network):
    """Leaves out networks without a gate, or too close to a threshold."""
    assume(set(outputs_rounded(network)) <= {0, 1})
    assume(network.exact or keeps_its_distance(network))


# Everything --------------------------------------------------------------------------------------


def readings_of(width):
    """Protocols of the engine with the rules that say the same to the plain module."""
    named = {"released": plain.released(width), "text": plain.text(), "strict": plain.strict()}
    pairs = [(PROTOCOLS[name], rules) for name, rules in named.items()]
    # From the text, one difference at a time towards the released code, and some beyond.
    for changes in [
        {"reference": "target"},
        {"full_node_set": False},
        {"pairs": "source_before_base"},
        {"formulas": "released"},
        {"variables": "binary"},
        {"twins": "one"},
        {"layers": "ordered"},
        {"circuits": "minimal", "sparsity": "none"},
        {"circuits": "sparsest"},
        {"complete": True},
        {"complete": True, "circuits": "sparsest"},
        {"complete": True, "circuits": "minimal", "sparsity": "none"},
        {"tolerance": 0.5},
        {"tolerance": 0.1, "circuits": "sparsest"},
        {"tolerance": 0.1, "circuits": "minimal", "sparsity": "none"},
        {"tolerance": 0.02, "circuits": "minimal", "sparsity": "none"},
        {"steps": "live"},
        {"steps": "irredundant", "twins": "one"},
        {"steps": "irredundant", "variables": "binary"},
        {"algorithms": "sparsest"},
        {"algorithms": "sparsest", "twins": "one", "variables": "binary"},
        {"mappings": "sparsest", "pairs": "source_before_base"},
        {"mappings": "sparsest", "algorithms": "sparsest"},
    ]:
        changed = replace(PROTOCOLS["text"], name="variant", **changes)
        if "sparsity" in changes:
            del changes["sparsity"]
            changes["sparsity_measure"] = None
        pairs.append((changed, replace(plain.text(), **changes)))
    for sparsity, cap in [
        ("none", Fraction(0)),
        ("node", Fraction(1, 4)),  # a tie at width 2
        ("node", Fraction(1, 3)),  # a tie at width 3
        ("combined", Fraction(2, 14)),  # a tie at width 2
        ("combined", Fraction(3, 24)),  # a tie at width 3
    ]:
        changed = replace(
            PROTOCOLS["text"], name="variant", sparsity=sparsity, sparsity_above={1: cap}
        )
        measure = None if sparsity == "none" else sparsity
        rules = replace(plain.text(), sparsity_measure=measure, sparsity_above=cap)
        pairs.append((changed, rules))
    # From the released code towards the text.
    for changes in [{"full_node_set": True}, {"pairs": "all"}, {"formulas": "text"}]:
        changed = replace(PROTOCOLS["released"], name="variant", **changes)
        pairs.append((changed, replace(plain.released(width), **changes)))
    return pairs


def as_bag(entries):
    """Entries of a list in any order."""
    return Counter(json.dumps(entry, sort_keys=True) for entry in entries)


def check_explanation(network, protocol, rules):
    """Holds every number and every list of an explanation against the plain module's."""
    # Outputs that are read as 0 and 1 are not compared as they are.
    assume(network.above is None or protocol.tolerance is None)
    table = outputs_rounded(network)
    explanation = explain(engine(network), protocol=protocol)
    (found,) = explanation.to_dict()["targets"]
    expected = plain.explain(network, table, rules, limit=LISTED)
    assert found.pop("target") == gate_of_table(table).name
    for unordered in ["circuits", "mappings"]:
        assert as_bag(found.pop(unordered)) == as_bag(expected[unordered])
    counts = {key: expected[key] for key in found}
    assert found == counts  # formulas in order

    # What only the frame has, recounted from the lists.
    (row,) = explanation.frames["summary"].to_dict("records")
    interpretations = [int(circuit["interpretations"]) for circuit in expected["circuits"]]
    mappings = [formula["minimal_mappings"] for formula in expected["formulas"]]
    empty = sum(not mapping["mapping"] for mapping in expected["mappings"])
    assert row["n_circuits_interpretable"] == sum(n > 0 for n in interpretations)
    assert row["n_circuits_one_interpretation"] == interpretations.count(1)
    assert row["n_algorithms_one_mapping"] == mappings.count(1)
    for question, count in [
        ("q1", len(interpretations)),
        ("q2", sum(interpretations)),
        ("q3", sum(n > 0 for n in mappings)),
        ("q4_mapped", sum(mappings) - empty),
        *([] if sum(mappings) == empty == 1 else [("q4", sum(mappings))]),
    ]:
        assert row[question] == ("none" if count == 0 else "unique" if count == 1 else "several")
    assert (row["q4"] == "empty") == (sum(mappings) == empty == 1)
    return expected


CHEAP = [pair for pair in readings_of(2) if pair[1].formulas != "strict"]


@examples(40)
@given(networks(2, 2, 2, 1) | trained("xor-k2-0", "xor-k2-1"), st.sampled_from(CHEAP))
def test_two_hidden_layers_of_two(network, reading):
    assume_decidable(network)
    note(f"{reading[0]}")
    check_explanation(network, *reading)


@examples(40)
@given(networks(2, 3, 1), st.sampled_from(readings_of(3)))
def test_one_hidden_layer(network, reading):
    # Formulas have depth 2 here, and the strict ones are few for every target.
    assume_decidable(network)
    check_explanation(network, *reading)


@examples(9)
@given(networks(2, 2, 3, 1) | networks(2, 3, 2, 1), st.sampled_from(readings_of(3)))
def test_layers_of_different_widths(network, reading):
    assume(reading[1].formulas != "strict")
    assume_decidable(network)
    check_explanation(network, *reading)


@examples(5)
@given(trained("xor-k3-0", "xor-k3-2", "xor-k3-3"), st.sampled_from(CHEAP[:2]))
def test_two_hidden_layers_of_three(network, reading):
    assume_decidable(network)
    check_explanation(network, *reading)


@SLOW
@settings(max_examples=300)
@given(networks(2, 2, 2, 1) | trained("xor-k2-0", "xor-k2-1"), st.sampled_from(CHEAP))
def test_two_hidden_layers_of_two_many_times(network, reading):
    assume_decidable(network)
    check_explanation(network, *reading)


@SLOW
@settings(max_examples=25)
@given(
    networks(2, 3, 3, 1) | trained("xor-k3-1", "and-k3-0", "imp-k3-0"),
    st.sampled_from([pair for pair in readings_of(3) if pair[1].formulas != "strict"]),
)
def test_two_hidden_layers_of_three_many_times(network, reading):
    assume_decidable(network)
    check_explanation(network, *reading)


@SLOW
@settings(max_examples=25)
@given(networks(2, 2, 2, 1) | trained("xor-k2-0", "xor-k2-1"))
def test_strict_with_two_hidden_layers(network):
    # The strict formulas of a target take the plain module seconds: those of three are tried.
    assume(tuple(outputs_rounded(network)) in {gate(name).table for name in ["XOR", "IMP", "AND"]})
    assume_decidable(network)
    check_explanation(network, PROTOCOLS["strict"], plain.strict())


BY_HAND = {
    # h0 = A + B and h1 = AND, u0 = h0 - 2 h1 and u1 = AND: two neurons with the same values.
    ("ties", "XOR"): PlainNetwork(
        [[[1, 1], [1, 1]], [[1, -2], [1, 1]], [[1, -2]]], [[0, -1], [0, -2], [0]], "relu"
    ),
    # The second neuron of each layer is never above 0.
    ("dead neurons", "OR"): PlainNetwork(
        [[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[0.625, 1]]], [[0, -2], [0, 0], [0]], "relu"
    ),
    # The second neuron of the first layer is 1 whatever the input, and serves as a bias.
    ("constant neuron", "AND"): PlainNetwork(
        [[[1, 1], [0, 0]], [[1, -1], [0, 1]], [[1, 0]]], [[0, 1], [0, 0], [0]], "relu"
    ),
    # Two of each kind, so that neuron sets and circuits come in twos.
    ("twins", "AND"): PlainNetwork(
        [[[1, 1], [1, 1]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5]]], [[-1, -1], [0, 0], [0]], "relu"
    ),
    ("always 0", "FALSE"): PlainNetwork(
        [[[1, -1], [1, 1]], [[1, 1], [1, 0]], [[0.125, 0.125]]], [[0, 0], [0, 0], [0]], "relu"
    ),
    ("always 1", "TRUE"): PlainNetwork(
        [[[1, -1], [1, 1]], [[1, 1], [1, 0]], [[0.125, 0.125]]], [[0, 0], [0, 0], [0.75]], "relu"
    ),
    # Outputs of exactly 0.5: a half rounds to 0, and is not above 0.5.
    ("halves", "AND"): PlainNetwork(
        [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[0.5, 0.5]]], [[0, 0], [0, 0], [0]], "relu"
    ),
    ("unequal widths", "XOR"): PlainNetwork(
        [[[1, 1], [1, 1]], [[1, -2], [1, 0], [0, 1]], [[1, 0, 0.25]]],
        [[0, -1], [0, 0, 0], [0]],
        "relu",
    ),
    ("one hidden layer", "XOR"): PlainNetwork(
        [[[1, 1], [1, 1], [1, 0]], [[1, -2, 0]]], [[0, -1, 0], [0]], "relu"
    ),
    # Without its one neuron a layer is cut: released and text, which ask that something goes,
    # have no candidate at all.
    ("one neuron a layer", "AND"): PlainNetwork(
        [[[1, 1]], [[1]], [[1]]], [[-1], [0], [0]], "relu"
    ),
    ("one neuron", "AND"): PlainNetwork([[[1, 1]], [[1]]], [[-1], [0]], "relu"),
}


@pytest.mark.parametrize("protocol", ["released", "text"])
@pytest.mark.parametrize(("name", "gate_name"), BY_HAND)
def test_networks_made_by_hand(name, gate_name, protocol):
    network = BY_HAND[name, gate_name]
    assert tuple(outputs_rounded(network)) == gate(gate_name).table
    widest = max(network.layer_sizes[1:-1])
    rules = plain.released(widest) if protocol == "released" else plain.text()
    check_explanation(network, PROTOCOLS[protocol], rules)


@pytest.mark.parametrize(
    "key",
    [
        # The plain module takes seconds to list the strict formulas of a target at depth 3.
        pytest.param(key, marks=() if key[0] in ("one hidden layer", "one neuron") else SLOW)
        for key in BY_HAND
        if key[1] not in ("TRUE", "FALSE")  # 4,422 formulas
    ],
    ids=lambda key: key[0],
)
def test_networks_made_by_hand_under_strict(key):
    check_explanation(BY_HAND[key], PROTOCOLS["strict"], plain.strict())


def test_the_hand_worked_network_in_numbers():
    # Worked out on paper in tests/test_plain.py: five circuits, of which three have readings.
    (found,) = explain(engine(BY_HAND["ties", "XOR"]), protocol="strict").to_dict()["targets"]
    circuits = {json.dumps(c["edges"]): c["interpretations"] for c in found["circuits"]}
    assert circuits == {
        '[["11", "11"], ["11", "00"], ["10"]]': "1",
        '[["11", "11"], ["11", "10"], ["11"]]': "0",
        '[["11", "11"], ["11", "01"], ["11"]]': "0",
        '[["11", "11"], ["11", "11"], ["11"]]': "4",
        '[["11", "11"], ["10", "11"], ["11"]]': "2",
    }
    assert (found["n_interpretations"], found["n_interpretations_reachable"]) == ("7", "3")
    places = [{"layer": 1, "neurons": [1]}, {"layer": 1, "neurons": [0]}]
    assert found["mappings"] == [{"formula": "¬(A*B)*(A+B)", "mapping": places}]


# Circuits ----------------------------------------------------------------------------------------

SHAPES = [
    (2, 1, 1), (2, 2, 1), (2, 3, 1), (1, 2, 1), (2, 2, 2, 1), (2, 1, 3, 1), (2, 2, 3, 1),
    (2, 3, 2, 1), (3, 2, 2, 1), (2, 2, 2, 2, 1), (2, 3, 3, 1),
]  # fmt: skip


def cell(edges):
    """Hidden neurons and edges that a circuit keeps."""
    hidden = sum("1" in string for layer in edges[:-1] for string in layer)
    return hidden, sum(string.count("1") for layer in edges for string in layer)


def all_ids(layer_sizes, max_hidden=None):
    candidates = enumerate_candidates(layer_sizes, max_hidden)
    return circuit_ids(layer_sizes, candidates.edge_masks(np.arange(len(candidates))))


@pytest.mark.parametrize("layer_sizes", SHAPES)
def test_candidates(layer_sizes):
    expected = list(plain.candidates(layer_sizes, plain.strict()))
    found = [edges_of_id(name) for name in all_ids(layer_sizes)]
    assert as_bag(found) == as_bag(expected)
    assert count_candidates(layer_sizes) == Counter(map(cell, expected))


@pytest.mark.parametrize("layer_sizes", [(2, 3, 1), (2, 2, 3, 1), (2, 2, 2, 2, 1), (2, 3, 3, 1)])
def test_candidates_with_few_hidden_neurons(layer_sizes):
    cells = count_candidates(layer_sizes)
    every = all_ids(layer_sizes).tolist()
    for most in range(len(layer_sizes) - 2, sum(layer_sizes[1:-1]) + 1):
        expected = [name for name in every if cell(edges_of_id(name))[0] <= most]
        assert sorted(all_ids(layer_sizes, most)) == sorted(expected)
        assert len(expected) == sum(n for (hidden, _), n in cells.items() if hidden <= most)


@pytest.mark.parametrize("layer_sizes", [(2, 3, 1), (2, 2, 2, 1)])
def test_there_are_no_candidates_with_fewer_hidden_neurons_than_layers(layer_sizes):
    for most in range(len(layer_sizes) - 2):
        assert len(all_ids(layer_sizes, most)) == 0


@pytest.mark.parametrize("layer_sizes", [*SHAPES, (2, 8, 1), (2, 9, 1)])
def test_ids_and_masks_are_inverse(layer_sizes):
    candidates = enumerate_candidates(layer_sizes)
    masks = candidates.edge_masks(np.arange(len(candidates)))
    ids = circuit_ids(layer_sizes, masks)
    assert len(set(ids)) == len(ids)
    for there, back in zip(masks, masks_of_ids(ids, layer_sizes), strict=True):
        np.testing.assert_array_equal(there, back)


def test_the_output_reads_every_neuron_kept_in_a_wide_layer():
    for edges in map(edges_of_id, all_ids((2, 9, 1))[::97]):
        assert edges[-1] == ["".join(str(int("1" in string)) for string in edges[-2])]


def check_circuits(batch, targets, counts=None):
    """Holds the circuits of a batch, judged in every sense, against the plain ones."""
    sizes = tuple(batch[0].layer_sizes)
    counts = counts or [[1] * len(target) for target in targets]
    found = perfect_circuits(
        engine(*batch),
        np.array(targets),
        enumerate_candidates(sizes),
        rows_enough(np.array(counts)),
    )
    assert (np.diff(found.network) >= 0).all()
    ids = circuit_ids(sizes, found.masks)
    for i, (network, target) in enumerate(zip(batch, targets, strict=True)):
        sample = list(zip(rows_of(network), target, counts[i], strict=True))
        for reference in ["target", "model", "sample"]:
            rules = replace(plain.strict(), reference=reference)
            expected = plain.perfect_circuits(network, target, rules, sample)
            own = ids[(found.network == i) & getattr(found, f"for_{reference}")]
            assert as_bag(map(edges_of_id, own)) == as_bag(expected)


@examples(20)
@given(
    networks(2, 2, 2, 1),
    networks(2, 2, 2, 1),
    st.sampled_from(plain.input_rows(4)),
    st.lists(st.sampled_from([0, 1, 9, 10, 11, 490, 491]), min_size=4, max_size=4).filter(any),
)
def test_circuits_of_a_network_that_is_wrong(network, other, target, counts):
    # Target and model differ (D01), and two networks with the same activations share a batch.
    shared = ("activation", "output_activation", "levels", "above")
    other = replace(other, **{name: getattr(network, name) for name in shared})
    assume(keeps_its_distance(network) and keeps_its_distance(other))
    check_circuits([network, other], [target, outputs_rounded(network)], [counts, [1] * 4])


@examples(6)
@given(networks(2, 2, 2, 2, 1), st.sampled_from(plain.input_rows(4)))
def test_circuits_with_three_hidden_layers(network, target):
    assume(keeps_its_distance(network))
    check_circuits([network], [target])


# Interpretations ---------------------------------------------------------------------------------


def counted(network, circuits):
    """The circuits' separators, edge masks and numbers of interpretations, by the engine."""
    ids = ["|".join(",".join(layer) for layer in edges) for edges in circuits]
    masks = masks_of_ids(np.array(ids, dtype=str), tuple(network.layer_sizes))
    values = circuit_activations(engine(network), np.zeros(len(circuits), np.int64), masks)
    read = readings(values)
    return read, masks, count_interpretations(read, masks)


def check_interpretations(network, circuits):
    """Holds the numbers of interpretations of circuits against the plain module's."""
    _, _, counts = counted(network, circuits)
    assert list(zip(counts.totals(), counts.reachable.tolist(), strict=True)) == [
        plain.multiply_interpretations(network, edges) for edges in circuits
    ]


NEAR = st.sampled_from([0.0, 4e-10, 1e-9, 1.1e-9, 2e-9, 0.5, 0.5 + 1e-9, 0.5 + 2e-9, 1.0, -3.0])


@examples(200)
@given(st.lists(NEAR, min_size=4, max_size=4), st.sampled_from([1e-9, 0.0, 1.5e-9, 0.6]))
def test_separators_of_values_that_are_nearly_tied(values, tie):
    # Two layers of one neuron each; the output is rounded first.
    activations = [np.array(values).reshape(1, 4, 1)] * 2
    read = readings(activations, tie)
    for neuron, own in enumerate([values, [round(value) for value in values]]):
        expected = plain.separators(own, tie)
        assert read.number[0, neuron] == len(expected)
        assert read.separators[0, neuron, : len(expected)].tolist() == expected
        assert read.tables[0, neuron, : len(expected)].tolist() == [
            sum((value > separator) << row for row, value in enumerate(own))
            for separator in expected
        ]


def whole(layer_sizes):
    """The circuit that keeps everything."""
    return [["1" * below] * above for below, above in pairwise(layer_sizes)]


@examples(6)
@given(networks(2, 2, 2, 2, 1))
def test_interpretations_with_three_hidden_layers(network):
    assume_decidable(network)
    check_interpretations(network, plain.perfect_circuits(network, [], plain.strict()))


@examples(6)
@given(networks(2, 3, 2, 3, 1))
def test_interpretations_of_whole_networks_with_three_hidden_layers(network):
    assume(set(outputs_rounded(network)) <= {0, 1})
    check_interpretations(network, [whole(network.layer_sizes)])


def test_interpretations_where_a_neuron_has_nine_parents():
    # h0 = A + B and h8 = AND make XOR; the seven between are A, or AND once more.
    weights = [[[1, 1], *[[1, 0]] * 4, *[[1, 1]] * 4], [[1, *[0] * 7, -2]]]
    network = PlainNetwork(weights, [[0, 0, 0, 0, 0, -1, -1, -1, -1], [0]], "relu")
    assert outputs_rounded(network) == [0, 1, 1, 0]
    every = [["11"] * 9, ["111111111"]]
    without_the_first = [["00", *["11"] * 8], ["011111111"]]
    check_interpretations(network, [every, without_the_first])
    _, _, counts = counted(network, [every])
    assert counts.totals()[0] % 2**508 == 0  # four of the 2 ** 9 rows are reached


def three_inputs(seed):
    """A network (3, 2, 2, 1) with coarse weights and ReLU: no rounding errors."""
    rng = np.random.default_rng(seed)
    shapes = list(pairwise((3, 2, 2, 1)))
    weights = [(rng.integers(-3, 4, (above, below)) / 2).tolist() for below, above in shapes]
    biases = [(rng.integers(-1, 3, above) / 2).tolist() for _, above in shapes]
    return PlainNetwork(weights, biases, "relu")


@pytest.mark.parametrize("seed", range(6))
def test_circuits_and_interpretations_with_three_inputs(seed):
    network = three_inputs(seed)
    check_circuits([network], [outputs_rounded(network)])
    check_interpretations(network, plain.perfect_circuits(network, [], plain.strict()))


def on_input_rows(network, edges, interpretation):
    """An interpretation with the gates of the first layer over all inputs, as the engine has them.

    The plain module writes them over the inputs that a neuron keeps.
    """
    widened = {}
    for neuron, (separator, gate_table) in interpretation.items():
        if neuron[0] == 1:
            kept = [i for _, i in plain.parents(edges, neuron)]
            patterns = [[row[i] for i in kept] for row in rows_of(network)]
            gate_table = tuple(gate_table[int("".join(map(str, p)), 2)] for p in patterns)
        widened[neuron] = (separator, gate_table)
    return widened


@examples(15)
@given(networks(2, 2, 2, 1) | networks(2, 3, 1) | trained("xor-k2-0", "xor-k2-1"))
def test_listed_interpretations(network):
    assume_decidable(network)
    circuits = plain.perfect_circuits(network, [], plain.strict())
    assume(circuits)
    sizes = network.layer_sizes
    neurons = [(layer, i) for layer in range(1, len(sizes)) for i in range(sizes[layer])]
    read, masks, counts = counted(network, circuits)
    for circuit, edges in enumerate(circuits):
        # Separators to nine digits: they are sums as well.
        found = [
            {neurons[r.neuron]: (round(r.separator, 9), r.gate) for r in interpretation}
            for interpretation in list_interpretations(read, masks, circuit)
        ]
        expected = [
            {neuron: (round(separator, 9), own) for neuron, (separator, own) in wide.items()}
            for wide in (
                on_input_rows(network, edges, interpretation)
                for interpretation in plain.interpretations(network, edges)
            )
        ]
        assert len(found) == counts.totals()[circuit]
        as_set = {tuple(sorted(interpretation.items())) for interpretation in found}
        assert len(as_set) == len(found)
        assert as_set == {tuple(sorted(interpretation.items())) for interpretation in expected}


@pytest.mark.parametrize(
    ("layer_sizes", "at_least"),
    # Six neurons with three parents, and an output with six: most of its 2 ** 6 rows are free.
    [((2, 3, 6, 1), 2**64), pytest.param((2, 5, 5, 1), 2**180, marks=SLOW)],
)
def test_more_interpretations_than_an_int64_holds(layer_sizes, at_least):
    rng = np.random.default_rng(1)
    shapes = list(pairwise(layer_sizes[:-1]))
    weights = [rng.normal(size=(above, below)).tolist() for below, above in shapes]
    biases = [rng.normal(size=above).tolist() for _, above in shapes]
    target = gate("XOR").table
    network = with_readout((weights, biases), target, False, "leaky_relu", "leaky_relu")
    assert tuple(outputs_rounded(network)) == target
    _, _, counts = counted(network, [whole(layer_sizes)])
    (total,) = counts.totals()
    assert total > at_least
    expected = plain.multiply_interpretations(network, whole(layer_sizes))
    assert (total, counts.reachable[0]) == expected


@examples(20)
@given(st.integers(1, 120), st.integers(0, 2**32 - 1))
def test_totals_are_exact_integers(n_exponents, seed):
    check_totals(np.random.default_rng(seed).integers(0, 2**40, (3, n_exponents)).tolist())


@pytest.mark.parametrize(
    "by_exponent",
    # On both sides of what fits in an int64: 2 ** 61 and 2 ** 62, 2 ** 62 - 1 and 2 ** 63 - 1.
    [
        *([0] * exponent + [1] for exponent in (60, 61, 62, 63, 64, 400)),
        *([1] * exponents for exponents in (61, 62, 63, 64)),
        *([2**40] * exponents for exponents in (21, 22, 23, 24)),
        [2**62],
    ],
    ids=lambda row: f"{row[0]}-{len(row)}",
)
def test_totals_at_the_limits_of_an_int64(by_exponent):
    check_totals([by_exponent])


def check_totals(by_exponent):
    counts = InterpretationCounts(np.array(by_exponent, np.int64), np.zeros(len(by_exponent)))
    assert counts.totals() == [
        sum(number * 2**exponent for exponent, number in enumerate(row)) for row in by_exponent
    ]


def test_totals_of_a_network_are_exact_integers():
    # The stage adds up numbers of any size: nothing may pass through a float on the way.
    explanation = explain(engine(BY_HAND["ties", "XOR"]), protocol="strict")
    frames = dict(explanation.frames)
    numbers = [2**63 - 1, 1, 10**38 + 1, 0, 3]
    rows = frames["interpretations"].assign(
        n_interpretations=list(map(str, numbers)), n_interpretations_reachable=["9" * 30] * 5
    )
    (batch,) = batches(frames["networks"])
    cells = cells_of_rows(batch, frames["circuits"], rows)
    (row,) = summary(
        frames["networks"],
        cells,
        frames["algorithms"],
        [PROTOCOLS["strict"]],
        every_circuit((2, 2, 2, 1)),
    ).to_dict("records")
    assert row["n_interpretations"] == str(sum(numbers))
    assert row["n_interpretations_reachable"] == str(5 * int("9" * 30))


@SLOW
def test_the_wide_reference_network_under_strict():
    # About 10 ** 22 interpretations: an independent count of the largest circuits and of every
    # 500th, and the total as a sum of Python's integers.
    stored = json.loads((REFERENCE / "xor-k4-0.json").read_text())
    network = PlainNetwork.from_dict(stored)
    (found,) = explain(engine(network), protocol="strict").to_dict()["targets"]
    numbers = [int(circuit["interpretations"]) for circuit in found["circuits"]]
    assert found["n_interpretations"] == str(sum(numbers))
    largest = sorted(range(len(numbers)), key=lambda i: numbers[i])[-20:]
    assert numbers[largest[0]] > 2**63
    for i in [*largest, *range(0, len(numbers), 500)]:
        edges = found["circuits"][i]["edges"]
        assert numbers[i] == plain.multiply_interpretations(network, edges)[0]
        assert [plain.rounded_output(network, row, edges) for row in ROWS] == [0, 1, 1, 0]


# Alignment and mappings --------------------------------------------------------------------------


@pytest.mark.parametrize("n_inputs", [1, 2, 3])
@pytest.mark.parametrize("pairs", PAIRS)
def test_pairs_of_base_and_source(pairs, n_inputs):
    rows = plain.input_rows(n_inputs)
    mask = pair_mask(pairs, len(rows)).reshape(len(rows), len(rows))
    found = [(rows[base], rows[source]) for base, source in np.argwhere(mask)]
    assert found == plain.base_source_pairs(n_inputs, pairs)


@examples(10)
@given(
    networks(2, 2, 2, 2, 1) | networks(2, 2, 3, 1),
    st.sampled_from(["XOR", "AND", "IMP"]),
    st.sampled_from(PAIRS),
)
def test_iia_of_every_variable_at_every_place(network, target, pairs):
    # The network need not compute the target: IIA is a share, not only 0 or 1.
    assume(network.exact or keeps_its_distance(network))
    listed = plain.formulas(gate(target).table, "text", 2)
    ours = candidate_formulas(gate(target), "text", "operators", 2)
    required = np.array([v.response for f in ours for v in f.variables], dtype=bool)
    mask = pair_mask(pairs, 4)
    (found,) = count_agreements(responses(engine(network)), required, mask)
    expected = [
        [
            plain.iia(network, formula, variable, place.layer, place.neurons, pairs)
            for place in places(tuple(network.layer_sizes))
        ]
        for formula in listed
        for variable in plain.intermediate_variables(formula, "operators")
    ]
    assert [[Fraction(int(n), int(mask.sum())) for n in row] for row in found] == expected


def test_of_twins_the_first_that_maps_counts():
    # Formulas 0, 2 and 3 are twins. The first that maps is 0, 3, 2, or none of them.
    counts = np.array([[2, 1, 3, 1], [0, 1, 0, 5], [0, 0, 4, 5], [0, 1, 0, 0]])
    kept = one_of_twins(counts, np.array([0, 1, 0, 0]))
    assert kept.tolist() == [[2, 1, 0, 0], [0, 1, 0, 5], [0, 0, 4, 0], [0, 1, 0, 0]]


def mapped(valid, every, layer_sizes, asked, users=None):
    """The minimal mappings for valid places; their numbers are those of the list."""
    bits = np.array([p.bits(layer_sizes) for p in every])
    of = search_places(valid, bits, np.array([p.layer for p in every]), asked, users)
    counts = count_mappings(of)
    found = minimal_mappings(of, counts)
    listed = np.zeros_like(counts)
    np.add.at(listed, (found.network, found.formula), 1)
    np.testing.assert_array_equal(listed, counts)
    return found


@examples(60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.15, 0.3, 0.6]),
    st.sampled_from([(2, 2, 2, 1), (2, 3, 2, 1), (2, 3, 3, 1), (2, 5, 1)]),
    st.booleans(),
)
def test_minimal_mappings_of_any_valid_places(seed, density, layer_sizes, ordered):
    # Not every table of valid places may come from a network: here any may.
    rng = np.random.default_rng(seed)
    every = places(layer_sizes)
    target = gate("XOR")
    listed = [f for f in plain.formulas(target.table, "released") if rng.random() < 0.1]
    variables = [plain.intermediate_variables(f, "operators") for f in listed]
    names = [[(f, v) for v in own] for f, own in zip(listed, variables, strict=True)]
    numbers = {name: i for i, name in enumerate(name for own in names for name in own)}
    valid = rng.random((len(numbers), len(every))) < density
    users = [
        [
            own.index(above) if (above := plain.variable_above(own, v)) is not None else -1
            for v in own
        ]
        for own in variables
    ]
    found = mapped(
        valid[None],
        every,
        layer_sizes,
        [[numbers[name] for name in own] for own in names],
        users if ordered else None,
    )
    mappings = [
        [f, [(every[i].layer, every[i].neurons) for i in row if i >= 0]]
        for f, row in zip(found.formula.tolist(), found.place, strict=True)
    ]

    def valid_sets(network, formula, variable, pairs):
        chosen = np.flatnonzero(valid[numbers[formula, variable]])
        return [(every[i].layer, every[i].neurons) for i in chosen]

    rules = replace(plain.released(3), layers="ordered" if ordered else "any")
    with patch.object(plain, "valid_sets", valid_sets):
        expected = [
            [number, mapping]
            for number, formula in enumerate(listed)
            for mapping in plain.minimal_mappings(None, formula, rules)
        ]
    assert as_bag(mappings) == as_bag(expected)


def test_a_batch_of_networks_is_explained_like_each_alone():
    # Mappings of several networks at once, with formulas without variables among them.
    rng = np.random.default_rng(0)
    sizes = (2, 3, 3, 1)
    every = places(sizes)
    valid = rng.random((7, 4, len(every))) < 0.3
    asked = [[0, 1], [], [2], [3, 1, 0]]
    together = mapped(valid, every, sizes, asked)
    alone = [mapped(valid[[i]], every, sizes, asked) for i in range(7)]
    rows = np.column_stack([together.network, together.formula, together.place])
    expected = [
        np.column_stack([np.full(len(one.formula), i), one.formula, one.place])
        for i, one in enumerate(alone)
    ]
    np.testing.assert_array_equal(rows, np.concatenate(expected))
    assert set(Counter(together.network[together.formula == 1].tolist()).values()) == {1}
