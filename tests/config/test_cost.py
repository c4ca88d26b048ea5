"""What jobs cost: units, the fit, the command's output and refusals, and the budget."""

import subprocess
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from identifiability.circuits.candidates import enumerate_candidates
from identifiability.config import cost
from identifiability.config.shards import shards_of
from identifiability.errors import UserError
from identifiability.evidence.runs import read_config
from identifiability.protocols import PROTOCOLS, RELEASED, STRICT
from tests.command.test_cli import run  # noqa: F401 - a fixture

ENGINE = {"max_candidates": 5_000_000, "max_listed": 10_000, "max_hours": 1, "max_memory_gb": 2}


@pytest.mark.parametrize("sizes", [(2, 1, 1, 1), (2, 2, 3, 1), (2, 3, 2, 1), (2, 2, 4, 1)])
def test_units_of_half_sums_by_brute_force(sizes):
    _, first, second, _ = sizes
    expected = np.zeros(4)
    for masks in product(range(4), repeat=first):
        if np.bitwise_or.reduce(masks) < 3:
            continue
        own = list(product([0, 1], repeat=sum(mask > 0 for mask in masks)))
        last = len(list(product(own, repeat=min(2, second))))
        pairs = len(list(product(own, repeat=max(0, second - 2))))
        words = len(range(0, last, 64))
        expected += [1, pairs, pairs * words, 4 * last * words]
    assert cost.half_sum_units(sizes) == tuple(expected)


@pytest.mark.parametrize("sizes", [(2, 3, 1), (2, 2, 2, 1), (2, 3, 3, 1)])
def test_what_is_walked_through_is_what_is_enumerated(sizes):
    shape = cost.shape_of(sizes, PROTOCOLS.values(), ENGINE)
    assert shape.walked == len(enumerate_candidates(sizes)) == shape.listed
    assert not shape.summed
    assert not shape.wide


def test_what_passes_the_cap_is_counted_by_half_sums():
    shape = cost.shape_of((2, 5, 5, 1), [RELEASED, STRICT], ENGINE)
    assert shape.summed
    assert 0 < shape.walked <= ENGINE["max_candidates"]


def jobs_of(model, widths, summed=True):
    """Jobs that cost what a model says."""
    jobs = []
    for width, networks, noise in product(widths, (1, 40, 100, 700), (False, True)):
        shape = cost.shape_of((2, width, width, 1), PROTOCOLS.values(), ENGINE)
        shape = replace(shape, summed=shape.summed and summed, noise=noise)
        costs = cost.predict(model, shape, networks, cost.JOB_THREADS)
        jobs += [cost.Job(stage, shape, networks, costs[stage]) for stage in cost.STAGES]
    return jobs


def test_a_fit_recovers_the_coefficients_of_jobs():
    known = cost.load_model()
    two = {stage: [1.5, 0.01] for stage in cost.STAGES}
    three = {stage: [3.0, 0.02, 1e-6] for stage in ("circuits", "interpretations")}
    three["training"] = [3.0, 0.02, 0.05]
    true = cost.Model(known.half_sums, 2.5, two | three, two | three)
    found = cost.fit(jobs_of(true, (2, 3, 4, 5)), known)
    assert found.factor_fitted
    assert found.model.factor == pytest.approx(2.5)
    for stage in cost.STAGES:
        assert found.model.seconds[stage] == pytest.approx(true.seconds[stage])
        assert found.errors[stage] == pytest.approx(1)
    costs = cost.predict(true, jobs_of(true, (4,))[0].shape, 50, 2)
    again = cost.predict(found.model, jobs_of(true, (4,))[0].shape, 50, 2)
    np.testing.assert_allclose([*costs.values()], [*again.values()], rtol=1e-6)


def test_without_half_sums_among_the_jobs_their_factor_is_the_one_known():
    known = replace(cost.load_model(), factor=1.25)
    found = cost.fit(jobs_of(known, (2, 3, 4)), known)
    assert not found.factor_fitted
    assert found.model.factor == 1.25


def test_a_calibration_is_of_the_size_of_what_is_shipped():
    assert 0.02 < cost.calibrate(cost.load_model()) < 50


def test_more_cores_than_a_job_has_threads_change_nothing():
    shape = cost.shape_of((2, 5, 5, 1), [STRICT], ENGINE)
    one, two, many = (cost.predict(cost.load_model(), shape, 100, cores) for cores in (1, 2, 64))
    assert one["interpretations"].seconds > 1.5 * two["interpretations"].seconds
    assert two == many


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.034, "0.034 s"), (12, "12.0 s"), (90, "1.5 min"), (5400, "1.5 h"), (1e6, "11.6 d")],
)
def test_durations(seconds, text):
    assert cost.duration(seconds) == text


