"""A real Redis server for tests: on a free port, in its own folder, to be killed, stopped and flushed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis


class RedisServer:
    """One server; ``start`` it again on the same port after ``kill``."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self.options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, as everybody may come in."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it answers. It keeps nothing on disk."""
        program = shutil.which("redis-server")
        assert program is not None, "no redis-server on this machine: apt-get install redis-server"
        wanted = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        kept = ["--save", "", "--appendonly", "no", "--logfile", str(self.folder / "log")]
        self.process = subprocess.Popen([program, *wanted, *kept, *self.options])
        late = time.monotonic() + 10
        while True:
            try:
                self.client().ping()
                return
            except redis.AuthenticationError:
                return
            except redis.RedisError:
                assert self.process.poll() is None and time.monotonic() < late, "redis-server does not answer"
                time.sleep(0.02)

    def client(self, **how: object) -> redis.Redis:
        """A client of the test's own."""
        return redis.Redis(port=self.port, socket_timeout=5, protocol=2, **how)  # type: ignore[arg-type]  # the test's words

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        """Stop it (SIGSTOP: it holds every connection and says nothing) or let it go on (SIGCONT)."""
        assert self.process is not None
        os.kill(self.process.pid, number)

    def flush(self) -> None:
        """Forget everything."""
        self.client().flushall()


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[RedisServer]:
    """A running server; ``options``: more of redis-server's own."""
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError, AssertionError):
            server.signal(signal.SIGCONT)
        server.kill()
