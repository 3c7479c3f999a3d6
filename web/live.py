"""The sockets: tablets on /live/seat, spectators on /live/board, and what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from compsys.boards import Picture, UnknownTopic
from compsys.boards_home import HOME
from compsys.bus import CHECKING, FromState, NotYet, Pictures
from web import wire
from web.access import ANYONE, SEATS, desk_of, settings_of, socket, visitor
from web.hub import Hub, Screen
from web.sockets import transport_of
from web.tablets import Tablet, Tablets

if TYPE_CHECKING:
    from compsys.bus_bells import Bells
    from compsys.bus_publish import Publisher
    from compsys.desk import Bell, Desk
    from web.settings import Settings

PONG = '{"m":"pong"}'
SPECTATOR_TEXT = 64
AGES = 600.0
"""Seconds between two dates of the status lists that public processes show."""


class Watching:
    """What every process has that shows public pictures: the pictures, and the screens."""

    pictures: Pictures
    hub: Hub

    def behind(self, topic: str) -> str | None:
        """None while what is shown of a topic is the newest; else as of when it was ("" = not known)."""
        return None

    def zone(self) -> str:
        """The competition's time zone."""
        raise NotImplementedError

    async def picture(self, topic: str) -> Picture:
        """The public picture of a topic as the screens that watch it have it; raises ``UnknownTopic``,
        ``NotYet``."""
        # A watched topic is drawn by the ticker alone, so that every screen gets every change of it.
        return (await self.hub.newest(topic)).picture

    async def home(self) -> Picture:
        """The start page's picture: which boards there are. Raises ``NotYet``."""
        return await self.picture(HOME)


class Live(Watching):
    """What runs beside the requests of a desk's process: tablets, screens, the listening to the desk, and
    the publisher where there is one."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.tablets = Tablets(desk, settings)
        # Imported where it is used: a public process has no desk, and none of what its modules bring in.
        from web.credential import published

        self.pictures = Pictures(FromState(desk, "public", published(desk)), settings.token)
        self.publisher = publisher(settings) if settings.redis else None
        self.bells = bells(desk, settings) if settings.redis and desk.journal.shared else None
        self.hub = Hub(self.pictures, settings.pictures_per_second, self.publisher)
        self.tasks: list[asyncio.Task[None]] = []

    def zone(self) -> str:
        """As last set; a zone is no secret, so nothing waits for the disk here."""
        competition = self.desk.state.setup.competition
        return competition.zone if competition else "UTC"

    def rang(self, bells: list[Bell]) -> None:
        """Lines became durable."""
        self.tablets.rang(bells)
        if self.bells is not None:
            self.bells.ring(bells)
        self.hub.rang(self.pictures.rang(key for bell in bells for key in bell.touched))

    async def date_lists(self) -> None:
        """Draw anew what certificates are checked with, so that its date is its age; until cancelled."""
        while True:
            await asyncio.sleep(AGES)
            self.hub.rang(self.pictures.spoil([CHECKING]))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen to the desk for as long as the app runs; a task that breaks ends the app's run with its
        error."""
        stop = self.desk.listen(self.rang)
        async with AsyncExitStack() as stack:
            if self.publisher is not None:
                await stack.enter_async_context(self.publisher.running(self.hub))
            if self.bells is not None:
                await stack.enter_async_context(self.bells.running())
            async with asyncio.TaskGroup() as group:
                work = (
                    self.tablets.dismiss_for_ever(),
                    self.tablets.tell_progress_for_ever(),
                    self.tablets.drop_silent(),
                    self.date_lists(),
                    self.hub.tick_for_ever(),
                )
                self.tasks = [group.create_task(each) for each in work]
                yield
                stop()
                for task in self.tasks:
                    task.cancel()


def publisher(settings: Settings) -> Publisher:
    """Who sets this desk's public pictures into Redis."""
    # Imported where it is used: without Redis its client is not loaded.
    from compsys.bus_publish import Publisher
    from compsys.bus_redis import connect

    return Publisher(connect(settings.redis), settings.token(16), settings.clock, settings.seconds)


def bells(desk: Desk, settings: Settings) -> Bells:
    """What desks over one store tell each other by Redis."""
    from compsys.bus_bells import Bells
    from compsys.bus_redis import connect

    return Bells(connect(settings.redis), settings.token(16), desk.rung)


def watching_of(connection: HTTPConnection) -> Watching:
    """The pictures and screens of the app, whatever else its process does."""
    found: Watching = connection.app.state.live
    return found


def live_of(connection: HTTPConnection) -> Live:
    """The live side of a desk's app."""
    live: Live = connection.app.state.live
    return live


async def seat(websocket: WebSocket) -> None:
    """A tablet's connection."""
    device = visitor(websocket).device
    assert device is not None, "only seats come here"
    tablets = live_of(websocket).tablets
    await tablets.serve(Tablet(websocket, desk_of(websocket), device, settings_of(websocket)))


async def board(websocket: WebSocket) -> None:
    """A spectator's connection: a whole, then changes; it may say nothing but an occasional ping."""
    hub = watching_of(websocket).hub
    seconds = settings_of(websocket).seconds
    await websocket.accept()
    screen = Screen(websocket, transport_of(websocket.scope), websocket.query_params.get("topic", "")[:200])
    bucket = wire.Bucket(1, 5, seconds())
    try:
        await hub.join(screen)
        while True:
            said = await websocket.receive_text()
            if len(said) > SPECTATOR_TEXT or bucket.take(seconds()) < 0:
                await close(websocket, "throttled" if len(said) <= SPECTATOR_TEXT else "too_large")
                break
            if said.replace(" ", "") != '{"m":"ping"}':
                await close(websocket, "malformed")
                break
            await websocket.send_text(PONG)
    except UnknownTopic:
        await close(websocket, "unknown_topic")
    except NotYet:
        await close(websocket, "picture_not_yet")
    except (WebSocketDisconnect, KeyError):
        pass  # gone, or it sent bytes where text is spoken: nothing more to say to it
    finally:
        hub.leave(screen)


async def close(websocket: WebSocket, word: str) -> None:
    """Say why, and close."""
    try:
        await websocket.send_text(msgspec.json.encode({"m": "bye", "code": word}).decode())
        await websocket.close(wire.CLOSE[word], word)
    except (WebSocketDisconnect, RuntimeError):
        return  # it was gone before it could be told


routes = [
    socket("/live/seat", seat, SEATS),
    socket("/live/board", board, ANYONE),
]
