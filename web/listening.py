"""A server of any kind, from its port to its orderly end: uvicorn as we run it, without taking signals."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.lifespan.on import LifespanOn

from web.sockets import FRAME_LIMIT, LiveProtocol

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from web.settings import Settings


class Broken(RuntimeError):
    """Something that runs beside the requests broke (boards, news to tablets): the server has ended, since
    half of one would look like a whole one. What was accepted is on disk; the log says what broke."""


@dataclass(slots=True)
class Running:
    """A server that listens: where, with which app; ``first_start`` is the link that makes the first
    account, or "". ``plain``, ``root``: as in ``Settings``."""

    app: Starlette
    server: uvicorn.Server
    urls: tuple[str, ...]
    first_start: str
    port: int
    ended: asyncio.Task[None]
    plain: str = ""
    root: bytes = b""

    def stop(self) -> None:
        """Ask it to stop: sockets are closed with 1012, requests under way end."""
        self.server.should_exit = True


def names_of(host: str, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names a server on ``host`` is reached by: for ``0.0.0.0`` or ``::`` also this machine's own.

    >>> names_of("127.0.0.1")
    ('127.0.0.1', 'localhost')
    """
    if host in ("127.0.0.1", "localhost", "::1"):
        return tuple(dict.fromkeys((*extra, host, "127.0.0.1", "localhost")))
    found = [*extra]
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 (a comparison)
        found += [_outward_address(), socket.gethostname()]
    else:
        found.append(host)
    return tuple(dict.fromkeys(name for name in (*found, "localhost", "127.0.0.1") if name))


def _outward_address() -> str:
    """This machine's address in its network, "" when it has none (nothing is sent to find out)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket's address taken (port 0 = any free one); raises OSError when it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, because asyncio turns off Nagle's delay only where it is: otherwise an answer that follows
    # an event waits 40 ms for the tablet's acknowledgement.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def uvicorn_config(app: Starlette) -> uvicorn.Config:
    """uvicorn as we run it: our socket protocol, bounded frames, no access log (addresses and links stay
    out of logs)."""
    return uvicorn.Config(
        app,
        ws=LiveProtocol,
        ws_max_size=FRAME_LIMIT,
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
        ws_per_message_deflate=False,
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        backlog=4096,
    )


def settle_memory() -> None:
    """Before serving: what a start has built stays, so the collector need not visit it again; and it comes
    by less often. With a big day in memory each of its full rounds would hold everybody up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@asynccontextmanager
async def listening(
    app: Starlette,
    settings: Settings,
    taken: socket.socket,
    first_start: str = "",
    *,
    tls: tuple[socket.socket, ssl.SSLContext] | None = None,
) -> AsyncIterator[Running]:
    """Serve an app on an address that is taken while the block runs; the port is ready when it starts.

    ``tls``: a second address, where the same app is reached by TLS. Raises Broken at the end when the app's
    own run ended in between."""
    server = uvicorn.Server(uvicorn_config(app))
    await _start(server, taken)
    ended = asyncio.create_task(_serve(server, taken))
    try:
        async with _beside(app, *tls) if tls else contextlib.nullcontext():
            port = int(taken.getsockname()[1])
            where = settings.plain, settings.root
            yield Running(app, server, settings.origins, first_start, port, ended, *where)
    finally:
        server.should_exit = True
        await ended


@asynccontextmanager
async def _beside(app: Starlette, taken: socket.socket, context: ssl.SSLContext) -> AsyncIterator[None]:
    """The same app by TLS while the block runs; its own beginning and end are the first listener's."""
    config = uvicorn_config(app)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    await _start(server, taken, context)
    ended = asyncio.create_task(_serve(server, taken))
    try:
        yield
    finally:
        server.should_exit = True
        await ended


async def _serve(server: uvicorn.Server, taken: socket.socket) -> None:
    """From the first request to the last: until ``should_exit``, then what is open is ended in order."""
    lifespan = server.lifespan if isinstance(server.lifespan, LifespanOn) else None
    beside = asyncio.create_task(_end_with_app(server, lifespan)) if lifespan else None
    try:
        await server.main_loop()
    finally:
        if beside is not None:
            beside.cancel()
        await server.shutdown(sockets=[taken])
        taken.close()
    if lifespan is not None and lifespan.error_occurred:
        raise Broken


async def _end_with_app(server: uvicorn.Server, lifespan: LifespanOn) -> None:
    """uvicorn writes down that an app's run broke, and goes on answering requests without it."""
    await lifespan.shutdown_event.wait()
    server.should_exit = True


async def _start(
    server: uvicorn.Server, taken: socket.socket, context: ssl.SSLContext | None = None
) -> None:
    """What ``Server.serve`` does before its main loop, without taking the process's signals."""
    config = server.config
    config.load()
    config.ssl = context
    server.lifespan = config.lifespan_class(config)
    try:
        await server.startup(sockets=[taken])
    except SystemExit as error:
        raise RuntimeError("the app did not start; the log says why") from error


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Set ``stopping`` when INT or TERM comes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, stopping.set)


async def until_stopped(run: Running, stopping: asyncio.Event) -> None:
    """Wait until the server is asked to stop, or ends by itself."""
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({stop, run.ended}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
