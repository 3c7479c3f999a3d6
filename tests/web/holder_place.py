"""A served competition whose people were issued certificates, driven from the test's own thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from compsys import holder_desk
from compsys.desk import Desk
from tests.compsys.holders import LIFE, OFFICE, OFFICER, issued, number, person
from tests.web.venue import Browser as Client
from web.server import Running, running
from web.settings import Settings

T = TypeVar("T")


class Seconds:
    """The clock of waits: it goes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Place:
    """The server and its desk; every method is for the test's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, desk: Desk, run: Running, seconds: Seconds) -> None:
        self.loop, self.desk, self.run, self.seconds = loop, desk, run, seconds

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.run.port}"

    def token(self, i: int = 0) -> str:
        """A new private link of person i: its token."""
        links, answer = self.wait(holder_desk.issue(self.desk, [person(i)], LIFE, OFFICE))
        assert answer.a == "accepted", answer
        return links[0].token

    def client(self) -> Client:
        """A browser without pages."""
        return Client(self.run)

    def came(self, i: int = 0) -> Client:
        """A browser in which person i is in."""
        client = self.client()
        said = {"token": self.token(i), "answer": number(i)[-4:]}
        told = self.wait(client.post_json("/holder/enter", said))
        assert told.status == 200, told
        return client

    def accept(self, i: int = 0, words: str = "") -> holder_desk.Step:
        """An officer accepts the correction that waits for person i."""
        id_ = next(one for one in self.desk.state.holders.corrections_of[person(i)][::-1])
        return self.wait(holder_desk.accept(self.desk, id_, OFFICE, words, OFFICER))


@contextmanager
def holder_place(directory: Path) -> Iterator[Place]:
    """The server, until the test is over."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    seconds = Seconds()

    def change(settings: Settings) -> Settings:
        return replace(settings, seconds=seconds)

    async def begin() -> tuple[Desk, Running, Any]:
        desk = await issued(directory / "data")
        serving = running(desk, change=change)
        return desk, await serving.__aenter__(), serving

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    desk, run, serving = wait(begin())
    try:
        yield Place(loop, desk, run, seconds)
    finally:

        async def end() -> None:
            await serving.__aexit__(None, None, None)
            await desk.close()

        wait(end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
