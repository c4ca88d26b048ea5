"""Perfect circuits of networks with too many to list them, against circuits judged one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import circuit_ids, enumerate_candidates
from identifiability.circuits.codes import codes_of_masks, kept_by_codes, masks_of_codes
from identifiability.circuits.meet_in_the_middle import wanted
from identifiability.circuits.perfect import perfect_circuits, rows_enough
from identifiability.circuits.perfect_codes import (
    FOR_MODEL,
    FOR_SAMPLE,
    FOR_TARGET,
    Perfect,
    is_listed,
    perfect_circuit_codes,
    sparsest,
)
from identifiability.circuits.reach import Reach, every_circuit
from identifiability.circuits.responses import Responses, tabulate
from identifiability.networks.compiled_activations import read_out
from identifiability.stages.circuits import circuits, criteria_of
from identifiability.stages.interpretations import CELL_KEYS, interpretations
from tests.circuits.test_responses import DRAWN, OUTPUTS, SHAPES, random_network
from tests.examples import examples
from tests.test_against_plain import engine, outputs_rounded, trained


def check(network, target, counts, max_hidden=None):
    """Holds the circuits found against those that are judged one by one."""
    sizes = network.layer_sizes
    enough = rows_enough(np.array([counts]))
    model = network.outputs()[0, :, 0].round()
    found = perfect_circuit_codes(
        tabulate(network), np.array(target), model, enough[0], max_hidden
    )
    listed = perfect_circuits(
        network, np.array([target]), enumerate_candidates(sizes, max_hidden), enough
    )
    masks = masks_of_codes(found.code, sizes)
    for bit, verdict in [
        (FOR_TARGET, listed.for_target),
        (FOR_MODEL, listed.for_model),
        (FOR_SAMPLE, listed.for_sample),
    ]:
        own = circuit_ids(sizes, masks)[(found.verdict & bit) > 0]
        assert sorted(own) == sorted(circuit_ids(sizes, listed.masks)[verdict])


def as_verdicts(found):
    """Circuits found, in any order."""
    return dict(zip(found.code.tolist(), found.verdict.tolist(), strict=True))


@examples(80)
@given(
    *DRAWN,
    st.booleans(),
    st.sampled_from(plain.input_rows(4)),
    st.lists(st.sampled_from([1, 3, 300]), min_size=4, max_size=4),
    st.sampled_from([None, 0, 1, 2, 3, 4, 5]),
)
def test_random_networks(seed, sizes, activation, output, coarse, target, counts, max_hidden):
    network = random_network(seed, sizes, activation, output, coarse)
    check(network, target, counts, max_hidden)


@examples(15)
@given(trained("xor-k3-0", "xor-k3-1", "and-k3-0", "imp-k3-0"), st.booleans())
def test_trained_networks(network, capped):
    target = outputs_rounded(network)
    assume(set(target) <= {0, 1})
    check(engine(network), target, [1] * 4, 4 if capped else None)


# Sums on the very limits -------------------------------------------------------------------------


def moved(number, ulps):
    """A number some floats further up or down."""
    for _ in range(abs(ulps)):
        number = np.nextafter(number, np.copysign(np.inf, ulps))
    return float(number)


def made_up_responses(rng, sizes):
    """Tables in which many sums lie on the limits of rounding, or a float or two beside.

    No network has them, but what is found must not depend on where they are from.
    """
    _, first, second, _ = sizes
    output, slope = int(rng.integers(len(OUTPUTS))), float(rng.choice([0.01, 0.0, 1.0]))
    nothing = Responses(sizes, *(np.zeros(0) for _ in range(4)), 0.0, output, slope, np.nan)
    boxes = [wanted(nothing, np.full(4, value)) for value in (-1.0, 0.0, 1.0, 2.0)]
    limits = [float(n) for box in boxes for n in (box.low[0], box.high[0]) if np.isfinite(n)]
    bias = float(rng.choice([0.0, 0.1, *limits]))
    # Twins, zeros, numbers whose sum depends on their order, and shares of what is missing.
    pool = [0.0, 0.1, 0.2, 0.3, -0.3, 1 / 3, 1e-17, 2.0**-53, 1e6, -1e6]
    pool += [moved((n - bias) / parts, d) for n in limits for parts in (1, 2, 3) for d in (-1, 0)]
    shape = (4**first, second, 2**first, 4)
    some = rng.random(shape) < rng.choice([0.0, 0.5, 1.0])
    added = np.where(some, rng.choice(pool, shape), rng.normal(size=shape))
    for _ in range(int(rng.integers(200))):
        # One entry of a circuit makes up for what its others are short of.
        masks, choice, row = rng.integers(2**first, size=second), rng.integers(4**first), 0
        row, neuron = rng.integers(4), rng.integers(second)
        total = bias
        for other in range(second):
            if other != neuron and masks[other]:
                total += added[choice, other, masks[other], row]
        missing = float(rng.choice(limits)) - total
        added[choice, neuron, masks[neuron], row] = moved(missing, int(rng.integers(-2, 3)))
    added[:, :, 0] = 0
    return nothing._replace(added=added, bias=bias)


def added_up(of, target, model, right_enough, max_hidden):
    """What ``perfect`` finds, each candidate's sum taken in the order of the network."""
    candidates = enumerate_candidates(of.sizes, max_hidden)
    low, high, last = candidates.edge_masks(np.arange(len(candidates)))
    choice = low.astype(np.int64) @ (4 ** np.arange(of.sizes[1]))
    total = np.full((len(candidates), 4), of.bias)
    for neuron in range(of.sizes[2]):
        total = total + of.added[choice, neuron, high[:, neuron]]
    rounded = np.round(
        [[read_out(t, of.activation, of.slope, of.above) for t in row] for row in total]
    )
    rounded = rounded.reshape(-1, 4)
    right, same = rounded == target, rounded == model
    verdict = FOR_TARGET * right.all(1) + FOR_MODEL * same.all(1)
    verdict = verdict + FOR_SAMPLE * right_enough[right @ (1 << np.arange(4))]
    code = codes_of_masks([low, high, last], of.sizes)
    return dict(zip(code[verdict > 0].tolist(), verdict[verdict > 0].tolist(), strict=True))


