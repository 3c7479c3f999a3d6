"""Runs a server for spectators alone: ``python -m web.public``; its pictures come from Redis.

Architecture Invariant: this process holds no way to the journal. It opens no data directory, has no key and
no password but that of Redis; the modules that could read a journal are not even loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace

from compsys import words
from compsys.bus_redis import BadAddress, connect
from web.app import create_public_app
from web.listening import (
    Broken,
    Running,
    bind,
    listening,
    names_of,
    settle_memory,
    stop_on_signals,
    until_stopped,
)
from web.settings import settings_for

ADDRESS = "COMPSYS_REDIS"
"""The variable of the environment that holds the address of the Redis server: it may hold a password, and
arguments are seen by everybody on the machine."""


async def serve(
    redis: str,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    names: tuple[str, ...] = (),
    told: Callable[[Running], None],
    stopping: asyncio.Event | None = None,
) -> None:
    """Run the spectators' server until ``stopping`` is set or a signal (INT, TERM) comes.

    Raises ``BadAddress`` before anything is served, OSError when the port is in use. Redis may be away: pages
    say so until it comes.
    """
    stopping = stopping or asyncio.Event()
    stop_on_signals(stopping)
    await connect(redis).aclose()
    taken = bind(host, port)
    settings = settings_for(names_of(host, names), int(taken.getsockname()[1]))
    settings = replace(settings, role="public", redis=redis)
    settle_memory()
    async with listening(create_public_app(settings), settings, taken) as run:
        told(run)
        await until_stopped(run, stopping)


def main() -> int:
    """Serve as the arguments say; the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m web.public")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--lang", default="en", choices=words.LANGS)
    given = parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )

    def told(run: Running) -> None:
        lines = [words.say("cli.serve.listening", given.lang), *(f"  {url}/" for url in run.urls)]
        print("\n".join([*lines, words.say("cli.serve.stop", given.lang)]), flush=True)

    try:
        redis = os.environ.pop(ADDRESS, "")
        asyncio.run(serve(redis, given.host, given.port, names=tuple(given.name), told=told))
    except BadAddress as error:
        return _fail("cli.serve.bad_redis", given.lang, why=error)
    except Broken:
        return _fail("cli.serve.broken", given.lang, status=1)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise
        where = {"host": given.host, "port": given.port}
        return _fail("cli.port_in_use", given.lang, **where, detail=error.strerror)
    return 0


def _fail(code: str, lang: str, *, status: int = 2, **params: object) -> int:
    """Say on standard error why it does not serve, or no longer."""
    print(words.say(code, lang, **params), words.todo(code, lang, **params), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
