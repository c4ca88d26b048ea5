"""The plain module on cases worked by hand, and on the reference networks.

Most tests use one network that fits on a page. It computes XOR with ReLU and sizes (2, 2, 2, 1):

    h0 = relu(A + B)            0 1 1 2    on the inputs 00, 01, 10, 11
    h1 = relu(A + B - 1)        0 0 0 1
    u0 = relu(h0 - 2 h1)        0 1 1 0
    u1 = relu(h0 + h1 - 2)      0 0 0 1
    y  = relu(u0 - 2 u1)        0 1 1 0

Its circuits. h1 needs both inputs (with one it is never above 0), and so does h0 (with A alone,
the input 01 gives h0 = h1 = 0 and y = 0). Without h1, u1 never gets above 0 and y = h0 has a 2.
Without an edge from h0, u0 is never above 0, nor is y. So u0 reads h0, or h0 and h1:

    GONE            u0 = relu(h0 - 2 h1), and u1 is gone       y = u0
    DEAD_BELOW_H0   the same, and u1 = relu(h0 - 2) is dead    y = u0
    DEAD_BELOW_H1   the same, and u1 = relu(h1 - 2) is dead    y = u0
    WHOLE           u0 and u1 as in the network                y = relu(u0 - 2 u1)
    SUM             u0 = relu(h0), and u1 as in the network    y = relu(h0 - 2 u1)

and with u0 = relu(h0) nothing else: without u1's full share y is 2 on input 11.
"""

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import exp, tanh
from pathlib import Path

import pytest

from identifiability import plain
from identifiability.plain import PlainNetwork

REFERENCE = Path(__file__).parent / "data" / "reference"
TABLES = {
    "AND": [0, 0, 0, 1],
    "OR": [0, 1, 1, 1],
    "XOR": [0, 1, 1, 0],
    "IMP": [1, 1, 0, 1],
    "NOR": [1, 0, 0, 0],
}
XOR = TABLES["XOR"]
ROWS = [(0, 0), (0, 1), (1, 0), (1, 1)]

HAND = PlainNetwork(
    weights=[[[1, 1], [1, 1]], [[1, -2], [1, 1]], [[1, -2]]],
    biases=[[0, -1], [0, -2], [0]],
    activation="relu",
)
GONE = [["11", "11"], ["11", "00"], ["10"]]
DEAD_BELOW_H0 = [["11", "11"], ["11", "10"], ["11"]]
DEAD_BELOW_H1 = [["11", "11"], ["11", "01"], ["11"]]
WHOLE = [["11", "11"], ["11", "11"], ["11"]]
SUM = [["11", "11"], ["10", "11"], ["11"]]

A, B = ("A",), ("B",)
NOT_AND_TIMES_OR = ("*", ("¬", ("*", A, B)), ("+", A, B))  # ¬(A*B)*(A+B), which is XOR


def as_set(circuits):
    """Circuits as a set; fails if one is there twice."""
    frozen = [tuple(tuple(layer) for layer in edges) for edges in circuits]
    assert len(frozen) == len(set(frozen))
    return set(frozen)


def n_candidates(layer_sizes, rules):
    return sum(1 for _ in plain.candidates(layer_sizes, rules))


def reference_cases():
    """(file name, output, target) for every target of every reference network."""
    for path in sorted(REFERENCE.glob("*.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        for index, expected in enumerate(stored["expected"]):
            yield path.stem, index, expected["target"]


def load(name, index):
    """One output of a reference network: the network, its target table, what is expected."""
    stored = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    network = PlainNetwork.from_dict(stored).single_output(index)
    expected = stored["expected"][index]
    return network, TABLES[expected["target"]], expected


# Networks and forward passes ---------------------------------------------------------------------


def test_hand_network_computes_what_the_comments_say():
    runs = [plain.forward(HAND, row) for row in ROWS]
    assert runs == [
        [[0, 0], [0, 0], [0, 0], [0]],
        [[0, 1], [1, 0], [1, 0], [1]],
        [[1, 0], [1, 0], [1, 0], [1]],
        [[1, 1], [2, 1], [0, 1], [0]],
    ]


def test_a_circuit_drops_edges_and_neurons_but_keeps_biases():
    network = PlainNetwork(
        weights=[[[1, 10], [100, 1000]], [[1, 1]]],
        biases=[[0.25, 0.5], [0.125]],
        activation="identity",
    )
    assert plain.forward(network, (1, 1)) == [[1, 1], [11.25, 1100.5], [1111.875]]
    # The edge from B to the first neuron goes: its value loses the 10 and keeps the bias.
    assert plain.forward(network, (1, 1), [["10", "11"], ["11"]])[1] == [1.25, 1100.5]
    # The second neuron goes: it passes 0, its bias too.
    assert plain.forward(network, (1, 1), [["11", "00"], ["10"]]) == [[1, 1], [11.25, 0], [11.375]]


def test_forced_activations_replace_computed_ones():
    # u0 = relu(1 - 2 * 5) = 0 and u1 = relu(1 + 5 - 2) = 4 when h1 is forced to 5.
    assert plain.forward(HAND, (0, 1), forced={(1, 1): 5}) == [[0, 1], [1, 5], [0, 4], [0]]
    # A forced value is the activation itself: the ReLU does not come after it.
    assert plain.forward(HAND, (0, 1), forced={(2, 1): -3})[2:] == [[1, -3], [7]]


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("leaky_relu", -0.02, 2),
        ("relu", 0, 2),
        ("tanh", tanh(-2), tanh(2)),
        ("sigmoid", 1 / (1 + exp(2)), 1 / (1 + exp(-2))),
        ("identity", -2, 2),
    ],
)
def test_activations(name, below, above):
    network = PlainNetwork([[[1]]], [[0]], name)
    assert plain.forward(network, (-2,))[-1] == [pytest.approx(below, abs=1e-15)]
    assert plain.forward(network, (2,))[-1] == [pytest.approx(above, abs=1e-15)]


def test_sigmoid_far_out_and_unknown_activation():
    assert plain.activate(-1e4, "sigmoid", 0.01) == 0
    assert plain.activate(1e4, "sigmoid", 0.01) == 1
    with pytest.raises(ValueError, match="unknown activation 'step'"):
        plain.activate(0, "step", 0.01)


def test_output_activation_follows_the_last_layer_only():
    network = PlainNetwork([[[-1]], [[1]]], [[0], [-3]], "relu", output_activation="identity")
    assert plain.forward(network, (1,)) == [[1], [0], [-3]]
    assert plain.forward(replace(network, output_activation=None), (1,))[-1] == [0]


def test_single_output_shares_the_hidden_layers():
    network = PlainNetwork([[[1, 2]], [[3], [4]]], [[0], [0, 5]], "identity")
    second = network.single_output(1)
    assert second.layer_sizes == [2, 1, 1]
    assert plain.forward(second, (1, 1))[-1] == [plain.forward(network, (1, 1))[-1][1]] == [17]


def test_network_from_json():
    stored = json.loads((REFERENCE / "xor-and-nor-k3-0.json").read_text(encoding="utf-8"))
    network = PlainNetwork.from_dict(stored)
    assert network.layer_sizes == stored["layer_sizes"] == [2, 3, 3, 3]
    for row in ROWS:
        outputs = [round(value) for value in plain.forward(network, row)[-1]]
        i = ROWS.index(row)
        assert outputs == [TABLES[target][i] for target in stored["targets"]]


# Circuits ----------------------------------------------------------------------------------------


