"""The pictures and screens of a process for spectators alone: what Redis holds, and as of when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from compsys.boards_home import HOME
from compsys.bus import CHECKING, Pictures
from compsys.bus_mirror import Mirror
from compsys.bus_redis import connect
from web.hub import Hub
from web.live import Watching
from web.settings import Settings

REMARK = 0.25
"""Seconds between two looks at whether screens are to be told that their picture may not be the newest."""
SWEEP = 60.0
"""Seconds between two sweeps: what nobody watched or asked for since the last one is no longer wanted."""
FASTEST = 20
"""Ticks a second: pictures come at the pace at which the desk draws them, and wait no second time."""


class Watch(Watching):
    """What runs beside the requests of a public process."""

    def __init__(self, settings: Settings) -> None:
        self.mirror = Mirror(connect(settings.redis), settings.seconds)
        self.pictures = Pictures(self.mirror, settings.token)
        self.hub = Hub(self.pictures, max(FASTEST, settings.pictures_per_second))
        self.mirror.arrived = lambda topics: self.hub.rang(self.pictures.spoil(topics))
        self.hub.remark_of = self.remark_of

    def behind(self, topic: str) -> str | None:
        """As ``Watching.behind``."""
        return self.mirror.behind(topic)

    def zone(self) -> str:
        """The competition's time zone, UTC until it is known."""
        held = self.mirror.held.get(HOME)
        return str(held.picture["zone"]) if held is not None else "UTC"

    def remark_of(self, topic: str) -> bytes:
        """What screens are told of a picture that may not be the newest, b"" when it is."""
        as_of = self.behind(topic)
        return b"" if as_of is None else msgspec.json.encode({"m": "behind", "as_of": as_of})

    async def remark_for_ever(self) -> None:
        """Tell screens when their picture stops and begins to be the newest; until cancelled."""
        while True:
            await self.hub.remark()
            await asyncio.sleep(REMARK)

    async def sweep_for_ever(self) -> None:
        """Want no longer what nobody asks for; until cancelled."""
        while True:
            await asyncio.sleep(SWEEP)
            self.sweep()

    def sweep(self) -> None:
        """Let go of what was neither watched nor asked for since the last time."""
        for topic, shown in list(self.pictures.kept.items()):
            if topic not in (HOME, CHECKING) and not shown.asked and not self.hub.holds(topic):
                self.pictures.forget(topic)
                self.mirror.forget(topic)
            shown.asked = False
        self.mirror.sweep(self.pictures.kept)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow Redis and keep the screens posted while the app runs."""
        async with self.mirror.running(), asyncio.TaskGroup() as group:
            work = (self.hub.tick_for_ever(), self.remark_for_ever(), self.sweep_for_ever())
            tasks = [group.create_task(each) for each in work]
            yield
            for task in tasks:
                task.cancel()
