"""The explorer as its readers see it: in a browser, opened from the disk.

Run by `make test-page`. EXPLORER_RESULTS names the folder `results` of a finished run to look at
instead of the small one that the tests make.
"""

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from identifiability import PROTOCOLS
from identifiability.algorithms.alignment import places
from identifiability.circuits.candidates import edges_of_id
from identifiability.report.explorer import EXPLORER_VERSION
from identifiability.stages.protocol_filters import admitted, perfect
from tests.report.explorer_files import handed_over, installed, needs_tools, program
from tests.report.test_explorer import LISTED

needs_tools()
SVG = "{http://www.w3.org/2000/svg}"
# Chromium as root, and without the calls that it makes by itself.
OPTIONS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
STEPS = {"inert": "an inert step", "live": "a redundant step", "irredundant": "irredundant"}
WIDTHS = {"small": 320, "phone": 360, "tablet": 800, "wide": 1600}


@pytest.fixture(scope="module")
def results(request):
    """The folder `results` of a finished run."""
    given = os.environ.get("EXPLORER_RESULTS")
    if given:
        return Path(given)
    return request.getfixturevalue("finished") / "tiny" / "results"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as started:
        yield started.chromium.launch(executable_path=chromium, args=OPTIONS)


@pytest.fixture
def look(browser, results):
    """Opens a view; at the end, nothing may have been complained about."""
    complaints, contexts = [], []

    def look(fragment="", *, folder=None, ready=".view", complaining=False, **options):
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        if not complaining:
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.append(said.text))
        page.goto(f"{(folder or results / 'explorer').as_uri()}/index.html{fragment}")
        page.wait_for_selector(ready)
        return page

    yield look
    for context in contexts:
        context.close()
    assert complaints == []


def read(results, artifact, family):
    return pq.read_table(results / artifact / f"{family}.parquet").to_pandas()


def own(frame, **equal):
    """The rows whose columns have these values."""
    return frame[(frame[list(equal)] == pd.Series(equal)).all(axis=1)]


def first_converged(results, family):
    networks = read(results, "networks", family)
    return networks[networks["converged"]].iloc[0]


def drawn(page):
    """Waits until what was asked for is on the screen."""
    page.wait_for_timeout(30)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return page


def shown_counts(page):
    """The counts of a page by quantity and protocol: all their digits."""
    found = {}
    for number in page.locator("[data-count]").all():
        key = number.get_attribute("data-count"), number.get_attribute("data-protocol")
        said = number.locator(".value").get_attribute("data-value")
        found[key] = said and int(said)
    return found


def listed_circuits(page):
    """The circuits that a page lists, page by page."""
    found = []
    drawn(page)
    while True:
        found += [c.get_attribute("data-circuit") for c in page.locator("[data-circuit]").all()]
        after = page.get_by_role("button", name="Next")
        if after.is_disabled():
            return found
        after.click()
        drawn(page)


# What it shows is what was found -----------------------------------------------------------------


@pytest.mark.parametrize(
    "family", ["xor-k3", "mixed-k2", "tasks-n2", "untrained-k3", "xor-k3-noise-cutoff-1e-2"]
)
def test_counts_circuits_and_algorithms_are_those_of_the_artifacts(look, results, family):
    network = first_converged(results, family)
    network_id, target = network["network_id"], list(network["targets"])[-1]
    keys = {"network_id": network_id, "target": target}
    summary, circuits, algorithms = (
        own(read(results, a, family), **keys) for a in ("summary", "circuits", "algorithms")
    )
    numbers = own(read(results, "interpretations", family), **keys).set_index("circuit_id")
    sizes = (*map(int, network["layer_sizes"][:-1]), 1)
    for name, protocol in PROTOCOLS.items():
        (said,) = own(summary, protocol=name).to_dict("records")
        page = look(f"#family={family}&network={network_id}&target={target}&protocol={name}")
        assert network_id in page.locator("h2").first.inner_text()
        assert target in page.locator("h2").first.inner_text()
        counts = shown_counts(page)
        assert counts["circuits", name] == said["n_circuits"]
        assert counts["reachable", name] == int(said["n_interpretations_reachable"])
        assert counts["algorithms", name] == said["n_algorithms"]
        assert counts["mappings", name] == said["n_mappings"]
        wanted = admitted(perfect(circuits, protocol), sizes, protocol)
        ids = listed_circuits(page)
        assert sorted(ids) == sorted(wanted["circuit_id"])
        for card in page.locator("[data-circuit]").all()[:3]:
            n = int(numbers.loc[card.get_attribute("data-circuit"), "n_interpretations"])
            if n < 10**6:
                assert f"{n:,} interpretation" in card.inner_text()
        page.get_by_role("link", name="What, then where").click()
        page.wait_for_selector("#what")
        texts = [f.get_attribute("data-formula") for f in page.locator("[data-formula]").all()]
        mine = own(algorithms, protocol=name)
        assert texts == list(mine.sort_values("formula_id")["formula"])
        mappings = [f.inner_text() for f in page.locator("[data-formula] small").all()]
        assert mappings == [
            (f"{n:,} mapping{'s' if n > 1 else ''}" if variables else "the empty mapping")
            + f", {STEPS[steps]}"
            for n, variables, steps in mine.sort_values("formula_id")[
                ["n_mappings", "n_variables", "steps"]
            ].itertuples(index=False)
        ]


