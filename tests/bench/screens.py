"""The screens of the benches: thousands of sockets in one process, which count every frame that comes.

``python -m tests.bench.screens``. As light as Python allows (one epoll, no event loop), so that the server
under measurement is what is waited for.
"""

from __future__ import annotations

import base64
import json
import os
import re
import select
import socket
import time

from tests.bench.judges import masked
from tests.bench.remote import Json, most_files, tell

VERSION = re.compile(rb'"v":([0-9]+)')
AT_ONCE = 100
"""Sockets that are opened together: the server's backlog is bounded."""


class Screen:
    """One socket: what came and is not yet a whole frame, and the newest frame."""

    __slots__ = ("frames", "last", "rest", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.rest, self.last, self.frames = sock, b"", b"", 0

    def came(self, data: bytes) -> int:
        """Take whole frames out of what came; how many of them were text."""
        data, count, at = self.rest + data, 0, 0
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            end = start + size
            if len(data) < end:
                break
            if data[at] == 0x81:
                count, self.last = count + 1, data[start:end]
            elif data[at] == 0x89:
                self.sock.send(masked(data[start:end], 10))
            at = end
        self.rest = data[at:]
        self.frames += count
        return count


class Screens:
    """All sockets of this process, in one epoll."""

    def __init__(self) -> None:
        self.epoll = select.epoll()
        self.screens: dict[int, Screen] = {}
        self.frames = 0
        self.last = 0.0
        self.lost = 0

    def connect(self, question: Json) -> Json:
        """Open ``count`` sockets to ``port``; with a ``topic`` as WebSockets that watch it."""
        for start in range(0, question["count"], AT_ONCE):
            self.some(question["port"], question.get("topic", ""), min(AT_ONCE, question["count"] - start))
        return {"screens": len(self.screens)}

    def some(self, port: int, topic: str, count: int) -> None:
        """Open a few sockets together."""
        opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        if topic:
            key = base64.b64encode(os.urandom(16)).decode()
            asked = (
                f"GET /live/board?topic={topic} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Origin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            for sock in opened:
                sock.sendall(asked.encode())
        for sock in opened:
            screen = self.screens[sock.fileno()] = Screen(sock)
            if topic:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = sock.recv(65536)
                    if not more:
                        raise RuntimeError("a screen was turned away")
                    head += more
                head, _, rest = head.partition(b"\r\n\r\n")
                if b" 101 " not in head:
                    raise RuntimeError(head.decode())
                screen.came(rest)
            sock.setblocking(False)
            self.epoll.register(sock.fileno(), select.EPOLLIN)

    def turn(self, timeout: float) -> None:
        """Read what there is."""
        screens = self.screens
        for number, _ in self.epoll.poll(timeout, 2048):
            screen = screens.get(number)
            if screen is None:
                continue
            try:
                data = screen.sock.recv(262144)
            except OSError:
                data = b""
            if not data:
                self.lost += 1
                self.epoll.unregister(number)
                del screens[number]
                continue
            found = screen.came(data)
            if found:
                self.frames += found
                self.last = time.monotonic()

    def watch(self, question: Json) -> Json:
        """Read until ``frames`` more came, or nothing for ``patience`` seconds."""
        want, patience = question["frames"], question["patience"]
        started = time.monotonic()
        while self.frames < want and time.monotonic() - max(self.last, started) < patience:
            self.turn(0.05)
        return self.report(question)

    def report(self, question: Json) -> Json:
        """Frames since the last reset, when the last came, and how many screens stand at which version."""
        versions: dict[str, int] = {}
        for screen in self.screens.values():
            found = VERSION.search(screen.last[:200])
            word = found.group(1).decode() if found else "?"
            versions[word] = versions.get(word, 0) + 1
        return {
            "frames": self.frames,
            "last": self.last,
            "lost": self.lost,
            "screens": len(self.screens),
            "versions": versions,
            "frame": next(iter(self.screens.values())).last.hex() if self.screens else "",
        }

    def reset(self, question: Json) -> Json:
        """Count from nothing."""
        self.frames, self.last = 0, 0.0
        return {}


def main() -> None:
    """Obey standard input until it ends; read what comes meanwhile."""
    screens = Screens()
    screens.epoll.register(0, select.EPOLLIN)
    obeys = {
        "connect": screens.connect,
        "watch": screens.watch,
        "report": screens.report,
        "reset": screens.reset,
    }
    asked = b""
    while True:
        screens.turn(0.5)
        if select.select([0], [], [], 0)[0]:
            more = os.read(0, 1 << 20)
            if not more:
                return
            asked += more
            while b"\n" in asked:
                line, _, asked = asked.partition(b"\n")
                question: Json = json.loads(line)
                tell(obeys[question.pop("do")](question))


if __name__ == "__main__":
    most_files()
    main()