def test_candidates_listed_on_paper():
    # With one hidden layer of two: h0 alone, h1 alone, or both. With both, each takes A, B or
    # both, but not both A alone, nor both B alone, as every input keeps an edge: 9 - 2 = 7.
    alone = {(("11", "00"), ("10",)), (("00", "11"), ("01",))}
    pairs = [("10", "01"), ("10", "11"), ("01", "10"), ("01", "11")]
    pairs += [("11", "10"), ("11", "01"), ("11", "11")]
    both = {(pair, ("11",)) for pair in pairs}
    assert as_set(plain.candidates([2, 2, 1], plain.strict())) == alone | both
    assert as_set(plain.candidates([2, 2, 1], plain.released(2))) == alone


def test_candidates_of_other_depths_and_numbers_of_inputs():
    assert list(plain.candidates([3, 1], plain.strict())) == [[["111"]]]
    assert list(plain.candidates([1, 1, 1, 1, 1], plain.strict())) == [[["1"]] * 4]
    # Two hidden neurons between three inputs and the output: 2 with one of them; with both, each
    # input goes to one or both: 3 ** 3 ways, less 2 in which one neuron gets no input at all.
    assert n_candidates([3, 2, 1], plain.strict()) == 2 + 25


@pytest.mark.parametrize("layer_sizes", [[2, 2, 2, 1], [2, 3, 3, 1], [3, 2, 3, 1]])
def test_every_candidate_is_a_circuit_and_none_comes_twice(layer_sizes):
    circuits = as_set(plain.candidates(layer_sizes, plain.strict()))
    for edges in circuits:
        kept = [
            set(range(layer_sizes[0])),
            *({i for i, string in enumerate(layer) if "1" in string} for layer in edges),
        ]
        assert kept[-1] == {0}
        for layer, strings in enumerate(edges):
            sources = {i for string in strings for i, mark in enumerate(string) if mark == "1"}
            assert sources == kept[layer]


@pytest.mark.parametrize(
    ("width", "rules", "expected"),
    [
        (2, plain.strict(), 69),
        (2, plain.released(2), 20),
        (2, plain.text(), 18),
        (3, plain.strict(), 9_625),
        (3, plain.released(3), 3_000),
        (3, plain.text(), 3_126),
        pytest.param(4, plain.strict(), 4_346_385, marks=pytest.mark.slow),
        (4, plain.released(4), 168_672),
        pytest.param(4, plain.text(), 2_210_644, marks=pytest.mark.slow),
        (5, plain.released(5), 1_092_035),
    ],
)
def test_number_of_candidates_under_the_published_rules(width, rules, expected):
    assert n_candidates([2, width, width, 1], rules) == expected


def test_released_caps_are_numbers_of_neurons():
    # Strictly above 1/5 of 8 is 2 or more; strictly above 3/10 of 10 is 4 or more.
    for width, fewest_removed in [(4, 2), (5, 4)]:
        removed = Counter(
            2 * width - sum("1" in string for layer in edges[:-1] for string in layer)
            for edges in plain.candidates([2, width, width, 1], plain.released(width))
        )
        assert min(removed) == fewest_removed
    with pytest.raises(ValueError, match="width 6"):
        plain.released(6)


def test_sparsity_is_compared_in_integers_and_strictly():
    cap = Fraction(3, 10)
    assert not plain.is_above(3, 10, cap)
    assert not plain.is_above(15, 50, cap)
    assert plain.is_above(4, 10, cap)
    assert plain.is_above(16, 50, cap)
    assert not plain.is_above(0, 0, cap)


def test_combined_sparsity_counts_neurons_and_edges():
    # 4 hidden neurons and 10 edges. GONE lacks u1 and its 3 edges: 4 of 14, not above 0.3 of 14,
    # which is 4.2. Without h1 and u1 only h0, u0 and 4 edges stay: 8 of 14 are out.
    under_text = as_set(plain.candidates([2, 2, 2, 1], plain.text()))
    assert as_set([GONE, WHOLE, SUM]).isdisjoint(under_text)
    assert (("11", "00"), ("10", "00"), ("10",)) in under_text
    for cap, inside in [(Fraction(4, 14), False), (Fraction(3, 14), True)]:
        rules = replace(plain.text(), sparsity_above=cap)
        assert (as_set([GONE]) <= as_set(plain.candidates([2, 2, 2, 1], rules))) == inside


def test_perfect_circuits_of_the_hand_network():
    found = as_set(plain.perfect_circuits(HAND, XOR, plain.strict()))
    assert found == as_set([GONE, DEAD_BELOW_H0, DEAD_BELOW_H1, WHOLE, SUM])
    # Only GONE lacks a neuron, and it is not sparse enough for the text's cap.
    assert plain.perfect_circuits(HAND, XOR, plain.released(2)) == [GONE]
    assert plain.perfect_circuits(HAND, XOR, plain.text()) == []


def test_circuits_are_judged_against_the_target_or_the_model():
    # AND is the target, but the network adds h1 = A*¬B to h0 = A*B and gives A (D01).
    network = PlainNetwork([[[1, 1], [1, -1]], [[1, 1]]], [[-1, 0], [0]], "relu")
    assert [plain.rounded_output(network, row) for row in ROWS] == [0, 0, 1, 1]
    # The target is what h0 gives alone, or with an h1 that reads B only and is never above 0.
    by_target = replace(plain.strict(), reference="target")
    assert as_set(plain.perfect_circuits(network, TABLES["AND"], by_target)) == as_set(
        [[["11", "00"], ["10"]], [["11", "01"], ["11"]]]
    )
    # The model is the whole, or h1 = A with an h0 that reads B only and is never above 0.
    by_model = replace(plain.strict(), reference="model")
    assert as_set(plain.perfect_circuits(network, TABLES["AND"], by_model)) == as_set(
        [[["11", "11"], ["11"]], [["01", "10"], ["11"]]]
    )


@pytest.mark.parametrize(
    ("output", "is_right"), [(0.6, True), (1.4, True), (0.5, False), (1.6, False), (-1, False)]
)
def test_output_is_rounded_to_the_nearest_integer(output, is_right):
    # One neuron, always on: 1.6 is 2 and wrong; a tie goes to the even neighbour, 0.5 to 0.
    network = PlainNetwork([[[0]]], [[output]], "identity")
    rules = replace(plain.strict(), reference="target")
    assert (plain.perfect_circuits(network, [1, 1], rules) == [[["1"]]]) == is_right


def test_minimal_circuits_of_the_hand_network():
    # GONE is inside DEAD_BELOW_H0, DEAD_BELOW_H1 and WHOLE. SUM is inside WHOLE, and GONE is not
    # inside SUM: it has the edge from h1 to u0.
    every = [WHOLE, DEAD_BELOW_H0, GONE, SUM, DEAD_BELOW_H1]
    assert plain.minimal_circuits(every) == [GONE, SUM]
    assert plain.minimal_circuits([WHOLE, DEAD_BELOW_H0, DEAD_BELOW_H1]) == [
        DEAD_BELOW_H0,
        DEAD_BELOW_H1,
    ]
    assert plain.minimal_circuits([WHOLE]) == [WHOLE]
    assert plain.minimal_circuits([]) == []


def test_kept_edges():
    assert plain.kept_edges(GONE) == {
        *[(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)],  # A and B to h0 and h1
        *[(1, 0, 0), (1, 0, 1)],  # h0 and h1 to u0
        (2, 0, 0),  # u0 to y
    }


