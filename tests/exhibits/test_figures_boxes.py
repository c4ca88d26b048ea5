"""Box plots over an experiment and the ladder: what they show is what the summaries say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from identifiability.drawing import style
from identifiability.drawing.boxes import draw_details, draw_totals, published_medians
from identifiability.errors import UserError
from identifiability.evidence.ladder import LADDER, LADDER_COLUMNS, ladder
from identifiability.evidence.ledger import load_claims
from identifiability.evidence.sweeps import EXPERIMENTS, Sweep, sweeps
from identifiability.exhibits.figures.figure_ladder import STEPS, draw_ladder
from tests.configured import parse
from tests.exhibits.test_figures import texts_of, words_of

ROOT = Path(__file__).parents[2]
FORMATS = ("svg", "png", "pdf")
SHOWN = ("released", "text", "strict")
RUNGS = ("released", "strict", "strict-minimal", "strict-6-pairs", "strict-ordered")
OPEN = 7_271_931_361
PUBLISHED = {
    "size": {
        "n_interpretations": {"2": 38.0, "3": 6e3, "4": 2e5, "5": 9.1e5},
        "n_mappings": {"2": 8.0, "3": 30.0, "4": 380.0, "5": 3.7e3},
    }
}


def summary(
    family: str,
    protocols: Sequence[str] = SHOWN,
    *,
    seeds: int = 30,
    targets: Sequence[str] = ("XOR",),
    width: int = 3,
    converged: int | None = None,
    **fixed: object,
) -> pd.DataFrame:
    """Rows of `summary` as large and as scattered as real ones; `fixed` sets columns."""
    random = np.random.default_rng([width, len(family)])
    rows = []
    for seed in range(seeds):
        for target in targets:
            for protocol in protocols:
                learned = seed < (seeds if converged is None else converged)
                counted = width < 5 or protocol == "released"
                circuits = int(random.lognormal(2 * width, 1))
                algorithms = int(random.poisson(1.5))
                row = {
                    "family": family,
                    "network_id": f"{family}/{seed}",
                    "target": target,
                    "protocol": protocol,
                    "converged": learned,
                    "counted": learned and counted,
                    "how": "exact" if learned and counted else None,
                    "n_candidates": OPEN if width == 5 else 9625,
                    "n_circuits": circuits if counted else None,
                    "n_interpretations": str(circuits * 10 ** (4 * width)) if counted else None,
                    "n_interpretations_reachable": str(circuits) if counted else None,
                    "n_algorithms": algorithms,
                    "n_mappings": algorithms * int(random.lognormal(width, 1) + 1),
                } | fixed
                if not learned:
                    row |= {name: None for name in row if name.startswith("n_") and name[2] != "c"}
                    row["n_circuits"] = None
                rows.append(row)
    return pd.DataFrame(rows)


def sweep(
    summaries: Mapping[str, pd.DataFrame], experiment: str = "size", gates: str = ""
) -> Sweep:
    return Sweep(experiment, "Size", "width k", gates, summaries)


def size(protocols: Sequence[str] = SHOWN) -> list[Sweep]:
    """The widths of the paper, for drawn gates and for XOR alone."""
    return [
        sweep({str(k): summary(f"{n}-k{k}", protocols, width=k) for k in range(2, 6)}, gates=gates)
        for n, gates in (("mixed", "4 gates"), ("xor", "XOR alone"))
    ]


def tasks(protocols: Sequence[str] = SHOWN) -> list[Sweep]:
    """One to six tasks."""
    names = ("AND", "OR", "XOR", "IMP", "NAND", "NOR")
    summaries = {
        str(n): summary(f"tasks-n{n}", protocols, targets=names[:n], converged=30 - n)
        for n in range(1, 7)
    }
    return [Sweep("tasks", "Tasks", "number of tasks n", "", summaries)]


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.axison]


def by_protocol(figure: Figure, n: int) -> list[list[Axes]]:
    """Panels as [column][protocol]."""
    found = panels(figure)
    return [found[i : i + n] for i in range(0, len(found), n)]


def medians(axes: Axes) -> list[float]:
    """Medians of the boxes, from left to right, as logarithms."""
    return [line.get_ydata()[0] for line in axes.lines if line.get_linewidth() == 1.6]


def points(axes: Axes) -> list[list[float]]:
    """Logarithms of the points, by place."""
    return [sorted(each.get_offsets()[:, 1]) for each in axes.collections]


def marks(axes: Axes, marker: str) -> list[tuple[int, float]]:
    """Place and logarithm of every marker of a kind."""
    return [
        (round(x), y)
        for line in axes.lines
        if line.get_marker() == marker
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def strip(axes: Axes) -> list[str]:
    """What stands in the strip, by place."""
    return [t.get_text() for t in axes.texts if t.get_verticalalignment() == "center_baseline"][1:]


def per_network(rows: pd.DataFrame, column: str, per: str | None = None) -> "pd.Series[float]":
    """A count per network, by other means than the figure's."""
    rows = rows[rows["converged"]].set_index("network_id")
    values = rows[column].astype(float)
    if per is not None:
        values = (values / rows[per].astype(float)).replace(np.inf, np.nan)
    return values.groupby(level=0).mean().fillna(0)