def test_truth_table_and_weights_are_those_of_the_network(look, results):
    network = first_converged(results, "xor-k3")
    page = look(f"#family=xor-k3&network={network['network_id']}")
    rows = page.locator(".truth tbody tr")
    assert rows.nth(0).locator("td").all_inner_texts() == ["0", "1", "1", "0"]
    outputs = [float(t.replace("−", "-")) for t in rows.nth(1).locator("td").all_inner_texts()]
    assert outputs == pytest.approx(list(network["outputs"][0]), abs=0.0051)
    drawing = page.locator("svg.drawing").first
    written = [float(t.replace("−", "-")) for t in drawing.locator(".weight").all_text_contents()]
    weights = [w for layer in network["weights"] for to in layer for w in to]
    assert written == pytest.approx(weights, abs=0.0051)


def test_every_mapping_is_shown_where_it_was_found(look, results):
    mappings = read(results, "mappings", "mixed-k2")
    formulas = read(results, "formulas", "depth-3")
    alignment = read(results, "alignment", "mixed-k2")
    chosen = mappings[mappings["layers"].map(len) > 0].groupby(
        ["network_id", "target", "protocol", "formula_id"]
    )
    for (network_id, target, protocol, formula_id), rows in [*chosen][::9][:8]:
        (formula,) = own(
            formulas, target=target, protocol=protocol, formula_id=formula_id
        ).to_dict("records")
        page = look(f"#family=mixed-k2&network={network_id}&protocol={protocol}&view=algorithms")
        page.locator(f'[data-formula="{rows["formula"].iloc[0]}"]').click()
        drawn(page)
        for row in rows.sort_values("mapping_id").to_dict("records")[:3]:
            assert page.locator(".stepper input").input_value() == str(row["mapping_id"] + 1)
            buttons = page.locator(".variables button")
            assert buttons.count() == len(row["layers"])
            for v, (layer, neurons) in enumerate(zip(row["layers"], row["neurons"], strict=True)):
                text = buttons.nth(v).inner_text()
                assert f"of the {['first', 'second'][layer - 1]} hidden layer" in text
                listed = re.search(r"neurons? ([\d, and]+) of", text)[1]
                assert [int(n) - 1 for n in re.findall(r"\d+", listed)] == list(neurons)
                buttons.nth(v).click()
                drawn(page)
                assert page.locator("[data-iia]").get_attribute("data-iia") == "1"
                # Every place that was tried, with the pairs on which they agree.
                own_places = own(
                    alignment,
                    network_id=network_id,
                    target=target,
                    variable_id=formula["variable_ids"][v],
                )
                all_pairs = LISTED[protocol].pairs == "all"
                column = "iia_all" if all_pairs else "iia_source_before_base"
                asked = 16 if all_pairs else 6
                iia = {
                    (r["layer"], r["place"]): round(r[column] * asked)
                    for r in own_places.to_dict("records")
                }
                page.locator("summary", has_text="Every place of").click()
                chips = page.locator(".places .chip small").all_inner_texts()
                assert chips == [
                    f"{iia[p.layer, p.digits((2, 2, 2, 1))]}/{asked}" for p in places((2, 2, 2, 1))
                ]
                page.locator("summary", has_text="Every place of").click()
            after = page.get_by_role("button", name="Minimal mapping after")
            if after.is_enabled():
                after.click()
                drawn(page)


