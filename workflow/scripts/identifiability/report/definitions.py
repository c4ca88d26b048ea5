"""The paper's definitions, and where each is to be found: docs/definitions.md."""

from dataclasses import dataclass

_LIBRARY = "../workflow/scripts/identifiability"
_PAGE = f"""\
# Definitions: where each is written, twice, and tested

To know what is counted, read the paper's section 2 beside
[`plain.py`]({_LIBRARY}/plain.py):
the whole analysis, one thing at a time, in one file. The engine computes the same for many
networks at once, and the tests hold the two against each other.

For each definition, the tables give: what it says, in our own words; the function of the engine,
as a name within `identifiability`; the function of `plain.py`; and the test file, which begins
with cases worked out by hand. Where the paper's text and its released code differ,
[`protocols.md`](protocols.md) lists the readings.
"""
_TABLE = """
## {title}

| definition | in words | engine · plain · tests |
|---|---|---|
"""


@dataclass(frozen=True)
class Definition:
    """A definition, and where it is to be found.

    Attributes:
        name: What it defines.
        words: The definition in one or two sentences.
        engine: The engine's functions, each as a dotted name within ``identifiability``.
        plain: The functions of ``plain`` for the same.
        tests: Their test file, a path in ``tests/``; it names all of these functions.
    """

    name: str
    words: str
    engine: tuple[str, ...]
    plain: tuple[str, ...]
    tests: str


