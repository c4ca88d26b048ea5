"""What the test modules share: reproducible examples, a faster plain module, a finished run."""

import functools
import os
import shutil

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from identifiability import plain

# The same examples in every run, and no verdict on how long one takes. Of the examples that a test
# asks for (tests/examples.py), `make test-all` tries all, and `make test` a tenth.
for profile, of_a_hundred in (("quick", 10), ("full", 100)):
    settings.register_profile(
        profile,
        max_examples=of_a_hundred,
        derandomize=True,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
settings.load_profile("quick")


# Modules whose tests go to whatever process is free: they share nothing that takes long to make.
LOOSE = ("test_against_plain.py", "test_workflow.py", "test_howto.py")
# What takes longest comes first, so that no process has it left when the others are done; but what
# needs nothing compiled before all, while the process beside it compiles.
LONGEST = ("test_plain.py", "test_workflow.py", "test_howto.py", "test_against_plain.py")
# One that has most of the engine compiled, and one for which the finished project is made: with a
# copy of what was compiled.
FIRST = (
    "test_stages_do_not_depend_on_how_many_networks_go_at_once",
    "test_leaves_every_artifact_with_its_contract",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Has tests in parallel wait for each other as little as they can.

    A group goes to one process: a module's tests, or one test with all its parameters. One group
    makes the finished project while other tests are run elsewhere; those that need it come last.
    """
    groups = {}
    for item in items:
        module = item.path.name
        name = f"{module}::{item.originalname}" if module in LOOSE else module
        if item.originalname in FIRST:
            name = "first"
        item.add_marker(pytest.mark.xdist_group(name))
        groups.setdefault(name, []).append(item)

    def place(name):
        waits = any("finished" in item.fixturenames for item in groups[name])
        module = name.partition("::")[0]
        longest = LONGEST.index(module) if module in LONGEST else len(LONGEST)
        return name != "first", waits, longest

    items[:] = [item for name in sorted(groups, key=place) for item in groups[name]]


@pytest.fixture(scope="session", autouse=True)
def remembered_formulas():
    """Has the plain module find the formulas of a target once: under strict it takes seconds."""
    find = functools.cache(plain.formulas)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            plain, "formulas", lambda table, rule, depth=3: find(tuple(table), rule, depth)
        )
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A project in which everything was made: once, whatever number of processes tests run in.

    It is for all of them, so that a test that changes something there takes `copied`.
    """
    from tests.workflow.test_workflow import copy_project, snakemake

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, printed = shared / "finished", shared / "finished.log"
    with FileLock(shared / "finished.lock"):
        if not printed.exists():
            process = snakemake(copy_project(folder), "all")
            printed.write_text("" if process.returncode == 0 else process.stdout)
    assert not printed.read_text(), printed.read_text()
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of that project with its results and `.snakemake`; its dates are new."""
    return shutil.copytree(finished, tmp_path / "copy", copy_function=shutil.copyfile)