def test_interpretations_are_stepped_through_to_the_last(look, results):
    circuits = read(results, "circuits", "xor-k3").merge(
        read(results, "interpretations", "xor-k3")
    )
    few = circuits[
        circuits["n_interpretations"].map(int).between(3, 12) & circuits["for_model"]
    ].iloc[0]
    link = few["circuit_id"].replace("|", "-").replace(",", ".")
    page = look(f"#family=xor-k3&network={few['network_id']}&protocol=strict&circuit={link}")
    assert page.locator("[data-open]").get_attribute("data-open") == few["circuit_id"]
    seen = set()
    after = page.get_by_role("button", name="Interpretation after")
    while True:
        seen.add(page.locator(".values tbody").inner_text())
        if after.is_disabled():
            break
        after.click()
        drawn(page)
    assert len(seen) == int(few["n_interpretations"])
    field = page.locator(".stepper input").first
    assert field.input_value() == few["n_interpretations"]
    field.fill("2")
    field.press("Enter")
    drawn(page)
    assert page.evaluate("location.hash").endswith("interpretation=1")
    field.fill("99999")
    field.press("Enter")
    drawn(page)
    assert field.input_value() == few["n_interpretations"]


# What a reader does ------------------------------------------------------------------------------


def test_circuits_are_sorted_and_filtered(look, results):
    page = look("#family=xor-k3&protocol=strict")
    everything = int(page.locator("[data-shown]").get_attribute("data-shown"))
    page.get_by_label("Hidden neurons").select_option(index=1)
    hidden = page.get_by_label("Hidden neurons").input_value()
    some = listed_circuits(page)
    assert 0 < len(some) < everything
    for circuit_id in some:
        kept = [digits for layer in edges_of_id(circuit_id)[:-1] for digits in layer]
        assert sum("1" in digits for digits in kept) == int(hidden)
    page.get_by_label("Hidden neurons").select_option("")
    page.get_by_label("Order").select_option("dense")
    n_edges = [c.count("1") for c in listed_circuits(page)]
    assert n_edges == sorted(n_edges, reverse=True)
    page.get_by_label("Order").select_option("most")
    page.locator(".filters").get_by_label(re.compile("^Interpretations")).select_option("one")
    counts = drawn(page).locator("[data-circuit] span").all_inner_texts()[1::2]
    assert set(counts) <= {"1 interpretation"}
    # A filter that nothing passes stays in sight, and can be cleared.
    page = look("#family=xor-k3&protocol=strict&hidden=99")
    assert page.get_by_label("Hidden neurons").input_value() == "99"
    assert listed_circuits(page) == []
    page.get_by_role("button", name="Clear them").click()
    assert len(listed_circuits(drawn(page))) == everything


def test_switching_the_protocol_shows_what_appears_and_disappears(look, results):
    network = first_converged(results, "xor-k3")
    circuits = own(read(results, "circuits", "xor-k3"), network_id=network["network_id"])
    sizes = (*map(int, network["layer_sizes"][:-1]), 1)
    ids = {
        name: set(admitted(perfect(circuits, p), sizes, p)["circuit_id"])
        for name, p in PROTOCOLS.items()
    }
    page = look(f"#family=xor-k3&network={network['network_id']}&protocol=text")
    page.get_by_role("radio", name="released").check()
    drawn(page)
    appear, disappear = ids["released"] - ids["text"], ids["text"] - ids["released"]
    chips = page.locator(".compared button").all_inner_texts()
    assert chips[0].startswith(f"+ {len(appear):,} circuit")
    assert chips[1].startswith(f"− {len(disappear):,} circuit")
    for chip, wanted in ((0, appear), (1, disappear)):
        page.locator(".compared button").nth(chip).click()
        assert set(listed_circuits(page)) == wanted
    page.get_by_role("radio", name="strict").check()
    drawn(page)
    assert int(page.locator("[data-shown]").get_attribute("data-shown")) == len(ids["strict"])


