"""Several judges at one tablet, in a real browser: changing over, nothing left behind, nothing lost."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from tests.web.hall import Hall, competition, hall
from tests.web.own_browser import own_chromium
from tests.web.seat_pages import key, received, t, tablet
from tests.web.test_plain_http import MAPPED, NAME, opened, seen
from tests.web.test_seat_lock import PIN, chosen, locked, type_pin

pytestmark = pytest.mark.browser
OTHER = "385024"


def joined(page: Page, place: Hall, seat: str) -> None:
    """A further judge scans a link with this tablet."""
    page.goto(place.link(seat))
    page.wait_for_url(re.compile("/seat(/|$)"))
    expect(page.locator("#top")).to_contain_text(t("seat.label", seat=seat[1:]).lower())
    page.wait_for_function("() => compsys.shared")


def listed(page: Page) -> None:
    """The list of the tablet's judges is open."""
    page.locator("button.judge__who").click()
    expect(page.locator("dialog.share h2")).to_have_text(t("share.title"))


def row(page: Page, seat: str) -> Locator:
    """A judge's row in the list."""
    return page.locator("dialog.share .share__seat", has_text=t("seat.label", seat=seat))


def at_work(page: Page, seat: str) -> None:
    """The page is this seat's."""
    page.wait_for_function("(me) => window.compsys?.model.me === me", arg=f"hot-dishes/final/s{seat}")
    expect(page.locator(".cand").first).to_be_visible()


def taken(page: Page, seat: str) -> None:
    """A judge without a PIN is tapped in the list; on a machine that is too busy to take the tap, again."""
    until = time.monotonic() + 120
    me = f"hot-dishes/final/s{seat}"
    while True:
        try:
            if page.locator("dialog.share").is_visible():
                row(page, seat).click(timeout=20_000)
            page.wait_for_function("(me) => window.compsys?.model.me === me", arg=me, timeout=20_000)
            return at_work(page, seat)
        except TimeoutError as error:
            if time.monotonic() > until:
                said = page.evaluate("() => [document.cookie, document.body.innerText]")
                raise AssertionError((page.url, said)) from error


def change(page: Page, seat: str) -> None:
    """Over to another judge."""
    listed(page)
    taken(page, seat)


def test_judges_change_over_and_none_sees_or_sends_for_the_other(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        key(page, "3")
        received(page)
        page.evaluate("() => { window.ofSeat2 = true; }")
        joined(page, place, "s3")
        assert page.evaluate("() => window.ofSeat2") is None, "nothing of the page before is in memory"
        assert page.evaluate("() => compsys.model.records.length") == 0
        expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        key(page, "1")
        received(page)
        listed(page)
        expect(row(page, "2")).to_contain_text(t("share.sent"))
        expect(row(page, "3")).to_contain_text(t("share.now"))
        taken(page, "2")
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "3")
        seats = page.evaluate("() => compsys.model.records.map((one) => one.cmd.seat)")
        assert seats == ["hot-dishes/final/s2"]
        page.reload()
        at_work(page, "2")
        # One seat's device is taken away; the other judge of the tablet goes on.
        place.tablet("s3")
        change(page, "3")
        expect(page.locator(".msg--stop")).to_contain_text(t("seat.moved", seat="3"))
        change(page, "2")
        key(page, "2")
        received(page)
        place.kill()
        cells = place.cells()
        assert (cells["u1", "A1.J1", "s2", 1], cells["u1", "A1.J1", "s3", 1]) == ("2", "1")


def test_what_a_judge_has_not_sent_goes_out_while_another_marks(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        joined(page, place, "s3")
        change(page, "2")
        page.evaluate("() => { compsys.sender.pauseUntil = Infinity; }")
        for value in "31":
            key(page, value)
            page.locator("#foot .btn--main").click()
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=2))
        listed(page)
        expect(page.locator("dialog.share")).to_contain_text(t("share.stays", n=2, seat="2"))
        leave = page.get_by_role("button", name=t("share.leave_unsent", seat="2", n=2))
        expect(leave).to_have_attribute("aria-disabled", "true")
        taken(page, "3")
        key(page, "0")
        received(page)
        listed(page)
        expect(row(page, "2")).to_contain_text(t("share.sent"))
        taken(page, "2")
        received(page)
        expect(page.locator(".msg--stop")).to_have_count(0)
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2)] == ["3", "1"]
        assert cells["u1", "A1.J1", "s3", 1] == "0"


def test_who_takes_over_types_the_own_pin_even_at_a_locked_screen(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path, world=competition(pin=True)) as place, tablet(chromium, place, "s2") as page:
        chosen(page)
        page.goto(place.link("s3"))
        chosen(page, OTHER)
        page.wait_for_function("() => compsys.shared")
        page.evaluate("() => { compsys.lock.lock() }")
        locked(page)
        page.get_by_role("button", name=t("share.change")).click()
        row(page, "2").click()
        pin = page.locator("dialog.pin:not(.pin--lock)")
        expect(pin.locator("h2")).to_have_text(t("share.pin", seat="2"))
        for figure in OTHER:
            pin.locator(".keypad").get_by_role("button", name=figure, exact=True).click()
        expect(pin.locator(".pin__said")).to_contain_text(t("pin.wrong", left=4))
        for figure in PIN:
            pin.locator(".keypad").get_by_role("button", name=figure, exact=True).click()
        at_work(page, "2")
        expect(page.locator("dialog")).to_have_count(0)
        # The one who left locked: without the PIN nobody comes in there.
        listed(page)
        row(page, "3").click()
        type_pin(page, OTHER)
        at_work(page, "3")
        page.evaluate("() => { compsys.lock.lock() }")
        page.reload()
        locked(page)


def test_a_seat_is_taken_off_a_tablet_and_the_other_stays(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        joined(page, place, "s3")
        listed(page)
        page.get_by_role("button", name=t("share.leave", seat="3")).click()
        page.get_by_role("button", name=t("share.leave_sure", seat="3")).click()
        at_work(page, "2")
        listed(page)
        expect(page.locator(".share__seat")).to_have_count(1)
        device = [one for one in page.context.cookies() if one["name"] == "compsys_device"]
        assert len(device) == 1 and "~" not in device[0]["value"]


def test_on_plain_http_judges_change_over_while_the_server_is_away(tmp_path: Path, chromium: Browser) -> None:
    with (
        hall(tmp_path, front=NAME) as place,
        own_chromium(chromium, tmp_path / "profile", MAPPED, "--lang=en") as own,
    ):
        page = own.context.new_page()
        said = opened(page, place.link("s2"))
        joined(page, place, "s3")
        page.wait_for_url(re.compile("/seat/[0-9a-f]+[.]en$"))
        place.kill()
        page.wait_for_function("() => !compsys.link.up")
        page.keyboard.press("1")
        change(page, "2")
        expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        page.keyboard.press("3")
        listed(page)
        expect(row(page, "3")).to_contain_text(t("share.unsent", n=1))
        page.get_by_role("button", name=t("do.cancel")).click()
        place.start()
        received(page)
        listed(page)
        expect(row(page, "3")).to_contain_text(t("share.sent"))
        assert seen(said) == []
        place.kill()
        cells = place.cells()
        assert (cells["u1", "A1.J1", "s2", 1], cells["u1", "A1.J1", "s3", 1]) == ("3", "1")
