"""The judge's tablet in a real Chromium against a real server: marking, signing, lines and power failing.

Tests that kill nothing share two halls (``place``, ``other_place``); each has competitors of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from compsys import commands, views, words
from scoring_rules.measurement import read
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect, Measure
from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.web.hall import STREAM, Hall, hall

pytestmark = pytest.mark.browser
PORTRAIT = ViewportSize(width=800, height=1280)
LANDSCAPE = ViewportSize(width=1280, height=800)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall of the tests of marking."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


@pytest.fixture(scope="module")
def other_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall of the tests of lines, windows and looks."""
    with hall(tmp_path_factory.mktemp("other")) as made:
        yield made


@contextmanager
def tablet(
    browser: Browser, place: Hall, seat: str, *, size: ViewportSize = PORTRAIT, lang: str = "en"
) -> Iterator[Page]:
    """A tablet enrolled for a seat by its one-time link; at the end nothing went wrong in its page."""
    context = browser.new_context(viewport=size, locale=lang, has_touch=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(place.link(seat))
    page.wait_for_url("**/seat")
    expect(page.locator(".cand").first).to_be_visible()
    yield page
    context.close()
    # A refused connection is an error in Chromium's console: it is what a killed server makes.
    assert [one for one in wrong if not one.startswith("WebSocket connection")] == []


def t(code: str, lang: str = "en", **params: object) -> str:
    """The sentence of a code."""
    return words.say(code, lang, **params)


def key(page: Page, value: str) -> None:
    """Tap a judgement key."""
    page.locator(f'.keys [data-value="{value}"]').click()


def go(page: Page, code: str, sub: str = "A1") -> None:
    """To a competitor's sheet."""
    page.locator(".cand", has_text=code).click()
    page.locator(".subpick").click()
    page.locator(".picklist .btn", has_text=sub).click()
    expect(page.locator(".aspect__path b")).to_contain_text(sub)


def foot(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a key of the bottom row."""
    page.locator("#foot").get_by_role("button", name=name).click()


def received(page: Page) -> None:
    """The server has everything."""
    expect(page.locator("#top")).to_contain_text(t("link.pending", n=0))


def offline(page: Page) -> None:
    """The network is gone; the open socket stays open and silent."""
    page.context.set_offline(True)


def online(page: Page) -> None:
    """The network is back."""
    page.context.set_offline(False)
    expect(page.locator("#top")).to_contain_text(t("link.connected"), timeout=20_000)


# ---------------------------------------------------------------- the three seats


def test_three_seats_mark_discuss_vote_again_and_sign(place: Hall, chromium: Browser) -> None:
    with (
        tablet(chromium, place, "s1", size=LANDSCAPE) as lead,
        tablet(chromium, place, "s2") as two,
        tablet(chromium, place, "s3", lang="zh-CN") as three,
    ):
        key(lead, "1")
        expect(lead.locator(".save")).to_contain_text(t("say.saved"))
        expect(lead.locator(".save")).to_contain_text(re.compile(r"Received n=\d+"))
        key(two, "3")
        expect(two.locator(".roster")).to_contain_text(t("seat.sealed", seat="1"))
        expect(two.locator(".save")).to_contain_text(t("say.waiting", seats="3"))
        assert lead.locator(".spread").count() == 0
        assert "gave" not in two.locator("main").inner_text()
        key(three, "2")
        for page in (lead, two, three):
            expect(page.locator(".spread")).to_be_visible()
        expect(two.locator(".spread")).to_have_attribute(
            "aria-label", "seat 1 gave 1, seat 3 gave 2, seat 2 gave 3, 2 apart, limit 1"
        )
        assert two.locator(".revote").count() == 0
        expect(two.locator(".panelboard__side")).to_contain_text(t("seat.lead_opens", seat="1", n=2))
        expect(lead.locator(".revote")).to_have_attribute("aria-disabled", "true")
        expect(lead.locator(".revote")).to_have_text(t("seat.revote_left", seats="1, 2", n=2))
        for speaker in range(2):
            lead.locator(".speaker").nth(speaker).locator(".quick .btn").first.click()
        lead.locator(".revote").click()
        for page in (lead, two, three):
            expect(page.locator(".keys")).to_be_visible()
            expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        expect(two.locator("main")).to_contain_text("Round 1: 1·3·2")
        for page in (lead, two, three):
            key(page, "2")
        expect(three.locator(".roster")).to_contain_text("席 12席 22席 32")
        expect(lead.locator(".save")).to_contain_text(t("seat.mark", mark="3.3333", max="5"))
        for _ in range(3):
            for page in (lead, two, three):
                page.keyboard.press("Enter")
                key(page, "3")
                received_in(page)
        for page in (lead, two, three):
            page.locator("#foot .btn--main").click()
            expect(page.locator(".signbox")).to_be_visible()
            page.locator("#foot .btn--main").click()
        for page in (lead, two):
            expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))
            expect(page.locator(".signbox .seat--sealed")).to_have_count(3)
            page.wait_for_function("() => compsys.model.records.length === 0")
        foot(lead, t("seat.back_to_marking"))
        expect(lead.locator(".keys .key--read")).to_have_count(4)
    seen = place.tablet("s2").sheet("u1", "A1")
    assert (seen["state"], seen["aspects"]["A1.J1"]["round"]) == ("signed", 2)
    assert seen["aspects"]["A1.J1"]["revealed"] == {f"hot-dishes/final/s{i}": "2" for i in (1, 2, 3)}
    assert list(seen["aspects"]["A1.J1"]["rounds"][0].values()) == ["1", "3", "2"]


def received_in(page: Page) -> None:
    """The server has everything, whatever the page's language."""
    page.wait_for_function("() => compsys.model.pending.length === 0")


def test_agreed_values_and_points(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page, tablet(chromium, place, "s3") as other:
        go(page, "A14", "B1")
        go(other, "A14", "B1")
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        expect(other.locator(".yesno [aria-checked=true]")).to_have_text(t("cell.pass"))
        expect(other.locator(".save")).to_contain_text(t("seat.one_value", seat="2"))
        expect(other.locator(".save")).to_contain_text(t("seat.mark", mark="4", max="4"))
        foot(page, t("do.next"))
        page.keyboard.type("13")
        foot(page, t("do.next"))
        expect(page.locator(".pad .msg")).to_contain_text(t("too_many", value="13", possible="12"))
        expect(page.locator(".pad__value")).to_have_text("13")
        page.keyboard.press("Backspace")
        page.locator(".keypad").get_by_role("button", name="0", exact=True).click()
        page.locator(".keypad").get_by_role("button", name=t("do.enter")).click()
        expect(page.locator(".save")).to_contain_text(t("seat.mark", mark="5", max="6"))
        go(page, "A14", "C1")
        page.keyboard.type("17.3")
        page.keyboard.press("Enter")
        expect(page.locator(".pad .msg")).to_contain_text(t("off_step", value="17.3", step="0.5"))
        page.keyboard.press("Backspace")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Heat control")
        received(page)
        go(other, "A14", "C1")
        expect(other.locator(".roster")).to_contain_text(t("seat.sealed", seat="2"))
        assert "17.5" not in other.content()


def test_the_second_tap_does_nothing_and_undo_puts_back(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A15")
        key(page, "2")
        key(page, "2")
        received(page)
        assert page.evaluate("() => compsys.model.records.length") == 1
        key(page, "1")
        foot(page, re.compile("^Undo"))
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "2")
        received(page)
    seen = place.tablet("s2").sheet("u3", "A1")["aspects"]["A1.J1"]
    assert (seen["value"], seen["rev"]) == ("2", 3)


def test_a_sheet_by_keyboard_and_the_language_switches_under_it(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, "A17")
        for value in "2103":
            page.keyboard.press(value)
            page.keyboard.press("Enter")
        received(page)
        go(page, "A17", "C1")
        page.keyboard.type("12.5")
        page.locator(".lang").click()
        expect(page.locator("h1")).to_contain_text("口味")
        expect(page.locator(".pad__value")).to_contain_text("12.5")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        page.locator(".pad__value").click()
        page.keyboard.press("Enter")
        received_in(page)
        page.locator(".lang").click()
        expect(page.locator("h1")).to_contain_text("Heat control")
    seen = place.tablet("s2")
    assert [seen.sheet("u4", "A1")["aspects"][f"A1.J{i}"]["value"] for i in (1, 2, 3, 4)] == [
        "2",
        "1",
        "0",
        "3",
    ]
    assert seen.sheet("u4", "C1")["aspects"]["C1.P1"]["value"] == "12.5"


def test_what_others_decide_is_shown(place: Hall, chromium: Browser) -> None:
    """A return with its words (as text, whatever they are), an absent competitor, a hole with a reason."""
    with tablet(chromium, place, "s3") as page:
        chief, one, two = (place.tablet(seat) for seat in ("chief", "s1", "s2"))
        go(page, "A20")
        for i in range(1, 5):
            key(page, "2")
            for seat in (one, two):
                seat.vote("u5", f"A1.J{i}", "2")
            if i < 4:
                page.keyboard.press("Enter")
        foot(page, re.compile("^Sign$"))
        page.locator("#foot .btn--main").click()
        expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))
        chief.act("return", unit="u5", sub="A1", reason="<img src=x onerror=alert(1)> B2")
        expect(page.locator(".msg--stop")).to_contain_text("<img src=x onerror=alert(1)> B2")
        expect(page.locator(".cand", has_text="A20")).to_contain_text(t("status.returned"))
        place.do(commands.SetStatus(stream=STREAM, unit="u6", scope="stage", status="absent", reason="-"))
        page.locator(".cand", has_text="A22").click()
        expect(page.locator(".outcard")).to_contain_text(t("cell.absent"))
        assert page.locator(".key").count() == 0
        go(page, "A26")
        chief.act("excuse", unit="u7", aspect="A1.J1", seat="hot-dishes/final/s3", reason="arrived late")
        expect(page.locator(".msg--lock")).to_contain_text(t("seat.excused", reason="arrived late"))


def test_one_tablet_for_the_panel(tmp_path: Path, chromium: Browser) -> None:
    """Where a panel shares a tablet, its lead enters for each seat, and signs for each."""
    with hall(tmp_path, mode="panel") as place, tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        for i in range(1, 5):
            for seat, value in (("1", "2"), ("2", "1"), ("3", "2")):
                page.locator(".roster button", has_text=f"Seat {seat}").click()
                key(page, value)
                expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", value)
            expect(page.locator(".roster .seat__v")).to_have_text(["2", "1", "2"])
            if i < 4:
                foot(page, t("do.next"))
        foot(page, re.compile("^Sign$"))
        for seat in "123":
            page.locator(".signbox .roster button", has_text=f"Seat {seat}").click()
            page.locator("#foot .btn--main").click()
            expect(page.locator(".signbox .seat--me")).to_have_text(t("seat.signed", seat=seat))
    seen = place.cells()
    assert [seen["u1", "A1.J1", seat, 1] for seat in ("s1", "s2", "s3")] == ["2", "1", "2"]


# ---------------------------------------------------------------- conflict, late, refused


def test_two_values_and_a_late_one(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s3") as page:
        one = place.tablet("s1")
        go(page, "A15", "B1")
        offline(page)
        one.vote("u3", "B1.M1", "fail")
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        expect(page.locator(".msg--warn")).to_contain_text(t("say.offline", n=1), timeout=9_000)
        online(page)
        expect(page.locator(".msg--stop")).to_contain_text(t("say.conflict", a="Fail", b="Pass", seat="3"))
        expect(page.locator(".cand", has_text="A15")).to_contain_text(t("status.conflict"))
        page.locator(".twovalues").get_by_role("button", name="Pass", exact=True).click()
        expect(page.locator(".save")).to_contain_text(t("seat.mark", mark="4", max="4"))
        go(page, "A26", "B1")
        offline(page)
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        for aspect, value in (("M1", "fail"), ("M2", "3"), ("M3", "1.2"), ("M4", "450"), ("M5", "1")):
            one.vote("u7", f"B1.{aspect}", value)
        one.sign("u7", "B1")
        online(page)
        expect(page.locator(".msg--warn")).to_contain_text(t("seat.late"))
        expect(page.locator(".yesno [aria-checked=true]")).to_have_text(t("cell.fail"))
        page.get_by_role("button", name=t("seat.understood")).click()
        expect(page.locator(".msg--warn")).to_have_count(0)


def test_a_dead_line_is_noticed_within_seven_seconds(other_place: Hall, chromium: Browser) -> None:
    with tablet(chromium, other_place, "s2") as page:
        go(page, "A20")
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
        began = time.monotonic()
        offline(page)
        expect(page.locator("#top .pill").first).to_have_text(re.compile("Not connected"), timeout=9_000)
        assert time.monotonic() - began < 7.5
        key(page, "1")
        expect(page.locator(".save")).to_contain_text(t("say.not_received"))
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=1))
        online(page)
        expect(page.locator(".msg--ok")).to_contain_text(t("say.back", n=1))
        received(page)


