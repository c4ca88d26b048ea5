"""What the test modules share: reproducible examples, and a faster plain module."""

import functools
import shutil

import pytest
from hypothesis import HealthCheck, settings

from identifiability import plain

# The same examples in every run, and no verdict on how long one takes.
settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("deterministic")


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
    """A project in which everything was made."""
    from tests.workflow.test_workflow import copy_project, snakemake

    folder = copy_project(tmp_path_factory.mktemp("finished"))
    process = snakemake(folder, "all")
    assert process.returncode == 0, process.stdout
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of that project with its results and `.snakemake`; its dates are new."""
    return shutil.copytree(finished, tmp_path / "copy", copy_function=shutil.copyfile)
