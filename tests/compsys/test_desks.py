"""Several desks over one PostgreSQL database, and a database that goes away under them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from compsys import events as e
from compsys.desk import PAUSE, Bell, Desk
from compsys.journal_api import DatabaseUnreachable, JournalMoved, JournalTwice
from compsys.journal_postgres import PostgresJournal
from compsys.moving import move
from compsys.seal import Line, digest, follow, seal
from compsys.vault import Identity
from tests.compsys.places import past
from tests.compsys.test_promises import START, Recorded, mark, marked_world, played
from tests.postgres import PASSWORD, Postgres
from tests.world import MAIN, OFFICE

ADA = Identity({"en": "Ada"}, "passport", "P1")


@asynccontextmanager
async def desks(
    tmp_path: Path, db: str, count: int = 2, built: Recorded | None = None
) -> AsyncIterator[list[Desk]]:
    """Desks of one competition, each with its directory; they share the keys of names."""
    opened: list[Desk] = []
    try:
        for number in range(count):
            home = tmp_path / f"desk{number}"
            home.mkdir(exist_ok=True)
            if number and not (home / "keys").exists():
                (home / "keys").symlink_to(tmp_path / "desk0" / "keys")
            chance = random.Random(number)
            desk = await Desk.open(home, lambda: START, chance.randbytes, "c-test", db=db)
            opened.append(desk)
            for call in built.calls if built and not number else ():
                assert (await desk.submit(call)).a == "accepted"
        yield opened
    finally:
        for desk in opened:
            await desk.close()


async def until(desk: Desk, call: e.Call) -> e.Answer:
    """The answer to a call that is sent again for as long as there is none."""
    while (answer := await desk.submit(call)).a == "retry":
        await asyncio.sleep(PAUSE / 2)
    return answer


async def n_of(desk: Desk, stream: str) -> int:
    async with desk.reading() as state:
        return state.position(stream)[0]


async def same(*desks: Desk) -> int:
    """Wait until all have heard of the same lines of the stream; how many."""
    while len({desk.state.position(MAIN) for desk in desks}) > 1:
        for desk in desks:
            desk.rung()
        await asyncio.sleep(0.01)
    return desks[0].state.position(MAIN)[0]


# ---------------------------------------------------------------- two desks


def test_what_one_desk_wrote_the_other_decides_on(
    tmp_path: Path, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            call = mark(world, "s1", "C1.P1", "8")
            first = await one.submit(call)
            assert (first.a, first.rev) == ("accepted", 1)
            again = await two.submit(call)
            assert (again.a, again.n, again.rev, again.dup) == ("accepted", first.n, 1, True)
            other = msgspec.structs.replace(call, command=mark(world, "s1", "C1.P1", "9").command)
            assert (await two.submit(other)).code == "key_reused"
            stale = await two.submit(mark(world, "s1", "C1.P1", "7"))
            assert stale.a == "conflict", "it was given without having seen the first"
            later = await one.submit(mark(world, "s1", "C1.P1", "6", base=1))
            assert (later.a, later.n, later.rev) == ("accepted", stale.n + 1, 2)

    played(scene)
    assert caplog.messages == [], "they waited for each other and did not collide"


def test_nobody_is_in_the_way_of_a_desk_in_an_empty_database(
    tmp_path: Path, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with desks(tmp_path, postgres.database(), built=marked_world()) as (one, two):
            assert one.state.id == two.state.id == "c-test"

    played(scene)
    assert caplog.messages == []


def test_a_refusal_at_one_desk_is_final_at_the_other(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            back = e.Return(stream=MAIN, unit="u1", sub="B1", reason="again")
            early = world.call(world.seat("chief"), back)
            assert (await one.submit(early)).code == "not_signed"
            for aspect, value in (("B1.M1", "pass"), ("B1.M2", "3")):
                assert (await two.submit(mark(world, "s1", aspect, value))).a == "accepted"
            sign = e.Sign(stream=MAIN, unit="u1", sub="B1", seat="cooking/final/s1")
            assert (await two.submit(world.call(world.seat("s1"), sign))).a == "accepted"
            for desk in (two, one):
                again = await desk.submit(early)
                assert (again.a, again.code, again.dup) == ("refused", "not_signed", True)

    played(scene)


def test_an_idle_desk_hears_of_lines_and_of_names_by_itself(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            heard: list[Bell] = []
            came = asyncio.Event()
            two.listen(heard.extend)
            two.listen(lambda bells: came.set())
            answer = await one.submit(mark(world, "s1", "B1.M1", "pass"))
            await asyncio.wait_for(came.wait(), 10)
            assert [(bell.stream, bell.n) for bell in heard] == [(MAIN, answer.n)]
            assert ("sheet", MAIN, "u1", "B1", "B1.M1") in heard[0].touched
            assert await n_of(two, MAIN) == answer.n
            await one.put_persons([("p1", ADA)])
            while two.names("p1") is None:
                two.rung()
                await asyncio.sleep(0.01)
            assert two.names("p1") == ADA
            bind = e.BindPerson(person="p1", commitment="ab", salt="cd")
            assert (await one.submit(world.call(OFFICE, bind))).a == "accepted"
            drawn: list[object] = []
            gone = asyncio.Event()

            def drawing(bells: list[Bell]) -> None:
                """As a board that shows the person: drawn anew whenever the person was touched."""
                if any(("setup", "person", "p1") in bell.touched for bell in bells):
                    drawn.append(one.names("p1"))
                    if drawn[-1] is None:
                        gone.set()

            one.listen(drawing)
            assert (await two.erase("p1", OFFICE, "asked for it")).a == "accepted"
            await asyncio.wait_for(gone.wait(), 10)
            assert one.names("p1") is None

    played(scene)


def test_a_tablet_at_the_other_desk_fences_its_older_connection(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            call = mark(world, "s1", "A1.J1", "2")
            old = one.fence(call.device)
            assert (await one.submit(mark(world, "s1", "C1.P1", "8"), old)).a == "accepted"
            new = two.fence(call.device)
            assert (await two.submit(mark(world, "s1", "C1.P2", "8"), new)).a == "accepted"
            assert (await one.submit(call, old)).code == "old_connection"
            assert (await two.submit(call, new)).a == "accepted"
            back = one.fence(call.device)
            assert (await one.submit(mark(world, "s1", "C1.P1", "7", base=1), back)).a == "accepted"
            assert (await two.submit(mark(world, "s1", "C1.P2", "7", base=1), new)).code == "old_connection"

    played(scene)


def test_a_line_of_somebody_who_takes_no_turn_is_met_by_deciding_again(
    tmp_path: Path, postgres: Postgres
) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            await two.submit(mark(world, "s1", "B1.M1", "pass"))
            journal = one.journal
            assert isinstance(journal, PostgresJournal)
            (last,) = past(journal, "SELECT max(id) FROM lines")[0]
            insert, slipped = journal._insert, []

            def late(lines: list[Line]) -> None:
                """Between the turn and the insert, somebody else's line."""
                if not slipped:
                    head = journal.head(MAIN)
                    event, closed = lines[0].open, lines[0].closed or b""
                    sealed = seal(head.seal, event, digest(closed))
                    slipped.append(Line(MAIN, head.n + 1, event, closed, digest(closed), sealed))
                    values = (last + 1, *slipped[0])
                    past(journal, "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", values)
                insert(lines)

            journal._insert = late  # type: ignore[method-assign]  # as somebody with psql would come between
            call = mark(world, "s2", "C1.P1", "5")
            answer = await one.submit(call)
            assert slipped and (answer.a, answer.n) == ("accepted", slipped[0].n), "that line was its own"
            assert (await one.submit(mark(world, "s3", "C1.P1", "4"))).a == "accepted"
            with PostgresJournal(journal.address.secret, reading=True) as found:
                assert list(follow("c-test", found.read()))[-2] == slipped[0]

    played(scene)


