"""The WebSocket protocol of our server: uvicorn's own, with bounds, and with its wire handed to the app.

A server's frames are not masked, so one frame built once serves every screen: the hub writes its bytes
straight to the transports. A tablet's message may be heard where it arrives, without a queue and a task's
turn in between. Both lean on the inside of uvicorn's sans-I/O protocol (pinned, tested in
tests/web/test_live.py); where the wire is not found in the scope the app receives and sends as usual.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "compsys.wire"
FRAME_LIMIT = 16 * 1024
"""Bytes of one message from a client; larger ones end the connection with 1009."""

QUEUE_LIMIT = 128
"""Messages that wait to be read; more than so many in one gulp end the connection with 1008."""

SCREEN_PING = 25.0


def text_frame(text: bytes) -> bytes:
    """One whole unmasked text frame, as a server sends it.

    >>> text_frame(b"hi")
    b'\\x81\\x02hi'
    >>> text_frame(b"x" * 300)[:4]
    b'\\x81~\\x01,'
    """
    size = len(text)
    if size < 126:
        head = struct.pack("!BB", 0x81, size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x81, 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 127, size)
    return head + text


class LiveProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    ear: Callable[[bytes], bool] | None = None
    """Hears a whole message at once and says whether it took it; what it did not take is queued."""

    def handle_connect(self, event: Request) -> None:
        """Start the app on a connection; its scope carries this wire."""
        if event.path.startswith("/live/board"):
            # Five thousand screens need no ping every ten seconds; tablets do.
            self.ping_interval = self.ping_timeout = SCREEN_PING
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions = cast("dict[str, object]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def send_receive_event_to_app(self) -> None:
        """Let the app hear a message now, if none waits before it; else queue it, unless too many wait."""
        ear = self.ear if self.queue.empty() and not self.close_sent else None
        if ear is not None and ear(self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)):
            self.frames = []
            return
        if self.queue.qsize() < QUEUE_LIMIT or self.close_sent:
            super().send_receive_event_to_app()
            return
        self.frames = []
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1008})
        self.conn.fail(1008, "throttled")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()


def wire_of(scope: Scope) -> LiveProtocol | None:
    """The protocol under a socket's scope, None under another server or another protocol class."""
    found = scope.get("extensions", {}).get(EXTENSION)
    return found if isinstance(found, LiveProtocol) else None


def transport_of(scope: Scope) -> asyncio.Transport | None:
    """The transport under a socket's scope, None as for ``wire_of``."""
    wire = wire_of(scope)
    return wire.transport if wire is not None else None
