"""The spectators' side of the live pictures: who watches which topic, and how a picture gets to all of them.

A change is one frame of bytes, built once and written straight to the transports, in slices with the event
loop free in between: thousands of screens cost a judge some milliseconds at most. A screen that does not
keep up is skipped and gets the newest whole once its line is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from compsys.bus import Pictures, Shown
from web.sockets import text_frame

SLICE = 100
NOTHING_TO_SAY = b'{"m":"current"}'
SLOW = 64 * 1024
"""Bytes that may wait in a screen's line before it is skipped."""


@dataclass(eq=False, slots=True)
class Screen:
    """One spectator's connection and the version it was last sent."""

    websocket: WebSocket
    transport: asyncio.Transport | None
    topic: str
    v: int = 0
    """of the topic's run, which does not change while anybody watches it"""
    queue: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Counts:
    """Operational counters, none derived from a mark."""

    sent: int = 0
    skipped: int = 0
    wholes: int = 0
    ticks: int = 0


@dataclass(slots=True)
class Watched:
    """The screens of a topic, and those of them that missed something."""

    screens: dict[Screen, None] = field(default_factory=dict)
    behind: set[Screen] = field(default_factory=set)
    uneven: bool = False
    """whether a whole came to somebody with another remark than the others were last told"""


class Follower(Protocol):
    """Somebody besides the screens who is told every change of some topics, and passes them on."""

    def holds(self, topic: str) -> bool:
        """Whether it is to be told of a topic."""
        ...

    def offer(self, shown: Shown, message: bytes) -> None:
        """The topic has changed, by this message."""
        ...


