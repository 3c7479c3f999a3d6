"""What tests of the tablet do on its pages: enrol, tap, go to a sheet, lose the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, expect

from compsys import words
from tests.web.hall import Hall

PORTRAIT = ViewportSize(width=800, height=1280)
LANDSCAPE = ViewportSize(width=1280, height=800)


@contextmanager
def tablet(
    browser: Browser,
    place: Hall,
    seat: str,
    *,
    size: ViewportSize = PORTRAIT,
    lang: str = "en",
    first: Callable[[Page], None] | None = None,
) -> Iterator[Page]:
    """A judge's tablet, enrolled; at the end nothing went wrong in its page. ``first``: with the page before
    anything is loaded."""
    with device(browser, place, seat, size=size, lang=lang, first=first) as page:
        page.wait_for_url("**/seat")
        expect(page.locator(".cand").first).to_be_visible()
        yield page


CUT = re.compile(
    r"^WebSocket connection|net::ERR_(CONNECTION_|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|"
    r"CONTENT_LENGTH_MISMATCH|INTERNET_DISCONNECTED|NETWORK_CHANGED|SOCKET_|TIMED_OUT)"
)
"""What Chromium's console says of a killed server and of a network that was cut."""


@contextmanager
def device(
    browser: Browser,
    place: Hall,
    seat: str,
    *,
    size: ViewportSize = LANDSCAPE,
    lang: str = "en",
    first: Callable[[Page], None] | None = None,
) -> Iterator[Page]:
    """Any seat's device, enrolled by its one-time link; at the end nothing went wrong in its page."""
    context = browser.new_context(viewport=size, locale=lang, has_touch=True)
    context.set_default_timeout(60_000)  # a busy machine; what waits in vain costs nothing else
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.extend([f"{said.text} {said.location}"] * (said.type == "error")))
    if first is not None:
        first(page)
    page.goto(place.link(seat))
    page.wait_for_url(lambda address: "/enrol" not in address)
    yield page
    context.close()
    unexpected = [one for one in wrong if not CUT.search(one)]
    assert unexpected == [], unexpected


def t(code: str, /, lang: str = "en", **params: object) -> str:
    """The sentence of a code."""
    return words.say(code, lang, **params)


def key(page: Page, value: str) -> None:
    """Tap a judgement key."""
    page.locator(f'.keys [data-value="{value}"]').tap()


def typed(page: Page, value: str) -> None:
    """Tap a number on the keypad, and enter it."""
    for sign in value:
        page.locator(".keypad").get_by_role("button", name=sign, exact=True).tap()
    page.locator(".keypad .btn--main").tap()


def sign(page: Page, lang: str = "en") -> None:
    """From the last aspect of a sheet: check it, sign it, see that it is signed."""
    expect(page.locator("#foot .btn--main")).to_have_text(t("seat.check_and_sign", lang))
    page.locator("#foot .btn--main").tap()
    expect(page.locator(".signbox")).to_be_visible()
    expect(page.locator("#foot .btn--main")).to_have_text(t("do.sign", lang))
    page.locator("#foot .btn--main").tap()
    expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly", lang))


def go(page: Page, code: str, sub: str = "A1") -> None:
    """To a competitor's sheet."""
    page.locator(".cand", has_text=code).click()
    page.locator(".subpick").click()
    page.locator(".picklist .btn", has_text=sub).click()
    expect(page.locator(".aspect__path b")).to_contain_text(sub)


def foot(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a key of the bottom row."""
    page.locator("#foot").get_by_role("button", name=name).tap()


def received(page: Page) -> None:
    """The server has everything."""
    expect(page.locator("#top")).to_contain_text(t("link.pending", n=0))


def received_in(page: Page) -> None:
    """The server has everything, whatever the page's language."""
    page.wait_for_function("() => compsys.model.pending.length === 0")


def offline(page: Page) -> None:
    """The network is gone; the open socket stays open and silent."""
    page.context.set_offline(True)


def patient(page: Page) -> None:
    """What the page says for some seconds once everything went stands for a minute: a machine may be slow."""
    page.evaluate(
        """() => {
          const said = compsys.delivered.bind(compsys);
          compsys.delivered = (n) => { said(n); compsys.ui.back.until += 60_000; };
        }"""
    )


def online(page: Page) -> None:
    """The network is back."""
    patient(page)
    page.context.set_offline(False)
    expect(page.locator("#top")).to_contain_text(t("link.connected"))
