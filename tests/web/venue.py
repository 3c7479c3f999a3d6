"""A venue for tests of the web layer: a real desk with a real journal, a real server, real clients."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import secrets
import time
import urllib.parse
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from compsys import events as e
from compsys.desk import PAUSE, Desk
from tests.world import MAIN, OFFICE, ORGANIZER, World, set_up
from web.accounts import make_account
from web.enrol import issue_link
from web.server import Running, running
from web.settings import Settings

BOARD = "/live/board?topic=board:cooking/final/open"
PASSWORD = "correct horse battery"


class Recorded(World):
    """A world that keeps the calls it was built with, so that a desk can be given the same ones."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.calls: list[e.Call] = []

    def send(self, call: e.Call) -> e.Answer:
        self.calls.append(call)
        return super().send(call)


@dataclass(slots=True)
class Told:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """A browser: its cookies, and requests as a browser makes them (Origin on every POST)."""

    run: Running
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.run.port}"

    async def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Told:
        """One request; ``headers`` with an empty value takes that header out."""
        wanted = {
            "Host": self.host,
            "Accept": "text/html",
            **({"Cookie": self.cookie} if self.cookies else {}),
        }
        if method == "POST":
            wanted["Origin"] = f"http://{self.host}"
        wanted |= headers or {}
        told = await asyncio.to_thread(self._ask, method, path, body, {k: v for k, v in wanted.items() if v})
        for cookie in told.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            if value.strip('"') and "Max-Age=0" not in cookie:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return told

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Told:
        connection = http.client.HTTPConnection("127.0.0.1", self.run.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if body is not None and "Content-Length" not in headers and "Transfer-Encoding" not in headers:
                headers = {**headers, "Content-Length": str(len(body))}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            cookies = answer.msg.get_all("set-cookie") or []
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Told(answer.status, names, cookies, answer.read())
        finally:
            connection.close()

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def get(self, path: str, **headers: str) -> Told:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Told:
        body = urllib.parse.urlencode(form).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", path, body, kind | (headers or {}))

    async def form_token(self, path: str) -> str:
        """The token of the forms on a page."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await self.get(path)).text)
        assert found is not None, f"no form on {path}"
        return found[1]

    async def post_json(self, path: str, value: Any, headers: dict[str, str] | None = None) -> Told:
        kind = {"Content-Type": "application/json", "Accept": "application/json"}
        return await self.ask("POST", path, json.dumps(value).encode(), kind | (headers or {}))

    def socket(self, path: str, **more: Any) -> connect:
        """A WebSocket as this browser would open it; use with ``async with``."""
        headers = {"Cookie": self.cookie} if self.cookies else {}
        more.setdefault("origin", f"http://{self.host}")
        url = f"ws://{self.host}{path}"
        return connect(url, additional_headers=headers, proxy=None, max_size=None, **more)


@dataclass
class Venue:
    """A running server over a desk, with the world its set-up came from."""

    desk: Desk
    run: Running
    world: World

    def browser(self) -> Browser:
        return Browser(self.run)

    async def organizer(self, name: str = "lin", roles: tuple[str, ...] = ("organizer",)) -> Browser:
        """A browser that is logged in."""
        assert (await make_account(self.desk, name, roles, PASSWORD)).a == "accepted"
        browser = self.browser()
        told = await browser.post("/login", {"account": name, "password": PASSWORD, "next": "/console"})
        assert told.status == 303, told
        return browser

    async def tablet(self, seat: str) -> Browser:
        """A browser enrolled for a seat of the one stage, through its one-time link."""
        url, answer = await issue_link(self.desk, f"cooking/final/{seat}", OFFICE, "http://x")
        assert answer.a == "accepted", answer
        browser = self.browser()
        told = await browser.post_json("/enrol", {"token": url.partition("#")[2]})
        assert told.status == 200, told
        return browser

    async def do(self, command: e.Command, actor: e.Actor = OFFICE) -> e.Answer:
        """A command of the office (or of the actor given)."""
        answer = await self.desk.submit(e.Call(secrets.token_hex(16), actor, command))
        assert answer.a == "accepted", answer
        return answer


@asynccontextmanager
async def venue(
    path: Path,
    *,
    marking: bool = True,
    change: Callable[[Settings], Settings] = lambda settings: settings,
    db: str = "",
    world: Recorded | None = None,
    **how: Any,
) -> AsyncIterator[Venue]:
    """A served competition of one trade (tests/world.py); ``marking``: open, its session running; ``db``: the
    URL of its database ("" = in the directory); ``world``: another competition, as it was built."""
    built = world or Recorded()
    if world is None:
        set_up(built, **how)
    if marking and world is None:
        units = tuple((entry, f"u{i}", f"A{10 + i}") for i, entry in enumerate(built.state.setup.entries, 1))
        built.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
        built.do(ORGANIZER, e.Open(stream=MAIN))
        built.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    desk = await Desk.open(
        path / "data", lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test", db=db
    )
    try:
        for call in built.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        async with running(desk, change=change) as run:
            yield Venue(desk, run, built)
    finally:
        await desk.close()


def played(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scene to its end, within two minutes."""
    asyncio.run(asyncio.wait_for(scene(), 120))


async def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind on a socket; others before it are passed over."""
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if message["m"] == kind:
            return message


async def tell(socket: ClientConnection, message: dict[str, Any]) -> None:
    """Send one message."""
    await socket.send(json.dumps(message))


async def greeted(socket: ClientConnection, cursor: dict[str, Any] | None = None) -> dict[str, Any]:
    """Say hello and be welcomed."""
    await tell(socket, {"m": "hello", "v": 2, "boot": "00", "cursor": cursor, "pending": 0, "lang": "en"})
    return await hear(socket, "hello")


def mark(
    seat: str, aspect: str, value: str | None, *, unit: str = "u1", base: int = 0, key: str = "", **more: Any
) -> dict[str, Any]:
    """One item of a ``do``."""
    command = {
        "c": "mark", "stream": MAIN, "unit": unit, "aspect": aspect, "round": 1, "value": value, "base": base,
        "seat": "*" if aspect.startswith("B") else f"cooking/final/{seat}", **more,
    }  # fmt: skip
    return {"k": key or secrets.token_hex(16), "at": "2026-05-01T09:00:00.000Z", "cmd": command}


def fast(settings: Settings) -> Settings:
    """Settings for tests that should not wait for the ticker."""
    return replace(settings, pictures_per_second=50)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def __add__(self, seconds: float) -> Clock:
        self.now += seconds
        return self

    def set(self, settings: Settings) -> Settings:
        return replace(settings, seconds=self)


async def ended(socket: ClientConnection) -> tuple[int, str]:
    """The close code of a connection that the server ends, and the word of its bye ("" = none)."""
    word = ""
    try:
        while True:
            message = json.loads(await asyncio.wait_for(socket.recv(), 10))
            word = message["code"] if message["m"] == "bye" else word
    except ConnectionClosed as end:
        assert end.rcvd is not None
        return end.rcvd.code, word


async def act_until(socket: ClientConnection, item: dict[str, Any]) -> dict[str, Any]:
    """The answer to an item that is sent again, as a tablet does, for as long as it is ``retry``."""
    (answer,) = await act(socket, item)
    while answer["a"] == "retry":
        await asyncio.sleep(PAUSE / 2)
        (answer,) = await act(socket, item)
    return answer


async def act(socket: ClientConnection, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to a batch."""
    await tell(socket, {"m": "do", "items": list(items)})
    answers: list[dict[str, Any]] = (await hear(socket, "ans"))["items"]
    return answers
