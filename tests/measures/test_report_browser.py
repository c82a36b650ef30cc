"""Promise: the page works in a real browser, at a desk and on a phone, without a word to the network."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import report_data
from n1codec import report

pytest.importorskip("altair", reason="the report needs the extra `report`")
pytest.importorskip("vl_convert", reason="the report needs the extra `report`")
webdriver = pytest.importorskip("selenium.webdriver", reason="the browser is driven by selenium: pip install selenium")

from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="NO BROWSER: the report is not tested in one. Install chromium and chromedriver (chromium chromium-driver)",
)

SCREENSHOTS = os.environ.get("N1CODEC_SCREENSHOTS")
"""Folder that screenshots are kept in, to be looked at; by default a temporary one."""

RESULTS = os.environ.get("N1CODEC_REPORT_RESULTS")
"""Results to make the page of, to see real ones in a browser; by default made-up ones."""

DESK, PHONE = (1280, 900), (390, 844)

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all figures in it, and one name that would like to be a tag."""
    folder = tmp_path_factory.mktemp("report")
    if RESULTS:
        return report.write([report.load(Path(RESULTS))], folder, pictures=False)[0]
    made = report_data.report([report_data.synthetic(), report_data.info("<img src=x>")], threads=(1, 2, 4))
    before = report_data.report([report_data.synthetic()], specs=["zstd", "bz2", "memcpy"], seed=2)
    return report.write([made], folder, baseline=[before], pictures=False)[0]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Any) -> Any:
    """Chromium with nothing left of the test before."""
    chromium.get("about:blank")
    complaints(chromium)
    requests(chromium)
    return chromium


def visit(browser: Any, page: Path, size: tuple[int, int]) -> None:
    """Open the page and wait until all figures are drawn."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(page.as_uri())
    ready(browser)


def until(holds: Callable[[], Any], what: str) -> None:
    """Wait for a condition: pages draw when they come to it."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not in a minute"
        time.sleep(0.05)


def ready(browser: Any) -> None:
    until(lambda: browser.execute_script("return document.documentElement.dataset.ready"), "the figures are drawn")


