"""A public process's side of Redis: the pictures a desk has set there, and as of when they are the newest.

It reads and says what it shows; it knows no desk, no journal and no names but those in the pictures. A change
that does not fit what is held, and whatever a look at all versions twice a second finds out of step, makes it
fetch the whole: nothing depends on every message arriving.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Container, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from compsys import boards
from compsys import bus_redis as store
from compsys.boards_home import HOME, lists
from compsys.bus import CHECKING, NotYet, Paint

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger("compsys.redis")

LOOK = 0.5
"""Seconds between two looks at all versions."""
GRACE = 2.0
"""Seconds a picture counts as the newest after it was last seen to be."""
TELL = 5.0
"""Seconds between two tellings of what is shown here."""
COMING = 1.5
"""Seconds a page waits for a picture that nobody had asked for."""
PAUSE = 0.3
LATE = 60.0


@dataclass(slots=True)
class Held:
    """A picture as it was last set."""

    run: str
    v: int
    picture: boards.Picture

    @property
    def cursor(self) -> str:
        """Which version it is."""
        return f"{self.run}.{self.v}"


class Mirror:
    """All pictures that this process shows."""

    def __init__(self, client: Redis, seconds: Callable[[], float]) -> None:
        self.redis, self.seconds = client, seconds
        self.held: dict[str, Held] = {}
        self.wanted: dict[str, float] = {HOME: seconds()}
        """topic -> since when it is wanted"""
        self.arrived: Callable[[list[str]], None] = lambda topics: None
        self.connected = False
        self.publisher = b""
        """the token of the lease, b"" while there is none"""
        self.trouble = ""
        self._as_of = ""
        self._newest: dict[str, tuple[float, str]] = {}
        """topic -> when it was last seen to be the newest, and as of when by the desk's clock"""
        self._after = store.START
        self._came = asyncio.Event()
        self._tell = asyncio.Event()

    # ------------------------------------------------------------ what pages and screens ask

    def ready(self, topic: str) -> bool:
        """What has come can be painted at once."""
        return True

    @asynccontextmanager
    async def painting(self, topics: Sequence[str]) -> AsyncIterator[Paint]:
        """Paint what was set, after waiting a moment for what nobody had asked for."""
        for topic in topics:
            if topic not in self.held:
                await self._bring(topic)
        yield self._paint

    def _paint(self, topic: str) -> boards.Picture:
        found = self.held.get(topic)
        if found is None:
            raise NotYet(topic)
        return found.picture

    def behind(self, topic: str) -> str | None:
        """None while a topic is known to be the newest; else as of when it was ("" = not known)."""
        seen, at = self._newest.get(topic, (None, self._as_of))
        return None if seen is not None and self.seconds() - seen <= GRACE else at

    async def _bring(self, topic: str) -> None:
        if topic != HOME:
            if HOME not in self.held:
                await self._wait(HOME)
            if topic != CHECKING and not lists(self.held[HOME].picture, topic):
                raise boards.UnknownTopic(topic)
            first, mark, number = topic.partition("?page=")
            if mark:
                if first not in self.held:
                    await self._bring(first)
                if int(number) > self.held[first].picture["pages"]:
                    raise boards.UnknownTopic(topic)
            if topic not in self.wanted:
                self.wanted[topic] = self.seconds()
                self._tell.set()
        await self._wait(topic)

    async def _wait(self, topic: str) -> None:
        """Wait until a topic has come; raises NotYet when it does not, or when nobody is there to set it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(COMING):
                while topic not in self.held and self.connected and self.publisher:
                    self._came.clear()
                    await self._came.wait()
        if topic not in self.held:
            raise NotYet(topic)

    def sweep(self, kept: Container[str]) -> None:
        """Want no longer what did not come within a minute and is not kept."""
        late = self.seconds() - LATE
        for topic in [topic for topic, since in self.wanted.items() if since < late and topic not in kept]:
            if topic != HOME:
                self.forget(topic)

    def forget(self, topic: str) -> None:
        """This process no longer shows a topic."""
        self.wanted.pop(topic, None)
        self.held.pop(topic, None)
        self._newest.pop(topic, None)

    # ------------------------------------------------------------ what is read

    async def follow_for_ever(self) -> None:
        """Read changes, and look at all versions twice a second; until cancelled."""
        while True:
            try:
                self._after = await store.tail(self.redis, store.FEED)
                await self.look()
                looked = self.seconds()
                while True:
                    await self.read(int(LOOK * 1000))
                    if self.seconds() - looked >= LOOK:
                        await self.look()
                        looked = self.seconds()
            except store.LOST as error:
                self._lost(error)
            await asyncio.sleep(PAUSE)

    async def read(self, block: int) -> None:
        """Take the changes that have come, waiting at most ``block`` ms for one."""
        self._after, found = await store.entries(self.redis, store.FEED, self._after, block)
        if found:
            await self._heard(found)

    async def look(self) -> None:
        """Compare all versions with those held; fetch what differs."""
        topics = list(self.wanted)
        pipe = self.redis.pipeline(transaction=True)
        pipe.mget(store.LEASE, store.AS_OF)
        pipe.hmget(store.VERSIONS, topics)
        (lease, as_of), versions = await pipe.execute()
        self._found(lease or b"", (as_of or b"").decode())
        differs = []
        for topic, version in zip(topics, versions, strict=True):
            held = self.held.get(topic)
            if version is None:
                continue
            if held is None or held.cursor != version.decode():
                differs.append(topic)
            elif self.publisher:
                self._newest[topic] = (self.seconds(), self._as_of)
        await self._fetch(differs)

    def _found(self, lease: bytes, as_of: str) -> None:
        """Redis answers: whether a publisher is there, and as of when what it set is the newest."""
        if not self.connected or lease != self.publisher:
            self._tell.set()
        if self.trouble:
            log.warning("Redis is back")
        self.connected, self.trouble = True, ""
        self.publisher = lease
        self._as_of = as_of or self._as_of

    async def _fetch(self, topics: Iterable[str]) -> None:
        """Get these wholes; what came anew is told."""
        wanted = list(topics)
        if not wanted:
            return
        came = []
        for topic, raw in zip(wanted, await self.redis.hmget(store.PICTURES, wanted), strict=True):
            if raw is None or topic not in self.wanted:
                continue
            whole = msgspec.json.decode(raw, type=dict[str, Any])
            if self._take(topic, Held(whole["run"], whole["v"], whole["picture"])):
                came.append(topic)
        self._came.set()
        self.arrived(came)

    def _take(self, topic: str, new: Held) -> bool:
        """Hold a picture unless it is older than the one held."""
        old = self.held.get(topic)
        if old is not None and old.run == new.run and old.v > new.v:
            return False
        self.held[topic] = new
        seen = self.seconds() if self.publisher else float("-inf")
        self._newest[topic] = (seen, self._as_of)
        return old is None or old.cursor != new.cursor

    async def _heard(self, found: list[dict[bytes, bytes]]) -> None:
        """Changes came: patch what they fit, fetch the rest."""
        came: dict[str, None] = {}
        missing: dict[str, None] = {}
        for fields in found:
            topic, cursor = fields[b"t"].decode(), fields[b"c"].decode()
            if topic not in self.wanted:
                continue
            held, change = self.held.get(topic), fields[b"m"]
            if held is not None and change and held.cursor == fields[b"b"].decode():
                told = msgspec.json.decode(change, type=dict[str, Any])
                self._take(topic, Held(told["run"], told["v"], boards.patch(held.picture, told)))
                came[topic] = None
                missing.pop(topic, None)
            elif held is None or held.cursor != cursor:
                missing[topic] = None
        if came:
            self.arrived(list(came))
        await self._fetch(missing)

    def _lost(self, error: BaseException) -> None:
        self.connected, self.publisher = False, b""
        self._came.set()
        words = store.told(error)
        if words != self.trouble:
            self.trouble = words
            log.warning("Redis: %s; pages say as of when they are", words)

    # ------------------------------------------------------------ what is told

    async def tell_for_ever(self) -> None:
        """Say which topics are shown here, at once when there is a new one; until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._tell.wait(), TELL)
            self._tell.clear()
            topics = [topic for topic in self.wanted if topic != HOME]
            if not topics:
                continue
            try:
                said: dict[Any, Any] = {"t": msgspec.json.encode(topics)}
                await self.redis.xadd(store.WANTED, said, maxlen=store.WANTED_LENGTH, approximate=True)
                await self._fetch(topic for topic in topics if topic not in self.held)
            except store.LOST as error:
                log.info("what is shown here could not be said: %s", store.told(error))
                await asyncio.sleep(PAUSE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow while the block runs."""
        async with store.beside(self.follow_for_ever(), self.tell_for_ever()):
            yield
        with suppress(*store.LOST):
            await self.redis.aclose()
