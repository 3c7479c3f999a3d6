"""A seat goes over to a spare tablet by the chief's page, within few steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.hall import hall
from tests.web.seat_pages import device, key, received, t, tablet


@pytest.mark.browser
def test_a_spare_tablet_takes_over_within_three_steps(tmp_path: Path, chromium: Browser) -> None:
    """A step is a press or a scan; half a minute is ample for three. The earlier marks are there."""
    with (
        hall(tmp_path) as place,
        tablet(chromium, place, "s2") as old,
        device(chromium, place, "chief") as chief,
    ):
        key(old, "3")
        received(old)
        steps = 0
        chief.locator("nav").get_by_role("link", name=t("seatnav.seats")).click()
        steps += 1
        chief.get_by_role("button", name=t("chief.hand_over", seat="2")).click()
        steps += 1
        link = chief.locator(".slip code").inner_text()
        expect(chief.locator(".slip__qr svg")).to_be_visible()
        spare = chromium.new_context(locale="en", has_touch=True).new_page()
        spare.goto(link)
        steps += 1
        expect(spare.locator("#main")).to_contain_text(t("aspect.nth", n=2, of=4))
        spare.evaluate("() => compsys.goAspect('A1.J1')")
        expect(spare.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "3")
        expect(old.locator(".msg--stop")).to_contain_text(t("seat.moved", seat="2").strip())
        key(spare, "2")
        received(spare)
        assert steps <= 3
        chief.goto(f"{place.url}/chief/seats")
        expect(chief.locator("li", has_text=t("seat.label", seat="2"))).to_contain_text(t("link.connected"))
        spare.context.close()
