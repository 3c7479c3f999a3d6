"""``compsys move``: copies a competition from one store to another and closes the first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from compsys import moving
from compsys.commandline.access import explained
from compsys.commandline.arguments import Json
from compsys.commandline.terminal import UNREADABLE, command, fail, give, say, told
from compsys.seal import BrokenChain

Source = Annotated[str, typer.Argument(metavar="FROM", help=told("cli.move.from"), show_default=False)]
Target = Annotated[str, typer.Argument(metavar="TO", help=told("cli.move.to"), show_default=False)]
Keys = Annotated[Path | None, typer.Option("--keys", metavar="DIR", help=told("cli.move.keys"))]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "move", "cli.move")(move)


def move(source: Source, target: Target, keys: Keys = None, as_json: Json = False) -> None:
    """Move a competition between a directory and a database, and compare what arrived."""
    with explained(Path(source), as_json):
        try:
            moved = moving.move(source, target, keys)
        except BrokenChain as broken:
            what = {"stream": broken.stream, "n": broken.n}
            fail("cli.move.broken", what, as_json=as_json, status=UNREADABLE)
    if as_json:
        give({"ok": True, **moved._asdict()})
    else:
        say("cli.move.done", **moved._asdict())
