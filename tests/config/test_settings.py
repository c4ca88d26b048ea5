"""Configurations that are refused: each with one line that names the key, and what is wrong."""

import pytest
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from identifiability.config.cost import check_budget
from identifiability.errors import UserError
from identifiability.store.paths import PROJECT
from tests.configured import parse

# What a user's file says, and how the line begins that refuses it.
BAD = {
    "an unknown key": ("sedes: 3", "sedes: no such key; did you mean 'seeds'?"),
    "a nested unknown key": ("training: {bath: 1}", "training.bath: no such key"),
    "a wrong type": ("seeds: ten", "seeds: 'ten' is not of type 'integer'"),
    "a number that YAML reads as text": (
        "training: {learning_rate: 1e-3}",
        "training.learning_rate: '1e-3' is not of type 'number'; in YAML write 1.0e-3",
    ),
    "a value out of range": ("seeds: 0", "seeds: 0 is less than the minimum of 1"),
    "a float for an integer": ("seeds: 12.0", "seeds: 12.0 is not of type 'integer'"),
    "not a number": (
        "training: {learning_rate: .nan}",
        "training.learning_rate: nan is not of type 'number'",
    ),
    "a key that is a number": ("families: {12: {}}", "families.12: the key 12 is not text"),
    "a prefix that is a file": ("prefix: Snakefile", "prefix: 'Snakefile' is a file"),
    "an unknown gate": (
        "families: {xor-k3: {gates: [XOOR]}}",
        "families.xor-k3.gates: unknown gate 'XOOR'; known are AND, OR, XOR",
    ),
    "gates with different numbers of inputs": (
        "families: {xor-k3: {gates: [XOR, '01101001']}}",
        "families.xor-k3.gates: gates with different numbers of inputs: XOR takes 2",
    ),
    "a gate twice": (
        "families: {xor-k3: {gates: [XOR, XOR]}}",
        "families.xor-k3.gates: XOR is given twice",
    ),
    "an unknown family": (
        "experiments: {basic: {families: [xor-k9]}}",
        "experiments.basic.families: unknown family 'xor-k9'; known are xor-k2, xor-k3",
    ),
    "an unknown protocol": (
        "experiments: {example: {protocol: lenient}}",
        "experiments.example.protocol: unknown protocol 'lenient'; known are released, text",
    ),
    "a protocol like none": (
        "protocols: {mine: {like: yours}}",
        "protocols.mine.like: unknown protocol 'yours'",
    ),
    "three hidden layers": (
        "families: {xor-k3: {hidden: [2, 2, 2]}}",
        "families.xor-k3.hidden: [2, 2, 2] is too long",
    ),
    "more neurons than can be enumerated": (
        "families: {xor-k3: {hidden: [7, 7]}}",
        "families.xor-k3.hidden: [7, 7] gives 1,185,854,480,006,684,545 candidate circuits",
    ),
    "too many neurons for noise": (
        "families: {xor-k3-noise: {hidden: [4, 4]}}",
        "families.xor-k3-noise.hidden: [4, 4] gives 4,346,385 candidate circuits",
    ),
    "more targets than gates": (
        "families: {tasks-n2: {outputs: 9}}",
        "families.tasks-n2.outputs: 9 targets cannot be drawn without replacement from 8 gates",
    ),
    "draws of no family": (
        "families: {xor-k3-stopped-1e-1: {draws_of: nobody}}",
        "families.xor-k3-stopped-1e-1.draws_of: unknown family 'nobody'",
    ),
    "draws of a family of another kind": (
        "families: {xor-k3-stopped-1e-1: {draws_of: untrained-k3}}",
        "families.xor-k3-stopped-1e-1.draws_of: 'untrained-k3' has no trainings of its own",
    ),
    "networks analysed by no rule": (
        "analysed: all",
        "analysed: 'all' is not one of ['converged', 'functional']",
    ),
    "untrained networks with two outputs": (
        "families: {untrained-k3: {outputs: 2}}",
        "families.untrained-k3.outputs: untrained networks have one output",
    ),
    "an example that lists no mappings": (
        "experiments: {example: {protocol: text-D01}}",
        "experiments.example.protocol: 'text-D01' only counts mappings; choose one of released",
    ),
    "an unknown device": (
        "engine: {device: gpu}",
        "engine.device: 'gpu' is not one of ['auto', 'cpu', 'cuda']",
    ),
    "a negative number of GPUs": (
        "engine: {gpus_per_job: -1}",
        "engine.gpus_per_job: -1 is less than the minimum of 0",
    ),
    "a job beyond the budget": (
        "{families: {xor-k3: {hidden: [6, 6], seeds: 100}}, engine: {max_hours: 0.5}}",
        "families.xor-k3: a job 'interpretations' is predicted to take",
    ),
    "minimal circuits on noise": (
        "protocols: {mine: {like: released-noisy, circuits: minimal}}",
        "protocols.mine: minimal and complete circuits are known on clean inputs only",
    ),
    "a tolerance on noise": (
        "protocols: {mine: {like: text-D07, tolerance: 0.1}}",
        "protocols.mine.tolerance: circuits within a tolerance are compared with the network's",
    ),
    "a tolerance for the target": (
        "protocols: {mine: {like: released, tolerance: 0.1}}",
        "protocols.mine.tolerance: circuits within a tolerance are compared with the network's",
    ),
    "another tolerance": (
        "protocols: {mine: {like: strict, tolerance: 0.3}}",
        "protocols.mine.tolerance: 0.3 is not one of [0.5, 0.1, 0.02]",
    ),
}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch):
    """Has a prefix lie in the project's folder, in which Snakemake runs."""
    monkeypatch.chdir(PROJECT)


def check(file):
    """Does with a file of the user's what the workflow does (workflow/rules/common.smk)."""
    config = load_configfile(PROJECT / "config" / "config.yaml")
    update_config(config, load_configfile(file))
    check_budget(parse(config))


# Some of them are tried with Snakemake itself: tests/workflow/test_workflow.py.
@pytest.mark.parametrize("case", BAD)
def test_a_bad_configuration_is_refused_with_one_line(case, tmp_path):
    text, message = BAD[case]
    (tmp_path / "my.yaml").write_text(text)
    with pytest.raises(UserError) as refused:
        check(tmp_path / "my.yaml")
    line = str(refused.value)
    assert line.startswith(f"config: {message}")
    assert "\n" not in line


@pytest.mark.parametrize("name", ["config", "smoke", "thousand", "ten-thousand"])
def test_the_configurations_of_the_project_are_accepted(name):
    check(PROJECT / "config" / f"{name}.yaml")


def test_families_of_the_experiment_noise_are_read_on_its_noise():
    config = parse(load_configfile(PROJECT / "config" / "config.yaml"))
    found = {name: config.reading_noise(family) for name, family in config.families.items()}
    assert {name for name, noise in found.items() if noise} == {
        family.name for family in config.experiments["noise"].families
    }
    assert set(found.values()) == {0.0, 0.1}
    plain_family = config.families["xor-k3"]
    assert "released-noisy" in {p.name for p in config.protocols_of(plain_family)}