# Boxes -------------------------------------------------------------------------------------------

DETAILS = (
    ("n_circuits", None),
    ("n_interpretations", "n_circuits"),
    ("n_algorithms", None),
    ("n_mappings", "n_algorithms"),
)


def test_details_show_medians_points_and_who_is_left_out() -> None:
    (over,) = tasks()
    columns = by_protocol(draw_details([over], SHOWN, PUBLISHED), len(SHOWN))
    assert len(columns) == len(DETAILS)
    for column, (name, per) in zip(columns, DETAILS, strict=True):
        for axes, protocol in zip(column, SHOWN, strict=True):
            values = [
                per_network(s[s["protocol"] == protocol], name, per)
                for s in over.summaries.values()
            ]
            shown = [np.log10(v[v > 0]) for v in values]
            assert medians(axes) == pytest.approx([np.log10(v[v > 0].median()) for v in values])
            for drawn, expected in zip(points(axes), shown, strict=True):
                assert drawn == pytest.approx(sorted(expected))
            assert strip(axes) == [str((v == 0).sum()) for v in values]
            low, high = axes.get_ylim()
            assert all(low < value < high for own in shown for value in own)


def test_totals_of_two_experiments_stand_side_by_side() -> None:
    figure = draw_totals([size(), tasks()], SHOWN, PUBLISHED)
    columns = by_protocol(figure, len(SHOWN))
    assert [len(column[0].get_xticks()) for column in columns] == [4, 4, 6, 6]
    main = size()[0].summaries
    released = [
        per_network(s[s["protocol"] == "released"], "n_interpretations") for s in main.values()
    ]
    assert medians(columns[0][0]) == pytest.approx([np.log10(v[v > 0].median()) for v in released])
    words = words_of(figure)
    assert "Size: of 30 networks each, 30 (2), 30 (3), 30 (4), 30 (5) converged" in words
    assert "Tasks: of 30 networks each, 29 (1), 28 (2)" in words


def test_published_medians_and_those_of_other_gates_are_marked() -> None:
    figure = draw_totals([size(), tasks()], SHOWN, PUBLISHED)
    interpretations, mappings, *of_tasks = by_protocol(figure, len(SHOWN))
    for column, name in ((interpretations, "n_interpretations"), (mappings, "n_mappings")):
        known = [np.log10(v) for v in PUBLISHED["size"][name].values()]
        for axes, protocol in zip(column, SHOWN, strict=True):
            assert marks(axes, "*") == list(enumerate(pytest.approx(v) for v in known))
            others = [
                per_network(s[s["protocol"] == protocol], name)
                for s in size()[1].summaries.values()
                if not s.loc[s["protocol"] == protocol, name].isna().any()
            ]
            assert [y for _, y in marks(axes, "D")] == pytest.approx(
                [np.log10(v[v > 0].median()) for v in others]
            )
    assert not any(marks(axes, m) for column in of_tasks for axes in column for m in "*D")
    assert "published median" in words_of(figure)
    assert "median, XOR alone" in words_of(figure)
    assert "published" not in words_of(draw_totals([tasks()], SHOWN, PUBLISHED))