def test_marks_at_two_desks_at_once_make_one_whole_chain(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        db = postgres.database()
        async with desks(tmp_path, db, built=world) as pair:

            async def judge(desk: Desk, seat: str, aspect: str) -> None:
                for rev in range(40):
                    value = str(rev % 20 / 2).removesuffix(".0")
                    answer = await desk.submit(mark(world, seat, aspect, value, base=rev))
                    assert (answer.a, answer.rev) == ("accepted", rev + 1)

            places = [(s, a) for s in ("s1", "s2", "s3") for a in ("C1.P1", "C1.P2")]
            await asyncio.gather(*(judge(pair[i % 2], *place) for i, place in enumerate(places)))
            n = await same(*pair)
            assert pair[0].state.streams[MAIN].sheets == pair[1].state.streams[MAIN].sheets
        with PostgresJournal(db, reading=True) as journal:
            assert sum(line.stream == MAIN for line in follow("c-test", journal.read())) == n

    played(scene)


# ---------------------------------------------------------------- the database goes away


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    tmp_path: Path, postgres: Postgres, how: str
) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            first = await one.submit(mark(world, "s1", "A1.J1", "2"))
            await same(one, two)
            heard: list[Bell] = []
            two.listen(heard.extend)
            await asyncio.to_thread(postgres.stop if how == "stop" else postgres.kill)
            try:
                call = mark(world, "s2", "A1.J1", "3")
                answer = await one.submit(call)
                assert (answer.a, answer.code) == ("retry", "database_gone")
                assert one.fault == "database_gone"
                assert (await one.submit(call)).code == "database_gone", "at once, while it is away"
                while two.fault != "database_gone":  # an idle desk notices too
                    two.rung()
                    await asyncio.sleep(0.01)
            finally:
                await asyncio.to_thread(postgres.start)
            answer = await until(one, call)
            assert (answer.a, answer.n, one.fault) == ("accepted", first.n + 1, "")
            while two.fault:
                two.rung()
                await asyncio.sleep(PAUSE / 4)
            assert await same(one, two) == first.n + 1
            assert [bell.n for bell in heard if bell.stream == MAIN] == [first.n + 1]

    played(scene)


