"""The workflow as a user runs it: in a copy of the project, by Snakemake's command line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import yaml

from identifiability.exhibits.exhibit import EXHIBITS, FIGURES, TABLES, targets
from identifiability.report import reference
from identifiability.store.contracts import ARTIFACTS, contract
from identifiability.store.invariants import check_rows
from tests.config.test_settings import BAD

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
RULE_FILES = [*sorted((ROOT / "workflow" / "rules").glob("*.smk")), ROOT / "Snakefile"]
SLOW = pytest.mark.slow
# Enough networks that one of them has a mapping, and few families.
TINY = {
    "seeds": 6,
    "prefix": "tiny",
    "experiments": {
        "size": {"families": ["mixed-k2"], "released": ["xor-k2"]},
        "tasks": {"families": ["tasks-n2"]},
        "gate": {"families": ["xor-k3"]},
        "loss": {"families": ["xor-k3"], "paired": []},
        "noise": {"families": ["xor-k3", "xor-k3-noise-cutoff-1e-2"]},
        "exact": {"families": ["xor-k2", "xor-k3"]},
        "digits": {"further": ["digits-0-1-k2"]},
    },
    "digits": {"families": {"digits-0-1": {"seeds": 2}, "digits-0-1-k2": {"seeds": 2}}},
}
FAMILIES = {
    "mixed-k2",
    "xor-k2",
    "tasks-n2",
    "xor-k3",
    "xor-k3-noise-cutoff-1e-2",
    "mixed-k3-skewed",
    "untrained-k3",
}
DIGITS = {"digits-0-1", "digits-0-1-k2"}
OF_SOME_FAMILIES = ("datasets", "untrained", "noisy", "readings")
"""Artifacts that only some families have."""
TARGETS = {"all", "figures", "tables", *targets()}


def copy_project(folder, config=TINY):
    """The project's own files, and a config file `my.yaml`."""
    folder.mkdir(exist_ok=True)
    for name in ("Snakefile", "workflow", "profiles", "config", "envs", "paper", "CITATION.cff"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    (folder / "my.yaml").write_text(yaml.safe_dump(config))
    return folder


def snakemake(folder, *arguments, cores="2", config="my.yaml"):
    """Runs Snakemake as a user would; returns the finished process with its output as text."""
    command = [sys.executable, "-m", "snakemake", "--cores", cores]
    return subprocess.run(
        [*command, *arguments, "--configfile", config],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def would_run(folder):
    """Names of the rules that a dry run lists, without the targets that only collect."""
    process = snakemake(folder, "--dry-run", "all")
    assert process.returncode == 0, process.stdout
    if "Nothing to be done" in process.stdout:
        return set()
    stats = process.stdout.split("Job stats:")[1].split("total")[0]
    names = set(re.findall(r"^([a-z_0-9]+) +\d+$", stats, re.MULTILINE))
    return names - TARGETS


def values(folder, parts=("data", "results")):
    """The bytes of everything in some folders below a prefix; by default, artifacts and tables.

    All but the manifest, which says when and where.
    """
    return {
        path.relative_to(folder): path.read_bytes()
        for part in parts
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def test_leaves_every_artifact_with_its_contract(finished):
    # `draws` are of the authors' own network, which a run does without.
    for artifact in set(ARTIFACTS) - {"draws"}:
        rules = contract(artifact)
        paths = sorted((finished / "tiny").glob(re.sub("<.*?>", "*", rules.path)))
        assert paths, artifact
        if "<family>" in rules.path and artifact not in OF_SOME_FAMILIES:
            of_digits = artifact.startswith("digit_")
            assert {path.stem for path in paths} == (DIGITS if of_digits else FAMILIES)
        for path in paths:
            table = pq.read_table(path)
            assert table.schema.remove_metadata().equals(rules.arrow_schema()), path
            check_rows(artifact, table)
            metadata = {key.decode() for key in table.schema.metadata}
            assert metadata >= {"artifact", "schema_version", "settings_sha256", "code_sha256"}
            assert metadata >= {"rule", "seed_rule", "packages", "python"}
            assert str(finished) not in str(table.schema.metadata)


def test_leaves_figures_and_tables_in_three_formats(finished):
    tiny = finished / "tiny"
    for figure in FIGURES:
        for path in figure.paths.values():
            assert (tiny / path).stat().st_size > 1000
    assert (tiny / "paper" / "replication.pdf").stat().st_size > 100_000
    page = (tiny / "results" / "tutorial" / "tutorial.html").read_text()
    assert page.count("<img") >= 4
    page = (tiny / "results" / "audit" / "audit.html").read_text()
    assert "every one is as stored" in page
    assert "minimal mappings: " in page
    assert page.count("<img") == 1
    for table in TABLES:
        files = {format: tiny / path for format, path in table.paths.items()}
        rows = pq.read_table(files["parquet"]).num_rows
        text = files["md"].read_text()
        assert text.startswith(f"{table.heading}. {table.caption}")
        assert rows == text.count("\n|") - 2 > 0
        assert len(files["csv"].read_text().splitlines()) > rows


def test_counts_agree_across_files(finished):
    # What a protocol admits is counted thrice: in the summary, by cells, and from the lists.
    results = finished / "tiny" / "results"
    for family in FAMILIES:
        summary, cells, circuits, interpretations = (
            pq.read_table(results / part / f"{family}.parquet").to_pandas()
            for part in ("summary", "cells", "circuits", "interpretations")
        )
        strict = summary[(summary["protocol"] == "strict") & summary["converged"]]
        listed = circuits[circuits["for_model"]].merge(interpretations)
        for row in strict.to_dict("records"):
            keys = {"network_id": row["network_id"], "target": row["target"]}
            own = listed[(listed[list(keys)] == pd.Series(keys)).all(axis=1)]
            of_cells = cells[cells["for_model"]]
            of_cells = of_cells[(of_cells[list(keys)] == pd.Series(keys)).all(axis=1)]
            assert row["n_circuits"] == len(own) == of_cells["n_circuits"].sum()
            totals = {
                int(row["n_interpretations"]),
                sum(map(int, own["n_interpretations"])),
                sum(map(int, of_cells["n_interpretations"])),
            }
            assert len(totals) == 1


@SLOW
def test_a_copy_of_the_finished_project_has_nothing_to_do(copied):
    assert would_run(copied) == set()


def test_touching_files_reruns_nothing(copied):
    for path in [*copied.rglob("*.py"), *copied.rglob("*.yaml"), *copied.rglob("*.parquet")]:
        os.utime(path)
    assert would_run(copied) == set()


def making(read):
    """The rules of the figures and tables that read an artifact, or claims or differences."""
    return {e.rule for e in EXHIBITS.values() if read(e)}


OF_REPORT = {"facts", "report", "manifest"}
FROM_CLAIMS = {"measure_claims", "audit_notebook"} | OF_REPORT
FROM_CLAIMS |= making(lambda e: "claims" in e.artifacts or e.differences)
FROM_SUMMARY = FROM_CLAIMS | {"explorer_data", "explorer_data_alone", "explorer"}
FROM_SUMMARY |= making(lambda e: "summary" in e.artifacts or e.claims)
# What reads the summary of xor-k3, whose networks are read on noise as well.
XOR_IN = {"basic", "example", "gate", "loss", "exact", "noise"}
FROM_XOR = making(lambda e: "summary" in e.artifacts and XOR_IN & set(e.experiments))
FROM_XOR |= {"table_3", "table_tests"}
FROM_DIGITS = making(lambda e: "digits" in e.experiments or "claims" in e.artifacts)
FROM_DIGITS |= {"digit_circuits", "measure_claims", "audit_notebook"} | OF_REPORT
EVERY_FIGURE = {figure.rule for figure in FIGURES} | {
    *("report", "tutorial", "audit_notebook", "manifest")
}
BOXES = {f"figure_{n}" for n in (3, 5, 6, 7, 8, 9)}


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        pytest.param("drawing/boxes.py", BOXES | {"report", "manifest"}, marks=SLOW),
        (
            "stages/noisy.py",
            FROM_CLAIMS | FROM_XOR | {"noisy", "summary_alone", "explorer_data_alone", "explorer"},
        ),
        pytest.param(
            "exhibits/figures/figure_counts.py",
            {"figure_counts", "report", "manifest"},
            marks=SLOW,
        ),
        pytest.param("drawing/style.py", EVERY_FIGURE, marks=SLOW),
        pytest.param(
            "drawing/palette.py",
            EVERY_FIGURE | {"explorer_data", "explorer_data_alone", "explorer"},
            marks=SLOW,
        ),
        pytest.param(
            "report/explorer.py",
            {"explorer_data", "explorer_data_alone", "explorer", "manifest"},
            marks=SLOW,
        ),
        pytest.param(
            "evidence/ladder.py",
            {"figure_ladder", "table_ladder", "facts", "report", "manifest"},
            marks=SLOW,
        ),
        pytest.param("plain.py", {"audit_notebook", "manifest"}, marks=SLOW),
        pytest.param("command/cli.py", set(), marks=SLOW),
        pytest.param(
            "stages/summary.py",
            {"summary", "summary_alone", "tutorial"} | FROM_SUMMARY,
            marks=SLOW,
        ),
        pytest.param(
            "digits/stage_networks.py",
            {"digit_training"} | FROM_DIGITS,
            marks=SLOW,
        ),
        pytest.param("exhibits/tables/digits.py", {"table_digits"} | OF_REPORT, marks=SLOW),
    ],
)
def test_editing_a_module_reruns_the_rules_that_use_it_and_no_others(copied, module, rules):
    edit = copied / "workflow" / "scripts" / "identifiability" / module
    edit.write_text(edit.read_text() + "\n# edited\n")
    # What depends on those rules' outputs may follow; it must not come before them.
    assert would_run(copied) == rules


@SLOW
def test_editing_the_training_reruns_the_training(copied):
    edit = copied / "workflow" / "scripts" / "identifiability" / "networks" / "training.py"
    edit.write_text(edit.read_text() + "\n# edited\n")
    rerun = would_run(copied)
    assert {"training", "circuits", "summary"} <= rerun
    assert not rerun & {"datasets", "formulas"}


def test_a_setting_reruns_what_it_concerns(copied):
    (copied / "my.yaml").write_text(
        yaml.safe_dump(
            {**TINY, "protocols": {"released-16": {"like": "released", "pairs": "all"}}}
        )
    )
    rerun = would_run(copied)
    assert {"formulas", "alignment", "summary"} <= rerun
    assert not rerun & {"datasets", "training", "circuits", "interpretations"}


@SLOW
def test_another_protocol_of_the_example_draws_it_again(copied):
    experiments = TINY["experiments"] | {"example": {"protocol": "strict"}}
    (copied / "my.yaml").write_text(yaml.safe_dump({**TINY, "experiments": experiments}))
    shown = making(lambda e: e.protocols == "example")
    assert would_run(copied) == shown | OF_REPORT


def test_the_device_reruns_no_work(copied):
    engine = {"device": "cpu", "gpus_per_job": 1}
    (copied / "my.yaml").write_text(yaml.safe_dump({**TINY, "engine": engine}))
    assert would_run(copied) == {"manifest"}, "which has the configuration"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(
    "rules", [["circuits"], pytest.param(["circuits", "alignment"], marks=SLOW)], ids="-".join
)
def test_cuda_where_there_is_none_stops_a_job_with_one_line(copied, rules):
    (copied / "my.yaml").write_text(yaml.safe_dump({**TINY, "engine": {"device": "cuda"}}))
    paths = [f"tiny/results/{rule}/xor-k2.parquet" for rule in rules]
    process = snakemake(copied, "--keep-going", "--force", *paths)
    assert process.returncode != 0
    # Two jobs may write at the same time, into one line.
    assert process.stdout.count("engine.device") == len(paths), "one of each job"
    said = "error: config: engine.device: 'cuda', but PyTorch finds no CUDA device"
    assert process.stdout.count(said) == len(paths)


# Noise has jobs that use several cores and an artifact of their own.
NOISY = "xor-k3-noise-cutoff-1e-2"


@pytest.mark.parametrize(
    ("artifacts", "families"),
    [
        # Those that are made by batches, and by several cores.
        (["circuits", "noisy"], [NOISY]),
        pytest.param(["summary"], [NOISY, "tasks-n2", "untrained-k3"], marks=SLOW),
    ],
    ids=lambda names: "-".join(names),
)
def test_results_are_bitwise_the_same_whatever_the_cores_and_the_batch(
    finished, tmp_path, artifacts, families
):
    config = {**TINY, "engine": {"networks_at_once": 2}}
    again = copy_project(tmp_path / "again", config)
    wanted = [f"tiny/results/{a}/{family}.parquet" for a in artifacts for family in families]
    process = snakemake(again, "--cores", "1", *wanted, cores="1")
    assert process.returncode == 0, process.stdout
    found, expected = values(again / "tiny"), values(finished / "tiny")
    assert len(found) >= (9 * len(families) if "summary" in artifacts else 4)
    assert found == {path: expected[path] for path in found}


@pytest.mark.parametrize("artifact", ["networks", pytest.param("summary", marks=SLOW)])
def test_shards_of_a_family_hold_its_values(finished, tmp_path, artifact):
    """Every artifact of every shard; of the jobs that put shards together, one."""
    cut = copy_project(tmp_path / "cut", {**TINY, "engine": {"seeds_per_job": 4}})
    whole = f"tiny/results/{artifact}/{NOISY}.parquet"
    process = snakemake(cut, whole)
    assert process.returncode == 0, process.stdout
    check_gathered(cut, finished, whole)
    compared = set()
    for folder in (cut / "tiny").glob(f"*/*/{NOISY}"):
        shards = sorted(folder.glob("*.parquet"))
        if shards:
            assert [path.name for path in shards] == ["0-3.parquet", "4-5.parquet"]
            family = finished / folder.relative_to(cut).with_name(f"{NOISY}.parquet")
            found = pa.concat_tables(pq.read_table(path) for path in shards)
            assert found.equals(pq.read_table(family)), folder
            compared.add(folder.parent.name)
    every = {path.parent.name for path in (finished / "tiny").rglob(f"{NOISY}.parquet")}
    assert compared == (every if artifact == "summary" else {"datasets", "networks"})


def check_gathered(cut, finished, path):
    """What was put together of shards is what a whole family has, and says the same."""
    found, expected = (pq.read_table(folder / path) for folder in (cut, finished))
    assert found.equals(expected), path
    # The whole family was made from whole files, or from its shards.
    said = [{**table.schema.metadata, b"inputs": b""} for table in (found, expected)]
    assert said[0] == said[1], path


@SLOW
def test_shards_change_no_value(finished, tmp_path):
    families = (NOISY, "tasks-n2")
    cut = copy_project(tmp_path / "cut", {**TINY, "engine": {"seeds_per_job": 4}})
    wanted = [
        path.relative_to(finished)
        for part in ("data", "results")
        for path in (finished / "tiny" / part).rglob("*.parquet")
        if path.stem in families
    ]
    assert len(wanted) == 10 + 9
    process = snakemake(cut, *map(str, wanted))
    assert process.returncode == 0, process.stdout
    for path in wanted:
        check_gathered(cut, finished, path)
    shards = {path.name for path in (cut / "tiny").rglob("tasks-n2/*.parquet")}
    assert shards == {"0-3.parquet", "4-5.parquet"}


def test_all_puts_every_artifact_of_every_shard_together(copied):
    (copied / "my.yaml").write_text(yaml.safe_dump({**TINY, "engine": {"seeds_per_job": 4}}))
    process = snakemake(copied, "--dry-run", "all")
    assert process.returncode == 0, process.stdout
    together = set(re.findall(r"(\S+): put (\w+) of its shards together", process.stdout))
    trained = FAMILIES - {"untrained-k3"}
    made_of = {path.parent.name for path in (copied / "tiny").rglob("tasks-n2.parquet")}
    read_on_noise = {(NOISY, "noisy"), ("xor-k3", "noisy")}
    assert together == {(f, a) for f in trained for a in made_of} | read_on_noise


# Runs a command, and prints what it used: seconds of the processor, and most memory. It is a small
# process of its own, as a child counts the memory of what started it as used.
MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("used", used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(status)
"""


def test_ten_thousand_seeds_are_planned_in_seconds(tmp_path):
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet=rules", "--cores=2"]
    process = subprocess.run(
        [sys.executable, "-c", MEASURED, *command, "--configfile", "config/ten-thousand.yaml"],
        cwd=copy_project(tmp_path / "project"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.returncode == 0, process.stdout
    counts = dict(re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE))
    assert int(counts["interpretations_alone"]) > 10 + 20 + 2
    assert int(counts["gather"]) == 4 * 9 + 1  # xor-k3 is read on noise as well
    # Of the processor, so that a machine with other work does not matter.
    _, seconds, memory = process.stdout.splitlines()[-1].split()
    assert float(seconds) < 20
    assert int(memory) / (1024 if sys.platform == "darwin" else 1) < 1_000_000, "kilobytes"


@pytest.mark.parametrize(
    "wanted",
    [["figure_2", "table_2"], pytest.param(["all"], marks=SLOW)],
    ids="-".join,
)
def test_no_network_converges(tmp_path, wanted):
    folder = copy_project(tmp_path / "none", {**TINY, "training": {"max_epochs": 1}})
    process = snakemake(folder, *wanted)
    assert process.returncode == 0, process.stdout
    for exhibit in EXHIBITS.values() if wanted == ["all"] else map(EXHIBITS.get, wanted):
        assert all((folder / "tiny" / path).exists() for path in exhibit.paths.values())
    summary = pq.read_table(folder / "tiny/results/summary/xor-k3.parquet").to_pandas()
    assert not summary["converged"].any()
    assert {"released", "text", "strict"} < set(summary["protocol"])
    assert len(summary) == 6 * summary["protocol"].nunique()
    assert summary[["n_circuits", "q1", "q4"]].isna().all(axis=None)
    table = (folder / "tiny/results/tables/table_2.md").read_text()
    assert "none of 6 networks converged" in table
    assert (folder / "tiny/figures/figure_2.png").stat().st_size > 1000


def test_a_failed_job_leaves_its_traceback_in_the_log_and_no_record(copied):
    stage = copied / "workflow" / "scripts" / "identifiability" / "stages" / "summary.py"
    stage.write_text(stage.read_text().replace("    possible =", "    1 / 0\n    possible ="))
    log = "tiny/logs/summary.log"
    record = (copied / log).with_suffix(".json")
    assert record.exists()
    process = snakemake(copied, "--force", "tiny/results/summary/xor-k2.parquet")
    assert process.returncode != 0
    assert "ZeroDivisionError: division by zero" in process.stdout
    assert f"the whole traceback is in {log}" in process.stdout
    assert (copied / log).read_text().count("Traceback (most recent call last)") == 1
    assert not record.exists()


# One of a kind; all of them are tried without Snakemake in tests/config/test_settings.py.
@pytest.mark.parametrize(
    "case",
    [
        "a job beyond the budget",
        pytest.param("an unknown key", marks=SLOW),
        pytest.param("an unknown family", marks=SLOW),
        pytest.param("a number that YAML reads as text", marks=SLOW),
    ],
)
def test_bad_config_is_one_line_before_any_work(tmp_path, case):
    text, message = BAD[case]
    config = yaml.safe_load(text)
    experiments = TINY["experiments"] | config.get("experiments", {})
    folder = copy_project(tmp_path / "bad", {**TINY, **config, "experiments": experiments})
    process = snakemake(folder, "all")
    assert process.returncode != 0
    [line] = [line for line in process.stdout.splitlines() if line.startswith("config: ")]
    assert line.startswith(f"config: {message}")
    assert "Traceback" not in process.stdout
    assert not (folder / "tiny").exists()


def rules():
    """The text of every rule, whether it stands alone or is made in a loop."""
    for file in RULE_FILES:
        yield from re.split(r"^ *rule\b", file.read_text(), flags=re.MULTILINE)[1:]


def test_every_rule_says_what_it_needs():
    for block in rules():
        wanted = ["message", "input"]
        if "localrule: True" not in block:
            wanted += ["output", "log", "benchmark", "threads", "resources", "conda", "script"]
        for directive in wanted:
            assert re.search(rf"\n +{directive}:", block), (directive, block)


def test_every_script_belongs_to_one_rule():
    used = [name for block in rules() for name in re.findall(r"/scripts/(\w+)\.py", block)]
    assert sorted(used) == [script.stem for script in SCRIPTS]


def test_generated_references_are_in_step():
    for path, text in reference.references().items():
        assert (ROOT / path).read_text() == text, f"{path}: run `make docs`"


def test_container_and_conda_install_the_one_pinned_list():
    pinned = (ROOT / "envs" / "requirements.txt").read_text()
    assert "\nsnakemake-executor-plugin-slurm==" in pinned
    for name in ("Dockerfile", "envs/pipeline.yaml", "envs/pipeline.post-deploy.sh"):
        text = (ROOT / name).read_text()
        assert "==" not in text, name
        assert "requirements.txt" in text, name


FOLDERS = ("config", "data", "figures", "profiles/slurm", "results", "tests/data/reference")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += [ROOT / folder / "README.md" for folder in FOLDERS]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert link.startswith("http") or (page.parent / link).exists(), link
