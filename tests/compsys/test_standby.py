"""A synchronous standby takes over: what was accepted is there, and the desk finds its way by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from compsys import events as e
from compsys.commandline.database import looked_at, warnings
from tests.compsys.test_desks import desks, until
from tests.compsys.test_promises import mark, marked_world, played
from tests.postgres import PASSWORD, USER, Postgres


@pytest.fixture
def pair() -> Iterator[tuple[Postgres, Postgres]]:
    """A server and its standby."""
    first = Postgres(hot_standby="on", wal_level="replica")
    try:
        standby = Postgres(of=first)
        try:
            yield first, standby
        finally:
            standby.remove()
    finally:
        first.remove()


def commits_wait(server: Postgres) -> None:
    """From now on no commit ends before the standby has it."""
    server.ask("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    server.ask("SELECT pg_reload_conf()")


def said(url: str) -> dict[str, str]:
    """What doctor says: sentences' codes, and how each stands."""
    return {found.code: found.state for found in looked_at(url)}


async def nothing(task: asyncio.Task[e.Answer]) -> None:
    """Nothing comes, for as long as a judge would look at it."""
    done, _ = await asyncio.wait({task}, timeout=0.5)
    assert not done


def test_a_fail_over_to_a_synchronous_standby_loses_nothing_accepted(
    tmp_path: Path, pair: tuple[Postgres, Postgres]
) -> None:
    first, standby = pair
    name = first.database().rpartition("/")[2]
    assert said(first.url(name))["cli.db.alone"] == "look"
    commits_wait(first)
    while "cli.db.standby" not in said(first.url(name)):
        pass
    assert said(first.url(name))["cli.db.standby"] == "ok"
    hosts = f"127.0.0.1:{first.port},127.0.0.1:{standby.port}"

    async def scene() -> None:
        world = marked_world()
        db = f"postgresql://{USER}:{PASSWORD}@{hosts}/{name}"
        async with desks(tmp_path, db, 1, built=world) as (desk,):
            calls = [mark(world, "s1", f"C1.P{i}", str(i)) for i in (1, 2)]
            told = [await desk.submit(call) for call in calls]
            assert [answer.a for answer in told] == ["accepted"] * 2
            await asyncio.to_thread(first.kill)
            call = mark(world, "s2", "C1.P1", "9")
            assert (await desk.submit(call)).code == "database_gone"
            await asyncio.to_thread(standby.promote)
            assert (await until(desk, call)).a == "accepted"
            for call, before in zip(calls, told, strict=True):
                again = await desk.submit(call)
                assert (again.a, again.n, again.dup) == ("accepted", before.n, True)

    played(scene)


def test_without_its_synchronous_standby_nothing_is_accepted(
    tmp_path: Path, pair: tuple[Postgres, Postgres]
) -> None:
    """No answer leaves before the standby has the line; when it is back the line is there, once."""
    first, standby = pair
    db = first.database()

    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, db, 1, built=world) as (desk,):
            commits_wait(first)
            while "cli.db.standby" not in said(db):
                pass
            await asyncio.to_thread(standby.stop)
            while "cli.db.standby_gone" not in {found.code for found in warnings(db)}:
                pass
            call = mark(world, "s1", "C1.P1", "8")
            waiting = asyncio.create_task(desk.submit(call))
            await nothing(waiting)
            # Somebody gives the wait up: the line is there now, but only here, and that is not enough.
            first.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            await nothing(waiting)
            await asyncio.to_thread(standby.start)
            assert (await waiting).a == "retry"
            assert (await until(desk, call)).dup
            assert standby.ask("SELECT count(*) FROM lines", standby.url(db.rpartition("/")[2])) == [
                (sum(head.n for head in desk.stand().values()),)
            ]

    played(scene)