def test_a_commit_whose_end_nobody_heard_is_looked_up(tmp_path: Path, postgres: Postgres) -> None:
    """The connection breaks after COMMIT reached the server: the answer is retry, the line is there once."""

    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), 1, built=world) as (desk,):
            journal = desk.journal
            assert isinstance(journal, PostgresJournal)
            commit = journal._wire.commit

            def cut() -> None:
                commit()
                past(journal, "SELECT pg_terminate_backend(?)", (journal._db.info.backend_pid,))
                journal._wire.simple(b"SELECT 1")

            journal._wire.commit = cut  # type: ignore[method-assign]  # the cable is pulled at this moment
            call = mark(world, "s1", "A1.J1", "2")
            heard: list[Bell] = []
            desk.listen(heard.extend)
            assert (await desk.submit(call)).code == "database_gone"
            answer = await until(desk, call)
            assert (answer.a, answer.dup) == ("accepted", True)
            assert [bell.n for bell in heard] == [answer.n], "its bell rang once, though nobody was answered"

    played(scene)


def test_a_turn_in_which_nothing_was_to_be_written_may_fail_too(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), 1, built=world) as (desk,):
            call = mark(world, "s1", "A1.J1", "2")
            first = await desk.submit(call)
            journal = desk.journal
            assert isinstance(journal, PostgresJournal)
            finish = journal.finish

            def cut() -> None:
                past(journal, "SELECT pg_terminate_backend(?)", (journal._db.info.backend_pid,))
                finish()

            journal.finish = cut  # type: ignore[method-assign]  # the cable is pulled at this moment
            assert (await desk.submit(call)).code == "database_gone"
            answer = await until(desk, call)
            assert (answer.a, answer.n, answer.dup) == ("accepted", first.n, True)

    played(scene)


def test_an_older_journal_in_its_place_is_noticed(tmp_path: Path, postgres: Postgres) -> None:
    """A fail-over to a standby that had not everything: the desk shows what is there, and takes it again."""

    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), 1, built=world) as (desk,):
            first = await desk.submit(mark(world, "s1", "A1.J1", "2"))
            lost = mark(world, "s2", "A1.J1", "3")
            assert (await desk.submit(lost)).a == "accepted"
            journal = desk.journal
            assert isinstance(journal, PostgresJournal)
            past(journal, "DELETE FROM lines WHERE stream = ? AND n > ?", (MAIN, first.n))
            heard: list[Bell] = []
            desk.listen(heard.extend)
            call = mark(world, "s3", "A1.J1", "1")
            assert (await desk.submit(call)).code == "database_gone"
            assert [(bell.stream, bell.n) for bell in heard] == [(MAIN, first.n)]
            assert (await until(desk, call)).n == first.n + 1
            again = await desk.submit(lost)
            assert (again.a, again.n, again.dup) == ("accepted", first.n + 2, False)

    played(scene)