class Hub:
    """All spectators of this process.

    ``remark_of``: what is said to a screen after a whole, b"" for nothing: that pictures are not the newest.
    """

    def __init__(self, pictures: Pictures, per_second: int, follower: Follower | None = None) -> None:
        self.pictures = pictures
        self.follower = follower
        self.remark_of: Callable[[str], bytes] = lambda topic: b""
        self.remarked: dict[str, bytes] = {}
        self.ticking = asyncio.Lock()
        self.pause = 1 / per_second
        self.watched: dict[str, Watched] = {}
        self.stale: set[str] = set()
        self.wake = asyncio.Event()
        self.counts = Counts()
        self.closing = False

    @property
    def screens(self) -> int:
        """How many spectators are connected."""
        return sum(len(watched.screens) for watched in self.watched.values())

    def holds(self, topic: str) -> bool:
        """Whether somebody watches a topic, so that only the ticker draws it."""
        return topic in self.watched or (self.follower is not None and self.follower.holds(topic))

    def rang(self, topics: list[str]) -> None:
        """These topics are stale: draw them at the next tick if they are watched."""
        found = [topic for topic in topics if self.holds(topic)]
        if found:
            self.stale.update(found)
            self.wake.set()

    async def join(self, screen: Screen) -> None:
        """Send a screen the newest whole and keep it posted; raises ``boards.UnknownTopic``, ``NotYet``."""
        shown = await self.follow(screen.topic)
        # No await between reading the version and joining: the next change finds the screen at its base.
        self.watched.setdefault(screen.topic, Watched()).screens[screen] = None
        self._whole(screen, shown)

    def ready(self, topic: str) -> bool:
        """Whether a topic can be drawn at once."""
        return self.pictures.painter.ready(topic)

    async def follow(self, topic: str) -> Shown:
        """The newest of a topic for one more who watches it from now on; raises as ``join``."""
        before = self.pictures.kept.get(topic)
        v = before.v if before else 0
        shown = await self.newest(topic)
        watched = self.watched.get(topic)
        if watched is not None and shown.v != v:
            # drawn for this one, while another joined at the version before
            watched.behind.update(other for other in watched.screens if other.v != shown.v)
        if shown.stale or (watched is not None and watched.behind):
            self.stale.update([topic] if shown.stale else [])
            self.wake.set()
        return shown

    async def newest(self, topic: str) -> Shown:
        """A topic for a page: drawn now, or as its screens see it; raises as ``join``."""
        shown = await self.pictures.newest(topic, hold=self.holds(topic))
        self.pictures.trim(self.holds)
        return shown

    def leave(self, screen: Screen) -> None:
        """A screen is gone."""
        watched = self.watched.get(screen.topic)
        if watched is None:
            return
        watched.screens.pop(screen, None)
        watched.behind.discard(screen)
        if not watched.screens:
            del self.watched[screen.topic]
            self.remarked.pop(screen.topic, None)
            if not self.holds(screen.topic):
                self.stale.discard(screen.topic)
            self.pictures.trim(self.holds)

    async def tick_for_ever(self) -> None:
        """Draw what is stale and watched, send it, and breathe; until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            await self.tick()
            await asyncio.sleep(self.pause)

    async def tick(self) -> None:
        """One round: the changes of all stale topics, then the newest whole to who had to be skipped."""
        async with self.ticking:
            await self._tick()

    async def _tick(self) -> None:
        self.counts.ticks += 1
        stale, self.stale = self.stale, set()
        for topic in sorted(stale):
            if not self.ready(topic):
                self.stale.add(topic)  # its streams are still being folded: the others do not wait for it
                self.wake.set()
                continue
            # One topic per reading: the desk goes on deciding between them.
            for shown, message in await self.pictures.draw([topic]):
                if self.follower is not None:
                    self.follower.offer(shown, message)
                await self._fan_out(shown, message)
        for topic, watched in list(self.watched.items()):
            if watched.behind:
                shown = self.pictures.kept[topic]
                for screen in list(watched.behind):
                    self._whole(screen, shown)
                if watched.behind:
                    self.wake.set()

    async def remark(self) -> None:
        """Say to all screens of a topic what there is to say of it, where that has changed."""
        for topic, watched in list(self.watched.items()):
            message = self.remark_of(topic)
            if message == self.remarked.get(topic, b"") and not watched.uneven:
                continue
            self.remarked[topic], watched.uneven = message, False
            screens = list(watched.screens)
            for start in range(0, len(screens), SLICE):
                for screen in screens[start : start + SLICE]:
                    self._remark(screen, watched, message or NOTHING_TO_SAY)
                await asyncio.sleep(0)

    def _remark(self, screen: Screen, watched: Watched, message: bytes) -> None:
        """Who cannot be told now gets the whole at the next tick, and the remark with it."""
        line = screen.transport
        if line is None or line.get_write_buffer_size() > SLOW:
            watched.behind.add(screen)
            self.wake.set()
        elif not line.is_closing():
            line.write(text_frame(message))

    async def _fan_out(self, shown: Shown, message: bytes) -> None:
        """The change to every screen that stands at its base; in slices."""
        watched = self.watched.get(shown.topic)
        if watched is None:
            return
        v, base, frame, sent = shown.v, shown.v - 1, text_frame(message), 0
        screens = list(watched.screens)
        for start in range(0, len(screens), SLICE):
            for screen in screens[start : start + SLICE]:
                line = screen.transport
                if (
                    line is not None
                    and screen.v == base
                    and not line.is_closing()
                    and line.get_write_buffer_size() <= SLOW
                ):
                    line.write(frame)
                    screen.v = v
                    sent += 1
                else:
                    sent += self._awkward(screen, watched, shown, message)
            await asyncio.sleep(0)
        self.counts.sent += sent

    def _awkward(self, screen: Screen, watched: Watched, shown: Shown, message: bytes) -> int:
        """A screen that is leaving, joined meanwhile, does not keep up or has no transport; 1 when it was
        sent to."""
        line = screen.transport
        if screen.v == shown.v or (line is not None and line.is_closing()):
            return 0
        if line is None and screen.v == shown.v - 1 and screen not in watched.behind:
            self._send_text(screen, watched, message)
            screen.v = shown.v
            return 1
        self.counts.skipped += 1
        watched.behind.add(screen)
        self.wake.set()
        return 0

    def _whole(self, screen: Screen, shown: Shown) -> None:
        """The newest whole to one screen, if its line is free; else it waits for the next tick."""
        watched = self.watched[shown.topic]
        line = screen.transport
        remark = self.remark_of(shown.topic)
        # A trouble may be over before the others heard of it: who came meanwhile must hear of its end.
        watched.uneven |= remark != self.remarked.get(shown.topic, b"")
        if line is None:
            watched.behind.discard(screen)
            self._send_text(screen, watched, shown.whole, remark)
        elif line.is_closing():
            watched.behind.discard(screen)
            return
        elif line.get_write_buffer_size() > SLOW:
            watched.behind.add(screen)
            self.wake.set()
            return
        else:
            watched.behind.discard(screen)
            line.write(text_frame(shown.whole) + (text_frame(remark) if remark else b""))
        screen.v = shown.v
        self.counts.wholes += 1

    def _send_text(self, screen: Screen, watched: Watched, *messages: bytes) -> None:
        """Where there is no transport to write to: one message at a time under way, else the screen is
        behind."""
        if screen.queue is not None and not screen.queue.done():
            watched.behind.add(screen)
            self.wake.set()
            return
        texts = [message.decode() for message in messages if message]
        screen.queue = asyncio.create_task(_quietly(screen.websocket, texts))


async def _quietly(websocket: WebSocket, texts: list[str]) -> None:
    try:
        for text in texts:
            await websocket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        return  # it left while being written to; its own receive() tells
