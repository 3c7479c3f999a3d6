"""A proxy between browser and server that can swallow everything, be slow, or be cut, as venue Wi-Fi does.

It listens on an address of its own (``127.0.0.2``, the server's port) and forwards bytes to the server. In a
black hole connections are still accepted and stay open, nothing is forwarded, and nobody is told: no FIN, no
RST. What was sent into the hole comes out in its order when the line is back, as TCP repeats it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

FRONT = "127.0.0.2"
CHUNK = 65536
T = TypeVar("T")


class Proxy:
    """The proxy; its methods may be called from any thread and have happened when they return."""

    def __init__(self, port: int, front: str = FRONT) -> None:
        self.port, self.front = port, front
        self.held = 0
        """bytes that wait in the hole"""
        self._slow = 0.0
        self._loop = asyncio.new_event_loop()
        self._clear: asyncio.Event | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    # ------------------------------------------------------------ what a test does to it

    def swallow(self, seconds: float | None = None) -> None:
        """From now on nothing passes, in either direction, and no connection ends; ``seconds``: for so long,
        else until ``restore``."""

        def clear() -> None:
            self._state.clear()
            if seconds is not None:
                self._loop.call_later(seconds, self._state.set)

        self._in_loop(clear)

    def restore(self) -> None:
        """Everything passes again, what was held first."""
        self._in_loop(lambda: self._state.set())

    def delay(self, seconds: float) -> None:
        """What is sent from now on takes so much longer, each way."""

        def slow() -> None:
            self._slow = seconds

        self._in_loop(slow)

    def cut(self) -> None:
        """Reset every connection, with what it holds; new ones are taken."""
        self._in_loop(self._reset_all)

    def close(self) -> None:
        """Stop listening, end everything."""

        async def end() -> None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # ------------------------------------------------------------ inside

    @property
    def _state(self) -> asyncio.Event:
        assert self._clear is not None
        return self._clear

    def _in_loop(self, work: Callable[[], T]) -> T:
        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _reset_all(self) -> None:
        for writer in self._open:
            taken = writer.get_extra_info("socket")
            # A linger of nothing: closing sends RST instead of FIN.
            with suppress(OSError):
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _listen(self) -> asyncio.Server:
        self._clear = asyncio.Event()
        self._clear.set()
        return await asyncio.start_server(self._take, self.front, self.port)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._taken(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        self._open.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._state.wait()
            back, there = await asyncio.open_connection("127.0.0.1", self.port)
            self._open.add(there)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward(reader, there))
                group.create_task(self._forward(back, writer))
        except (OSError, ExceptionGroup):
            pass  # one side is gone: so is the other
        finally:
            for one in (writer, there):
                if one is not None:
                    self._open.discard(one)
                    one.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction: what comes goes on in its order, no sooner than it may."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def read() -> None:
            # Read on also while nothing passes, as a sender's own buffers would take it.
            data = b"first"
            while data:
                data = await reader.read(CHUNK)
                self.held += len(data)
                queue.put_nowait((self._loop.time() + self._slow, data))

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await self._state.wait()
                self.held -= len(data)
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            with suppress(OSError):
                writer.write_eof()


@contextmanager
def proxy(port: int, front: str = FRONT) -> Iterator[Proxy]:
    """A proxy for the server on a port of 127.0.0.1, reached on the same port of ``front``."""
    made = Proxy(port, front)
    try:
        yield made
    finally:
        made.close()
