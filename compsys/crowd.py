"""Simulated judges in a process of their own: many tablets that mark over real sockets, trade by trade.

``python -m compsys.crowd`` obeys JSON lines on standard input and answers with JSON lines: first ``{"base",
"seed"}``, then ``{"open": name, "seats": {key: [role, link token]}}``, answered ``{"opened": name}`` once
every seat has its tablet, and ``{"close": name}``, answered ``{"closed": name, "reconnects"}``. A tablet that
fails says ``{"failed": why}``. ``Tablets`` is the other side.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from compsys.edition import BigPlan
from compsys.simulate import Judge
from compsys.simulate_network import RealNetwork

LINE = 1 << 24
"""Bytes of one line."""


class Crowd:
    """The judges of this process."""

    def __init__(self, base: str, seed: int, say: Callable[[dict[str, Any]], None]) -> None:
        self.network, self.plan, self.seed, self.say = RealNetwork(base), BigPlan(seed), seed, say
        self.judges: dict[str, list[Judge]] = {}
        self.running: dict[str, list[asyncio.Task[None]]] = {}

    async def open(self, name: str, seats: dict[str, tuple[str, str]]) -> None:
        """Give these seats tablets and let them work."""
        self.judges[name] = [
            Judge(self.network, seat, role, self.plan, 0.0, self.seed) for seat, (role, _) in seats.items()
        ]
        for judge in self.judges[name]:
            await judge.enrol(seats[judge.seat][1])
        self.running[name] = [asyncio.create_task(self._run(judge)) for judge in self.judges[name]]
        self.say({"opened": name})

    async def _run(self, judge: Judge) -> None:
        try:
            await judge.run()
        except Exception as error:  # said to whoever waits for this judge, and raised again
            self.say({"failed": f"{judge.seat}: {error!r}"})
            raise

    async def close(self, name: str) -> None:
        """Their work is done."""
        judges, tasks = self.judges.pop(name), self.running.pop(name)
        for judge in judges:
            judge.dead = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.say({"closed": name, "reconnects": sum(judge.reconnects for judge in judges)})


async def obey() -> None:
    """Do what standard input says until it ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    reader = asyncio.StreamReader(limit=LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    def say(told: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()

    first = json.loads(await reader.readline())
    crowd = Crowd(first["base"], first["seed"], say)
    while line := await reader.readline():
        wish = json.loads(line)
        if "open" in wish:
            await crowd.open(wish["open"], wish["seats"])
        else:
            await crowd.close(wish["close"])


class Tablets:
    """The crowd's process as ``edition.Edition`` uses it."""

    def __init__(self, process: asyncio.subprocess.Process, failed: Callable[[str], None]) -> None:
        self.process, self.failed = process, failed
        self.waiting: dict[str, asyncio.Future[None]] = {}
        self.reconnects = 0

    def tell(self, wish: dict[str, Any]) -> None:
        """One line to the process."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wish).encode() + b"\n")

    async def listen(self) -> None:
        """Hear what it says until it ends."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            told = json.loads(line)
            if "failed" in told:
                self.failed(told["failed"])
                continue
            self.reconnects += told.get("reconnects", 0)
            key = f"opened {told['opened']}" if "opened" in told else f"closed {told['closed']}"
            self.waiting.pop(key).set_result(None)
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(RuntimeError("the judges' process ended"))

    async def _until(self, key: str, wish: dict[str, Any]) -> None:
        future = self.waiting[key] = asyncio.get_running_loop().create_future()
        self.tell(wish)
        await future

    @asynccontextmanager
    async def tablets(self, trade: str, seats: dict[str, tuple[str, str]]) -> AsyncIterator[None]:
        """Enrol and run the tablets of these seats while the block runs."""
        await self._until(f"opened {trade}", {"open": trade, "seats": seats})
        yield
        await self._until(f"closed {trade}", {"close": trade})


@asynccontextmanager
async def beside(base: str, seed: int, failed: Callable[[str], None]) -> AsyncIterator[Tablets]:
    """The judges' process beside this one while the block runs. ``failed``: told why a tablet failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "compsys.crowd",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE,
    )  # fmt: skip
    tablets = Tablets(process, failed)
    listening = asyncio.create_task(tablets.listen())
    tablets.tell({"base": base, "seed": seed})
    try:
        yield tablets
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening


if __name__ == "__main__":
    asyncio.run(obey())
