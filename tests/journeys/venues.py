"""A competition from a real WorldSkills marking scheme: set up, served, marked to its official result."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from compsys import boards
from compsys import events as e
from compsys.afternoon import ORGANIZER, Afternoon
from compsys.desk import Bell, Desk
from compsys.journal_api import write_export
from compsys.records import KINDS, key_of
from compsys.simulate_network import RealNetwork
from compsys.vault import Identity
from scoring_rules.scheme import Scheme, aspects, to_data
from tests.journeys.topologies import Topology
from tests.redis_server import RedisServer
from tests.web.public_process import Screen, public
from web.server import running

TRADE = "web"
STREAM = f"{TRADE}.final.main"
BOARD = f"board:{TRADE}/final/open"
ZONE = "Pacific/Kiritimati"
"""Where it is another day than in UTC for fourteen hours of each."""
STAGE: dict[str, Any] = {"trade": TRADE, "stage": "final"}
NAME = {"en": "Web Technologies", "zh-CN": "网站技术"}
SEATS = {
    "e1": "lead", "e2": "judge", "e3": "judge", "e4": "reserve", "chief": "chief", "clerk": "clerk",
    "floor": "floor",
}  # fmt: skip


def records(scheme: Scheme, entries: int) -> list[tuple[str, dict[str, Any]]]:
    """The set-up: one trade with the scheme, its entries, one panel, one session."""
    component = {"id": "project", "name": NAME, "max": "100"}
    found: list[tuple[str, dict[str, Any]]] = [
        ("competition", {"id": "es2025", "name": {"en": "EuroSkills 2025"}, "zone": ZONE}),
        ("trade", {"id": TRADE, "name": NAME, "number": scheme.number or "17"}),
        ("stage", {"id": "final", "trade": TRADE, "name": {"en": "Final", "zh-CN": "决赛"}}),
        ("scheme", {"id": TRADE, "scheme": to_data(scheme)}),
        ("group", {"id": "open", **STAGE, "name": {"en": "Open", "zh-CN": "公开组"}, "scheme": TRADE,
                   "profile": "worldskills-2026", "components": [component]}),
        ("panel", {"id": "panel", **STAGE, "name": {"en": "Panel", "zh-CN": "评分组"}}),
        ("session", {"id": "day", **STAGE, "component": "project", "name": {"en": "Day", "zh-CN": "第一天"}}),
    ]  # fmt: skip
    for number in range(1, entries + 1):
        found += [
            ("delegation", {"id": f"m{number}", "name": {"en": f"Member {number}"}}),
            ("person", {"id": f"p{number}"}),
            ("entry", {"id": f"x{number}", "trade": TRADE, "delegation": f"m{number}",
                       "members": [{"person": f"p{number}"}]}),
        ]  # fmt: skip
    found += [("seat", {"id": seat, **STAGE, "role": role, "label": seat}) for seat, role in SEATS.items()]
    return found


async def define(desk: Desk, kind: str, value: dict[str, Any]) -> None:
    """One record, which must be taken."""
    record = msgspec.convert(value, KINDS[kind])
    command = e.Define(kind=kind, id=key_of(kind, record), value=value)
    answer = await desk.submit(e.Call(desk.fresh(), ORGANIZER, command))
    assert answer.a == "accepted", (answer, kind, value.get("id"))


def export(desk: Desk) -> None:
    """The journal, exported beside the data; in the journal's thread."""
    with (desk.directory / "journal.jsonl").open("wb") as out:
        write_export(desk.journal, out)


@dataclass(frozen=True)
class Played:
    """A trade that was marked: what happened, the desk (closed; its state can be read), the public's board as
    a screen had it at the end, and what the screen was told of its age on the way."""

    afternoon: Afternoon
    desk: Desk
    board: dict[str, Any]
    remarks: list[str | None]


async def played(directory: Path, scheme: Scheme, entries: int, seed: int, topology: Topology) -> Played:
    """Mark every entry over real sockets, lock, publish; the journal is exported beside the data, and copied
    to ``copy.db``. Where there is a Redis it is away for the middle third, and comes back empty."""
    desk = await Desk.open(
        directory,
        lambda: time.time_ns() // 1_000_000,
        secrets.token_bytes,
        "es2025",
        db=topology.database(),
    )
    try:
        for kind, value in records(scheme, entries):
            await define(desk, kind, value)
        names = [Identity(name={"en": f"Competitor {n}"}) for n in range(1, entries + 1)]
        await desk.put_persons([(f"p{n}", name) for n, name in enumerate(names, 1)])
        async with running(desk, change=topology.desk) as run, AsyncExitStack() as stack:
            network = RealNetwork(f"http://127.0.0.1:{run.port}")
            afternoon = Afternoon(desk, network, seed, 0.0, lambda word, what: None)
            screen = await asyncio.to_thread(screen_of, directory.parent, run.port, topology, stack)
            marks = entries * len(list(aspects(scheme)))
            async with asyncio.TaskGroup() as group:
                if topology.redis is not None:
                    away = redis_is_away(desk, topology.redis, screen, marks // 3, 2 * marks // 3)
                    group.create_task(away)
                await afternoon.play()
            async with desk.reading() as state:
                drawn = json.loads(json.dumps(boards.picture(state, BOARD, "public", name_of(desk))))
            await asyncio.to_thread(screen.has, lambda s: s.picture == drawn and s.behind is None)
            await asyncio.to_thread(screen.end)
        await desk.in_thread(lambda: export(desk))
        await desk.in_thread(lambda: desk.journal.backup(directory / "copy.db"))
        return Played(afternoon, desk, screen.picture, screen.remarks)
    finally:
        await desk.close()


def screen_of(folder: Path, port: int, topology: Topology, stack: AsyncExitStack) -> Screen:
    """A screen on the board, at the process that serves the public."""
    if topology.redis is not None:
        port = stack.enter_context(public(folder / "public", topology.address)).port
    screen = Screen(port, BOARD)
    screen.has(lambda s: s.picture is not None)
    return screen


async def redis_is_away(desk: Desk, redis: RedisServer, screen: Screen, first: int, last: int) -> None:
    """From line ``first`` of the trade to line ``last``, and until the screen says so; judges hear nothing of
    it."""
    passed = {first: asyncio.Event(), last: asyncio.Event()}

    def rang(bells: list[Bell]) -> None:
        for bell in bells:
            for n, event in passed.items():
                if bell.stream == STREAM and bell.n >= n:
                    event.set()

    stop = desk.listen(rang)
    await passed[first].wait()
    await asyncio.to_thread(redis.kill)
    await passed[last].wait()
    await asyncio.to_thread(screen.has, lambda s: bool(s.behind))
    await asyncio.to_thread(redis.start)
    stop()


def name_of(desk: Desk) -> Callable[[str], dict[str, str] | None]:
    """Persons' names as boards ask for them."""
    return lambda person: dict(found.name) if (found := desk.names(person)) else None
