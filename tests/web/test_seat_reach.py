"""Every view of the tablet can be hit, read and told apart: targets, sizes, axe, forced colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from compsys import commands
from tests.web.hall import STREAM, Hall, competition, hall, words
from tests.web.seat_pages import LANDSCAPE, PORTRAIT, device, go, key, received_in
from tests.web.test_seat_entry import with_units

pytestmark = pytest.mark.browser

BENCHES = (
    {"station": "01", "colour": "red", "word": words("窗边", "Window")},
    {"station": "02", "colour": "yellow", "word": {}},
)
FAR = cycle(("A11", "A22", "A26", "A14"))
"""Where a number far off is entered: it is asked about once."""


@contextmanager
def prepared(folder: Path) -> Iterator[Hall]:
    """A14 has two values, A15 votes too far apart, A17 is returned, A20 absent, A22 signed."""
    with hall(folder, world=competition(3, marks=with_units(), benches=BENCHES)) as made:
        seats = [made.tablet(f"s{i}") for i in (1, 2, 3)]
        for unit in ("u3", "u4", "u5"):
            seats[0].vote(unit, "B1.M3", "1.2")
        for unit in ("u4", "u6"):
            for i in range(1, 5):
                for seat in seats:
                    seat.vote(unit, f"A1.J{i}", "2")
            for seat in seats:
                seat.sign(unit, "A1")
        made.tablet("chief").act("return", unit="u4", sub="A1", reason="J3")
        for seat, value in zip(seats, "012", strict=True):
            seat.vote("u3", "A1.J1", value)
        seats[0].vote("u2", "B1.M1", "pass")
        seats[2].vote("u2", "B1.M1", "fail")
        made.do(commands.SetStatus(stream=STREAM, unit="u5", scope="stage", status="absent", reason="-"))
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """What the tests share."""
    with prepared(tmp_path_factory.mktemp("hall")) as made:
        yield made


def table(page: Page, code: str, sub: str, axis: int) -> None:
    """To a table, and back to one aspect at a time before the next view."""
    go(page, code, sub)
    page.locator(".viewpick").click()
    page.locator(".axes button").nth(axis).click()


def absent(page: Page) -> None:
    """A competitor who is not marked, in the table of all."""
    table(page, "A14", "B1", 2)
    page.locator(".cand", has_text="A20").click()
    expect(page.locator(".dock .outcard__w")).to_be_visible()


def far(page: Page) -> None:
    """The question about a number far off."""
    go(page, next(FAR), "B1")
    page.evaluate("() => compsys.goAspect('B1.M3')")
    page.keyboard.type("12")
    page.locator(".keypad .btn--main").click()
    page.wait_for_function("() => compsys.ui.question")


def unasked(page: Page) -> None:
    """Take the number far off back: else the next one of its kind is far no more."""
    page.evaluate("() => { if (compsys.ui.question) compsys.give(compsys.aspect, null); }")
    received_in(page)


def two_values(page: Page) -> None:
    """Two tablets gave one cell different values."""
    go(page, "A14", "B1")
    page.evaluate("() => compsys.goAspect('B1.M1')")
    expect(page.locator(".twovalues")).to_be_visible()


def refused(page: Page) -> None:
    """A number against its rule, in the pad."""
    go(page, "A26", "B1")
    page.evaluate("() => compsys.goAspect('B1.M2')")
    page.keyboard.type("99")
    page.locator(".keypad .btn--main").click()
    expect(page.locator(".pad .msg--stop")).to_be_visible()


def unsent(page: Page) -> None:
    """Without the network."""
    go(page, "A26")
    page.context.set_offline(True)
    key(page, "1")
    page.wait_for_function("() => !compsys.link.up && compsys.link.seconds >= 2")


def list_of_sheets(page: Page) -> None:
    """The sheets of one competitor."""
    go(page, "A26")
    page.locator(".subpick").click()


def chosen(page: Page) -> None:
    """A judgement with one key chosen."""
    go(page, "A26")
    key(page, "2")
    received_in(page)


STATES: dict[str, Callable[[Page], object]] = {
    "blank": lambda page: go(page, "A11"),
    "chosen": chosen,
    "pad": lambda page: go(page, "A26", "C1"),
    "far": far,
    "refused": refused,
    "sheet": lambda page: table(page, "A11", "B1", 0),
    "aspect": lambda page: table(page, "A11", "B1", 1),
    "all": lambda page: table(page, "A14", "B1", 2),
    "absent": absent,
    "two values": two_values,
    "spread": lambda page: go(page, "A15"),
    "returned": lambda page: go(page, "A17"),
    "signed": lambda page: go(page, "A22"),
    "sheets": list_of_sheets,
    "offline": unsent,
}

SMALL = """() => [...document.querySelectorAll("button, a[href], input, textarea, [role=radio]")]
  .filter((one) => one.checkVisibility() && !one.matches(".skip"))
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 110)])
  .filter(([box]) => box.width < 48 || box.height < 48)
  .map(([box, html]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""

PLATE = """() => parseFloat(getComputedStyle(document.querySelector("#top .plate")).fontSize)"""


def looked_at(page: Page, what: str) -> None:
    """axe with wcag22aa finds nothing; nothing to press is smaller than 48 pixels."""
    expect(page.locator(".switched")).to_have_count(0)
    page.wait_for_function("() => compsys.ui.switched < performance.now()")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    assert [(what, one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []
    assert page.evaluate(SMALL) == [], what


SEEN = [(PORTRAIT, "zh-CN", False)]
"""One of eight here; the others are long."""
LONG = [seen for seen in product((PORTRAIT, LANDSCAPE), ("zh-CN", "en"), (False, True)) if seen not in SEEN]


@pytest.mark.parametrize(
    ("size", "lang", "forced"), [*SEEN, *(pytest.param(*seen, marks=pytest.mark.long) for seen in LONG)]
)
def test_every_state_in_both_orientations_languages_and_in_forced_colours(
    place: Hall, chromium: Browser, size: ViewportSize, lang: str, forced: bool
) -> None:
    with device(chromium, place, "s2", size=size, lang=lang) as page:
        if forced:
            page.emulate_media(forced_colors="active")
        expect(page.locator(".cand").first).to_be_visible()
        for name, show in STATES.items():
            show(page)
            looked_at(page, f"{name} {lang} {size['width']} {forced}")
            assert page.evaluate(PLATE) >= 40, "the code is read across a table"
            if name == "far":
                unasked(page)
            if page.evaluate("() => compsys.ui.view") == "grid":
                page.evaluate("() => compsys.chooseView('focus')")
        page.context.set_offline(False)


@pytest.mark.parametrize("size", [PORTRAIT, pytest.param(LANDSCAPE, marks=pytest.mark.long)])
def test_the_leads_board_and_a_panel_tablet_can_be_hit(
    place: Hall, tmp_path: Path, chromium: Browser, size: ViewportSize
) -> None:
    with device(chromium, place, "s1", size=size, lang="en") as page:
        go(page, "A15")
        page.locator(".speaker .quick .btn").first.click()
        looked_at(page, "lead")
    with (
        hall(tmp_path, mode="panel") as other,
        device(chromium, other, "s1", size=size, lang="zh-CN") as page,
    ):
        go(page, "A11")
        looked_at(page, "panel")


def test_a_bench_is_told_by_a_word_and_its_colour(place: Hall, chromium: Browser) -> None:
    """The word is there where the colour is; where a bench has none of its own it is the colour's name."""
    with device(chromium, place, "s3", size=LANDSCAPE, lang="en") as page:
        go(page, "A11")
        expect(page.locator("#top .bench--red")).to_have_text("Window")
        table(page, "A11", "B1", 1)
        expect(page.locator(".marks .bench")).to_have_text(["Window", "Yellow"])
        page.keyboard.press("ArrowDown")
        expect(page.locator("#top .bench--yellow")).to_have_text("Yellow")
        expect(page.locator(".dock .bench--yellow")).to_be_visible()
        page.locator(".lang").click()
        expect(page.locator("#top .bench")).to_have_text("黄")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#top .plate")).to_have_text("A15")
        expect(page.locator("#top .bench")).to_have_count(0)
