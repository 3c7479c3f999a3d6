"""Streams folded when they are touched: the same state in any order, judges at once, damage never hidden."""

from __future__ import annotations

import asyncio
import random
import secrets
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from compsys import boards, core, folding
from compsys import events as e
from compsys.commands_credentials import ProposeCredentials
from compsys.desk import Bell, Desk, folded
from compsys.folding import ALL, needs
from compsys.journal import SqliteJournal
from compsys.journal_api import Batch, Draft
from compsys.keys import Kept, Keys
from compsys.moving import move
from compsys.people import MAY
from compsys.replaying import _forget as forget
from compsys.seal import BrokenChain, Line
from compsys.state import NotFolded, Partly, State, Stream
from tests.compsys.core_day import Day
from tests.compsys.funnel import FINAL, heated
from tests.compsys.level import level
from tests.compsys.test_core_simulation import assert_once_only, assert_same_state, drawn
from tests.compsys.test_promises import no_room, played
from tests.journeys.test_national import played as edition_of
from tests.postgres import Postgres
from tests.world import MAIN, ORGANIZER, World


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small edition of several trades, played to its official results."""
    where = tmp_path_factory.mktemp("folding") / "edition"
    edition_of(where, 3)
    return where


@pytest.fixture
def copy(edition: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return copied(edition, tmp_path / "copy")


def copied(edition: Path, where: Path) -> Path:
    where.mkdir()
    shutil.copytree(edition / "keys", where / "keys")
    shutil.copy(edition / "journal.db", where / "journal.db")
    return where


def whole(directory: Path) -> State:
    """All of it folded in the order of its commits."""
    with SqliteJournal(directory) as journal:
        return folded(journal)


@asynccontextmanager
async def desk_of(directory: Path, at_once: int = 0, db: str = "") -> AsyncIterator[Desk]:
    desk = await Desk.open(
        directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, at_once=at_once, db=db
    )
    try:
        yield desk
    finally:
        await desk.close()


class Held:
    """Keeps the folding from all streams but some, until it is let go. What it does then is its own."""

    def __init__(self, desk: Desk, *free: str) -> None:
        self.free, self.open, self.read = free, asyncio.Event(), desk.folding._read
        desk.folding._read = self.page

    async def page(self, stream: str, after: int) -> list[Line]:
        if stream not in self.free:
            await self.open.wait()
        return await self.read(stream, after)


async def put(desk: Desk, command: e.AnyCommand, key: str = "") -> e.Answer:
    call = e.Call(key=key or desk.fresh(), actor=ORGANIZER, command=command)
    return await asyncio.wait_for(desk.submit(call), 20)


def pictures(state: State) -> list[boards.Picture]:
    return [boards.picture(state, topic, "public", lambda person: None) for topic in boards.topics(state)]


# ---------------------------------------------------------------- the same in any order


@pytest.mark.parametrize("seed", range(6))
def test_a_random_day_folded_on_touch_is_the_day(seed: int, tmp_path: Path) -> None:
    day = Day(seed)
    for _ in range(150):
        day.step()
    with SqliteJournal(tmp_path, "c-test") as journal:
        for stream, n, seal, event, closed in day.world.lines:
            draft = Draft(*e.pack(event, closed))
            (written,) = journal.append([Batch(stream, journal.head(stream), [draft])])
            assert isinstance(written, list) and (written[0].n, written[0].seal) == (n, seal)

    async def scene() -> None:
        async with desk_of(tmp_path) as desk:
            with pytest.raises(NotFolded):
                desk.state.streams.get(MAIN)
            async with desk.reading(MAIN) as state:
                assert_same_state(state, day.world.state)
                assert drawn(state) == drawn(day.world.state)
                assert_once_only(day, state)

    played(scene)


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_streams_are_touched_the_state_is_one(seed: int, edition: Path) -> None:
    eager = whole(edition)
    told = pictures(eager)
    chance = random.Random(seed)

    async def scene() -> None:
        async with desk_of(edition) as desk:
            names = list(desk.folding.rest)
            assert sorted(names) == sorted(eager.streams)
            for name in chance.sample(names, chance.randrange(len(names) + 1)):
                async with desk.reading(name) as state:
                    assert state.streams[name] == eager.streams[name]
                    topic = "board:" + "/".join(name.split(".")[:2]) + "/open"
                    assert boards.picture(state, topic, "public", lambda person: None) in told
                await asyncio.sleep(0)
            async with desk.reading() as state:
                assert type(state.streams) is dict and desk.folding.folded == len(names)
                assert pictures(state) == told
                forget(state)
                forget(eager)
                assert state == eager

    played(scene)


def test_every_command_says_which_streams_it_reads() -> None:
    said = (
        *folding._ALL_STREAMS, *folding._COMPETITION, e.Marking, e.Withhold, e.KeepHeads, e.Publish,
        e.Advance, e.MoveUp, ProposeCredentials,
    )  # fmt: skip
    assert [kind for kind in MAY if not issubclass(kind, said)] == []
    assert needs(e.Draw(stream="a.b.c", units=())) == (ALL,)
    assert needs(e.Session(stream="a.b.c", session="s", move="start")) == ("a.b.c",)
    assert needs(e.KeepHeads(heads={"a.b.c": (1, "0" * 16)}, where="home")) == ("a.b.c",)
    assert needs(e.Enrol(seat="s", token="t", device="d", device_key="k")) == ()


def on_its_needs(world: World, command: e.Command) -> None:
    """Decide a command where nothing is folded but what it says that it reads; then for good."""
    streams, wanted = world.state.streams, needs(command)
    mine = {
        name: stream for name, stream in streams.items()
        if any(name == one or (one.endswith(".") and name.startswith(one)) for one in wanted)
    }  # fmt: skip
    world.state.streams = Partly(mine, set(streams) - set(mine))
    decided = core.decide(world.state, world.call(ORGANIZER, command), "", world.fresh)
    world.state.streams = streams
    assert isinstance(decided, list), decided
    world.do(ORGANIZER, command)


def test_a_final_is_opened_and_a_tie_settled_on_no_more_than_they_say_they_read() -> None:
    world = heated()
    at = {"trade": "bake", "stage": "heat", "group": "open", "to": "final"}
    cut = e.Cut(reserve=1, carry="rescaled")
    on_its_needs(world, e.Advance(**at, count=2, cut=cut))  # type: ignore[arg-type]  # spread
    on_its_needs(world, e.MoveUp(**at, entry="e00000", reason="ill"))  # type: ignore[arg-type]  # spread
    world.do(ORGANIZER, e.Draw(stream=FINAL, units=(("e00001", "u1", "F1"), ("e00002", "u2", "F2"))))
    on_its_needs(world, e.Open(stream=FINAL))
    assert world.state.streams[FINAL].units["u2"].carried == {"heat": "7"}
    tied = level()
    other = Stream("other.final.main", "other", "final", "main")
    tied.state.streams[other.name] = other
    rows = (("u2", "2"), ("u3", "1"))
    on_its_needs(tied, e.SettleTie(stream=MAIN, key="decided", rows=rows, reason="so"))


# ---------------------------------------------------------------- judges, and what waits


def test_a_judge_is_answered_while_other_trades_are_not_folded(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            mine, *others = desk.folding.rest
            held = Held(desk, mine)
            answer = await put(desk, e.Freeze(stream=mine, on=True, reason="so"))
            assert answer.a == "accepted" and sorted(desk.folding.rest) == sorted(others)
            assert desk.ready(mine) and not desk.ready() and not desk.ready(others[0])
            later = asyncio.create_task(put(desk, e.Freeze(stream=others[0], on=True, reason="so")))
            whole = asyncio.create_task(put(desk, e.Draw(stream=mine, units=(("e", "u", "A11"),))))
            again = await put(desk, e.Freeze(stream=mine, on=False, reason="so"))
            assert again.a == "accepted" and not later.done() and not whole.done()
            held.open.set()
            assert (await later).a == "accepted"
            assert (await whole).code == "redraw_refused"

    played(scene)


def test_a_desk_that_closes_tells_those_who_wait_for_a_stream(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            Held(desk)
            waiting = asyncio.create_task(put(desk, e.Freeze(stream=next(iter(desk.folding.rest)), on=True)))
            while not desk._parked:
                await asyncio.sleep(0)
        assert ((await waiting).a, (await waiting).code) == ("retry", "starting")

    played(scene)


# ---------------------------------------------------------------- exactly once


def test_a_key_of_a_stream_that_is_not_folded_gets_its_answer_again(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            name = next(iter(desk.folding.rest))
            call = e.Call(desk.fresh(), ORGANIZER, e.Freeze(stream=name, on=True, reason="so"))
            first = await desk.submit(call)
        async with desk_of(copy) as desk:
            again = await desk.submit(call)
            assert (again.a, again.n, again.dup) == ("accepted", first.n, True)
            async with desk.reading(name) as state:
                assert state.streams[name].n == first.n

    played(scene)


def test_a_key_used_in_two_streams_before_both_were_folded_keeps_both_answers(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            one, two, three, *_ = desk.folding.rest
            calls = [
                e.Call("f" * 32, ORGANIZER, e.Freeze(stream=s, on=True, reason="so")) for s in (one, two)
            ]
            answers = [await desk.submit(calls[0])]
        async with desk_of(copy) as desk:
            held = Held(desk, two)
            answers.append(await desk.submit(calls[1]))
            assert [answer.a for answer in answers] == ["accepted"] * 2, "judges do not wait for other trades"
            held.open.set()
            other = e.Freeze(stream=three, on=True, reason="so")
            for _ in range(2):
                async with desk.reading():
                    found = [await desk.submit(call) for call in calls]
                assert [(a.a, a.stream, a.n) for a in found] == [(a.a, a.stream, a.n) for a in answers]
            assert (await put(desk, other, "f" * 32)).code == "key_reused"
            kept = desk.state.keys
        assert whole(copy).keys == kept

    played(scene)


def test_keys_of_streams_that_are_folded_anew_are_forgotten() -> None:
    keys, h = Keys(), "00ff00ff00ff00ff"
    a, b = Kept(h, "a.b.c", 1, "accepted", 1), Kept("11" * 8, "x.y.z", 2, "accepted", 1)
    keys["0" * 32], keys["1" * 32], keys["2" * 32], keys["2" * 32] = a, b, a, b
    assert keys.find("2" * 32, h) == a and keys.find("2" * 32, "11" * 8) == b
    keys.keep({"x.y.z"})
    assert dict(keys) == {"1" * 32: b, "2" * 32: b} and keys.find("0" * 32) is None


# ---------------------------------------------------------------- damage


def harm(directory: Path, stream: str, n: int) -> None:
    """Change the open part of a line."""
    with sqlite3.connect(directory / "journal.db") as db:
        db.execute(
            "UPDATE lines SET open = CAST(open || ' ' AS BLOB) WHERE stream = ? AND n = ?", (stream, n)
        )
    db.close()


def test_a_broken_stream_is_found_and_nothing_is_taken_for_it(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            mine, broken, *_ = desk.folding.rest
        harm(copy, broken, 20)
        async with desk_of(copy) as desk:
            said: list[Exception | None] = []
            desk.damaged = lambda: said.append(desk.folding.damage)
            assert (await put(desk, e.Freeze(stream=mine, on=True, reason="so"))).a == "accepted"
            answer = await put(desk, e.Freeze(stream=broken, on=True, reason="so"))
            assert (answer.a, answer.code) == ("retry", "starting")
            assert [(type(x), getattr(x, "stream", "")) for x in said] == [(BrokenChain, broken)]
            for asked in ((), (broken,)):
                with pytest.raises(BrokenChain, match="line 20"):
                    async with desk.reading(*asked):
                        pass
            async with desk.reading(mine) as state:
                assert state.streams[mine].standstill

    played(scene)


def test_damage_that_nobody_touches_is_found_in_the_background(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            *_, broken = desk.folding.rest
        harm(copy, broken, 5)
        found = asyncio.Event()
        async with desk_of(copy) as desk:
            desk.damaged = found.set
            await asyncio.wait_for(found.wait(), 20)

    played(scene)


# ---------------------------------------------------------------- faults


def test_after_a_fault_only_what_was_being_written_is_folded_anew(copy: Path) -> None:
    async def scene() -> None:
        async with desk_of(copy) as desk:
            async with desk.reading() as state:
                before = dict(state.streams)
            mine, *others = before
            heard: list[Bell] = []
            desk.listen(heard.extend)
            big = e.Freeze(stream=mine, on=True, reason="x" * 100_000)
            async with no_room(desk):
                assert (await put(desk, big, "a" * 32)).code == "disk_full"
            assert desk.ready(*others) and not desk.ready(mine)
            async with desk.reading() as state:
                assert all(state.streams[name] is before[name] for name in others), "they are what they were"
                assert state.streams[mine] is not before[mine] and not state.streams[mine].standstill
                assert "a" * 32 not in state.keys
                now = state
            assert heard == []
            while (answer := await put(desk, big, "a" * 32)).a == "retry":
                await asyncio.sleep(0.1)
            assert (answer.a, answer.dup) == ("accepted", False)
            assert [bell.stream for bell in heard] == [mine]
        again = whole(copy)
        forget(again)
        forget(now)
        assert now == again

    played(scene)


def test_lines_of_another_desk_to_a_stream_that_is_not_folded(
    copy: Path, tmp_path: Path, postgres: Postgres
) -> None:
    db = postgres.database()
    second = copied(copy, tmp_path / "second")
    (second / "journal.db").unlink()
    move(str(copy), db)

    async def scene() -> None:
        async with desk_of(copy, db=db) as desk:
            mine, other, *_ = desk.folding.rest
            held = Held(desk, other)
            async with desk.reading(other):
                pass
            heard: list[Bell] = []
            desk.listen(heard.extend)
            async with desk_of(second, db=db, at_once=10**9) as writer:
                first = await put(writer, e.Freeze(stream=mine, on=True, reason="so"))
                assert first.a == "accepted"
                # Here it is heard of with the next turn: only that it is there.
                assert (await put(desk, e.Freeze(stream=other, on=True, reason="so"))).a == "accepted"
                assert not desk.ready(mine) and [bell.stream for bell in heard] == [other]
                held.open.set()
                async with desk.reading() as state:
                    assert state.streams[mine].n == first.n and state.streams[mine].standstill
                assert [(bell.stream, bell.n) for bell in heard if bell.stream == mine] == [(mine, first.n)]
                async with desk.reading() as state, writer.reading() as theirs:
                    assert state.position(mine) == theirs.position(mine)

    played(scene)
