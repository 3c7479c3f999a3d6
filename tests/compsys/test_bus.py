"""Pictures on their way: drawn once, counted by what is visible, wholes and changes that agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from compsys import boards
from compsys.bus import FromState, Pictures
from compsys.state import State
from compsys.vault import Identity
from tests.world import World, mark_all, opened

BOARD = "board:cooking/final/open"


class Reader:
    """A world read as a desk is, counting how often."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.read = 0

    @asynccontextmanager
    async def reading(self, *streams: str) -> AsyncIterator[State]:
        self.read += 1
        yield self.world.state

    def ready(self, *streams: str) -> bool:
        return True

    def names(self, person: str) -> Identity | None:
        return Identity({"en": person})


def pictures(world: World) -> tuple[Pictures, Reader]:
    reader = Reader(world)
    tokens = iter(range(10**6))
    return Pictures(FromState(reader, "public"), lambda _: f"{next(tokens):016x}"), reader


def decoded(message: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(message)
    return found


def test_a_topic_is_drawn_once_however_many_ask() -> None:
    async def scene() -> None:
        found, reader = pictures(opened())
        shown = [await found.newest(BOARD) for _ in range(5)]
        assert reader.read == 1 and all(one is shown[0] for one in shown)
        assert shown[0].whole is shown[0].whole
        assert decoded(shown[0].whole)["v"] == 1

    asyncio.run(scene())


def test_changes_patch_the_whole_and_count_by_one() -> None:
    async def scene() -> None:
        world = opened()
        found, _ = pictures(world)
        picture = decoded((await found.newest(BOARD)).whole)["picture"]
        for step, unit in enumerate(("u1", "u2"), 1):
            mark_all(world, unit)
            assert found.rang([("sheet", "cooking.final.main", unit, "A1")]) == [BOARD]
            ((shown, message),) = await found.draw([BOARD])
            change = decoded(message)
            assert (change["base"], change["v"], change["run"]) == (step, step + 1, shown.run)
            picture = boards.patch(picture, change)
            assert decoded(shown.whole) == {
                "m": "whole", "topic": BOARD, "run": shown.run, "v": step + 1, "picture": picture,
            }  # fmt: skip

    asyncio.run(scene())


def test_what_changes_nothing_visible_counts_nothing() -> None:
    async def scene() -> None:
        world = opened()
        found, _ = pictures(world)
        before = (await found.newest(BOARD)).whole
        assert world.mark("s1", "u1", "A1.J1", "3").a == "accepted"
        assert found.rang([("sheet", "cooking.final.main", "u1", "A1")]) == [BOARD]
        assert await found.draw([BOARD]) == []
        assert (await found.newest(BOARD)).whole == before

    asyncio.run(scene())


def test_bells_of_another_trade_leave_a_topic_alone() -> None:
    async def scene() -> None:
        found, reader = pictures(opened())
        await found.newest(BOARD)
        assert found.rang([("sheet", "pastry.final.main", "u1", "A1"), ("device", "d1")]) == []
        await found.newest(BOARD)
        assert reader.read == 1

    asyncio.run(scene())


def test_a_watched_topic_waits_for_its_ticker_and_an_unwatched_one_is_drawn_at_once() -> None:
    async def scene() -> None:
        world = opened()
        found, _ = pictures(world)
        await found.newest(BOARD)
        mark_all(world, "u1")
        found.rang([("sheet", "cooking.final.main", "u1", "A1")])
        assert (await found.newest(BOARD, hold=True)).v == 1
        assert (await found.newest(BOARD)).v == 2

    asyncio.run(scene())


def test_an_unknown_topic_is_nothing_and_is_not_kept() -> None:
    async def scene() -> None:
        found, _ = pictures(opened())
        for topic in ("board:x/y/z", "medals:shiniest", "", f"{BOARD}?page=0", f"{BOARD}?page=2"):
            with pytest.raises(boards.UnknownTopic):
                await found.newest(topic)
        assert found.kept == {}

    asyncio.run(scene())


def test_topics_nobody_watches_are_forgotten_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compsys.bus.KEPT", 2)

    async def scene() -> None:
        found, _ = pictures(opened())
        for topic in (BOARD, "medals:gold_first", "medals:total"):
            await found.newest(topic)
        await found.newest(BOARD)
        found.trim(lambda topic: topic == "medals:gold_first")
        assert set(found.kept) == {"medals:gold_first", BOARD}

    asyncio.run(scene())
