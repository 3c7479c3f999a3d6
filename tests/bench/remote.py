"""A bench's other processes: start one, ask it in JSON lines over its pipes, read what it has used."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Handler = Callable[[Json], Awaitable[Json]]
ROOT = Path(__file__).resolve().parents[2]


class Remote:
    """A process of ours (``python -m MODULE ARGS``) that obeys questions; end it with ``close``."""

    def __init__(self, module: str, *args: str) -> None:
        self.name = module
        command = [sys.executable, "-m", module, *args]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def send(self, **question: Any) -> None:
        """Ask, without waiting for the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def take(self) -> Json:
        """The answer to the question asked longest ago; raises RuntimeError when the process has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}")
        answer: Json = json.loads(line)
        return answer

    def ask(self, **question: Any) -> Json:
        """The answer to a question."""
        self.send(**question)
        return self.take()

    def close(self) -> None:
        """End its input, so that it ends, and wait."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def most_files() -> None:
    """Allow this process as many open files as the system lets it have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def used() -> float:
    """CPU seconds of this process so far, all its threads, user and system."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def tell(answer: Json) -> None:
    """Answer the question."""
    os.write(1, json.dumps(answer).encode() + b"\n")


async def obey(handlers: dict[str, Handler]) -> None:
    """Answer questions ``{"do": name, ...}`` on standard input, in their order, until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        question: Json = json.loads(line)
        tell(await handlers[question.pop("do")](question))
