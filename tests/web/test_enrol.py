"""A seat's link in a real browser: the token leaves the address at once, and the tablet is at its page."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from playwright.sync_api import expect

from compsys import clock
from compsys.words import say
from tests.web.venue import PASSWORD, Venue, venue
from tests.world import OFFICE
from web.enrol import issue_link

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

T = TypeVar("T")
pytestmark = pytest.mark.browser


@contextmanager
def beside(path: Path, **how: Any) -> Iterator[tuple[Venue, Any]]:
    """A venue in a thread of its own, and how to run something in it."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    place: list[Venue] = []
    started = threading.Event()

    async def hold() -> None:
        async with venue(path, **how) as found:
            place.append(found)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(hold()))
    thread.start()
    assert started.wait(30)

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    try:
        yield place[0], run
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


def quiet(page: Page) -> list[str]:
    """What the page complains of: the content security policy, script errors."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    return heard


def test_a_link_is_spent_by_opening_it(tmp_path: Path, chromium: Browser) -> None:
    with beside(tmp_path) as (place, run):
        base = f"http://127.0.0.1:{place.run.port}"
        url, _ = run(issue_link(place.desk, "cooking/final/s1", OFFICE, base))
        context = chromium.new_context(locale="zh-CN")
        page = context.new_page()
        heard = quiet(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        page.wait_for_url(f"{base}/seat")
        token = url.partition("#")[2]
        assert not any(token in address for address in asked), "the token is in no request's address"
        assert token not in page.evaluate("() => JSON.stringify(performance.getEntries().map(e => e.name))")
        (cookie,) = [c for c in context.cookies() if c["name"] == "compsys_device"]
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
        page.go_back()
        assert token not in page.url
        assert not [text for text in heard if "Content Security Policy" in text], heard
        other = chromium.new_context(locale="en").new_page()
        other.goto(url)
        other.get_by_text("This link has been used.").wait_for()
        context.close()


def test_the_token_is_out_of_the_address_before_anything_else_is_asked(
    tmp_path: Path, chromium: Browser
) -> None:
    """A server that stops answering once the page and its first script are there: nothing more arrives."""
    with beside(tmp_path) as (place, run):
        base = f"http://127.0.0.1:{place.run.port}"
        url, _ = run(issue_link(place.desk, "cooking/final/s1", OFFICE, base))
        token = url.partition("#")[2]
        context = chromium.new_context(locale="en")
        page = context.new_page()
        held: list[str] = []
        page.route(
            "**/*",
            lambda route, asked: route.continue_()
            if asked.url.endswith(("/enrol", "/enrol.js")) and asked.method == "GET"
            else held.append(asked.url),
        )
        with page.expect_request(lambda asked: asked.method == "POST"):
            page.goto(url, wait_until="commit")
        assert token not in page.url and page.url == f"{base}/enrol"
        assert page.evaluate("() => history.length") <= 2, "no entry with the token was left behind"
        assert any(address.endswith(".css") for address in held), "nothing but the page and its script came"
        context.close()


def test_a_page_that_cannot_reach_the_server_says_so_without_its_words(
    tmp_path: Path, chromium: Browser
) -> None:
    with beside(tmp_path) as (place, run):
        url, _ = run(issue_link(place.desk, "cooking/final/s1", OFFICE, f"http://127.0.0.1:{place.run.port}"))
        context = chromium.new_context(locale="en")
        page = context.new_page()
        page.route(
            "**/*",
            lambda route, asked: route.abort()
            if asked.method == "POST" or "words" in asked.url
            else route.continue_(),
        )
        page.goto(url)
        page.locator("#enrol .msg").get_by_text("The server cannot be reached").wait_for()
        context.close()


def test_a_link_on_the_screen_counts_down_and_can_be_made_anew(tmp_path: Path, chromium: Browser) -> None:
    with beside(tmp_path) as (place, _):
        base = f"http://127.0.0.1:{place.run.port}"
        context = chromium.new_context(locale="en")
        page = context.new_page()
        heard = quiet(page)
        page.clock.install()
        page.goto(place.run.first_start)
        for label in ("Password", "The password again"):
            page.get_by_label(label, exact=True).fill(PASSWORD)
        page.get_by_label("Account").fill("lin")
        page.get_by_role("button").click()
        page.wait_for_url("**/console")
        page.goto(f"{base}/console/seats")
        page.get_by_role("checkbox", name="s1", exact=True).check()
        page.get_by_role("button", name=say("seats.make_screen", "en")).click()
        left = page.locator("[data-left]")
        expect(left).to_have_text(re.compile(r"9:5\d|10:00"))
        first = page.locator(".slip code").inner_text()
        page.clock.fast_forward(120_000)
        expect(left).to_have_text(re.compile(r"7:5\d|8:00"))
        page.clock.fast_forward(600_000)
        expect(page.get_by_text(say("seats.left_none", "en"))).to_be_visible()
        page.get_by_role("button", name=say("seats.new_link", "en", seat="s1")).click()
        expect(left).to_have_text(re.compile(r"9:5\d|10:00"))
        assert page.locator(".slip code").inner_text() != first
        page.locator("select[name=hours]").select_option("48")
        page.get_by_role("checkbox", name="s1", exact=True).check()
        page.get_by_role("button", name=say("seats.make_slips", "en")).click()
        expect(page.locator("[data-print]")).to_be_visible()
        assert not left.count(), "a slip says when it ends; nothing counts"
        minutes = {
            (clock.millis(link.expires) - clock.millis(place.desk.now())) // 60_000
            for link in place.desk.state.links.values()
            if not link.spent
        }
        assert minutes == {48 * 60 - 1}
        assert not heard, heard
        context.close()


def test_a_slip_is_let_in_by_the_words_that_stand_on_both_screens(tmp_path: Path, chromium: Browser) -> None:
    with beside(tmp_path) as (place, run):
        base = f"http://127.0.0.1:{place.run.port}"
        office = run(place.organizer())
        context = chromium.new_context(locale="en")
        name, value = next(iter(office.cookies.items()))
        context.add_cookies([{"name": name, "value": value, "url": base}])
        console = context.new_page()
        console.goto(f"{base}/console/seats")
        url, _ = run(issue_link(place.desk, "cooking/final/s1", OFFICE, base, slip=True))
        judge, stranger = (chromium.new_context(locale="en").new_page() for _ in range(2))
        heard = quiet(judge)
        shown = []
        for page in (judge, stranger):
            page.goto(url)
            shown.append(page.locator(".enrol__words").inner_text())
            assert not page.context.cookies(), "nobody is in yet"
        rows = console.locator("#live-waiting li")
        expect(rows).to_have_count(2)
        there = rows.locator(".waits__words").all_inner_texts()
        assert sorted(shown) == sorted(there), "the same words there"
        assert shown[0] != shown[1], "another tablet with the same slip has other words"
        judge.reload()
        expect(judge.locator(".enrol__words")).to_have_text(shown[0])
        for page, words, button in (
            (stranger, shown[1], "seats.turn_away"),
            (judge, shown[0], "seats.let_in"),
        ):
            row = console.locator("#live-waiting li", has_text=words)
            row.get_by_role("button", name=say(button, "en")).click()
            if page is judge:
                page.wait_for_url(f"{base}/seat")
            else:
                page.get_by_text(say("enrol_rejected", "en")).wait_for()
        assert not stranger.context.cookies()
        assert [d.seat for d in place.desk.state.devices.values()] == ["cooking/final/s1"]
        assert not [text for text in heard if "403" not in text], heard
        for page in (console, judge, stranger):
            page.context.close()


def test_the_first_account_is_made_in_the_browser(tmp_path: Path, chromium: Browser) -> None:
    with beside(tmp_path) as (place, _):
        context = chromium.new_context(locale="en")
        page = context.new_page()
        heard = quiet(page)
        page.goto(place.run.first_start)
        page.get_by_label("Account").fill("lin")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The password again").fill("something else")
        page.get_by_role("button").click()
        page.get_by_text("The two passwords differ.").wait_for()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The password again").fill(PASSWORD)
        with page.expect_response(lambda answer: answer.request.method == "POST") as made:
            page.get_by_role("button").click()
        assert made.value.status == 303
        assert [c["name"] for c in context.cookies()] == ["compsys_login"]
        assert not [text for text in heard if "Content Security Policy" in text], heard
        context.close()