def test_accuracy_on_a_sample():
    # Of noisy inputs. (0.9, 0.2): h0 = 1.1, h1 = 0.1, u0 = 0.9 and y = 0.9: 1. (0.9, 0.8): h0 =
    # 1.7, h1 = 0.7, u0 = 0.3, u1 = 0.4 and y = 0. (0.75, 0.5): h0 = 1.25, h1 = 0.25, u0 = 0.75,
    # u1 = 0 and y = 0.75: 1, where the clean bits 11 ask for 0.
    noisy = [((0.9, 0.2), 1, 1), ((0.9, 0.8), 0, 1), ((0.75, 0.5), 0, 1)]
    assert plain.accuracy(HAND, noisy) == Fraction(2, 3)
    # y = h0 is 1.1, 1.7 and 1.25, rounded 1, 2 and 1.
    h0_alone = [["11", "00"], ["10", "00"], ["10"]]
    assert plain.accuracy(HAND, noisy, h0_alone) == Fraction(1, 3)
    # Of Boolean rows: h0 is wrong on 11 alone.
    rows = [(row, bit, times) for row, bit, times in zip(ROWS, XOR, [1, 2, 0, 4], strict=True)]
    assert plain.accuracy(HAND, rows) == 1
    assert plain.accuracy(HAND, rows, h0_alone) == Fraction(3, 7)
    for empty in [[], [((0, 0), 0, 0)]]:
        with pytest.raises(ValueError, match="empty sample"):
            plain.accuracy(HAND, empty)


@pytest.mark.parametrize(
    ("times", "n_circuits"),
    # Right 99 times of 100 is not above 99%; 100 times of 101 is.
    [((33, 33, 1, 33), 2), ((33, 33, 1, 34), 4), ((1, 1, 0, 1), 4), ((0, 0, 0, 1), 4)],
)
def test_circuits_are_judged_on_a_sample(times, n_circuits):
    # The network of the test above: h0 = relu(A + B - 1), h1 = relu(A - B), y = h0 + h1, which is
    # A. Two circuits are AND on all rows. Two are A, wrong on 10 only: the whole and h1 = A with
    # h0 = relu(B - 1). All others are wrong on 11: 0 or 2 instead of 1.
    network = PlainNetwork([[[1, 1], [1, -1]], [[1, 1]]], [[-1, 0], [0]], "relu")
    is_and = [[["11", "00"], ["10"]], [["11", "01"], ["11"]]]
    is_a = [[["11", "11"], ["11"]], [["01", "10"], ["11"]]]
    rules = replace(plain.strict(), reference="sample")
    sample = list(zip(ROWS, TABLES["AND"], times, strict=True))
    found = plain.perfect_circuits(network, TABLES["AND"], rules, sample)
    assert as_set(found) == as_set([*is_and, *is_a][:n_circuits])
    with pytest.raises(ValueError, match="on a sample"):
        plain.perfect_circuits(network, TABLES["AND"], rules)


def test_circuits_are_judged_on_noisy_inputs():
    # y = relu(A + B - 1) as one neuron, and y = relu(A) or relu(B) cannot be: inputs keep an edge.
    network = PlainNetwork([[[1, 1]]], [[-1]], "relu")
    rules = replace(plain.strict(), reference="sample")
    good = [((0.9, 0.8), 1, 1), ((1.2, -0.1), 0, 1)]  # y = 0.7 and 0.1
    assert plain.perfect_circuits(network, TABLES["AND"], rules, good) == [[["11"]]]
    bad = [*good, ((0.8, 0.6), 1, 1)]  # y = 0.4: AND of 11, with noise, is missed
    assert plain.perfect_circuits(network, TABLES["AND"], rules, bad) == []
    ninety_nine = [(good[0][0], 1, 99), bad[2]]
    assert plain.perfect_circuits(network, TABLES["AND"], rules, ninety_nine) == []
    hundred = [(good[0][0], 1, 100), bad[2]]
    assert plain.perfect_circuits(network, TABLES["AND"], rules, hundred) == [[["11"]]]


# Interpretations ---------------------------------------------------------------------------------


def interpretation_list(network, edges, inputs=None):
    return list(plain.interpretations(network, edges, inputs=inputs))


# h0 is read as OR (between 0 and 1) or as AND (between 1 and 2); h1 as AND, its only gap.
H0_OR = {(1, 0): (0.5, (0, 1, 1, 1)), (1, 1): (0.5, (0, 0, 0, 1))}
H0_AND = {(1, 0): (1.5, (0, 0, 0, 1)), (1, 1): (0.5, (0, 0, 0, 1))}


def test_interpretation_of_the_circuit_without_u1():
    # u0 is 0 1 1 0. Were h0 AND, inputs 00 and 01 would give the parent bits 00, u0's bits 0 and
    # 1: a clash. With OR, (h0, h1) is 00, 10, 10, 11 and 01 is free; with 1 there, u0 would be
    # XOR of its two parents, so only NIMP is left. y copies u0.
    nimp = (0, 0, 1, 0)
    assert interpretation_list(HAND, GONE) == [
        {**H0_OR, (2, 0): (0.5, nimp), (3, 0): (0.5, (0, 1))}
    ]
    assert plain.count_interpretations(HAND, GONE) == (1, 1)


def test_interpretations_of_the_whole_network():
    # As before h0 is OR and u0 NIMP. u1 is 0 0 0 1: parents 00, 10 -> 0 and 11 -> 1, and 01 is
    # free: AND, or a copy of h1. y is 0 1 1 0 and (u0, u1) is 00, 10, 10, 01, with 11 free: NIMP,
    # or a copy of u0. Two times two; one, if free rows do not count.
    found = interpretation_list(HAND, WHOLE)
    assert len(found) == 4
    for u1 in [(0, 0, 0, 1), (0, 1, 0, 1)]:
        for y in [(0, 0, 1, 0), (0, 0, 1, 1)]:
            deeper = {(2, 0): (0.5, (0, 0, 1, 0)), (2, 1): (0.5, u1), (3, 0): (0.5, y)}
            assert {**H0_OR, **deeper} in found
    assert plain.count_interpretations(HAND, WHOLE) == (4, 1)


def test_interpretations_where_u0_copies_h0():
    # u0 = h0 is 0 1 1 2 with h0 as its one parent: they have to be cut at the same height. Cut
    # between 1 and 2, both are AND, as is u1, and y's inputs 00 and 01 clash. Cut between 0 and
    # 1, u1 has its two gates as above; (u0, u1) is 00, 10, 10, 11, where y = 0 1 1 0 leaves 01
    # free, and 1 there would make y an XOR.
    found = interpretation_list(HAND, SUM)
    assert len(found) == 2
    for u1 in [(0, 0, 0, 1), (0, 1, 0, 1)]:
        deeper = {(2, 0): (0.5, (0, 1)), (2, 1): (0.5, u1), (3, 0): (0.5, (0, 0, 1, 0))}
        assert {**H0_OR, **deeper} in found
    assert plain.count_interpretations(HAND, SUM) == (2, 1)


def test_a_reading_may_choose_any_gap():
    # An AND of AND-like neurons: y = relu(h0 - 1) with h0 = A + B. h0 as AND: y copies it. h0 as
    # OR: inputs 01 and 11 clash.
    network = PlainNetwork([[[1, 1]], [[1]]], [[0], [-1]], "relu")
    edges = [["11"], ["1"]]
    assert interpretation_list(network, edges) == [
        {(1, 0): (1.5, (0, 0, 0, 1)), (2, 0): (0.5, (0, 1))}
    ]


def test_a_circuit_with_a_dead_neuron_has_no_interpretation():
    for edges in [DEAD_BELOW_H0, DEAD_BELOW_H1]:
        assert interpretation_list(HAND, edges) == []
        assert plain.count_interpretations(HAND, edges) == (0, 0)
        assert plain.multiply_interpretations(HAND, edges) == (0, 0)


def test_a_constant_output_has_no_interpretation():
    # y = (A + B) / 10 rounds to 0 everywhere: perfect for FALSE, but nothing to read at y.
    network = PlainNetwork([[[1, 1]], [[0.1]]], [[0], [0]], "relu")
    edges = [["11"], ["1"]]
    assert plain.perfect_circuits(network, [0, 0, 0, 0], plain.strict()) == [edges]
    assert interpretation_list(network, edges) == []