# ---------------------------------------------------------------- power cuts


def test_the_server_is_killed_with_marks_pending(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        key(page, "3")
        received(page)
        place.kill()
        for value in "012":
            page.keyboard.press("Enter")
            page.keyboard.press(value)
        page.keyboard.press("3")  # a second change of the last one, on top of the pending one
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=4))
        place.start()
        expect(page.locator("#top")).to_contain_text(t("link.connected"), timeout=20_000)
        received(page)
        expect(page.locator(".msg--stop")).to_have_count(0)
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "0", "1", "3"]


def test_a_restored_server_is_given_everything_again(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        key(page, "3")
        received(page)
        place.kill()
        shutil.copytree(place.folder, tmp_path / "backup", ignore=shutil.ignore_patterns("*.sock"))
        place.start()
        expect(page.locator("#top")).to_contain_text(t("link.connected"), timeout=20_000)
        for value in "012":
            page.keyboard.press("Enter")
            page.keyboard.press(value)
        # Something of the tablet's own past that the backup does not hold lies before its cursor.
        chief = place.tablet("chief")
        go(page, "A14", "B1")
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        received(page)
        for seat in (place.tablet("s1"), place.tablet("s3")):
            for i in range(1, 5):
                seat.vote("u1", f"A1.J{i}", "2")
        assert chief.act("revote", unit="u1", aspect="A1.J2", reason="2 apart")["a"] == "accepted"
        page.wait_for_function("() => compsys.model.cursor.n > 10")
        place.kill()
        shutil.rmtree(place.folder)
        shutil.copytree(tmp_path / "backup", place.folder)
        place.start()
        expect(page.locator(".msgs")).to_contain_text(t("say.history_reset", n=5), timeout=20_000)
        received(page)
        page.wait_for_function("() => !compsys.model.records.some((one) => one.again)")
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "0", "1", "2"]
        assert cells["u2", "B1.M1", "*", 1] == "pass"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def attached(other: Browser, port: int) -> Browser:
    """The browser behind a debugging port, once it listens."""
    until = time.monotonic() + 60
    while True:
        try:
            return other.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Error:
            if time.monotonic() > until:
                raise