def test_medians_come_from_the_claims() -> None:
    ledger = load_claims(ROOT / "paper" / "claims.yaml")
    assert published_medians(ledger) == PUBLISHED


def test_what_is_left_open_has_a_labelled_place() -> None:
    figure = draw_details(size(), SHOWN, PUBLISHED)
    circuits, interpretations, algorithms, mappings = by_protocol(figure, len(SHOWN))
    for axes in (*circuits[1:], *interpretations[1:]):
        assert len(medians(axes)) == len(points(axes)) == 3
        (label,) = (t for t in axes.texts if t.get_text().startswith("open"))
        assert label.get_text() == "open: 7.27×10⁹ candidates"
        assert round(label.get_position()[0]) == 3
        assert strip(axes)[3] == ""
    for axes in (circuits[0], interpretations[0], *algorithms, *mappings):
        assert len(medians(axes)) == 4
        assert not any("open" in t.get_text() for t in axes.texts)
    assert "left open: too many candidates" in words_of(figure)


def estimates(summary: pd.DataFrame) -> pd.DataFrame:
    """The same with everything counted, the interpretations under `text` and `strict` as such."""
    rows = summary.copy()
    released = rows[rows["protocol"] == "released"].set_index("network_id")
    for column in ("n_circuits", "n_interpretations", "n_interpretations_reachable"):
        rows[column] = rows["network_id"].map(released[column])
    rows["counted"] = rows["converged"]
    rows["how"] = np.where(rows["protocol"] == "released", "exact", "estimate")
    return rows


def test_estimates_are_marked() -> None:
    main, beside = size()
    wide = replace(main, summaries=main.summaries | {"5": estimates(main.summaries["5"])})
    figure = draw_details([wide, beside], SHOWN, PUBLISHED)
    columns = by_protocol(figure, len(SHOWN))
    for column in columns:
        for axes, protocol in zip(column, SHOWN, strict=True):
            hatched = [patch for patch in axes.patches if patch.get_hatch()]
            marked = column is columns[1] and protocol != "released"
            assert [round(p.get_x() + p.get_width() / 2) for p in hatched] == [3] * marked
            assert len(medians(axes)) == 4
    assert "interpretations estimated" in words_of(figure)
    assert "left open: too many candidates" not in words_of(figure)
    # A median beside the box counts, too.
    other = replace(
        beside, summaries=beside.summaries | {"4": estimates(size()[0].summaries["4"])}
    )
    text = by_protocol(draw_details([main, other], SHOWN, {}), len(SHOWN))[1][1]
    assert [p.get_x() for p in text.patches if p.get_hatch()] == [1.5]
    assert "interpretations estimated" not in words_of(draw_details(size(), SHOWN, PUBLISHED))


def test_a_network_with_several_targets_is_one_point() -> None:
    rows = summary("f", seeds=1, targets=("AND", "OR", "XOR"))
    for column, values in (("n_algorithms", [0, 1, 2]), ("n_mappings", [0, 4, 6])):
        rows[column] = np.repeat(values, len(SHOWN))
    columns = by_protocol(draw_details([sweep({"3": rows})], SHOWN, {}), len(SHOWN))
    for axes in columns[2]:
        assert points(axes) == [pytest.approx([0.0])]
    for axes in columns[3]:
        # Per algorithm, over the targets that have one: 4 and 3.
        assert points(axes) == [pytest.approx([np.log10(3.5)])]


def test_numbers_that_no_float_holds() -> None:
    rows = summary("f", seeds=3, n_interpretations=str(10**400))
    (column, _) = by_protocol(draw_totals([[sweep({"9": rows})]], SHOWN, {}), len(SHOWN))
    assert [medians(axes) for axes in column] == [[pytest.approx(400)]] * len(SHOWN)