def test_the_output_is_read_from_its_rounded_value():
    # y = 0.4 A + 0.3 B + 0.15 takes four values and rounds to 0, 0, 1, 1: one separator.
    network = PlainNetwork([[[0.4, 0.3]]], [[0.15]], "identity")
    assert interpretation_list(network, [["11"]]) == [{(1, 0): (0.5, (0, 0, 1, 1))}]
    # With 0.6 for 0.15 it still takes four values, but rounds to 1 everywhere.
    assert interpretation_list(replace(network, biases=[[0.6]]), [["11"]]) == []


def test_separators_are_midpoints_of_gaps():
    assert plain.separators([0, 2, 1, 1], 1e-9) == [0.5, 1.5]
    assert plain.separators([3, -1, 0, 7], 1e-9) == [-0.5, 1.5, 5]
    assert plain.separators([4, 4, 4, 4], 1e-9) == []


def test_ties():
    assert plain.separators([0.0, 1e-9], 1e-9) == []
    assert plain.separators([0.0, 1.1e-9], 1e-9) == [0.55e-9]
    # A level grows neighbour by neighbour: 0, 1, 2 belong together, 3.5 does not.
    assert plain.separators([2, 0, 3.5, 1], 1) == [2.75]


@pytest.mark.parametrize(("difference", "n_separators"), [(0, 2), (5e-10, 2), (2e-9, 3)])
def test_ties_between_inputs(difference, n_separators):
    # h0 = A + (1 + difference) B: do 01 and 10 share a level? y copies h0, rounded: 0 1 1 2.
    network = PlainNetwork([[[1, 1 + difference]], [[1]]], [[0], [0]], "identity")
    values = [plain.forward(network, row)[1][0] for row in ROWS]
    assert len(plain.separators(values, 1e-9)) == n_separators
    # y has separators 0.5 and 1.5; each agrees with the one of h0 that cuts at the same height.
    found = {(i[1, 0][1], i[2, 0][1]) for i in interpretation_list(network, [["11"], ["1"]])}
    assert found == {((0, 1, 1, 1), (0, 1)), ((0, 0, 0, 1), (0, 1))}


def test_a_negative_weight_reads_as_negation():
    # h0 = 1 - A; y = 1 - h0. Gates have one row per parent's bit, and in the first layer one per
    # input row, though B has no edge.
    network = PlainNetwork([[[-1, 0]], [[-1]]], [[1], [1]], "identity")
    assert interpretation_list(network, [["10"], ["1"]]) == [
        {(1, 0): (0.5, (1, 1, 0, 0)), (2, 0): (0.5, (1, 0))}
    ]


def test_noisy_inputs_are_truncated_and_the_last_of_a_row_stands_for_it():
    noisy = [
        (0.95, 1.1),  # 01: what is behind the point goes
        (-0.2, 1.3),  # 01 again, later
        (2.4, 1.0),  # 11: clipped
        (1.0, -1.6),  # 10: towards zero, then clipped
    ]
    # No input became 00.
    assert plain.noisy_representatives(noisy) == [[0, 0], [-0.2, 1.3], [1, -1.6], [2.4, 1]]
    assert plain.noisy_representatives([(0.95, 0.99)])[0] == [0.95, 0.99]
    assert plain.noisy_representatives([]) == [list(row) for row in ROWS]
    assert plain.noisy_representatives([(1.5,), (-3,)], n_inputs=1) == [[-3], [1.5]]


def test_interpretations_read_from_noisy_inputs():
    # 11 with noise, (0.95, 1.1), stands for 01: h0 = 2.05, h1 = 1.05, u0 = 0, y = 0. The others
    # are clean. So over the rows h0 is 0 2.05 1 2, h1 is 0 1.05 0 1, and u0 and y are 0 0 1 0.
    # h0 can be 0111, 0101 or 0100, and h1 0101 or 0100. Without h0 = 0111, the rows 00 and 10 give
    # the same parent bits; with h1 = 0100, the rows 10 and 11 do. This leaves (h0, h1) = 00 11 10
    # 11, where 01 is free and XOR not admitted: NIMP as ever, but h1 now reads as B.
    inputs = plain.noisy_representatives([(0.95, 1.1)])
    expected = {
        (1, 0): (0.5, (0, 1, 1, 1)),
        (1, 1): (0.5, (0, 1, 0, 1)),
        (2, 0): (0.5, (0, 0, 1, 0)),
        (3, 0): (0.5, (0, 1)),
    }
    assert interpretation_list(HAND, GONE, inputs) == [expected]
    assert plain.count_interpretations(HAND, GONE, inputs=inputs) == (1, 1)
    assert plain.multiply_interpretations(HAND, GONE, inputs=inputs) == (1, 1)


def test_a_first_layer_gate_of_noisy_inputs_is_a_table_over_the_rows():
    # h0 = A, without an edge from B, takes four values: two within A = 0, two within A = 1. So it
    # can be cut in three places, and y copies it where the rounded output is cut there as well.
    network = PlainNetwork([[[1, 0]], [[1]]], [[0], [0]], "identity")
    inputs = [[0.0, 0.0], [0.75, 1.0], [1.0, 0.0], [1.75, 1.0]]
    # y is rounded to 0 1 1 2: h0 as 0111 or as 0001, and not as 0011.
    assert interpretation_list(network, [["10"], ["1"]], inputs) == [
        {(1, 0): (0.375, (0, 1, 1, 1)), (2, 0): (0.5, (0, 1))},
        {(1, 0): (1.375, (0, 0, 0, 1)), (2, 0): (1.5, (0, 1))},
    ]
    # XNOR, though, stays out in the first layer too: with 11 standing for 00, A + B is 2 1 1 2.
    network = PlainNetwork([[[1, 1]]], [[0]], "identity")
    inputs = [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert interpretation_list(network, [["11"]], inputs) == []


def test_the_rounded_output_on_noisy_inputs():
    network = PlainNetwork([[[1, 1]]], [[0]], "identity")
    # All alike: 1.2, 1, 1 and 0.9 round to 1, so there is nothing to read.
    inputs = [[0.6, 0.6], [0.0, 1.0], [1.0, 0.0], [0.4, 0.5]]
    assert interpretation_list(network, [["11"]], inputs) == []
    # 0, 1, 1 and 2.7, rounded 3: two separators.
    inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.4, 1.3]]
    assert interpretation_list(network, [["11"]], inputs) == [
        {(1, 0): (0.5, (0, 1, 1, 1))},
        {(1, 0): (2, (0, 0, 0, 1))},
    ]


def test_gates_fill_free_rows():
    assert list(plain.gates(1, {(0,): 1, (1,): 0})) == [(1, 0)]
    assert list(plain.gates(1, {(0,): 1})) == [(1, 0), (1, 1)]
    # Three parents, four rows reached: 2 ** 4 gates.
    reached = {(0, 0, 0): 0, (0, 1, 1): 1, (1, 0, 1): 1, (1, 1, 1): 0}
    found = list(plain.gates(3, reached))
    assert len(set(found)) == len(found) == 16
    assert all((g[0], g[3], g[5], g[7]) == (0, 1, 1, 0) for g in found)


def test_gates_of_two_parents_are_never_xor_or_xnor():
    assert list(plain.gates(2, {(0, 0): 0, (0, 1): 1, (1, 0): 1})) == [(0, 1, 1, 1)]
    assert list(plain.gates(2, {(0, 0): 1, (0, 1): 0, (1, 1): 1})) == [(1, 0, 1, 1)]
    assert list(plain.gates(2, dict(zip(ROWS, XOR, strict=True)))) == []
    assert list(plain.gates(2, dict(zip(ROWS, [1, 0, 0, 1], strict=True)))) == []
    assert len(list(plain.gates(2, {}))) == 14
    # Three parents may well be a parity.
    parity = {row: sum(row) % 2 for row in plain.input_rows(3)}
    assert list(plain.gates(3, parity)) == [(0, 1, 1, 0, 1, 0, 0, 1)]


