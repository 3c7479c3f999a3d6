"""The server of a data directory: it says where it listens, owns its directory, and stops in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compsys import control
from compsys.__main__ import make_app
from compsys.journal_api import DirectoryLocked, JournalMissing
from tests.web.venue import played
from web import public
from web.hub import Hub
from web.listening import Broken
from web.server import Running, names_of, serve
from web.watch import Watch


@asynccontextmanager
async def served(
    directory: Path, port: int = 0, **how: object
) -> AsyncIterator[tuple[Running, asyncio.Event]]:
    """``serve`` in a task, from its telling where it listens to its end."""
    stopping, told = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(directory, port=port, competition="c-test", told=told.set_result, stopping=stopping)
    )
    await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield await told, stopping
    finally:
        stopping.set()
        await task


def fetch(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return int(answer.status)


def test_it_serves_pages_and_the_control_socket_until_told_to_stop(tmp_path: Path) -> None:
    async def scene() -> None:
        directory = tmp_path / "data"
        async with served(directory) as (run, _):
            assert run.port > 0 and f":{run.port}" in run.urls[0]
            for url in (*run.urls, run.first_start):
                assert await asyncio.to_thread(fetch, url + ("/login" if url in run.urls else "")) == 200
            with control.Client(directory) as client:
                assert (await asyncio.to_thread(client.query, "status"))["competition"] == "c-test"
        with pytest.raises(control.NoServer):
            control.Client(directory)
        async with served(directory) as (again, _):
            assert again.first_start and again.first_start != run.first_start

    played(scene)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_order(number: signal.Signals, tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(tmp_path / "data") as (run, stopping):
            os.kill(os.getpid(), number)
            await asyncio.wait_for(stopping.wait(), 10)
            await asyncio.wait_for(asyncio.wait({run.ended}), 10)

    played(scene)


def test_what_breaks_beside_the_requests_ends_the_whole_server(tmp_path: Path) -> None:
    """A server that goes on answering without its boards or its news would look like a whole one."""

    async def scene() -> None:
        with pytest.raises(Broken):
            async with served(tmp_path / "data") as (run, _):
                run.app.state.live.tablets.leaving.put_nowait(ValueError("news could not be told"))
                await asyncio.wait({run.ended})
                with pytest.raises(OSError, match="refused"):
                    await asyncio.to_thread(fetch, run.urls[0])
        async with served(tmp_path / "data"):
            pass

    played(scene)


@pytest.mark.parametrize("part", ["tick_for_ever", "sweep_for_ever"])
def test_so_does_what_breaks_in_a_server_for_spectators(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking = asyncio.Event()

    async def broken(_: object) -> None:
        await breaking.wait()
        raise ValueError(part)

    monkeypatch.setattr(Hub if part == "tick_for_ever" else Watch, part, broken)
    listens: list[Running] = []

    async def scene() -> None:
        def told(run: Running) -> None:
            listens.append(run)
            breaking.set()

        with pytest.raises(Broken):
            await public.serve("redis://127.0.0.1:9/0", port=0, told=told)
        assert listens and listens[0].ended.done()

    played(scene)


def test_whoever_started_it_is_told_that_it_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Hub, "tick_for_ever", broken)
    monkeypatch.setenv("COMPSYS_LANG", "en")
    directory = str(tmp_path / "data")
    assert CliRunner().invoke(make_app(), ["new", directory]).exit_code == 0
    ended = CliRunner().invoke(make_app(), ["serve", directory, "--port", "0"])
    assert ended.exit_code == 1 and "what was accepted is on disk" in ended.stderr


def test_a_second_server_of_a_directory_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(tmp_path / "data"):
            with pytest.raises(DirectoryLocked):
                async with served(tmp_path / "data"):
                    pass
            with control.Client(tmp_path / "data") as client:
                assert (await asyncio.to_thread(client.query, "status"))["n"] == 0

    played(scene)


def test_a_port_in_use_is_refused_and_the_directory_is_free_again(tmp_path: Path) -> None:
    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            with pytest.raises(OSError, match="in use"):
                async with served(tmp_path / "data", other.getsockname()[1]):
                    pass
        async with served(tmp_path / "data"):
            pass

    played(scene)


def test_a_directory_without_a_journal_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(JournalMissing):
        asyncio.run(serve(tmp_path / "typo", port=0, told=lambda run: None))


def test_a_server_knows_the_names_it_is_reached_by() -> None:
    assert names_of("127.0.0.1") == ("127.0.0.1", "localhost")
    everywhere = names_of("0.0.0.0", ("venue.example",))
    assert everywhere[0] == "venue.example" and "0.0.0.0" not in everywhere
    assert {"localhost", "127.0.0.1"} <= set(everywhere)
    assert names_of("192.168.8.2")[0] == "192.168.8.2"