def test_the_command_says_candidates_method_and_cost(run, monkeypatch):  # noqa: F811
    monkeypatch.setenv("COLUMNS", "200")
    process = run("cost", "--hidden", "6", "6", "--protocol", "strict", "--networks", "50")
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert "46,908,442,046,529 circuits per network" in process.stdout
    assert "counted by half sums" in process.stdout
    assert "50 networks on 2 cores" in process.stdout
    assert "1 of 50 networks (engine.seeds_per_job); advised are 1 at most" in process.stdout
    assert "on a GPU: not measured: no benchmark from a GPU" in lines
    assert {line.split(" ")[0] for line in lines} >= {*cost.STAGES, "in"}
    assert "raise engine.max_hours" in lines[-1]
    process = run("cost", "--hidden", "3", "3")
    assert "9,625 walked through" in process.stdout
    assert "would refuse" not in process.stdout
    process = run("cost", "--hidden", "3", "3", "--networks", "2500")
    assert "3 of 1,000 networks (engine.seeds_per_job)" in process.stdout


def test_networks_of_a_job_are_as_many_as_keep_it_to_minutes():
    model, engine = cost.load_model(), read_config().engine
    for width in (2, 3, 4, 5, 6):
        shape = cost.shape_of((2, width, width, 1), PROTOCOLS.values(), engine)
        networks, bound = cost.networks_of_a_job(model, shape, cost.JOB_THREADS, engine)

        def fits(number, shape=shape):
            costs = cost.predict(model, shape, number, cost.JOB_THREADS)
            assert cost.over_budget(costs, engine) is None or number == 1
            return {
                "time": max(one.seconds for one in costs.values()) <= 60 * cost.JOB_MINUTES,
                "memory": max(one.megabytes for one in costs.values())
                <= 512 * engine["max_memory_gb"],
            }

        assert networks == 1 or all(fits(networks).values())
        assert not fits(networks + 1)[bound]


@pytest.fixture
def ran(tmp_path):
    """A function that lays out the benchmark files of a run whose jobs cost what is shipped."""
    artifacts = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    def lay_out(benchmarks="benchmarks"):
        config = read_config()
        for family in config.used:
            for name, column in (("networks", "converged"), ("summary", "counted")):
                path = tmp_path / "results" / name / f"{family.name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                rows = {column: [True] * family.seeds, "protocol": ["strict"] * family.seeds}
                rows["seed"] = [*range(family.seeds)]
                artifacts.write_table(pa.table(rows), path)
            shape = cost.shape_of(
                family.single_output_sizes, config.protocols_of(family), config.engine
            )
            views = family.seeds * family.n_outputs
            for stage, (seconds, memory) in cost.predict(
                cost.load_model(), shape, views, cost.JOB_THREADS
            ).items():
                path = tmp_path / benchmarks / stage / f"{family.name}.tsv"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"s\tmax_rss\n{3 * seconds}\t{memory}\n")
        return tmp_path / "results"

    return lay_out


def test_the_command_fits_the_benchmark_files_of_a_run(run, ran, monkeypatch):  # noqa: F811
    monkeypatch.setenv("COLUMNS", "300")
    process = run("cost", "--hidden", "5", "5", "--results", ran())
    assert process.returncode == 0, process.stderr
    assert f"fitted to {6 * len(read_config().used)} benchmark files" in process.stdout
    assert "median error a factor of 1.00" in process.stdout
    assert "fitted to the same files" in process.stdout
    assert "not measured" not in run(
        "cost", "--hidden", "5", "5", "--results", ran("benchmarks-gpu")
    ).stdout.replace("on a GPU:\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hidden", "8", "8"], "circuits are counted for at most 6 neurons in a layer"),
        (["--hidden", "64", "64"], "circuits are counted for at most 6 neurons in a layer"),
        (["--hidden", "12"], "circuits are counted for two inputs and two hidden layers only"),
        (["--hidden", "4", "4", "4"], "at most 5,000,000 are enumerated (engine.max_candidates)"),
        (["--hidden", "4", "4", "--inputs", "3"], "3 inputs and hidden layers of [4, 4] neurons"),
        (["--hidden", "0", "3"], "layers of [2, 0, 3, 1] neurons: a layer has at least 1"),
        (["--hidden", "3", "3", "--protocol", "lenient"], "unknown protocol 'lenient'; known are"),
        (["--hidden", "3", "--results", "no/such"], "--results: no/such: no such folder"),
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
