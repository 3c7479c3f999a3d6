"""The signing chain on the pages: the lead's tablet, the chief's page, the supervisor's, up to the lock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import events as e
from tests.web.hall import STREAM, Hall, competition, hall
from tests.web.seat_pages import LANDSCAPE, device, foot, t, tablet
from tests.web.venue import PASSWORD
from web.logins import hash_password

pytestmark = pytest.mark.browser

JUDGED = ("A1.J1", "A1.J2", "A1.J3", "A1.J4")
AGREED = {"B1.M1": "pass", "B1.M2": "12", "B1.M3": "1.2", "B1.M4": "450", "B1.M5": "1"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Two competitors under a rule book with four links; everything marked, only the lead has A1 of A11 to
    sign."""
    world = competition(profile="cn-national", codes=("A11", "A14"))
    with hall(tmp_path_factory.mktemp("hall"), world=world) as made:
        for account, role in (("lin", "organizer"), ("ou", "supervisor")):
            made.do(e.MakeAccount(account=account, roles=(role,), secret=hash_password(PASSWORD)))
        for seat in ("s1", "s2", "s3"):
            one = made.tablet(seat)
            for unit in ("u1", "u2"):
                for aspect in (*JUDGED, "C1.P1", "C1.P2"):
                    assert one.vote(unit, aspect, "2")["a"] == "accepted"
                for aspect, value in AGREED.items() if seat == "s1" else ():
                    assert one.vote(unit, aspect, value)["a"] == "accepted"
        for seat in ("s1", "s2", "s3"):
            one = made.tablet(seat)
            for unit, sub in [(u, s) for u in ("u1", "u2") for s in ("A1", "B1", "C1")]:
                if (seat, unit, sub) != ("s1", "u1", "A1"):
                    assert one.sign(unit, sub)["a"] == "accepted"
        yield made


@contextmanager
def supervisor(chromium: Browser, place: Hall, lang: str = "en") -> Iterator[Page]:
    """The supervisor, logged in, where the signing is done; at the end nothing went wrong in the page."""
    context = chromium.new_context(viewport=LANDSCAPE, locale=lang)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{place.url}/login?next=/supervisor")
    page.locator("input[name=account]").fill("ou")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    yield page
    context.close()
    assert wrong == []


def test_a_trade_with_four_links_is_signed_to_the_end_and_locked_from_the_pages(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s1") as lead:
        rail = lead.locator(".cand", has_text="A14")
        expect(rail).to_contain_text(t("status.countersign"))
        foot(lead, t("do.sign"))
        foot(lead, t("do.sign"))
        # Its own signature was the last: the same view asks for the other one, for the whole panel's values.
        expect(lead.locator(".signbox")).to_contain_text(t("seat.countersign_for"))
        expect(lead.locator(".summary")).to_contain_text("2·2·2")
        for code in ("A11", "A14"):
            for sub in ("A1", "B1", "C1"):
                expect(lead.locator(".signhead")).to_contain_text(re.compile(f"{code}.*{sub}"))
                expect(lead.locator(".signbox")).to_contain_text(t("seat.countersign_for"))
                words = lead.locator(".signbox .words").inner_text()
                lead.locator("#foot .btn--main").focus()
                lead.keyboard.press("Enter")
                expect(lead.locator(".signbox")).to_contain_text(t("seat.countersigned"))
                expect(lead.locator(".signbox .words")).to_have_text(words)
                lead.locator("#foot .btn--main").tap()
        expect(rail).to_contain_text(t("status.signed"))
        lead.wait_for_function("() => compsys.model.records.length === 0")
    with device(chromium, place, "chief") as chief, supervisor(chromium, place) as page:
        expect(page.locator("main")).to_contain_text(t("signing.nothing", lead=0, chief=6))
        for code in ("A11", "A14"):
            for sub in ("A1", "B1", "C1"):
                chief.goto(f"{place.url}/chief/sheet/{code}/{sub}")
                chief.get_by_role("button", name=t("do.sign"), exact=True).click()
                expect(chief.locator("main")).to_contain_text(t("signing.waits_supervisor"))
        page.reload()
        page.get_by_role("link", name=t("console.open_it")).first.click()
        expect(page.locator("h1")).to_have_text("A11 A1")
        expect(page.locator("main .seat__v")).to_have_text(["2"] * 12)
        page.get_by_label(t("ui.reason")).fill("the third seat signed in the dark")
        page.get_by_role("button", name=t("signing.do_hand_back")).click()
        expect(page.locator(".msg--ok")).to_contain_text(t("done.handed_back"))
        chief.goto(f"{place.url}/chief/tray")
        chief.get_by_role("link", name=t("console.open_it")).click()
        expect(chief.locator(".msg--stop")).to_contain_text("the third seat signed in the dark")
        chief.get_by_role("button", name=t("do.sign"), exact=True).click()
        page.goto(f"{place.url}/supervisor")
        for box in page.locator("tbody input[type=checkbox]").all()[:-1]:
            box.check()
        page.get_by_role("button", name=t("signing.sign_chosen")).click()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("link", name=t("console.open_it")).click()
        page.get_by_role("button", name=t("do.sign"), exact=True).click()
        expect(page.locator("main")).to_contain_text(t("signing.nothing", lead=0, chief=0))
        chief.goto(f"{place.url}/chief/lock")
        # Tablets that were put away are asked about before the lock.
        anyway = chief.locator("details", has=chief.get_by_text(t("lock.anyway"))).first
        anyway.locator("summary").click()
        anyway.get_by_label(t("ui.reason")).fill("they lie in the box at the desk")
        anyway.get_by_role("button", name=t("do.lock"), exact=True).click()
        expect(chief.locator("main")).to_contain_text(t("status.locked"))
    assert place.tablet("s2").sheet("u1", "A1")["state"] == "locked"
    assert STREAM == "hot-dishes.final.main"