def test_a_network_is_found_by_what_it_has(look, results):
    page = look("#family=mixed-k2&protocol=strict")
    found = page.get_by_label("Find one with")
    options = found.locator("option").all_inner_texts()
    summary = own(read(results, "summary", "mixed-k2"), protocol="strict", converged=True)
    ones = int((summary["n_mappings"] == 1).sum())
    assert f"exactly one mapping ({ones})" in options
    most = int(summary["n_circuits"].max())
    found.select_option("the most circuits")
    page.get_by_role("button", name="Find", exact=True).click()
    drawn(page)
    assert shown_counts(page)["circuits", "strict"] == most
    # The hits of the search that has most, one after the other, from the start again at the end.
    hits = {text.rpartition(" (")[0]: int(re.search(r"(\d+)\)$", text)[1]) for text in options}
    search = max(hits, key=hits.get)
    quantity = f"{search.split()[-1].removesuffix('s')}s"
    found.select_option(search)
    seen, values = [], set()
    for _ in range(hits[search] + 1):
        page.get_by_role("button", name="Find", exact=True).click()
        seen.append(drawn(page).locator("h2").first.inner_text())
        values.add(shown_counts(page)[quantity, "strict"])
    assert len(set(seen)) == hits[search] > 0
    assert seen[0] == seen[-1]
    assert len(values) == 1


def test_a_link_opens_the_same_view(look):
    page = look("#family=xor-k3&protocol=strict")
    page.locator("[data-circuit]").nth(5).click()
    page.get_by_role("radio", name="10").check()
    page.get_by_role("radio", name="text").check()
    drawn(page)
    link = page.get_by_role("link", name="Link to this view").get_attribute("href")
    again = look(link)
    for place in ("[data-open]", ".values", "[data-shown]", ".compared"):
        assert again.locator(place).inner_text() == page.locator(place).inner_text()
    assert again.get_by_role("radio", name="10").is_checked()
    # What was chosen is in the history, too.
    page.go_back()
    drawn(page)
    assert page.get_by_role("radio", name="strict").is_checked()


def test_a_network_that_has_not_converged_says_so(look, results):
    for family in (path.stem for path in sorted((results / "networks").glob("*.parquet"))):
        networks = read(results, "networks", family)
        left_out = networks[~networks["converged"] & ~networks["functional"]]
        if len(left_out):
            network_id = left_out["network_id"].iloc[0]
            page = look(f"#family={family}&network={network_id}", ready=".message")
            assert "has not converged" in page.locator(".message").inner_text()
            return
    pytest.fail("all networks of the run converged")


@pytest.mark.parametrize(
    ("fragment", "says"),
    [
        ("#family=nowhere", "a family that is not in this page: nowhere"),
        ("#network=xor-k3/999", "a network that is not among the"),
        ("#circuit=1.0-1", "a circuit that is not among those listed"),
        ("#view=algorithms&formula=A*A", "A ∧ A is not tried under released, nor under any other"),
        ("#target=BOGUS", "an output that xor-k3/"),
        ("#protocol=released-noisy", "a protocol under which nothing is listed for xor-k3"),
    ],
)
def test_a_link_to_what_is_not_there_says_so(look, fragment, says):
    assert says in look(fragment).locator(".message").inner_text()


@pytest.mark.parametrize(
    "fragment",
    [
        "row=9",
        "page=999&sort=most",
        "interpretation=99999999999999999999999",
        "show=gone",
        "from=bogus&show=new",
        "hidden=99&edges=99&readable=one",
        "view=algorithms&mapping=999&variable=99&place=9.9&base=9&source=9",
        "view=algorithms&show=tried&base=1&source=2",
        "circuit=__proto__&formula=%28%28",
    ],
)
def test_a_link_with_numbers_out_of_range_opens(look, fragment):
    page = look(f"#family=xor-k3&protocol=strict&{fragment}")
    assert page.locator(".view").inner_text()


# What is kept, and what not ----------------------------------------------------------------------


