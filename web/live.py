"""The sockets: tablets on /live/seat, spectators on /live/board, and what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from compsys.boards import UnknownTopic
from compsys.bus import Pictures
from web import wire
from web.access import ANYONE, ORGANIZER, SEATS, SUPERVISOR, desk_of, get, settings_of, socket, visitor
from web.hub import Hub, Screen
from web.sockets import transport_of
from web.tablets import Tablet, Tablets

if TYPE_CHECKING:
    from compsys.desk import Bell, Desk
    from web.settings import Settings

PONG = '{"m":"pong"}'
SPECTATOR_TEXT = 64


class Live:
    """What runs beside the requests: tablets, screens, and the listening to the desk."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.tablets = Tablets(desk, settings)
        self.pictures = Pictures(desk, "public", settings.token)
        self.hub = Hub(self.pictures, settings.pictures_per_second)
        self.tasks: list[asyncio.Task[None]] = []

    def rang(self, bells: list[Bell]) -> None:
        """Lines became durable."""
        self.tablets.rang(bells)
        self.hub.rang(self.pictures.rang(key for bell in bells for key in bell.touched))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen to the desk for as long as the app runs; a task that breaks ends the app's run with its
        error."""
        stop = self.desk.listen(self.rang)
        async with asyncio.TaskGroup() as group:
            work = (
                self.tablets.tell_for_ever(),
                self.tablets.tell_progress_for_ever(),
                self.tablets.drop_silent(),
                self.hub.tick_for_ever(),
            )
            self.tasks = [group.create_task(each) for each in work]
            yield
            stop()
            for task in self.tasks:
                task.cancel()


def live_of(connection: HTTPConnection) -> Live:
    """The live side of the app (``live_of(request).hub.newest(topic)`` is what a page shows before its
    socket is up)."""
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
    hub = live_of(websocket).hub
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


async def metrics(request: Request) -> Response:
    """Operational counters as plain text; none is derived from a mark, a vote or a place."""
    live, counts = live_of(request), live_of(request).hub.counts
    numbers = {
        "tablets_connected": live.tablets.connected,
        "screens_connected": live.hub.screens,
        "frames_to_screens_total": counts.sent,
        "frames_skipped_total": counts.skipped,
        "wholes_to_screens_total": counts.wholes,
        "desk_fault": int(bool(desk_of(request).fault)),
    }
    return PlainTextResponse("".join(f"compsys_{name} {value}\n" for name, value in numbers.items()))


routes = [
    socket("/live/seat", seat, SEATS),
    socket("/live/board", board, ANYONE),
    get("/metrics", metrics, ORGANIZER | SUPERVISOR),
]
