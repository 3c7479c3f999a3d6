"""Arguments that several commands share, and how a command's product is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from compsys.commandline.terminal import UNREADABLE, aside, fail, told
from compsys.events import Answer

Json = Annotated[bool, typer.Option("--json", help=told("cli.json"))]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help=told("cli.directory"), show_default=False)]
Folder = Annotated[Path, typer.Option("--dir", "-d", help=told("cli.directory"), show_default=False)]
Target = Annotated[str, typer.Argument(metavar="TRADE[/STAGE[/GROUP]]", help=told("cli.target"))]
Group = Annotated[str, typer.Argument(metavar="TRADE/STAGE/GROUP", help=told("cli.target"))]
Database = Annotated[
    str, typer.Option("--db", metavar="URL", help=told("cli.db"), envvar="COMPSYS_DB", show_default=False)
]
HERE = Path()
GRAVE = {"error": "cli.error", "warning": "cli.warning"}


def refused(answer: Answer, as_json: bool) -> None:
    """End the command unless the answer is ``accepted``."""
    if answer.a != "accepted":
        fail(answer.code or answer.a, answer.params, as_json=as_json)


def group_of(group: str, as_json: bool) -> tuple[str, str, str]:
    """Trade, stage and group; ends the command where the text names fewer or more."""
    parts = group.split("/")
    if len(parts) != 3:
        fail("cli.advance.which", as_json=as_json, status=UNREADABLE, target=group)
    return parts[0], parts[1], parts[2]


def write(data: bytes, out: Path | None) -> None:
    """Write a command's product to a file, or to standard output."""
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    out.write_bytes(data)
    aside(told("cli.written", path=out, bytes=len(data)))