def test_an_algorithm_or_its_twin_stays_open_when_the_protocol_is_switched(look, results):
    data = handed_over(results / "explorer" / "data" / "xor-k3.js")
    by_protocol = data["formulas"]["XOR"]
    algorithms = read(results, "algorithms", "xor-k3")
    printed = {text: twins for p in ("released", "strict") for text, twins, _ in by_protocol[p]}
    strict = {twins: text for text, twins, _ in by_protocol["strict"]}
    mapped = own(algorithms, protocol="released")
    twins = [row for row in mapped.to_dict("records") if row["formula"] not in strict.values()]
    assert twins, "no algorithm is printed differently under strict"
    for row in twins[:3]:
        page = look(f"#family=xor-k3&network={row['network_id']}&view=algorithms")
        page.locator(f'[data-formula="{row["formula"]}"]').click()
        page.get_by_role("radio", name="strict").check()
        open_one = drawn(page).locator("[data-open]").get_attribute("data-open")
        assert printed[open_one] == printed[row["formula"]]
        assert page.locator(".message").count() == 0


def test_algorithms_that_appear_and_disappear_add_up(look, results):
    data = handed_over(results / "explorer" / "data" / "mixed-k2.js")
    algorithms = read(results, "algorithms", "mixed-k2")
    for network_id, rows in [*algorithms.groupby("network_id")][:4]:
        target = rows["target"].iloc[0]
        listed = data["formulas"][target]
        classes = {
            p: {
                {text: twins for text, twins, _ in listed[p]}[f]
                for f in own(rows, protocol=p)["formula"]
            }
            for p in ("text", "strict")
        }
        page = look(
            f"#family=mixed-k2&network={network_id}&view=algorithms&protocol=strict&from=text"
        )
        chips = page.locator(".compared button").all_inner_texts()
        numbers = [int(re.search(r"[\d,]+", chip)[0].replace(",", "")) for chip in chips]
        assert numbers == [
            len(classes["strict"] - classes["text"]),
            len(classes["text"] - classes["strict"]),
        ]


def test_a_formula_that_lost_its_places_is_tried_under_the_protocol_that_is_chosen(look, results):
    data = handed_over(results / "explorer" / "data" / "xor-k3.js")
    tried = {text for text, *_ in data["formulas"]["XOR"]["text"]}
    algorithms = read(results, "algorithms", "xor-k3")
    both = own(algorithms, protocol="released").merge(
        own(algorithms, protocol="text"), on=["network_id", "formula"], how="left"
    )
    lost = both[both["protocol_y"].isna() & both["formula"].isin(tried)].iloc[0]
    page = look(
        f"#family=xor-k3&network={lost['network_id']}&view=algorithms&protocol=text"
        "&from=released&show=tried"
    )
    formula = page.locator(f'[data-formula="{lost["formula"]}"]')
    formula.click()
    assert drawn(page).locator(".open h3").inner_text().endswith("under text")
    assert formula.get_attribute("aria-pressed") == "true"


def test_the_focus_stays_on_a_button_that_can_do_no_more(look, results):
    networks = read(results, "networks", "xor-k3")
    page = look(f"#family=xor-k3&network={networks['network_id'].iloc[1]}", ready="#page h2")
    before = page.get_by_role("button", name="Network before")
    before.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        drawn(page)
        label = page.evaluate("document.activeElement.ariaLabel")
        assert label == "Network before"
    assert before.is_disabled()
    assert page.locator("h2").first.inner_text().startswith(networks["network_id"].iloc[0])


def test_another_network_opens_as_in_a_fresh_page(look):
    page = look(
        "#family=xor-k3&protocol=strict&view=algorithms&variable=1&place=1.2&base=1&source=2"
    )
    page.locator(".strip .active .point:not(.own)").first.dispatch_event("click")
    address = drawn(page).evaluate("location.hash")
    assert not re.search("variable|place|base|source", address)


def test_another_circuit_opens_at_its_first_interpretation(look):
    page = look("#family=xor-k3&protocol=strict&sort=most&interpretation=7")
    assert page.locator(".stepper input").first.input_value() == "8"
    page.get_by_label("Order").select_option("dense")
    assert drawn(page).locator(".stepper input").first.input_value() == "1"
    field = page.locator(".stepper input").first
    field.fill("abc")
    field.press("Enter")
    assert drawn(page).locator(".stepper input").first.input_value() == "1"


