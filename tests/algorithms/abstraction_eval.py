"""Asks the package ``causal-abstraction-eval`` about mappings; see test_abstraction_eval.py.

Run by the interpreter of an environment that has the package, with nothing of this project. JSON
comes in with ``networks`` (``weights`` and ``biases`` per layer, ``negative_slope`` of leaky ReLU)
and ``cases``: number of the ``network``, ``formula`` as nested lists, paths of its ``variables``,
and a ``mapping`` with a [layer, neurons] for each of them. JSON goes out with one object per case:
the two scores, and the neurons that the package takes for unmapped.

The package knows a network by its neurons and a formula by its variables. Here every neuron is one
scalar, "layer.index" with the inputs as layer 0, and every variable a bit. What stands for a bit
is what the neurons of its place are on the inputs where the variable has it, and nothing between:
so to draw a bit, and then what stands for it, is to draw a source.

Two things are not as the package has them by itself. It would force unmapped neurons to noise that
no input gives (see ``Sources``), and ask that the places of variables are read as the formula has
them too, where only outputs are compared here.
"""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from causal_abstraction import (
    AbstractVariable,
    CausalGraph,
    CoarseGrainingMap,
    DiagramBuilder,
    EvaluationConfig,
    EvaluationEngine,
    LowLevelModel,
    MicroVariableSchema,
    RectSubspace,
    StandardTasks,
    Subspace,
    SystemState,
    ValueMap,
)
from numpy.typing import NDArray

OUTPUT = "output"
TIE = 1e-9
TIMES = 15
"""How many times as many interventions are drawn as there are, unless one shows a difference.

One that forces everything is the least likely, and still comes 8 times on average, or 5 with
unmapped neurons in two layers.
"""
ROUND = 100
"""Interventions between one look at the differences and the next."""
BATCH = 10
"""Interventions drawn in a row on the same variables."""

Path = tuple[int, ...]
Values = dict[str, NDArray[np.float64]]


class Perceptron(LowLevelModel):
    """A multilayer perceptron with leaky ReLU after every layer.

    Attributes:
        rows: All Boolean inputs, the first input slowest, [row, input].
        on_rows: Activations of every neuron without any intervention, [row, 1].
        schema: The neurons, as the package wants them.
    """

    def __init__(self, network: dict[str, Any]):
        """Takes over a network's weights and biases."""
        self.layers = [
            (np.array(weights, float), np.array(biases, float))
            for weights, biases in zip(network["weights"], network["biases"], strict=True)
        ]
        self.slope = network["negative_slope"]
        n_inputs = self.layers[0][0].shape[1]
        self.rows = np.array(list(np.ndindex((2,) * n_inputs)), float)
        inputs = {f"0.{i}": self.rows[:, [i]] for i in range(n_inputs)}
        self.on_rows = self.forward_with_interventions(SystemState(), inputs).values
        self.schema = MicroVariableSchema.from_names(self.on_rows)

    def forward_with_interventions(
        self, input_state: SystemState, interventions: Values
    ) -> SystemState:
        """The activations of all neurons, some of them forced; the inputs always are."""
        values = dict(interventions)
        n_inputs = self.rows.shape[1]
        below = np.hstack([values[f"0.{i}"] for i in range(n_inputs)])
        for layer, (weights, biases) in enumerate(self.layers, start=1):
            sums = below @ weights.T + biases
            activations = np.where(sums > 0, sums, self.slope * sums)
            for i in range(len(biases)):
                own = values.setdefault(f"{layer}.{i}", activations[:, [i]])
                activations[:, [i]] = own
            below = activations
        return SystemState(values)