def test_no_network_converged() -> None:
    nothing = summary("f-k2", converged=0)
    figure = draw_totals([[sweep({"2": nothing})]], SHOWN, PUBLISHED)
    assert words_of(figure) == "f-k2: no network converged"
    assert words_of(draw_ladder([sweep({"2": summary("f-k2", RUNGS, converged=0)})])).endswith(
        "f-k2: no network converged"
    )
    figure = draw_totals([[sweep({"2": nothing, "3": summary("f-k3")})]], SHOWN, PUBLISHED)
    for axes in panels(figure):
        assert "none converged" in [t.get_text() for t in axes.texts]
        assert len(points(axes)) == 1
    assert "0 (2), 30 (3) converged" in words_of(figure)


def test_nothing_found() -> None:
    zeros = dict.fromkeys(("n_circuits", "n_algorithms", "n_mappings"), 0)
    rows = summary("f", n_interpretations="0", **zeros)
    figure = draw_details([sweep({"3": rows})], SHOWN, {})
    for axes in panels(figure):
        assert not medians(axes)
        assert strip(axes) == ["all"]


def test_a_family_without_a_protocol_is_named() -> None:
    with pytest.raises(UserError, match=r"results/summary/f\.parquet.*'mine'.*released, text"):
        draw_totals([[sweep({"3": summary("f")})]], ("mine",), {})
    with pytest.raises(UserError, match="strict-minimal"):
        ladder([sweep({"3": summary("f")})])


# Sweeps ------------------------------------------------------------------------------------------


def test_sweeps_of_the_configuration() -> None:
    settings = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    places = {}
    for name in EXPERIMENTS:
        experiment = settings.experiments[name]
        families = (*experiment.families, *experiment.released)
        frames = {family.name: pd.DataFrame({"name": [family.name]}) for family in families}
        found = sweeps(name, experiment.families, experiment.released, frames)
        places[name] = [(each.gates, list(each.summaries)) for each in found]
        shown = [frame["name"].item() for each in found for frame in each.summaries.values()]
        assert shown == [family.name for family in families]
    widths = ["2", "3", "4", "5"]
    assert places["size"] == [("4 gates", widths), ("XOR alone", widths)]
    assert places["tasks"] == [("", ["1", "2", "3", "4", "5", "6"])]
    assert places["gate"] == [("", ["AND", "OR", "XOR", "IMP"])]
    assert places["loss"] == [("", ["−1", "−2", "−3", "−4", "−5", "−6"])]