def test_two_parents_that_would_need_xor_are_read_another_way():
    # h0 = A*¬B, h1 = ¬A*B and y = h0 + h1. The row 11 is free, and XOR not admitted: y is OR.
    network = PlainNetwork([[[1, -1], [-1, 1]], [[1, 1]]], [[0, 0], [0]], "relu")
    assert [plain.rounded_output(network, row) for row in ROWS] == XOR
    found = interpretation_list(network, [["11", "11"], ["11"]])
    assert [interpretation[2, 0][1] for interpretation in found] == [(0, 1, 1, 1)]
    # h0 = A, h1 = B, h2 = A*B and y = h0 + h1 - 2 h2: with three parents XOR of the first two is
    # admitted, among the fillings of the four rows that no input reaches.
    network = PlainNetwork(
        [[[1, 0], [0, 1], [1, 1]], [[1, 1, -2]]], [[0, 0, -1], [0]], activation="relu"
    )
    found = interpretation_list(network, [["10", "01", "11"], ["111"]])
    assert len(found) == 2**4
    assert (0, 0, 1, 1, 1, 1, 0, 0) in [interpretation[2, 0][1] for interpretation in found]


def test_counting_stops_at_the_limit():
    assert plain.count_interpretations(HAND, WHOLE, limit=4) == (4, 1)
    with pytest.raises(OverflowError, match="more than 3 interpretations"):
        plain.count_interpretations(HAND, WHOLE, limit=3)


def test_counting_can_stop_early_where_a_list_would_never_end():
    # Six copies of A below y: 2 of the 64 rows are reached, so 2 ** 62 gates.
    network = PlainNetwork([[[1, 0]] * 6, [[1] + [0] * 5]], [[0] * 6, [0]], "relu")
    edges = [["10"] * 6, ["1" * 6]]
    with pytest.raises(OverflowError):
        plain.count_interpretations(network, edges, limit=1000)
    assert plain.multiply_interpretations(network, edges) == (2**62, 1)


def test_listing_and_multiplying_agree_on_trained_networks():
    for name in ["xor-k2-0", "xor-k2-1", "xor-k3-1"]:
        network, target, _ = load(name, 0)
        rules = plain.strict() if "k2" in name else plain.released(3)
        for edges in plain.perfect_circuits(network, target, rules):
            listed = plain.count_interpretations(network, edges)
            assert listed == plain.multiply_interpretations(network, edges)


def simulate(edges, interpretation, row):
    """Runs a circuit's gates on one input row; returns the bit of every neuron."""
    bits = {(0, i): bit for i, bit in enumerate(row)}
    for (layer, index), (_, gate) in interpretation.items():
        string = edges[layer - 1][index]
        if layer == 1:
            parents = row
        else:
            parents = [bits[layer - 1, i] for i, mark in enumerate(string) if mark == "1"]
        bits[layer, index] = gate[int("".join(map(str, parents)), 2)]
    return bits


def test_interpretations_of_a_trained_network_run_like_the_network():
    network, target, _ = load("xor-k3-3", 0)
    for edges in plain.perfect_circuits(network, target, plain.released(3))[:20]:
        found = interpretation_list(network, edges)
        reached = set()
        for interpretation in found:
            runs = [simulate(edges, interpretation, row) for row in ROWS]
            for row, bits in zip(ROWS, runs, strict=True):
                activations = plain.forward(network, row, edges)
                for (layer, index), (separator, _) in interpretation.items():
                    assert bits[layer, index] == (activations[layer][index] > separator)
            reached.add(tuple(tuple(bits.items()) for bits in runs))
        # No two are equal, and those with equal runs differ on rows that no input reaches.
        assert len({tuple(i.items()) for i in found}) == len(found)
        assert plain.count_interpretations(network, edges) == (len(found), len(reached))


# Formulas ----------------------------------------------------------------------------------------


def printed(target, rule, depth=3):
    return [plain.formula_text(f) for f in plain.formulas(target, rule, depth)]


def test_printing():
    assert plain.formula_text(A) == "A"
    assert plain.formula_text(("¬", A)) == "¬A"
    assert plain.formula_text(("+", A, ("¬", B))) == "A+¬B"
    assert plain.formula_text(NOT_AND_TIMES_OR) == "¬(A*B)*(A+B)"
    assert plain.formula_text(("¬", NOT_AND_TIMES_OR)) == "¬(¬(A*B)*(A+B))"
    assert plain.formula_text(("*", ("+", ("*", A, B), B), A)) == "((A*B)+B)*A"


def test_evaluation_with_and_without_forced_nodes():
    assert [plain.evaluate(NOT_AND_TIMES_OR, row) for row in ROWS] == XOR
    # The paths: (0,) is ¬(A*B), (0, 0) is A*B, (1,) is A+B.
    for path, value, table in [
        ((0,), 1, [0, 1, 1, 1]),
        ((0, 0), 1, [0, 0, 0, 0]),
        ((1,), 1, [1, 1, 1, 0]),
        ((1, 0), 1, [1, 1, 1, 0]),
        ((), 1, [1, 1, 1, 1]),
    ]:
        assert [plain.evaluate(NOT_AND_TIMES_OR, row, {path: value}) for row in ROWS] == table


def test_small_trees_on_paper():
    # Depth 2 on top of A*B and A+B (called P and Q): P or Q with B; "A*B" sorts after "A", so A
    # may only stand right of it where depth decides; and P with Q.
    assert [plain.formula_text(t) for t in plain.trees(2, "released", 2)] == [
        *("A", "B", "A*B", "A+B"),
        *("(A*B)*B", "(A*B)+B", "(A*B)*(A+B)", "(A*B)+(A+B)", "(A+B)*B", "(A+B)+B"),
    ]
    assert [plain.formula_text(t) for t in plain.trees(2, "text", 2)] == [
        *("A", "B", "A*B", "A+B", "(A*B)*A", "(A*B)+A"),
        *("(A*B)*B", "(A*B)+B", "(A*B)*(A+B)", "(A*B)+(A+B)"),
        *("(A+B)*A", "(A+B)+A", "(A+B)*B", "(A+B)+B"),
    ]


def test_number_of_trees():
    assert len(plain.trees(2, "released")) == 88
    assert len(plain.trees(2, "text")) == 184
    assert plain.trees(2, "strict") == plain.trees(2, "text")


def test_no_tree_comes_twice_up_to_the_order_of_children():
    def unordered(tree):
        return tree if len(tree) == 1 else (tree[0], frozenset(map(unordered, tree[1:])))

    every = plain.trees(2, "text")
    assert len(set(map(unordered, every))) == len(every)
    assert set(plain.trees(2, "released")) < set(every)


def test_nots_are_numbered_in_pre_order():
    tree = ("*", ("*", A, B), ("+", A, B))
    texts = [plain.formula_text(plain.place_nots(tree, [i])) for i in range(7)]
    assert texts == [
        "¬((A*B)*(A+B))",
        "¬(A*B)*(A+B)",
        "(¬A*B)*(A+B)",
        "(A*¬B)*(A+B)",
        "(A*B)*¬(A+B)",
        "(A*B)*(¬A+B)",
        "(A*B)*(A+¬B)",
    ]


