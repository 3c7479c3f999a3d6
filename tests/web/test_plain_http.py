"""The judge's tablet on plain http under a name of the venue, which no browser takes for a secure origin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, hall
from tests.web.own_browser import own_chromium
from tests.web.seat_pages import CUT, received, received_in, t

pytestmark = pytest.mark.browser

NAME = "venue.test"
MAPPED = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
ABSENT = """() => [isSecureContext, "serviceWorker" in navigator, !!crypto.subtle, "wakeLock" in navigator,
  "locks" in navigator, "randomUUID" in crypto]"""
"""What a LAN address over http does not have: the tests below hold that nothing of it is needed."""


def opened(page: Page, address: str) -> list[str]:
    """Go there and see the judge's page on an insecure origin; the errors that its console tells of."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.goto(address)
    page.wait_for_url(re.compile("/seat(/|$)"))  # it takes an address that browsers keep
    expect(page.locator(".cand").first).to_be_visible()
    assert page.evaluate(ABSENT) == [False] * 6
    return said


def seen(said: list[str]) -> list[str]:
    """Errors beside those that a killed server makes."""
    return [one for one in said if not CUT.search(one)]


def test_a_sheet_is_marked_through_an_outage_and_a_killed_browser_and_signed(
    tmp_path: Path, chromium: Browser
) -> None:
    """Marks are taken, kept while the server is away, sent by the same page when it is back; they outlive
    the browser; the sheet is signed: all on an origin without secure-context powers."""
    profile = tmp_path / "profile"
    with hall(tmp_path, front=NAME) as place:
        with own_chromium(chromium, profile, MAPPED, "--lang=en") as own:
            page = own.context.new_page()
            said = opened(page, place.link("s2"))
            page.evaluate("() => { window.samePage = true; }")
            page.keyboard.press("3")
            received_in(page)
            place.kill()
            page.keyboard.press("Enter")
            page.keyboard.press("2")
            expect(page.locator("#top")).to_contain_text(t("link.pending", n=1))
            place.start()
            expect(page.locator("#top")).to_contain_text(t("link.connected"))
            received(page)
            assert page.evaluate("() => window.samePage"), "the page was loaded again"
            assert seen(said) == []
            own.close()
        with own_chromium(chromium, profile, MAPPED, "--lang=en") as own:
            page = own.context.new_page()
            said = opened(page, f"{place.url}/seat")
            page.wait_for_function("() => compsys.link.up")
            place.kill()
            for value in "10":
                page.keyboard.press("Enter")
                page.keyboard.press(value)
                expect(page.locator(".save")).to_contain_text(t("say.saved"))
            assert seen(said) == []
            own.kill()
        place.start()
        with own_chromium(chromium, profile, MAPPED, "--lang=en") as own:
            page = own.context.new_page()
            said = opened(page, f"{place.url}/seat")
            received_in(page)
            others(place)
            expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "0")
            signed(page)
            received(page)
            assert seen(said) == []
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "2", "1", "0"]


def signed(page: Page) -> None:
    """From the last aspect of a sheet to its signature."""
    main = page.locator("#foot .btn--main")
    for name in ("seat.check_and_sign", "do.sign"):
        expect(main).to_have_text(t(name))
        main.click()
    expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))


def others(place: Hall) -> None:
    """The rest of the panel votes as this judge did, so that the sheet can be signed."""
    for seat in ("s1", "s3"):
        judge = place.tablet(seat)
        for i, value in enumerate("3210", 1):
            judge.vote("u1", f"A1.J{i}", value)


def test_the_page_is_opened_again_while_the_server_is_away(tmp_path: Path, chromium: Browser) -> None:
    """Without a service worker: the browser keeps the address that the page took; no seat is in it."""
    profile = tmp_path / "profile"
    with hall(tmp_path, front=NAME) as place:
        with own_chromium(chromium, profile, MAPPED, "--lang=en") as own:
            page = own.context.new_page()
            opened(page, place.link("s2"))
            page.keyboard.press("3")
            received_in(page)
            page.wait_for_url(re.compile("/seat/[0-9a-f]+[.]en$"))
            address = page.url
            own.close()
        place.kill()
        with own_chromium(chromium, profile, MAPPED, "--lang=en") as own:
            page = own.context.new_page()
            page.goto(address)
            expect(page.locator(".cand").first).to_be_visible()
            page.keyboard.press("Enter")
            page.keyboard.press("2")
            expect(page.locator(".save")).to_contain_text(t("say.saved"))
            assert "s2" not in page.evaluate("async () => (await fetch(location.href)).text()")
            place.start()
            received(page)
            # A kept page that knows nobody's database gives way to the server's, which knows the seat.
            page.evaluate("() => { document.cookie = 'compsys_store=;path=/;max-age=0'; }")
            page.goto(address)
            page.wait_for_function("() => !!document.body.dataset.store")
            page.wait_for_function("() => document.cookie.endsWith('s2')")
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2)] == ["3", "2"]
