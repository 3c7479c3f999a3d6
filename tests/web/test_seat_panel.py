"""One tablet for a panel in real Chromium: handed over, entered for each seat, confirmed by each seat."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, hall
from tests.web.seat_pages import LANDSCAPE, foot, go, key, offline, online, received, t, tablet


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall whose panel of three shares a tablet."""
    with hall(tmp_path_factory.mktemp("panel"), mode="panel") as made:
        yield made


def sit(page: Page, seat: str) -> None:
    """The lead turns to a seat of the panel."""
    page.locator(".roster button", has_text=re.compile(rf"^(Seat )?{seat}\b")).click()


def test_a_spare_tablet_goes_on_where_the_leads_first_one_stopped(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s1", size=LANDSCAPE) as first:
        go(first, "A11")
        for seat, value in (("1", "2"), ("2", "3")):
            sit(first, seat)
            key(first, value)
        received(first)
    with tablet(chromium, place, "s1", size=LANDSCAPE) as spare:
        go(spare, "A11")
        foot(spare, t("do.previous"))
        sit(spare, "2")
        expect(spare.locator('.keys [aria-checked="true"]')).to_have_attribute("data-value", "3")
        key(spare, "2")
        received(spare)
        expect(spare.locator(".msg--stop")).to_have_count(0)
        sit(spare, "3")
        key(spare, "2")
        expect(spare.locator(".roster .seat__v")).to_have_text(["2", "2", "2"])


def test_a_value_of_a_seats_own_tablet_stays_sealed_and_a_second_one_is_settled_here(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        own = place.tablet("s2")
        go(page, "A14")
        own.vote("u2", "A1.J1", "0")
        sit(page, "2")
        expect(page.locator(".msg--lock")).to_contain_text(t("seat.elsewhere", seat="2"))
        assert page.locator(".keys [aria-checked=true]").count() == 0
        go(page, "A15")
        offline(page)
        own.vote("u3", "A1.J1", "0")
        sit(page, "2")
        key(page, "1")
        online(page)
        expect(page.locator(".msg--stop")).to_contain_text(t("seat.elsewhere_too", seat="2", value="1"))
        assert "0" not in page.locator(".twovalues").inner_text()
        expect(page.locator(".cand", has_text="A15")).to_contain_text(t("status.conflict"))
        sit(page, "1")
        expect(page.locator(".roster")).to_contain_text(t("strip.conflict", seat="2"))
        key(page, "2")
        sit(page, "3")
        key(page, "2")
        sit(page, "2")
        page.locator(".twovalues").get_by_role("button", name="1", exact=True).click()
        expect(page.locator(".roster .seat__v")).to_have_text(["2", "1", "2"])