def test_the_first_working_placement_has_fewest_nots_and_smallest_numbers():
    # AND on the tree A+B takes three; nothing less does.
    assert printed(TABLES["AND"], "text", 1) == ["A*B", "¬(¬A+¬B)"]
    # NIMP on A*B: NOT over B; on A+B: over the root and A.
    assert printed([0, 0, 1, 0], "text", 1) == ["A*¬B", "¬(¬A+B)"]
    # XNOR on (A*B)*(A+B) has the NOTs 0 and 1; (A*B)+(A+B) only 4.
    assert printed([1, 0, 0, 1], "text", 2) == ["¬(¬(A*B)*(A+B))", "(A*B)+¬(A+B)"]


def test_formulas_for_xor_at_depth_two():
    # A gate of A and B combined with A or with B is never XOR, so only the two trees over both
    # A*B and A+B work.
    twins = ["¬(A*B)*(A+B)", "¬((A*B)+¬(A+B))"]
    assert printed(XOR, "released", 2) == printed(XOR, "text", 2) == twins
    assert printed(XOR, "text", 1) == []
    # Eight placements work in all. Half of them are the first in disguise, such as
    # ¬(¬A*¬B)*(¬A+¬B), and half are the textbook's (A*¬B)+(¬A*B) in disguise.
    strict = plain.formulas(XOR, "strict", 2)
    assert [plain.formula_text(f) for f in strict] == [twins[0], "¬(¬(¬A*B)*(¬A+B))"]
    textbook = ("+", ("*", A, ("¬", B)), ("*", ("¬", A), B))
    assert plain.without_or(strict[1]) == plain.without_or(textbook)


def test_twins_at_depth_two():
    # At depth 2 every formula of text for AND has its twin right behind it.
    text = plain.formulas(TABLES["AND"], "text", 2)
    assert [plain.formula_text(f) for f in text] == [
        *("A*B", "¬(¬A+¬B)", "(A*B)*A", "¬(¬(A*B)+¬A)", "(A*B)*B", "¬(¬(A*B)+¬B)"),
        *("(A*B)*(A+B)", "¬(¬(A*B)+¬(A+B))", "(¬A+B)*A", "¬(¬(¬A+B)+¬A)"),
        *("(A+¬B)*B", "¬(¬(A+¬B)+¬B)"),
    ]
    classes = [plain.without_or(f) for f in text]
    assert classes[::2] == classes[1::2]
    assert len(set(classes)) == 6
    # (A*B)+A and (A+B)*A are A both, but not by De Morgan.
    both = [f for f in plain.formulas([0, 0, 1, 1], "text", 2) if len(f) == 3]
    assert len({plain.without_or(f) for f in both}) == len(both) > 1


@pytest.mark.parametrize(("gate", "expected"), [("XOR", 59), ("AND", 135)])
def test_number_of_classes_of_twins(gate, expected):
    listed = plain.formulas(TABLES[gate], "text")
    assert len({plain.without_or(formula) for formula in listed}) == expected


def test_leaves_are_formulas_too():
    assert printed([0, 0, 1, 1], "text", 1) == ["A"]
    assert printed([1, 0, 1, 0], "text", 1) == ["¬B"]
    # (A*B)*A is A where A*B has become ¬(¬A*B); (A*B)+A is A as it stands.
    assert printed([0, 0, 1, 1], "text", 2)[:3] == ["A", "¬(¬A*B)*A", "(A*B)+A"]


def test_formulas_with_three_inputs():
    # A*B*C needs depth 2: (A*B)*C, (A*C)*B, (B*C)*A, and pairs like (A*B)*(A*C).
    found = printed([0] * 7 + [1], "text", 2)
    assert "(A*B)*C" in found
    assert "(A*B)*(A*C)" in found
    assert all("C" in formula for formula in found)


@pytest.mark.parametrize(
    ("gate", "rule", "expected"),
    [
        ("XOR", "released", 56),
        ("AND", "released", 86),
        ("OR", "released", 86),
        ("XOR", "text", 132),
        ("AND", "text", 182),
        ("OR", "text", 182),
        ("XOR", "strict", 358),
        pytest.param("AND", "strict", 1_167, marks=pytest.mark.slow),
        pytest.param("OR", "strict", 1_167, marks=pytest.mark.slow),
    ],
)
def test_number_of_formulas(gate, rule, expected):
    found = plain.formulas(TABLES[gate], rule)
    assert len(found) == len(set(found)) == expected
    assert all(plain.computes(formula, TABLES[gate]) for formula in found)


@pytest.mark.slow
@pytest.mark.parametrize(("gate", "expected"), [("XOR", 7_368), ("AND", 24_930)])
def test_number_of_placements_before_merging(gate, expected):
    every = [
        f for t in plain.trees(2, "strict") for f in plain.working_placements(t, TABLES[gate])
    ]
    assert len(every) == len(set(every)) == expected
    # Each class is represented by its first member.
    first = {}
    for formula in every:
        first.setdefault(plain.without_or(formula), formula)
    assert plain.formulas(TABLES[gate], "strict") == list(first.values())


def test_no_rule_pairs_a_tree_with_itself():
    # (A*¬B)+(¬A*B) would need the children A*B and A*B.
    for rule in ["released", "text"]:
        assert "(A*¬B)+(¬A*B)" not in printed(XOR, rule)


def test_de_morgan_twins_are_one_class():
    def same(first, second):
        return plain.without_or(first) == plain.without_or(second)

    p, q = ("*", A, B), ("+", A, B)
    assert same(NOT_AND_TIMES_OR, ("¬", ("+", p, ("¬", q))))
    assert same(("+", A, B), ("¬", ("*", ("¬", B), ("¬", A))))
    assert same(("*", A, B), ("*", B, A))
    assert not same(("*", A, B), ("+", A, B))
    # Equal as functions, but another tree.
    assert not same(("*", ("*", A, B), B), ("*", A, B))
    assert plain.without_or(("+", A, ("¬", B))) == ("¬", ("*", B, ("¬", A)))


@pytest.mark.parametrize(
    ("formula", "operators", "binary"),
    [
        (A, [], []),
        (("*", A, B), [], []),
        # The root and what stands under its NOT are the output.
        (("¬", ("*", A, B)), [], []),
        # A negated input is a variable only if NOTs count.
        (("+", ("¬", A), B), [(0,)], []),
        # ¬(A*B) stands for A*B as well; under the other rule it is the other way round.
        (NOT_AND_TIMES_OR, [(0,), (1,)], [(0, 0), (1,)]),
        (("¬", NOT_AND_TIMES_OR), [(0, 0), (0, 1)], [(0, 0, 0), (0, 1)]),
        # ((A*¬B)+B)*¬(A*B): pre-order, and both occurrences of A*B-like nodes are there.
        (
            ("*", ("+", ("*", A, ("¬", B)), B), ("¬", ("*", A, B))),
            [(0,), (0, 0), (0, 0, 1), (1,)],
            [(0,), (0, 0), (1, 0)],
        ),
    ],
)
def test_intermediate_variables(formula, operators, binary):
    assert plain.intermediate_variables(formula, "operators") == operators
    assert plain.intermediate_variables(formula, "binary") == binary


# Mappings ----------------------------------------------------------------------------------------


def test_base_source_pairs():
    assert len(plain.base_source_pairs(2, "all")) == 16
    assert plain.base_source_pairs(2, "source_before_base") == [
        ((0, 1), (0, 0)),
        ((1, 0), (0, 0)),
        ((1, 0), (0, 1)),
        ((1, 1), (0, 0)),
        ((1, 1), (0, 1)),
        ((1, 1), (1, 0)),
    ]


AND_NODE, OR_NODE = (0, 0), (1,)  # of ¬(A*B)*(A+B)


