"""Joint interventions and inert unmapped neurons against the package of the authors' later work.

The package, ``causal-abstraction-eval``, has an environment of its own (``make
check-abstraction``); what it is asked, and how, is in abstraction_eval.py. It draws interventions
on everything that a mapping maps and measures how often network and formula differ: never, if the
mapping passes. Of some formulas all perfect mappings are tried: with one place forced at a time
none of them fails.
"""

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from identifiability import plain
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.networks.gates import gate
from identifiability.plain import PlainNetwork
from tests.algorithms.test_joint import passing
from tests.algorithms.test_mappings import as_bag
from tests.algorithms.test_trees import as_plain
from tests.test_against_plain import REFERENCE

# The interpreter of that environment: `make check-abstraction` makes it.
PYTHON = os.environ.get("ABSTRACTION_EVAL")
pytestmark = pytest.mark.skipif(PYTHON is None, reason="needs ABSTRACTION_EVAL, an interpreter")
NETWORKS = (
    "xor-k2-0",
    "xor-k2-1",
    "xor-k3-0",
    "xor-k3-1",
    "xor-k3-2",
    "xor-k3-3",
    "and-k3-0",
    "or-k3-0",
    "imp-k3-0",
    "xor-and-nor-k3-0",
)
RULES = {
    unmapped: replace(plain.strict(), interventions="joint", unmapped=unmapped)
    for unmapped in ("free", "inert")
}


@dataclass(frozen=True, eq=False)
class Tried:
    """A formula that maps into a network, the output of which it computes.

    Attributes:
        network: The network.
        formula: The formula.
        found: Its minimal mappings that the engine finds, by what unmapped neurons do.
    """

    network: PlainNetwork
    formula: plain.Formula
    found: dict[str, list[list[plain.NeuronSet]]]

    @cached_property
    def mappings(self):
        """All perfect mappings of the paper, in which variables are forced one at a time."""
        return plain.perfect_mappings(self.network, self.formula, plain.strict())


def tried():
    """Of each network's outputs the formulas with up to two variables, and one with three."""
    chosen = []
    for name in NETWORKS:
        stored = json.loads((REFERENCE / f"{name}.json").read_text())
        for output, target in enumerate(stored["targets"]):
            network = PlainNetwork.from_dict(stored).single_output(output)
            listed = candidate_formulas(gate(target), "strict", "binary", 3)
            listed = [formula for formula in listed if 1 <= len(formula.variables) <= 3]
            mapped = passing(network, listed, joint=False)["free"]
            listed = [formula for formula, own in zip(listed, mapped, strict=True) if own]
            few = [formula for formula in listed if len(formula.variables) < 3]
            more = [formula for formula in listed if len(formula.variables) == 3]
            for formula in few + more[:1]:
                own = passing(network, [formula])
                found = {unmapped: mappings for unmapped, (mappings,) in own.items()}
                chosen.append(Tried(network, as_plain(formula.root), found))
    return chosen


@pytest.fixture(scope="module")
def answers():
    """Each formula that was tried, with what the package says of each of its mappings."""
    everything = tried()
    asked = {
        "networks": [
            {key: getattr(one.network, key) for key in ("weights", "biases", "negative_slope")}
            for one in everything
        ],
        "cases": [
            {
                "network": number,
                "formula": one.formula,
                "variables": plain.intermediate_variables(one.formula, "binary"),
                "mapping": mapping,
            }
            for number, one in enumerate(everything)
            for mapping in one.mappings
        ],
    }
    done = subprocess.run(
        [PYTHON, Path(__file__).parent / "abstraction_eval.py"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env={**os.environ, "TQDM_DISABLE": "1"},
    )
    assert done.returncode == 0, done.stderr
    said = iter(json.loads(done.stdout))
    return [(one, [next(said) for _ in one.mappings]) for one in everything]


def test_there_is_no_error_exactly_where_a_mapping_passes(answers):
    kinds = Counter()
    for one, said in answers:
        for mapping, own in zip(one.mappings, said, strict=True):
            passed = {
                unmapped: plain.passes(one.network, one.formula, mapping, rules)
                for unmapped, rules in RULES.items()
            }
            without_error = {unmapped: own[unmapped] == 0 for unmapped in RULES}
            assert without_error == passed, (plain.formula_text(one.formula), mapping)
            unmapped = plain.unmapped_neurons(one.network.layer_sizes, mapping)
            names = [f"{layer}.{i}" for layer, neurons in unmapped for i in neurons]
            assert own["unmapped"] == names
            kinds[passed["free"], passed["inert"], bool(unmapped)] += 1
    # Passes if unmapped neurons are free; if they have to be inert; and whether there are any.
    assert kinds == {
        (True, True, False): 18,
        (True, True, True): 6,
        (True, False, True): 11,
        (False, False, False): 6,
        (False, False, True): 66,
    }


@pytest.mark.parametrize("unmapped", RULES)
def test_the_smallest_without_error_are_those_the_engine_finds(answers, unmapped):
    for one, said in answers:
        none = [m for m, own in zip(one.mappings, said, strict=True) if own[unmapped] == 0]
        smallest = [
            mapping
            for mapping in none
            if not any(
                other != mapping and all(map(plain.is_inside, other, mapping)) for other in none
            )
        ]
        assert as_bag(map(tuple, one.found[unmapped])) == as_bag(map(tuple, smallest))
