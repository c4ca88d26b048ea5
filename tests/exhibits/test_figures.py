"""Figures drawn from networks that were really trained: what they show is what was found."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from identifiability.algorithms.notation import parse_formula, variable_nodes
from identifiability.drawing import palette, style
from identifiability.drawing.drawing import Scale, draw_formula, draw_network, inch_axes, position
from identifiability.drawing.explained import gate_label
from identifiability.exhibits.example import Example, first_mapped
from identifiability.exhibits.figures.figure_2 import draw_explanations
from identifiability.exhibits.figures.figure_4 import draw_sparsest
from identifiability.protocols import PROTOCOLS
from identifiability.report.numerals import counted
from identifiability.stages import (
    alignment,
    circuits,
    datasets,
    formulas,
    interpretations,
    networks,
    summary,
)
from identifiability.store import artifacts
from tests.configured import parse
from tests.examples import some
from tests.exhibits.drawn import (
    assert_fit_for_print,
    assert_legible,
    assert_the_same_every_time,
    words_of,
)

CONFIG = Path(__file__).parents[2] / "config" / "config.yaml"


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """The artifacts of a few XOR networks, k = 3."""
    settings = parse({**yaml.safe_load(CONFIG.read_text()), "seeds": 4})
    family, protocols = settings.families["xor-k3"], settings.shown
    found = {"networks": networks.networks(family, datasets.datasets(family))}
    found["circuits"] = circuits.circuits(found["networks"])
    found["interpretations"], found["cells"] = interpretations.interpretations(*found.values())
    found["formulas"] = formulas.formulas(3, family.gates, protocols)
    found["alignment"] = alignment.alignment(found["networks"], found["formulas"])
    found["algorithms"], found["mappings"] = alignment.algorithms(
        found["networks"], found["formulas"], found["alignment"], protocols
    )
    found["summary"] = summary.summary(
        *(found[name] for name in ("networks", "cells", "algorithms")),
        protocols,
        settings.reach(family),
    )
    # As a figure's job finds them: after a way through Parquet's types.
    return {name: artifacts.to_table(frame, name).to_pandas() for name, frame in found.items()}


@pytest.fixture(scope="module", params=some(PROTOCOLS, "released"))
def example(frames: dict[str, pd.DataFrame], request: pytest.FixtureRequest) -> Example:
    return example_of(frames, request.param)


def example_of(frames: dict[str, pd.DataFrame], protocol: str) -> Example:
    found = first_mapped(frames, PROTOCOLS[protocol])
    assert found is not None
    return found


def circuits_drawn(figure: Figure, n: int) -> list[Axes]:
    """The first n panels that are drawings."""
    return [axes for axes in figure.axes if axes.patches][:n]


def edges_drawn(axes: Axes, scale: Scale, sizes: tuple[int, ...]) -> set[tuple[int, int, int]]:
    """Edges as (layer, from, to), from the ends of the lines."""
    at = {
        tuple(np.round(position(axes, scale, sizes, (layer, i)), 6)): (layer, i)
        for layer, width in enumerate(sizes)
        for i in range(width)
    }
    edges = []
    for line in axes.lines:
        (layer, source), (above, to) = (at[tuple(np.round(end, 6))] for end in line.get_xydata())
        assert above == layer + 1
        edges.append((layer, source, to))
    assert len(edges) == len(set(edges))
    return set(edges)


# Networks and circuits ---------------------------------------------------------------------------


def test_a_circuit_is_drawn_with_its_edges_and_no_others(example: Example) -> None:
    network = example.single_output
    scale = Scale(0.1, 0.4, 0.3)
    for circuit in example.circuits.iloc[:: max(1, len(example.circuits) // 20)].itertuples():
        axes = inch_axes(style.figure_of(2, 2), 0, 0, 2, 2)
        draw_network(axes, network, scale, circuit_id=circuit.circuit_id)
        expected = {
            (layer, source, to)
            for layer, neurons in enumerate(circuit.circuit_id.split("|"))
            for to, digits in enumerate(neurons.split(","))
            for source, digit in enumerate(digits)
            if digit == "1"
        }
        assert edges_drawn(axes, scale, network.layer_sizes) == expected
        assert len(expected) == circuit.n_edges
        dotted = sum(patch.get_linestyle() in ("dotted", ":") for patch in axes.patches)
        assert dotted == 6 - circuit.n_hidden


def test_an_edge_shows_the_sign_and_the_size_of_its_weight(example: Example) -> None:
    network = example.single_output
    axes = inch_axes(style.figure_of(2, 2), 0, 0, 2, 2)
    draw_network(axes, network, Scale(0.1, 0.4, 0.3))
    weights = np.concatenate([w[0].ravel() for w in network.weights])
    widths = [line.get_linewidth() for line in axes.lines]
    assert list(np.argsort(widths)) == list(np.argsort(abs(weights)))
    assert [line.is_dashed() for line in axes.lines] == list(weights < 0)
    assert len({line.get_color() for line in axes.lines}) == 2


def test_figure_4_draws_the_sparsest_circuits_with_their_numbers(example: Example) -> None:
    figure = draw_sparsest(example)
    own = example.circuits
    n = min(12, len(own))
    drawn = circuits_drawn(figure, n)
    assert [len(axes.lines) for axes in drawn] == list(own["n_edges"].head(n))
    assert max(own["n_edges"].head(n)) <= min(own["n_edges"].iloc[n:], default=18)
    captions = [text.get_text() for text in figure.texts[1:]]
    assert captions == [
        f"{edges} edges,\n{counted(int(number), 'interpretation')}"
        for edges, number in zip(own["n_edges"], own["n_interpretations"].head(n), strict=False)
    ]
    assert f"{example.network_id} (XOR), protocol {example.protocol.name}" in words_of(figure)


@pytest.mark.parametrize(
    ("n", "title"),
    [
        (0, "has no perfect circuit"),
        (1, "The only perfect circuit"),
        (5, "All 5 perfect circuits"),
    ],
)
def test_figure_4_with_fewer_circuits(example: Example, n: int, title: str) -> None:
    figure = draw_sparsest(replace(example, circuits=example.circuits.head(n)))
    assert title in words_of(figure)
    assert len(circuits_drawn(figure, 12)) == n


# Explanations ------------------------------------------------------------------------------------


def test_figure_2_says_what_the_summary_says(
    example: Example, frames: dict[str, pd.DataFrame]
) -> None:
    words = words_of(draw_explanations(example))
    table = frames["summary"]
    (row,) = table[
        (table["network_id"] == example.network_id) & (table["protocol"] == example.protocol.name)
    ].to_dict("records")
    n_circuits, n_interpretations = int(row["n_circuits"]), int(row["n_interpretations"])
    if example.protocol.name == "text":
        # The example is exhaustive: without the cap, text and strict take the same circuits.
        (strict,) = table[
            (table["network_id"] == example.network_id) & (table["protocol"] == "strict")
        ].to_dict("records")
        assert int(strict["n_circuits"]) > n_circuits
        n_circuits = int(strict["n_circuits"])
        n_interpretations = int(strict["n_interpretations"])
        assert "protocol text without its cap" in words
    assert counted(n_circuits, "perfect circuit") in words
    assert f"{counted(n_interpretations, 'interpretation')} in all" in words
    algorithms = f"{row['n_algorithms']:.0f} of {len(example.formulas)} algorithms"
    assert algorithms in words
    assert f"{counted(int(row['n_mappings']), 'minimal mapping')} in all" in words
    assert f"{example.network_id} (XOR), protocol {example.protocol.name}" in words


GATES: dict[str, Callable[[int, int], int]] = {
    "AND": lambda p, q: p & q,
    "OR": lambda p, q: p | q,
    "XOR": lambda p, q: p ^ q,
    "NAND": lambda p, q: 1 - (p & q),
    "NOR": lambda p, q: 1 - (p | q),
    "XNOR": lambda p, q: 1 - (p ^ q),
    "IMP": lambda p, q: (1 - p) | q,
    "NIMP": lambda p, q: p & (1 - q),
    "IMP′": lambda p, q: p | (1 - q),
    "NIMP′": lambda p, q: (1 - p) & q,
    "p₁": lambda p, q: p,
    "p₂": lambda p, q: q,
    "¬p₁": lambda p, q: 1 - p,
    "¬p₂": lambda p, q: 1 - q,
}


def evaluate(label: str, parents: list[int]) -> int:
    """What a gate answers, going by nothing but its label."""
    if label in GATES:
        return GATES[label](parents[0], parents[-1])
    return int(label.replace("\n", "")[int("".join(map(str, parents)), 2)])


def test_the_gates_drawn_in_a_circuit_compute_the_target(example: Example) -> None:
    figure = draw_explanations(example)
    shown = [axes for axes in figure.axes if len(axes.patches) == 9][1:]  # 2 + 3 + 3 + 1 neurons
    drawn = [axes for axes in shown if not any("v1" in text.get_text() for text in axes.texts)]
    assert len(drawn) == 3
    for axes in drawn:
        labels = iter([text.get_text() for text in axes.texts])
        layers = [[next(labels) for _ in range(width)] for width in (2, 3, 3, 1)]
        edges = edges_drawn(axes, Scale(0.17, 0.56, 0.4), (2, 3, 3, 1))
        for a, b in product((0, 1), repeat=2):
            values = [{0: a, 1: b}]
            for layer, gates in enumerate(layers[1:]):
                above = {}
                for to, label in enumerate(gates):
                    parents = [
                        values[-1][s] for lo, s, t in sorted(edges) if (lo, t) == (layer, to)
                    ]
                    if label and layer == 0:
                        of_inputs = label.replace("A", "p₁").replace("B", "p₂")
                        label = of_inputs if len(label) < 3 else label
                        above[to] = evaluate(label, [a, b])
                    elif label:
                        above[to] = evaluate(label, parents)
                values.append(above)
            assert values[-1][0] == a ^ b


def test_a_variable_has_one_name_and_colour_in_tree_and_network(example: Example) -> None:
    figure = draw_explanations(example)
    named = [axes for axes in figure.axes if any("v1" in t.get_text() for t in axes.texts)]
    trees, places = named[::2], named[1::2]
    assert len(trees) == len(places) > 0
    for tree, network in zip(trees, places, strict=True):
        assert len(network.lines) == 18
        looks_of = [
            {
                (text.get_text().split()[0], to_hex(patch.get_facecolor()))
                for text, patch in zip(axes.texts, axes.patches, strict=True)
                if text.get_text().startswith("v")
            }
            for axes in (tree, network)
        ]
        assert looks_of[0] == looks_of[1]


def test_the_mappings_drawn_are_real(example: Example) -> None:
    figure = draw_explanations(example)
    real = {
        frozenset(
            (f"v{v + 1}", int(layer), int(i))
            for v, (layer, neurons) in enumerate(zip(row.layers, row.neurons, strict=True))
            for i in neurons
        )
        for row in example.mappings.itertuples()
    }
    neurons = [(layer, i) for layer, width in enumerate((2, 3, 3, 1)) for i in range(width)]
    networks_shown = [
        [text.get_text() for text in axes.texts]
        for axes in figure.axes
        if len(axes.texts) == len(neurons) and any(t.get_text() == "v1" for t in axes.texts)
    ]
    assert networks_shown
    for labels in networks_shown:
        shown = zip(labels, neurons, strict=True)
        assert frozenset((s, *n) for s, n in shown if s.startswith("v")) in real


@pytest.mark.parametrize("missing", ["circuits", "mappings"])
def test_figure_2_when_one_strategy_finds_nothing(example: Example, missing: str) -> None:
    nothing = getattr(example, missing).head(0)
    words = words_of(draw_explanations(replace(example, **{missing: nothing})))
    assert "no perfect circuit" in words or "0 minimal mappings" in words


def test_every_formula_is_read_as_it_was_printed(frames: dict[str, pd.DataFrame]) -> None:
    for row in frames["formulas"].itertuples():
        root = parse_formula(row.formula)
        assert root.text == row.formula
        nodes = list(root.preorder())
        found = variable_nodes(root, list(row.variables))
        assert [nodes[number].text for number in found] == list(row.variables)


def test_a_formula_is_drawn_with_all_its_nodes(frames: dict[str, pd.DataFrame]) -> None:
    for formula in frames["formulas"]["formula"].iloc[::50]:
        axes = inch_axes(style.figure_of(2, 2), 0, 0, 2, 2)
        draw_formula(axes, parse_formula(formula), {}, {})
        signs = sum(formula.count(sign) for sign in "AB*+")
        assert len(axes.texts) == signs == len(axes.lines) + 1
        assert sum(text.get_text().count("¬") for text in axes.texts) == formula.count("¬")


@pytest.mark.parametrize(
    ("gate", "of_inputs", "label"),
    [
        ((0, 1), False, "p₁"),
        ((1, 0), False, "¬p₁"),
        ((0, 1, 1, 0), True, "XOR"),
        ((0, 0, 1, 1), True, "A"),
        ((1, 0, 1, 0), True, "¬B"),
        ((1, 0, 1, 0), False, "¬p₂"),
        ((1, 1, 0, 1), False, "IMP"),
        ((1, 0, 1, 1), False, "IMP′"),
        ((0, 1, 0, 0), False, "NIMP′"),
        ((0, 0, 0, 1, 0, 1, 1, 1), False, "0001\n0111"),
        ((1,) + 14 * (0,) + (1,), False, "8001"),
        (16 * (0,) + 16 * (1,), False, "0000\nFFFF"),
    ],
)
def test_gate_labels(gate: tuple[int, ...], of_inputs: bool, label: str) -> None:
    assert gate_label(gate, of_inputs) == label


# Every figure ------------------------------------------------------------------------------------

DRAWINGS: dict[str, Callable[[dict[str, pd.DataFrame]], Figure]] = {
    "explanations": lambda frames: draw_explanations(example_of(frames, "released")),
    "explanations, strict": lambda frames: draw_explanations(example_of(frames, "strict")),
    "sparsest": lambda frames: draw_sparsest(example_of(frames, "released")),
    "message": lambda _: style.message_figure("xor-k3: none of 100 networks converged"),
}


@pytest.fixture(params=some(DRAWINGS, "sparsest"))
def draw(request: pytest.FixtureRequest, frames: dict[str, pd.DataFrame]) -> Callable[[], Figure]:
    return lambda: DRAWINGS[request.param](frames)


def test_no_text_is_cut_off_small_or_over_another(draw: Callable[[], Figure]) -> None:
    assert_legible(draw())


def test_files_are_the_same_every_time(draw: Callable[[], Figure], tmp_path: Path) -> None:
    assert_the_same_every_time(draw, tmp_path)


def test_files_are_fit_for_print(draw: Callable[[], Figure], tmp_path: Path) -> None:
    assert_fit_for_print(draw(), tmp_path)


def test_protocols_keep_their_looks() -> None:
    alone = palette.looks(["strict"])["strict"]
    together = palette.looks(["mine", "text", "yours", "strict"])
    assert together["strict"] == alone
    for one, other in pairwise(together.values()):
        assert one.colour != other.colour
        assert one.marker != other.marker