@pytest.mark.parametrize(
    ("variable", "layer", "neurons", "all_pairs", "six_pairs"),
    [
        # h1 is 1 where A*B is: with h1 forced, y > 0.5 exactly if h1 = 0 and h0 >= 1.
        (AND_NODE, 1, (1,), Fraction(1), Fraction(1)),
        (OR_NODE, 1, (0,), Fraction(1), Fraction(1)),
        # u0 for A+B fails only with source 11, where u0 is 0 but A+B is 1, and where it shows:
        # on the bases 00, 01, 10 (on 11 both give 0). No source 11 comes before a base.
        (OR_NODE, 2, (0,), Fraction(13, 16), Fraction(1)),
        # u1 for A*B: y is 1 where u0(base) = 1 and u1(source) = 0, the formula where A+B is 1 on
        # the base and A*B is 0 on the source. They part on base 11, whose u0 is 0, for the
        # sources 00, 01 and 10.
        (AND_NODE, 2, (1,), Fraction(13, 16), Fraction(3, 6)),
        # Both neurons of a layer: y becomes XOR of the source; the formula gives 1 where A+B is 1
        # on the base and A*B is 0 on the source. They part for source 00 on the bases 01, 10 and
        # 11, and for the sources 01 and 10 on base 00.
        (AND_NODE, 1, (0, 1), Fraction(11, 16), Fraction(3, 6)),
        (AND_NODE, 2, (0, 1), Fraction(11, 16), Fraction(3, 6)),
    ],
)
def test_iia_by_hand(variable, layer, neurons, all_pairs, six_pairs):
    arguments = (HAND, NOT_AND_TIMES_OR, variable, layer, neurons)
    assert plain.iia(*arguments, "all") == all_pairs
    assert plain.iia(*arguments, "source_before_base") == six_pairs


def test_a_variable_and_its_complement_have_the_same_places():
    for layer in [1, 2]:
        for neurons in [(0,), (1,), (0, 1)]:
            complement, itself = (
                plain.iia(HAND, NOT_AND_TIMES_OR, path, layer, neurons, "all")
                for path in [(0,), AND_NODE]
            )
            assert complement == itself


def test_mappings_of_the_hand_network():
    # A*B lives at h1. A+B lives at h0, and with 6 pairs at u0 as well (D04).
    h0, h1, u0 = (1, (0,)), (1, (1,)), (2, (0,))
    strict, released = plain.strict(), plain.released(2)
    assert plain.minimal_mappings(HAND, NOT_AND_TIMES_OR, strict) == [[h1, h0]]
    assert plain.minimal_mappings(HAND, NOT_AND_TIMES_OR, released) == [[h1, h0], [h1, u0]]


def test_every_place_has_to_tell_a_from_b():
    # All neurons treat 01 and 10 alike; A*¬B does not.
    formula = ("+", ("*", A, ("¬", B)), ("*", ("¬", A), B))
    assert plain.computes(formula, XOR)
    assert plain.valid_sets(HAND, formula, (0,), "all") == []
    assert plain.minimal_mappings(HAND, formula, plain.strict()) == []


def test_a_formula_without_variables_has_one_empty_mapping():
    network = PlainNetwork([[[1, 1]], [[1]]], [[-1], [0]], "relu")
    for rules in [plain.released(1), plain.text(), plain.strict()]:
        assert plain.minimal_mappings(network, ("*", A, B), rules) == [[]]


# h0 = A + B, h1 = AND, h2 = A with no influence at all; y = h0 - 2 h1.
WITH_IDLE_NEURON = PlainNetwork(
    [[[1, 1], [1, 1], [1, 0]], [[1, -2, 0]]], [[0, -1, 0], [0]], "relu"
)


def test_only_mappings_without_another_inside_are_minimal():
    # The idle neuron can join either set, but not both.
    h0, h1, h0_h2, h1_h2 = (1, (0,)), (1, (1,)), (1, (0, 2)), (1, (1, 2))
    arguments = (WITH_IDLE_NEURON, NOT_AND_TIMES_OR, plain.strict())
    assert plain.perfect_mappings(*arguments) == [[h1, h0], [h1, h0_h2], [h1_h2, h0]]
    assert plain.minimal_mappings(*arguments) == [[h1, h0]]


def test_the_variable_above():
    # Of ((A*B)+B)*¬((A+B)*A), with NOT as a variable and the path (1, 0) as none.
    variables = [(0,), (0, 0), (1,), (1, 0, 0)]
    above = [plain.variable_above(variables, variable) for variable in variables]
    assert above == [None, (0,), None, (1,)]


def test_layers_are_ordered_strictly():
    variables = [(0,), (0, 0), (1,)]
    for layers, is_ordered in [
        ((2, 1, 1), True),
        ((2, 1, 3), True),  # (1,) has nothing to do with the others
        ((3, 1, 1), True),
        ((1, 1, 2), False),
        ((1, 2, 2), False),
    ]:
        mapping = [(layer, (i,)) for i, layer in enumerate(layers)]
        assert plain.is_ordered(variables, mapping) == is_ordered
    assert plain.is_ordered([], [])


ORDERED = replace(plain.strict(), layers="ordered")


def test_a_chain_of_variables_in_order():
    # h0 = A*B, h1 = A, h2 = B; u0 = h0*h2, u1 = h1; y = u0*u1: (A*B)*B sits at u0 and A*B at h0.
    # With h0 and h2 forced together u0 is the source's A*B: a place of the outer variable as well,
    # but beside neither place of the inner one. That is also at h1 and h2, which together make y
    # the base's A*B (h0) times the source's, as the formula with A*B forced.
    network = PlainNetwork(
        [[[1, 1], [1, 0], [0, 1]], [[1, 0, 1], [0, 1, 0]], [[1, 1]]],
        [[-1, 0, 0], [-1, 0], [-1]],
        "relu",
    )
    formula = ("*", ("*", ("*", A, B), B), A)
    h0, h0_h2, h1_h2, u0 = (1, (0,)), (1, (0, 2)), (1, (1, 2)), (2, (0,))
    assert plain.valid_sets(network, formula, (0,), "all") == [h0_h2, u0]
    assert plain.valid_sets(network, formula, (0, 0), "all") == [h0, h1_h2]
    for rules in [plain.strict(), ORDERED]:
        assert plain.minimal_mappings(network, formula, rules) == [[u0, h0], [u0, h1_h2]]


def test_mappings_out_of_order_are_not_admitted():
    # y = u0 = h0 = B; h1 = A and u1 = h1 are idle. (A*¬A)*B and A*¬A are never 1, so forcing them
    # does nothing, as forcing idle neurons does.
    formula = ("+", ("*", ("*", A, ("¬", A)), B), B)
    network = PlainNetwork([[[0, 1], [1, 0]], [[1, 0], [0, 1]], [[1, 0]]], [[0, 0]] * 2 + [[0]])
    h1, u1 = (1, (1,)), (2, (1,))
    assert plain.intermediate_variables(formula, "binary") == [(0,), (0, 0)]
    assert plain.minimal_mappings(network, formula, plain.strict()) == [[h1, u1], [u1, h1]]
    assert plain.minimal_mappings(network, formula, ORDERED) == [[u1, h1]]
    # Two idle neurons side by side: neither is below the other.
    network = PlainNetwork([[[0, 1], [1, 0], [1, 0]], [[1, 0, 0]]], [[0, 0, 0], [0]])
    h1, h2 = (1, (1,)), (1, (2,))
    assert plain.minimal_mappings(network, formula, plain.strict()) == [[h1, h2], [h2, h1]]
    assert plain.minimal_mappings(network, formula, ORDERED) == []


def test_variables_side_by_side_may_share_a_layer():
    # A*B at h1, A+B at h0: neither uses the other.
    h0, h1 = (1, (0,)), (1, (1,))
    assert plain.minimal_mappings(HAND, NOT_AND_TIMES_OR, ORDERED) == [[h1, h0]]


