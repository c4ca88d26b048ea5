"""Protocols: what each reading asks, which circuits it admits, and which pairs count."""

from dataclasses import asdict, fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.shapes import count_candidates
from identifiability.protocols import (
    ABSTRACTION,
    PAIRS,
    PROTOCOLS,
    RELEASED,
    SAMPLE_ACCURACY,
    STRICT,
    TEXT,
    TOLERANCES,
    VARIANTS,
    Protocol,
    pair_mask,
    protocol_of,
)
from tests.circuits.test_circuits import all_candidates, shapes
from tests.examples import examples
from tests.test_against_plain import as_bag, cell

# The readings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "released", "text", "strict"),
    [
        pytest.param("reference", "sample", "model", "model", id="D01"),
        pytest.param("full_node_set", False, True, True, id="D02"),
        pytest.param("sparsity", "node", "combined", "none", id="D03"),
        pytest.param("pairs", "source_before_base", "all", "all", id="D04"),
        pytest.param("formulas", "released", "text", "strict", id="D05"),
        pytest.param("twins", "apart", "apart", "one", id="D06"),
        pytest.param("inputs", "clean", "clean", "clean", id="D07"),
        pytest.param("variables", "operators", "operators", "binary", id="variables"),
        pytest.param("circuits", "all", "all", "all", id="minimal circuits"),
        pytest.param("layers", "any", "any", "any", id="ordered layers"),
        pytest.param("complete", False, False, False, id="complete circuits"),
        pytest.param("tolerance", None, None, None, id="circuits within a tolerance"),
        pytest.param("steps", "any", "any", "any", id="steps"),
        pytest.param("algorithms", "all", "all", "all", id="sparsest algorithms"),
        pytest.param("mappings", "minimal", "minimal", "minimal", id="sparsest mappings"),
    ],
)
def test_the_readings_by_hand(criterion, released, text, strict):
    expected = {"released": released, "text": text, "strict": strict}
    assert {name: getattr(p, criterion) for name, p in PROTOCOLS.items()} == expected


OURS = ("complete", "tolerance", "steps", "algorithms", "mappings")


BASES = {**PROTOCOLS, ABSTRACTION.name: ABSTRACTION}
"""The protocols that variants are named after."""


def test_abstraction_is_strict_with_two_criteria_of_interventions():
    names = [field.name for field in fields(Protocol)]
    changed = {name for name in names if getattr(ABSTRACTION, name) != getattr(STRICT, name)}
    assert changed == {"name", "interventions", "unmapped"}


@pytest.mark.parametrize(("n_inputs", "within"), [(2, True), (3, True), (4, False)])
def test_joint_interventions_are_for_few_inputs(n_inputs, within):
    assert ABSTRACTION.is_for(n_inputs) is within
    assert STRICT.is_for(n_inputs)


@pytest.mark.parametrize("width", [2, 3, 4, 5])
def test_the_readings_are_those_of_the_plain_module(width):
    plain_rules = {
        "released": plain.released(width), "text": plain.text(), "strict": plain.strict(),
        "abstraction": plain.abstraction(),
    }  # fmt: skip
    for name, rules in plain_rules.items():
        protocol = BASES[name]
        for criterion in [
            "full_node_set",
            "pairs",
            "formulas",
            "variables",
            "circuits",
            "layers",
            "interventions",
            "unmapped",
            *OURS,
        ]:
            assert getattr(protocol, criterion) == getattr(rules, criterion), (name, criterion)
        cap = protocol.cap((2, width, width, 1))
        assert (cap or 0) == rules.sparsity_above
        assert (protocol.sparsity if cap else None) == rules.sparsity_measure
    # The plain module is given a sample where there is one. It counts twins in `explain`.
    assert [PROTOCOLS[name].reference for name in ("text", "strict")] == ["model", "model"]


TOGETHER = {
    "strict-complete-minimal": {"complete", "circuits"},
    "strict-sparsest": {"circuits", "algorithms", "mappings"},
    **{f"strict-minimal-within-{t}": {"tolerance", "circuits"} for t in TOLERANCES},
}
"""The variants that change more than one."""


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_changes_one_criterion_of_the_reading_it_is_named_after(name):
    variant, base = VARIANTS[name], BASES[name.split("-")[0]]
    changed = {
        f.name for f in fields(Protocol) if getattr(variant, f.name) != getattr(base, f.name)
    }
    criteria = {field.removesuffix("_above") for field in changed - {"name"}}  # a cap is one
    assert len(criteria) == 1 or criteria == TOGETHER[name]
    assert variant.name == name


