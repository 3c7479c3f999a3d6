"""The PIN and the lock in a real browser: chosen, asked at signatures, locked when idle, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys.facts_day import Reported
from tests.web.hall import competition, hall
from tests.web.seat_pages import key, offline, received, t, tablet

pytestmark = pytest.mark.browser
PIN = "274913"


def type_pin(page: Page, pin: str = PIN) -> None:
    """Tap six figures."""
    for figure in pin:
        page.locator("dialog.pin .keypad").get_by_role("button", name=figure, exact=True).tap()


def chosen(page: Page, pin: str = PIN) -> None:
    """The first question of a tablet whose stage asks for PINs."""
    expect(page.locator("dialog.pin h2")).to_have_text(t("pin.choose"))
    type_pin(page, pin)
    expect(page.locator("dialog.pin h2")).to_have_text(t("pin.again"))
    type_pin(page, pin)
    expect(page.locator("dialog.pin")).to_have_count(0)


def idle(page: Page, minutes: int) -> None:
    """Nobody has touched the tablet for so long, by the page's own clock."""
    ahead = "(ms) => { const at = compsys.lock.now(); compsys.lock.now = () => at + ms }"
    page.evaluate(ahead, minutes * 60_000)


def locked(page: Page) -> None:
    """Nothing of a sheet is on the page any more."""
    expect(page.locator("dialog.pin--lock")).to_be_visible()
    for part in ("#top", "#rail", "#main", "#foot"):
        assert page.locator(part).inner_text() == "", part


def test_a_signature_asks_for_the_pin_that_the_judge_chose(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path, world=competition(pin=True)) as place, tablet(chromium, place, "s1") as page:
        chosen(page)
        for seat in ("s2", "s3"):
            other = place.tablet(seat)
            for n in range(1, 5):
                other.vote("u1", f"A1.J{n}", "2")
        for _ in range(4):
            key(page, "2")
            received(page)
            page.locator("#foot .btn--main").tap()
        expect(page.locator(".signbox")).to_be_visible()
        page.locator("#foot .btn--main").tap()
        type_pin(page, "385024")
        expect(page.locator(".pin__said")).to_contain_text(t("pin.wrong", left=4))
        page.get_by_role("button", name=t("do.cancel")).tap()
        expect(page.locator("#foot .btn--main")).to_have_text(t("do.sign"))
        page.locator("#foot .btn--main").tap()
        type_pin(page)
        expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))


def test_the_screen_locks_when_idle_and_nothing_half_typed_is_lost(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path, world=competition(pin=True)) as place, tablet(chromium, place, "s1") as page:
        chosen(page)
        idle(page, 9)
        expect(page.locator(".keys")).to_be_visible()
        page.locator(".subpick").tap()
        page.locator(".picklist .btn", has_text="C1").tap()
        first = page.locator(".keypad").first
        for sign in "12":
            first.get_by_role("button", name=sign, exact=True).tap()
        half = page.evaluate("() => [...compsys.ui.pads.values()]")
        assert half == ["12"]
        page.keyboard.press("n")
        page.locator("dialog textarea").fill("crust split at the")
        idle(page, 10)
        locked(page)
        page.reload()
        locked(page)
        offline(page)
        page.wait_for_function("() => !compsys.link.up")
        type_pin(page, "111222")
        expect(page.locator(".pin__said")).to_contain_text(t("pin.wrong", left=4))
        type_pin(page)
        expect(page.locator("dialog.pin")).to_have_count(0)
        assert page.evaluate("() => [...compsys.ui.pads.values()]") == ["12"]
        page.keyboard.press("n")
        expect(page.locator("dialog textarea")).to_have_value("crust split at the")
        page.evaluate("() => { compsys.lock.lock() }")
        locked(page)
        type_pin(page)
        expect(page.locator("dialog textarea")).to_have_value("crust split at the")
        stored = page.evaluate("async () => JSON.stringify(await compsys.outbox.all())")
        assert PIN not in stored and compact(page) == 3


def half_typed(page: Page, words: str) -> None:
    """Words under way go with the lock and are there again after it, to be gone on with."""
    area = page.locator("dialog textarea")
    area.fill(words)
    page.evaluate("() => { compsys.lock.lock() }")
    locked(page)
    expect(area).to_have_count(0)
    assert words not in page.content()
    page.keyboard.type(PIN)
    expect(page.locator("dialog.pin")).to_have_count(0)
    expect(area).to_have_value(words)
    area.press("End")
    page.keyboard.type(", all")


def test_words_under_way_in_any_dialog_are_there_after_the_lock(tmp_path: Path, chromium: Browser) -> None:
    """A reason for the second round, what happened on the floor, a status that is proposed: each is saved
    after the lock as if there had been none; over a reload what was typed stands when it is asked again."""
    with hall(tmp_path, world=competition(pin=True)) as place, tablet(chromium, place, "s1") as page:
        chosen(page)
        key(page, "0")
        for seat in ("s2", "s3"):
            place.tablet(seat).vote("u1", "A1.J1", "2")
        page.get_by_role("button", name=t("seat.type_reason")).first.click()
        half_typed(page, "burnt at the edge")
        page.locator("dialog .btn--main").click()
        expect(page.locator("blockquote")).to_have_text("burnt at the edge, all")
        page.evaluate("() => compsys.show('sheets')")
        page.get_by_role("button", name=t("incident.kind_equipment")).click()
        half_typed(page, "the oven is cold")
        page.locator("dialog .btn--main").click()
        expect(page.locator(".statuspick .st--ok")).to_have_text(t("lead.reported"))
        page.locator(".statuspick .btn", has_text=t("cell.absent")).click()
        half_typed(page, "nobody at the bench")
        page.evaluate("() => { compsys.lock.lock() }")
        page.reload()
        locked(page)
        page.keyboard.type(PIN)
        expect(page.locator("dialog")).to_have_count(0)
        page.evaluate("() => compsys.show('sheets')")
        page.locator(".statuspick .btn", has_text=t("cell.absent")).click()
        expect(page.locator("dialog textarea")).to_have_value("nobody at the bench, all")
        page.locator("dialog .btn--main").click()
        page.wait_for_function(
            "() => compsys.model.records.some(({ cmd, answer }) => cmd.incident === 'absent' && answer)"
        )
        place.kill()
        told = [closed.text for event, closed in place.lines() if isinstance(event, Reported)]
        assert told == ["the oven is cold, all", "nobody at the bench, all"]


def compact(page: Page) -> int:
    """How many hex figures of the hash are kept: too few to find the PIN by."""
    return len(str(page.evaluate("() => compsys.lock.known.part")))


def test_the_lock_button_and_escape(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path, world=competition(pin=True)) as place, tablet(chromium, place, "s1") as page:
        chosen(page)
        page.get_by_role("button", name=t("pin.lock_now")).tap()
        locked(page)
        for _ in range(3):
            page.keyboard.press("Escape")
        locked(page)
        for wrong in range(5):
            type_pin(page, "38502" + str(wrong))
            expect(page.locator(".pin__said")).to_be_visible()
        expect(page.locator(".pin__said")).to_contain_text(t("pin.locked"))
        type_pin(page)
        expect(page.locator(".pin__said")).to_contain_text(t("pin.locked"))
        locked(page)
