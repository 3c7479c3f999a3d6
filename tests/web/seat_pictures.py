"""Takes the tablet's pictures for the documentation: ``python -m tests.web.seat_pictures FOLDER``."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.web.hall import Hall, Tablet, hall

PORTRAIT = ViewportSize(width=800, height=1280)
LANDSCAPE = ViewportSize(width=1280, height=800)
VALUES = (("M1", "pass"), ("M2", "11"), ("M3", "1.26"), ("M4", "452"), ("M5", "1"))


def judged(seats: list[Tablet], unit: str, votes: str = "22222") -> None:
    """Every vote of a unit's A1."""
    for i in range(1, 5):
        for seat, value in zip(seats, votes, strict=True):
            seat.vote(unit, f"A1.J{i}", value)


def afternoon(place: Hall) -> None:
    """A11 signed, A14 complete, A15 returned, A17 begun, A20 two values, A22 too far apart, A26 ready."""
    seats = [place.tablet(f"s{i}") for i in range(1, 6)]
    third, chief = seats[2], place.tablet("chief")
    for unit in ("u1", "u3", "u7"):
        judged(seats, unit, "22322" if unit == "u7" else "22222")
    for unit in ("u1", "u2"):
        for aspect, value in VALUES:
            third.vote(unit, f"B1.{aspect}", value)
        for i, value in ((1, "17.5"), (2, "13")):
            third.vote(unit, f"C1.P{i}", value)
    for i in range(1, 5):
        third.vote("u2", f"A1.J{i}", "2")
    for sub in ("A1", "B1", "C1"):
        third.sign("u1", sub)
    third.sign("u3", "A1")
    chief.act("return", unit="u3", sub="A1", reason="A1 第 3 项与描述不符")
    third.vote("u4", "A1.J1", "3")
    for seat in (seats[0], seats[3], seats[4]):
        seat.vote("u4", "A1.J3", "2")
    seats[0].vote("u5", "B1.M1", "pass")
    third.vote("u5", "B1.M1", "fail")
    for seat, value in zip(seats, "23212", strict=True):
        seat.vote("u6", "A1.J3", value)


def tablet(browser: Browser, place: Hall, seat: str, size: ViewportSize, lang: str) -> Page:
    """A tablet of a seat."""
    page = browser.new_context(viewport=size, locale=lang, has_touch=True).new_page()
    page.goto(place.link(seat))
    page.wait_for_url("**/seat")
    expect(page.locator(".cand").first).to_be_visible()
    return page


def go(page: Page, code: str, sub: str, aspect: int) -> None:
    """To an aspect, past the band that says where one is."""
    page.locator(".cand", has_text=code).click()
    page.locator(".subpick").click()
    page.locator(".picklist .btn", has_text=sub).click()
    page.evaluate("(n) => compsys.goAspect(compsys.model.aspects(compsys.sheet)[n].key)", aspect)
    expect(page.locator(".switched")).to_have_count(0)


def take(page: Page, folder: Path, name: str) -> None:
    """One picture, without the tap's focus ring."""
    page.evaluate("() => document.activeElement.blur()")
    page.screenshot(path=folder / f"{name}.png")


def portrait(browser: Browser, place: Hall, folder: Path) -> None:
    """Judgement, measurement, points and the check, upright and in Chinese."""
    page = tablet(browser, place, "s3", PORTRAIT, "zh-CN")
    go(page, "A17", "A1", 2)
    page.locator('.keys [data-value="2"]').click()
    expect(page.locator(".save")).to_contain_text("n=")
    take(page, folder, "judge-portrait-zh")
    go(page, "A17", "B1", 2)
    page.keyboard.type("1.26")
    take(page, folder, "judge-measurement-zh")
    go(page, "A20", "B1", 0)
    take(page, folder, "judge-two-values-zh")
    page.context.close()


def landscape(browser: Browser, place: Hall, folder: Path) -> None:
    """The same tablet lying down, in English: whole sheet, check, no network."""
    page = tablet(browser, place, "s3", LANDSCAPE, "en")
    go(page, "A14", "B1", 2)
    page.locator(".viewpick").click()
    take(page, folder, "judge-grid-en")
    page.locator(".viewpick").click()
    go(page, "A26", "A1", 3)
    page.locator("#foot").get_by_role("button", name=re.compile("^Sign$")).click()
    take(page, folder, "sign-off-en")
    page.locator("#foot .btn").first.click()
    go(page, "A17", "A1", 2)
    page.context.set_offline(True)
    page.locator('.keys [data-value="3"]').click()
    expect(page.locator(".msg--warn")).to_be_visible(timeout=20_000)
    page.wait_for_function("() => compsys.link.seconds > 6")
    take(page, folder, "judge-landscape-en")
    page.context.close()


def panel(browser: Browser, place: Hall, folder: Path) -> None:
    """The lead's tablet at a spread."""
    page = tablet(browser, place, "s1", LANDSCAPE, "zh-CN")
    go(page, "A22", "A1", 2)
    page.locator(".speaker").first.locator(".quick .btn").first.click()
    take(page, folder, "panel-spread-zh")
    page.context.close()


def main(folder: Path) -> None:
    """All of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, hall(Path(data), 5) as place, sync_playwright() as playwright:
        afternoon(place)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for part in (portrait, landscape, panel):
            part(browser, place, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