def screenshot(browser: Any, folder: Path, name: str, size: tuple[int, int]) -> None:
    """Keep a picture of the whole page."""
    height = browser.execute_script("return document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path = Path(SCREENSHOTS or folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(shot["data"]))
    assert path.stat().st_size > 50_000


def complaints(browser: Any) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """Return the addresses that pages asked for, but for those of the browser's own pages."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [one["request"]["url"] for one in sent if not one["documentURL"].startswith("chrome:")]


def shown_codecs(browser: Any) -> list[str]:
    script = "return [...document.querySelectorAll('#codecs tbody tr:not([hidden])')].map(row => row.dataset.codec)"
    return list(browser.execute_script(script))


def shown_values(browser: Any, key: str) -> list[float]:
    """Return what a column of the table holds in the rows that are shown, where it is known."""
    script = (
        "const head = document.querySelector(`#codecs th[data-key=${arguments[0]}]`);"
        "return [...document.querySelectorAll('#codecs tbody tr:not([hidden])')]"
        ".map(row => row.cells[head.cellIndex].dataset.v)"
    )
    return [float(value) for value in browser.execute_script(script, key) if value]


@pytest.mark.parametrize(
    ("size", "dark"), [(DESK, False), (DESK, True), (PHONE, False)], ids=["desk", "desk-dark", "phone"]
)
def test_every_figure_is_drawn_and_nothing_is_asked_of_the_network(
    browser: Any, page: Path, tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    visit(browser, page, size)
    marks = browser.execute_script(
        "return [...document.querySelectorAll('.chart')].map(chart => [chart.dataset.figure, "
        "chart.querySelectorAll('svg path, svg text, svg line').length, chart.getBoundingClientRect().width])"
    )
    assert len(marks) > 20
    for figure, count, width in marks:
        assert count > 10, f"{figure} is empty"
        assert width > 200
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0], "it scrolls sideways"
    background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (max(int(part) for part in background[4:-1].split(",")) < 60) is dark
    screenshot(browser, tmp_path, f"{'phone' if size == PHONE else 'desk'}-{'dark' if dark else 'light'}", size)
    assert complaints(browser) == []
    asked = requests(browser)
    assert page.as_uri() in asked
    assert [url for url in asked if url != page.as_uri() and not url.startswith(("data:", "blob:"))] == []


def test_the_table_sorts_and_filters_by_keyboard(browser: Any, page: Path) -> None:
    visit(browser, page, DESK)
    everything = shown_codecs(browser)
    head = browser.find_element(By.CSS_SELECTOR, "#codecs th[data-key='encode'] button")
    head.send_keys(Keys.ENTER)
    speeds = shown_values(browser, "encode")
    assert len(set(speeds)) > 10
    assert speeds == sorted(speeds, reverse=True)
    head.send_keys(Keys.SPACE)
    speeds = shown_values(browser, "encode")
    assert speeds == sorted(speeds)
    assert (
        browser.find_element(By.CSS_SELECTOR, "#codecs th[data-key='encode']").get_attribute("aria-sort") == "ascending"
    )
    browser.find_element(By.CSS_SELECTOR, "[name='ratio']").send_keys("2")
    kept = shown_values(browser, "ratio")
    assert kept
    assert min(kept) >= 2
    assert len(kept) < len(everything)
    browser.find_element(By.CSS_SELECTOR, "[name='name']").send_keys("zstd")
    assert all("zstd" in codec for codec in shown_codecs(browser))
    count = browser.find_element(By.ID, "count").text
    assert count == f"{len(shown_codecs(browser))} of {len(everything)} codecs"
    browser.find_element(By.CSS_SELECTOR, "[name='ratio']").clear()
    browser.find_element(By.CSS_SELECTOR, "[name='name']").clear()
    browser.find_element(By.CSS_SELECTOR, "[name='name']").send_keys("zstd:level=19")
    assert "zstd -19" in shown_codecs(browser), "as it is written on the command line"
    browser.find_element(By.CSS_SELECTOR, "#filter [type='reset']").send_keys(Keys.ENTER)
    until(lambda: sorted(shown_codecs(browser)) == sorted(everything), "all rows are shown again")
    assert complaints(browser) == []


NAMED = ("ratio-encode", "ratio-decode", "levels", "latency")
"""Figures with names beside their points."""
Box = list[float]
Places = dict[str, tuple[Box, Box, list[tuple[str, Box]]]]


@pytest.fixture(scope="module")
def places(chromium: Any, page: Path) -> Callable[[tuple[int, int]], Places]:
    """Where a figure, its field and its names are, edge by edge: of all figures at one look."""

    @cache
    def measured(size: tuple[int, int]) -> Places:
        visit(chromium, page, size)
        found: Places = chromium.execute_script(
            "const edges = (element) => { const box = element.getBoundingClientRect();"
            " return [box.left, box.top, box.right, box.bottom]; };"
            "return Object.fromEntries(arguments[0].map(name => {"
            " const chart = document.querySelector(`#fig-${name} .chart`);"
            " return [name, [edges(chart), edges(chart.querySelector('.background')),"
            " [...chart.querySelectorAll('.role-mark.mark-text text')].filter(text => text.textContent.trim())"
            " .map(text => [text.textContent, edges(text)])]]; }))",
            NAMED,
        )
        return found

    return measured


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("figure", NAMED)
def test_names_in_a_figure_cover_neither_each_other_nor_leave_it(
    places: Callable[[tuple[int, int]], Places], figure: str, size: tuple[int, int]
) -> None:
    frame, field, boxes = places(size)[figure]
    assert len(boxes) >= 5
    for name, (left, _, right, _) in boxes:
        assert frame[0] - 1 <= left, name
        assert right <= frame[2] + 1, name
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        apart = a[2] <= b[0] + 2 or b[2] <= a[0] + 2 or a[3] <= b[1] + 4 or b[3] <= a[1] + 4
        assert apart, f"{one} and {other}"
    assert field[2] - field[0] > 0.7 * (frame[2] - frame[0]), "names for other widths take room"


def point_of(browser: Any, group: str) -> Any:
    """Return a point of the first figure: Vega keeps its datum on the element."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#fig-ratio-encode .mark-symbol path')]"
        ".find(path => path.__data__?.datum?.group === arguments[0])",
        group,
    )


def test_pointing_shows_the_row_and_clicking_singles_out_the_group(browser: Any, page: Path) -> None:
    visit(browser, page, DESK)
    everything = shown_codecs(browser)
    point = point_of(browser, "audio")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", point)
    webdriver.ActionChains(browser).move_to_element(point).perform()
    tooltip = browser.find_element(By.ID, "vg-tooltip-element")
    assert tooltip.is_displayed()
    assert "ratio" in tooltip.text
    assert "MB/s" in tooltip.text
    webdriver.ActionChains(browser).click(point).perform()
    chips = browser.find_elements(By.CSS_SELECTOR, ".chip[aria-pressed='true']")
    (chosen,) = [chip.get_attribute("data-group") for chip in chips]
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#codecs tbody tr:not([hidden])')].map(row => row.dataset.group)"
    )
    assert set(rows) == {chosen}
    assert len(rows) < len(everything)
    opacity = "return Number(getComputedStyle(arguments[0]).opacity)"
    other = "dictionary" if chosen != "dictionary" else "audio"
    until(lambda: browser.execute_script(opacity, point_of(browser, other)) < 0.2, "the other groups fade")
    browser.find_element(By.ID, "all-groups").click()
    assert shown_codecs(browser) == everything
    assert complaints(browser) == []