def test_sets_of_a_mapping_are_disjoint():
    # ((A*B)+(A+B))*¬(A*B) has A*B twice. Inside the first bracket it changes nothing unless A+B
    # is 0, and A*B is never 1 alone on the six pairs, so idle neurons may realise it there.
    formula = ("*", ("+", ("*", A, B), ("+", A, B)), ("¬", ("*", A, B)))
    rules = plain.released(2)
    valid = [
        plain.valid_sets(WITH_IDLE_NEURON, formula, variable, rules.pairs)
        for variable in plain.intermediate_variables(formula, rules.variables)
    ]
    h0, h1, h2 = (1, (0,)), (1, (1,)), (1, (2,))
    assert [h0 in valid[0], h2 in valid[1], h0 in valid[2], h1 in valid[3]] == [True] * 4
    # (A*B)+(A+B) and A+B would both sit at h0, the only neuron that has them.
    assert plain.minimal_mappings(WITH_IDLE_NEURON, formula, rules) == []
    assert not plain.are_disjoint((1, (0, 2)), (1, (2,)))
    assert plain.are_disjoint((1, (0, 2)), (2, (2,)))


# Everything --------------------------------------------------------------------------------------


def test_explain_the_hand_network():
    found = plain.explain(HAND, XOR, plain.strict())
    assert {key: value for key, value in found.items() if key.startswith("n_")} == {
        "n_candidates": 69,
        "n_circuits": 5,
        "n_interpretations": "7",  # 1 + 0 + 0 + 4 + 2
        "n_interpretations_reachable": "3",
        "n_algorithms": 1,
        "n_mappings": 1,
        "n_mappings_empty": 0,
    }
    assert {"edges": WHOLE, "interpretations": "4"} in found["circuits"]
    formula = {"formula": "¬(A*B)*(A+B)", "steps": "irredundant", "minimal_mappings": 1}
    assert formula in found["formulas"]
    places = [{"layer": 1, "neurons": [1]}, {"layer": 1, "neurons": [0]}]
    assert found["mappings"] == [{"formula": "¬(A*B)*(A+B)", "mapping": places}]


def totals(found):
    names = ["n_circuits", "n_interpretations", "n_interpretations_reachable"]
    return tuple(int(found[name]) for name in [*names, "n_algorithms", "n_mappings"])


def test_explain_by_minimal_circuits():
    # GONE and SUM, with 1 and 2 interpretations.
    rules = replace(plain.strict(), circuits="minimal")
    found = plain.explain(HAND, XOR, rules)
    assert found["n_candidates"] == 69
    assert totals(found) == (2, 3, 2, 1, 1)
    assert [circuit["edges"] for circuit in found["circuits"]] == [GONE, SUM]


def test_explain_with_ordered_layers_and_merged_twins():
    assert totals(plain.explain(HAND, XOR, ORDERED)) == (5, 7, 3, 1, 1)
    # Both ¬(A*B)*(A+B) and ¬((A*B)+¬(A+B)) map, and are counted twice or once.
    text = replace(plain.text(), sparsity_measure=None)
    assert totals(plain.explain(HAND, XOR, text)) == (5, 7, 3, 2, 2)
    merged = replace(text, twins="one")
    assert totals(plain.explain(HAND, XOR, merged)) == (5, 7, 3, 1, 1)


def test_explain_on_a_noisy_sample():
    # Circuits are judged on the sample, and interpretations read from it. 11 with noise falls to
    # 01 as (0.95, 1.1); 0 is asked for, and y is 0. 10 with noise stays there: y is 0.75.
    sample = [((0.0, 0.0), 0, 1), ((0.95, 1.1), 0, 1), ((1.0, 1.0), 0, 1), ((1.0, 0.25), 1, 1)]
    rules = replace(plain.released(2), reference="sample")
    inputs = plain.noisy_representatives([given for given, _, _ in sample])
    assert inputs == [[0, 0], [0.95, 1.1], [1, 0.25], [1, 1]]
    found = plain.explain(HAND, XOR, rules, sample=sample, inputs=inputs)
    assert [circuit["edges"] for circuit in found["circuits"]] == [GONE]
    # h0 is 0 2.05 1.25 2, to be read as 0111, 0101 or 0100, and so is h1, 0 1.05 0.25 1. They
    # tell row 10 from all others if one is 0111 and the other 0101. Either way u0 has one free
    # row, on which XOR is not admitted.
    assert found["n_interpretations"] == "2"
    with pytest.raises(ValueError, match="on a sample"):
        plain.explain(HAND, XOR, rules)


def test_explain_refuses_what_it_cannot_explain():
    two_outputs = PlainNetwork([[[1, 1], [1, 1]]], [[0, 0]])
    with pytest.raises(ValueError, match="several outputs"):
        plain.explain(two_outputs, XOR, plain.strict())
    with pytest.raises(ValueError, match="2 inputs need a target with 4 rows, not 8"):
        plain.explain(HAND, [0] * 8, plain.strict())


# Reference networks ------------------------------------------------------------------------------


def circuit_table(circuits):
    """Interpretations per circuit."""
    table = {json.dumps(c["edges"]): int(c["interpretations"]) for c in circuits}
    assert len(table) == len(circuits)
    return table


@pytest.mark.parametrize(
    ("name", "index", "target"),
    [
        pytest.param(
            *case,
            # The narrow ones, and one of the others: each takes seconds.
            marks=() if "k2" in case[0] or case[0] == "xor-k3-1" else pytest.mark.slow,
            id="-".join(map(str, case)),
        )
        for case in reference_cases()
    ],
)
def test_released_protocol_on_reference_networks(name, index, target):
    network, table, expected = load(name, index)
    found = plain.explain(network, table, plain.released(network.layer_sizes[1]))
    for key in ["n_candidates", "n_circuits", "n_interpretations"]:
        assert found[key] == expected[key], key
    assert circuit_table(found["circuits"]) == circuit_table(expected["circuits"])
    assert [(f["formula"], f["minimal_mappings"]) for f in found["formulas"]] == [
        (f["formula"], f["minimal_mappings_6_pairs"]) for f in expected["formulas"]
    ]
    assert len(expected["mappings_6_pairs"]) < 400  # nothing was left out of the file
    assert found["mappings"] == expected["mappings_6_pairs"]


@pytest.mark.parametrize(("name", "index", "target"), list(reference_cases()))
def test_released_formulas_with_all_pairs_on_reference_networks(name, index, target):
    network, table, expected = load(name, index)
    rules = replace(plain.released(network.layer_sizes[1]), pairs="all")
    assert [
        {
            "formula": plain.formula_text(formula),
            "minimal_mappings": len(plain.minimal_mappings(network, formula, rules)),
        }
        for formula in plain.formulas(table, "released")
    ] == [
        {"formula": f["formula"], "minimal_mappings": f["minimal_mappings_16_pairs"]}
        for f in expected["formulas"]
    ]


@pytest.mark.parametrize(
    ("name", "index", "target"),
    [
        pytest.param(
            *case, marks=() if "k2" in case[0] else pytest.mark.slow, id="-".join(map(str, case))
        )
        for case in reference_cases()
        if "k4" not in case[0]
    ],
)
def test_strict_protocol_on_reference_networks(name, index, target):
    network, table, expected = load(name, index)
    found = plain.explain(network, table, plain.strict())
    assert {key: found[key] for key in expected["strict"]} == expected["strict"]


@pytest.mark.slow
def test_strict_mappings_on_the_wide_reference_network():
    network, table, expected = load("xor-k4-0", 0)
    counts = [
        len(plain.minimal_mappings(network, formula, plain.strict()))
        for formula in plain.formulas(table, "strict")
    ]
    assert sum(n > 0 for n in counts) == expected["strict"]["n_algorithms"]
    assert sum(counts) == expected["strict"]["n_mappings"]
