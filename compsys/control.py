"""The local control socket: how other commands talk to the server that owns the data directory.

A Unix socket beside the journal, for its owner only; JSON lines both ways. ``{"key": 32 hex, "do": {"c":
...}}`` puts a command to the desk as the office and is answered ``{"answer": {...}}``; ``{"query": name,
"params": {...}}`` reads durable state and is answered ``{"value": ...}``; what cannot be read is answered
``{"error": code}``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from compsys.beside import Failed, beside
from compsys.events import Actor, Answer, AnyCommand, Call

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State

log = logging.getLogger("compsys.control")

NAME = "control.sock"
LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line: a whole competition file fits."""

OFFICE = Actor("office", "office")
ENCODER = msgspec.json.Encoder()

Query = Callable[["Desk", "State", dict[str, Any]], Any]
Action = Callable[["Desk", dict[str, Any]], Awaitable[Any]]


class Do(msgspec.Struct, forbid_unknown_fields=True):
    """A command and its key."""

    key: str
    do: AnyCommand


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """A query by name."""

    query: str
    params: dict[str, Any] = {}


_DO: msgspec.json.Decoder[Do | Ask] = msgspec.json.Decoder(Do)
_ASK: msgspec.json.Decoder[Do | Ask] = msgspec.json.Decoder(Ask)


class NoServer(Exception):
    """No server answers on the control socket of this directory."""


class Unanswered(Exception):
    """The server did not take a request; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def status(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """What the server is doing: competition, streams with their position and marking state, the desk's
    fault."""
    return {
        "competition": state.id,
        "n": state.n,
        "head": state.head.hex(),
        "fault": desk.fault,
        "accounts": sorted(state.accounts),
        "streams": {
            name: {"n": stream.n, "head": stream.head.hex(), "marking": stream.marking}
            for name, stream in sorted(state.streams.items())
        },
    }


async def folding(desk: Desk, params: dict[str, Any]) -> dict[str, Any]:
    """How many of the marking streams are folded, of how many: at once, whatever that is."""
    return {"folded": desk.folding.folded, "total": desk.folding.total}


QUERIES: dict[str, Query] = {"status": status}
"""Name -> (desk, durable state, params) -> JSON-able value, without awaits; the command line adds its own."""

BESIDE: set[str] = set()
"""Names of queries that may take seconds: they are worked out beside the server."""

ACTIONS: dict[str, Action] = {"folding": folding}
"""Name -> what is asked for like a query but waits for the desk (an import, a release with its password)."""


@contextmanager
def _address(directory: Path) -> Iterator[str]:
    """The socket's address for as long as it is needed; a path too long for a socket address goes by a
    descriptor."""
    path = str(directory / NAME)
    if len(path.encode()) < 100:
        yield path
        return
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


@asynccontextmanager
async def listening(desk: Desk, directory: Path) -> AsyncIterator[None]:
    """Serve the control socket of a directory; only for the owner of its lock (a socket left behind is
    replaced)."""
    tasks: set[asyncio.Task[None]] = set()

    async def converses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await converse(desk, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the other side left, or the server stops
        finally:
            tasks.discard(task)
            writer.close()

    (directory / NAME).unlink(missing_ok=True)
    with _address(directory) as address:
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(converses, address, limit=LINE_LIMIT)
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            (directory / NAME).unlink(missing_ok=True)


async def converse(desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the lines of one connection until it ends."""
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return
        except asyncio.LimitOverrunError:
            writer.write(b'{"error":"too_large"}\n')
            return
        writer.write(await answer(desk, line) + b"\n")
        await writer.drain()


async def answer(desk: Desk, line: bytes) -> bytes:
    """The answer to one line."""
    try:
        asked = (_DO if b'"do"' in line[:80] else _ASK).decode(line)
    except msgspec.DecodeError as error:
        return ENCODER.encode({"error": "malformed", "detail": str(error)})
    if isinstance(asked, Do):
        call = Call(key=asked.key, actor=OFFICE, command=asked.do)
        return ENCODER.encode({"answer": await desk.submit(call)})
    if (action := ACTIONS.get(asked.query)) is not None:
        return ENCODER.encode({"value": await action(desk, asked.params)})
    query, params = QUERIES.get(asked.query), asked.params
    if query is None:
        return ENCODER.encode({"error": "unknown_kind"})
    if asked.query not in BESIDE:
        async with desk.reading() as state:
            return ENCODER.encode({"value": query(desk, state, params)})
    try:
        return await beside(desk, lambda state: ENCODER.encode({"value": query(desk, state, params)}))
    except Failed as error:
        log.error("%s: %s", asked.query, error)
        return ENCODER.encode({"error": "query_failed"})


def connected(directory: Path) -> socket.socket:
    """A blocking connection to the server of a directory; raises NoServer."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(directory) as address:
            found.connect(address)
    except OSError as error:
        found.close()
        raise NoServer(str(directory)) from error
    return found


class Client:
    """The other side, for commands of the command line: blocking, one request at a time."""

    def __init__(self, directory: Path) -> None:
        """Connect; raises NoServer."""
        self.socket = connected(directory)
        self.stream = self.socket.makefile("rwb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave."""
        with suppress(BrokenPipeError):
            self.stream.close()
        self.socket.close()

    def do(self, command: AnyCommand, key: str) -> Answer:
        """Put a command to the desk as the office; raises Unanswered, NoServer."""
        told = self._ask({"key": key, "do": command})
        return msgspec.convert(told["answer"], Answer)

    def query(self, name: str, **params: Any) -> Any:
        """Read durable state; raises Unanswered, NoServer."""
        return self._ask({"query": name, "params": params})["value"]

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self.stream.write(ENCODER.encode(message) + b"\n")
            self.stream.flush()
            line = self.stream.readline()
        except OSError as error:
            raise NoServer(str(error)) from error
        if not line:
            raise NoServer("the server stopped")
        told: dict[str, Any] = msgspec.json.decode(line)
        if "error" in told:
            raise Unanswered(str(told["error"]))
        return told
