"""Box plots over an experiment: what they show is what the summaries say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from identifiability.drawing import style
from identifiability.drawing.boxes import draw_details, draw_totals, published_medians
from identifiability.errors import UserError
from identifiability.evidence.ledger import load_claims
from identifiability.evidence.sweeps import Sweep
from tests.examples import some
from tests.exhibits.summaries import SHOWN, estimates, size, summary, sweep, tasks

ROOT = Path(__file__).parents[2]
FORMATS = ("svg", "png", "pdf")
PUBLISHED = {
    "size": {
        "n_interpretations_reachable": {"2": 38.0, "3": 6e3, "4": 2e5, "5": 9.1e5},
        "n_interpretations": {"2": 38.0, "3": 6e3, "4": 2e5, "5": 9.1e5},
        "n_mappings": {"2": 8.0, "3": 30.0, "4": 380.0, "5": 3.7e3},
    }
}
DETAILS = (
    ("n_circuits", None),
    ("n_interpretations_reachable", "n_circuits"),
    ("n_interpretations", "n_circuits"),
    ("n_algorithms", None),
    ("n_mappings", "n_algorithms"),
)


def columns_of(figure: Figure, n_protocols: int = len(SHOWN)) -> list[list[Axes]]:
    """Panels as [column][protocol], the columns of one band after those of another."""
    columns = []
    for band in figure.subfigs:
        n_columns = len(band.axes) // n_protocols
        columns += [band.axes[i::n_columns] for i in range(n_columns)]
    return columns


def boxes(axes: Axes) -> dict[int, tuple[float, ...]]:
    """Lower quartile, median and upper quartile of every box, by place."""
    medians = {round(np.mean(m.get_xdata())): m for m in axes.lines if m.get_linewidth() == 1.6}
    outlines = {
        round(np.mean(b.get_xdata())): b.get_ydata()
        for b in axes.lines
        if len(b.get_xdata()) == 5 and not b.get_marker().strip("None")
    }
    return {x: (min(y), medians[x].get_ydata()[0], max(y)) for x, y in outlines.items()}


def points(axes: Axes) -> dict[int, list[float]]:
    """Values of the points, by place."""
    drawn = np.concatenate([np.empty((0, 2)), *(c.get_offsets() for c in axes.collections)])
    return {int(x): sorted(drawn[drawn[:, 0].round() == x, 1]) for x in set(drawn[:, 0].round())}


def marks(axes: Axes, marker: str) -> dict[int, float]:
    """Value of every marker of a kind, by place."""
    return {
        round(x): y
        for line in axes.lines
        if line.get_marker() == marker
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }


def none_of(axes: Axes) -> list[str]:
    """Numbers of networks with none, as printed below the places."""
    return [label.get_text().split("\n")[1] for label in axes.get_xticklabels()]


def learned_of(axes: Axes) -> list[str]:
    """Numbers of networks that converged, as printed above the places."""
    return [label.get_text() for label in axes.child_axes[0].get_xticklabels()]


def hatched(axes: Axes) -> list[int]:
    """Places of estimates."""
    return sorted(round(p.get_x() + p.get_width() / 2) for p in axes.patches if p.get_hatch())


def texts_of(figure: Figure) -> Iterator[Text]:
    """Every text that can be seen."""
    unseen = {
        tick.label1
        for axes in figure.axes
        for tick in (*axes.yaxis.get_major_ticks(), *axes.yaxis.get_minor_ticks())
        if not axes.get_ylim()[0] <= tick.get_loc() <= axes.get_ylim()[1]
    }
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in unseen:
            yield text


def frame_of(text: Text, canvas: FigureCanvasAgg) -> Bbox:
    """Where a text is; a first line that is empty takes no room."""
    frame = Text.get_window_extent(text, canvas.get_renderer())
    empty = text.get_text().startswith("\n") * frame.height / 2
    return Bbox.from_extents(frame.x0, frame.y0, frame.x1, frame.y1 - empty)


def words_of(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts_of(figure))


def per_network(rows: pd.DataFrame, column: str, per: str | None = None) -> "pd.Series[float]":
    """A count per network, by other means than the figure's."""
    rows = rows[rows["analysed"]].set_index("network_id")
    values = rows[column].astype(float)
    if per is not None:
        values = (values / rows[per].astype(float)).replace(np.inf, np.nan)
    return values.groupby(level=0).mean().fillna(0)


