"""``compsys serve``: runs the server of a data directory and prints where it is reached."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from compsys import events as e
from compsys.commandline.access import refuse
from compsys.commandline.arguments import HERE, Directory
from compsys.commandline.demo import PORT
from compsys.commandline.terminal import command, fail, line, say, told
from compsys.journal_api import JournalError

ADDRESS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)
"""What the system says when an address or port cannot be had."""


class Running(Protocol):
    """A server that listens."""

    urls: tuple[str, ...]
    first_start: str


class Server(Protocol):
    """The web room's server."""

    def __call__(
        self, directory: Path, host: str, port: int, *, names: tuple[str, ...], told: Callable[[Any], None]
    ) -> Coroutine[Any, Any, None]:
        """Serve until a signal comes."""
        ...


def add(app: typer.Typer, server: Server) -> None:
    """Add the command; ``server``: the web room's."""

    @command(app, "serve", "cli.serve")
    def serve(
        directory: Directory = HERE,
        host: Annotated[str, typer.Option(help=told("cli.host"))] = "127.0.0.1",
        port: Annotated[int, typer.Option(help=told("cli.port"), min=0, max=65535)] = PORT,
        name: Annotated[list[str] | None, typer.Option("--name", help=told("cli.serve.name"))] = None,
    ) -> None:
        logging.basicConfig(
            stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
        )
        try:
            asyncio.run(server(directory, host, port, names=tuple(name or ()), told=listening))
        except OSError as error:
            if error.errno in ADDRESS and error.filename is None:
                fail("cli.port_in_use", host=host, port=port, detail=error.strerror)
            refuse(error, directory)
        except (JournalError, e.NewerJournal) as error:
            refuse(error, directory)


def listening(run: Running) -> None:
    """Say where the server is reached, and how the first account is made."""
    say("cli.serve.listening")
    for url in run.urls:
        line(f"  {url}/")
    if run.first_start:
        say("cli.serve.first", link=run.first_start)
    say("cli.serve.stop")
    sys.stdout.flush()
