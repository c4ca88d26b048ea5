"""What experiments vary, and their families in that order."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from identifiability.errors import UserError
from identifiability.evidence.sweeps import VARIATIONS, sweeps
from tests.configured import parse

ROOT = Path(__file__).parents[2]


def test_sweeps_of_the_configuration() -> None:
    settings = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    places = {}
    for name in VARIATIONS:
        experiment = settings.experiments[name]
        families = (*experiment.families, *experiment.released)
        frames = {family.name: pd.DataFrame({"name": [family.name]}) for family in families}
        found = sweeps(name, experiment.families, experiment.released, frames)
        places[name] = [(each.gates, list(each.summaries)) for each in found]
        shown = [frame["name"].item() for each in found for frame in each.summaries.values()]
        assert shown == [family.name for family in families]
    widths = ["2", "3", "4", "5"]
    assert places["size"] == [("4 gates", widths), ("XOR alone", widths)]
    assert places["tasks"] == [("", ["1", "2", "3", "4", "5", "6"])]
    assert places["gate"] == [("", ["AND", "OR", "XOR", "IMP"])]
    assert places["loss"] == [("", ["−1", "−2", "−3", "−4", "−5", "−6"])]


def test_two_families_in_one_place_are_an_error() -> None:
    settings = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    twice = [settings.families["xor-k3"], settings.families["and-k3"]]
    with pytest.raises(UserError, match="xor-k3 and and-k3 have the same width k, 3"):
        sweeps("size", twice, [], {family.name: pd.DataFrame() for family in twice})
