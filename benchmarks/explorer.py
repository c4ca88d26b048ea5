"""How fast the explorer answers, on the results of a whole run; needs Playwright and Chromium.

Writes what it found, and a picture of the page, into docs/.
"""

import shutil
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from playwright.sync_api import Page, sync_playwright

from identifiability.report.readme import fill

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "results" / "explorer"
DOCS = ROOT / "docs" / "explorer.md"
TIMES = 5
# A view, and the one that is drawn once it is done.
STEPS: dict[str, tuple[str, Callable[[Page], Any]]] = {
    "another protocol": (".compared", lambda page: page.locator(".switch input").first.check()),
    "the next circuits": (
        ".pages span:has-text('25–')",
        lambda page: page.get_by_role("button", name="Next", exact=True).click(),
    ),
    "another circuit": (
        ".cards li:nth-child(4) [aria-pressed=true]",
        lambda page: page.locator(".card").nth(3).click(),
    ),
    "the algorithms": ("#what", lambda page: page.locator(".tabs a").nth(1).click()),
    "another network": (".view", lambda page: next_network(page)),
}


def next_network(page: Page) -> None:
    """Goes to the next network, and waits until it is there."""
    before = page.locator("h2").first.inner_text()
    page.get_by_role("button", name="Network after").click()
    page.wait_for_function(
        "before => document.querySelector('h2').innerText !== before"
        " && document.querySelector('.view')",
        arg=before,
    )


def opening(browser: Any, family: str) -> tuple[float, Page]:
    """Seconds until a family's circuits are drawn, in a new window."""
    page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
    address = f"{(FOLDER / 'index.html').as_uri()}#family={family}&protocol=strict"
    start = perf_counter()
    page.goto(address)
    page.wait_for_selector(".view .cards")
    return perf_counter() - start, page


def main() -> None:
    """Measures, and writes what was found."""
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    largest = max((FOLDER / "data").glob("*.js"), key=lambda path: path.stat().st_size)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    families = ("xor-k3", largest.stem)
    lines = ["| | " + " | ".join(f"`{family}`" for family in families) + " |", "|---|---:|---:|"]
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = {f: [opening(browser, f) for _ in range(TIMES)] for f in families}
        rows = {"the page, opened": [[s for s, _ in opened[f]] for f in families]}
        for family in families:
            for _, page in opened[family]:
                for step, seconds in steps(page).items():
                    rows.setdefault(step, [[] for _ in families])[families.index(family)].append(
                        seconds
                    )
        page = opening(browser, "xor-k3")[1]
        page.set_viewport_size({"width": 1440, "height": 1760})
        page.screenshot(path=str(ROOT / "docs" / "explorer.png"))
    for step, measured in rows.items():
        cells = " | ".join(f"{1000 * statistics.median(m):,.0f}" for m in measured)
        lines.append(f"| {step} | {cells} |")
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    text = (
        f"Page and data of the whole paper are {len(files)} files of {megabytes:.0f} MB. "
        f"Milliseconds until a view is drawn, the median of {TIMES}, in headless Chromium with "
        f"the first family and with the largest ({largest.stat().st_size / 1e6:.1f} MB):\n\n"
    ) + "\n".join(lines)
    DOCS.write_text(fill(DOCS.read_text(), "measured", text, "make bench"))
    print(text)


def steps(page: Page) -> dict[str, float]:
    """Seconds that each of a reader's steps takes, one after the other."""
    found = {}
    for step, (drawn, act) in STEPS.items():
        start = perf_counter()
        act(page)
        page.wait_for_selector(drawn)
        # What was drawn has to be on the screen.
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        found[step] = perf_counter() - start
    return found


if __name__ == "__main__":
    main()
