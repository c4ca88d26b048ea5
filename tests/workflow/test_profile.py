"""The profile of SLURM, as a text; tests/workflow/test_slurm.py runs it."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "workflow" / "rules"
PROFILE = ROOT / "profiles" / "slurm" / "config.yaml"


def test_the_profile_keeps_what_the_default_one_says():
    ours = yaml.safe_load(PROFILE.read_text())
    default = yaml.safe_load((ROOT / "profiles" / "default" / "config.yaml").read_text())
    assert default.items() <= ours.items()


def test_every_rule_that_is_sent_belongs_to_a_group():
    local, sent, own = set(), set(), set()
    for path in RULES.glob("*.smk"):
        blocks = re.split(r"^(?=(?:use )?rule )", path.read_text(), flags=re.MULTILINE)[1:]
        for block in blocks:
            name, like = re.match(r"(?:use )?rule (\w+)(?: as (\w+))?", block).groups()
            (local if "localrule: True" in block else sent).add(like or name)
            if "\n    group:" in block or (like and name in own):
                own.add(like or name)
    groups = yaml.safe_load(PROFILE.read_text())["groups"]
    assert own == {"interpretations", "interpretations_alone"}
    assert set(groups) == sent - own
    assert {"training", "training_alone"} <= sent
    assert "figures" in local


def test_rules_name_no_partition_account_or_grant():
    for path in [*RULES.glob("*.smk"), ROOT / "Snakefile"]:
        assert not re.search(
            r"\b(slurm\w*|partition|account|gres|walltime)\b", path.read_text()
        ), path
