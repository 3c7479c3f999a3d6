"""A real server process of its own, on a port, to be killed; forked from a helper with all imported."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from web.app import declarations
from web.server import Running, serve

declarations()  # every screen is imported once, in the helper that the servers are forked from

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


def run(directory: str, port: int, out: Connection, db: str) -> None:
    """Serve a data directory (with its database) until a signal comes; the port goes out through the
    pipe."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def told(running: Running) -> None:
        out.send(running.port)

    asyncio.run(serve(Path(directory), port=port, told=told, db=db))


class Server:
    """A server process and where it listens."""

    def __init__(self, directory: Path, port: int = 0, db: str = "") -> None:
        self.heard, out = FORKS.Pipe(duplex=False)
        self.process: ForkServerProcess = FORKS.Process(target=run, args=(str(directory), port, out, db))
        self.process.start()
        out.close()

    async def listening(self) -> int:
        """Wait until it listens; its port. EOFError when it ended before."""
        port: int = await asyncio.to_thread(self.heard.recv)
        return port

    async def kill(self) -> None:
        """``kill -9``, and wait until the system has buried it."""
        self.process.kill()
        await asyncio.to_thread(self.process.join, 20)
        assert self.process.exitcode == -9, self.process.exitcode
        self.heard.close()

    async def stop(self) -> None:
        """Ask it to stop (TERM): it must end in order."""
        self.process.terminate()
        await asyncio.to_thread(self.process.join, 20)
        assert self.process.exitcode == 0, self.process.exitcode
        self.heard.close()
