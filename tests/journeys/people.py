"""An afternoon's people for browser tests: one served competition and a page for everybody in it.

The public's pages are opened once. They remember what their sockets brought, and each time they were loaded.
Where the public has a process of its own, the Redis between the two can be taken away for a while.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, WebSocket, expect

from compsys import events as e
from tests.journeys.topologies import Topology
from tests.web.hall import Hall, competition, hall, words
from tests.web.public_process import public
from tests.web.seat_pages import device, go, key, received_in, sign, t, tablet, typed
from tests.web.venue import PASSWORD
from web.logins import hash_password

TABLET = ViewportSize(width=1024, height=768)
DESK = ViewportSize(width=1440, height=900)
BOARD = "/board/hot-dishes/final/open"
GIVEN = {
    "A11": ("222", "9", ("27", "30.5", "33")),
    "A14": ("323", "12", ("35", "31", "36.5")),
    "A15": ("122", "7", ("20", "38", "22.5")),
}
"""code -> each seat's level (of 3, worth 30), agreed pieces (of 12, worth 30), each seat's points (of 40)"""


def marking_scheme() -> dict[str, Any]:
    """A1 judged, B1 agreed, C1 points: one aspect each."""
    judged, agreed, points = (
        words("刀工均匀度", "Even cuts"),
        words("合格件数", "Pieces"),
        words("口味", "Taste"),
    )
    levels = [words(f"第{i}级", f"Level {i}") for i in range(4)]
    pieces = {"kind": "count", "params": {"possible": "12"}}
    aspects = {
        "A1": {"key": "A1.J1", "title": judged, "method": "judgement", "max": "30", "descriptors": levels},
        "B1": {"key": "B1.M1", "title": agreed, "method": "agreed", "max": "30", "measure": pieces},
        "C1": {"key": "C1.P1", "title": points, "method": "points", "max": "40", "step": "0.5"},
    }
    return {
        "title": words("热菜", "Hot dishes"),
        "criteria": [
            {"key": key[0], "title": a["title"], "subs": [{"key": key, "title": a["title"], "aspects": [a]}]}
            for key, a in aspects.items()
        ],
    }


@dataclass
class Screen:
    """A public page that is opened once: what its socket brought, and that nothing else brought it here."""

    page: Page
    told: list[dict[str, Any]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Load it, and mark the window."""
        self.page.on("websocket", self._listen)
        self.page.on("framenavigated", lambda frame: self.loads.append(frame.url))
        self.page.goto(url)
        self.page.wait_for_selector("[data-part=link].is-live")
        self.page.evaluate("() => { window.opened = 'before the first mark'; }")

    def _listen(self, line: WebSocket) -> None:
        line.on("framereceived", lambda text: self.told.append(json.loads(text)))

    @property
    def pictures(self) -> list[str]:
        """What came of the picture: the whole, then its changes."""
        return [message["m"] for message in self.told if message["m"] in ("whole", "change")]

    def never_reloaded(self) -> None:
        """It is still the page that was opened."""
        assert self.page.evaluate("() => window.opened") == "before the first mark"
        assert len(self.loads) == 1, self.loads


