"""Two desks over one database, Redis between them: bells wake the other, one publishes, one takes over."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import msgspec
import pytest

from compsys import boards
from compsys import bus_redis as store
from compsys import desk as desk_room
from compsys import events as e
from compsys.bus_mirror import Mirror
from compsys.desk import Desk
from tests.compsys.test_desks import desks
from tests.postgres import Postgres
from tests.redis_server import redis_server
from tests.web.board_day import MODULES, OTHER, build, stream_of, unit_of
from tests.web.test_public import on
from tests.world import ORGANIZER
from web.server import running

BOARD = "board:hot/final/open"


async def scored(desk: Desk, module: str, value: str) -> None:
    """Everybody's score of a module, given at this desk."""
    rows = tuple((unit_of("hot", i), value, "") for i in (1, 2, 3))

    async def do(command: e.Command, actor: e.Actor) -> e.Answer:
        answer = await desk.submit(e.Call(secrets.token_hex(16), actor, command))
        assert answer.a == "accepted", answer
        return answer

    digest = secrets.token_hex(32)
    brought = await do(
        e.ImportScores(stream=stream_of("hot"), component=module, digest=digest, rows=rows), ORGANIZER
    )
    await do(e.ConfirmScores(stream=stream_of("hot"), n=brought.n), OTHER)


async def shows(mirror: Mirror, desk: Desk) -> None:
    """Wait until the public has what this desk draws."""
    async with asyncio.timeout(20):
        while True:
            async with desk.reading() as state:
                drawn: Any = msgspec.to_builtins(boards.picture(state, BOARD, "public", lambda person: None))
            held = mirror.held.get(BOARD)
            if held is not None and held.picture == drawn and mirror.behind(BOARD) is None:
                return
            await asyncio.sleep(0.02)


def test_marks_given_at_either_desk_are_shown_at_once(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_room, "POLL", 3600.0)  # only a bell can wake the other desk

    async def scene() -> None:
        with redis_server(tmp_path / "redis") as server:
            world = build(3, "named_live")
            mirror = Mirror(store.connect(server.url), asyncio.get_running_loop().time)
            mirror.wanted[BOARD] = 0.0
            async with desks(tmp_path, postgres.database(), built=world) as (one, two), mirror.running():
                async with running(two, change=on(server.url)) as second:
                    async with running(one, change=on(server.url)) as first:
                        live = [run.app.state.live for run in (first, second)]
                        while sum(each.publisher.leads for each in live) != 1:
                            await asyncio.sleep(0.02)
                        while server.client().pubsub_numsub(store.BELLS)[0][1] < 2:
                            await asyncio.sleep(0.02)
                        for desk, module in zip((one, two, one), MODULES, strict=True):
                            await scored(desk, module, "50")
                            await shows(mirror, one)
                            await shows(mirror, two)
                        publisher = live[0].publisher if live[0].publisher.leads else live[1].publisher
                        assert server.client().get(store.LEASE) == publisher.token.encode()
                    await scored(two, "knife", "77")
                    await shows(mirror, two)
                    assert live[1].publisher.leads

    asyncio.run(asyncio.wait_for(scene(), 100))
