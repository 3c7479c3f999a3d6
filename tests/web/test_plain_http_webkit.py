"""The judge's tablet on plain http in WebKitGTK, the nearest relative of an iPad's browser that Debian has.

Its automated windows keep nothing on disk, so "killed and opened again" is held in Chromium alone
(test_plain_http.py); here the page is left and opened again in one browser.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import WEBKIT
from tests.web.hall import Hall, competition
from tests.web.seat_pages import t
from tests.web.test_plain_http import ABSENT, others
from tests.web.webkit import Window, window
from web.listening import names_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        WEBKIT is None, reason="reason: no WebKitGTK here (apt-get install webkit2gtk-driver xvfb)"
    ),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Hall]:
    """A hall at this machine's address in its network (or its name): an origin that is not secure."""
    found = Hall(tmp_path, competition(), front=names_of("0.0.0.0")[0])
    found.host = "0.0.0.0"
    assert found.front not in ("localhost", "127.0.0.1"), "this machine has neither an address nor a name"
    socket.getaddrinfo(found.front, found.port)
    found.start()
    try:
        yield found
    finally:
        if found.server is not None:
            found.kill()


def open_page(webkit: Window, address: str) -> None:
    """The judge's page in English, its sheets drawn, on an origin that is not secure."""
    webkit.go(address)
    webkit.until("location.pathname.startsWith('/seat') && !!document.querySelector('.cand')")
    if webkit.run("document.documentElement.lang") != "en":
        webkit.run("compsys.otherLanguage()")
        webkit.until("document.documentElement.lang === 'en'")
    assert webkit.run(f"({ABSENT})()") == [False] * 6


def choose(webkit: Window, value: str) -> None:
    """A judgement key, and that it is kept on this tablet."""
    webkit.press(f'.keys [data-value="{value}"]')
    webkit.until("compsys.model.records.every((one) => one.stored)")


SENT = "compsys.link.up && compsys.model.pending.length === 0"


def test_a_sheet_is_marked_through_an_outage_and_signed_in_webkit(place: Hall) -> None:
    with window() as webkit:
        open_page(webkit, place.link("s2"))
        choose(webkit, "3")
        webkit.until(SENT)
        webkit.run("window.samePage = true")
        place.kill()
        webkit.press("#foot .btn--main")
        choose(webkit, "2")
        webkit.shows("#top", t("link.pending", n=1))
        place.start()
        webkit.until(SENT)
        assert webkit.run("window.samePage"), "the page was loaded again"
        place.kill()
        for value in "10":
            webkit.press("#foot .btn--main")
            choose(webkit, value)
        webkit.go("about:blank")
        place.start()
        open_page(webkit, f"{place.url}/seat")
        webkit.until(SENT)
        others(place)
        for name in ("seat.check_and_sign", "do.sign"):
            webkit.shows("#foot .btn--main", t(name))
            webkit.press("#foot .btn--main")
        webkit.shows(".signbox", t("seat.signed_readonly"))
        webkit.until(SENT)
    place.kill()
    cells = place.cells()
    assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2, 3, 4)] == ["3", "2", "1", "0"]
