"""``compsys erase``: forgets a person, whose key is destroyed, so that nothing tells who they were."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import msgspec
import typer

from compsys import control
from compsys.commandline.access import Office, office
from compsys.commandline.arguments import HERE, Folder, Json
from compsys.commandline.terminal import UNREADABLE, aside, command, fail, give, named, say, told
from compsys.desk import Desk
from compsys.state import State

Who = Annotated[str, typer.Argument(metavar="PERSON", help=told("cli.erase.who"), show_default=False)]
Reason = Annotated[str, typer.Option(help=told("cli.erase.reason"), show_default=False)]
Sure = Annotated[bool, typer.Option("--yes", help=told("cli.erase.yes"))]
SHOWN = 8
"""Persons of one name that are listed."""


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "erase", "cli.erase")(erase)


def persons(desk: Desk, state: State, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The persons whose id, or whole name in a language, is ``who``: id, names, what they compete as."""
    who = params["who"]
    found = []
    for person in state.setup.records.get("person", {}):
        known = desk.names(person)
        if person == who or (known is not None and who in known.name.values()):
            entries = [
                key
                for key, entry in state.setup.entries.items()
                if any(member.person == person for member in entry.members)
            ]
            found.append({"id": person, "name": dict(known.name) if known else {}, "entries": entries})
    return found


async def forget(desk: Desk, params: dict[str, Any]) -> dict[str, Any]:
    """Erase a person; the answer."""
    answer = await desk.erase(params["person"], control.OFFICE, params["reason"])
    found: dict[str, Any] = msgspec.to_builtins(answer)
    return found


control.QUERIES["persons"] = persons
control.ACTIONS["erase"] = forget


def erase(
    who: Who, directory: Folder = HERE, reason: Reason = "", sure: Sure = False, as_json: Json = False
) -> None:
    """Forget a person for ever, after saying who it is."""
    if not reason.strip():
        fail("cli.erase.why", as_json=as_json, status=UNREADABLE)
    with office(directory, as_json) as desk:
        person = _one(desk, who, as_json)
        if not sure:
            _ask(person, as_json)
        answer = desk.query("erase", person=person["id"], reason=reason)
    if answer["a"] != "accepted":
        fail(answer["code"] or answer["a"], answer.get("params"), as_json=as_json)
    if as_json:
        give({"ok": True, "erased": person["id"], "entries": person["entries"]})
    else:
        say("cli.erase.done", id=person["id"])


def _one(desk: Office, who: str, as_json: bool) -> dict[str, Any]:
    found: list[dict[str, Any]] = desk.query("persons", who=who)
    if not found:
        fail("unknown_record", {"kind": "person", "id": who}, as_json=as_json)
    if len(found) > 1:
        known = "; ".join(f"{one['id']} ({', '.join(one['entries'])})" for one in found[:SHOWN])
        fail("cli.erase.several", as_json=as_json, who=who, count=len(found), known=known)
    return found[0]


def _ask(person: dict[str, Any], as_json: bool) -> None:
    """Go on only when the person's id was typed again."""
    if not sys.stdin.isatty():
        fail("cli.erase.sure", as_json=as_json, status=UNREADABLE)
    name, entries = named(person["name"]), ", ".join(person["entries"]) or "-"
    aside(told("cli.erase.asked", id=person["id"], name=name, entries=entries))
    if typer.prompt(told("cli.erase.again"), err=True).strip() != person["id"]:
        fail("cli.erase.not", as_json=as_json)
