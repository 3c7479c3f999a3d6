"""Runs the server of a competition: its desk, pages, sockets, the control socket, an orderly end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from compsys import control
from compsys.bus_redis import connect
from compsys.certificates import BadCertificate
from compsys.desk import Desk
from compsys.events import COMPETITION
from web.app import create_app
from web.listening import (
    Running,
    bind,
    listening,
    names_of,
    settle_memory,
    stop_on_signals,
    until_stopped,
    uvicorn_config,
)
from web.settings import Role, Settings, over_tls, settings_for
from web.tls import Tls
from web.unsent_asked import TABLETS

__all__ = ["Running", "bind", "names_of", "running", "serve", "settle_memory", "uvicorn_config"]


@asynccontextmanager
async def running(
    desk: Desk,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    names: tuple[str, ...] = (),
    change: Callable[[Settings], Settings] = lambda settings: settings,
    tls: Tls | None = None,
) -> AsyncIterator[Running]:
    """Serve an open desk while the block runs; the port is ready when it starts. For tests, the demo and
    the bench too.

    ``change``: what differs from the usual settings. ``tls``: listen by TLS as well. Signals are the
    caller's. Raises BadCertificate.
    """
    taken = bind(host, port)
    reached = names_of(host, names)
    settings, second = settings_for(reached, int(taken.getsockname()[1])), None
    if tls is not None:
        try:
            context, root = tls.provide(reached)
            second = bind(host, tls.port), context
        except (OSError, BadCertificate):
            taken.close()
            raise
        settings = over_tls(settings, reached, int(second[0].getsockname()[1]), root)
    settings = change(settings)
    async with desk.reading(COMPETITION) as state:
        if not state.accounts and not settings.first_start:
            settings = replace(settings, first_start=secrets.token_hex(16))
    link = f"{settings.base}/first-start/{settings.first_start}" if settings.first_start else ""
    app = create_app(desk, settings)
    TABLETS[desk] = app.state.live.tablets
    async with listening(app, settings, taken, link, tls=second) as run:
        if tls is None or second is None:
            yield run
            return
        renewing = asyncio.create_task(tls.renew_for_ever(second[1], reached, settings.root))
        try:
            yield run
        finally:
            renewing.cancel()


async def serve(
    directory: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    names: tuple[str, ...] = (),
    competition: str | None = None,
    db: str = "",
    role: Role = "all",
    redis: str = "",
    tls: Tls | None = None,
    told: Callable[[Running], None],
    stopping: asyncio.Event | None = None,
) -> None:
    """Run the server of a data directory until ``stopping`` is set or a signal (INT, TERM) comes.

    ``told``: called once it listens, to print its URLs. ``competition``: the id of a new journal, where
    there is none. ``db``: the URL of its database ("": where the directory says). ``redis``: where the
    public's pictures are set for other processes. ``tls``: listen by TLS as well. Raises BadAddress,
    BadCertificate, DirectoryLocked, JournalMissing, ...
    of ``compsys.journal_api`` before anything is served, OSError when the port is in use. What is found wrong
    with the journal later, when a stream is folded, ends the server and is raised then; what breaks beside
    the requests ends it too, and Broken is raised.
    """
    stopping = stopping or asyncio.Event()
    stop_on_signals(stopping)
    if redis:
        await connect(redis).aclose()

    def change(settings: Settings) -> Settings:
        return replace(settings, role=role, redis=redis)

    desk = await Desk.open(
        directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, competition, db=db
    )
    settle_memory()
    desk.damaged = stopping.set
    try:
        served = running(desk, host, port, names=names, change=change, tls=tls)
        async with control.listening(desk, directory), served as run:
            told(run)
            await until_stopped(run, stopping)
    finally:
        await desk.close()
    if desk.folding.damage is not None:
        raise desk.folding.damage