def test_two_families_in_one_place_are_an_error() -> None:
    settings = parse(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    twice = [settings.families["xor-k3"], settings.families["and-k3"]]
    with pytest.raises(UserError, match="xor-k3 and and-k3 have the same width k, 3"):
        sweeps("size", twice, [], {family.name: pd.DataFrame() for family in twice})


# The ladder --------------------------------------------------------------------------------------


def rung(table: pd.DataFrame, question: str, step: int) -> pd.Series:
    name = LADDER[question][step].name
    (row,) = table[(table["question"] == question) & (table["step"] == name)].itertuples()
    return row


def test_the_ladder_of_a_hand_made_family() -> None:
    rows = summary("f", RUNGS, seeds=12, converged=10)
    rows[["n_algorithms", "n_circuits"]] = 2
    strict = (rows["protocol"] == "strict") & rows["converged"]
    rows.loc[strict, "n_algorithms"] = [1, 0, 0, 0, 5, 6, 7, 8, 9, 9]
    minimal = rows["protocol"] == "strict-minimal"
    rows.loc[minimal, "n_circuits"] = 1
    rows.loc[minimal, "n_interpretations"] = str(10**30)
    rows.loc[minimal, "n_interpretations_reachable"] = "1"
    table = ladder([sweep({"3": rows})])
    assert tuple(table.columns) == LADDER_COLUMNS
    assert len(table) == sum(map(len, LADDER.values()))
    assert set(table["family"]) == {"f"}
    assert set(table["x"]) == {3}
    assert set(table["n"]) == {10}
    algorithm = rung(table, "algorithm", 2)
    assert algorithm.protocol == "strict"
    assert (algorithm.share_unique, algorithm.share_none) == (0.1, pytest.approx(0.3))
    # Wilson's interval of 1 in 10.
    assert (algorithm.low, algorithm.high) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert [rung(table, "circuit", i).share_unique for i in (0, 1)] == [0, 1]
    assert [rung(table, "interpretation", i).share_unique for i in (0, 1, 2)] == [0, 0, 1]


def test_a_network_counts_once_in_the_ladder_with_the_share_of_its_targets() -> None:
    rows = summary("f", RUNGS, seeds=4, targets=("AND", "OR"))
    rows["n_mappings"] = [1, 0] * (len(rows) // 2)
    rows = rows.sort_values(["protocol", "network_id"], kind="stable")
    rows["n_mappings"] = [1, 0, 1, 1, 2, 3, 0, 0] * len(RUNGS)
    row = rung(ladder([sweep({"2": rows})]), "mapping", 0)
    assert (row.n, row.share_unique, row.share_none) == (4, 1.5 / 4, 1.5 / 4)
    assert row.low < row.share_unique < row.high


def test_what_is_left_open_and_what_did_not_converge_has_no_share() -> None:
    rows = summary("f", RUNGS, width=5)
    table = ladder([sweep({"5": rows})])
    wide = table["question"].isin(["circuit", "interpretation"])
    assert not table.loc[wide, "counted"].any()
    assert table.loc[wide, ["share_unique", "low", "high", "share_none"]].isna().all(axis=None)
    assert table.loc[~wide, "counted"].all()
    assert table.loc[~wide, "share_unique"].notna().all()
    nothing = ladder([sweep({"3": summary("f", RUNGS, converged=0)})])
    assert set(nothing["n"]) == {0}
    assert nothing["counted"].all()
    assert nothing["share_unique"].isna().all()


def test_estimates_are_marked_in_the_ladder() -> None:
    rows = summary("f", RUNGS, width=5)
    minimal = rows["protocol"] == "strict-minimal"
    rows = pd.concat([estimates(rows[~minimal]), rows[minimal]])
    table = ladder([sweep({"5": rows})])
    marked = table[table["estimated"]]
    assert list(marked["question"]) == ["interpretation"]
    assert list(marked["step"]) == ["of all perfect circuits"]
    assert marked["share_unique"].notna().all()
    words = words_of(draw_ladder([sweep({"5": rows})]))
    assert words.count("estimated") == 1
    assert words.count("left open") == 3  # twice beside bars, once in the legend


def test_the_ladder_is_drawn_as_it_is_tabled() -> None:
    over = [*size(RUNGS), *tasks(RUNGS)]
    figure = draw_ladder(over)
    drawn = panels(figure)
    assert len(drawn) == len(LADDER) * len(over)
    tables = [ladder([each]) for each in over]
    for axes, (table, question) in zip(
        drawn, ((t, q) for t in tables for q in LADDER), strict=True
    ):
        own = table[(table["question"] == question) & table["counted"]]
        heights = {STEPS[i]: [] for i in range(len(STEPS))}
        none = []
        for patch in axes.patches:
            colour = next((c for c in STEPS if to_rgb(c) == patch.get_facecolor()[:3]), None)
            if colour:
                assert patch.get_y() == 0
                heights[colour].append(patch.get_height())
            elif patch.get_hatch():
                assert patch.get_y() + patch.get_height() == pytest.approx(1)
                none.append(patch.get_height())
        for step, colour in zip(LADDER[question], STEPS, strict=False):
            assert heights[colour] == list(own.loc[own["step"] == step.name, "share_unique"])
        assert sorted(none) == sorted(own["share_none"])
        intervals = sorted(tuple(line.get_ydata()) for line in axes.lines)
        assert intervals == sorted(zip(own["low"], own["high"], strict=True))
        left_open = [t for t in axes.texts if t.get_text() == "left open"]
        assert len(left_open) == (len(own) < len(table[table["question"] == question]))


def test_colours_of_the_steps_differ_in_grey() -> None:
    def luminance(colour: str) -> float:
        linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04 else c / 12.92 for c in to_rgb(colour)]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for lighter, darker in pairwise(STEPS):
        # The contrast that WCAG asks of neighbouring graphical objects is 3; text needs 4.5.
        assert (luminance(lighter) + 0.05) / (luminance(darker) + 0.05) > 1.5
    assert max(map(len, LADDER.values())) <= len(STEPS)


# Every figure ------------------------------------------------------------------------------------

FIVE = (*SHOWN, "mine", "a-criterion-of-mine")
DRAWINGS: dict[str, Callable[[], Figure]] = {
    "size and tasks": lambda: draw_totals([size(), tasks()], SHOWN, PUBLISHED),
    "five protocols": lambda: draw_totals([size(FIVE), tasks(FIVE)], FIVE, PUBLISHED),
    "one protocol": lambda: draw_details(size(), ("strict",), PUBLISHED),
    "size": lambda: draw_details(size(), SHOWN, PUBLISHED),
    "tasks": lambda: draw_details(tasks(), SHOWN, PUBLISHED),
    "gate": lambda: draw_totals(
        [[sweep({g: summary(g) for g in ("AND", "NAND", "CONVERSE_IMP")}, "gate")]], SHOWN, {}
    ),
    "narrow places": lambda: draw_details(
        [
            sweep(
                {
                    g: summary(g, seeds=101, n_algorithms=1 if g == "IMP" else 0, converged=c)
                    for g, c in zip(
                        ("AND", "OR", "XOR", "IMP", "NAND", "NOR"), range(96, 102), strict=True
                    )
                },
                "gate",
            )
        ],
        SHOWN,
        {},
    ),
    "one network": lambda: draw_details([sweep({"3": summary("f", seeds=1)})], SHOWN, PUBLISHED),
    "none in one family": lambda: draw_totals(
        [[sweep({"2": summary("f-k2", converged=0), "3": summary("f-k3")})]], SHOWN, PUBLISHED
    ),
    "ladder": lambda: draw_ladder([*size(RUNGS), *tasks(RUNGS)]),
    "ladder of one family": lambda: draw_ladder([sweep({"3": summary("f", RUNGS)})]),
}


@pytest.fixture(scope="module", params=DRAWINGS)
def figure(request: pytest.FixtureRequest) -> Figure:
    return DRAWINGS[request.param]()


def test_no_text_is_cut_off_small_or_over_another(figure: Figure) -> None:
    figure.set_dpi(300)
    with style.house_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        texts = [text for text in texts_of(figure) if text.get_text().strip()]
        boxes = [Text.get_window_extent(text, canvas.get_renderer()) for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
        assert text.get_fontsize() >= 7
    for (one, box), (other, another) in combinations(zip(texts, boxes, strict=True), 2):
        assert not box.padded(-1).overlaps(another.padded(-1)), (one, other)


def test_files_are_fit_for_print(figure: Figure, tmp_path: Path) -> None:
    paths = {format: tmp_path / f"figure.{format}" for format in FORMATS}
    style.save(figure, paths.values())
    pdf = paths["pdf"].read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    with Image.open(paths["png"]) as image:
        assert image.width >= 200 * figure.get_figwidth() - 1
    assert "<text" not in paths["svg"].read_text()
    assert figure.get_figwidth() == style.TEXT_WIDTH
    assert figure.get_figheight() <= 8.5


@pytest.mark.parametrize("name", ["size and tasks", "ladder"])
def test_files_are_the_same_every_time(name: str, tmp_path: Path) -> None:
    for run in ("first", "second"):
        style.save(DRAWINGS[name](), [tmp_path / run / f"figure.{format}" for format in FORMATS])
    for format in FORMATS:
        first, second = (tmp_path / run / f"figure.{format}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
