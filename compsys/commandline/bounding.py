"""``compsys bounds``: says what is certain while marks are missing."""

from __future__ import annotations

from typing import Any

import msgspec
import typer

from compsys import bounds as bounding
from compsys import control
from compsys.commandline.access import office
from compsys.commandline.answers import chosen
from compsys.commandline.arguments import HERE, Folder, Json, Target
from compsys.commandline.terminal import UNREADABLE, command, fail, give, line, named, say, table, told
from compsys.desk import Desk
from compsys.state import State


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "bounds", "cli.bounds")(bounds)


def bounded(desk: Desk, state: State, params: dict[str, Any]) -> list[dict[str, Any]]:
    """Each group of ``target`` with the bounds of its entries; those not opened have none."""
    return [
        {
            "trade": group.trade,
            "stage": group.stage,
            "group": group.id,
            "name": dict(state.setup.trades[group.trade].name),
            "entries": msgspec.to_builtins(bounding.bounds(state, group.trade, group.stage, group.id)),
        }
        for group in chosen(state, params["target"])
    ]


control.QUERIES |= {"bounds": bounded}
control.BESIDE |= {"bounds"}


def bounds(target: Target, directory: Folder = HERE, as_json: Json = False) -> None:
    """Print each entry's worst and best total and place, and what is certain."""
    with office(directory, as_json) as desk:
        found = desk.query("bounds", target=target)
        known = " ".join(dict.fromkeys(group["trade"] for group in desk.query("trades")["groups"]))
    if not found:
        fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=target, known=known)
    if as_json:
        give({"ok": True, "groups": found})
        return
    heads = [told(f"cli.bounds.{head}") for head in ("code", "place", "total", "certain")]
    for group in found:
        line(f"{named(group['name'])} {group['trade']}/{group['stage']}/{group['group']}")
        if group["entries"]:
            table(heads, (_row(entry) for entry in group["entries"]), (1, 2))
        else:
            say("cli.bounds.nothing")


def _row(entry: dict[str, Any]) -> list[str]:
    place = _span(entry["best_place"], entry["worst_place"]) if entry["best_place"] else ""
    certain = ", ".join(told(f"bounds.{word}") for word in entry.get("certain", ()))
    return [entry["code"], place, _span(entry["worst_total"], entry["best_total"]), certain]


def _span(one: object, other: object) -> str:
    return str(one) if one == other else f"{one} – {other}"
