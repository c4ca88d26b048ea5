"""What jobs take: the expressions, the command's output and refusals, and the budget."""

import subprocess
import sys
from dataclasses import replace

import pytest

from identifiability.circuits.reach import reach_of
from identifiability.config import cost
from identifiability.config.shards import shards_of
from identifiability.errors import UserError
from identifiability.evidence.runs import read_config
from identifiability.protocols import PROTOCOLS
from tests.command.test_cli import run  # noqa: F401 - a fixture

LIMITS = {"max_candidates": 5_000_000, "max_listed": 10_000}


def reach(width):
    return reach_of((2, width, width, 1), PROTOCOLS.values(), **LIMITS)


def test_more_networks_and_wider_ones_take_more_and_threads_share_wide_ones():
    for width in (2, 3):  # of wider ones, not all circuits are enumerated
        few, many = cost.costs(reach(width), 10), cost.costs(reach(width), 1000)
        wider = cost.costs(reach(width + 1), 10)
        for stage in few:
            assert many[stage] > few[stage]
            assert wider[stage] >= few[stage]
    one, two = (cost.costs(reach(5), 1000, threads) for threads in (1, 2))
    assert one["interpretations"].seconds > 1.9 * two["interpretations"].seconds
    assert cost.costs(reach(3), 1000, 1) == cost.costs(reach(3), 1000, 2)


def test_noise_costs_in_training_alone():
    quiet, noisy = (cost.costs(reach(3), 100, noise=noise) for noise in (False, True))
    assert [stage for stage in quiet if quiet[stage] != noisy[stage]] == ["training"]


def test_networks_of_a_job_are_as_many_as_keep_it_to_minutes():
    engine = read_config().engine
    for width in (2, 3, 4, 5, 6):
        networks = cost.networks_of_a_job(reach(width), engine)

        def fits(number, width=width):
            found = cost.costs(reach(width), number).values()
            return max(one.seconds for one in found) <= 60 * cost.JOB_MINUTES and (
                max(one.megabytes for one in found) <= 512 * engine["max_memory_gb"]
            )

        assert networks == 1 or fits(networks)
        assert not fits(networks + 1)


def test_the_command_says_how_far_it_goes_and_what_it_takes(run):  # noqa: F811
    process = run("cost", "--hidden", "6", "6", "--networks", "50000")
    assert process.returncode == 0, process.stderr
    first, *lines, last = process.stdout.splitlines()
    assert first.startswith("50,000 networks (2, 6, 6, 1), protocol strict: 4,449,463 candidate")
    assert first.endswith("those of 7 to 12 counted, their interpretations estimated")
    stages = [*cost.costs(reach(2), 1)]
    assert [line.split()[0] for line in lines] == [*stages, "recommended:"]
    assert lines[-1] == "recommended: at most 1 per job"
    assert last.startswith("one job on all of them would be refused: a job '")
    process = run("cost", "--hidden", "3", "3")
    assert "9,625 candidate circuits enumerated one by one" in process.stdout
    assert "refused" not in process.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hidden", "8", "8"], "circuits are counted for at most 6 neurons in a layer"),
        (["--hidden", "12"], "circuits are counted for two inputs and two hidden layers only"),
        (
            ["--hidden", "4", "4", "4"],
            "at most 5,000,000 are enumerated, and beyond that",
        ),
        (["--hidden", "5", "5", "--inputs", "3"], "two inputs and two hidden layers only"),
        (["--hidden", "0", "3"], "0 is not in the range 1<=x<=12"),
        (["--hidden", "64", "64"], "64 is not in the range 1<=x<=12"),
        (["--hidden", "3", "3", "--protocol", "lenient"], "unknown protocol 'lenient'; known are"),
        (["--hidden", "3", "--networks", "0"], "Invalid value for '--networks'"),
        (["--hidden", "three"], "'three' is not a valid integer"),
        ([], "Missing option '--hidden'"),
    ],
)
def test_what_is_out_of_reach_is_one_line(run, arguments, message):  # noqa: F811
    process = run("cost", *arguments)
    [line] = process.stderr.splitlines()
    assert line.startswith("identifiability: error: ")
    assert message in line
    assert process.returncode == 2
    assert process.stdout == ""


def test_the_budget_of_the_paper_is_kept():
    cost.check_budget(read_config())


def test_a_family_beyond_the_budget_is_named_with_the_setting():
    config = read_config()
    families = {name: replace(family, seeds=10**6) for name, family in config.families.items()}
    experiment = replace(config.experiments["size"], families=(families["mixed-k5"],), released=())
    shards = {name: shards_of(name, 10**6, 10**6) for name in families}
    wide = replace(config, families=families, experiments={"size": experiment}, shards=shards)
    line = (
        r"^config: families\.mixed-k5: .* is predicted to .*, more than engine\.(max_\w+): .*; "
        r"raise engine\.\1, or give a job fewer networks than 1,000,000 "
        r"\(families\.mixed-k5\.seeds_per_job\)$"
    )
    with pytest.raises(UserError, match=line):
        cost.check_budget(wide)
    cut = {name: shards_of(name, 10**6, 100) for name in families}
    cost.check_budget(replace(wide, shards=cut))
    few = replace(wide, engine={**config.engine, "max_memory_gb": 0.1})
    with pytest.raises(UserError, match=r"raise engine\.max_memory_gb"):
        cost.check_budget(few)


def test_the_check_imports_no_engine():
    program = (
        "import sys, identifiability.config.cost;"
        "print('torch' in sys.modules, 'numba' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.split() == ["False", "False"]


def test_families_that_take_next_to_no_time_share_a_job():
    config = read_config()
    shared = {
        stage: {f.name for f in config.used if cost.shares_job(stage, f, config)}
        for stage in ("training", "interpretations")
    }
    every = {f.name for f in config.used}
    assert every - shared["interpretations"] == {"xor-k4", "xor-k5", "mixed-k4", "mixed-k5"}
    noisy = {f.name for f in config.used if f.training.noise}
    assert every - shared["training"] == noisy
