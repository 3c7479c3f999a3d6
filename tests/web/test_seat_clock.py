"""The session's clock on tablets and the chief's page: by the server's time; it never submits anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from compsys import events as e
from scoring_rules import profiles
from tests.web.hall import STREAM, Hall, competition, hall
from tests.web.seat_pages import device, key, received, t, tablet

pytestmark = pytest.mark.browser

HOUR = 3_600_000
WRONG = "{ const real = Date.now.bind(Date); Date.now = () => real() + 5 * 3600e3; }"
"""A tablet whose own clock is five hours ahead."""


class HourAgo(Hall):
    """A hall whose first session began an hour ago."""

    ago = HOUR


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Hall]:
    """A session of 45 minutes that began an hour ago."""
    made = HourAgo(tmp_path, competition(minutes=45))
    made.start()
    yield made
    if made.server is not None:
        made.kill()


def test_a_session_that_is_over_time_says_so_and_submits_nothing(place: Hall, chromium: Browser) -> None:
    context = chromium.new_context(locale="en", viewport={"width": 1180, "height": 820}, has_touch=True)
    context.add_init_script(WRONG)
    page = context.new_page()
    page.goto(place.link("s1"))
    page.wait_for_url("**/seat")
    clock = page.locator("#top .clock")
    expect(clock).to_have_text(re.compile(r"^1[5-7]:\d\d over$"))
    expect(page.locator("main")).to_contain_text(t("clock.over_note"))
    # Time is up: the sheet is open as before, unsigned, and takes marks.
    key(page, "2")
    received(page)
    sheet = place.tablet("s2").sheet("u1", "A1")
    assert sheet["state"] == "open" and sheet["aspects"]["A1.J1"]["voted"] == ["hot-dishes/final/s1"]
    assert not any(seat["signed"] for seat in sheet["roster"])
    # Extra time of this one competitor counts on its sheets alone.
    place.tablet("chief").act("credit", unit="u1", session="second", seconds=3600, reason="no power")
    expect(clock).to_have_text(re.compile(r"^4[2-4]:\d\d left \+1:00:00 extra$"))
    expect(page.locator("main")).not_to_contain_text(t("clock.over_note"))
    page.locator(".cand", has_text="A14").click()
    expect(clock).to_have_text(re.compile(r"^1[5-8]:\d\d over$"))
    # Paused it stands still; stopped it has ended; the sheets stay open.
    place.do(e.Session(stream=STREAM, session="second", move="pause", reason="alarm"))
    expect(clock).to_have_text(re.compile(r"^1[5-8]:\d\d over$"))
    place.do(e.Session(stream=STREAM, session="second", move="resume"))
    place.do(e.Session(stream=STREAM, session="second", move="stop"))
    expect(clock).to_have_text(t("clock.ended"))
    key(page, "1")
    received(page)
    assert place.tablet("s2").sheet("u2", "A1")["state"] == "open"
    context.close()


def test_extra_time_given_while_a_tablet_is_away_is_there_when_it_is_back(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s2") as page:
        received(page)
        page.goto("about:blank")
        place.tablet("chief").act("credit", unit="u1", session="second", seconds=3600, reason="no power")
        page.goto(f"{place.url}/seat")
        expect(page.locator("#top .clock")).to_contain_text(t("clock.credit", time="+1:00:00"))


def test_the_chiefs_clock_runs_on_by_itself(place: Hall, chromium: Browser) -> None:
    with device(chromium, place, "chief") as page:
        page.goto(f"{place.url}/chief/sessions")
        clock = page.locator(".t .clock").first
        expect(clock).to_have_text(re.compile(r"^1[5-7]:\d\d over$"))
        said = clock.inner_text()
        expect(clock).not_to_have_text(said)


def test_a_discussion_that_is_over_time_says_so_and_nothing_else_happens(
    tmp_path: Path, chromium: Browser
) -> None:
    short = profiles.load("worldskills-2026").text.replace(
        "max_rounds = 3", "discussion_seconds = 1\nmax_rounds = 3"
    )
    with hall(tmp_path, world=competition(profile="short", own=short)) as place:
        seats = [place.tablet(f"s{i}") for i in (2, 3)]
        with tablet(chromium, place, "s1") as page:
            key(page, "3")
            for seat in seats:
                seat.vote("u1", "A1.J1", "0")
            expect(page.locator(".talk")).to_contain_text(re.compile(r"Discussion 00:\d\d over: vote again"))
            sheet = seats[0].sheet("u1", "A1")
            assert sheet["state"] == "open" and sheet["aspects"]["A1.J1"]["round"] == 1


def test_without_a_limit_the_discussion_is_only_counted(place: Hall, chromium: Browser) -> None:
    seats = [place.tablet(f"s{i}") for i in (2, 3)]
    with tablet(chromium, place, "s1") as page:
        key(page, "3")
        for seat in seats:
            seat.vote("u1", "A1.J1", "0")
        expect(page.locator(".talk")).to_contain_text(re.compile(r"Discussed for 00:\d\d"))
