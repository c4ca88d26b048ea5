"""What the explorer's page computes by itself, against the plain module and the engine.

Its library is asked through Node (explorer/call.mjs). Run by `make test-page`.
"""

import json
import subprocess
from itertools import pairwise

import numpy as np
import pytest

from identifiability import PROTOCOLS, explain, plain
from identifiability.algorithms.alignment import count_agreements, places, responses
from identifiability.algorithms.formulas import candidate_formulas
from identifiability.circuits.candidates import edges_of_id, masks_of_ids
from identifiability.circuits.interpretations import list_interpretations, readings
from identifiability.circuits.perfect import circuit_activations
from identifiability.drawing.explained import gate_label
from identifiability.networks.gates import gate, gate_of_table, input_rows
from identifiability.plain import PlainNetwork
from identifiability.protocols import PAIRS, pair_mask
from identifiability.report import explorer
from identifiability.report.numerals import number
from identifiability.stages.frames import networks_of
from tests.report.explorer_files import ROOT, installed, needs_tools, program, unpacked
from tests.report.test_explorer import FLAGS
from tests.test_against_plain import engine, outputs_rounded

needs_tools()
BUILT = ROOT / "workflow" / "explorer" / "index.html"
SHAPES = [
    (2, 2, 2, 1),
    (2, 3, 3, 1),
    (2, 3, 1),
    (3, 2, 1),
    (2, 1, 2, 1, 1),
    (3, 1, 2, 1),
    (1, 2, 1),
]
LISTED = 200


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The page's source, with the packages that build it."""
    return installed(tmp_path_factory.mktemp("source") / "explorer")


