"""The commands ``credential appeal``, ``appeals`` and ``ruling``: what holds the papers of a result back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from compsys import control
from compsys import events as e
from compsys.commandline.access import office
from compsys.commandline.arguments import HERE, Folder, Json
from compsys.commandline.credential_shared import By, PasswordFile, Words, step
from compsys.commandline.terminal import command, fail, give, line, say, told
from compsys.credentials.appeals import where_of
from compsys.desk import Desk


class Outcome(StrEnum):
    """What may become of an appeal."""

    upheld = "upheld"
    rejected = "rejected"
    withdrawn = "withdrawn"


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "appeal", "cli.credential.appeal")(appeal)
    command(group, "appeals", "cli.credential.appeals")(appeals)
    command(group, "ruling", "cli.credential.ruling")(ruling)


async def listed(desk: Desk, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The appeals, in the order they came: undecided ones, or ``all``."""
    async with desk.reading(e.COMPETITION) as state:
        return [
            {
                "n": one.n, "t": one.t, "where": "/".join(where_of(one)), "delegation": one.delegation,
                "entry": one.entry, "by": one.by, "words": one.words, "outcome": one.outcome,
                "ruled": one.ruled, "ruled_by": one.ruled_by, "ruling": one.ruling,
            }
            for one in state.credentials.appeals.values()
            if params["all"] or not one.outcome
        ]  # fmt: skip


control.ACTIONS["credential_appeals"] = listed


def appeal(
    where: Annotated[
        str,
        typer.Argument(
            metavar="TRADE/STAGE/GROUP", help=told("cli.credential.appeal_where"), show_default=False
        ),
    ],
    words: Words = "",
    delegation: Annotated[
        str,
        typer.Option(
            "--delegation", metavar="ID", help=told("cli.credential.appeal_whose"), show_default=False
        ),
    ] = "",
    entry: Annotated[
        str,
        typer.Option("--entry", metavar="ID", help=told("cli.credential.appeal_entry"), show_default=False),
    ] = "",
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Record an appeal against a result."""
    parts = where.split("/")
    if len(parts) != 3:
        fail("credential.appeal_where", {"where": where}, as_json=as_json)
    at = dict(zip(("trade", "stage", "group"), parts, strict=True))
    with office(directory, as_json) as desk:
        made = {"c": "lodge_appeal", **at, "words": words, "delegation": delegation, "entry": entry}
        done = step(desk, made, as_json, by, password_file)
    give({"ok": True, "n": done["n"]}) if as_json else say("cli.credential.appealed", n=done["n"])


def appeals(
    every: Annotated[bool, typer.Option("--all", help=told("cli.credential.appeals_all"))] = False,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """List appeals."""
    with office(directory, as_json) as desk:
        found = desk.query("credential_appeals", all=every)
    if as_json:
        give(found)
        return
    if not found:
        say("cli.credential.appeals_none")
    for one in found:
        outcome = told(f"cli.credential.appeal_{one['outcome'] or 'undecided'}")
        who = " ".join(filter(None, (one["delegation"], one["entry"]))) or "-"
        said = " / ".join(filter(None, (one["words"], one["ruling"])))
        at = {"n": one["n"], "where": one["where"], "who": who}
        line(told("cli.credential.appeal_line", **at, outcome=outcome, words=said))


def ruling(
    n: Annotated[int, typer.Argument(metavar="N", help=told("cli.credential.appeal_n"))],
    outcome: Annotated[
        Outcome, typer.Argument(metavar="OUTCOME", help=told("cli.credential.appeal_outcome"))
    ],
    words: Words = "",
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Record what became of an appeal."""
    with office(directory, as_json) as desk:
        made = {"c": "rule_appeal", "n": n, "outcome": outcome.value, "words": words}
        step(desk, made, as_json, by, password_file)
    if as_json:
        give({"ok": True, "n": n, "outcome": outcome.value})
    else:
        say("cli.credential.ruled", n=n, outcome=told(f"cli.credential.appeal_{outcome.value}"))
