"""Every frame that a judge's page receives during a sealed vote: no other judge's value, nobody's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from compsys import commands
from tests.web.hall import STREAM, Tablet, hall
from tests.web.seat_pages import go, key, received, t, tablet

pytestmark = pytest.mark.browser

DYES = {
    "s1": {"points": "13.5", "again": "14.5", "late": "15.5", "note": "dye-of-one"},
    "s2": {"points": "17.5", "again": "18.5", "late": "19.5", "note": "dye-of-two"},
}
"""What the others give where a value can be told from all else: points, a second value for a conflict, one
that comes too late, a note."""
CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z")
JUDGED = {"s1": "3", "s2": "0"}
SHUT = ("revealed", "spread", "legal", "mark", "others", "rounds")
"""What a sheet may not say of a sealed aspect at all."""


class Heard:
    """The frames of a page's sockets, as the browser got them."""

    def __init__(self, page: Page) -> None:
        self.frames: list[str] = []
        page.on("websocket", self._listen)

    def _listen(self, line: WebSocket) -> None:
        assert "/live/seat" in line.url
        line.on("framereceived", lambda text: self.frames.append(str(text)))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.frames]

    def kinds(self) -> set[str]:
        """The kinds of messages that came, and ``whole`` where one brought everything."""
        return {m["m"] for m in self.messages} | {"whole" for m in self.messages if "whole" in m}


def sheets(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every sheet that a message brings."""
    yield from message.get("sheets", [])
    yield from message.get("whole", {}).get("sheets", [])


def words_of(value: Any) -> Iterator[str]:
    """Every text of a message, keys too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    elif isinstance(value, str):
        yield value


def vote(one: Tablet) -> None:
    """A seat votes a sheet's first aspect and gives points, then again on an old base, and a late one."""
    dye = DYES[one.seat]
    assert one.vote("u1", "A1.J1", JUDGED[one.seat], note=dye["note"])["a"] == "accepted"
    assert one.vote("u1", "C1.P1", dye["points"], note=dye["note"])["a"] == "accepted"
    assert one.vote("u1", "C1.P1", dye["again"])["a"] == "conflict"
    assert one.vote("u7", "C1.P1", dye["late"], note=dye["note"])["a"] == "late"


def test_no_frame_of_a_sealed_vote_holds_anothers_value_or_a_name(tmp_path: Path, chromium: Browser) -> None:
    heard: list[Heard] = []
    with (
        hall(tmp_path) as place,
        tablet(chromium, place, "s3", first=lambda page: heard.append(Heard(page))) as page,
    ):
        (caught,) = heard
        chief = place.tablet("chief")
        status = {"unit": "u7", "scope": "stage", "status": "withdrawn", "reason": "ill"}
        place.do(commands.SetStatus(stream=STREAM, **status))
        others = [place.tablet("s1"), place.tablet("s2")]
        for one in others:
            vote(one)
        go(page, "A11")
        expect(page.locator(".roster .seat--sealed")).to_have_count(2)  # "has voted": progress
        one = others[0].act("mark", unit="u2", aspect="B1.M1", seat="*", round=1, value="pass", base=0)
        assert one["a"] == "accepted"  # an event
        for move in ("pause", "resume"):  # everything anew
            chief.act("session", session="second", move=move, reason="lunch")
        page.evaluate("() => { compsys.link.wake(); compsys.link.socket.close(); }")
        page.wait_for_function("() => compsys.link.up")
        page.evaluate("() => compsys.link.wake()")
        page.reload()
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
        go(page, "A11", "C1")
        page.keyboard.type("9.5")
        page.keyboard.press("Enter")
        received(page)  # an answer
        while not caught.kinds() >= {"hello", "whole", "ev", "ans", "pong"}:
            page.wait_for_timeout(50)
        expect(page.locator("#main")).not_to_contain_text("13.5")
        second = page.context.new_page()
        second.goto(f"{place.url}/seat")
        expect(page.locator(".msg--stop")).to_contain_text(t("old_connection"))  # a bye
        second.close()
        assert "bye" in caught.kinds()
        sealed = list(caught.frames)
        for text in sealed:
            check(json.loads(text), text)
        assert shown_to_the_panel(page, caught, len(sealed)), "the capture sees what is revealed"


def check(message: dict[str, Any], text: str) -> None:
    """A frame of the sealed time; the seconds of a clock may happen to read like a value."""
    text = CLOCK.sub("", text)
    for seat, dye in DYES.items():
        for value in dye.values():
            assert value not in text, (seat, value, text[:300])
    for sheet in sheets(message):
        for aspect, view in sheet.get("aspects", {}).items():
            if not aspect.startswith("B"):
                assert not [name for name in SHUT if view.get(name)], (aspect, view)
                assert view.get("value") in (None, "9.5"), (aspect, view)
    for word in words_of(message):
        assert word not in {f"{kind}{i}" for kind in "epd" for i in range(1, 8)}, (word, text[:300])
        assert "选手" not in word and "Competitor" not in word and "Team" not in word, word


def shown_to_the_panel(page: Page, caught: Heard, since: int) -> bool:
    """After this seat's own vote the others' stand in its frames."""
    page.get_by_role("button", name=t("seat.use_here")).click()
    expect(page.locator("#top")).to_contain_text(t("link.connected"))
    go(page, "A11")
    key(page, "2")
    expect(page.locator(".spread")).to_be_visible()
    votes = [
        sheet["aspects"]["A1.J1"]["revealed"]
        for message in caught.messages[since:]
        for sheet in sheets(message)
        if sheet.get("aspects", {}).get("A1.J1", {}).get("revealed")
    ]
    return bool(votes) and sorted(votes[-1].values()) == ["0", "2", "3"]