def test_a_row_is_found_in_the_figure(browser: Any, page: Path) -> None:
    visit(browser, page, DESK)
    rings = "return document.querySelectorAll('#fig-ratio-encode .mark-symbol').length && "
    rings += "[...document.querySelectorAll('#fig-ratio-encode .mark-symbol')].at(-1).querySelectorAll('path').length"
    assert browser.execute_script(rings) == 0
    browser.execute_script("document.querySelector('#codecs tbody a').focus()")
    until(lambda: browser.execute_script(rings) == 1, "the row's point has a ring")
    assert complaints(browser) == []


def test_colours_and_the_axis_of_ratios_can_be_switched(browser: Any, page: Path) -> None:
    visit(browser, page, DESK)
    before = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    label = (
        "return [...document.querySelectorAll('#fig-ratio-encode .role-axis-label text')]"
        ".map(text => getComputedStyle(text).fill).at(-1)"
    )
    ink = browser.execute_script(label)
    browser.find_element(By.ID, "theme").click()
    until(lambda: browser.execute_script(label) != ink, "figures are drawn in the other colours")
    ready(browser)
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") != before
    ticks = (
        "return [...document.querySelectorAll('#fig-ratio-encode .mark-symbol path')]"
        ".map(path => path.getAttribute('transform')).join()"
    )
    linear = browser.execute_script(ticks)
    toggle = browser.find_element(By.CSS_SELECTOR, "[data-log='ratio-encode']")
    toggle.send_keys(Keys.SPACE)
    until(lambda: browser.execute_script(ticks) not in ("", linear), "the axis is another one")
    ready(browser)
    assert toggle.get_attribute("aria-pressed") == "true"
    browser.execute_script("localStorage.clear()")  # the page remembers the choice, and the browser is shared
    assert complaints(browser) == []


def test_a_saved_picture_stands_alone(browser: Any, page: Path) -> None:
    """The page's one legend does not go with it, so it has its own."""
    visit(browser, page, DESK)
    browser.execute_script(
        "window.saved = []; const blobs = {}; const make = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => { const url = make.call(URL, blob); blobs[url] = blob; return url; };"
        "HTMLAnchorElement.prototype.click = async function () {"
        " saved.push([this.download, await blobs[this.href].text()]); };"
    )
    for figure in ("ratio-encode", "group-dictionary"):
        browser.find_element(By.CSS_SELECTOR, f"#fig-{figure} [data-save='svg']").send_keys(Keys.ENTER)
    until(lambda: len(browser.execute_script("return saved")) >= 3, "three pictures are saved")
    pictures = dict(browser.execute_script("return saved"))
    assert set(pictures) == {"ratio-encode.svg", "group-dictionary-1.svg", "group-dictionary-2.svg"}
    assert "role-legend" in pictures["ratio-encode.svg"]
    assert "run-length" in pictures["ratio-encode.svg"]
    assert "run-length" not in pictures["group-dictionary-1.svg"], "one colour needs no legend"
    assert all('width="8' in picture for picture in pictures.values())
    assert complaints(browser) == []


def test_those_who_do_not_see_it_can_use_it(browser: Any, page: Path) -> None:
    """Names for all controls and figures, headings in order, and a table for each figure."""
    visit(browser, page, DESK)
    nameless = browser.execute_script(
        "return [...document.querySelectorAll('button, input, [role=img], [role=region], nav, form label')]"
        ".filter(element => !(element.ariaLabel || element.textContent.trim() || element.labels?.length || "
        "element.getAttribute('aria-labelledby'))).map(element => element.outerHTML.slice(0, 80))"
    )
    assert nameless == []
    levels = browser.execute_script(
        "return [...document.querySelectorAll('h1,h2,h3,h4')].map(head => Number(head.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels
    figures = browser.execute_script(
        "return [...document.querySelectorAll('figure')].map(figure => [figure.id, figure.querySelectorAll('tbody tr').length])"
    )
    assert all(count > 0 for _, count in figures)
    assert browser.execute_script("return document.documentElement.lang") == "en"
