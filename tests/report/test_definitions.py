"""The page of definitions: what it names is there, and is tested where it says."""

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from itertools import chain
from pathlib import Path

import pytest

from identifiability import plain
from identifiability.report.definitions import DEFINITIONS, page
from identifiability.store.paths import PROJECT

EVERY = list(chain(*DEFINITIONS.values()))
every_definition = pytest.mark.parametrize("definition", EVERY, ids=lambda own: own.name)


def member(owner, name):
    """What an object, a class or a data class calls by a name."""
    if is_dataclass(owner) and name in {field.name for field in fields(owner)}:
        return owner
    return getattr(owner, name)


def resolve(dotted):
    """What a dotted name within the library means, and the module in which it is written."""
    parts = dotted.split(".")
    modules = [part for part in parts[:-1] if part.islower()]
    module = importlib.import_module(".".join(["identifiability", *modules]))
    found = module
    for part in parts[len(modules) :]:
        found = member(found, part)
    return found, module


@every_definition
def test_functions_are_there(definition):
    for name in definition.engine:
        found, module = resolve(name)
        assert inspect.getmodule(found) in (module, None), f"{name} is imported from elsewhere"
    for name in definition.plain:
        found = plain
        for part in name.split("."):
            found = member(found, part)
        assert callable(found), name


@every_definition
def test_the_test_file_calls_the_functions(definition):
    text = (PROJECT / "tests" / definition.tests).read_text()
    for dotted in (*definition.engine, *definition.plain):
        name = dotted.split(".")[-1]
        assert re.search(rf"\b{name}\b", text), f"{definition.tests} has no {name}"


def test_test_files_mirror_the_packages():
    for definition in EVERY:
        package = Path(definition.tests).parent.as_posix()
        packages = {name.split(".")[0] for name in definition.engine}
        assert packages & {package, "protocols"}, definition.name


def test_no_definition_comes_twice():
    names = [definition.name for definition in EVERY]
    assert len(set(names)) == len(names)


def test_a_definition_is_one_line_of_the_page():
    lines = page().splitlines()
    for definition in EVERY:
        (line,) = (own for own in lines if own.startswith(f"| **{definition.name}** |"))
        assert definition.words in line
        assert len(definition.words.split()) <= 60
        for name in (*definition.engine, *definition.plain, definition.tests):
            assert f"[`{name}`](" in line