def test_a_place_that_is_tried_is_of_one_variable(look, results):
    mappings = own(read(results, "mappings", "xor-k3"), protocol="strict")
    row = mappings[mappings["layers"].map(len) == 2].iloc[0]
    link = row["formula"].replace("¬", "!").replace("+", "%2B")
    page = look(
        f"#family=xor-k3&network={row['network_id']}&protocol=strict&view=algorithms"
        f"&formula={link}&place=1.1.2.3"
    )
    assert "neurons 1, 2 and 3 of the first" in page.locator("h4").inner_text()
    page.locator(".variables button").nth(1).hover()
    placed = page.locator(".variables button").nth(1).locator("small").inner_text()
    assert placed in drawn(page).locator("h4").inner_text()


def test_the_focus_stays_when_another_family_is_chosen(look):
    page = look("#family=xor-k3")
    family = page.get_by_label("Family")
    family.focus()
    for _ in range(2):
        before = family.input_value()
        page.keyboard.press("ArrowDown")
        page.wait_for_function("before => document.activeElement.value !== before", arg=before)
        assert page.evaluate("document.activeElement.tagName") == "SELECT"
        page.wait_for_selector(".view")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_drawing_is_saved_as_a_file_of_its_own(look, scheme):
    page = look("#family=xor-k3&protocol=strict", color_scheme=scheme)
    circuit_id = page.locator("[data-open]").get_attribute("data-open")
    with page.expect_download() as download:
        page.locator("[data-open]").get_by_role("button", name="Save as SVG").click()
    name = download.value.suggested_filename
    assert name.endswith(f"{circuit_id.replace('|', '-').replace(',', '.')}-interpretation-1.svg")
    drawing = ET.parse(download.value.path()).getroot()
    lines = drawing.findall(f".//{SVG}line")
    assert len(lines) == circuit_id.count("1")
    title = drawing.find(f"{SVG}title").text
    assert title.startswith(name.removesuffix(".svg"))
    assert "out reads " in title
    ground = drawing.find(f"{SVG}rect")
    assert (ground.get("fill"), ground.get("width")) == ("#ffffff", "100%")
    # Nothing in it needs the page: no classes, no styles, no variables.
    text = download.value.path().read_text()
    assert not re.search(r"class=|style=|var\(|href=", text)
    colours = {line.get("stroke") for line in lines}
    assert colours <= {"rgb(34, 34, 34)", "rgb(213, 94, 0)"}
    labels = {t.text for t in drawing.findall(f".//{SVG}text")}
    assert {"A", "B"} <= labels


def test_trees_and_mappings_are_saved_too(look):
    page = look("#family=xor-k3&protocol=strict&view=algorithms")
    saved = {}
    for button in page.get_by_role("button", name="Save as SVG").all():
        with page.expect_download() as download:
            button.click()
        drawing = ET.parse(download.value.path()).getroot()
        kind = re.search(r"[a-z]+(-1)?(?=\.svg)", download.value.suggested_filename)[0]
        saved[kind] = [t.text for t in drawing.iter(f"{SVG}text")]
        assert drawing.find(f"{SVG}title").text
    quantities = ["circuits", "reachable", "algorithms", "mappings"]
    assert list(saved) == ["network", *quantities, "tree", "mapping-1"]
    assert all("none" in saved[quantity] for quantity in quantities)
    assert {"A", "B"} <= set(saved["tree"])
    for drawing in ("tree", "mapping-1"):
        assert {text.split()[0] for text in saved[drawing] if text.startswith("v")} == {"v1", "v2"}


def test_pointing_at_a_variable_marks_its_neurons(look):
    page = look("#family=xor-k3&protocol=strict&view=algorithms")
    buttons = page.locator(".variables button")
    for v in range(buttons.count()):
        buttons.nth(v).focus()
        drawn(page)
        marked = page.locator(".carrier.at text").all_text_contents()
        assert {text.split()[0] for text in marked} == {f"v{v + 1}"}
        assert f"v{v + 1}" in page.locator("h4").inner_text()
    page.locator(".pairs button").nth(6).click()
    drawn(page)
    assert re.search(
        r"On the source \d\d, v\d is \d\..*they (agree|differ)\.",
        page.locator(".note[aria-live]").inner_text(),
    )


