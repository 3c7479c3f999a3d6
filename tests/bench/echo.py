"""The floor of CPU per mark: the same sockets and cookies, each command decoded to its type and echoed.

Same server, protocol class, guard and device cookies as the product; a message is read by the product's
own ``wire`` into typed commands and answered by typed answers. Nothing is decided, kept, written or told.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.websockets import WebSocket, WebSocketDisconnect

from compsys.desk import Desk
from compsys.events import Answer, Mark, Sign
from web import wire
from web.access import SEATS, mount, socket, visitor
from web.guard import Guard
from web.logins import Logins
from web.settings import Settings
from web.tablets import ENCODER


async def echo(websocket: WebSocket) -> None:
    """Greet, then answer every command of every message as accepted."""
    device = visitor(websocket).device
    assert device is not None
    await websocket.accept()
    try:
        while True:
            said = wire.read(await websocket.receive_text())
            if not isinstance(said, wire.Do):
                await say(websocket, {"m": "hello" if isinstance(said, wire.Hello) else "pong"})
                continue
            answers = []
            for item in said.items:
                command = wire.command(item, device.role)
                assert isinstance(command, Mark | Sign), command
                answers.append(Answer(item.k, "accepted", command.stream, 1, 1))
            await say(websocket, {"m": "ans", "items": answers})
    except WebSocketDisconnect:
        return


async def say(websocket: WebSocket, message: dict[str, Any]) -> None:
    """One message."""
    await websocket.send_text(ENCODER.encode(message).decode())


def create_app(desk: Desk, settings: Settings) -> Starlette:
    """The app; the desk only says whose cookies are whose."""
    app = Starlette(
        routes=mount([socket("/live/seat", echo, SEATS)]),
        middleware=[Middleware(Guard, settings=settings)],
    )
    app.state.desk, app.state.settings, app.state.logins = desk, settings, Logins(settings)
    return app
