"""A server for spectators as a process of its own, started as people start it, and who asks it."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect
from websockets.typing import Origin

from compsys import boards

ROOT = Path(__file__).parents[2]
LISTENS = re.compile(rb"http://127\.0\.0\.1:(\d+)/")

AUDIT = """
import os, sys

target = os.open(os.environ["AUDIT_OF_A_TEST"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def opened(event, given):
    told = event in ("open", "os.listdir", "os.scandir", "sqlite3.connect")
    if told and isinstance(given[0], (str, bytes)):
        os.write(target, os.fsencode(given[0]) + b"\\n")


sys.addaudithook(opened)
"""
"""Python runs this at a process's start where it is on the path: it writes down which files are opened."""


class Process:
    """``compsys serve`` with these words, in an environment that knows where Redis is; ``audited``: the file
    for the names of all files it opens."""

    def __init__(self, folder: Path, redis: str, *words: str, audited: Path | None = None) -> None:
        self.folder = folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"COMPSYS_REDIS": redis, "PYTHONPATH": str(ROOT), "COMPSYS_LANG": "en"}
        if audited is not None:
            hook = folder.with_suffix(".hook")
            hook.mkdir()
            (hook / "sitecustomize.py").write_text(AUDIT)
            environment |= {"PYTHONPATH": f"{hook}{os.pathsep}{ROOT}", "AUDIT_OF_A_TEST": str(audited)}
        self.errors = folder.with_suffix(".errors")
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "compsys", "serve", *words, "--port", "0"],
                cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        self.port = self._listens()

    def _listens(self) -> int:
        """The port, once it says so."""
        assert self.process.stdout is not None
        said, late = b"", time.monotonic() + 60
        while not (found := LISTENS.search(said)):
            ready, _, _ = select.select([self.process.stdout], [], [], 1)
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            said += more
            ended = ready and not more
            assert not ended and time.monotonic() < late, said.decode() + self.errors.read_text()
        return int(found[1])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={"Accept": "text/html"} | (headers or {}))
        answer = connection.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def text(self, path: str, lang: str = "en") -> str:
        """A page."""
        status, _, body = self.ask("GET", path, {"Accept-Language": lang})
        assert status == 200, (path, status)
        return body.decode()

    def until(self, path: str, *, has: str = "", lacks: str = "", seconds: float = 20) -> str:
        """A page, once it has what it should and lacks what it should not."""
        late = time.monotonic() + seconds
        while True:
            text = self.text(path)
            if has in text and (not lacks or lacks not in text):
                return text
            assert time.monotonic() < late, f"{path} has not {has!r}, or has {lacks!r}"
            time.sleep(0.1)

    def picture(self, path: str) -> dict[str, Any]:
        """A picture's JSON."""
        found: dict[str, Any] = json.loads(self.ask("GET", path)[2])
        return found

    def stop(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0, self.errors.read_text()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def public(folder: Path, redis: str, *words: str, audited: Path | None = None) -> Iterator[Process]:
    """A spectators' server while the block runs, started in an empty folder."""
    process = Process(folder, redis, "--role", "public", *words, audited=audited)
    try:
        yield process
    finally:
        process.stop()


class Screen(threading.Thread):
    """A spectator's page without the drawing: patches what comes, comes again when it is cut."""

    def __init__(self, port: int, topic: str) -> None:
        super().__init__(daemon=True)
        self.port, self.topic = port, topic
        self.picture: Any = None
        self.behind: str | None = None
        self.remarks: list[str | None] = []
        self.changes = 0
        self.wrong: list[str] = []
        self.over = False
        self.start()

    def run(self) -> None:
        address = f"ws://127.0.0.1:{self.port}/live/board?topic={self.topic}"
        origin = Origin(f"http://127.0.0.1:{self.port}")
        while not self.over:
            try:
                with connect(address, origin=origin, max_size=None) as line:
                    self.listen(line)
            except (ConnectionClosed, InvalidHandshake, OSError):
                time.sleep(0.1)

    def listen(self, line: Any) -> None:
        v = 0
        while not self.over:
            try:
                said = json.loads(line.recv(0.2))
            except TimeoutError:
                continue
            if said["m"] == "whole":
                v, self.picture, self.behind = said["v"], said["picture"], None
            elif said["m"] == "change":
                if said["base"] != v:
                    self.wrong.append(f"{said['base']} after {v}")
                v, self.picture = said["v"], boards.patch(self.picture, said)
                self.changes += 1
            elif said["m"] in ("behind", "current"):
                self.behind = said.get("as_of")
                self.remarks.append(self.behind)

    def has(self, what: Callable[[Screen], bool], seconds: float = 20) -> None:
        """Wait until it is so."""
        late = time.monotonic() + seconds
        while not what(self):
            assert time.monotonic() < late, (self.behind, self.picture)
            time.sleep(0.02)

    def end(self) -> None:
        self.over = True
        self.join(10)
        assert not self.wrong
