"""The report in a real browser: what people do with it, and what it looks like to a screen reader."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsi_sandbox.lineage import Lineage
from rsi_sandbox.reports.html import render
from tests.reports.browser import Browser, program
from tests.reports.making import make

pytestmark = pytest.mark.skipif(program() is None, reason="chromium is not installed")


def written(folder: Path, generations: int, *, raw: bool) -> Path:
    make(folder / "state", generations, raw=raw)
    with Lineage.open(folder / "state", create=False, write=False) as lineage:
        (folder / "report.html").write_text(render(lineage))
    return folder / "report.html"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("short"), 12, raw=True)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More generations than are unfolded at once."""
    return written(tmp_path_factory.mktemp("long"), 40, raw=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one


def eventually(browser: Browser, script: str) -> None:
    deadline = time.monotonic() + 10
    while not browser.run(script):
        assert time.monotonic() < deadline, script
        time.sleep(0.02)


def complaints(browser: Browser) -> list[object]:
    """Errors, refused resources and requests to anywhere but the file."""
    found: list[object] = [
        event for event in browser.events if event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")
    ]
    for event in browser.events:
        if event["method"] == "Network.requestWillBeSent":
            address = event["params"]["request"]["url"]
            if not address.startswith(("file:", "data:", "about:")):
                found.append(address)
    return found


def test_it_opens_without_a_complaint_or_a_request(browser: Browser, short: Path) -> None:
    browser.open(short)
    assert browser.run("document.querySelectorAll('.step').length") == 13
    assert browser.run("document.documentElement.classList.contains('scripted')")
    assert complaints(browser) == []


def test_filters_and_find_narrow_the_list_and_say_so(browser: Browser, short: Path) -> None:
    browser.open(short)
    rejected = browser.run("document.querySelectorAll('.step.rejected').length")
    assert rejected > 0
    browser.click("input[value=rejected]")
    eventually(browser, f"document.getElementById('shown').textContent === '{13 - rejected} of 13 shown'")
    assert browser.run("document.querySelectorAll('.step.rejected:not([hidden])').length") == 0
    browser.click("input[value=rejected]")
    browser.run("document.activeElement.blur()")
    browser.press("/")
    assert browser.run("document.activeElement.id") == "find"
    for letter in "regex":
        browser.press(letter)
    eventually(browser, "!document.getElementById('shown').textContent.startsWith('13 ')")
    assert browser.run(
        "[...document.querySelectorAll('.step:not([hidden]) summary')].every(s => /regex/.test(s.textContent))"
    )
    browser.press("Escape")
    eventually(browser, "document.getElementById('shown').textContent.startsWith('13 ')")


def test_the_keyboard_goes_through_the_generations(browser: Browser, short: Path) -> None:
    browser.open(short)
    browser.press("j")
    assert browser.run("document.activeElement.closest('details').id") == "g0"
    browser.press("j")
    assert browser.run("document.activeElement.closest('details').id") == "g1"
    browser.press("Enter")
    eventually(browser, "document.getElementById('g1').open")
    assert browser.run("document.querySelector('#g1 .diff .changed mark') !== null")
    browser.press("Escape")
    eventually(browser, "!document.getElementById('g1').open")
    browser.press("k")
    assert browser.run("document.activeElement.closest('details').id") == "g0"


def test_a_mark_in_the_chart_leads_to_its_generation(browser: Browser, short: Path) -> None:
    browser.open(short)
    browser.run(
        "document.querySelector('.chart a[href=\"#g5\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    eventually(browser, "document.getElementById('g5').open")
    browser.open(short, "#g3")
    eventually(browser, "document.getElementById('g3').open")


def test_colours_follow_the_system_and_the_button(browser: Browser, short: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.media(dark=False)
    browser.open(short)
    assert browser.run(paper) == "rgb(255, 255, 255)"
    browser.media(dark=True)
    assert browser.run(paper) == "rgb(13, 17, 23)"
    browser.click("#theme")
    browser.click("#theme")
    eventually(browser, "document.getElementById('theme').textContent === 'Colours: light'")
    assert browser.run(paper) == "rgb(255, 255, 255)"
    browser.click("#theme")
    browser.media(dark=False)


def test_a_phone_shows_everything_without_scrolling_sideways(browser: Browser, short: Path) -> None:
    browser.size(390, 844, mobile=True)
    try:
        browser.open(short, "#g2")
        eventually(browser, "document.getElementById('g2').open")
        assert browser.run("document.documentElement.scrollWidth") <= 390
    finally:
        browser.size(1280, 900)


@pytest.mark.parametrize("dark", [False, True])
def test_texts_have_enough_contrast(browser: Browser, short: Path, dark: bool) -> None:
    browser.media(dark=dark)
    browser.open(short, "#g2")
    low = browser.run(
        """(() => {
          const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number)
              .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
            if (c !== 'rgba(0, 0, 0, 0)' && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
          return [...document.querySelectorAll('p, td, th, dt, dd, span, summary, h1, h2, h3, h4, label, li, a')]
            .filter(e => e.offsetParent && e.textContent.trim() && !e.closest('svg, [hidden]')).map(e => {
              const a = light(getComputedStyle(e).color), b = light(ground(e));
              const name = e.className + ' ' + e.textContent.trim().slice(0, 30);
              return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), name];
            }).filter(pair => pair[0] < 4.5).slice(0, 5); })()"""
    )
    browser.media()
    assert low == []


def test_a_screen_reader_hears_verdicts_tables_and_headings(browser: Browser, short: Path) -> None:
    browser.open(short, "#g1")
    eventually(browser, "document.getElementById('g1').open")
    told = browser.tree()
    roles = {role for role, _ in told}
    assert {"main", "heading", "table", "columnheader", "rowheader", "button", "status"} <= roles
    names = [name for _, name in told]
    assert any(name.startswith("1 accepted") or "accepted" in name for role, name in told if "isclosure" in role)
    assert "Generations" in names
    unnamed = [role for role, name in told if role in ("button", "link", "checkbox", "searchbox") and not name]
    assert unnamed == []


def test_a_long_lineage_unfolds_what_is_opened_and_only_that(browser: Browser, long: Path) -> None:
    browser.open(long)
    before = browser.run("document.querySelectorAll('.detail').length")
    assert before == 0
    browser.click("#g7 summary")
    eventually(browser, "document.querySelectorAll('.detail').length === 1")
    assert browser.run("document.querySelector('#g7 .gate tbody tr') !== null")
    browser.click("#open-all")
    eventually(browser, "document.querySelectorAll('.step details[open] .detail').length === 41")
    browser.click("#close-all")
    eventually(browser, "document.querySelectorAll('.step details[open]').length === 0")
    assert complaints(browser) == []


def test_it_prints_on_paper(browser: Browser, short: Path) -> None:
    browser.media(dark=True)
    browser.open(short, "#g1")
    data = browser.pdf()
    browser.media(printed=True, dark=True)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.querySelector('.tools')).display") == "none"
    browser.media()
    assert data.startswith(b"%PDF")
    assert len(data) > 20_000