DEFINITIONS: dict[str, tuple[Definition, ...]] = {
    "Networks": (
        Definition(
            "network",
            "A multilayer perceptron on Boolean inputs. Leaky ReLU with slope 0.01 follows every "
            "layer, the output included.",
            ("networks.networks.Networks.forward",),
            ("forward",),
            "networks/test_networks.py",
        ),
        Definition(
            "single output",
            "A network with several outputs is analysed as several networks, which share their "
            "hidden layers and have one output and one target gate each.",
            ("networks.networks.Networks.single_output",),
            ("PlainNetwork.single_output",),
            "networks/test_networks.py",
        ),
        Definition(
            "gate",
            "A Boolean function of the inputs, given by its truth table; the rows are 00, 01, 10, "
            "11. IMP is ¬A∨B and NIMP is A∧¬B.",
            ("networks.gates.gate", "networks.gates.input_rows"),
            ("input_rows", "computes"),
            "networks/test_gates.py",
        ),
    ),
    "Circuits": (
        Definition(
            "circuit",
            "A sub-graph that keeps every input and the output. Every neuron kept has an edge "
            "from below (unless it is an input) and an edge upwards (unless it is the output).",
            ("circuits.candidates.enumerate_candidates",),
            ("candidates",),
            "circuits/test_circuits.py",
        ),
        Definition(
            "what a circuit computes",
            "A forward pass in which a removed edge has weight 0 and a removed neuron passes 0. "
            "A neuron that stays keeps its bias.",
            ("circuits.perfect.circuit_activations",),
            ("forward",),
            "circuits/test_circuits.py",
        ),
        Definition(
            "circuit error, perfect circuit",
            "The error is the share of inputs on which the circuit's output, rounded to the "
            "nearest integer, differs from the reference: the target or the network's own "
            "rounded output. A perfect circuit has error 0.",
            ("circuits.perfect.perfect_circuits", "circuits.perfect.enough"),
            ("perfect_circuits", "accuracy"),
            "circuits/test_circuits.py",
        ),
        Definition(
            "sparsity",
            "The share of components that a circuit leaves out: of hidden neurons, or of hidden "
            "neurons and edges together. Where a protocol sets a threshold, candidates are "
            "strictly above it.",
            ("protocols.Protocol.admits",),
            ("is_above", "candidates"),
            "circuits/test_circuits.py",
        ),
        Definition(
            "minimal circuit",
            "A perfect circuit with no other perfect circuit inside it. Not in the paper: a step "
            "of our ladder.",
            ("circuits.codes.minimal",),
            ("minimal_circuits",),
            "circuits/test_circuits.py",
        ),
        Definition(
            "circuit within a tolerance",
            "A circuit whose output is less than the tolerance (0.5, 0.1 or 0.02) away from the "
            "full network's on every input, nothing being rounded. Minimal ones have no other "
            "such circuit inside. Not in the paper.",
            (
                "circuits.perfect.perfect_circuits",
                "circuits.perfect_codes.perfect_circuit_codes",
            ),
            ("is_within",),
            "circuits/test_within.py",
        ),
        Definition(
            "complete circuit",
            "A circuit that agrees with the full network, rounded and on every input, whatever "
            "set of the circuit's hidden neurons is set to 0 in both (Wang et al. 2023). Not in "
            "the paper.",
            ("circuits.complete.complete", "circuits.complete.complete_codes"),
            ("is_complete",),
            "circuits/test_complete.py",
        ),
        Definition(
            "sparsest circuit",
            "A perfect circuit such that no perfect circuit keeps fewer edges. Not in the paper.",
            ("stages.protocol_filters.admitted",),
            ("sparsest_circuits",),
            "stages/test_criteria.py",
        ),
    ),
    "Interpretations": (
        Definition(
            "separator, reading of a neuron",
            "A separator lies midway between two neighbouring values that a neuron takes on the "
            "inputs. It reads larger values as 1 and smaller ones as 0. The output is rounded "
            "first.",
            ("circuits.interpretations.readings",),
            ("separators",),
            "circuits/test_interpretations.py",
        ),
        Definition(
            "gate of a neuron, free rows",
            "In the first hidden layer, a neuron's bits on the inputs. Further up, a truth table "
            "over the bits of its parents: rows that some input reaches must agree with the "
            "neuron's bits, and the other rows are free. XOR and XNOR of two parents are not "
            "admitted.",
            ("circuits.interpretations.list_interpretations",),
            ("gates",),
            "circuits/test_interpretations.py",
        ),
        Definition(
            "interpretation",
            "A separator and a gate for every neuron that a perfect circuit keeps, such that "
            "inputs with the same parent bits give the same bit. Each way to fill free rows is an "
            "interpretation of its own.",
            ("circuits.interpretations.count_interpretations",),
            ("interpretations", "count_interpretations"),
            "circuits/test_interpretations.py",
        ),
        Definition(
            "reachable interpretation",
            "The same, but interpretations that differ only on free rows are one. Not in the "
            "paper: counted beside its number.",
            ("circuits.interpretations.InterpretationCounts.reachable",),
            ("count_interpretations",),
            "circuits/test_interpretations.py",
        ),
    ),
    "Algorithms": (
        Definition(
            "algorithm",
            "A formula with AND, OR and NOT over the inputs that computes the target. It is no "
            "deeper than the network has layers of weights; NOT adds no depth.",
            ("algorithms.formulas.candidate_formulas",),
            ("formulas",),
            "algorithms/test_formulas.py",
        ),
        Definition(
            "formula tree, placement of NOT",
            "The candidates are trees of AND and OR, with NOTs put on their nodes so that they "
            "compute the target.",
            ("algorithms.trees.levels", "algorithms.trees.placements"),
            ("trees", "working_placements"),
            "algorithms/test_trees.py",
        ),
        Definition(
            "De Morgan twins",
            "Formulas that De Morgan's laws, double negation and the order of children turn into "
            "one another.",
            ("algorithms.trees.up_to_de_morgan",),
            ("without_or",),
            "algorithms/test_trees.py",
        ),
        Definition(
            "intermediate variable",
            "Any operator of the formula other than the root. A NOT and what it negates are one "
            "variable; every occurrence of a sub-formula is a variable of its own. Under "
            "`strict`, only ANDs and ORs are variables.",
            ("algorithms.formulas.Formula.variables",),
            ("intermediate_variables",),
            "algorithms/test_formulas.py",
        ),
        Definition(
            "inert variable; live, irredundant formula",
            "A variable is inert if forcing it to any value that it takes never changes the "
            "formula's output. A formula is live if none of its variables is; irredundant if, "
            "further, none is a constant, the output, another variable, an input (where only "
            "ANDs and ORs are variables), or the complement of one of these. Not in the paper.",
            ("algorithms.steps.steps_of",),
            ("is_inert", "is_live", "is_irredundant"),
            "algorithms/test_steps.py",
        ),
    ),
    "Alignment": (
        Definition(
            "place",
            "A set of hidden neurons in one layer, not empty, where a variable may sit.",
            ("algorithms.alignment.places",),
            ("non_empty_subsets",),
            "algorithms/test_alignment.py",
        ),
        Definition(
            "interchange intervention",
            "Run the network on a base input, with a place's neurons forced to the activations "
            "they have on a source input. Run the formula on the base, with the variable forced "
            "to its value on the source. They agree if the output is above 0.5 and the formula is "
            "1, or neither.",
            ("algorithms.alignment.responses",),
            ("iia", "forward"),
            "algorithms/test_alignment.py",
        ),
        Definition(
            "IIA",
            "Interchange intervention accuracy: the share of (base, source) pairs on which "
            "network and formula agree.",
            ("algorithms.alignment.count_agreements",),
            ("iia",),
            "algorithms/test_alignment.py",
        ),
        Definition(
            "mapping, perfect mapping",
            "A place for each intermediate variable, no two with a neuron in common. A perfect "
            "mapping gives every variable a place with IIA 1.",
            ("algorithms.mappings.search_places", "algorithms.mappings.count_mappings"),
            ("perfect_mappings",),
            "algorithms/test_mappings.py",
        ),
        Definition(
            "minimal mapping",
            "A perfect mapping with no other inside it, place by place.",
            ("algorithms.mappings.minimal_mappings",),
            ("minimal_mappings",),
            "algorithms/test_mappings.py",
        ),
        Definition(
            "empty mapping",
            "The one mapping of a formula without intermediate variables. The paper counts it; "
            "Q4 is answered with it and without it.",
            ("stages.summary.answer_of_places",),
            ("perfect_mappings",),
            "stages/test_criteria.py",
        ),
        Definition(
            "sparsest algorithm, sparsest mapping",
            "Of a network's algorithms those with the fewest ANDs and ORs, and of an algorithm's "
            "minimal mappings those with the fewest neurons in all. Not in the paper.",
            ("stages.alignment.sparsest_algorithms", "algorithms.mappings.sparsest"),
            ("n_operators", "sparsest_mappings"),
            "stages/test_criteria.py",
        ),
        Definition(
            "joint intervention; inert unmapped neurons",
            "Every set of a mapping's variables, not one alone, is forced, each from a source of "
            "its own. Unmapped neurons, those in no place in the layers that hold one, are inert "
            "if forcing them as well changes nothing. Not in the paper, but in the authors' later "
            "work.",
            ("algorithms.joint.passing_mappings",),
            ("passes", "unmapped_neurons"),
            "algorithms/test_joint.py",
        ),
    ),
    "Protocols": (
        Definition(
            "protocol",
            "One complete reading of these criteria, where the paper's text and its code differ "
            "or leave room: `released`, `text` or `strict`; `abstraction` asks more than these.",
            ("protocols.Protocol",),
            ("released", "text", "strict", "abstraction"),
            "test_protocols.py",
        ),
        Definition(
            "pairs of base and source",
            "The pairs of inputs that count for the IIA: all, or those whose source comes before "
            "the base.",
            ("protocols.pair_mask",),
            ("base_source_pairs",),
            "test_protocols.py",
        ),
        Definition(
            "reading",
            "One combination of all criteria that can be switched, those of circuits and those of "
            "mappings apart. A protocol is one reading of each.",
            ("readings.readings", "stages.readings.readings"),
            (),
            "stages/test_readings.py",
        ),
    ),
}
"""By chapter, in the order in which to read them."""


def page() -> str:
    """The page of definitions, in Markdown."""
    parts = [_PAGE]
    for title, definitions in DEFINITIONS.items():
        parts += [_TABLE.format(title=title), *map(_row, definitions)]
    return "".join(parts)


def _row(definition: Definition) -> str:
    """A line of the table."""
    plain = ", ".join(_link(name, f"{_LIBRARY}/plain.py") for name in definition.plain)
    where = [
        *(_link(name, f"{_LIBRARY}/{_file(name)}") for name in definition.engine),
        f"plain: {plain}",
        _link(definition.tests, f"../tests/{definition.tests}"),
    ]
    return f"| **{definition.name}** | {definition.words} | {'<br>'.join(where)} |\n"


def _link(name: str, path: str) -> str:
    """A name as a link to its file."""
    return f"[`{name}`]({path})"


def _file(dotted: str) -> str:
    """The file of a module's function; modules are written small, and classes are not."""
    *modules, _ = dotted.split(".")
    return "/".join(part for part in modules if part.islower()) + ".py"
