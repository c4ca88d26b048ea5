"""Drawings for notebooks, and the notebooks themselves."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from identifiability import explain
from identifiability.drawing.single import draw_circuit, draw_mapping
from identifiability.errors import UserError
from identifiability.networks.files import load
from identifiability.report.notebooks import execute

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "workflow" / "notebooks").glob("*.ipynb"))
REFERENCE = ROOT / "tests" / "data" / "reference"


@pytest.fixture(scope="module")
def found():
    network, *_ = load(REFERENCE / "xor-k3-0.json")
    return explain(network, protocol="strict")


def words(figure):
    own = [text.get_text() for text in figure.texts]
    return own + [text.get_text() for axes in figure.axes for text in axes.texts]


def test_a_circuit_is_drawn_with_its_gates(found):
    with_gates, without = draw_circuit(found), draw_circuit(found, gates=False)
    number = len(found.frames["circuits"])
    assert words(with_gates)[0].startswith(f"circuit 1 of {number}: ")
    kept = found.frames["circuits"].iloc[0]["n_hidden"]
    gates = [word for word in words(with_gates)[1:] if word not in ("", "A", "B")]
    assert len(gates) == kept + 1
    assert {word for word in words(without)[1:] if word} == {"A", "B"}


def test_a_mapping_is_drawn_in_the_colours_of_its_variables(found):
    mappings = found.frames["mappings"]
    number = int(mappings["layers"].map(len).idxmax())
    figure = draw_mapping(found, number)
    n_variables = len(mappings.iloc[number]["layers"])
    tree, places = figure.axes
    in_places = [text.get_text() for text in places.texts]
    for variable in range(1, n_variables + 1):
        assert f"v{variable}" in in_places
        assert any(t.get_text().startswith(f"v{variable} ") for t in tree.texts)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"number": 10**6}, "there is no perfect circuit 1000000"),
        ({"number": -1}, "there is no perfect circuit -1"),
        ({"target": "AND"}, "no target 'AND'; the network has XOR"),
    ],
)
def test_what_is_not_there_is_named(found, options, says):
    with pytest.raises(UserError, match=says):
        draw_circuit(found, **options)


def test_with_several_targets_one_is_chosen():
    network, *_ = load(REFERENCE / "xor-and-nor-k3-0.json")
    found = explain(network, protocol="released")
    with pytest.raises(UserError, match="the network has the targets XOR, AND, NOR; give one"):
        draw_circuit(found)
    counts = found.frames["circuits"].merge(found.frames["interpretations"])
    for target in ("XOR", "NOR"):
        own = counts[counts["target"] == target].reset_index(drop=True)
        for number in (0, len(own) - 1):
            heading = words(draw_circuit(found, number, target=target))[0]
            assert heading.startswith(f"circuit {number + 1} of {len(own):,}: ")
            assert f"{int(own['n_interpretations'][number]):,} " in heading


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs_and_valid(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_a_notebook_is_executed_the_same_twice(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell("import identifiability\nprint(6 * 7)", id="a"),
        nbformat.v4.new_code_cell("identifiability.__file__", id="b"),
        nbformat.v4.new_code_cell("import os\nprint(os.environ['RUN'])", id="c"),
    ]
    nbformat.write(notebook, tmp_path / "n.ipynb")
    for name in ("one", "two"):
        execute(
            tmp_path / "n.ipynb",
            notebook=tmp_path / f"{name}.ipynb",
            page=tmp_path / f"{name}.html",
            made_by={"settings": "{}"},
            environment={"RUN": "a folder"},
        )
    one, two = ((tmp_path / f"{name}.ipynb").read_text() for name in ("one", "two"))
    assert one == two
    outputs = [cell["outputs"][0] for cell in json.loads(one)["cells"]]
    assert outputs[0]["text"] == ["42\n"]
    assert outputs[2]["text"] == ["a folder\n"]
    assert json.loads(one)["metadata"]["made_by"] == {"settings": "{}"}
    # The library of this project, not one that happens to be installed.
    assert str(ROOT) in "".join(outputs[1]["data"]["text/plain"])
    assert re.search(r">42\s*<", (tmp_path / "one.html").read_text())
