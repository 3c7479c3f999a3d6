"""An office that issued certificates, served by a real server in a thread, for tests in a browser."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from compsys import commands_credentials as c
from compsys import events as e
from compsys.clock import text
from compsys.credentials import documents, working
from compsys.credentials.days import local
from compsys.desk import Desk
from compsys.state_credentials import Credential
from tests.compsys import certified
from tests.world import ORGANIZER
from web.server import Running, running

T = TypeVar("T")
DAY = 86_400_000


class Office:
    """A served desk with an official result of four welders; its clock may be behind the real one."""

    desk: Desk
    run: Running
    loop: asyncio.AbstractEventLoop

    def __init__(self, folder: Path, count: int = 4, change: Any = lambda settings: settings) -> None:
        self.folder, self.count, self.change, self.behind = folder, count, change, 5 * DAY
        self.over = asyncio.Event()
        self.up: Future[None] = Future()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def now(self) -> int:
        """The desk's clock."""
        return time.time_ns() // 1_000_000 - self.behind

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The desk open, with the competition's result, its people and a key."""
        world = certified.official(self.count)
        self.desk = await Desk.open(self.folder / "data", self.now, secrets.token_bytes, "c-test")
        try:
            for call in world.calls:
                answer = await self.desk.submit(call)
                assert answer.a == "accepted", (answer, call)
            people = [(f"p{i:05d}", certified.identity(i)) for i in range(self.count)]
            await self.desk.put_persons(people)
            made = await working.make_key(self.desk, ORGANIZER, "centre")
            assert made.a == "accepted", made
            yield
        finally:
            await self.desk.close()

    async def serve(self) -> None:
        """Serve until it is over."""
        async with self.opened(), running(self.desk, change=self.change) as self.run:
            self.up.set_result(None)
            await self.over.wait()

    async def do(self, command: e.AnyCommand) -> e.Answer:
        """A command of the organizer."""
        answer = await self.desk.submit(e.Call(self.desk.fresh(), ORGANIZER, command))
        assert answer.a == "accepted", answer
        return answer

    async def issued(self, paper: str = "level") -> list[Credential]:
        """The way of all rows, from proposals to certificates; the best first."""
        batch = self.desk.fresh()
        await self.do(certified.proposal(batch, paper, self.count))
        version = 0
        if paper == "level":
            since = local(self.desk.state, text(self.now()))[:10]
            await self.do(c.GiveNotice(batch=batch, since=since, days=0))
            self.behind -= 2 * DAY
            version = 1
        await self.do(c.ApproveBatch(batch=batch, version=version, confirmed_by="qian", identity=("*",)))
        found = await working.issue(self.desk, ORGANIZER, batch)
        assert found.refused is None and not found.void, found
        self.behind = 0
        held = self.desk.state.credentials
        return sorted((one for one in held.held.values() if one.batch == batch), key=lambda one: one.row)

    async def document(self, credential: Credential) -> dict[str, Any]:
        """A certificate's signed document."""
        found = documents.document(self.desk.state, self.desk.names, credential)
        assert isinstance(found, dict), found
        return found

    async def move(self, credential: Credential, move: Any, code: Any = "error") -> None:
        """Revoke, suspend or reinstate."""
        ids = (credential.id,)
        command = c.MoveCredentials(move=move, code=code, credentials=ids, reason="test", confirmed_by="qian")
        await self.do(command)

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.run.port}"


@contextmanager
def office(folder: Path, **how: Any) -> Iterator[Office]:
    """A served office."""
    found = Office(folder, **how)
    found.loop = asyncio.new_event_loop()
    thread = threading.Thread(target=found.loop.run_forever, daemon=True)
    thread.start()
    serving = asyncio.run_coroutine_threadsafe(found.serve(), found.loop)
    serving.add_done_callback(
        lambda ended: found.up.done() or found.up.set_exception(ended.exception() or RuntimeError())
    )
    try:
        found.up.result(120)
        yield found
    finally:
        found.loop.call_soon_threadsafe(found.over.set)
        serving.result(60)
        found.loop.call_soon_threadsafe(found.loop.stop)
        thread.join(60)
        found.loop.close()