@examples(150)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(2, 1, 1, 1), (2, 1, 4, 1), (2, 2, 2, 1), (2, 2, 3, 1), (2, 3, 2, 1)]),
    st.sampled_from([None, 1, 2, 3, 4]),
    st.integers(0, 300),
)
def test_sums_on_the_limits_of_rounding(seed, sizes, max_hidden, max_listed):
    rng = np.random.default_rng(seed)
    of = made_up_responses(rng, sizes)
    target = rng.integers(0, 2, 4)
    model = rng.choice([-1.0, 0.0, 1.0, 2.0, np.nan], 4, p=[0.1, 0.4, 0.4, 0.08, 0.02])
    model = target.astype(float) if rng.random() < 0.5 else model
    enough = rows_enough(rng.choice([1, 3, 300], (1, 4)))[0]
    found = perfect_circuit_codes(of, target, model, enough, max_hidden)
    assert as_verdicts(found) == added_up(of, target, model, enough, max_hidden)
    chosen = is_listed(found, sizes, max_listed)
    few = sparsest(of, target, model, enough, max_listed, max_hidden)
    assert as_verdicts(few) == as_verdicts(Perfect(found.code[chosen], found.verdict[chosen]))


# The sparsest ------------------------------------------------------------------------------------


@examples(60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(SHAPES),
    st.booleans(),
    st.sampled_from([None, 3]),
    st.integers(0, 400),
    st.booleans(),
)
def test_the_sparsest(seed, sizes, coarse, max_hidden, max_listed, sample_is_skewed):
    network = random_network(seed, sizes, coarse=coarse)
    model = network.outputs()[0, :, 0].round()
    target = np.clip(model, 0, 1).astype(np.int64)
    enough = rows_enough(np.array([[1, 300, 300, 300] if sample_is_skewed else [1] * 4]))[0]
    table = tabulate(network)
    found = perfect_circuit_codes(table, target, model, enough, max_hidden)
    chosen = is_listed(found, sizes, max_listed)
    few = sparsest(table, target, model, enough, max_listed, max_hidden)
    assert as_verdicts(few) == as_verdicts(Perfect(found.code[chosen], found.verdict[chosen]))
    # Whole cells: the densest circuit listed is sparser than the sparsest that is not.
    hidden, edges = kept_by_codes(found.code, sizes)
    cells = list(zip(edges.tolist(), hidden.tolist(), strict=True))
    listed = {cell for cell, own in zip(cells, chosen, strict=True) if own}
    others = {cell for cell, own in zip(cells, chosen, strict=True) if not own}
    assert max(listed, default=(0, 0)) < min(others, default=(99, 99))
    assert len(few.code) <= max_listed
    # Which of them are minimal, and complete, follows from them alone.
    reach = every_circuit(sizes)
    every = criteria_of(network, found, reach)
    of_few = criteria_of(network, few, reach)
    assert dict(zip(few.code.tolist(), of_few.T.tolist(), strict=True)) == dict(
        zip(found.code[chosen].tolist(), every[:, chosen].T.tolist(), strict=True)
    )


@pytest.mark.parametrize("sizes", [(2, 3, 3, 1), (2, 2, 3, 1)])
def test_cells_are_the_same_whether_circuits_are_listed_or_not(sizes):
    network = random_network(3, sizes, coarse=True)
    table = network.outputs()[0, :, 0].round().astype(int)
    rows = pd.DataFrame(
        {
            "family": "f", "seed": [7], "network_id": "f/7", "targets": [["XOR"]],
            "weights": [[w[0].tolist() for w in network.weights]],
            "biases": [[b[0].tolist() for b in network.biases]],
            "activation": "leaky_relu", "output_activation": "leaky_relu",
            "negative_slope": 0.01, "validation": [[1, 1, 1, 1000]], "converged": True,
            "functional": True,
        }
    )  # fmt: skip
    assert len(table) == 4
    whole = circuits(rows)
    counted, cells = interpretations(rows, whole)
    assert cells["listed"].all()
    most = sum(sizes[1:-1])
    reach = Reach(sizes, most, most, 20, "meet in the middle")
    few = circuits(rows, reach)
    assert 0 < len(few) <= 20
    few_counted, few_cells = interpretations(rows, few, reach)
    # The same cells, and as many circuits as they say.
    by = [*CELL_KEYS]
    pd.testing.assert_frame_equal(
        few_cells.drop(columns="listed").sort_values(by, ignore_index=True),
        cells.drop(columns="listed").sort_values(by, ignore_index=True),
        check_dtype=False,
    )
    assert few_cells.loc[few_cells["listed"], "n_circuits"].sum() == len(few)
    # The sparsest of the perfect ones, with the same numbers.
    perfect = whole[["for_target", "for_model", "for_sample"]].any(axis=1)
    for own, every in [(few, whole), (few_counted, counted)]:
        expected = every[perfect].head(len(few)).reset_index(drop=True)
        pd.testing.assert_frame_equal(own, expected)
