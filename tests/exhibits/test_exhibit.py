"""Figures and tables as they are declared: one module each, and nothing else lists them."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from identifiability.evidence import coverage
from identifiability.evidence.statistics import CONFIDENCE, MARGIN, POWER
from identifiability.evidence.verdicts import MIN_TALLY
from identifiability.exhibits import exhibit
from identifiability.exhibits.exhibit import EXHIBITS, FIGURES, TABLES, scope_of, targets
from identifiability.protocols import TOLERANCES
from identifiability.report.numerals import percent
from identifiability.store import contracts
from tests.configured import parse

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", EXHIBITS)
def test_every_exhibit_has_a_function_that_makes_it_and_a_caption_of_whole_sentences(name):
    found = EXHIBITS[name]
    module = import_module(f"identifiability.{found.module.removesuffix('.py').replace('/', '.')}")
    assert callable(module.make)
    assert found.kind == "table" or not hasattr(module, "printed")
    assert found.caption[0].isupper()
    assert found.caption.endswith(".")
    assert found.caption.count("`") % 2 == 0
    assert not found.title.endswith(".")


NAMED = re.compile(r"`[^`]*`|\b[CDX][0-9]{2}\b|\b(?:Figure|Table) \w+|h1\.0|section 4\.3")


@pytest.mark.parametrize("name", EXHIBITS)
def test_numbers_in_captions_are_those_that_the_code_goes_by(name):
    numbers = set(re.findall(r"[0-9][0-9.]*%?", NAMED.sub(" ", EXHIBITS[name].caption)))
    # Counts of 0 and bits of 1 are no results; k = 5 is left open by figure_tolerance.
    known = {percent(CONFIDENCE), str(coverage._WITHIN), "0", "1"}
    known |= {percent(POWER), str(MARGIN), str(MIN_TALLY), *map(str, TOLERANCES)}
    known |= {"5"} if name == "figure_tolerance" else set()
    assert {number.rstrip(".") for number in numbers} <= known


@pytest.mark.parametrize("kind", [FIGURES, TABLES])
def test_no_two_of_a_kind_bear_the_same_number(kind):
    numbers = [found.number for found in kind]
    assert len(numbers) == len({*numbers})
    assert all(number.isdigit() or number.isupper() for number in numbers)
    # The report has two tables, A and B, that are not made from results.
    assert kind is FIGURES or not {"A", "B"} & {*numbers}


def test_every_table_has_a_contract_and_every_contract_a_table():
    assert {table.name for table in TABLES} == {*contracts.TABLES}


def test_artifacts_and_claims_that_exhibits_read_exist():
    ledger = yaml.safe_load((ROOT / "paper" / "claims.yaml").read_text())
    claims = [claim["id"] for claim in ledger["claims"]]
    for found in EXHIBITS.values():
        assert {*found.artifacts} <= {*contracts.ARTIFACTS}, found.name
        assert {*found.claims} <= {*claims}, found.name
        assert all((ROOT / "paper" / f"{name}.yaml").exists() for name in found.paper)


def test_an_exhibit_is_made_with_no_more_of_the_configuration_than_it_declares():
    config = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    for found in EXHIBITS.values():
        scope = scope_of(found, config)
        assert {*scope.experiments} == {*found.experiments} - {exhibit.DIGITS}
        assert {*scope.engine} == {*found.engine}
        assert bool(scope.digit_families) == (exhibit.DIGITS in found.experiments)
        assert bool(scope.slugs) == (found.protocols in ("claims", "differences"))


def test_exhibits_are_targets_by_experiment_and_by_category():
    asked = {name: [found.name for found in exhibits] for name, exhibits in targets().items()}
    assert {*asked["example"]} >= {"figure_2", "figure_4", "table_1", "table_2"}
    assert {*asked["gate"]} >= {"figure_5", "figure_6"}
    assert {*asked["claims"]} >= {"claims", "tests", "verdicts"}
    assert {name for names in asked.values() for name in names} == {*EXHIBITS}
    assert not {*asked} & {found.rule for found in EXHIBITS.values()}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('EXHIBIT = {"number": "3"}', "caption"),
        ('EXHIBIT = {"caption": "A.", "colour": "red"}', "colour"),
        ('EXHIBIT = {"caption": CAPTION}', "malformed node"),
        ("FIGURE = 3", "not enough values"),
    ],
)
def test_a_bad_declaration_is_one_line_that_names_the_file(tmp_path, monkeypatch, text, why):
    for kind in ("figures", "tables"):
        (tmp_path / kind).mkdir()
    (tmp_path / "figures" / "figure_mine.py").write_text(text)
    monkeypatch.setattr(exhibit, "__file__", str(tmp_path / "exhibit.py"))
    with pytest.raises(ValueError, match=rf"figure_mine\.py: EXHIBIT has to be .*{why}"):
        list(exhibit._declared())
