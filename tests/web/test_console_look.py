"""Console, chief and clerk in a real browser: accessible, nothing cut off, live, whole without scripts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from compsys import events as e
from compsys import words
from tests.web.test_enrol import beside, quiet
from tests.web.venue import PASSWORD, Venue
from tests.world import MAIN, OFFICE
from web.accounts import make_account
from web.app import declarations
from web.enrol import issue_link

pytestmark = pytest.mark.browser
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONSOLE = (
    "/console",
    "/console/setup",
    "/console/setup/group/edit/cooking/final/open",
    "/console/setup/session/new?at=cooking/final",
    "/console/setup/entry/new?at=cooking",
    "/console/setup/judge/new",
    "/console/run/cooking/final",
    "/console/seats",
    "/console/results/cooking/final/open",
    "/console/file",
    "/console/accounts",
    "/console/announce",
    "/console/incidents",
    "/console/scheme",
    "/console/scheme/cooking",
)
CHIEF = (
    "/chief",
    "/chief/sheet/A11/A1",
    "/chief/unit/A11",
    "/chief/tray",
    "/chief/sessions",
    "/chief/panel",
    "/chief/ties",
    "/chief/lock",
    "/chief/incidents",
    "/chief/announce",
)
CLERK = ("/clerk", "/clerk/sheet/A11/B1", "/clerk/key/A11/B1/_", "/clerk/check/A11/C1/s1", "/clerk/print")

DESKS = {
    "organizer": "lin",
    "supervisor": "wu",
    "coding_officer": "zhou",
    "chief": "",
    "clerk": "",
}
"""Roles whose pages are forms, and the accounts of those who sign in."""
ASKS_FIRST = {"/clerk/find", "/chief/calibration.pdf"}
"""Where nothing is found without something to find, or before it was made."""
Place = tuple[Venue, Any]


def pages_of(role: str) -> list[str]:
    """Every address of a role that needs nothing filled in, as the routes declare it, but for what the tuples
    above list and what an organizer was shown already."""
    left = {*CONSOLE, *CHIEF, *CLERK, *ASKS_FIRST, "/seat"}
    mine = [one for one in declarations() if one.method == "GET" and role in one.roles]
    shown = [one.path for one in mine if role == "organizer" or "organizer" not in one.roles]
    return [path for path in shown if "{" not in path and path not in left]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("look")) as (there, run):
        for role, name in DESKS.items():
            if name:
                assert run(make_account(there.desk, name, (role,), PASSWORD)).a == "accepted"
        yield there, run


def base(there: Venue) -> str:
    return f"http://127.0.0.1:{there.run.port}"


def signed_in(there: Venue, context: BrowserContext, account: str = "lin") -> Page:
    """A page of the organizer, or of another account."""
    page = context.new_page()
    page.goto(f"{base(there)}/login")
    page.fill("[name=account]", account)
    page.fill("[name=password]", PASSWORD)
    page.click("form button.btn--main")
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def seated(there: Venue, run: Any, context: BrowserContext, seat: str) -> Page:
    """A page of a seat's device."""
    url, _ = run(issue_link(there.desk, f"cooking/final/{seat}", OFFICE, base(there)))
    page = context.new_page()
    page.goto(url)
    page.wait_for_url(lambda address: "/enrol" not in address)
    return page


def faultless(there: Venue, page: Page, *paths: str, wide: tuple[int, int] = (820, 1180)) -> None:
    """axe finds nothing in these pages, wide in Chinese and narrow in English, and nothing is cut off."""
    heard = quiet(page)
    for path in paths:
        for lang, size in zip(words.LANGS, (wide, (320, 640)), strict=True):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            answer = page.goto(f"{base(there)}{path}{'&' if '?' in path else '?'}lang={lang}")
            assert answer is not None and answer.status == 200, path
            found = Axe().run(page, options=AXE)
            assert not found.response["violations"], (path, lang, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (path, lang)
    assert not heard


@pytest.mark.parametrize("role", ["console", "chief", "clerk"])
def test_axe_finds_nothing_and_nothing_is_cut_off(place: Place, chromium: Browser, role: str) -> None:
    there, run = place
    context = chromium.new_context(color_scheme="light")
    page = signed_in(there, context) if role == "console" else seated(there, run, context, role)
    paths = {"console": CONSOLE, "chief": CHIEF, "clerk": CLERK}[role]
    faultless(there, page, *paths, wide=(1440, 900))
    context.close()


@pytest.mark.parametrize("role", DESKS)
def test_every_page_there_is_has_been_looked_at(place: Place, chromium: Browser, role: str) -> None:
    """Nobody has to list a new page: in both languages on a phone axe finds nothing, nothing is cut off."""
    there, run = place
    context = chromium.new_context(color_scheme="light", viewport={"width": 320, "height": 640})
    account = DESKS[role]
    page = signed_in(there, context, account) if account else seated(there, run, context, role)
    for path in pages_of(role):
        answer = page.request.get(f"{base(there)}{path}")
        assert answer.status == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            faultless(there, page, path, wide=(320, 640))
    context.close()


def test_the_home_moves_without_a_reload(place: Place, chromium: Browser) -> None:
    there, run = place
    context = chromium.new_context(locale="en")
    page = signed_in(there, context)
    page.goto(f"{base(there)}/console?lang=en")
    page.evaluate("window.here = true")
    assert page.locator(".clocks >> text=Practice").count() == 1
    command = e.Session(stream=MAIN, session="practice", move="pause", reason="lunch")
    assert run(there.desk.submit(e.Call(secrets.token_hex(16), OFFICE, command))).a == "accepted"
    page.locator(".clocks >> text=Paused").wait_for()
    assert page.evaluate("window.here") is True
    again = e.Session(stream=MAIN, session="practice", move="resume")
    run(there.desk.submit(e.Call(secrets.token_hex(16), OFFICE, again)))
    context.close()


def test_a_trade_can_be_added_without_scripts(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = signed_in(there, context)
    page.goto(f"{base(there)}/console/setup/trade/new?lang=zh-CN")
    page.get_by_label("编号").fill("floristry")
    page.get_by_label("中文").fill("花艺")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存。").wait_for()
    assert "floristry" in there.desk.state.setup.trades
    context.close()


def test_the_picture_of_a_page_is_kept(place: Place, chromium: Browser, tmp_path: Path) -> None:
    """Printing slips: the QR codes stand on the paper, the side bar does not."""
    there, _ = place
    context = chromium.new_context(locale="en")
    page = signed_in(there, context)
    page.goto(f"{base(there)}/console/seats?lang=en")
    page.locator("input[name=seat]").first.check()
    page.get_by_role("button", name="Slips to print").click()
    page.locator(".slip svg").wait_for()
    page.emulate_media(media="print")
    assert page.locator(".slip svg").is_visible() and not page.locator(".side").is_visible()
    context.close()
