"""The command line ``compsys``: the one room that joins all rooms, and the list of commands."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import typer

from compsys.commandline import (
    advancing,
    bounding,
    checking,
    copying,
    credential,
    demo,
    doctor,
    erasing,
    explaining,
    marking,
    moving,
    promoting,
    ranking,
    rule_books,
    schemes,
    serving,
    setting,
    terminal,
    tying,
)
from compsys.desk import Desk
from compsys.simulate import dice
from compsys.simulate_network import App


def virtual_app(desk: Desk, host: str, seed: int) -> App:
    """The server's app on a simulated clock: its tokens come from the seed."""
    from web.app import create_app
    from web.settings import settings_for

    name, _, port = host.partition(":")
    counter = iter(range(1 << 62))

    def token(size: int) -> str:
        wide = "".join(f"{dice(seed, 'token', next(counter), i):016x}" for i in range(size // 8 + 1))
        return wide[: 2 * size]

    settings = settings_for((name,), int(port or 80))
    return create_app(desk, replace(settings, seconds=asyncio.get_running_loop().time, token=token))


def real_server(desk: Desk, host: str, port: int) -> AbstractAsyncContextManager[Any]:
    """The web room's server over an open desk."""
    from web.server import running

    return running(desk, host, port)


async def whole_server(
    directory: Path,
    host: str,
    port: int,
    *,
    names: tuple[str, ...],
    db: str,
    role: str,
    redis: str,
    tls: serving.Tls | None,
    told: Callable[[Any], None],
) -> None:
    """The web room's server of a directory, from opening its desk to closing it."""
    from web.listening import Broken
    from web.server import serve
    from web.tls import Tls

    whom: Any = role
    over = Tls(directory, tls.port, tls.certificate, tls.key) if tls else None
    try:
        await serve(directory, host, port, names=names, db=db, role=whom, redis=redis, tls=over, told=told)
    except Broken as error:
        raise serving.Broken from error


def public_server(redis: str, host: str, port: int, names: tuple[str, ...]) -> NoReturn:
    """Become the web room's server for spectators: a program of its own, without what this one has loaded.

    The address of Redis goes by the environment: arguments are seen by everybody on the machine. No other
    variable of ours goes along: one may name the journal's database.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPSYS_")}
    more = [word for name in names for word in ("--name", name)]
    where = ["--host", host, "--port", str(port), *more, "--lang", terminal.language()]
    path = os.pathsep.join(found for found in sys.path if found)
    sys.stdout.flush()
    os.execve(  # noqa: S606 (this very interpreter, with our own module)
        sys.executable,
        [sys.executable, "-P", "-m", "web.public", *where],
        environment | {"COMPSYS_REDIS": redis, "PYTHONPATH": path},
    )


def checking_pages(told: Mapping[str, Any]) -> Mapping[str, str]:
    """The web room's pages that check certificates by themselves, with a bundle's content."""
    from web.credential_file import pages

    return pages(told)


def make_app() -> typer.Typer:
    """The commands, with their help in the terminal's language."""
    app = typer.Typer(
        name="compsys",
        help=terminal.told("cli.compsys"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(lambda: None)
    demo.add(app, real_server, virtual_app)
    setting.add(app)
    schemes.add(app)
    serving.add(app, whole_server, public_server)
    marking.add(app)
    checking.add(app)
    doctor.add(app)
    moving.add(app)
    erasing.add(app)
    rule_books.add(app)
    ranking.add(app)
    promoting.add(app)
    advancing.add(app)
    tying.add(app)
    explaining.add(app)
    bounding.add(app)
    copying.add(app)
    credential.add(app, checking_pages)
    return app


def main() -> None:
    """Run one command; ends the process with its exit status."""
    try:
        make_app()(prog_name="compsys")
    except BrokenPipeError:  # whoever read the output stopped reading
        sys.stderr.close()
        sys.exit(terminal.PROBLEMS)


if __name__ == "__main__":
    main()
