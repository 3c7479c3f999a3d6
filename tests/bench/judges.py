"""The judges of the benches: 200 tablets in one process of their own, as light as a client can be.

``python -m tests.bench.judges VENUE.json``. Each tablet speaks the real protocol over a real socket: it marks
the sheets of its stream one aspect at a time, unit by unit, and signs a unit's sheets once its whole panel
has marked it. Closed loop: the next command leaves when the answer to the last has come.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import json
import os
import secrets
import struct
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.remote import Json, most_files, obey
from tests.bench.venue import ASPECTS

PING_EVERY = 3.0
HELLO = b'{"m":"hello","v":2,"boot":"00","cursor":null,"pending":0,"lang":"zh-CN"}'
SUBS = ("A1", "B1", "C1")


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame; the mask is zero, which costs the server the same as any other."""
    size = len(payload)
    head = struct.pack("!BB", 0x80 | opcode, 0x80 | size) if size < 126 else b""
    return (head or struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)) + b"\0\0\0\0" + payload


class Panel:
    """What the tablets of a stream share: how many of them have marked each unit."""

    def __init__(self, stream: str, units: list[str], size: int) -> None:
        self.stream, self.units, self.size = stream, units, size
        self.marked = [0] * len(units)
        self.tablets: list[Tablet] = []

    def has_marked(self, at: int) -> None:
        """One more tablet has all its marks of a unit answered; the last makes it ready for signing."""
        self.marked[at] += 1
        if self.marked[at] % self.size == 0:
            for tablet in self.tablets:
                tablet.todo.extend(("sign", at, sub) for sub in SUBS)


