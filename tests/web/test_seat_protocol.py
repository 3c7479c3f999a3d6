"""The tablet's page and the server agree on how they speak: versions of the page, and who is still there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.web.hall import Hall, hall
from tests.web.seat_pages import go, key, received, t, tablet
from web.statics import static

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall that these tests share."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


def test_a_newer_page_is_offered_and_never_loads_itself(place: Hall, chromium: Browser) -> None:
    def renewed(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            said = json.loads(frame)
            line.send(json.dumps(said | {"page": "feedfeedfeed"} if said["m"] == "hello" else said))

        server.on_message(pass_on)

    with tablet(chromium, place, "s3") as page:
        page.route_web_socket("**/live/seat*", renewed)
        page.evaluate("() => { window.stays = true; compsys.link.open(); }")
        offer = page.locator(".msg", has_text=t("seat.newer_page").partition(".")[0])
        expect(offer.get_by_role("link", name=t("seat.load_page"))).to_have_attribute("href", "/seat")
        go(page, "A11")
        key(page, "2")
        received(page)
        assert page.evaluate("() => window.stays"), "marking goes on in the page as it was"
        offer.get_by_role("button", name=t("seat.later")).click()
        expect(offer).to_have_count(0)


def test_a_page_too_old_for_the_server_says_so_and_does_not_come_back(place: Hall, chromium: Browser) -> None:
    came: list[WebSocketRoute] = []

    def turned_away(line: WebSocketRoute) -> None:
        came.append(line)
        line.send('{"m":"bye","code":"older_page"}')

    with tablet(chromium, place, "s3") as page:
        page.route_web_socket("**/live/seat*", turned_away)
        page.evaluate("() => compsys.link.open()")
        ended = page.locator(".msg--stop")
        expect(ended).to_contain_text(t("older_page"))
        expect(ended.get_by_role("link", name=t("seat.load_page"))).to_be_visible()
        page.evaluate("() => compsys.link.wake()")
        assert page.evaluate("() => compsys.link.state") == "ended" and len(came) == 1


def test_a_tablet_that_only_listens_still_says_that_it_is_there(place: Hall, chromium: Browser) -> None:
    """While the server does all the talking the tablet must not be taken for gone."""
    said: list[dict[str, object]] = []

    def overheard(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(line.send)

        def take(frame: str | bytes) -> None:
            said.append(json.loads(frame))
            server.send(frame)

        line.on_message(take)

    with tablet(chromium, place, "s3") as page:
        page.route_web_socket("**/live/seat*", overheard)
        page.evaluate(
            """() => {
                compsys.link.open();
                setInterval(() => { compsys.link.heard = performance.now(); }, 100);
            }"""
        )
        page.wait_for_function("() => compsys.link.health.trip < Infinity")
        before = page.evaluate("() => compsys.link.said")
        for _ in range(2):
            page.wait_for_function("(before) => compsys.link.said > before", arg=before)
            before = page.evaluate("() => compsys.link.said")
        while len(said) < 3:
            page.wait_for_timeout(50)
        assert [one["m"] for one in said[:3]] == ["hello", "ping", "ping"]
        assert said[0]["page"] in static("seat.js") and said[-1]["page"] in static("seat.js")
        assert abs(int(str(said[-1]["skew"]))) < 30_000, "both have the clock of this machine"
