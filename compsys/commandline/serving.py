"""``compsys serve``: runs the server of a data directory, or of spectators alone, and prints where it is."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import sys
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NoReturn, Protocol

import typer

from compsys import certificates
from compsys import events as e
from compsys.bus_redis import BadAddress
from compsys.certificates import BadCertificate
from compsys.commandline import database
from compsys.commandline.access import refuse
from compsys.commandline.arguments import HERE, Database, Directory
from compsys.commandline.demo import PORT
from compsys.commandline.terminal import UNREADABLE, aside, command, fail, language, line, say, told
from compsys.journal_api import JournalError
from compsys.seal import BrokenChain
from compsys.stores import database_of
from compsys.words import todo

TLS_PORT = 8443
ADDRESS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)
"""What the system says when an address or port cannot be had."""


class Broken(Exception):
    """The server ended by itself: something beside the requests broke."""


class Running(Protocol):
    """A server that listens."""

    urls: tuple[str, ...]
    first_start: str
    plain: str
    root: bytes


class Tls(NamedTuple):
    """Listen by TLS as well: on which port, with which files (None: the venue's own)."""

    port: int
    certificate: Path | None
    key: Path | None


class Role(StrEnum):
    """Whom a process serves."""

    ALL = "all"
    DESK = "desk"
    PUBLIC = "public"


class Server(Protocol):
    """The web room's server."""

    def __call__(
        self,
        directory: Path,
        host: str,
        port: int,
        *,
        names: tuple[str, ...],
        db: str,
        role: str,
        redis: str,
        tls: Tls | None,
        told: Callable[[Any], None],
    ) -> Coroutine[Any, Any, None]:
        """Serve until a signal comes; raises Broken."""
        ...


class PublicServer(Protocol):
    """The web room's server for spectators alone."""

    def __call__(self, redis: str, host: str, port: int, names: tuple[str, ...]) -> NoReturn:
        """Become that server."""
        ...


def add(app: typer.Typer, server: Server, public: PublicServer) -> None:
    """Add the command; ``server``, ``public``: the web room's."""

    @command(app, "serve", "cli.serve")
    def serve(
        directory: Directory = HERE,
        host: Annotated[str, typer.Option(help=told("cli.host"))] = "127.0.0.1",
        port: Annotated[int, typer.Option(help=told("cli.port"), min=0, max=65535)] = PORT,
        name: Annotated[list[str] | None, typer.Option("--name", help=told("cli.serve.name"))] = None,
        db: Database = "",
        role: Annotated[Role, typer.Option(help=told("cli.serve.role"))] = Role.ALL,
        redis: Annotated[str, typer.Option(help=told("cli.serve.redis"), envvar="COMPSYS_REDIS")] = "",
        tls: Annotated[str, typer.Option(metavar="venue|FILE", help=told("cli.serve.tls"))] = "",
        tls_key: Annotated[
            Path | None, typer.Option("--tls-key", metavar="FILE", help=told("cli.serve.tls_key"))
        ] = None,
        tls_port: Annotated[
            int, typer.Option("--tls-port", help=told("cli.serve.tls_port"), min=0, max=65535)
        ] = TLS_PORT,
    ) -> None:
        names = tuple(name or ())
        secured = asked_tls(tls, tls_key, tls_port)
        if role is not Role.ALL and not redis:
            fail("cli.serve.needs_redis", status=UNREADABLE, role=role.value)
        if role is Role.PUBLIC:
            public(redis, host, port, names)
        logging.basicConfig(
            stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
        )
        warn(directory, db)
        try:
            asyncio.run(
                server(
                    directory,
                    host,
                    port,
                    names=names,
                    db=db,
                    role=role.value,
                    redis=redis,
                    tls=secured,
                    told=listening,
                )
            )
        except BadCertificate as error:
            fail("cli.serve.bad_certificate", status=UNREADABLE, why=error)
        except BadAddress as error:
            fail("cli.serve.bad_redis", status=UNREADABLE, why=error)
        except OSError as error:
            if error.errno in ADDRESS and error.filename is None:
                fail("cli.port_in_use", host=host, port=port, detail=error.strerror)
            refuse(error, directory)
        except (JournalError, e.NewerJournal, BrokenChain) as error:
            refuse(error, directory)
        except Broken:
            fail("cli.serve.broken")


def asked_tls(tls: str, key: Path | None, port: int) -> Tls | None:
    """What the options ask for; ends the command where they do not go together."""
    if not tls:
        return None
    if tls == "venue":
        return Tls(port, None, None)
    if key is None:
        fail("cli.serve.needs_key", status=UNREADABLE)
    return Tls(port, Path(tls), key)


def warn(directory: Path, db: str) -> None:
    """Say what the commits of its database are worth, where they are worth less than they could be."""
    try:
        url = database_of(directory, db)
    except JournalError as error:
        refuse(error, directory)
    for said in database.warnings(url) if url else ():
        aside(f"{told(said.code, **said.params)} {todo(said.code, language(), **said.params)}".rstrip())


def listening(run: Running) -> None:
    """Say where the server is reached, and how the first account is made."""
    say("cli.serve.listening")
    for url in run.urls:
        line(f"  {url}/")
    if run.root:
        digest = hashlib.sha256(run.root).digest()
        say("cli.serve.ready", url=f"{run.plain}/ready")
        names = told("ready.colour_names").split()
        seen = " ".join(names[n] for n in certificates.colours(digest))
        say("cli.serve.root", words=" ".join(certificates.words(digest, language())), colours=seen)
        line(f"  SHA-256 {digest.hex(' ').upper()}")
    if run.first_start:
        say("cli.serve.first", link=run.first_start)
    say("cli.serve.stop")
    sys.stdout.flush()
