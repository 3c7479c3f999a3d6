"""Work on the state that takes long, done in a copy of this process beside it: judges' marks do not wait.

A fork has the whole state as it stood, at the cost of copying a page table, and no interpreter lock shared
with the server; what it works out comes back as bytes through a pipe. The copy writes nothing: all its files
and sockets are closed but that pipe, the journal's lock and the server's port among them.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import msgspec

from compsys.events import COMPETITION
from compsys.prepared import Prepared, prepared

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State

log = logging.getLogger("compsys.beside")

AT_ONCE = 2
"""Copies of a server at a time; who asks for more waits."""

SECONDS = 300
"""A copy that has not ended by then is ended by the system's alarm clock, also when the server is gone."""

NICER = 10
"""How far the copy stands back behind the judges where processors are scarce."""

BLOCK = 1 << 20


class Failed(Exception):
    """The copy did not answer: what it said, or how it ended."""


async def beside(desk: Desk, work: Callable[[State], bytes], *streams: str) -> bytes:
    """What ``work`` makes of the state, once nothing in it is ahead of the disk; raises Failed.

    ``streams``: as of ``Desk.reading``. ``work`` must not write, nor rely on what it changes: it changes a
    copy. On a simulated clock, and where the system cannot make a copy, it is done at once in the loop.
    """
    async with desk.apart:
        copy: Copy | None = None
        async with desk.reading(*streams) as state:
            if desk.threaded and hasattr(os, "fork"):
                copy = begin(lambda: work(state))
            if copy is None:
                return work(state)
        return await copy.answer()


async def prepare(desk: Desk, place: tuple[str, str, str]) -> None:
    """Work out beside the server what publishing a group is about to decide on; where that cannot be, the
    decision works it out itself."""
    try:
        data = await beside(desk, lambda state: msgspec.json.encode(prepared(state, place)))
    except Failed as error:
        log.error("not prepared: %s", error)
        return
    async with desk.reading(COMPETITION) as state:
        state.prepared = {place: msgspec.json.decode(data, type=Prepared)}


class Copy:
    """A copy of this process that works."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid, self.pipe = pid, pipe
        self._ended = False
        self._lock = threading.Lock()

    async def answer(self) -> bytes:
        """What it answers; whoever stops waiting ends it. Raises Failed."""
        reading = asyncio.get_running_loop().run_in_executor(None, self._read)
        try:
            said, status = await asyncio.shield(reading)
        except asyncio.CancelledError:
            self._kill()
            raise
        if status or not said.startswith(b"+"):
            raise Failed(said[1:].decode("utf-8", "replace") or f"ended with {status}")
        return said[1:]

    def _read(self) -> tuple[bytes, int]:
        """In a thread: everything that it says, and how it ended (0: well, negative: by which signal)."""
        said = bytearray()
        while block := os.read(self.pipe, BLOCK):
            said += block
        os.close(self.pipe)
        with self._lock:
            self._ended = True
        return bytes(said), os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _kill(self) -> None:
        with self._lock:
            if not self._ended:  # after that the number may be another process's
                os.kill(self.pid, signal.SIGKILL)


def begin(work: Callable[[], bytes]) -> Copy | None:
    """A copy of this process that does the work; None where there is no memory for one."""
    coming, going = os.pipe()
    try:
        with warnings.catch_warnings():
            # Later Pythons warn that a lock which another thread holds stays locked in the copy. The work
            # takes none, and a copy that hangs is ended by its alarm.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
    except OSError as error:
        log.warning("no copy beside the server: %s", error)
        os.close(coming)
        os.close(going)
        return None
    if not pid:
        _work(work, going)
    os.close(going)
    return Copy(pid, coming)


def _work(work: Callable[[], bytes], pipe: int) -> NoReturn:
    """In the copy: work, answer, end; nothing of the server's is finished or flushed here."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(SECONDS)
        os.closerange(3, pipe)
        os.closerange(pipe + 1, os.sysconf("SC_OPEN_MAX"))
        os.nice(NICER)
        gc.disable()  # a round of the collector would write to, and so copy, all that is shared
        said = b"+" + work()
    except BaseException:  # noqa: BLE001  the server is told and raises it
        said = b"-" + traceback.format_exc().encode("utf-8", "replace")
    try:
        left = memoryview(said)
        while left:
            left = left[os.write(pipe, left) :]
    finally:
        os._exit(0)
