"""``compsys advance``: says who goes on from a stage's official result to a later stage."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from compsys import advancing, control
from compsys import events as e
from compsys.commandline.access import key, office
from compsys.commandline.arguments import HERE, Folder, Json, refused
from compsys.commandline.terminal import UNREADABLE, command, fail, give, say, told
from compsys.desk import Desk
from compsys.state import State


class Ties(StrEnum):
    """What becomes of those who tie at the edge."""

    in_ = "in"
    out = "out"


Group = Annotated[str, typer.Argument(metavar="TRADE/STAGE/GROUP", help=told("cli.target"))]
To = Annotated[str, typer.Option("--to", metavar="STAGE", help=told("cli.advance.to"))]
Top = Annotated[int, typer.Option("--top", metavar="N", min=1, help=told("cli.advance.top"))]
TiesOption = Annotated[Ties, typer.Option("--ties", help=told("cli.advance.ties"))]
Dry = Annotated[bool, typer.Option("--dry-run", help=told("cli.advance.dry_run"))]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "advance", "cli.advance")(advance)


def look(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Who would go on: version, entries, the last one's total, how many stand at the edge; or a refusal."""
    found = advancing.chosen(state, e.Advance(**params))
    if isinstance(found, e.Refused):
        return {"code": found.code, "params": dict(found.params)}
    at_edge = max(map(len, found.edges), default=0)
    return {
        "code": "", "version": found.version, "entries": found.entries, "last": found.last,
        "at_edge": at_edge,
    }  # fmt: skip


control.QUERIES["advance_look"] = look


def advance(
    group: Group,
    to: To,
    top: Top,
    ties: TiesOption = Ties.in_,
    directory: Folder = HERE,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Decide the cut, or only look at it."""
    parts = group.split("/")
    if len(parts) != 3:
        fail("cli.advance.which", as_json=as_json, status=UNREADABLE, target=group)
    trade, stage, of = parts
    cut: dict[str, Any] = {"trade": trade, "stage": stage, "group": of, "to": to, "count": top}
    cut["ties"] = ties.value
    with office(directory, as_json) as desk:
        found = desk.query("advance_look", **cut)
        if found["code"]:
            fail(found["code"], found["params"], as_json=as_json)
        if not dry_run:
            refused(desk.do(e.Advance(**cut), key()), as_json)
    told_of = {"count": len(found["entries"]), "last": found["last"], "version": found["version"], "to": to}
    if as_json:
        entries = list(found["entries"])
        give({"ok": True, "dry_run": dry_run, **told_of, "at_edge": found["at_edge"], "entries": entries})
        return
    say("cli.advance.would" if dry_run else "cli.advance.done", **told_of)
    if found["at_edge"] > 1:
        say(f"advance.edge_{ties.value}", n=found["at_edge"])