def test_details_show_quartiles_points_and_who_is_left_out() -> None:
    (over,) = tasks()
    columns = columns_of(draw_details([over], SHOWN))
    assert len(columns) == len(DETAILS)
    for column, (name, per) in zip(columns, DETAILS, strict=True):
        assert learned_of(column[0]) == [str(30 - n) for n in range(1, 7)]
        for axes, protocol in zip(column, SHOWN, strict=True):
            values = [
                per_network(s[s["protocol"] == protocol], name, per)
                for s in over.summaries.values()
            ]
            shown = [v[v > 0] for v in values]
            drawn, quartiles = points(axes), boxes(axes)
            for x, expected in enumerate(shown):
                assert drawn[x] == pytest.approx(sorted(expected))
                assert quartiles[x] == pytest.approx(tuple(expected.quantile([0.25, 0.5, 0.75])))
            assert none_of(axes) == [str((v == 0).sum()) for v in values]
            low, high = axes.get_ylim()
            assert all(low < value < high for own in shown for value in own)


def test_totals_of_two_experiments_stand_below_each_other() -> None:
    figure = draw_totals([size(), tasks()], SHOWN, PUBLISHED)
    columns = columns_of(figure)
    assert [len(column[0].get_xticks()) for column in columns] == [4, 4, 4, 6, 6, 6]
    assert [column[-1].get_xlabel() for column in columns] == ["width k"] * 3 + [
        "number of tasks n"
    ] * 3
    assert [axes.get_ylabel() for axes in columns[0]] == list(SHOWN)
    assert learned_of(columns[1][0]) == ["30"] * 4
    assert learned_of(columns[3][0]) == [str(30 - n) for n in range(1, 7)]
    words = words_of(figure)
    assert words.count("interpretations\nof reachable rows\nn of 30 networks:") == 2
    assert words.count("interpretations,\nall completions\nn of 30 networks:") == 2
    assert words.count("minimal\nmappings\nn of 30 networks:") == 2


def test_families_of_other_numbers_of_networks_say_their_own() -> None:
    summaries = {"2": summary("f-k2", seeds=8, converged=5), "3": summary("f-k3", seeds=9)}
    figure = draw_totals([[sweep(summaries)]], SHOWN, {})
    assert learned_of(columns_of(figure)[0][0]) == ["5/8", "9/9"]


def test_published_medians_and_those_of_other_gates_are_marked() -> None:
    figure = draw_totals([size(), tasks()], SHOWN, PUBLISHED)
    columns, of_tasks = columns_of(figure)[:3], columns_of(figure)[3:]
    names = ("n_interpretations_reachable", "n_interpretations", "n_mappings")
    for column, name in zip(columns, names, strict=True):
        for axes, protocol in zip(column, SHOWN, strict=True):
            assert marks(axes, "*") == dict(enumerate(PUBLISHED["size"][name].values()))
            others = [
                per_network(s[s["protocol"] == protocol], name)
                for s in size()[1].summaries.values()
                if not s.loc[s["protocol"] == protocol, name].isna().any()
            ]
            assert marks(axes, "D") == pytest.approx(
                {x: v[v > 0].median() for x, v in enumerate(others)}
            )
            low, high = axes.get_ylim()
            assert all(low < y < high for m in "*D" for y in marks(axes, m).values())
    assert not any(marks(axes, m) for column in of_tasks for axes in column for m in "*D")
    assert "published median" in words_of(figure)
    assert "median, XOR alone" in words_of(figure)
    assert "published" not in words_of(draw_totals([tasks()], SHOWN, PUBLISHED))


def test_medians_come_from_the_claims() -> None:
    assert published_medians(load_claims(ROOT / "paper" / "claims.yaml")) == PUBLISHED


def test_what_is_left_open_has_a_labelled_place() -> None:
    figure = draw_details(size(), SHOWN)
    circuits, reachable, interpretations, algorithms, mappings = columns_of(figure)
    for axes in (*circuits[1:], *reachable[1:], *interpretations[1:]):
        assert set(boxes(axes)) == set(points(axes)) == {0, 1, 2}
        (label,) = (t for t in axes.texts if t.get_text().startswith("open"))
        assert label.get_text() == "open: 7.27×10⁹"
        assert round(label.get_position()[0]) == 3
        assert none_of(axes)[3] == ""
    for axes in (circuits[0], interpretations[0], *algorithms, *mappings):
        assert len(boxes(axes)) == 4
        assert not any("open" in t.get_text() for t in axes.texts)
    assert "open: number of candidates" in words_of(figure)


