"""A Chromium of its own process group, profile and home, so that it can be killed like a power cut does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error

from tests.conftest import CHROMIUM_FLAGS, chromium_path


@dataclass(frozen=True, slots=True)
class Own:
    """A running Chromium and its one context (its profile's)."""

    process: subprocess.Popen[bytes]
    context: BrowserContext

    def kill(self) -> None:
        """End it as a power switch would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        gone(self.process.pid)

    def close(self) -> None:
        """End it in order, so that cookies and certificates' decisions are written down."""
        assert self.context.browser is not None
        self.context.browser.new_browser_cdp_session().send("Browser.close")
        self.process.wait(60)
        gone(self.process.pid)


def gone(group: int) -> None:
    """Wait until no process of a browser runs any more: the one that keeps its databases may outlive it by a
    moment, and the next browser finds them locked and begins new ones."""
    until = time.monotonic() + 30
    while _running(group):
        assert time.monotonic() < until, f"process group {group} does not end"
        time.sleep(0.02)


def _running(group: int) -> bool:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, its, *_rest = file.read_text().rpartition(")")[2].split()
            if int(its) == group and state not in "ZX":
                return True
    return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _attached(other: Browser, port: int) -> Browser:
    """The browser behind a debugging port, once it listens."""
    until = time.monotonic() + 60
    while True:
        try:
            return other.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Error:
            if time.monotonic() > until:
                raise


@contextmanager
def own_chromium(
    other: Browser, profile: Path, *flags: str, home: Path | None = None
) -> Iterator[Own]:
    """A Chromium with this profile (kept on disk), further flags and, with ``home``, another home: where
    its certificate database is. ``other``: any browser of the same driver."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(chromium_path(), *CHROMIUM_FLAGS, *flags, "--headless=new", "about:blank"),
            *(f"--user-data-dir={profile}", f"--remote-debugging-port={port}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | ({"HOME": str(home)} if home else {}),
    )
    try:
        yield Own(process, _attached(other, port).contexts[0])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        gone(process.pid)
        for left in profile.glob("Singleton*"):
            left.unlink()