def test_the_keyboard_is_enough(look):
    page = look("#family=xor-k3")
    page.get_by_role("radio", name="released").focus()
    page.keyboard.press("ArrowRight")
    drawn(page)
    assert page.get_by_role("radio", name="text").is_checked()
    assert "protocol=text" in page.evaluate("location.hash")
    cards = page.locator("[data-circuit]")
    cards.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    drawn(page)
    assert cards.nth(1).get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.dataset.circuit") == cards.nth(1).get_attribute(
        "data-circuit"
    )
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.circuit") == cards.last.get_attribute(
        "data-circuit"
    )


# Everywhere, for everyone ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """A well-known checker of accessibility."""
    folder = installed(tmp_path_factory.mktemp("axe") / "explorer")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.mark.parametrize("width", [360, 1300])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["circuits", "algorithms"])
def test_a_checker_of_accessibility_finds_nothing(look, axe, scheme, view, width):
    page = look(
        f"#family=xor-k3&protocol=strict&from=released&view={view}",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    for summary in page.locator("summary").all():
        summary.click()
    drawn(page).evaluate(axe)
    violations = page.evaluate("axe.run().then((found) => found.violations)")
    assert not violations, json.dumps(
        [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations], indent=1
    )


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("view", ["circuits", "algorithms"])
@pytest.mark.parametrize("family", ["xor-k3", "tasks-n2"])
def test_nothing_hangs_over_the_edge(look, width, view, family):
    page = look(
        f"#family={family}&protocol=strict&from=released&view={view}",
        viewport={"width": width, "height": 800},
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# What can go wrong -------------------------------------------------------------------------------


@pytest.fixture
def copied_page(results, tmp_path):
    """The page with the data of few families, to be spoilt."""
    folder = tmp_path / "explorer"
    (folder / "data").mkdir(parents=True)
    for file in ("index.html", "uniqueness.svg"):
        shutil.copy(results / "explorer" / file, folder)
    for name in ("index", "xor-k3", "xor-k2"):
        shutil.copy(results / "explorer" / "data" / f"{name}.js", folder / "data")
    return folder


def message(look, folder, fragment=""):
    page = look(fragment, folder=folder, ready=".message", complaining=True)
    assert "Every explanation" in page.locator("h1").inner_text()
    return page.locator(".message").inner_text()


def test_a_data_file_that_is_missing_is_named(look, copied_page):
    said = message(look, copied_page, "#family=mixed-k2")
    assert said == (
        "data/mixed-k2.js is missing beside this page; make it again with "
        "`snakemake --cores all explorer`."
    )
    (copied_page / "data" / "index.js").unlink()
    assert message(look, copied_page).startswith("data/index.js is missing")


@pytest.mark.parametrize(
    ("version", "which"), [(EXPLORER_VERSION + 1, "a newer"), (1, "an older")]
)
def test_a_data_file_of_another_version_is_named(look, copied_page, version, which):
    path = copied_page / "data" / "xor-k3.js"
    data = handed_over(path)
    path.write_text(f"identifiability({json.dumps({**data, 'version': version})});\n")
    said = message(look, copied_page)
    assert said.startswith(f"data/xor-k3.js is of {which} version ({version}) than this page")
    # The others can be looked at.
    look("#family=xor-k2", folder=copied_page)


def test_a_data_file_that_is_cut_off_or_damaged_is_named(look, copied_page):
    path = copied_page / "data" / "xor-k3.js"
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    assert message(look, copied_page).startswith("data/xor-k3.js cannot be read")
    data = handed_over(copied_page / "data" / "xor-k2.js")
    data["details"] = {name: packed[:-40] for name, packed in data["details"].items()}
    (copied_page / "data" / "xor-k2.js").write_text(f"identifiability({json.dumps(data)});\n")
    said = message(look, copied_page, "#family=xor-k2")
    assert re.match(r"data/xor-k2\.js is damaged at xor-k2/\d+; ", said)
