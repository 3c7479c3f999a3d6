"""The control socket: commands of the machine's own command line, answered by the running server."""

from __future__ import annotations

import asyncio
import secrets
import socket
import stat
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from compsys import control
from compsys import events as e
from compsys.desk import Desk

T = TypeVar("T")


@asynccontextmanager
async def listening(directory: Path) -> AsyncIterator[Desk]:
    """A desk with its control socket."""
    desk = await Desk.open(directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test")
    try:
        async with control.listening(desk, directory):
            yield desk
    finally:
        await desk.close()


async def client(directory: Path, work: Callable[[control.Client], T]) -> T:
    """What a command line does, in a thread as it would in a process."""

    def run() -> T:
        with control.Client(directory) as found:
            return work(found)

    return await asyncio.to_thread(run)


DELEGATION = e.Define(kind="delegation", id="d1", value={"id": "d1", "name": {"en": "One"}})


def test_commands_run_as_the_office_and_once_per_key(tmp_path: Path) -> None:
    async def scene() -> None:
        async with listening(tmp_path / "data") as desk:
            key = secrets.token_hex(16)
            first = await client(tmp_path / "data", lambda c: c.do(DELEGATION, key))
            again = await client(tmp_path / "data", lambda c: c.do(DELEGATION, key))
            assert (first.a, first.n, again.dup) == ("accepted", 1, True)
            assert list(desk.state.setup.delegations) == ["d1"]
            unknown = e.Define(kind="nothing", id="x", value={})
            refused = await client(tmp_path / "data", lambda c: c.do(unknown, secrets.token_hex(16)))
            assert (refused.a, refused.code) == ("refused", "unknown_kind")
            status = await client(tmp_path / "data", lambda c: c.query("status"))
            assert (status["competition"], status["n"], status["fault"]) == ("c-test", 1, "")

    asyncio.run(scene())


def test_many_requests_go_over_one_connection_in_order(tmp_path: Path) -> None:
    async def scene() -> None:
        async with listening(tmp_path / "data"):

            def work(found: control.Client) -> list[int]:
                answers = []
                for number in range(5):
                    value = {"id": f"d{number}", "name": {"en": "x" * 200_000}}
                    command = e.Define(kind="delegation", id=f"d{number}", value=value)
                    answers.append(found.do(command, secrets.token_hex(16)).n)
                return answers

            assert await client(tmp_path / "data", work) == [1, 2, 3, 4, 5]

    asyncio.run(scene())


def test_what_cannot_be_read_is_told_and_the_next_line_is_taken(tmp_path: Path) -> None:
    async def scene() -> None:
        async with listening(tmp_path / "data"):
            with control.connected(tmp_path / "data") as plain:
                plain.setblocking(False)
                loop = asyncio.get_running_loop()
                heard = b""
                lines = (b"nonsense\n", b"[]\n", b'{"do":{"c":"burn"},"key":"x"}\n', b'{"query":"secrets"}\n')
                for line in lines:
                    await loop.sock_sendall(plain, line)
                    while heard.count(b"\n") <= lines.index(line):
                        heard += await loop.sock_recv(plain, 4096)
            errors = [msgspec.json.decode(line)["error"] for line in heard.splitlines()]
            assert errors == ["malformed", "malformed", "malformed", "unknown_kind"]

    asyncio.run(scene())


def test_only_the_owner_may_speak_and_a_stopped_server_leaves_nothing_behind(tmp_path: Path) -> None:
    async def scene() -> None:
        directory = tmp_path / "data"
        async with listening(directory):
            mode = (directory / control.NAME).stat().st_mode
            assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
        assert not (directory / control.NAME).exists()
        with pytest.raises(control.NoServer):
            control.Client(directory)
        # a server that was killed leaves its socket: the next one takes its place
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(directory / control.NAME))
        left.close()
        with pytest.raises(control.NoServer):
            control.Client(directory)
        async with listening(directory):
            assert (await client(directory, lambda c: c.query("status")))["n"] == 0

    asyncio.run(scene())


def test_a_directory_with_a_long_path_is_reached_too(tmp_path: Path) -> None:
    async def scene() -> None:
        directory = tmp_path / ("a" * 90) / ("赛" * 20)
        directory.mkdir(parents=True)
        async with listening(directory):
            assert (await client(directory, lambda c: c.query("status")))["competition"] == "c-test"

    asyncio.run(scene())


def test_a_server_that_stops_ends_the_connections_it_has(tmp_path: Path) -> None:
    async def scene() -> None:
        directory = tmp_path / "data"
        async with listening(directory):
            held = control.Client(directory)
            assert (await asyncio.to_thread(held.query, "status"))["n"] == 0
        with held, pytest.raises(control.NoServer):
            await asyncio.to_thread(held.query, "status")

    asyncio.run(scene())