@contextmanager
def own_chromium(other: Browser, profile: Path) -> Iterator[tuple[subprocess.Popen[bytes], BrowserContext]]:
    """A Chromium of its own process group and profile, so that it can be killed like a power cut does."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(chromium_path(), *CHROMIUM_FLAGS, "--headless=new", "about:blank"),
            *(f"--user-data-dir={profile}", f"--remote-debugging-port={port}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process, attached(other, port).contexts[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for left in profile.glob("Singleton*"):
            left.unlink()


def test_the_browser_is_killed_with_marks_pending(tmp_path: Path, chromium: Browser) -> None:
    """kill -9 right after "saved on this tablet", the server down: all marks are there and arrive once."""
    profile = tmp_path / "profile"
    with hall(tmp_path) as place:
        with own_chromium(chromium, profile) as (process, context):
            page = context.new_page()
            page.goto(place.link("s2"))
            page.wait_for_url("**/seat")
            expect(page.locator(".cand").first).to_be_visible()
            session = context.browser.new_browser_cdp_session() if context.browser else None
            assert session is not None
            session.send("Browser.close")  # an orderly end writes the cookie of the enrolment down
            process.wait(20)
        with own_chromium(chromium, profile) as (process, context):
            page = context.new_page()
            page.goto(f"{place.url}/seat")
            expect(page.locator(".keys")).to_be_visible()
            place.kill()
            for value in "3210":
                page.keyboard.press(value)
                expect(page.locator(".save")).to_contain_text(
                    re.compile(t("say.saved") + "|" + t("say.saved", "zh-CN"))
                )
                page.keyboard.press("Enter")
            os.killpg(process.pid, signal.SIGKILL)
        place.start()
        with own_chromium(chromium, profile) as (_, context):
            page = context.new_page()
            page.goto(f"{place.url}/seat")
            expect(page.locator(".cand").first).to_be_visible()
            received_in(page)
            page.wait_for_function("() => compsys.link.up")
            assert page.evaluate("() => compsys.model.records.map((one) => one.answer.a)") == ["accepted"] * 4
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "2", "1", "0"]


# ---------------------------------------------------------------- the seat moves


def test_a_seat_that_moved_says_so_and_its_marks_come_when_it_is_back(
    other_place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, other_place, "s2") as page:
        go(page, "A22")
        offline(page)
        key(page, "1")
        expect(page.locator(".save")).to_contain_text(t("say.saved"))
        other_place.tablet("s2")
        page.context.set_offline(False)
        expect(page.locator(".msg--stop")).to_contain_text(
            "Seat 2 has moved to another tablet. 1 mark here is unsent.", timeout=20_000
        )
        expect(page.locator("#top")).to_contain_text(t("link.broken"))
        expect(page.locator(".key--read")).to_have_count(4)
        page.goto(other_place.link("s2"))
        page.wait_for_url("**/seat")
        received(page)
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "1")
    assert other_place.tablet("s2").sheet("u6", "A1")["aspects"]["A1.J1"]["value"] == "1"


def test_a_second_window_takes_over_and_can_be_taken_back(other_place: Hall, chromium: Browser) -> None:
    with tablet(chromium, other_place, "s2") as page:
        go(page, "A26")
        second = page.context.new_page()
        second.goto(f"{other_place.url}/seat")
        expect(page.locator(".msg--stop")).to_contain_text(t("old_connection"))
        key(second, "2")
        received(second)
        page.get_by_role("button", name=t("seat.use_here")).click()
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "2")
        expect(second.locator(".msg--stop")).to_contain_text(t("old_connection"))


def test_without_a_seat_the_page_says_how_to_get_one(other_place: Hall, chromium: Browser) -> None:
    page = chromium.new_context(locale="en").new_page()
    told = page.goto(f"{other_place.url}/seat")
    assert told is not None and told.status == 403
    expect(page.locator("main")).to_contain_text(t("not_enrolled"))
    expect(page.locator("main")).to_contain_text(words.todo("not_enrolled", "en"))
    page.context.close()


# ---------------------------------------------------------------- how it is made


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


def test_the_early_look_at_a_number_agrees_with_the_rules(other_place: Hall, chromium: Browser) -> None:
    name = {"en": "A"}
    cases = [Aspect("a", name, "agreed", "10", measure=Measure(kind, params)) for kind, params in MEASURES]
    cases += [Aspect("a", name, "points", "15", low=low, step=step) for low, step in POINTS]
    asked = [views.aspect_view(one) for one in cases]
    with tablet(chromium, other_place, "s2") as page:
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
    other_place: Hall, chromium: Browser, size: ViewportSize, lang: str, code: str, unit: str
) -> None:
    with tablet(chromium, other_place, "s1", size=size, lang=lang) as page:
        go(page, code)
        expect(page.locator(".switched")).to_have_count(0, timeout=6_000)
        look_at(page, "blank")
        for other in ("s2", "s3"):
            other_place.tablet(other).vote(unit, "A1.J1", "3")
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


def test_text_that_grows_and_a_phone_keep_everything_reachable(other_place: Hall, chromium: Browser) -> None:
    """At 320 pixels nothing is cut off sideways, and every key can be pressed."""
    with tablet(chromium, other_place, "s2", size={"width": 320, "height": 640}) as page:
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
