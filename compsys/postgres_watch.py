"""Ends a connection to PostgreSQL on which the server has been silent for too long.

A server that is gone is noticed by the kernel (keepalives, ``tcp_user_timeout``). One that hangs is not: its
kernel goes on acknowledging, and libpq waits for ever. So whoever waits for an answer says since when, and a
thread beside it looks. It only shuts the socket: whoever waits finds the connection lost, as in a real loss,
and everything that holds for a real loss holds. A COMMIT that was on its way may yet be carried out when the
server wakes up; until it is done or undone it keeps its turn, so nobody writes before they have heard of it.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

SILENCE = 20.0
"""Seconds without an answer after which a server is taken for gone: more than any of its own limits (a turn
is waited for ten seconds), less than a judge waits before asking somebody."""
LONG = 600.0
"""The same for what takes a server long in all honesty: clearing whole tables up."""
_LOOKS = 20
"""How often within its time the thread looks."""


class Watch:
    """The thread that looks. ``handle``: the connection's socket, of which it keeps a copy of its own, so
    that a number used again for another file is never shut."""

    def __init__(self, handle: int) -> None:
        self.cut = False
        self._socket = socket.socket(fileno=os.dup(handle))
        self._until = 0.0
        self._over = threading.Event()
        threading.Thread(target=self._look, name="postgres watch", daemon=True).start()

    @contextmanager
    def waiting(self, longest: float = 0.0) -> Iterator[None]:
        """While inside somebody waits for the server, at most so many seconds (0: SILENCE) without a word
        from it. May be nested: leaving an inner one begins the outer one's time anew."""
        outer = self._until
        self._until = time.monotonic() + (longest or SILENCE)
        try:
            yield
        finally:
            self._until = time.monotonic() + SILENCE if outer else 0.0

    def heard(self) -> None:
        """The server said or took something: the time begins anew."""
        self._until = time.monotonic() + SILENCE

    def end(self) -> None:
        """Nobody waits any more."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(SILENCE / _LOOKS):
            until = self._until
            if until and until < time.monotonic():
                self.cut = True
                with suppress(OSError):  # it may be lost already
                    self._socket.shutdown(socket.SHUT_RDWR)
                break
        self._socket.close()


class Watched(psycopg.Connection[Any]):
    """A connection with its watch."""

    watch: Watch

    def close(self) -> None:
        """Close it; its watch ends."""
        super().close()
        if hasattr(self, "watch"):  # psycopg closes what it could not finish connecting
            self.watch.end()