class Tablet(asyncio.Protocol):
    """One seat."""

    def __init__(self, panel: Panel, index: int, seat: str, cookie: str, port: int, load: Load) -> None:
        self.panel, self.index, self.seat, self.cookie = panel, index, seat, cookie
        self.port, self.load = port, load
        self.todo: collections.deque[tuple[str, int, str]] = collections.deque()
        self.at = -1
        self.doing: tuple[str, int, str] | None = None
        self.sent = 0.0
        self.buffer = b""
        self.open = False
        self.revision = 0
        panel.tablets.append(self)

    # ------------------------------------------------------------ what it does

    def next(self) -> bytes:
        """Its next command, as a message."""
        while not self.todo:
            self.at += 1
            at = self.at
            if at >= len(self.panel.units):
                if not self.load.over:
                    raise RuntimeError("the venue has too few units for this run")
                at = self.at = 0
            self.todo.extend(("mark", at, f"A1.{i}") for i in range(1, ASPECTS + 1))
            mine = range(self.index + 1, ASPECTS + 1, self.panel.size)
            self.todo.extend(("agreed", at, f"B1.{i}") for i in mine)
            self.todo.extend(("mark", at, f"C1.{i}") for i in range(1, ASPECTS + 1))
            self.todo.append(("marked", at, ""))
        what, at, where = self.doing = self.todo.popleft()
        if what == "marked":
            self.panel.has_marked(at)
            return self.next()
        unit, stream = self.panel.units[at], self.panel.stream
        if what == "sign":
            cmd = f'{{"c":"sign","stream":"{stream}","unit":"{unit}","sub":"{where}","seat":"{self.seat}"}}'
        else:
            seat = "*" if what == "agreed" else self.seat
            value = "8" if what == "agreed" else "2" if where[0] == "A" else "3.5"
            cmd = self.mark(unit, where, seat, value, 0)
        return self.message(cmd)

    def mark(self, unit: str, aspect: str, seat: str, value: str, base: int) -> str:
        """A mark, with every field a tablet sends."""
        return (
            f'{{"c":"mark","stream":"{self.panel.stream}","unit":"{unit}","aspect":"{aspect}","seat":"{seat}",'
            f'"round":1,"value":"{value}","base":{base},"via":"own","note":""}}'
        )

    def message(self, cmd: str) -> bytes:
        """A command under a key of its own."""
        key = secrets.token_hex(16)
        return f'{{"m":"do","items":[{{"k":"{key}","at":"2026-05-01T08:00:00.000Z","cmd":{cmd}}}]}}'.encode()

    def act(self) -> None:
        """Send the next command."""
        data = masked(self.next())
        self.sent = time.perf_counter()
        self.transport.write(data)
        self.load.flying += 1

    def move(self) -> None:
        """Change an agreed value of a unit that nobody marks: what moves a watched board."""
        value = "4" if self.revision % 2 else "9"
        cmd = self.mark(self.panel.units[-1], "B1.2", "*", value, self.revision)
        self.revision += 1
        self.transport.write(masked(self.message(cmd)))
        self.sent = time.perf_counter()
        self.load.flying += 1

    # ------------------------------------------------------------ the wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the socket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET /live/seat HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nOrigin: http://127.0.0.1:{self.port}\r\n"
            f"Cookie: compsys_device={self.cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """A tablet of a bench is never sent away."""
        if not self.load.closing:
            self.load.broken(f"{self.seat} lost its connection: {exc}")

    def data_received(self, data: bytes) -> None:
        """Take whole frames out of what came."""
        self.buffer += data
        if not self.open:
            head, ended, rest = self.buffer.partition(b"\r\n\r\n")
            if not ended:
                return
            if b" 101 " not in head:
                self.load.broken(head.decode())
            self.open, self.buffer = True, rest
            self.transport.write(masked(HELLO))
        while len(self.buffer) >= 2:
            first, size, start = self.buffer[0], self.buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self.buffer[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self.buffer[2:10], "big"), 10
            if len(self.buffer) < start + size:
                return
            payload, self.buffer = self.buffer[start : start + size], self.buffer[start + size :]
            self.frame(first & 15, payload)

    def frame(self, opcode: int, payload: bytes) -> None:
        """One message."""
        if opcode == 9:
            self.transport.write(masked(payload, 10))
        elif opcode != 1:
            self.load.broken(f"opcode {opcode}: {payload!r}")
        elif payload.startswith(b'{"m":"ans"'):
            self.load.answered(self, payload)
        elif payload.startswith(b'{"m":"hello"'):
            self.load.greeted += 1
        elif payload.startswith(b'{"m":"ev"'):
            self.load.told += 1
            self.load.bytes_told += len(payload)
        elif not payload.startswith((b'{"m":"pong"', b'{"m":"ask"')):
            self.load.broken(payload.decode())


class Load:
    """All tablets of one server."""

    def __init__(self) -> None:
        self.tablets: list[Tablet] = []
        self.greeted = self.flying = self.told = self.bytes_told = 0
        self.waits: list[float] = []
        self.in_time = 0
        self.until = 0.0
        self.closed_loop = True
        self.closing = False
        self.over = False
        """the same units again when all are marked: where nothing is kept"""
        self.error = ""
        self.staying: asyncio.Task[None] | None = None

    def broken(self, why: str) -> None:
        """Something happened that must not."""
        self.error = self.error or why

    def answered(self, tablet: Tablet, payload: bytes) -> None:
        """An answer has come."""
        now = time.perf_counter()
        self.waits.append(now - tablet.sent)
        self.flying -= 1
        if b'"a":"accepted"' not in payload:
            self.broken(f"{tablet.doing}: {payload.decode()}")
        if now < self.until:
            self.in_time += 1
            if self.closed_loop:
                tablet.act()


class Judges:
    """The loads, by the name of their server."""

    def __init__(self, venue: list[Json]) -> None:
        self.venue = venue
        self.loads: dict[str, Load] = {}

    async def connect(self, question: Json) -> Json:
        """Seat every judge at a server (``name``, ``port``)."""
        load = self.loads[question["name"]] = Load()
        loop, port = asyncio.get_running_loop(), question["port"]
        load.staying = loop.create_task(self.stay(load))
        for row in self.venue:
            panel = Panel(row["stream"], row["units"], len(row["seats"]))
            for i, seat in enumerate(row["seats"]):
                tablet = Tablet(panel, i, seat["seat"], seat["cookie"], port, load)
                await loop.create_connection(lambda tablet=tablet: tablet, "127.0.0.1", port)  # type: ignore[misc]  # a default binds the loop's variable
                load.tablets.append(tablet)
            while load.greeted < len(load.tablets) and not load.error:
                await asyncio.sleep(0.002)
        return {"seated": load.greeted, "error": load.error}

    async def stay(self, load: Load) -> None:
        """Ping, so that nobody is taken for gone."""
        while not load.closing:
            await asyncio.sleep(PING_EVERY)
            for tablet in load.tablets:
                if tablet.open and not tablet.transport.is_closing():
                    tablet.transport.write(masked(b'{"m":"ping","pending":0}'))

    async def run(self, question: Json) -> Json:
        """Mark for so many ``seconds``, closed loop; then let the last answers come (``over``: of Load)."""
        load, seconds = self.begin(question, closed_loop=True), question["seconds"]
        load.over = question["over"]
        for tablet in load.tablets:
            tablet.act()
        await asyncio.sleep(seconds)
        return await self.end(load, seconds)

    async def pace(self, question: Json) -> Json:
        """Mark once a second each, evenly spread; the first moves its board ``moves`` times a second."""
        load, seconds = self.begin(question, closed_loop=False), question["seconds"]
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        mover, *others = load.tablets
        for turn in range(int(seconds)):
            for i, tablet in enumerate(others):
                loop.call_at(start + turn + i / len(others), tablet.act)
        for turn in range(int(seconds * question["moves"])):
            loop.call_at(start + turn / question["moves"], mover.move)
        await asyncio.sleep(seconds + 0.1)
        return await self.end(load, seconds)

    def begin(self, question: Json, *, closed_loop: bool) -> Load:
        """The load, ready to count."""
        load = self.loads[question["name"]]
        load.closed_loop, load.in_time, load.waits = closed_loop, 0, []
        load.told = load.bytes_told = 0
        load.until = time.perf_counter() + question["seconds"]
        return load

    async def end(self, load: Load, seconds: float) -> Json:
        """What was counted, once nothing is under way."""
        deadline = time.perf_counter() + 20
        while load.flying and not load.error and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        if load.flying:
            load.broken(f"{load.flying} answers never came")
        waits = sorted(load.waits)
        return {
            "marks": len(waits),
            "seconds": seconds,
            "rate": load.in_time / seconds,
            "p50": waits[len(waits) // 2] if waits else 0,
            "p99": waits[len(waits) * 99 // 100] if waits else 0,
            "events": load.told,
            "event_bytes": load.bytes_told,
            "error": load.error,
        }

    async def leave(self, question: Json) -> Json:
        """Everybody goes."""
        load = self.loads.pop(question["name"])
        load.closing = True
        for tablet in load.tablets:
            tablet.transport.close()
        return {}


async def main(venue: list[Any]) -> None:
    """Obey until standard input ends."""
    judges = Judges(venue)
    await obey({"connect": judges.connect, "run": judges.run, "pace": judges.pace, "leave": judges.leave})


if __name__ == "__main__":
    most_files()
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
