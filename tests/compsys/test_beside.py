"""Long work beside the server: marks are taken meanwhile, nothing of it is kept, and it cannot do harm."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from compsys import control
from compsys import events as e
from compsys.beside import AT_ONCE, Failed, beside
from compsys.desk import Desk
from compsys.state import State
from tests.world import OFFICE

PATIENCE = 30
"""Seconds until a test gives up; a copy that waits for it does so after twice as many."""


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Desk]:
    """A desk over a new journal."""
    desk = await Desk.open(directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test")
    try:
        yield desk
    finally:
        with suppress(RuntimeError):
            await desk.close()


async def named(desk: Desk, name: str) -> e.Answer:
    """A line: a delegation of this name."""
    value = {"id": name, "name": {"en": name}}
    return await desk.submit(e.Call(desk.fresh(), OFFICE, e.Define(kind="delegation", id=name, value=value)))


def until(path: Path) -> None:
    """In the copy: wait for a file."""
    for _ in range(PATIENCE * 200):
        if path.exists():
            return
        time.sleep(0.01)
    raise TimeoutError(path)


async def begun(path: Path) -> None:
    """In the server: wait until the copy has made a file."""
    async with asyncio.timeout(PATIENCE):
        while not path.exists():
            await asyncio.sleep(0.01)


def known(state: State) -> bytes:
    """The delegations there are."""
    return " ".join(state.setup.delegations).encode()


def test_lines_are_taken_while_a_copy_works_on_the_state_as_it_was(tmp_path: Path) -> None:
    def slow(state: State) -> bytes:
        (tmp_path / "begun").touch()
        until(tmp_path / "go on")
        state.setup.records["delegation"].clear()
        return known(State()) + known(state) + str(state.n).encode()

    async def scene() -> None:
        async with opened(tmp_path / "data") as desk:
            assert (await named(desk, "one")).a == "accepted"
            working = asyncio.create_task(beside(desk, slow))
            await begun(tmp_path / "begun")
            assert (await named(desk, "two")).a == "accepted", "while the copy is at work"
            (tmp_path / "go on").touch()
            assert await working == b"1"
            assert known(desk.state) == b"one two", "what the copy did to its state is nobody else's"

    asyncio.run(scene())


def test_a_query_that_may_take_long_is_answered_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(desk: Desk, state: State, params: dict[str, str]) -> str:
        (tmp_path / "begun").touch()
        until(tmp_path / "go on")
        return known(state).decode()

    def broken(desk: Desk, state: State, params: dict[str, str]) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(control.QUERIES, "slow", slow)
    monkeypatch.setitem(control.QUERIES, "broken", broken)
    monkeypatch.setattr(control, "BESIDE", {*control.BESIDE, "slow", "broken"})

    async def scene() -> None:
        async with opened(tmp_path / "data") as desk:
            assert (await named(desk, "one")).a == "accepted"
            working = asyncio.create_task(control.answer(desk, b'{"query":"slow"}'))
            await begun(tmp_path / "begun")
            assert (await named(desk, "two")).a == "accepted"
            (tmp_path / "go on").touch()
            assert msgspec.json.decode(await working) == {"value": "one"}
            told = msgspec.json.decode(await control.answer(desk, b'{"query":"broken"}'))
            assert told == {"error": "query_failed"}

    asyncio.run(scene())


def test_what_goes_wrong_in_a_copy_is_told_and_the_server_goes_on(tmp_path: Path) -> None:
    def wrong(state: State) -> bytes:
        raise ValueError("a ladder without rungs")

    def gone(state: State) -> bytes:
        os.kill(os.getpid(), 9)
        return b""

    async def scene() -> None:
        async with opened(tmp_path / "data") as desk:
            with pytest.raises(Failed, match="a ladder without rungs"):
                await beside(desk, wrong)
            with pytest.raises(Failed, match="-9"):
                await beside(desk, gone)
            large = await beside(desk, lambda state: b"x" * 3_000_000)
            assert len(large) == 3_000_000

    asyncio.run(scene())


def test_a_copy_holds_nothing_of_the_servers(tmp_path: Path) -> None:
    """A server that ended while a copy works can be started again at once."""

    def slow(state: State) -> bytes:
        (tmp_path / "begun").touch()
        until(tmp_path / "go on")
        return str(sum(1 for _ in Path("/proc/self/fd").iterdir())).encode()

    async def scene() -> None:
        async with opened(tmp_path / "data") as desk:
            working = asyncio.create_task(beside(desk, slow))
            await begun(tmp_path / "begun")
            await desk.close()
            async with opened(tmp_path / "data") as again:
                assert (await named(again, "one")).a == "accepted"
            (tmp_path / "go on").touch()
            assert int(await working) <= 5, "the three of every process, its pipe, and the folder listed"

    asyncio.run(scene())


def test_who_no_longer_waits_ends_the_copy_and_makes_room(tmp_path: Path) -> None:
    def endless(state: State) -> bytes:
        (tmp_path / f"begun {os.getpid()}").touch()
        until(tmp_path / "never")
        return b""

    async def scene() -> None:
        async with opened(tmp_path / "data") as desk:
            working = [asyncio.create_task(beside(desk, endless)) for _ in range(AT_ONCE)]
            async with asyncio.timeout(PATIENCE):
                while len(found := sorted(tmp_path.glob("begun *"))) < AT_ONCE:
                    await asyncio.sleep(0.01)
            waiting = asyncio.create_task(beside(desk, known))
            assert (await named(desk, "one")).a == "accepted"
            assert not waiting.done(), "so many copies at a time and no more"
            for task in working:
                task.cancel()
            assert await waiting == b"one"
            await asyncio.gather(*working, return_exceptions=True)
            async with asyncio.timeout(PATIENCE):
                for path in found:
                    while Path(f"/proc/{path.name.removeprefix('begun ')}").exists():
                        await asyncio.sleep(0.01)

    asyncio.run(scene())