def test_estimates_are_hatched() -> None:
    main, beside = size()
    wide = replace(main, summaries=main.summaries | {"5": estimates(main.summaries["5"])})
    figure = draw_details([wide, beside], SHOWN)
    columns = columns_of(figure)
    for column in columns:
        for axes, protocol in zip(column, SHOWN, strict=True):
            marked = column in columns[1:3] and protocol != "released"
            assert hatched(axes) == [3] * marked
            assert len(boxes(axes)) == 4
    assert "interpretations estimated" in words_of(figure)
    assert "open: number of candidates" not in words_of(figure)
    # A median beside the box counts, too.
    other = replace(
        beside, summaries=beside.summaries | {"4": estimates(size()[0].summaries["4"])}
    )
    assert hatched(columns_of(draw_details([main, other], SHOWN))[1][1]) == [2]
    assert "interpretations estimated" not in words_of(draw_details(size(), SHOWN))


def test_a_network_with_several_targets_is_one_point() -> None:
    rows = summary("f", seeds=1, targets=("AND", "OR", "XOR"))
    for column, values in (("n_algorithms", [0, 1, 2]), ("n_mappings", [0, 4, 6])):
        rows[column] = np.repeat(values, len(SHOWN))
    columns = columns_of(draw_details([sweep({"3": rows})], SHOWN))
    for axes in columns[3]:
        assert points(axes) == {0: [1.0]}
    for axes in columns[4]:
        # Per algorithm, over the targets that have one: 4 and 3.
        assert points(axes) == {0: [3.5]}


