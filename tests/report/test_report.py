"""The report: its numbers come from the run, and it shows every figure and table."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typst
import yaml
from matplotlib.figure import Figure

from identifiability.circuits.perfect import enough
from identifiability.digits.tables import by_family, by_network
from identifiability.evidence.claims import measure_claims
from identifiability.evidence.comparisons import comparisons, regressions
from identifiability.evidence.coverage import coverage
from identifiability.evidence.differences import effects
from identifiability.evidence.ladder import ladder
from identifiability.evidence.ledger import load_claims, load_differences
from identifiability.evidence.readings import CRITERIA, QUESTIONS, flips, shapley, spread
from identifiability.evidence.sweeps import sweeps
from identifiability.evidence.verdicts import tally
from identifiability.exhibits.exhibit import EXHIBITS, FIGURES, TABLES
from identifiability.exhibits.tables.left_out import on_both
from identifiability.exhibits.tables.nulls import nulls
from identifiability.exhibits.tables.table_1 import NO_INTERPRETATIONS
from identifiability.exhibits.tables.table_2 import NO_MAPPINGS
from identifiability.exhibits.tables.untrained import untrained_answers
from identifiability.readings import readings
from identifiability.report.conditions import conditions, hold
from identifiability.report.document import document
from identifiability.report.facts import facts, may_err
from identifiability.report.findings import Findings
from identifiability.report.measured import why_no_test
from identifiability.report.numerals import number, p_value, percent
from identifiability.report.printed import of_frame
from identifiability.report.tables import report_tables
from identifiability.store.contracts import contract
from tests.configured import parse
from tests.examples import some

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "paper" / "replication.typ"
STYLE = ROOT / "paper" / "style.typ"
SEEDS = 12


# Typed numbers -----------------------------------------------------------------------------------

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NOT_PROSE = re.compile(
    r"//[^\n]*"  # comments
    r"|`[^`]*`"  # names of files and commands
    r"|@[\w-]+|<[\w-]+>"  # references and labels
    r"|\b[CDX][0-9]{2}\b|\bQ[1-4]\b"  # claims, differences, questions
)
SPELLED = re.compile(
    r"\b(five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty-\w+|twenty|thirty|fifty|dozen"
    r"|hundreds?|thousands?|millions?|per ?cent|percent)\b",
    re.IGNORECASE,
)


def typed_numbers(source):
    """Numbers that stand in the prose of a Typst source, as digits or from five on in words."""
    prose = NOT_PROSE.sub(" ", STRING.sub(" ", source))
    return re.findall(r"\S*[0-9]\S*", prose) + SPELLED.findall(prose)


def test_no_number_is_typed_in_the_report():
    assert typed_numbers(SOURCE.read_text()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("There are 56 formulas.", ["56"]),
        ('#holds("x")[a share of 2.3%]', ["2.3%]"]),
        ("for twelve networks", ["twelve"]),
        ('C09 and D04 (@fig-3) at #fact("k = 3"), see `table_3` and Q1 // 7', []),
    ],
)
def test_what_a_typed_number_is(text, found):
    assert typed_numbers(text) == found


def test_the_look_of_the_report_has_no_prose():
    in_brackets = re.findall(r"\[([^\[\]]*)\]", STRING.sub("", STYLE.read_text()))
    assert not [text for text in in_brackets if re.search(r"[0-9]", re.sub(r"#\S+", "", text))]


def strings(source):
    """String literals with a digit in them."""
    return [s[1:-1] for s in STRING.findall(source) if re.search(r"[0-9]", s)]


# A run -------------------------------------------------------------------------------------------


@dataclass
class Run:
    """A made-up run: its findings, and the folder of its report."""

    found: Findings
    folder: Path

    @property
    def inputs(self):
        return {"facts": str(self.folder / "facts.json"), "figures": str(self.folder / "figures")}

    def compiled(self, **settings):
        return typst.compile_with_warnings(
            SOURCE, root="/", ignore_system_fonts=True, sys_inputs=self.inputs, **settings
        )

    def figures(self):
        """Figures and tables by label, each with all that is in it."""
        elements = typst.query(
            SOURCE, "figure", root="/", ignore_system_fonts=True, sys_inputs=self.inputs
        )
        return {element["label"].strip("<>"): element for element in json.loads(elements)}


BIG = ("n_interpretations", "n_interpretations_reachable")


def answer(count):
    return None if count is None else {0: "none", 1: "unique"}.get(count, "several")


def how(family, protocol):
    """How the interpretations of a family are known."""
    wide = family.hidden == (5, 5) and protocol not in ("released", "text-D03")
    return "estimate" if wide else "exact"


def summary(family, protocols, converged):
    """The artifact `summary` of a family, with counts that differ from seed to seed."""
    rows = []
    for seed in range(SEEDS):
        for output in range(family.n_outputs):
            for protocol in protocols:
                circuits, algorithms = (seed * 5 + output) % 7, (seed + len(protocol)) % 4
                counts = {
                    "n_circuits": circuits,
                    "n_interpretations": circuits * 10**21,
                    "n_interpretations_reachable": circuits,
                    "n_algorithms": algorithms,
                    "n_mappings": algorithms * (1 + seed % 3),
                }
                if family.hidden == (5, 5) and protocol == "strict-minimal":
                    counts |= dict.fromkeys(list(counts)[:3])
                if not converged or seed == 5:
                    counts = dict.fromkeys(counts)
                questions = ("n_circuits", "n_interpretations", "n_algorithms", "n_mappings")
                answers = {f"q{i}": answer(counts[name]) for i, name in enumerate(questions, 1)}
                answers["q4_mapped"] = answers["q4"]
                counts["n_mappings_empty"] = None if counts["n_mappings"] is None else 0
                if answers["q4"] == "unique" and seed % 2:
                    counts["n_mappings_empty"] = 1
                    answers |= {"q4": "empty", "q4_mapped": "none"}
                for name in BIG:
                    counts[name] = None if counts[name] is None else str(counts[name])
                keys = {
                    "family": family.name,
                    "seed": seed,
                    "network_id": f"{family.name}/{seed}",
                    "target": family.gates[(seed + output) % len(family.gates)].name,
                    "protocol": protocol,
                    **dict.fromkeys(
                        ("converged", "functional", "analysed"), converged and seed != 5
                    ),
                    "counted": counts["n_circuits"] is not None,
                    "n_candidates": 1000,
                    "how": None if counts["n_circuits"] is None else how(family, protocol),
                }
                error = 3e19 * circuits if keys["how"] == "estimate" else 0
                keys["standard_error"] = None if keys["how"] is None else error
                rows.append(keys | counts | answers)
    frame = pd.DataFrame(rows)
    for column in ("n_circuits", "n_algorithms", "n_mappings"):
        frame[column] = frame[column].astype("Int64")
    return frame


def save(frame, artifact, folder, name):
    path = folder / contract(artifact).folder / artifact / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


def save_others(folder, settings):
    """What claims read beside summaries."""
    generator = np.random.default_rng(0)
    networks = [f"mixed-k3-skewed/{seed}" for seed in range(SEEDS)]
    chances = [
        {"network_id": network, "seed": seed, "input": row, "probability": p}
        for seed, network in enumerate(networks)
        for row, p in zip(("00", "01", "10", "11"), generator.dirichlet(np.ones(4)), strict=True)
    ]
    save(pd.DataFrame(chances), "datasets", folder, "mixed-k3-skewed")
    key = [
        {"network_id": f"xor-k3/{seed}", "seed": seed, "target": "XOR"} for seed in range(SEEDS)
    ]
    algorithms = [
        {**k, "protocol": p, "formula_id": f, "n_mappings": f + 1}
        for k in key
        for p in settings.protocols
        for f in range(3)
    ]
    save(pd.DataFrame(algorithms), "algorithms", folder, "xor-k3")
    save(pd.DataFrame(algorithms)[:0], "algorithms", folder, "xor-k3-cutoff-1e-2")
    places = [
        {**k, "variable_id": "a", "layer": 1, "place": "100"}
        | {"iia_source_before_base": 1.0, "iia_all": 1.0}
        for k in key
    ]
    for name in ("xor-k3", "xor-k3-cutoff-1e-2"):
        save(pd.DataFrame(places), "alignment", folder, name)
    circuits = [
        {**k, "circuit_id": str(n), "n_hidden": 2 + n % 4, "n_edges": 4 + n}
        | dict.fromkeys(("for_target", "for_model", "for_sample"), True)
        for k in key
        for n in range(5)
    ]
    save(pd.DataFrame(circuits), "circuits", folder, "xor-k3")
    read = pd.DataFrame(circuits)[["network_id", "seed", "target", "circuit_id"]]
    save(read.assign(n_interpretations="7"), "interpretations", folder, "xor-k3")


def settings_of(*files):
    """The configuration with the changes of some files, as Snakemake puts them together."""

    def merge(base, changes):
        for key, value in changes.items():
            if isinstance(value, dict) and isinstance(base.get(key), dict):
                merge(base[key], value)
            else:
                base[key] = value
        return base

    whole_config = {}
    for file in ("config.yaml", *files):
        merge(whole_config, yaml.safe_load((ROOT / "config" / file).read_text()))
    return parse(whole_config)


def digit_summary(family, protocols, converged):
    """Totals of networks that tell digits apart; every fourth has not converged."""
    rows = [
        {
            "family": family.name,
            "seed": seed,
            "network_id": f"{family.name}/{seed}",
            "protocol": protocol,
            "converged": converged and seed % 4 > 0,
            "accuracy": 0.97 + 0.01 * (seed % 4),
            "n_held_out": 72,
            "n_candidates": 94591,
            "n_circuits": 700 * seed if converged and seed % 4 else None,
        }
        for seed in range(family.seeds)
        for protocol in protocols
    ]
    return pd.DataFrame(rows)


def estimated(settings, converged):
    """The table of coverage, of cells of which the interval of every second misses the truth."""
    cells = pd.DataFrame(
        {
            "network_id": [f"x/{seed}" for seed in range(SEEDS)],
            "target": "XOR",
            "n_hidden": 4,
            "n_edges": 9,
            "how": "estimate",
            "n_interpretations": 100.0,
            "standard_error": 2.0,
            "n_interpretations_reachable": 10.0,
            "standard_error_reachable": 1.0,
            "true_n_interpretations": [103.0, 104.0] * (SEEDS // 2),
            "true_n_interpretations_reachable": 10.0,
        }
    )
    compared = {
        family.name: (family.single_output_sizes, cells if converged else cells[:0])
        for family in settings.experiments["exact"].families
        if max(family.hidden) < 5
    }
    return coverage(compared, settings.shown)


def algorithms(summary, first):
    """The artifact `algorithms` for a summary: as many as it says, from a formula on."""
    return pd.DataFrame(
        [
            {**{k: row[k] for k in ("network_id", "target", "protocol")}, "formula": f"f{number}"}
            for row in summary.to_dict("records")
            if row["analysed"]
            for number in range(first, first + row["n_algorithms"])
        ],
        columns=["network_id", "target", "protocol", "formula"],
    )


def all_readings(size, converged):
    """The artifacts `reading_shares` and `reading_verdicts` of the families of an experiment."""
    generator = np.random.default_rng(0)
    shares = [
        {
            "question": name, "reading": reading.protocol.name, "family": family.name,
            **dict.fromkeys(CRITERIA), **reading.values, "counted": counted or None,
            "n": SEEDS if converged else 0, "known": converged,
            "share_unique": generator.uniform() if converged else np.nan,
        }
        for name, question in QUESTIONS.items()
        for reading in readings(question.side)
        for counted in question.columns
        for family in (*size.families, *size.released)
    ]  # fmt: skip
    judged = [
        {
            "claim": "C09", "part": "all widths", "side": "mappings",
            "reading": reading.protocol.name, **dict.fromkeys(CRITERIA[:-1]), **reading.values,
            "n": SEEDS, "value": 0.5,
            "verdict": generator.choice(["reproduced", "not reproduced"]),
        }
        for reading in readings("mappings") if converged
    ]  # fmt: skip
    return pd.DataFrame(shares), pd.DataFrame(judged) if judged else pd.DataFrame(
        columns=["claim", "part"]
    )


def made_up(folder, *files, converged=True):
    """Findings of a made-up run, by the functions of the pipeline."""
    settings = settings_of(*files)
    names = settings.slugs
    summaries = {}
    for family in settings.used:
        protocols = [p.name for p in settings.protocols_of(family)]
        summaries[family.name] = summary(family, protocols, converged)
        save(summaries[family.name], "summary", folder, family.name)
    save_others(folder, settings)
    digits = {
        name: digit_summary(family, [p.name for p in settings.shown], converged)
        for name, family in settings.digit_families.items()
    }
    for name, rows in digits.items():
        save(rows, "digit_summary", folder, name)
    formulas = pd.DataFrame(
        [
            {
                "target": gate,
                "protocol": protocol,
                "formula_id": number,
                "formula": f"f{number}",
                "variables": ["v"] * number,
                "variable_ids": ["a"] * number,
            }
            for gate in ("XOR", "AND", "OR", "IMP")
            for protocol in settings.protocols
            for number in range(5)
        ]
    )
    save(formulas, "formulas", folder, "depth-3")
    ledger = load_claims(ROOT / "paper" / "claims.yaml", names)
    differences = load_differences(ROOT / "paper" / "differences.yaml")

    def claims(first, last):
        return [ledger.claims[f"C{n}"] for n in range(first, last + 1)]

    climbed = [
        sweep
        for e in (settings.experiments["size"], settings.experiments["tasks"])
        for sweep in sweeps(e.name, e.families, e.released, summaries)
    ]
    read, judged = all_readings(settings.experiments["size"], converged)
    draws = pd.DataFrame({"target": ["AND", "XOR"], "n_draws": 1000, "n_found": [40, 0]})
    shown = [protocol.name for protocol in settings.shown]
    measured = measure_claims(ledger, folder)
    tables = {
        "tally": tally(measured),
        "nulls": nulls(measured),
        "left_out": on_both(measured),
        "table_1": NO_INTERPRETATIONS,
        "table_2": NO_MAPPINGS,
        "table_3": comparisons(claims(15, 20), folder),
        "table_4": regressions(claims(21, 26), folder),
        "tests": comparisons(claims(11, 13), folder),
        "untrained": untrained_answers(draws, summaries["untrained-k3"], shown),
        "differences": effects(differences, ledger.views, folder, names),
        "table_ladder": ladder(climbed),
        "criteria": shapley(read),
        "spread": spread(read),
        "flips": flips(judged),
        "coverage": estimated(settings, converged),
        "digits": by_network(digits, ledger.claims["C27"]),
        "digit_families": by_family(digits, list(settings.digit_families.values())),
    }
    # Formula 0 has no variables; it is found in the narrowest networks alone.
    found = {
        family.name: algorithms(summaries[family.name], first=min(number, 1))
        for number, family in enumerate(settings.experiments["size"].families)
    }
    return Findings(
        settings, ledger, differences, summaries, formulas, found, measured, tables, example=None
    )


def drawn(source):
    """Names of the figures that the report shows."""
    return set(re.findall(r'#drawn\(\s*"(\w+)"', source))


def listed_in(source):
    """Names of the tables that the report shows."""
    return set(re.findall(r'#listed\("(\w+)"', source))


@pytest.fixture(scope="module", params=some(["full", "smoke", "nothing converged"], "full"))
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    files = ["smoke.yaml"] if request.param == "smoke" else []
    found = made_up(folder, *files, converged=request.param != "nothing converged")
    text = document(found, SOURCE.read_text(), whole=False)
    (folder / "facts.json").write_text(json.dumps(text))
    (folder / "figures").mkdir()
    for figure in FIGURES:
        Figure(figsize=(5.5, 6)).savefig(folder / "figures" / f"{figure.name}.pdf")
    return Run(found, folder)


# The document ------------------------------------------------------------------------------------


def test_builds_without_a_warning_and_the_same_twice(run):
    first, warnings = run.compiled(timestamp=0)
    assert warnings == []
    assert first.startswith(b"%PDF")
    again, _ = run.compiled(timestamp=0)
    assert first == again


def test_shows_every_figure_and_table_of_the_pipeline(run):
    source = SOURCE.read_text()
    assert drawn(source) <= {figure.name for figure in FIGURES}
    assert listed_in(source) <= {table.name for table in TABLES}
    found = run.figures().values()
    kinds = [element["kind"] for element in found]
    assert kinds.count("image") == len(FIGURES)
    # The tables of experiments and of protocols are not made from results.
    assert kinds.count("table") == len(TABLES) + 2
    text = json.dumps([*found])
    for exhibit in EXHIBITS.values():
        # Up to where quotation marks or literals begin, which are elements of their own.
        assert re.split("[`'(:]", exhibit.caption)[0].strip()[:60] in text, exhibit.name


@pytest.mark.parametrize(
    ("call", "kind"),
    [('#drawn("figure_9") <fig-9>', "image"), ('#listed("coverage") <tab-coverage>', "table")],
)
def test_what_no_text_refers_to_is_shown_all_the_same(run, tmp_path, call, kind):
    label = re.search("<(.*)>", call)[1]
    source = SOURCE.read_text()
    assert call in source
    for name in ("style.typ", "references.yml"):
        shutil.copy(SOURCE.parent / name, tmp_path)
    (tmp_path / "replication.typ").write_text(source.replace(call, "").replace(f"@{label}", ""))
    elements = typst.query(
        tmp_path / "replication.typ", "figure", root="/", ignore_system_fonts=True,
        sys_inputs=run.inputs,
    )  # fmt: skip
    kinds = [element["kind"] for element in json.loads(elements)]
    assert kinds.count(kind) == (len(FIGURES) if kind == "image" else len(TABLES) + 2)


def test_every_row_of_a_table_has_a_cell_for_every_column(run):
    for name, table in report_tables(run.found).items():
        for rows in (table["heads"], *(block["rows"] for block in table["blocks"])):
            assert covered(rows) == len(rows) * len(table["columns"]), name


def covered(rows):
    """How many places some rows of cells cover."""
    spans = [
        (cell["across"], cell["down"]) if isinstance(cell, dict) and "cell" in cell else (1, 1)
        for row in rows
        for cell in row
    ]
    return sum(across * down for across, down in spans)


def test_a_table_whose_module_does_not_say_how_is_printed_as_it_is():
    table = of_frame(pd.DataFrame({"name": ["a", None], "n": [45543, 2], "share": [0.5, np.nan]}))
    assert table["heads"] == [["name", "n", "share"]]
    assert [block["rows"] for block in table["blocks"]] == [
        [["a", "45,543", "0.5"], [None, "2", None]]
    ]


# What sentences take for granted -----------------------------------------------------------------


def test_every_condition_is_asked_and_answered_in_truth_values(run):
    source = SOURCE.read_text()
    asked = conditions(source)
    assert len(asked) == source.count('= "SELECT ')
    names = set(re.findall(r"#holds\(([\w-]+)\)", source))
    assert names == set(re.findall(r"#let ([\w-]+) = \"SELECT ", source))
    said = document(run.found, source, whole=True)
    assert {*said["holds"]} == {*asked}
    assert {*said["holds"].values()} <= {True, False, None}


def test_a_sentence_that_does_not_hold_stops_the_build_of_the_papers_run(run, tmp_path):
    said = json.loads(Path(run.inputs["facts"]).read_text())
    true = said | {"holds": dict.fromkeys(said["holds"], True)}
    true["facts"] |= dict.fromkeys(re.findall(r'#holds\("([^"]+)"', SOURCE.read_text()), "k = 3")
    for name, holds in (("holds", True), ("fails", False)):
        held = dict(true["holds"])
        held[next(query for query in held if "widest < narrowest" in query)] = holds
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(true | {"holds": held, "whole": True}))
        inputs = run.inputs | {"facts": str(path)}
        if holds:
            typst.compile(SOURCE, root="/", ignore_system_fonts=True, sys_inputs=inputs)
        else:
            with pytest.raises(typst.TypstError, match="narrowest"):
                typst.compile(SOURCE, root="/", ignore_system_fonts=True, sys_inputs=inputs)


def test_what_a_condition_says_of_nothing():
    table = pd.DataFrame({"n": [1, 2]})
    asked = ["SELECT max(n) = 2 FROM one", "SELECT max(m) = 2 FROM one"]
    asked.append("SELECT n = 1 FROM one WHERE n > 2")
    assert [*hold(asked, {"one": table}).values()] == [True, None, None]


def test_estimates_are_named_and_marked(run):
    known, tables = facts(run.found), report_tables(run.found)
    estimated = any((s["how"] == "estimate").any() for s in run.found.summaries.values())
    marked = {name for name, fact in known.items() if str(fact).startswith("≈")}
    assert all(re.search("interpretation|reachable|q2|^C07|^C10|^X02", name) for name in marked)
    assert bool(marked) is estimated
    assert ("≈" in json.dumps(tables, ensure_ascii=False)) is estimated
    if estimated:
        # Of c circuits there are c × 10²¹ interpretations, with a standard error of 3 × 10¹⁹.
        assert known["estimated.error"] == "3%"
        assert known["mixed-k5.text.n_interpretations.mean"].startswith("≈")
        assert not known["mixed-k5.text.n_circuits.mean"].startswith("≈")
        assert not known["mixed-k5.released.n_interpretations.mean"].startswith("≈")
        assert "≈" in known["C10.k = 5.text.value"]
        assert "≈" in known["D14.mixed-k5.n_interpretations.ratio"]


def test_networks_that_map_nothing_are_counted(run):
    known = facts(run.found)
    settings, summaries = run.found.settings, run.found.summaries
    for protocol in ("released", "text", "strict"):
        size = pd.concat(summaries[f.name] for f in settings.experiments["size"].families)
        own = size[(size["protocol"] == protocol) & size["analysed"]]
        one, empty = own["n_mappings"] == 1, own["n_mappings_empty"] == 1
        key = f"C09.all widths.{protocol}"
        assert known[f"{key}.one"] == str(one.sum())
        assert known[f"{key}.empty"] == str((one & empty).sum())
        if one.sum():
            n = int(known[f"{key}.n"])
            assert known[f"{key}.value"] == percent(one.sum() / n)
            mapped = percent((one & ~empty).sum() / n)
            assert known[f"C09.all widths, not empty.{protocol}.value"] == mapped


def test_all_networks_are_those_of_every_setting(run):
    known = facts(run.found)
    independent = run.found.settings.independent
    rows = pd.concat(run.found.summaries[family.name] for family in independent)
    rows = rows[rows["analysed"]]
    assert known["pool.converged"] == number(rows["network_id"].nunique())
    for protocol in ("released", "text", "strict"):
        own = rows[rows["protocol"] == protocol]
        several = (own["n_circuits"] > 1).astype(float).groupby(own["network_id"]).mean()
        expected = percent(several.mean()) if len(own) else None
        assert known[f"pool.q1.{protocol}.several"] == expected


def test_says_which_settings_c28_leaves_out(run):
    pooled = {Path(file).stem for file in run.found.ledger.claims["C28"].files}
    left_out = {family.name for family in run.found.settings.independent} - pooled
    full = run.found.settings == settings_of()
    assert left_out == ({"xor-k2", "xor-k4", "xor-k5"} if full else {"xor-k2"})
    nbsp = "\u00a0"
    widths = (
        f"k{nbsp}={nbsp}2, k{nbsp}={nbsp}4 and k{nbsp}={nbsp}5" if full else f"k{nbsp}={nbsp}2"
    )
    assert facts(run.found)["C28.left_out"] == f"XOR at {widths}"
    assert "all settings but XOR at the widths k = 2, 4 and 5" in " ".join(
        run.found.ledger.claims["C28"].statement.split()
    )


@pytest.mark.parametrize("n", [1, 71, 73, 99, 100, 101, 200, 201, 2115])
def test_how_often_a_circuit_may_err_is_what_the_code_asks_for(n):
    right = np.arange(n + 1)
    assert may_err(n) == n - right[enough(right, np.array(n))].min()


@pytest.mark.parametrize(
    ("images", "held_out", "wrong"),
    [
        ((72, 72), "72", "none"),
        ((71, 73), "71 to 73", "none"),
        ((1800, 2115), "1,800 to 2,115", "at most 21"),
    ],
)
def test_on_how_many_images_a_circuit_may_err_depends_on_the_source(run, images, held_out, wrong):
    table = run.found.tables["digits"].copy()
    table["n_held_out"] = np.resize(images, len(table))
    known = facts(replace(run.found, tables={**run.found.tables, "digits": table}))
    assert (known["digits.held_out"], known["digits.wrong"]) == (held_out, wrong)


def test_every_name_in_the_report_is_that_of_a_fact(run):
    if run.found.settings != settings_of():
        pytest.skip("smoke has fewer families")
    source, known = SOURCE.read_text(), facts(run.found)
    names = set(re.findall(r'#(?:fact|holds)\(\s*"([^"]+)"', source))
    names |= {f"{name}.value" for name in re.findall(r'#value\("([^"]+)"', source)}
    names |= {
        f"{name}.{protocol}.{tail}"
        for name, tail in re.findall(r'#by-protocol\("([^"]+)", "([^"]+)"', source)
        for protocol in ("released", "text", "strict")
    }
    only_with_example = {name for name in names if name.startswith("example.")}
    assert names - only_with_example - known.keys() == set()
    # Digits stand in names of facts, figures and tables alone.
    numbered = {*names, *drawn(source), *listed_in(source), *conditions(source)}
    numbered |= set(re.findall(r'#(?:value|by-protocol)\("([^"]+)"', source))
    numbered |= set(re.findall(r'#by-protocol\("[^"]+", "([^"]+)"', source))
    assert set(strings(source)) - numbered == set()


def test_says_what_was_not_run(run):
    text = json.dumps(run.figures()["tab-differences"])
    assert ("not run" in text) == (run.found.settings != settings_of())
    text = json.dumps(run.figures()["tab-values"])
    assert ("no network to measure" in text) == (
        not any(s["analysed"].any() for s in run.found.summaries.values())
    )


def test_a_test_with_too_few_networks_says_so_and_has_no_p(run):
    rows = run.found.tables["table_3"]
    assert len(rows)
    for _, row in rows.iterrows():
        assert (p_value(row["p"]) == "–") == (why_no_test(row) != "")
    cells = [
        cell
        for block in report_tables(run.found)["table_3"]["blocks"]
        for row in block["rows"]
        for cell in row[3::4]
    ]
    assert "–" not in [p for p, below in cells]
    assert ("none" in [p for p, below in cells]) == rows["p"].isna().any()
