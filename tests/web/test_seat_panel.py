"""One tablet for a panel in real Chromium: handed over, entered for each seat, confirmed by each seat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import commands
from tests.web.hall import STREAM, Hall, hall
from tests.web.seat_pages import LANDSCAPE, foot, go, offline, online, received, t, tablet


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall whose panel of three shares a tablet."""
    with hall(tmp_path_factory.mktemp("panel"), mode="panel") as made:
        yield made


def sit(page: Page, seat: str) -> None:
    """The lead turns to a seat of the panel."""
    page.locator(".pcol__who", has_text=t("seat.label", seat=seat)).click()


def give(page: Page, seat: str, value: str) -> None:
    """One tap in a seat's row."""
    page.locator(f'.pcol [data-seat$="/s{seat}"] [data-value="{value}"]').tap()


def given(page: Page) -> list[str]:
    """What is chosen, row by row ("" = nothing)."""
    rows = page.locator(".pcol [role=radiogroup]").all()
    found = [row.locator("[aria-checked=true]") for row in rows]
    return [one.get_attribute("data-value") or "" if one.count() else "" for one in found]


def revealed(page: Page, votes: int = 3) -> None:
    """The panel's votes are shown: every row is shut."""
    expect(page.locator('.pcol [role=radiogroup][aria-readonly="true"]')).to_have_count(votes)


def test_a_spare_tablet_goes_on_where_the_leads_first_one_stopped(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s1", size=LANDSCAPE) as first:
        go(first, "A11")
        give(first, "1", "2")
        give(first, "2", "3")
        received(first)
    with tablet(chromium, place, "s1", size=LANDSCAPE) as spare:
        go(spare, "A11")
        assert given(spare) == ["2", "3", ""]
        give(spare, "2", "2")
        received(spare)
        expect(spare.locator(".msg--stop")).to_have_count(0)
        give(spare, "3", "2")
        revealed(spare)
        assert given(spare) == ["2", "2", "2"]


def test_a_value_of_a_seats_own_tablet_stays_sealed_and_a_second_one_is_settled_here(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        own = place.tablet("s2")
        go(page, "A14")
        own.vote("u2", "A1.J1", "0")
        sit(page, "2")
        expect(page.locator(".msg--lock")).to_contain_text(t("seat.elsewhere", seat="2"))
        assert given(page) == ["", "", ""]
        go(page, "A15")
        offline(page)
        own.vote("u3", "A1.J1", "0")
        give(page, "2", "1")
        online(page)
        expect(page.locator(".msg--stop")).to_contain_text(t("seat.elsewhere_too", seat="2", value="1"))
        assert "0" not in page.locator(".twovalues").inner_text()
        expect(page.locator(".cand", has_text="A15")).to_contain_text(t("status.conflict"))
        give(page, "1", "2")
        give(page, "3", "2")
        expect(page.locator(".pcol__row", has_text=t("seat.label", seat="2"))).to_contain_text(
            t("cell.conflict")
        )
        sit(page, "2")
        page.locator(".twovalues").get_by_role("button", name="1", exact=True).click()
        revealed(page)
        assert given(page) == ["2", "1", "2"]


def test_by_keys_alone_a_panel_is_entered_and_each_seat_signs_in_its_turn(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        go(page, "A17")
        for i in range(1, 5):
            for figure in "212":
                page.keyboard.press(figure)
            revealed(page)
            assert given(page) == ["2", "1", "2"]
            if i < 4:
                page.keyboard.press("Enter")
        foot(page, t("seat.check_and_sign"))
        key = page.locator("#foot .btn--main")
        for seat in "123":
            expect(key).to_have_text(t("panel.turn_first"))
            key.click(force=True)
            page.locator(".picklist .btn", has_text=t("panel.my_turn", seat=seat)).click()
            expect(page.locator(".signbox")).to_contain_text(t("seat.label", seat=seat))
            expect(page.locator("table.summary tbody tr").first).to_contain_text("1" if seat == "2" else "2")
            expect(key).to_have_text(t("do.sign"))
            key.click()
            expect(key).not_to_have_text(t("do.sign"))
            if seat != "3":
                row = page.locator(".picklist .btn", has_text=t("seat.label", seat=seat))
                expect(row).to_contain_text(t("status.signed"))
                expect(page.locator(".picklist .btn", has_text=t("status.signed"))).to_have_count(int(seat))
        expect(key).to_have_text(t("seat.next_sheet", sub="B1"))
        received(page)


def test_a_seat_that_is_not_here_is_taken_off_and_the_others_finish(
    tmp_path: Path, chromium: Browser
) -> None:
    four = hall(tmp_path, seats=4, mode="panel")
    with four as place, tablet(chromium, place, "s1", size=LANDSCAPE) as page:
        go(page, "A26")
        give(page, "1", "2")
        give(page, "2", "2")
        give(page, "4", "1")
        foot(page, re.compile("^Sign"))
        expect(page.locator("#main")).to_contain_text(t("panel.away"))
        gone = commands.ChangeRoster(
            stream=STREAM, leaves="hot-dishes/final/s3", unit="u7", reason="ill"
        )
        place.do(gone)
        expect(page.locator(".picklist .btn")).to_have_count(3)
        foot(page, t("seat.back_to_marking"))
        revealed(page, 3)
        assert given(page) == ["2", "2", "1"]


def test_points_go_from_seat_to_seat_and_undo_knows_whose_it_was(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s1") as page:
        go(page, "A20", "C1")
        for value in ("17.5", "16", "15.5"):
            for sign in value:
                page.locator(".keypad").get_by_role("button", name=sign, exact=True).tap()
            foot(page, re.compile(r"^(Seat \d|Next)$"))
        expect(page.locator(".aspect__path")).to_contain_text(t("aspect.nth", n=2, of=2))
        foot(page, t("do.previous"))
        expect(page.locator(".ppoints__v")).to_have_text(["17.5", "16", "15.5"])
        go(page, "A22")
        give(page, "1", "2")
        give(page, "2", "1")
        give(page, "2", "3")
        sit(page, "1")
        foot(page, re.compile("Undo"))
        expect(page.locator('.pcol [data-seat$="/s2"] [aria-checked="true"]')).to_have_attribute(
            "data-value", "1"
        )
        assert given(page) == ["2", "1", ""]