def of_sizes(*exponents: int) -> Sweep:
    """A family whose networks have so large numbers of interpretations, protocol by protocol."""
    rows = summary("f", seeds=3)
    powers = dict(zip(SHOWN, exponents, strict=True))
    rows["n_interpretations"] = [
        str(10 ** powers[p] * (1 + seed // len(SHOWN))) for seed, p in enumerate(rows["protocol"])
    ]
    return sweep({"9": rows})


def test_protocols_share_an_axis_unless_it_would_squeeze_one() -> None:
    _, alike, _ = columns_of(draw_totals([[of_sizes(6, 6, 7)]], SHOWN, {}))
    assert len({axes.get_ylim() for axes in alike}) == 1
    assert np.log10(alike[0].get_yticks()) == pytest.approx([6, 7, 8])
    _, apart, _ = columns_of(draw_totals([[of_sizes(6, 12, 90)]], SHOWN, {}))
    for axes, exponent in zip(apart, (6, 12, 90), strict=True):
        assert boxes(axes)[0][1] == pytest.approx(2.0 * 10**exponent)
        assert np.log10(axes.get_ylim()) == pytest.approx([exponent - 0.05, exponent + 1.05])


def test_an_axis_over_many_decades_has_labels_at_round_powers() -> None:
    wide = {"2": of_sizes(0, 0, 1).summaries["9"], "5": of_sizes(12, 31, 56).summaries["9"]}
    _, column, _ = columns_of(draw_totals([[sweep(wide)]], SHOWN, {}))
    ticks = [list(np.log10(axes.get_yticks()).round(9)) for axes in column]
    assert ticks == [list(range(0, 13, 5)), list(range(0, 33, 10)), list(range(20, 58, 20))]


def test_no_network_converged() -> None:
    nothing = summary("f-k2", converged=0)
    figure = draw_totals([[sweep({"2": nothing})]], SHOWN, PUBLISHED)
    assert words_of(figure) == "f-k2: no network converged"
    figure = draw_totals([[sweep({"2": nothing, "3": summary("f-k3")})]], SHOWN, PUBLISHED)
    for axes in figure.axes:
        assert "none converged" in [t.get_text() for t in axes.texts]
        assert none_of(axes)[0] == ""
        assert set(points(axes)) == set(boxes(axes)) == {1}
    assert learned_of(figure.axes[0]) == ["0", "30"]


def test_nothing_found() -> None:
    zeros = dict.fromkeys(("n_circuits", "n_algorithms", "n_mappings"), 0)
    rows = summary("f", n_interpretations="0", **zeros)
    for axes in draw_details([sweep({"3": rows})], SHOWN).axes:
        assert not boxes(axes)
        assert none_of(axes) == ["all"]


def test_a_family_without_a_protocol_is_named() -> None:
    with pytest.raises(UserError, match=r"results/summary/f\.parquet.*'mine'.*released, text"):
        draw_totals([[sweep({"3": summary("f")})]], ("mine",), {})


# Every figure ------------------------------------------------------------------------------------

FIVE = (*SHOWN, "mine", "a-criterion-of-mine")
GATES = ("AND", "OR", "XOR", "IMP", "NAND", "NOR")
DRAWINGS: dict[str, Callable[[], Figure]] = {
    "size and tasks": lambda: draw_totals([size(), tasks()], SHOWN, PUBLISHED),
    "five protocols": lambda: draw_totals([size(FIVE), tasks(FIVE)], FIVE, PUBLISHED),
    "one protocol": lambda: draw_details(size(), ("strict",)),
    "size": lambda: draw_details(size(), SHOWN),
    "tasks": lambda: draw_details(tasks(), SHOWN),
    "gate": lambda: draw_totals(
        [[sweep({g: summary(g) for g in ("AND", "NAND", "CONVERSE_IMP")}, "gate")]], SHOWN, {}
    ),
    "narrow places": lambda: draw_details(
        [
            sweep(
                {
                    gate: summary(gate, seeds=101, n_algorithms=int(gate == "IMP"), converged=n)
                    for n, gate in enumerate(GATES, 96)
                },
                "gate",
            )
        ],
        SHOWN,
    ),
    "loss": lambda: draw_details(
        [replace(tasks()[0], title="Loss cutoff", axis="loss cutoff, power of ten")], SHOWN
    ),
    "few places": lambda: draw_totals(
        [size(), [replace(tasks()[0], summaries={"1": summary("tasks-n1")})]], SHOWN, PUBLISHED
    ),
    "one network": lambda: draw_details([sweep({"3": summary("f", seeds=1)})], SHOWN),
    "none in one family": lambda: draw_totals(
        [[sweep({"2": summary("f-k2", converged=0), "3": summary("f-k3")})]], SHOWN, PUBLISHED
    ),
}


@pytest.fixture(scope="module", params=some(DRAWINGS, "one protocol", "gate"))
def figure(request: pytest.FixtureRequest) -> Figure:
    return DRAWINGS[request.param]()


def test_no_text_is_cut_off_small_or_over_another(figure: Figure) -> None:
    figure.set_dpi(300)
    with style.house_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        texts = list(texts_of(figure))
        frames = [frame_of(text, canvas) for text in texts]
    for text, frame in zip(texts, frames, strict=True):
        assert frame.x0 >= 0, text
        assert frame.y0 >= 0, text
        assert frame.x1 <= figure.bbox.x1, text
        assert frame.y1 <= figure.bbox.y1, text
        assert text.get_fontsize() >= 7
    for (one, frame), (other, another) in combinations(zip(texts, frames, strict=True), 2):
        assert not frame.padded(-1).overlaps(another.padded(-1)), (one, other)


def test_panels_have_room_and_are_named(figure: Figure) -> None:
    FigureCanvasAgg(figure).draw()
    width, height = figure.get_size_inches()
    assert width == style.TEXT_WIDTH
    assert height <= 8.3
    for axes in figure.axes:
        assert axes.get_position().width * width > 0.6
        assert axes.get_position().height * height > 0.6
        low, high = np.log10(axes.get_ylim())
        lines = [np.asarray(line.get_ydata()) for line in axes.lines if len(line.get_ydata())]
        if lines:  # the data fill half of the decades that they touch
            values = np.log10(np.concatenate(lines))
            touched = max(np.ceil(values.max()) - np.floor(values.min()), 1)
            assert touched >= 0.45 * (high - low)


def test_files_are_fit_for_print(tmp_path: Path) -> None:
    paths = {format: tmp_path / f"figure.{format}" for format in FORMATS}
    figure = DRAWINGS["gate"]()
    style.save(figure, paths.values())
    pdf = paths["pdf"].read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    with Image.open(paths["png"]) as image:
        assert image.width >= 200 * figure.get_figwidth() - 1
    assert "<text" not in paths["svg"].read_text()
    assert not pyplot.get_fignums()


def test_files_are_the_same_every_time(tmp_path: Path) -> None:
    # Whatever the global generator, by which seaborn jitters; and it is left as it was.
    for seed, run in enumerate(("first", "second")):
        np.random.seed(seed)  # noqa: NPY002
        files = [tmp_path / run / f"figure.{format}" for format in FORMATS]
        style.save(DRAWINGS["size and tasks"](), files)
        after = np.random.random()  # noqa: NPY002
        assert after == np.random.RandomState(seed).random()
    for format in FORMATS:
        first, second = (tmp_path / run / f"figure.{format}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
