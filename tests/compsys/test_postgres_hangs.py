"""A PostgreSQL that hangs without closing its connections: nobody waits for ever, and nothing is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from compsys import postgres_watch
from compsys.desk import PAUSE, Bell, Desk
from compsys.journal_api import CommitFailed, DatabaseUnreachable
from compsys.journal_postgres import PostgresJournal
from compsys.seal import follow
from tests.compsys.test_desks import desks, same, until
from tests.compsys.test_promises import mark, marked_world, played
from tests.postgres import Postgres
from tests.world import MAIN

LIMIT = 1.0
"""The limit in these tests; connecting has its own, of which two seconds is the least."""
SOON = 15.0
"""Without a limit the wait has no end; a loaded machine may take this long over three seconds."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_watch, "SILENCE", LIMIT)


def url_of(postgres: Postgres) -> str:
    return f"{postgres.database()}?connect_timeout=2"


def journal_of(desk: Desk) -> PostgresJournal:
    assert isinstance(desk.journal, PostgresJournal)
    return desk.journal


def whole(url: str) -> int:
    """How many lines there are of the trade, their chain followed."""
    with PostgresJournal(url, reading=True) as journal:
        return sum(line.stream == MAIN for line in follow(journal.competition, journal.read()))


def test_a_server_that_stands_still_costs_a_retry_and_loses_nothing(
    tmp_path: Path, postgres: Postgres
) -> None:
    async def scene() -> None:
        world, url = marked_world(), url_of(postgres)
        async with desks(tmp_path, url, built=world) as (one, two):
            first = await one.submit(mark(world, "s1", "A1.J1", "2"))
            await same(one, two)
            heard: list[Bell] = []
            two.listen(heard.extend)
            call = mark(world, "s2", "A1.J1", "3")
            postgres.freeze()
            try:
                begun = time.monotonic()
                answer = await one.submit(call)
                assert (answer.a, answer.code) == ("retry", "database_gone")
                assert time.monotonic() - begun < SOON, "its limit, and one attempt to connect anew"
                begun = time.monotonic()
                async with one.reading() as state:
                    assert state.position(MAIN)[0] == first.n
                assert (await one.submit(call)).code == "database_gone"
                assert time.monotonic() - begun < SOON
                while two.fault != "database_gone":  # an idle desk notices too
                    two.rung()
                    await asyncio.sleep(0.01)
            finally:
                postgres.thaw()
            answer = await until(one, call)
            assert (answer.a, answer.n, one.fault) == ("accepted", first.n + 1, "")
            while two.fault:
                two.rung()
                await asyncio.sleep(PAUSE / 4)
            await same(one, two)
            assert [bell.n for bell in heard if bell.stream == MAIN] == [first.n + 1]
        assert whole(url) == first.n + 1

    played(scene)


def test_a_commit_that_hangs_and_is_carried_out_later_stands_once(tmp_path: Path, postgres: Postgres) -> None:
    """The COMMIT reached a server that stood still: the answer is retry, and the line is there once."""

    async def scene() -> None:
        world, url = marked_world(), url_of(postgres)
        async with desks(tmp_path, url, 1, built=world) as (desk,):
            first = await desk.submit(mark(world, "s1", "A1.J1", "2"))
            wire = journal_of(desk)._wire
            commit = wire.commit

            def hung() -> None:
                postgres.freeze()
                commit()

            wire.commit = hung  # type: ignore[method-assign]  # the server stands still at this moment
            call = mark(world, "s2", "A1.J1", "3")
            heard: list[Bell] = []
            desk.listen(heard.extend)
            try:
                assert (await desk.submit(call)).code == "database_gone"
            finally:
                postgres.thaw()
            answer = await until(desk, call)
            assert (answer.a, answer.n) == ("accepted", first.n + 1)
            assert [bell.n for bell in heard if bell.stream == MAIN] == [answer.n]
        assert whole(url) == first.n + 1

    played(scene)


def test_a_standing_server_is_not_waited_for_at_the_start(tmp_path: Path, postgres: Postgres) -> None:
    url = url_of(postgres)
    PostgresJournal(url, "c-test").close()
    postgres.freeze()
    try:
        with pytest.raises(DatabaseUnreachable):
            PostgresJournal(url)
    finally:
        postgres.thaw()
    PostgresJournal(url).close()


def test_what_takes_long_and_is_answered_is_not_cut(postgres: Postgres) -> None:
    with PostgresJournal(url_of(postgres), "c-test") as journal:
        with journal._guarded(LIMIT * 4):
            journal._db.execute("SELECT pg_sleep(%s)", (LIMIT * 1.5,))
        with pytest.raises(CommitFailed) as failed, journal._guarded():
            journal._db.execute("SELECT pg_sleep(%s)", (LIMIT * 4,))
        assert failed.value.params["kind"] == "gone" and "silent" in failed.value.params["detail"]
        with pytest.raises(CommitFailed):
            journal.begin()


def test_an_idle_connection_is_left_alone(postgres: Postgres) -> None:
    with PostgresJournal(url_of(postgres), "c-test") as journal:
        watch = journal._db.watch
        watch._over.wait(LIMIT * 2)
        assert not watch.cut
        journal.begin()
        journal.finish()
    watch._over.wait(LIMIT)
    assert watch._over.is_set(), "its thread ends with it"
