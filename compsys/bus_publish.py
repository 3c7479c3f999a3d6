"""Sets the public's pictures into Redis, beside the marking: nothing here is ever waited for by a desk.

What is not sent yet is never a queue: a topic that changed again meanwhile is sent once, as it stands. While
Redis is away nothing is drawn for it; when it is back everything wanted is drawn and set anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import msgspec

from compsys import bus_redis as store
from compsys.boards import UnknownTopic
from compsys.boards_home import HOME
from compsys.bus import Pictures, Shown
from compsys.clock import text

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger("compsys.redis")

BEAT = 1.0
"""Seconds between two beats: a beat keeps the lease and says as of when everything is set."""
PAUSE = 0.5
WANTED_FOR = 20.0
"""Seconds for which a topic is drawn after a public process last said that it shows it."""
MOST = 512
"""Topics drawn for public processes."""
AT_ONCE = 8
"""New topics drawn before the loop is free for others again."""


KEYS = [store.LEASE, store.PICTURES, store.VERSIONS]


class Ticker(Protocol):
    """Who draws: the hub."""

    pictures: Pictures

    async def tick(self) -> None: ...
    def ready(self, topic: str) -> bool: ...
    async def newest(self, topic: str) -> Shown: ...
    async def follow(self, topic: str) -> Shown: ...


class Publisher:
    """One desk's side of Redis."""

    def __init__(
        self, client: Redis, token: str, clock: Callable[[], int], seconds: Callable[[], float]
    ) -> None:
        self.redis, self.token, self.clock, self.seconds = client, token, clock, seconds
        self.leads = False
        """whether this process holds the lease, as far as it knows"""
        self.trouble: dict[str, str] = {}
        """what goes wrong: listening, publishing"""
        self.wanted: dict[str, float] = {}
        """topic -> until when it is drawn for public processes"""
        self.asked: dict[str, None] = {}
        """wanted topics that are not drawn yet, the first one asked for first"""
        self.changes: dict[str, tuple[int, bytes]] = {}
        self.sent: dict[str, str] = {}
        self.steps = 0
        self.wake = asyncio.Event()
        self._beat: store.Script = client.register_script(store.BEAT)
        self._set: store.Script = client.register_script(store.SET)
        self._drop: store.Script = client.register_script(store.DROP)
        self._release: store.Script = client.register_script(store.RELEASE)

    # ------------------------------------------------------------ what the hub asks and tells

    def holds(self, topic: str) -> bool:
        """Whether a topic's changes are to be drawn for public processes (the start page: at each beat)."""
        return self.leads and topic in self.wanted and topic not in self.asked

    def offer(self, shown: Shown, message: bytes) -> None:
        """A topic that is held has changed."""
        if self.holds(shown.topic):
            self.changes[shown.topic] = (shown.v, message)
            self.wake.set()

    # ------------------------------------------------------------ what public processes want

    def want(self, topic: str) -> None:
        """A public process shows this topic."""
        if topic == HOME or len(topic) > 200:
            return
        if topic not in self.wanted:
            if len(self.wanted) >= MOST:
                return
            self.asked[topic] = None
            self.wake.set()
        self.wanted[topic] = self.seconds() + WANTED_FOR

    async def listen_for_ever(self) -> None:
        """Hear what public processes want; until cancelled."""
        while True:
            try:
                after = await store.tail(self.redis, store.WANTED)
                while True:
                    after, found = await store.entries(self.redis, store.WANTED, after, 1000)
                    self.trouble.pop("listening", "")
                    for fields in found:
                        with suppress(msgspec.MsgspecError):
                            for topic in msgspec.json.decode(fields.get(b"t", b"[]"), type=list[str]):
                                self.want(topic)
            except store.LOST as error:
                self._lost("listening", error)
            await asyncio.sleep(PAUSE)

    # ------------------------------------------------------------ setting pictures

    async def publish_for_ever(self, ticker: Ticker) -> None:
        """Keep the lease and set what changed; until cancelled."""
        due = self.seconds()
        while True:
            try:
                wait = due - self.seconds()
                if wait > 0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.wake.wait(), wait)
                self.wake.clear()
                if self.seconds() >= due:
                    due = self.seconds() + BEAT
                    await self.beat(ticker)
                elif self.leads:
                    await self.send(ticker)
            except store.LOST as error:
                self._lost("publishing", error)
                self.leads = False
                await asyncio.sleep(PAUSE)
            except Exception:  # a picture's fault must not end the marking; it is logged whole
                log.exception("publishing failed")
                self.leads = False
                await asyncio.sleep(PAUSE)

    async def beat(self, ticker: Ticker) -> None:
        """Draw and set whatever is due, keep or take the lease, and say as of when that is."""
        at = text(self.clock())
        for _ in range(3):
            anew = not self.leads
            if self.leads:
                await ticker.tick()
                if ticker.ready(HOME):
                    await ticker.newest(HOME)
                await self._expire()
                await self.send(ticker)
            found = await self._beat(
                keys=[store.LEASE, store.AS_OF, store.PICTURES, store.VERSIONS],
                args=[self.token, store.LEASE_MS, at, self.steps, len(self.sent), int(anew)],
            )
            if self.trouble.pop("publishing", ""):
                log.warning("Redis: publishing again")
            if found != b"taken":
                self.leads = found == b"kept"
                return
            self.leads, self.steps, self.sent = True, 0, {}
            self.changes.clear()
            self.asked = dict.fromkeys(self.wanted)

    async def send(self, ticker: Ticker) -> None:
        """Set every wanted topic that is not set as it stands."""
        while ready := [topic for topic in self.asked if ticker.ready(topic)]:
            for topic in ready[:AT_ONCE]:
                try:
                    await ticker.follow(topic)
                except UnknownTopic:
                    self.wanted.pop(topic, None)
                self.asked.pop(topic, None)
            await asyncio.sleep(0)
        for topic in (*self.wanted, HOME):
            shown = ticker.pictures.kept.get(topic)
            if shown is not None and self.leads:
                await self._put(shown)

    async def _put(self, shown: Shown) -> None:
        cursor, before = f"{shown.run}.{shown.v}", self.sent.get(shown.topic, "")
        v, change = self.changes.pop(shown.topic, (0, b""))
        if cursor == before:
            return
        if v != shown.v or before != f"{shown.run}.{v - 1}":
            change = b""
        self.sent[shown.topic] = cursor
        args = [self.token, self.steps, shown.topic, cursor, shown.whole, before, change, store.FEED_LENGTH]
        self._stepped(await self._set(keys=[*KEYS, store.FEED], args=args))

    async def _expire(self) -> None:
        """Take away what no public process has shown for a while."""
        now = self.seconds()
        for topic in [topic for topic, until in self.wanted.items() if until < now]:
            del self.wanted[topic]
            self.asked.pop(topic, None)
            self.changes.pop(topic, None)
            if self.sent.pop(topic, None) is None:
                continue
            self._stepped(await self._drop(keys=KEYS, args=[self.token, self.steps, topic]))

    def _stepped(self, done: object) -> None:
        """A step was made, or refused: then the lease is another's, or Redis is not as this desk left it."""
        self.steps += 1
        self.leads = self.leads and bool(done)

    def _lost(self, what: str, error: BaseException) -> None:
        words = store.told(error)
        if words != self.trouble.get(what):
            self.trouble[what] = words
            log.warning("Redis, %s: %s; marking goes on, public pages say as of when they are", what, words)

    # ------------------------------------------------------------ its life

    @asynccontextmanager
    async def running(self, ticker: Ticker) -> AsyncIterator[None]:
        """Publish while the block runs; then leave the lease to others."""
        async with store.beside(self.listen_for_ever(), self.publish_for_ever(ticker)):
            yield
        with suppress(*store.LOST):
            if self.leads:
                await self._release(keys=[store.LEASE], args=[self.token])
            await self.redis.aclose()