@pytest.fixture(scope="module")
def ask(source):
    """Asks the page's library: a list of questions, a list of answers."""

    def ask(questions):
        text = json.dumps(questions)
        command = [program("node"), "call.mjs"]
        done = subprocess.run(command, cwd=source, input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def test_the_page_is_what_its_source_builds(source):
    command = [program("npm"), "run", "--silent", "build"]
    done = subprocess.run(command, cwd=source, check=True, capture_output=True)
    assert done.stdout == BUILT.read_bytes(), "run `make explorer`"


def test_the_source_is_formatted_linted_and_typed(source):
    done = subprocess.run(
        [program("npm"), "run", "check"], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_asks_nothing_of_the_network():
    page = BUILT.read_text()
    # The names of two markup languages are addresses, too.
    for address in ("http://www.w3.org/", "https://www.w3.org/"):
        page = page.replace(address, "")
    assert "http" not in page.lower()
    assert '<link rel="stylesheet"' not in page


# Networks nobody picked --------------------------------------------------------------------------


def drawn(sizes, seed):
    """A network that computes a gate: hidden layers by chance, the output fitted.

    Half of them have coarse weights, so that there are ties and neurons that never change.
    """
    random = np.random.default_rng(seed)
    activation = ("leaky_relu", "relu", "tanh", "sigmoid")[seed % 4]
    coarse = seed % 2
    rows = input_rows(sizes[0])
    for _ in range(10_000):
        layers = []
        for below, above in pairwise(sizes):
            weight, bias = random.normal(size=(above, below)), random.normal(size=above)
            if coarse:
                weight, bias = np.round(weight * 2) / 2, np.round(bias * 2) / 2
            layers.append((weight, bias))
        network = PlainNetwork(
            [np.float32(w).tolist() for w, _ in layers],
            [np.float32(b).tolist() for _, b in layers],
            activation,
            output_activation="identity",
            levels=(-1, 1) if seed % 3 == 0 else (0, 1),
            above=0.5 if seed % 5 < 2 else None,
        )
        hidden = np.array([plain.forward(network, row)[-2] for row in rows])
        target = random.integers(0, 2, len(rows))
        fitted = np.linalg.lstsq(
            np.column_stack([hidden, np.ones(len(rows))]), target, rcond=None
        )[0]
        network.weights[-1] = [np.float32(fitted[:-1]).tolist()]
        network.biases[-1] = [float(np.float32(fitted[-1]))]
        if set(outputs_rounded(network)) == {0, 1}:
            return network
    raise AssertionError(f"no network of {sizes} computes a gate")


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def networks(request):
    """Networks of a shape, explained and as the explorer's data have them."""
    found = []
    for seed in range(4):
        network = drawn(request.param, seed)
        explanation = explain(engine(network), protocol="strict")
        mappings = explanation.frames["mappings"]
        frames = dict(explanation.frames)
        sizes = tuple(network.layer_sizes)
        bits = [
            [
                next(p for p in places(sizes) if (p.layer, p.neurons) == (layer, tuple(own))).bits(
                    sizes
                )
                for layer, own in zip(row["layers"], row["neurons"], strict=True)
            ]
            for row in mappings.to_dict("records")
        ]
        frames["mappings"] = mappings.assign(places=bits)
        data = explorer.family_data(frames, [PROTOCOLS["strict"]], 1, 1e-9)
        found.append((network, explanation, json.loads(json.dumps(data))))
    return found


def questions(networks, name, of):
    """A question per thing that is asked about, with the network's data."""
    return [
        {
            "name": name,
            "family": {**data, "details": {}},
            "network": data["networks"][0],
            "output": 0,
        }
        | about
        for network, explanation, data in networks
        for about in of(network, explanation)
    ]


def as_printed(reading):
    """A neuron's reading as both sides say it."""
    return (*reading[0], round(reading[1], 9), tuple(reading[2]))


def test_interpretations_are_those_of_the_plain_module_and_in_the_engines_order(networks, ask):
    asked = questions(
        networks,
        "interpretations",
        lambda _, explanation: [
            {"edges": edges_of_id(i), "most": LISTED}
            for i in explanation.frames["circuits"]["circuit_id"][:40]
        ],
    )
    answers = iter(ask(asked))
    n_listed = 0
    for network, explanation, _ in networks:
        of_circuit = explanation.frames["interpretations"].set_index("circuit_id")
        for circuit_id in explanation.frames["circuits"]["circuit_id"][:40]:
            answer, edges = next(answers), edges_of_id(circuit_id)
            total, reachable = plain.multiply_interpretations(network, edges)
            assert (int(answer["total"]), answer["reachable"]) == (total, reachable)
            assert answer["total"] == of_circuit.loc[circuit_id, "n_interpretations"]
            found = [
                [as_printed((r["neuron"], r["separator"], r["gate"])) for r in one["readings"]]
                for one in answer["listed"]
            ]
            if total <= LISTED:
                wanted = [
                    [as_printed((n, separator, g)) for n, (separator, g) in one.items()]
                    for one in plain.interpretations(network, edges)
                ]
                assert sorted(found) == sorted(wanted)
                n_listed += total
            single = networks_of(explanation.frames["networks"])
            masks = masks_of_ids(np.array([circuit_id]), single.layer_sizes)
            read = readings(circuit_activations(single, np.array([0]), masks))
            neurons = [
                (layer, i)
                for layer, width in enumerate(single.layer_sizes[1:], start=1)
                for i in range(width)
            ]
            listed = list_interpretations(read, masks, 0)
            in_order = [
                [as_printed((neurons[r.neuron], r.separator, r.gate)) for r in one]
                for one, _ in zip(listed, found, strict=False)
            ]
            assert found == in_order
            # Interpretations of one reading have its separators.
            by_reading = {}
            for one, own in zip(answer["listed"], found, strict=True):
                by_reading.setdefault(one["reading"], set()).add(tuple(r[:3] for r in own))
            assert all(len(separators) == 1 for separators in by_reading.values())
    assert n_listed


def test_interventions_are_those_of_the_plain_module(networks, ask):
    def some(network, explanation):
        listed = candidate_formulas(
            gate_of_table(outputs_rounded(network)), "text", "operators", len(network.weights)
        )
        return [
            {"formula": f.text, "protocol": {"pairs": pairs, "variables": "operators"}}
            for f in listed[:: 1 + len(listed) // 4]
            for pairs in PAIRS
        ]

    answers = iter(ask(questions(networks, "agreements", some)))
    n_compared = 0
    for network, _, _ in networks:
        listed = candidate_formulas(
            gate_of_table(outputs_rounded(network)), "text", "operators", len(network.weights)
        )
        rules = plain.text()
        by_text = (
            {
                plain.formula_text(f): f
                for f in plain.formulas(outputs_rounded(network), "text", len(network.weights))
            }
            if network.layer_sizes[0] == 2 and len(network.weights) <= 3
            else {}
        )
        given = responses(engine(network))
        for formula in listed[:: 1 + len(listed) // 4]:
            required = np.array([v.response for v in formula.variables], bool)
            for pairs in PAIRS:
                answer = next(answers)
                mask = pair_mask(pairs, 2 ** network.layer_sizes[0])
                tried = places(tuple(network.layer_sizes))
                assert [(p["place"]["layer"], tuple(p["place"]["neurons"])) for p in answer] == [
                    (p.layer, p.neurons) for p in tried
                ]
                found = [[c["agree"] for c in one["counts"]] for one in answer]
                if len(formula.variables):
                    wanted = count_agreements(given, required, mask)[0].T
                    assert found == wanted.tolist()
                assert all(c["asked"] == mask.sum() for one in answer for c in one["counts"])
                if plain_formula := by_text.get(formula.text):
                    paths = plain.intermediate_variables(plain_formula, rules.variables)
                    for place, counts in zip(tried[:4], found[:4], strict=True):
                        for path, agree in zip(paths, counts, strict=True):
                            share = plain.iia(
                                network, plain_formula, path, place.layer, place.neurons, pairs
                            )
                            assert share * int(mask.sum()) == agree
                            n_compared += 1
    assert n_compared or not by_text


WANTED = [(2, False), (2 + 8, False), (2 + 16, False), (2 + 32, False), (2, True)]
WANTED += [(128, False), (1024, False), (2048, False)]
"""Perfect circuits that are minimal, complete, both at once; and the sparsest; those near the
network and the minimal ones of them: as flags."""


def test_circuits_and_places_are_read_back(networks, ask):
    protocols = [
        {
            "name": "strict",
            "listed": True,
            "inputs": "clean",
            "needs": needs,
            "sparsest": sparsest,
        }
        for needs, sparsest in WANTED
    ]
    asked = [
        {
            "name": "circuits",
            "detail": unpacked(*data["details"].values())[0],
            "family": {**data, "details": {}},
            "protocols": [protocol],
        }
        for _, _, data in networks
        for protocol in protocols
    ]
    # Another protocol, which admits circuits with an even number of edges.
    even = {**protocols[0], "name": "even"}
    compared = [
        {
            "name": "difference",
            "detail": one["detail"],
            "family": {
                **one["family"],
                "admitted": {
                    "strict": one["family"]["admitted"]["strict"],
                    "even": [[h, e] for h, e in one["family"]["admitted"]["strict"] if e % 2 == 0],
                },
            },
            "protocols": [protocols[0], even],
            "counting": counting,
            "not": other,
        }
        for one in asked[:: len(WANTED)]
        for counting, other in (("strict", None), ("strict", "even"), ("even", "strict"))
    ]
    wanted = []
    for _, explanation, _ in networks:
        n_edges = explanation.frames["circuits"]["n_edges"]
        wanted += [len(n_edges), int((n_edges % 2).sum()), 0]
    assert ask(compared) == wanted
    answers = iter(ask(asked))
    for _, explanation, _ in networks:
        circuits = explanation.frames["circuits"].set_index("circuit_id")
        numbers = explanation.frames["interpretations"].set_index("circuit_id")
        fewest = circuits.loc[circuits["for_model"], "n_edges"].min()
        for needs, sparsest in WANTED:
            found = next(answers)
            assert sorted(one["id"] for one in found) == sorted(circuits.index)
            for one in found:
                row = circuits.loc[one["id"]]
                assert (one["nHidden"], one["nEdges"]) == (row["n_hidden"], row["n_edges"])
                assert one["edges"] == edges_of_id(one["id"])
                assert one["interpretations"] == numbers.loc[one["id"], "n_interpretations"]
                holds = {bit: row[name] for name, bit in FLAGS.items()}
                is_counted = all(holds[bit] for bit in holds if needs & bit)
                is_counted &= not sparsest or row["n_edges"] == fewest
                assert one["countedUnder"] == (["strict"] if is_counted else [])
    sizes = tuple(networks[0][0].layer_sizes)
    tried = places(sizes)
    found = ask([{"name": "place", "bits": p.bits(sizes), "sizes": list(sizes)} for p in tried])
    assert [(p["layer"], tuple(p["neurons"])) for p in found] == [
        (p.layer, p.neurons) for p in tried
    ]


# Formulas, gates, numbers, addresses -------------------------------------------------------------


@pytest.mark.parametrize("target", ["XOR", "AND", "IMP", "MAJORITY"])
@pytest.mark.parametrize("name", ["released", "text", "strict"])
def test_formulas_are_read_and_their_variables_found(ask, target, name):
    protocol, computed = PROTOCOLS[name], gate(target)
    depth = 3 if computed.n_inputs == 2 else 2
    listed = candidate_formulas(computed, protocol.formulas, protocol.variables, depth)
    rows = input_rows(computed.n_inputs).astype(int).tolist()
    answers = ask(
        [
            {"name": "variables", "formula": f.text, "rule": protocol.variables, "rows": rows}
            for f in listed
        ]
    )
    for formula, answer in zip(listed, answers, strict=True):
        assert answer["printed"] == formula.text
        assert answer["variables"] == [
            [v.text, "".join(map(str, v.response))] for v in formula.variables
        ]


def test_gates_and_numbers_are_written_as_in_the_figures(ask):
    gates = [
        ([int(b) for b in f"{table:0{size}b}"], of_inputs)
        for size in (2, 4, 8, 16)
        for table in ({2: (1, 2), 4: range(1, 15), 8: (1, 129), 16: (1, 65534)}[size])
        for of_inputs in ((True, False) if size in (2, 4) else (False,))
    ]
    found = ask([{"name": "gate", "gate": g, "ofInputs": of_inputs} for g, of_inputs in gates])
    for (table, of_inputs), lines in zip(gates, found, strict=True):
        assert "\n".join(lines) == gate_label(tuple(table), of_inputs)
    numbers = [
        0,
        1,
        999,
        1000,
        999_999,
        10**6,
        9_995_000,
        9_994_999,
        123_456_789,
        10**40 - 1,
        3**90,
    ]
    found = ask([{"name": "count", "value": str(n)} for n in numbers])
    assert found == [number(n) for n in numbers]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("#family=xor-k3&network=xor-k3/1", "#family=xor-k3&network=xor-k3/1"),
        ("#circuit=10.01-11.00-10", "#circuit=10.01-11.00-10"),
        ("#formula=!%28A*B%29*%28A%2BB%29", "#formula=!%28A*B%29*%28A%2BB%29"),
        ("#page=x&view=elsewhere&unknown=1&row=3", "#row=3"),
        ("#interpretation=123456789012345678901", "#interpretation=123456789012345678901"),
        ("#network=%E0%A4%A", "#"),
        ("", "#"),
    ],
)
def test_an_address_keeps_what_it_says(ask, given, kept):
    assert ask([{"name": "address", "fragment": given}]) == [kept]
