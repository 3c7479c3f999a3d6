"""Many messages in one gulp: answered in their order, a few at a time, and a flood is cut off."""

from __future__ import annotations

import asyncio
import json
import socket as plain_socket
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.web.venue import act, greeted, hear, mark, played, venue
from tests.world import MAIN
from web import sockets
from web.settings import Settings
from web.tablets import AHEAD

MANY = Settings((), (), "").messages_at_once - 10
"""Nearly as many as a tablet may send at once after a pause."""


def corrections(count: int) -> list[dict[str, Any]]:
    """So many values of one cell, each in the place of the one before: in another order they conflict."""
    return [mark("s1", "A1.J1", str(i % 4), base=i) for i in range(count)]


def gulp(socket: ClientConnection, items: list[dict[str, Any]]) -> None:
    """Each item as a message of its own, all in one write."""
    for item in items:
        socket.protocol.send_text(json.dumps({"m": "do", "items": [item]}).encode())
    socket.transport.write(b"".join(socket.protocol.data_to_send()))


@pytest.mark.parametrize("count", [AHEAD, AHEAD + 1, 60, MANY])
def test_messages_in_one_gulp_are_answered_in_their_order(count: int, tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                await greeted(socket)
                items = corrections(count)
                gulp(socket, items)
                answers = [(await hear(socket, "ans"))["items"][0] for _ in items]
                assert [answer["k"] for answer in answers] == [item["k"] for item in items]
                assert [(answer["a"], answer["rev"]) for answer in answers] == [
                    ("accepted", i) for i in range(1, count + 1)
                ]
                lines = [answer["n"] for answer in answers]
                assert lines == sorted(set(lines)) and lines[-1] == place.desk.state.streams[MAIN].n
                (more,) = await act(socket, mark("s1", "B1.M1", "pass"))
                assert more["a"] == "accepted", "it goes on as before"

    played(scene)


def test_who_sends_many_at_once_does_not_hold_up_who_sends_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            one, two = await place.tablet("s1"), await place.tablet("s2")
            async with one.socket("/live/seat") as many, two.socket("/live/seat") as single:
                await asyncio.gather(greeted(many), greeted(single))
                items = corrections(MANY)
                gulp(many, items)
                answers = [(await hear(many, "ans"))["items"][0]]
                gulp(single, [mark("s2", "A1.J1", "2")])
                (answer,) = (await hear(single, "ans"))["items"]
                answers += [(await hear(many, "ans"))["items"][0] for _ in items[1:]]
                before = sum(found["n"] < answer["n"] for found in answers)
                assert before <= MANY // 2, f"{before} of {MANY} were taken first"

    played(scene)


def test_a_flood_in_one_gulp_is_cut_off(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            raw = plain_socket.create_connection(("127.0.0.1", place.run.port))
            raw.setblocking(False)
            loop = asyncio.get_running_loop()
            try:
                head = (
                    f"GET /live/seat HTTP/1.1\r\nHost: {tablet.host}\r\nOrigin: http://{tablet.host}\r\n"
                    f"Cookie: {tablet.cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
                await loop.sock_sendall(raw, head.encode())
                assert (await loop.sock_recv(raw, 4096)).startswith(b"HTTP/1.1 101")
                ping = b'{"m":"ping"}'
                frame = bytes([0x81, 0x80 | len(ping), 0, 0, 0, 0]) + ping
                await loop.sock_sendall(raw, frame * (sockets.QUEUE_LIMIT + 50))
                heard = b""
                while chunk := await loop.sock_recv(raw, 4096):
                    heard += chunk
                assert b"\x03\xf0throttled" in heard or b"malformed" in heard
            finally:
                raw.close()
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)

    played(scene)
