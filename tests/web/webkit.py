"""WebKitGTK driven over its own WebDriver, in the few words that a test of a page needs."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.web.own_browser import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which the W3C's WebDriver speaks of an element."""

PASSING = ("no such frame", "javascript error", "stale element reference", "no such window")
"""Errors of a question that was asked while a page went or was drawn anew."""


class Said(Exception):
    """What the driver calls an error: its code and its words."""


class Window:
    """One window of WebKitGTK."""

    def __init__(self, port: int) -> None:
        self.port, self.session = port, ""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A command of the WebDriver protocol; its value."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            told = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(told, dict) and "error" in told:
            raise Said(told["error"], told.get("message", ""))
        return told

    def go(self, address: str) -> None:
        """To a page."""
        self.ask("POST", f"/session/{self.session}/url", {"url": address})

    def run(self, script: str) -> Any:
        """What an expression of the page's script gives."""
        body = {"script": f"return {script}", "args": []}
        return self.ask("POST", f"/session/{self.session}/execute/sync", body)

    def until(self, script: str, seconds: float = 30) -> None:
        """Wait for an expression to be true."""
        end = time.monotonic() + seconds
        while True:
            try:
                if self.run(script):
                    return
            except Said as error:
                if error.args[0] not in PASSING:
                    raise
            assert time.monotonic() < end, f"not true after {seconds} s: {script}"

    def press(self, place: str) -> None:
        """A real click on the first element of a selector, once it is there."""
        self.until(f"!!document.querySelector({place!r})")
        found = self.ask(
            "POST", f"/session/{self.session}/element", {"using": "css selector", "value": place}
        )
        self.ask("POST", f"/session/{self.session}/element/{found[ELEMENT]}/click", {})

    def shows(self, place: str, text: str) -> None:
        """Wait until an element's text holds this."""
        self.until(f"document.querySelector({place!r})?.textContent.includes({json.dumps(text)})")


@contextmanager
def window() -> Iterator[Window]:
    """A WebKitGTK window on a display of its own; it keeps nothing on disk."""
    reading, writing = os.pipe()
    screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    display = subprocess.Popen(screen, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    driver: subprocess.Popen[bytes] | None = None
    try:
        number = os.read(reading, 20).decode().strip()
        made = Window(free_port())
        # As root there is no way with its sandbox; the pages are our own.
        more = {"DISPLAY": f":{number}", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={made.port}"],
            env=os.environ | more,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        browser = str(sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))[-1])
        wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
        end = time.monotonic() + 30
        while not made.session:
            try:
                body = {"capabilities": {"alwaysMatch": wanted}}
                made.session = made.ask("POST", "/session", body)["sessionId"]
            except ConnectionRefusedError:
                assert time.monotonic() < end, "WebKitWebDriver does not listen"
        yield made
        made.ask("DELETE", f"/session/{made.session}")
    finally:
        os.close(reading)
        for process in (driver, display):
            if process is not None:
                if process is driver:
                    os.killpg(process.pid, signal.SIGKILL)  # and the browser that it started
                process.kill()
                process.wait()
