"""Bells between desks over one store: where lines became durable, so that the others look at once.

A desk looks once a second by itself: a bell that is lost costs that second and nothing else. Bells say stream
and number of a line, sealed votes among them, so they are for desks alone: the account of public processes
cannot listen, and a desk whose store is its own rings none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from compsys import bus_redis as store

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from compsys.desk import Bell

log = logging.getLogger("compsys.redis")
PAUSE = 0.5


class Rung(msgspec.Struct):
    """A message: who rings, and the newest line of each stream that has one."""

    by: str
    lines: dict[str, int]


class Bells:
    """One desk's bells; ``rung``: called when another desk has written."""

    def __init__(self, client: Redis, token: str, rung: Callable[[], None]) -> None:
        self.redis, self.token, self.rung = client, token, rung
        self.newest: dict[str, int] = {}
        """stream -> the newest line anybody has rung for"""
        self.waiting: dict[str, int] = {}
        self.wake = asyncio.Event()

    def ring(self, bells: Iterable[Bell]) -> None:
        """Lines became durable, this desk's own or those it has read from others (not rung again)."""
        for bell in bells:
            if bell.n > self.newest.get(bell.stream, 0):
                self.newest[bell.stream] = self.waiting[bell.stream] = bell.n
                self.wake.set()

    async def ring_for_ever(self) -> None:
        """Tell the others, all that waited at once; until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            lines, self.waiting = self.waiting, {}
            with suppress(*store.LOST):  # the others look by themselves
                await self.redis.publish(store.BELLS, msgspec.json.encode(Rung(self.token, lines)))

    async def listen_for_ever(self) -> None:
        """Hear the others; until cancelled."""
        while True:
            try:
                async with self.redis.pubsub(ignore_subscribe_messages=True) as line:
                    await line.subscribe(store.BELLS)
                    while True:
                        self.heard(await line.get_message(timeout=1.0))
            except store.LOST as error:
                log.info("no bells of other desks: %s", store.told(error))
            await asyncio.sleep(PAUSE)

    def heard(self, message: Any) -> None:
        """A message came, or None when none did."""
        if not message:
            return
        said = msgspec.json.decode(message["data"], type=Rung)
        news = [name for name, n in said.lines.items() if n > self.newest.get(name, 0)]
        if said.by != self.token and news:
            self.newest.update({name: said.lines[name] for name in news})
            self.rung()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ring and listen while the block runs."""
        async with store.beside(self.ring_for_ever(), self.listen_for_ever()):
            yield
        with suppress(*store.LOST):
            await self.redis.aclose()
