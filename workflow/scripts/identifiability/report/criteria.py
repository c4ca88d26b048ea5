"""What a protocol asks, criterion by criterion, in words (paper, sections 6 and 7)."""

from identifiability.protocols import SAMPLE_ACCURACY, Protocol, pair_mask
from identifiability.report.numerals import listed, percent

_REFERENCES = {
    "sample": f"the target, on more than {percent(float(SAMPLE_ACCURACY))} of the sample",
    "target": "the target",
    "model": "what the whole network computes, rounded",
}
_FORMULAS = {
    "released": "pairs of children in the order of their print, one placement of NOTs per tree",
    "text": "every pair of children that differ, one placement of NOTs per tree",
    "strict": "every pair of children that differ, every placement of NOTs",
}
_VARIABLES = {
    "operators": "every operator but the root",
    "binary": "every AND and OR but the root",
}


def of_circuits(protocol: Protocol) -> dict[str, str]:
    """What makes a perfect circuit, by criterion."""
    computed = _REFERENCES[protocol.reference]
    if protocol.tolerance is not None:
        computed = f"what the whole network computes, within {protocol.tolerance}"
    return {
        "A perfect circuit computes (D01)": computed,
        "Sets with every hidden neuron (D02)": "tried"
        if protocol.full_node_set
        else "never tried",
        "Share of components that a circuit must leave out (D03)": _cap(protocol),
    }


def of_interventions(protocol: Protocol, n_inputs: int) -> dict[str, str]:
    """Which pairs of inputs are intervened on, by criterion."""
    asked = int(pair_mask(protocol.pairs, 2**n_inputs).sum())
    return {"Interventions between (D04)": f"{asked} of {4**n_inputs} pairs"}


def of_formulas(protocol: Protocol) -> dict[str, str]:
    """Which formulas are candidate algorithms, by criterion."""
    return {
        "Formulas tried (D05)": _FORMULAS[protocol.formulas],
        "Formulas that De Morgan's laws turn into one another (D06)": (
            "are one" if protocol.twins == "one" else "are several"
        ),
    }


def of_variables(protocol: Protocol) -> dict[str, str]:
    """What of a formula must be found in the network, by criterion."""
    return {"Intermediate variables": _VARIABLES[protocol.variables]}


def further(protocol: Protocol) -> dict[str, str]:
    """What it asks beyond the three readings of the paper, by criterion; mostly nothing."""
    circuits = {
        "minimal": "without another one inside",
        "sparsest": "with the fewest edges",
    }.get(protocol.circuits)
    asked = {
        "Perfect circuits that count": circuits,
        "Circuits agree with the network": "whatever of their neurons is set to 0 in both"
        if protocol.complete
        else None,
        "Layers of variables": "below that of the variable that uses it"
        if protocol.layers == "ordered"
        else None,
        "Steps of a formula": None if protocol.steps == "any" else protocol.steps,
        "Formulas that count": "those with the fewest ANDs and ORs"
        if protocol.algorithms == "sparsest"
        else None,
        "Mappings that count": "those with the fewest neurons"
        if protocol.mappings == "sparsest"
        else None,
        "Variables are forced": None
        if protocol.interventions == "single"
        else "in every set, each from a source of its own",
        "Neurons in no place": None
        if protocol.unmapped == "free"
        else "change nothing when they are forced, in layers that have a place",
    }
    return {name: words for name, words in asked.items() if words}


def _cap(protocol: Protocol) -> str:
    """A protocol's cap on circuits."""
    if protocol.sparsity == "none":
        return "none"
    what = {"node": "of hidden neurons", "combined": "of neurons and edges"}[protocol.sparsity]
    widths = protocol.sparsity_above
    if len(widths) == 1:
        return f"more than {percent(float(next(iter(widths.values()))))} {what}"
    parts = [f"{percent(float(share))} from k = {width}" for width, share in widths.items()]
    return f"{what}, more than {listed(parts)}"
