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
        for block in re.split(r"^(?=rule )", path.read_text(), flags=re.MULTILINE)[1:]:
            name = re.match(r"rule (\w+)", block)[1]
            (local if "localrule: True" in block else sent).add(name)
            if "\n    group:" in block:
                own.add(name)
    groups = yaml.safe_load(PROFILE.read_text())["groups"]
    assert own == {"interpretations"}
    assert set(groups) == sent - own
    assert "training" in sent
    assert "figures" in local


def test_rules_name_no_partition_account_or_grant():
    for path in [*RULES.glob("*.smk"), ROOT / "Snakefile"]:
        assert not re.search(
            r"\b(slurm\w*|partition|account|gres|walltime)\b", path.read_text()
        ), path