class Occurring(Subspace):
    """The activations that a place has on some inputs, each as often as there are such inputs."""

    def __init__(self, points: NDArray[np.float64]):
        """Takes over the activations, [input, neuron]."""
        super().__init__(dim=points.shape[1])
        self.points = points

    def contains(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether these are activations of one of the inputs."""
        return np.abs(x[..., None, :] - self.points).max(-1).min(-1) <= TIE

    def sample(
        self, shape: tuple[int, int], rng: np.random.Generator | None = None
    ) -> NDArray[np.float64]:
        """The activations of drawn inputs."""
        return self.points[self._get_rng(rng).integers(len(self.points), size=shape[0])]


class Sources(DiagramBuilder):
    """The package's diagram, with unmapped neurons forced to what they are on a source.

    The package would force all of them at once, and to noise that no input gives. Here some layers
    with unmapped neurons are forced, each to its activations on a source of its own.
    """

    def _step_inject_phi_noise(
        self, interventions: Values, rng: np.random.Generator, batch_size: int
    ) -> Values:
        of_layer: dict[str, list[str]] = {}
        for neuron in sorted(self.cg.phi_variables):
            of_layer.setdefault(neuron.partition(".")[0], []).append(neuron)
        n_forced = rng.integers(1, len(of_layer) + 1)
        forced = dict(interventions)
        for layer in rng.choice(list(of_layer), size=n_forced, replace=False):
            sources = rng.integers(len(self.low_level_model.rows), size=batch_size)
            for neuron in of_layer[layer]:
                forced[neuron] = self.low_level_model.on_rows[neuron][sources]
        return forced


def bit(node: list[Any], path: Path, given: dict[str, int], cut: dict[Path, str]) -> int:
    """The bit of a formula's node.

    Args:
        node: The node.
        path: Where in the formula it stands.
        given: Bits of the inputs, and of nodes where the formula is cut.
        cut: Names of nodes whose bits are given.
    """
    if path in cut:
        return given[cut[path]]
    if len(node) == 1:
        return given[node[0]]
    bits = [bit(child, (*path, i), given, cut) for i, child in enumerate(node[1:])]
    return {"¬": 1 - bits[0], "*": min(bits), "+": max(bits)}[node[0]]


def uses(node: list[Any], path: Path, cut: dict[Path, str]) -> Iterator[str]:
    """What a node's bit is worked out from: the inputs and cuts that are met first."""
    if path in cut:
        yield cut[path]
    elif len(node) == 1:
        yield node[0]
    else:
        for i, child in enumerate(node[1:]):
            yield from uses(child, (*path, i), cut)


def node_at(formula: list[Any], path: Path) -> list[Any]:
    """The node of a formula at a path."""
    for step in path:
        formula = formula[1 + step]
    return formula


def graph(formula: list[Any], variables: dict[Path, str], shares: dict[str, Any]) -> CausalGraph:
    """The formula as the package's high-level model.

    Args:
        formula: The formula.
        variables: Names of its variables, in pre-order.
        shares: On what share of the inputs each of them, and each input, has each of its bits.
    """
    model = CausalGraph()
    for name, share in shares.items():
        if name not in variables.values():
            model.add_variable(AbstractVariable(name, share), lambda: None)
    for own, name in reversed([((), OUTPUT), *variables.items()]):
        cut = {path: other for path, other in variables.items() if path != own}
        node = node_at(formula, own)

        def equation(node=node, own=own, cut=cut, **given: int) -> int:
            return bit(node, own, given, cut)

        variable = AbstractVariable(name, shares.get(name, {}))
        model.add_variable(variable, equation, sorted(set(uses(node, own, cut))))
    return model


def answer(network: Perceptron, case: dict[str, Any]) -> dict[str, Any]:
    """What the package says of one mapping."""
    formula = case["formula"]
    variables = {tuple(path): f"v{i}" for i, path in enumerate(case["variables"])}
    inputs = {chr(ord("A") + i): i for i in range(network.rows.shape[1])}
    places = {name: [f"0.{i}"] for name, i in inputs.items()}
    for name, (layer, neurons) in zip(variables.values(), case["mapping"], strict=True):
        places[name] = [f"{layer}.{i}" for i in neurons]

    rows = [{name: int(row[i]) for name, i in inputs.items()} for row in network.rows]
    bits = {name: [row[name] for row in rows] for name in inputs}
    for path, name in variables.items():
        bits[name] = [bit(node_at(formula, path), path, row, {}) for row in rows]
    shares = {
        name: {value: own.count(value) / len(rows) for value in sorted(set(own))}
        for name, own in bits.items()
    }
    regions: dict[str, dict[int, Subspace]] = {OUTPUT: {}}
    for name, place in places.items():
        activations = np.hstack([network.on_rows[neuron] for neuron in place])
        regions[name] = {
            value: Occurring(activations[np.array(bits[name]) == value]) for value in shares[name]
        }
    # The first region that contains an output counts: 0.5 itself is a 0.
    regions[OUTPUT] = {0: RectSubspace((-np.inf, 0.5)), 1: RectSubspace((0.5, np.inf))}

    n_layers = len(network.layers)
    with_place = {layer for layer, _ in case["mapping"]} | {0, n_layers}
    internal = {n for n in network.on_rows if int(n.partition(".")[0]) not in with_place}
    coarse = CoarseGrainingMap(
        network.schema, {**places, OUTPUT: [f"{n_layers}.0"]}, internal_variables=internal
    )
    parts = (graph(formula, variables, shares), network, ValueMap(coarse, regions), coarse)
    # Each variable, and each layer with unmapped neurons, has a source or is left alone.
    n_sources = len(rows)
    layers = {neuron.partition(".")[0] for neuron in coarse.phi_variables}
    n_interventions = n_sources * (1 + n_sources) ** len(variables)
    n_with_unmapped = n_interventions * (1 + n_sources) ** len(layers)
    return {
        "free": score(parts, list(places), False, n_interventions),
        "inert": score(parts, list(places), True, n_with_unmapped),
        "unmapped": sorted(coarse.phi_variables),
    }


def score(parts: tuple[Any, ...], forced: list[str], faithful: bool, possible: int) -> float:
    """The package's error, top down, of the first round that shows one; 0 if none does.

    Args:
        parts: High-level model, network, and the two maps between them.
        forced: The variables to intervene on.
        faithful: Whether unmapped neurons are forced as well.
        possible: How many interventions there are.
    """
    name = "CAE_down" if faithful else "CAE_down_nf"
    for seed in range(TIMES * possible // ROUND):
        config = EvaluationConfig(metric="hard", seed=seed, logging_level=logging.ERROR)
        task = StandardTasks.score(
            Sources(*parts, config), name=name, include_faithfulness=faithful, score_vars=[OUTPUT]
        )
        # One more than the variables: the unmapped neurons.
        found = EvaluationEngine(*parts, config).run_tasks(
            [task],
            n_samples=ROUND,
            batch_size=BATCH,
            max_interventions=len(forced) + 1,
            intervention_domain=forced,
        )
        # Every draw was compared: what the package cannot read would count as a difference.
        assert found[name].metadata["coverage_by_var"] == {OUTPUT: 1.0}
        if found[name].score != 0:
            return found[name].score
    return 0.0


def main() -> None:
    """Answers what comes in."""
    asked = json.load(sys.stdin)
    networks = [Perceptron(network) for network in asked["networks"]]
    answers = [answer(networks[case["network"]], case) for case in asked["cases"]]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
