"""A served competition without chance: simulated time, seeded ids, visitors in the process, all recorded.

Two runs of one script give the same bytes on every surface; where they do not, what differed in the script
has leaked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from compsys import events as e
from compsys.desk import Desk
from compsys.simulate_network import SimulatedLoop, SimulatedNetwork
from tests.web.venue import Recorded
from tests.world import OFFICE
from web.access import DEVICE_COOKIE, LOGIN_COOKIE, device_of, secret_digest
from web.app import create_app
from web.settings import settings_for

Message = MutableMapping[str, Any]
Record = dict[str, list[str]]
"""Whose surface -> what came out of it, in order."""

HOST = "127.0.0.1:8000"
START = 1_780_000_000_000


def without_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random tokens from a seed, and no threads: the same run twice is the same run."""
    source = random.Random(5)

    async def at_once(function: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        return function(*args, **named)

    class Seeded(random.Random):
        def __init__(self) -> None:
            super().__init__(source.getrandbits(64))

    monkeypatch.setattr(secrets, "token_bytes", lambda size=32: source.randbytes(size))
    monkeypatch.setattr(secrets, "token_hex", lambda size=32: source.randbytes(size).hex())
    monkeypatch.setattr(secrets, "SystemRandom", Seeded)
    monkeypatch.setattr(asyncio, "to_thread", at_once)


class Logged(logging.Handler):
    """What our own loggers, the server's and the loop's say, at every level, as text."""

    def __init__(self, record: Record) -> None:
        super().__init__(logging.DEBUG)
        self.lines = record.setdefault("log", [])

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in ("compsys", "web", "uvicorn", "asyncio"):
            self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


class House:
    """The app over a desk, its clock, and what its visitors were told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.record: Record = {}
        self.now = START
        self.visitors: dict[str, Visitor] = {}
        self.printed: set[str] = set()
        """addresses of PDFs that were made already"""
        loop = asyncio.get_running_loop()
        settings = settings_for(("127.0.0.1",), 8000)
        settings.seconds = loop.time
        chance = random.Random(6)
        settings.token = lambda size: chance.randbytes(size).hex()
        self.app = create_app(desk, settings)
        self.keys = random.Random(7)

    def key(self) -> str:
        """A command's key."""
        return f"{self.keys.getrandbits(128):032x}"

    async def at(self, seconds: int) -> None:
        """So many seconds after the start; what is under way ends first."""
        await asyncio.sleep(1)
        self.now = max(self.now, START + seconds * 1000)

    async def do(self, actor: e.Actor, command: e.Command, device: str = "") -> e.Answer:
        """A command straight to the desk, which must make a line."""
        answer = await self.desk.submit(e.Call(self.key(), actor, command, device))
        assert answer.a not in ("refused", "retry"), (answer, command)
        return answer

    # ------------------------------------------------------------ who comes

    def public(self, name: str = "public") -> Visitor:
        """A spectator."""
        return self._comes(name, "", "", ("anyone",))

    async def account(self, name: str, role: str) -> Visitor:
        """Somebody logged in."""
        await self.do(OFFICE, e.MakeAccount(account=name, roles=(role,), secret="scrypt$00$00"))
        await asyncio.sleep(1)  # the making of an account ends its logins
        cookie = self.app.state.logins.open(name)
        token = self.app.state.logins.find(cookie).form_token
        return self._comes(name, f"{LOGIN_COOKIE}={cookie}", token, (role,))

    async def seat(self, name: str) -> Visitor:
        """A seat's tablet."""
        key = f"cooking/final/{name}"
        token, device, secret = self.key(), self.key(), self.key()
        await self.do(OFFICE, e.IssueLink(seat=key, token=token, expires="2099-01-01T00:00:00.000Z"))
        await self.do(OFFICE, e.Enrol(seat=key, token=token, device=device, device_key=secret_digest(secret)))
        found = device_of(self.desk.state, f"{device}.{secret}")
        assert found is not None
        cookie = f"{DEVICE_COOKIE}={device}.{secret}"
        visitor = self._comes(name, cookie, found.form_token, (found.role,))
        visitor.device, visitor.actor = device, e.Actor("seat", key, (found.role,))
        return visitor

    def _comes(self, name: str, cookie: str, token: str, roles: tuple[str, ...]) -> Visitor:
        visitor = self.visitors[name] = Visitor(self, name, cookie, token, roles)
        return visitor


class Visitor:
    """Somebody with cookies: asks pages, opens sockets; everything told is recorded under the name."""

    def __init__(self, house: House, name: str, cookie: str, token: str, roles: tuple[str, ...]) -> None:
        self.house, self.name, self.cookie, self.token, self.roles = house, name, cookie, token, roles
        self.told = house.record.setdefault(name, [])
        self.device = ""
        self.actor = OFFICE

    def _scope(self, kind: str, url: str) -> Message:
        path, _, query = url.partition("?")
        headers = {"host": HOST, "origin": f"http://{HOST}", "accept": "text/html", "cookie": self.cookie}
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(word.encode(), value.encode()) for word, value in headers.items() if value],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "subprotocols": [],
            "extensions": {},
        }

    async def ask(self, method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One request; its status and body. Its status, headers and body are recorded."""
        scope = self._scope("http", url)
        scope["method"] = method
        body = urlencode(form or {}).encode()
        if method == "POST":
            scope["headers"] += [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", str(len(body)).encode()),
            ]
        sent: list[Message] = []
        coming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.house.app(scope, receive, send)
        status, content = sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
        headers = b"\n".join(b": ".join(header) for header in sent[0]["headers"])
        self.told.append(f"{method} {url} {status}\n{headers.decode()}\n\n{content.decode('latin-1')}")
        return status, content

    @asynccontextmanager
    async def socket(self, url: str, hello: dict[str, Any] | None = None) -> AsyncIterator[Socket]:
        """A connection that records whatever comes."""
        opened = Socket(self, url)
        scope = self._scope("websocket", url)
        task = asyncio.create_task(self.house.app(scope, opened.receive, opened.send))
        if hello is not None:
            opened.say(hello)
        await asyncio.sleep(0.1)
        try:
            yield opened
        finally:
            opened.coming.put_nowait({"type": "websocket.disconnect", "code": 1000})
            await task


class Socket:
    """One socket of a visitor."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self.visitor, self.url = visitor, url
        self.coming: asyncio.Queue[Message] = asyncio.Queue()
        self.coming.put_nowait({"type": "websocket.connect"})
        self.heard: list[dict[str, Any]] = []

    def say(self, message: dict[str, Any]) -> None:
        """Send one message."""
        self.coming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def receive(self) -> Message:
        return await self.coming.get()

    async def send(self, message: Message) -> None:
        text = message.get("text")
        self.visitor.told.append(f"{self.url} {message['type']} {text or message.get('code', '')}")
        if text:
            self.heard.append(json.loads(text))


def played(directory: Path, world: Recorded, script: Callable[[House], Coroutine[Any, Any, None]]) -> Record:
    """Run a script on a simulated clock over a new desk with the world's set-up; everything told, by whom."""

    async def scene() -> Record:
        clock: list[House] = []
        source = random.Random(4)
        desk = await Desk.open(
            directory,
            lambda: clock[0].now if clock else START,
            source.randbytes,
            "c-test",
            threaded=False,
        )
        try:
            for call in world.calls:
                answer = await desk.submit(call)
                assert answer.a == "accepted", (answer, call)
            house = House(desk)
            clock.append(house)
            logged = Logged(house.record)
            root = logging.getLogger()
            level = root.level
            root.addHandler(logged)
            root.setLevel(logging.DEBUG)
            for noisy in ("fontTools", "fpdf"):
                logging.getLogger(noisy).setLevel(logging.WARNING)
            stop, started = asyncio.Event(), asyncio.Event()
            life = asyncio.create_task(SimulatedNetwork.lifespan(house.app, stop, started))
            try:
                await started.wait()
                await script(house)
            finally:
                stop.set()
                await life
                root.removeHandler(logged)
                root.setLevel(level)
            return house.record
        finally:
            await desk.close()

    loop = SimulatedLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(scene())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def differences(one: Record, other: Record) -> list[str]:
    """Where two runs told different things: ``who: what``, with the first place of each surface."""
    found = []
    for who in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(who, []), other.get(who, [])
        for a, b in zip(mine, theirs, strict=False):
            if a != b:
                at = next(
                    (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
                )
                start = max(0, at - 60)
                found.append(f"{who}: {a[:70]!r} … {a[start : at + 60]!r} | {b[start : at + 60]!r}")
                break
        else:
            if len(mine) != len(theirs):
                found.append(f"{who}: {len(mine)} things told, and {len(theirs)}")
    return found
