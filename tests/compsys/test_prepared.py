"""A result prepared beside the server is the one that would be decided, and a stale one is never taken."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import msgspec

from compsys import events as e
from compsys.beside import prepare
from compsys.desk import Desk
from compsys.prepared import Prepared, prepared
from tests.web.venue import Recorded
from tests.world import MAIN, OFFICE, ORGANIZER, World, mark_all, opened, set_up

PLACE = ("cooking", "final", "open")
PUBLISH = e.Publish(trade="cooking", stage="final", group="open", rank="provisional", audience="office")
LOCK = e.Lock(stream=MAIN, scope="stage")


def locked() -> World:
    """Three entries marked, signed and locked."""
    world = opened(3)
    for i, unit in enumerate(("u1", "u2", "u3")):
        mark_all(world, unit, points=str(12 - i))
    world.do(ORGANIZER, LOCK)
    return world


def marked_as(world: World) -> Prepared:
    """What was prepared, with a total that nobody has, so that it can be told."""
    found = prepared(world.state, PLACE)
    other = msgspec.structs.replace(found.rows[0], total="99.99")
    return msgspec.structs.replace(found, rows=(other, *found.rows[1:]))


def totals(world: World) -> list[str | None]:
    """The totals of the newest version."""
    return [row.total for row in world.state.results[PLACE].versions[-1].rows]


def test_what_was_prepared_is_taken_while_nothing_was_written_since() -> None:
    world = locked()
    world.state.prepared[PLACE] = marked_as(world)
    world.do(ORGANIZER, PUBLISH)
    assert totals(world)[0] == "99.99"


def test_a_line_in_the_stream_or_the_set_up_makes_it_stale() -> None:
    late = e.Define(kind="delegation", id="late", value={"id": "late", "name": {"en": "Late"}})
    unlock = e.Unlock(stream=MAIN, scope="stage", reason="look again", confirmed_by="zhao")
    for commands in ([late], [unlock, LOCK]):
        world = locked()
        world.state.prepared[PLACE] = marked_as(world)
        for command in commands:
            world.do(ORGANIZER, command)
        world.do(ORGANIZER, PUBLISH)
        assert "99.99" not in totals(world), commands


def test_a_desk_prepares_what_it_then_decides(tmp_path: Path) -> None:
    built = Recorded()
    set_up(built)
    built.do(ORGANIZER, e.Draw(stream=MAIN, units=tuple((f"e{i}", f"u{i}", f"A1{i}") for i in (1, 2, 3))))
    built.do(ORGANIZER, e.Open(stream=MAIN))
    built.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for unit in ("u1", "u2", "u3"):
        mark_all(built, unit)
    built.do(ORGANIZER, LOCK)

    async def scene() -> None:
        desk = await Desk.open(
            tmp_path / "data", lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test"
        )
        try:
            for call in built.calls:
                assert (await desk.submit(call)).a == "accepted"
            await prepare(desk, PLACE)
            assert desk.state.prepared == {PLACE: prepared(desk.state, PLACE)}
            assert (await desk.submit(e.Call(desk.fresh(), OFFICE, PUBLISH))).a == "accepted"
            assert desk.state.results[PLACE].versions[-1].rows == prepared(desk.state, PLACE).rows
        finally:
            await desk.close()

    asyncio.run(scene())
