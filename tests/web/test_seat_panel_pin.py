"""PINs at a panel's one tablet: each seat's own is asked at its own signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, competition, hall
from tests.web.seat_pages import LANDSCAPE, foot, go, offline, online, received, t, tablet
from tests.web.test_seat_lock import PIN, chosen, type_pin
from tests.web.test_seat_panel import revealed

pytestmark = pytest.mark.browser
OTHER = "385024"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Hall]:
    """A panel of three that shares a tablet and signs with PINs."""
    with hall(tmp_path, world=competition(mode="panel", pin=True)) as made:
        yield made


def entered(page: Page) -> None:
    """The sheet A1 of A17, each aspect for each seat; then the check before signing."""
    go(page, "A17")
    for i in range(1, 5):
        for figure in "212":
            page.keyboard.press(figure)
        revealed(page)
        if i < 4:
            page.keyboard.press("Enter")
    foot(page, t("seat.check_and_sign"))


def turn(page: Page, seat: str) -> None:
    """A seat takes the tablet, reads its own marks, and presses sign."""
    page.locator(".picklist .btn", has_text=t("panel.my_turn", seat=seat)).click()
    expect(page.locator(".signbox")).to_contain_text(t("seat.label", seat=seat))
    page.locator("#foot .btn--main").click()
    expect(page.locator("dialog.pin h2")).to_have_text(t("pin.sign", seat=seat))


def test_each_seat_types_its_own_pin_and_no_other_ones_does(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as own:
        chosen(own, OTHER)
    with tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        chosen(page)
        entered(page)
        turn(page, "1")
        type_pin(page)
        expect(page.locator(".picklist .btn", has_text=t("status.signed"))).to_have_count(1)
        # Seat 3 has none: the lead's does not do, and it is said who helps.
        turn(page, "3")
        type_pin(page)
        expect(page.locator(".pin__said")).to_contain_text(t("panel.no_pin", seat="3"))
        page.get_by_role("button", name=t("do.cancel")).click()
        turn(page, "2")
        offline(page)
        page.wait_for_function("() => !compsys.link.up")
        type_pin(page, OTHER)
        expect(page.locator(".pin__said")).to_contain_text(t("pin.no_line"))
        online(page)
        for left in (4, 3, 2, 1):
            type_pin(page)
            expect(page.locator(".pin__said")).to_contain_text(t("pin.wrong", left=left))
        type_pin(page)
        expect(page.locator(".pin__said")).to_contain_text(t("pin.locked"))
        page.get_by_role("button", name=t("do.cancel")).click()
        expect(page.locator(".picklist .btn", has_text=t("status.signed"))).to_have_count(1)
        turn(page, "2")
        type_pin(page, OTHER)
        expect(page.locator(".pin__said")).to_contain_text(t("pin.locked"))
        page.get_by_role("button", name=t("do.cancel")).click()
        received(page)


def test_a_lead_who_countersigns_is_asked_for_the_own_pin(place: Hall, chromium: Browser) -> None:
    """Though another seat was in hand last."""
    with tablet(chromium, place, "s2") as own:
        chosen(own, OTHER)
    with tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        chosen(page)
        go(page, "A17")
        page.evaluate("() => compsys.takeTurn('hot-dishes/final/s2')")
        page.evaluate("() => { compsys.lock.ticket('0'.repeat(32), 'hot-dishes/final/s1'); }")
        expect(page.locator("dialog.pin h2")).to_have_text(t("pin.sign", seat="1"))
        type_pin(page, OTHER)
        expect(page.locator(".pin__said")).to_contain_text(t("pin.wrong", left=4))
        type_pin(page, PIN)
        expect(page.locator("dialog.pin")).to_have_count(0)