def test_a_desk_that_sits_on_its_turn_loses_it(tmp_path: Path, postgres: Postgres) -> None:
    """Its process hangs between its turn's begin and its commit: the server ends it, the others go on."""

    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), built=world) as (one, two):
            for desk in (one, two):
                journal = desk.journal
                assert isinstance(journal, PostgresJournal)
                await desk.in_thread(lambda j=journal: j._db.execute(
                    "SET idle_in_transaction_session_timeout = '300ms'"
                ))  # fmt: skip
            await one.in_thread(one.journal.begin)
            assert (await two.submit(mark(world, "s1", "A1.J1", "2"))).a == "accepted"
            call = mark(world, "s2", "A1.J1", "2")
            assert (await one.submit(call)).code == "database_gone"
            assert (await until(one, call)).a == "accepted"

    played(scene)


def test_a_commit_that_the_server_undid_is_no_commit(tmp_path: Path, postgres: Postgres) -> None:
    """COMMIT of a transaction that had failed says ROLLBACK, and no error."""

    async def scene() -> None:
        world = marked_world()
        async with desks(tmp_path, postgres.database(), 1, built=world) as (desk,):
            journal = desk.journal
            assert isinstance(journal, PostgresJournal)
            insert = journal._insert

            def fails(lines: list[Line]) -> None:
                insert(lines)
                journal._wire.libpq.exec_(b"SELECT nonsense")

            journal._insert = fails  # type: ignore[method-assign]  # an error that nobody looked at
            call = mark(world, "s1", "A1.J1", "2")
            n = desk.state.streams[MAIN].n
            assert (await desk.submit(call)).a == "retry"
            assert desk.state.streams[MAIN].n == n
            assert (await until(desk, call)).a == "accepted"

    played(scene)


# ---------------------------------------------------------------- starting


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    async def open_at(url: str) -> None:
        await Desk.open(tmp_path, lambda: START, random.Random(1).randbytes, "c-test", db=url)

    for url in (f"postgresql://judges:{PASSWORD}@127.0.0.1:1/x", f"postgresql://judges:{PASSWORD}@:9:9/x"):
        with pytest.raises(DatabaseUnreachable) as refused:
            asyncio.run(open_at(url))
        assert PASSWORD not in str(refused.value) and "postgresql://" in refused.value.params["path"]


def test_a_wrong_password_is_said_without_it(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.database().replace(PASSWORD, "wrong-word")
    with pytest.raises(DatabaseUnreachable, match="authentication failed") as refused:
        PostgresJournal(url, "c1")
    assert "wrong-word" not in str(refused.value)


def test_the_directory_knows_its_database_and_not_the_password(tmp_path: Path, postgres: Postgres) -> None:
    async def scene() -> None:
        world = marked_world()
        db = postgres.database()
        async with desks(tmp_path, db, 1, built=world):
            pass
        for path in (tmp_path / "desk0").rglob("*"):
            assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
        with pytest.raises(DatabaseUnreachable, match="password"):
            await Desk.open(tmp_path / "desk0", lambda: START, random.Random(1).randbytes, "c-test")

    played(scene)


def test_a_directory_with_a_journal_of_its_own_takes_no_database(tmp_path: Path, postgres: Postgres) -> None:
    async def open_with(db: str) -> None:
        desk = await Desk.open(tmp_path, lambda: START, random.Random(1).randbytes, "c-test", db=db)
        await desk.close()

    asyncio.run(open_with(""))
    with pytest.raises(JournalTwice):
        asyncio.run(open_with(postgres.database()))
    db = postgres.database()
    move(str(tmp_path), db)
    asyncio.run(open_with(db))
    move(db, str(tmp_path))
    asyncio.run(open_with(""))
    with pytest.raises(JournalMoved):
        PostgresJournal(db)
