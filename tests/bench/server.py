"""A server under measurement, as its own process: the product, the product without one of its parts, a floor.

``python -m tests.bench.server DIRECTORY KIND``; KIND: ``whole`` (the product), ``single`` (one commit per
mark), ``diskless`` (the journal's append does nothing), ``echo`` (the floor of CPU per mark), ``raw`` (the
floor of the fan-out).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import uvicorn

from compsys import desk as desk_room
from compsys import events as e
from compsys.desk import Desk
from compsys.journal_api import AuditEntry, Collision, Head
from compsys.seal import Line
from tests.bench import echo
from tests.bench.remote import Handler, Json, most_files, obey, used
from tests.bench.venue import clock
from web.live import Live
from web.server import Running, bind, running, settle_memory, uvicorn_config
from web.settings import Settings, settings_for

FREE = 1_000_000
"""Messages per second and tablet that are let through: the judges here do not pause to think."""


def unthrottled(settings: Settings) -> Settings:
    """The usual settings without the limit on a tablet's messages."""
    return replace(settings, messages_per_second=FREE, messages_at_once=FREE)


class Product:
    """The product, measured from inside its process."""

    def __init__(self, desk: Desk, run: Running) -> None:
        self.desk, self.run = desk, run
        self.live: Live = run.app.state.live
        self.ticked = asyncio.Event()
        tick = self.live.hub.tick

        async def told() -> None:
            self.ticked.set()
            await tick()

        self.live.hub.tick = told

    async def where(self, question: Json) -> Json:
        """The port."""
        return {"port": self.run.port}

    async def usage(self, question: Json) -> Json:
        """CPU seconds, lines and commits so far; what the hub has sent and skipped."""
        counts = self.live.hub.counts
        return {
            "cpu": used(),
            "lines": self.desk.written,
            "commits": self.desk.commits,
            "sent": counts.sent,
            "skipped": counts.skipped,
            "wholes": counts.wholes,
            "ticks": counts.ticks,
        }

    async def pump(self, question: Json) -> Json:
        """Change the watched board so many times; each next mark is made while a picture is on its way, as
        in a running competition, and each next picture follows the one before at once."""
        hub, screens = self.live.hub, question["screens"]
        pause, hub.pause = hub.pause, 0.0
        begun, cpu, before = time.monotonic(), used(), hub.counts.sent + hub.counts.skipped
        while hub.counts.sent + hub.counts.skipped < before + question["pictures"] * screens:
            self.ticked.clear()
            await self.mark(question)
            await self.ticked.wait()
        hub.pause = pause
        return {"begun": begun, "cpu": used() - cpu}

    async def mark(self, question: Json) -> None:
        """Change an agreed value that the board of ``stream`` shows at once, as the tablet of ``seat``."""
        unit, aspect = question["unit"], "B1.1"
        cell = self.desk.state.streams[question["stream"]].sheets[(unit, "B1")].cells.get((aspect, "*", 1))
        base, value = (cell.rev, cell.value) if cell else (0, None)
        mark = e.Mark(
            stream=question["stream"], unit=unit, aspect=aspect, seat="*", round=1, base=base,
            value="3" if value != "3" else "7",
        )  # fmt: skip
        actor = e.Actor("seat", question["seat"], ("lead",))
        answer = await self.desk.submit(e.Call(self.desk.fresh(), actor, mark, question["device"]))
        if answer.a != "accepted":
            raise RuntimeError(str(answer))


def handlers_of(product: Product) -> dict[str, Handler]:
    """What the product's process obeys."""
    return {"where": product.where, "usage": product.usage, "pump": product.pump}


def no_append(
    lines: Sequence[Line],
    after: Mapping[str, Head],
    audits: Sequence[AuditEntry] = (),
    *,
    atomic: bool = False,
) -> list[Collision]:
    """What stands for the journal's append in the run without the disk."""
    return []


async def product(directory: Path, kind: str) -> None:
    """Serve until standard input ends."""
    if kind == "single":
        desk_room.BATCH = 1
    desk = await Desk.open(directory, clock, secrets.token_bytes)
    if kind == "diskless":
        desk.journal.append_sealed = no_append  # type: ignore[method-assign]  # measures what is left
    settle_memory()
    try:
        async with running(desk, change=unthrottled) as run:
            await obey(handlers_of(Product(desk, run)))
    finally:
        await desk.close()


# ---------------------------------------------------------------- floors


async def echoing(directory: Path) -> None:
    """The floor of CPU per mark, until standard input ends."""
    desk = await Desk.open(directory, clock, secrets.token_bytes)
    settle_memory()
    taken = bind("127.0.0.1", 0)
    port = int(taken.getsockname()[1])
    app = echo.create_app(desk, settings_for(("127.0.0.1",), port))
    server = uvicorn.Server(uvicorn_config(app))
    serving = asyncio.create_task(server.serve(sockets=[taken]))

    async def where(question: Json) -> Json:
        return {"port": port}

    async def usage(question: Json) -> Json:
        return {"cpu": used()}

    try:
        await obey({"where": where, "usage": usage})
    finally:
        server.should_exit = True
        await serving
        await desk.close()


class Raw(asyncio.Protocol):
    """A connection that is only written to."""

    transports: ClassVar[list[asyncio.Transport]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transports.append(transport)


async def raw() -> None:
    """The floor of the fan-out: ``transport.write`` to every connection, until standard input ends."""
    server = await asyncio.get_running_loop().create_server(Raw, sock=bind("127.0.0.1", 0), backlog=4096)

    async def where(question: Json) -> Json:
        return {"port": server.sockets[0].getsockname()[1]}

    async def pump(question: Json) -> Json:
        frames = [bytes.fromhex(frame) for frame in question["frames"]]
        begun, cpu = time.monotonic(), used()
        for frame in frames:
            for transport in Raw.transports:
                transport.write(frame)
            await asyncio.sleep(0)  # one turn of the loop per picture: where a buffer filled, it is emptied
        return {"begun": begun, "cpu": used() - cpu}

    await obey({"where": where, "pump": pump})
    server.close()


if __name__ == "__main__":
    most_files()
    logging.basicConfig(level=logging.ERROR)
    directory, kind = Path(sys.argv[1]), sys.argv[2]
    floors = {"echo": lambda: echoing(directory), "raw": raw}
    asyncio.run(floors[kind]() if kind in floors else product(directory, kind))