@pytest.mark.parametrize("name", [*BASES, *VARIANTS])
def test_a_protocol_is_read_back_from_what_artifacts_say(name):
    protocol = (BASES | VARIANTS)[name]
    written = asdict(replace(protocol, sparsity_above={}))
    caps = {str(width): str(cap) for width, cap in protocol.sparsity_above.items()}
    assert protocol_of({**written, "sparsity_above": caps}) == protocol


# Pairs of base and source ------------------------------------------------------------------------


def test_pairs_by_hand():
    # A line for each base 00, 01, 10, 11, a digit for each source in the same order.
    def lines(pairs):
        return ["".join(map(str, row.astype(int))) for row in pair_mask(pairs, 4).reshape(4, 4)]

    assert lines("all") == ["1111"] * 4
    assert lines("source_before_base") == ["0000", "1000", "1100", "1110"]


@given(st.integers(1, 4), st.sampled_from(PAIRS))
def test_pairs_are_the_plain_ones(n_inputs, pairs):
    rows = plain.input_rows(n_inputs)
    every = [(base, source) for base in rows for source in rows]
    mask = pair_mask(pairs, len(rows))
    counted = [pair for pair, counts in zip(every, mask, strict=True) if counts]
    assert counted == plain.base_source_pairs(n_inputs, pairs)


def test_a_sample_allows_one_percent_of_errors():
    assert Fraction(99, 100) == SAMPLE_ACCURACY


# Which circuits are admitted ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (RELEASED, {2: 20, 3: 3_000, 4: 168_672, 5: 1_092_035}),
        (TEXT, {2: 18, 3: 3_126, 4: 2_210_644, 5: 3_891_677_935}),
        (STRICT, {2: 69, 3: 9_625, 4: 4_346_385, 5: 7_271_931_361}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_number_of_candidates_by_width(protocol, expected):
    shapes = {width: (2, width, width, 1) for width in expected}
    assert {
        width: protocol.n_candidates(sizes, count_candidates(sizes))
        for width, sizes in shapes.items()
    } == expected


def test_ties_with_the_cap_stay_out():
    # 3 of 10 and 15 of 50 are not above 3/10, whatever floats say.
    assert RELEASED.admits((2, 5, 5, 1), np.array([6, 7, 8]), np.array([20, 20, 20])).tolist() == [
        True, False, False
    ]  # fmt: skip
    # Width 5: 10 hidden neurons and 40 edges; 9 neurons and 26 edges are 15 less.
    assert TEXT.admits((2, 5, 5, 1), np.array([9, 9]), np.array([25, 26])).tolist() == [
        True, False
    ]  # fmt: skip


def test_the_cap_depends_on_the_widest_layer():
    assert [RELEASED.cap((2, width, 1)) for width in (3, 4, 5, 6)] == [
        None, Fraction(1, 5), Fraction(3, 10), Fraction(3, 10)
    ]  # fmt: skip
    assert RELEASED.cap((2, 2, 4, 1)) == RELEASED.cap((2, 4, 2, 1)) == Fraction(1, 5)
    assert STRICT.cap((2, 5, 5, 1)) is None


@pytest.mark.parametrize("layer_sizes", [(2, 3, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 2, 2, 2, 1)])
def test_number_of_candidates_of_other_shapes(layer_sizes):
    rules = {"released": plain.released(3), "text": plain.text(), "strict": plain.strict()}
    cells = count_candidates(layer_sizes)
    for name, protocol in PROTOCOLS.items():
        listed = sum(1 for _ in plain.candidates(layer_sizes, rules[name]))
        assert protocol.n_candidates(layer_sizes, cells) == listed


def test_max_hidden():
    cells = count_candidates((2, 4, 4, 1))
    assert [p.max_hidden((2, 4, 4, 1), cells) for p in (RELEASED, TEXT, STRICT)] == [6, 8, 8]
    # The only candidate of this shape keeps all its neurons, which released leaves out.
    cells = count_candidates((2, 1, 1, 1))
    assert [p.max_hidden((2, 1, 1, 1), cells) for p in (RELEASED, STRICT)] == [0, 2]


@examples(30)
@given(shapes(), st.sampled_from([*PROTOCOLS]))
def test_candidates_are_the_plain_ones(layer_sizes, name):
    rules = {
        "released": plain.released(max(layer_sizes[1:-1])),
        "text": plain.text(),
        "strict": plain.strict(),
    }[name]
    every = all_candidates(layer_sizes)
    hidden, edges = np.array([cell(circuit) for circuit in every]).T
    admitted = PROTOCOLS[name].admits(layer_sizes, hidden, edges)
    expected = list(plain.candidates(layer_sizes, rules))
    assert as_bag(e for e, own in zip(every, admitted, strict=True) if own) == as_bag(expected)
    cells = count_candidates(layer_sizes)
    assert PROTOCOLS[name].n_candidates(layer_sizes, cells) == len(expected)
