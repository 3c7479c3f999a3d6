"""The tablet when lines go dead, power is cut, a backup is restored, or the seat moves to another one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.hall import Hall, hall
from tests.web.own_browser import own_chromium
from tests.web.seat_pages import (
    go,
    key,
    offline,
    online,
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


STARVED = """() => {
  let last = performance.now();
  window.starved = 0;
  setInterval(() => {
    window.starved = Math.max(window.starved, performance.now() - last - 50);
    last = performance.now();
  }, 50);
}"""
"""The longest time for which the machine let the page do nothing."""


def test_a_dead_line_is_noticed_within_seven_seconds(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A20")
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
        page.evaluate(STARVED)
        offline(page)
        expect(page.locator("#top")).to_contain_text(re.compile("Not connected"))
        silent, starved = page.evaluate("() => [compsys.link.since - compsys.link.heard, starved]")
        assert silent - starved < 7_000, "by the page's own clock, but for what a busy machine kept from it"
        key(page, "1")
        expect(page.locator(".save")).to_contain_text(t("say.not_received"))
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=1))
        online(page)
        expect(page.locator(".msg--ok")).to_contain_text(t("say.back", n=1))
        received(page)


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
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
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
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
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
        expect(page.locator(".msgs")).to_contain_text(t("say.history_reset", n=5))
        received(page)
        page.wait_for_function("() => !compsys.model.records.some((one) => one.again)")
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "0", "1", "2"]
        assert cells["u2", "B1.M1", "*", 1] == "pass"


def test_the_browser_is_killed_with_marks_pending(tmp_path: Path, chromium: Browser) -> None:
    """kill -9 right after "saved on this tablet", the server down: all marks are there and arrive once."""
    profile = tmp_path / "profile"
    with hall(tmp_path) as place:
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(place.link("s2"))
            page.wait_for_url("**/seat")
            expect(page.locator(".cand").first).to_be_visible()
            own.close()  # an orderly end writes the cookie of the enrolment down
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(f"{place.url}/seat")
            expect(page.locator(".keys")).to_be_visible()
            place.kill()
            for value in "3210":
                page.keyboard.press(value)
                expect(page.locator(".save")).to_contain_text(
                    re.compile(t("say.saved") + "|" + t("say.saved", "zh-CN"))
                )
                page.keyboard.press("Enter")
            own.kill()
        place.start()
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(f"{place.url}/seat")
            expect(page.locator(".cand").first).to_be_visible()
            received_in(page)
            page.wait_for_function("() => compsys.link.up")
            assert page.evaluate("() => compsys.model.records.map((one) => one.answer.a)") == ["accepted"] * 4
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "2", "1", "0"]


def test_a_seat_that_moved_says_so_and_its_marks_still_come(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A22")
        offline(page)
        key(page, "1")
        expect(page.locator(".save")).to_contain_text(t("say.saved"))
        place.tablet("s2")
        page.context.set_offline(False)
        expect(page.locator(".msg--stop")).to_contain_text("Seat 2 has moved to another tablet.")
        expect(page.locator("#top")).to_contain_text(t("link.broken"))
        expect(page.locator(".key--read")).to_have_count(4)
        page.goto(place.link("s2"))
        page.wait_for_url("**/seat")
        received(page)
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "1")
    assert place.tablet("s2").sheet("u6", "A1")["aspects"]["A1.J1"]["value"] == "1"


def test_a_second_window_takes_over_and_can_be_taken_back(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A26")
        second = page.context.new_page()
        second.goto(f"{place.url}/seat")
        expect(page.locator(".msg--stop")).to_contain_text(t("old_connection"))
        key(second, "2")
        received(second)
        page.get_by_role("button", name=t("seat.use_here")).click()
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "2")
        expect(second.locator(".msg--stop")).to_contain_text(t("old_connection"))
