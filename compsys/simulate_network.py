"""How simulated tablets reach the server: over real sockets, or through a simulated network and clock."""

from __future__ import annotations

import asyncio
import random
import selectors
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from compsys.simulate import Gone, Wire, dice


class RealNetwork:
    """Real HTTP and WebSockets to a server at ``base`` (such as ``http://127.0.0.1:8000``)."""

    def __init__(self, base: str) -> None:
        self.base = base

    async def post(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        """A POST of JSON."""
        return await asyncio.to_thread(self._post, path, body)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        headers = {"Content-Type": "application/json", "Origin": self.base}
        request = urllib.request.Request(self.base + path, body, headers)  # noqa: S310 (our own server's base)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own server's base)
                cookie = answer.headers.get("Set-Cookie", "").partition("=")[2].partition(";")[0]
                return answer.status, answer.read(), cookie
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), ""

    async def connect(self, cookie: str) -> Wire:
        """A real socket on /live/seat."""
        address = self.base.replace("http", "ws", 1) + "/live/seat"
        headers = {"Cookie": f"compsys_device={cookie}"}
        try:
            socket = await connect(
                address,
                origin=websockets.Origin(self.base),
                additional_headers=headers,
                proxy=None,
                compression=None,
            )
        except (OSError, websockets.WebSocketException) as error:
            raise Gone(str(error)) from error
        return _RealWire(socket)


class _RealWire:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, text: str) -> None:
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as error:
            raise Gone(str(error)) from error

    async def receive(self) -> str:
        try:
            return await self.socket.recv(decode=True)
        except websockets.ConnectionClosed as error:
            raise Gone(str(error)) from error

    async def close(self) -> None:
        await self.socket.close()


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer: a day passes in seconds, the same way for each seed.

    Nothing that runs on it may use threads or sockets.
    """

    def __init__(self) -> None:
        self.jumped = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the start, simulated."""
        return self.jumped


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop_of = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Never waits: what would be waited for has happened."""
        ready = super().select(0)
        if not ready and timeout:
            self._loop_of.jumped += timeout
        return ready


Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[
    [Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


def delay(luck: random.Random) -> float:
    """How long a message takes, in seconds: 5 to 60 ms, now and then two seconds."""
    return 2.0 if luck.random() < 0.01 else 0.005 + luck.random() * 0.055


class SimulatedNetwork:
    """Carries tablets' messages to an ASGI app with delays, and loses connections, by a seed.

    ``fault``: how many of a thousand messages cut their connection (what was under way may or may not have
    arrived).
    """

    def __init__(self, app: App, host: str, seed: int, fault: int = 4) -> None:
        self.app, self.host, self.fault = app, host, fault
        self.random = random.Random(dice(seed, "network"))
        self.seed, self.cuts = seed, 0
        self.connections: dict[str, int] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def headers(self, cookie: str) -> list[tuple[bytes, bytes]]:
        """What a browser of this origin sends."""
        found = [(b"host", self.host.encode()), (b"origin", f"http://{self.host}".encode())]
        return [*found, (b"cookie", f"compsys_device={cookie}".encode())] if cookie else found

    def _scope(self, kind: str, path: str, cookie: str) -> Scope:
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": self.headers(cookie),
            "client": ("127.0.0.1", 1),
            "server": tuple(self.host.split(":")),
            "subprotocols": [],
            "extensions": {},
        }

    async def post(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        """A POST of JSON."""
        await asyncio.sleep(delay(self.random))
        scope = self._scope("http", path, "")
        scope["method"] = "POST"
        scope["headers"] += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        sent: list[Message] = []
        asked = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            for message in asked:
                return message
            await asyncio.Event().wait()
            raise Gone

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        cookies = [value for name, value in sent[0]["headers"] if name == b"set-cookie"]
        cookie = cookies[0].decode().partition("=")[2].partition(";")[0] if cookies else ""
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]), cookie

    async def connect(self, cookie: str) -> Wire:
        """A simulated socket on /live/seat."""
        self.connections[cookie] = self.connections.get(cookie, 0) + 1
        # Each connection has dice of its own: who is served first among equals changes nobody else's luck.
        wire = _SimulatedWire(self, random.Random(dice(self.seed, cookie, self.connections[cookie])))
        await asyncio.sleep(delay(wire.random))
        task = asyncio.create_task(self._serve(wire, self._scope("websocket", "/live/seat", cookie)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        await wire.accepted.wait()
        if wire.cut.is_set():
            raise Gone
        return wire

    async def _serve(self, wire: _SimulatedWire, scope: Scope) -> None:
        try:
            await self.app(scope, wire.app_receives, wire.app_sends)
        finally:
            wire.end()

    @staticmethod
    async def lifespan(app: App, stop: asyncio.Event, started: asyncio.Event) -> None:
        """Run the app's start and stop around the simulation."""
        steps = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> Message:
            step = next(steps)
            if step == "lifespan.shutdown":
                await stop.wait()
            return {"type": step}

        async def send(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                started.set()

        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


class _SimulatedWire:
    """Two queues with delays; once cut, both sides find out."""

    def __init__(self, network: SimulatedNetwork, luck: random.Random) -> None:
        self.network, self.random = network, luck
        self.up: asyncio.Queue[Message | None] = asyncio.Queue()
        self.down: asyncio.Queue[str | None] = asyncio.Queue()
        self.accepted = asyncio.Event()
        self.cut = asyncio.Event()
        self.times = {"up": 0.0, "down": 0.0}
        self.up.put_nowait({"type": "websocket.connect"})

    def _later(self, way: str, put: Callable[[], None]) -> None:
        """Deliver after the network's delay, in order."""
        loop = asyncio.get_running_loop()
        # Strictly later than the one before: timers of one moment may go off in any order.
        self.times[way] = max(self.times[way] + 0.000_01, loop.time() + delay(self.random))
        loop.call_at(self.times[way], put)

    def _maybe_cut(self) -> None:
        if self.random.randrange(1000) < self.network.fault:
            self.network.cuts += 1
            self.end()

    def end(self) -> None:
        """Cut: what has not arrived never does."""
        if not self.cut.is_set():
            self.cut.set()
            self.accepted.set()
            self.up.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.down.put_nowait(None)

    async def send(self, text: str) -> None:
        """From the tablet."""
        if self.cut.is_set():
            raise Gone
        self._later("up", lambda: self.up.put_nowait({"type": "websocket.receive", "text": text}))
        self._maybe_cut()

    async def receive(self) -> str:
        """To the tablet."""
        text = await self.down.get()
        if text is None:
            self.down.put_nowait(None)
            raise Gone
        return text

    async def close(self) -> None:
        """From the tablet's side."""
        self.end()

    async def app_receives(self) -> Message:
        """What the server's app reads."""
        message = await self.up.get()
        return message or {"type": "websocket.disconnect", "code": 1006}

    async def app_sends(self, message: Message) -> None:
        """What the server's app writes."""
        if message["type"] == "websocket.accept":
            self.accepted.set()
        elif message["type"] == "websocket.send" and not self.cut.is_set():
            text = message.get("text") or (message.get("bytes") or b"").decode()
            self._later("down", lambda: None if self.cut.is_set() else self.down.put_nowait(text))
            self._maybe_cut()
        elif message["type"] == "websocket.close":
            self.end()
