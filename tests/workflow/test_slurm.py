"""The profile of SLURM, in a real one on this machine: what users do, and what goes wrong.

A run under SLURM, disturbed or not, ends with the bytes of a local run. Processes are stopped by
their numbers; nothing of the workflow is replaced.
"""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests import slurm_cluster
from tests.workflow.test_workflow import TINY, copy_project, snakemake, values

# What this site needs: no accounting, short jobs, files that are there at once.
SITE = {
    "slurm-status-command": "squeue",
    "latency-wait": 10,
    "slurm-init-seconds-before-status-checks": 8,
}
OPTIONS = [f"--{key}={value}" for key, value in SITE.items()]
SMALL = {**TINY, "seeds": 20}
THREE_JOBS = "tiny/results/circuits/xor-k2.parquet"
WORK = ("data", "results", "figures", "paper")
SECONDS = 300
GRANTED = "device: cpu (CUDA_VISIBLE_DEVICES=0)"

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(slurm_cluster.missing() is not None, reason=str(slurm_cluster.missing())),
]
SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    with slurm_cluster.Cluster() as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    return copy_project(tmp_path / "project", SMALL)


def command(*arguments, config="my.yaml"):
    profile = ["--workflow-profile", "profiles/slurm", *OPTIONS]
    return [sys.executable, "-m", "snakemake", *profile, *arguments, "--configfile", config]