class Afternoon:
    """The place, and the pages of everybody in it."""

    def __init__(
        self, place: Hall, topology: Topology, chromium: Browser, stack: ExitStack, pictures: Path
    ) -> None:
        self.place, self.topology, self.pictures = place, topology, pictures
        self.url = place.url
        """where the public goes"""
        if topology.redis is not None:
            far = stack.enter_context(public(pictures / "public", topology.address))
            self.url = far.url
            for path in (BOARD, "/medals"):
                far.until(path, lacks=t("picture_not_yet"))
        self.board, self.wall, self.medals = (self._public(chromium, stack) for _ in range(3))
        self.board.open(f"{self.url}{BOARD}?lang=en")
        self.wall.open(f"{self.url}{BOARD}?lang=zh-CN&mode=wall")
        self.medals.open(f"{self.url}/medals?lang=zh-CN")
        self.panel = {
            seat: stack.enter_context(tablet(chromium, place, seat, size=TABLET, lang=lang))
            for seat, lang in (("s1", "zh-CN"), ("s2", "en"), ("s3", "zh-CN"))
        }
        self.chief = stack.enter_context(device(chromium, place, "chief", size=TABLET, lang="en"))
        self.clerk = stack.enter_context(device(chromium, place, "clerk", size=DESK, lang="zh-CN"))
        self.organizer = chromium.new_context(viewport=DESK, locale="zh-CN").new_page()
        stack.callback(self.organizer.context.close)

    def _public(self, chromium: Browser, stack: ExitStack) -> Screen:
        context = chromium.new_context(viewport=DESK)
        stack.callback(context.close)
        return Screen(context.new_page())

    def shot(self, page: Page, name: str) -> None:
        """A picture to look at, in the test's own folder."""
        page.screenshot(path=self.pictures / f"{name}.png")

    def public_data(self) -> bytes:
        """What anybody may fetch of the board."""
        with urllib.request.urlopen(f"{self.url}{BOARD}.json", timeout=30) as told:
            found: bytes = told.read()
        return found

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        """The public's process hears nothing while the block runs, says so, and shows what it had; then Redis
        is back, empty, and soon after forgets everything once more. Where one process serves everybody there
        is nothing to take away."""
        redis = self.topology.redis
        if redis is None:
            yield
            return
        before = self.public_data()
        redis.kill()
        self._said("is-old", "board.behind")
        for screen, name in ((self.board, "board"), (self.wall, "wall"), (self.medals, "medals")):
            self.shot(screen.page, f"{name}-as-of")
        yield
        assert self.public_data() == before, "nothing can have come"
        self._said("is-old", "board.behind")
        redis.start()
        self._said("is-live", "ui.live")
        redis.flush()

    def _said(self, sign: str, code: str) -> None:
        """Each public page says how its news come, in its own language."""
        for screen, lang in ((self.board, "en"), (self.wall, "zh-CN"), (self.medals, "zh-CN")):
            said = re.escape(t(code, lang, time="TIME")).replace("TIME", r"\d\d:\d\d:\d\d")
            expect(screen.page.locator(f"[data-part=link].{sign}")).to_have_text(
                re.compile(rf"^\s*{said}\s*$")
            )


def language(seat: str) -> str:
    """The language of a judge's tablet."""
    return "en" if seat == "s2" else "zh-CN"


@contextmanager
def afternoon(folder: Path, chromium: Browser, topology: Topology) -> Iterator[Afternoon]:
    """The competition served, every page open."""
    world = competition(marks=marking_scheme(), codes=tuple(GIVEN), profile="cook-off", clerks=("clerk",))
    served = hall(folder, world=world, db=topology.database(), redis=topology.address)
    with served as place, ExitStack() as stack:
        place.do(e.MakeAccount(account="lin", roles=("organizer",), secret=hash_password(PASSWORD)))
        yield Afternoon(place, topology, chromium, stack, folder)


# ---------------------------------------------------------------- what a panel does


def row(page: Page, code: str) -> Locator:
    """A code's row on the board."""
    return page.locator(f"[data-key='{code}']")


def visit(day: Afternoon, code: str, sub: str) -> None:
    """Every judge goes to a sheet."""
    for page in day.panel.values():
        go(page, code, sub)


def vote(day: Afternoon, code: str) -> None:
    """Every judge taps a level of the judgement at hand; the votes are shown together."""
    for page, level in zip(day.panel.values(), GIVEN[code][0], strict=True):
        key(page, level)
    for page in day.panel.values():
        expect(page.locator(".roster .seat__v")).to_have_text(list(GIVEN[code][0]))


def measure(day: Afternoon, code: str) -> None:
    """The lead keys the agreed number of pieces; the others see it, and who keyed it."""
    visit(day, code, "B1")
    typed(day.panel["s1"], GIVEN[code][1])
    for seat in ("s2", "s3"):
        page = day.panel[seat]
        expect(page.locator(".pad__value")).to_have_text(GIVEN[code][1])
        expect(page.locator(".save")).to_contain_text(t("seat.one_value", language(seat), seat="1"))


def sign_sheet(day: Afternoon, code: str, sub: str) -> None:
    """Every judge signs a marked sheet."""
    for seat, page in day.panel.items():
        received_in(page)
        go(page, code, sub)
        sign(page, language(seat))
