"""The tablet's page itself: axe on every view, a narrow phone, no need of a secure origin, exact numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from compsys import views, words
from scoring_rules.measurement import read
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect, Measure
from tests.web.hall import Hall, hall
from tests.web.seat_pages import (
    LANDSCAPE,
    PORTRAIT,
    go,
    key,
    received,
    received_in,
    t,
    tablet,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall that these tests share, each with competitors of its own."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


def test_without_a_seat_the_page_says_how_to_get_one(place: Hall, chromium: Browser) -> None:
    page = chromium.new_context(locale="en").new_page()
    told = page.goto(f"{place.url}/seat")
    assert told is not None and told.status == 403
    expect(page.locator("main")).to_contain_text(t("not_enrolled"))
    expect(page.locator("main")).to_contain_text(words.todo("not_enrolled", "en"))
    page.context.close()


MEASURES: tuple[tuple[str, dict[str, str | list[str]]], ...] = (
    ("count", {"possible": "12"}),
    ("count", {"each": "2"}),
    ("count", {"possible": "3", "over": "cap"}),
    ("deduction", {"deduction": "0.5"}),
    ("difference", {"target": "450", "difference": "10", "deduction": "0.5"}),
    ("range", {"lowers": ["1.00"], "uppers": ["1.40"], "deductions": ["0"]}),
    ("value", {}),
    ("value", {"low": "1", "step": "0.25"}),
)
POINTS = (("0", "0.5"), ("0", ""), ("1", "2"))
TYPED = (
    *(
        "0",
        "1",
        "3",
        "4",
        "12",
        "13",
        "0.5",
        "1.25",
        "2.3",
        "-1",
        "-0.5",
        "10",
        "10.01",
        "7.005",
        "15",
        "100",
    ),
    *("1.", "007", "", "1e3", "0.0000001", "999999999999"),
)


def test_the_early_look_at_a_number_agrees_with_the_rules(place: Hall, chromium: Browser) -> None:
    name = {"en": "A"}
    cases = [Aspect("a", name, "agreed", "10", measure=Measure(kind, params)) for kind, params in MEASURES]
    cases += [Aspect("a", name, "points", "15", low=low, step=step) for low, step in POINTS]
    asked = [views.aspect_view(one) for one in cases]
    with tablet(chromium, place, "s2") as page:
        folder = page.evaluate(
            "() => document.querySelector('script[type=module]').src.replace(/seat.js$/, '')"
        )
        said = page.evaluate(
            """async ([folder, aspects, typed]) => {
              const { wrong, limits } = await import(folder + "seat_pad.js");
              return aspects.map((aspect) => typed.map((text) => wrong(text, limits(aspect))?.code ?? ""));
            }""",
            [folder, asked, TYPED],
        )
    for one, codes in zip(cases, said, strict=True):
        for text, code in zip(TYPED, codes, strict=True):
            answer = read(one, text)
            assert code == (answer.code if isinstance(answer, Refusal) else ""), (one, text)


def look_at(page: Page, what: str) -> None:
    """axe, with target sizes; nothing found."""
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    assert [(what, one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize(
    ("size", "lang", "code", "unit"), [(PORTRAIT, "zh-CN", "A11", "u1"), (LANDSCAPE, "en", "A14", "u2")]
)
def test_every_view_is_free_of_what_axe_finds(
    place: Hall, chromium: Browser, size: ViewportSize, lang: str, code: str, unit: str
) -> None:
    with tablet(chromium, place, "s1", size=size, lang=lang) as page:
        go(page, code)
        expect(page.locator(".switched")).to_have_count(0)
        look_at(page, "blank")
        for other in ("s2", "s3"):
            place.tablet(other).vote(unit, "A1.J1", "3")
        key(page, "1")
        expect(page.locator(".spread")).to_be_visible()
        look_at(page, "spread")
        page.locator("#foot .btn--main").click()
        key(page, "2")
        received_in(page)
        look_at(page, "chosen")
        page.locator(".viewpick").click()
        look_at(page, "grid")
        page.locator("#foot .btn").nth(2).click()
        expect(page.locator(".signbox")).to_be_visible()
        look_at(page, "check")
        for sub in ("B1", "C1"):
            page.locator("#foot .btn").first.click()
            page.locator(".cand", has_text=code).click()
            page.locator(".subpick").click()
            look_at(page, "sheets")
            page.locator(".picklist .btn", has_text=sub).click()
            page.locator(".viewpick").click()
            look_at(page, sub)
            page.locator(".viewpick").click()
            page.locator("#foot .btn").nth(2).click()


WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".judge__rail"))
  .map((one) => one.outerHTML.slice(0, 120))"""


def test_text_that_grows_and_a_phone_keep_everything_reachable(place: Hall, chromium: Browser) -> None:
    """At 320 pixels nothing is cut off sideways, and every key can be pressed."""
    with tablet(chromium, place, "s2", size={"width": 320, "height": 640}) as page:
        assert page.evaluate(WIDER) == []
        go(page, "A15")
        key(page, "3")
        received(page)
        go(page, "A15", "C1")
        assert page.evaluate(WIDER) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") == 320
        page.locator(".keypad").get_by_role("button", name="1", exact=True).click()
        page.locator(".keypad").get_by_role("button", name=t("do.enter")).click()
        received(page)


def test_the_word_of_a_key_beside_a_table_stands_on_one_line(place: Hall, chromium: Browser) -> None:
    """Three characters, as large as they are, in half of a narrow column."""
    lines = """() => [...document.querySelectorAll(".dock .yesno .btn span")]
      .map((one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).fontSize))
      .map(Math.round)"""
    with tablet(chromium, place, "s3", size=LANDSCAPE, lang="zh-CN") as page:
        go(page, "A26", "B1")
        page.locator(".viewpick").click()
        both = [t("cell.pass", "zh-CN"), t("cell.fail", "zh-CN")]
        expect(page.locator(".dock .yesno .btn")).to_have_text(both)
        for width in (1280, 1024):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(lines) == [1, 1]


INSECURE = (
    r"crypto\.subtle|randomUUID|serviceWorker|navigator\.(locks|storage|wakeLock|onLine)|localStorage|innerHTML"
    r"|location\.reload|toFixed|parseFloat"
)


def test_the_page_asks_nothing_of_a_secure_origin_and_writes_no_html() -> None:
    """What plain http on a LAN address does not have is not used; text stays text; no floats."""
    folder = Path(__file__).parents[2] / "web" / "static"
    for file in [*folder.glob("seat*.js"), folder / "outbox.js", folder / "dom.js"]:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text("utf-8"), flags=re.S)
        assert re.search(INSECURE, code) is None, file.name
