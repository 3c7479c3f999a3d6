"""The practice page: the tablet's own screen over samples in memory, marked as such, without a trace."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from compsys import events as e
from compsys.clock import text
from compsys.practice import FIXTURE, Alone, Lesson
from web.access import MARKING, Device, get, settings_of, socket, visitor
from web.render import page
from web.tablets import Tablet, Tablets

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State
    from web.settings import Settings

PAUSE, TALK = 1.2, 6.0
"""Seconds before a colleague does the next thing, and while the panel talks: long enough to see what one
waits for."""
LESSONS = 200
"""Lessons held at once; the one that began first ends for the next."""


class SampleDesk:
    """What tablets ask of a desk, over a competition in memory: everything at once, and on no disk."""

    fault = ""

    def __init__(self, lesson: Alone, device: Device, settings: Settings, now: Callable[[], str]) -> None:
        self.lesson, self.device, self.now = lesson, device, now
        # A tablet asks nothing of a desk that is not here.
        self.tablets = Tablets(cast("Desk", self), settings)
        self.connections = 0

    @property
    def state(self) -> State:
        """The samples."""
        return self.lesson.state

    @asynccontextmanager
    async def reading(self, *streams: str) -> AsyncIterator[State]:
        """The samples; nothing is ever ahead of a disk."""
        yield self.lesson.state

    def fence(self, device: str) -> int:
        """A new connection of the tablet; the older one may give nothing more."""
        self.connections += 1
        return self.connections

    def current(self, device: str, conn: int) -> bool:
        """Whether a connection is the newest."""
        return conn == self.connections

    def put(self, call: e.Call, conn: int, tell: Callable[[e.Answer], None]) -> None:
        """Decide a call now."""
        answer, bells = self.lesson.take(call)
        tell(answer)
        self.tablets.rang(bells)

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        """What runs while somebody is connected."""
        return [self.tablets.tell_progress_for_ever()]

    async def serve(self, websocket: WebSocket, settings: Settings) -> None:
        """One connection, to its end."""
        beside = [asyncio.create_task(one) for one in self.beside()]
        try:
            await self.tablets.serve(Tablet(websocket, cast("Desk", self), self.device, settings))
        finally:
            for task in beside:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


class PracticeDesk(SampleDesk):
    """A lesson, with the colleagues who mark as well."""

    lesson: Lesson

    def __init__(self, device: Device, settings: Settings) -> None:
        def now() -> str:
            return text(settings.clock())

        samples = files("fixtures").joinpath(FIXTURE).read_bytes()
        lesson = Lesson(samples, device.role, device.id, now)
        own = Device(device.id, lesson.seat, lesson.role, device.form_token)
        super().__init__(lesson, own, settings, now)
        self.given = asyncio.Event()

    def put(self, call: e.Call, conn: int, tell: Callable[[e.Answer], None]) -> None:
        """Decide a call now; the colleagues see it."""
        super().put(call, conn, tell)
        self.given.set()

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        """The colleagues too; whoever comes back finds them at work."""
        self.given.set()
        return [self.colleagues(), *super().beside()]

    async def colleagues(self) -> None:
        """What the rest of the panel does, one thing after the other, for as long as somebody is there."""
        while True:
            await self.given.wait()
            await asyncio.sleep(TALK if self.lesson.apart else PAUSE)
            bells = self.lesson.panel()
            self.tablets.rang(bells)
            if not bells:
                self.given.clear()


def lessons_of(connection: HTTPConnection) -> OrderedDict[str, PracticeDesk]:
    """The lessons under way in this process, by tablet."""
    state = connection.app.state
    if not hasattr(state, "lessons"):
        state.lessons = OrderedDict()
    found: OrderedDict[str, PracticeDesk] = state.lessons
    return found


async def practice(request: Request) -> Response:
    """The tablet's page over samples, which begin anew."""
    device = visitor(request).device
    assert device is not None, "only seats come here"
    lessons_of(request).pop(device.id, None)
    more: dict[str, Any] = {"store": "practice", "live": "/live/practice", "theme": "light"}
    return page(request, "seat.html", more)


async def lesson(websocket: WebSocket) -> None:
    """A tablet's connection to its samples."""
    device, settings = visitor(websocket).device, settings_of(websocket)
    assert device is not None, "only seats come here"
    held = lessons_of(websocket)
    if device.id not in held:
        held[device.id] = PracticeDesk(device, settings)
        if len(held) > LESSONS:
            held.popitem(last=False)
    await held[device.id].serve(websocket, settings)


routes = [get("/seat/practice", practice, MARKING), socket("/live/practice", lesson, MARKING)]
