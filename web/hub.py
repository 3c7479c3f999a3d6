"""The spectators' side of the live pictures: who watches which topic, and how a picture gets to all of them.

A change is one frame of bytes, built once and written straight to the transports, in slices with the event
loop free in between: thousands of screens cost a judge some milliseconds at most. A screen that does not
keep up is skipped and gets the newest whole once its line is free.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from compsys.bus import Pictures, Shown
from web.sockets import text_frame

SLICE = 100
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


class Hub:
    """All spectators of this process."""

    def __init__(self, pictures: Pictures, per_second: int) -> None:
        self.pictures = pictures
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

    def rang(self, topics: list[str]) -> None:
        """These topics are stale: draw them at the next tick if they are watched."""
        found = [topic for topic in topics if topic in self.watched]
        if found:
            self.stale.update(found)
            self.wake.set()

    async def join(self, screen: Screen) -> None:
        """Send a screen the newest whole and keep it posted; raises ``boards.UnknownTopic``."""
        before = self.pictures.kept.get(screen.topic)
        v = before.v if before else 0
        shown = await self.newest(screen.topic)
        # No await between reading the version and joining: the next change finds the screen at its base.
        watched = self.watched.setdefault(screen.topic, Watched())
        if shown.v != v:  # drawn for this screen, while another one joined at the version before
            watched.behind.update(other for other in watched.screens if other.v != shown.v)
        watched.screens[screen] = None
        self._whole(screen, shown)
        if shown.stale or watched.behind:
            self.stale.update([screen.topic] if shown.stale else [])
            self.wake.set()

    async def newest(self, topic: str) -> Shown:
        """A topic for a page: drawn now, or as its screens see it; raises ``boards.UnknownTopic``."""
        shown = await self.pictures.newest(topic, hold=topic in self.watched)
        self.pictures.trim(self.watched.__contains__)
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
            self.stale.discard(screen.topic)
            self.pictures.trim(self.watched.__contains__)

    async def tick_for_ever(self) -> None:
        """Draw what is stale and watched, send it, and breathe; until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            await self.tick()
            await asyncio.sleep(self.pause)

    async def tick(self) -> None:
        """One round: the changes of all stale topics, then the newest whole to who had to be skipped."""
        self.counts.ticks += 1
        stale, self.stale = self.stale, set()
        for topic in sorted(stale):
            # One topic per reading: the desk goes on deciding between them.
            for shown, message in await self.pictures.draw([topic]):
                await self._fan_out(shown, message)
        for topic, watched in list(self.watched.items()):
            if watched.behind:
                shown = self.pictures.kept[topic]
                for screen in list(watched.behind):
                    self._whole(screen, shown)
                if watched.behind:
                    self.wake.set()

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
        if line is None:
            watched.behind.discard(screen)
            self._send_text(screen, watched, shown.whole)
        elif line.is_closing():
            watched.behind.discard(screen)
            return
        elif line.get_write_buffer_size() > SLOW:
            watched.behind.add(screen)
            self.wake.set()
            return
        else:
            watched.behind.discard(screen)
            line.write(text_frame(shown.whole))
        screen.v = shown.v
        self.counts.wholes += 1

    def _send_text(self, screen: Screen, watched: Watched, message: bytes) -> None:
        """Where there is no transport to write to: one message at a time under way, else the screen is
        behind."""
        if screen.queue is not None and not screen.queue.done():
            watched.behind.add(screen)
            self.wake.set()
            return
        screen.queue = asyncio.create_task(_quietly(screen.websocket, message.decode()))


async def _quietly(websocket: WebSocket, text: str) -> None:
    try:
        await websocket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        return  # it left while being written to; its own receive() tells