@pytest.fixture
def start(cluster):
    """A function that starts Snakemake under SLURM; what it prints goes to `run.log`.

    Afterwards nothing of it is left, whatever became of the test.
    """
    started = []

    def begin(folder, *arguments, **how):
        environment = {k: v for k, v in cluster.environment.items() if k != "PYTHONPATH"}
        with (folder / "run.log").open("w") as log:
            process = subprocess.Popen(
                command(*arguments, **how), cwd=folder, env=environment, stdout=log, stderr=log
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
    cluster.cancel()
    wait_for("no job", lambda: not cluster.jobs())


def finish(process, folder, seconds=SECONDS):
    """Waits for Snakemake; its status and what it printed."""
    status = process.wait(seconds)
    return status, (folder / "run.log").read_text()


@pytest.fixture
def run(start):
    """A function that runs Snakemake under SLURM; its status and what it printed."""
    return lambda folder, *arguments, **how: finish(start(folder, *arguments, **how), folder)


def locally(folder, *arguments, **how):
    """Runs Snakemake without SLURM."""
    process = snakemake(folder, *arguments, **how)
    assert process.returncode == 0, process.stdout


def wait_for(what, condition, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return found


def process_of(rule, folder):
    """The number of the process that runs a rule's script in a folder."""

    def find():
        for path in Path("/proc").glob("[0-9]*"):
            try:
                words = (path / "cmdline").read_bytes().decode().split("\0")
                if words[-2].endswith(f".{rule}.py") and (path / "cwd").readlink() == folder:
                    return int(path.name)
            except (OSError, IndexError):
                continue
        return None

    return wait_for(f"the script of {rule}", find)


def no_half_file(folder):
    """Whatever stands at a place is whole."""
    for path in folder.rglob("*.parquet"):
        pq.read_table(path)
    assert not [path for path in folder.rglob(".*.part") if path.is_file()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a local run finds: a function of targets."""
    folder = copy_project(tmp_path_factory.mktemp("local") / "project", SMALL)

    def made(*targets):
        locally(folder, *targets)
        return {path: (folder / path).read_bytes() for path in targets}

    return made


# A whole run ------------------------------------------------------------------------------------


def test_the_smoke_config_ends_with_the_bytes_of_a_local_run(start, run, tmp_path):
    folder = copy_project(tmp_path / "project")
    if "SMOKE_RUN" in os.environ:  # made by .ci/run
        expected = values(Path(os.environ["SMOKE_RUN"]), WORK)
    else:
        other = copy_project(tmp_path / "local")
        locally(other, config="config/smoke.yaml")
        expected = values(other / "smoke", WORK)
    process = start(folder, config="config/smoke.yaml")
    status, log = finish(process, folder, 900)
    assert status == 0, log
    found = values(folder / "smoke", WORK)
    assert set(found) == set(expected)
    assert [str(path) for path in found if found[path] != expected[path]] == []
    # Each job that asks for the GPU is granted it, finds no CUDA, and computes on the CPU.
    logs = folder / "smoke" / "logs"
    for rule in ("circuits", "alignment"):
        for path in (logs / f"{rule}.log", *logs.glob(f"{rule}/**/*.log")):
            assert re.findall(r"device: .*", path.read_text()) == [GRANTED], path
    # Far fewer jobs of SLURM than of the workflow.
    submitted = len(re.findall(r"has been submitted with SLURM jobid", log))
    steps = int(re.search(r"(\d+) of \1 steps", log)[1])
    # No more than when each family had jobs of its own, of which five shared one.
    assert submitted <= 15 < steps / 2
    assert "Nothing to be done" in run(folder, config="config/smoke.yaml")[1]


def test_a_job_that_is_killed_is_made_again(start, tmp_path):
    wide = {**SMALL, "families": {"xor-k4": {"seeds": 60}}}
    target = "tiny/results/cells/xor-k4.parquet"
    expected = copy_project(tmp_path / "local", wide)
    locally(expected, target)
    folder = copy_project(tmp_path / "project", wide)
    process = start(folder, target)
    job = process_of("interpretations", folder)
    log = folder / "tiny" / "logs" / "interpretations" / "xor-k4.log"
    wait_for(
        "some of the work",
        lambda: log.exists() and "interpreted the circuits of" in log.read_text(),
    )
    os.kill(job, signal.SIGKILL)
    status, printed = finish(process, folder)
    assert status == 0, printed
    assert "Trying to restart" in printed
    no_half_file(folder)
    assert (folder / target).read_bytes() == (expected / target).read_bytes()


# Faults -----------------------------------------------------------------------------------------


@SLOW
def test_a_node_that_is_drained_and_comes_back(cluster, start, folder, undisturbed):
    cluster.control("update", f"NodeName={cluster.node}", "State=DRAIN", "Reason=test")
    try:
        process = start(folder, THREE_JOBS)
        wait_for("a job that waits", cluster.jobs)
        time.sleep(15)
        assert cluster.state() == "drained"
        assert not (folder / THREE_JOBS).exists()
    finally:
        cluster.control("update", f"NodeName={cluster.node}", "State=RESUME")
    status, log = finish(process, folder)
    assert status == 0, log
    assert (folder / THREE_JOBS).read_bytes() == undisturbed(THREE_JOBS)[THREE_JOBS]


@SLOW
def test_a_job_beyond_its_time_passes_when_it_is_tried_again(start, folder, undisturbed):
    # The time of a group is that of its rules together.
    limits = ["datasets:runtime=0", "training:runtime=attempt", "circuits:runtime=5"]
    process = start(folder, THREE_JOBS, "--set-resources", *limits)
    os.kill(process_of("training", folder), signal.SIGSTOP)  # it hangs
    status, log = finish(process, folder)
    assert status == 0, log
    assert "DUE TO TIME LIMIT" in log
    assert "Trying to restart" in log
    assert (folder / THREE_JOBS).read_bytes() == undisturbed(THREE_JOBS)[THREE_JOBS]


@contextmanager
def small_disk(place, size):
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    subprocess.run(command, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(path):
    """Writes to a file until its disk is full."""
    with path.open("wb", 0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@SLOW
def test_a_full_disk(run, folder, undisturbed):
    disk, samples = folder / "tiny", "tiny/data/datasets/xor-k2.parquet"
    with small_disk(disk, "1m"):
        assert run(folder, samples)[0] == 0
        fill(disk / "ballast")
        status, log = run(folder, THREE_JOBS, "--retries=0")
        assert status != 0
        assert "xor-k2.parquet: cannot be written (No space left on device)" in log
        no_half_file(disk)
        assert not (folder / THREE_JOBS).exists()
        (disk / "ballast").unlink()
        status, log = run(folder, THREE_JOBS)
        assert status == 0, log
        assert (folder / THREE_JOBS).read_bytes() == undisturbed(THREE_JOBS)[THREE_JOBS]


@SLOW
def test_snakemake_is_interrupted_and_started_again(cluster, start, run, folder, undisturbed):
    process = start(folder, THREE_JOBS)
    job = process_of("training", folder)
    os.kill(job, signal.SIGSTOP)  # so that it is still at work
    process.send_signal(signal.SIGINT)
    status, log = finish(process, folder)
    assert status != 0
    wait_for("jobs to be cancelled", lambda: not cluster.jobs())
    assert not (folder / THREE_JOBS).exists()
    no_half_file(folder)
    assert "Terminating processes on user request, this might take some time." in log
    status, log = run(folder, THREE_JOBS)
    assert status == 0, log
    assert (folder / THREE_JOBS).read_bytes() == undisturbed(THREE_JOBS)[THREE_JOBS]


@SLOW
def test_a_second_run_in_the_same_folder_is_refused(cluster, start, folder, undisturbed):
    process = start(folder, THREE_JOBS)
    wait_for("a job", cluster.jobs)
    second = subprocess.run(
        command(THREE_JOBS),
        cwd=folder,
        env=cluster.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert second.returncode != 0
    assert "Error: Directory cannot be locked" in second.stdout
    assert "Traceback" not in second.stdout
    status, log = finish(process, folder)
    assert status == 0, log
    assert (folder / THREE_JOBS).read_bytes() == undisturbed(THREE_JOBS)[THREE_JOBS]


@SLOW
def test_shards_of_a_wide_family_are_jobs_of_their_own(run, tmp_path):
    family = {"xor-k4": {"seeds": 6}}
    target = "tiny/results/summary/xor-k4.parquet"
    whole = copy_project(tmp_path / "whole", {**SMALL, "families": family})
    locally(whole, target)
    folder = copy_project(
        tmp_path / "cut", {**SMALL, "families": {"xor-k4": {"seeds": 6, "seeds_per_job": 2}}}
    )
    status, log = run(folder, target)
    assert status == 0, log
    assert len(re.findall(r"group_wide_\w+/\d+\.log", log)) == 3
    found, expected = (pq.read_table(place / target) for place in (folder, whole))
    assert found.equals(expected, check_metadata=True)


@SLOW
def test_a_site_that_wants_gres(run, folder):
    options = ["circuits:gpu=0", "circuits:gres='gpu:1'", "circuits:slurm_partition='gpu'"]
    status, log = run(folder, THREE_JOBS, "--set-resources", *options)
    assert status == 0, log
    printed = (folder / "tiny" / "logs" / "circuits.log").read_text()
    assert re.findall(r"device: .*", printed) == [GRANTED]
