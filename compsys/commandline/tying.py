"""``compsys ties``: who stands level, the results of a play-off, the chief expert's order."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from compsys import control, ties
from compsys import events as e
from compsys.commandline.access import key, office
from compsys.commandline.arguments import HERE, Folder, Group, Json, group_of, refused
from compsys.commandline.terminal import UNREADABLE, command, fail, give, say, table, told
from compsys.desk import Desk
from compsys.state import State
from scoring_rules import exact

PlayOff = Annotated[
    list[str] | None,
    typer.Option("--play-off", metavar="CODE=RESULT", help=told("cli.ties.play_off"), show_default=False),
]
Order = Annotated[
    str, typer.Option("--order", metavar="CODE,CODE,...", help=told("cli.ties.order"), show_default=False)
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=told("cli.ties.reason"), show_default=False)
]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "ties", "cli.ties")(show_or_settle)


# ---------------------------------------------------------------- what is asked of the desk


def found(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any] | None:
    """A group's ties by code, and the keys that its rules name for them; None: no such group."""
    trade, stage, group = params["place"]
    if f"{trade}/{stage}/{group}" not in state.setup.groups:
        return None
    rules = next((s.groups[group] for s in state.streams_of(trade, stage) if group in s.groups), None)
    return {
        "keys": list(ties.keys_of(rules)) if rules is not None else [],
        "ties": [
            {"place": level.place, "broken": level.broken, "units": ties.units_told(state, level)}
            for level in ties.level(state, trade, stage, group)
        ],
    }


def units(desk: Desk, state: State, params: dict[str, Any]) -> list[dict[str, str]]:
    """Each code's stream and unit in a group; both empty where there is none, or more than one."""
    trade, stage, group = params["place"]
    told_of = []
    for code in params["codes"]:
        held = [
            {"stream": stream.name, "unit": stream.by_code[code]}
            for stream in state.streams_of(trade, stage)
            if code in stream.by_code and stream.units[stream.by_code[code]].group == group
        ]
        told_of.append(held[0] if len(held) == 1 else {"stream": "", "unit": ""})
    return told_of


control.QUERIES |= {"ties": found, "ties_units": units}


# ---------------------------------------------------------------- the command


def show_or_settle(
    group: Group,
    play_off: PlayOff = None,
    order: Order = "",
    reason: Reason = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Record what settles a tie, and list the ties."""
    place = group_of(group, as_json)
    if play_off and order:
        fail("cli.ties.one", as_json=as_json, status=UNREADABLE)
    rows = _rows(play_off or [], order, as_json)
    with office(directory, as_json) as desk:
        if rows:
            _settle(desk, place, "play_off" if play_off else "decided", rows, reason, as_json)
        told_of = desk.query("ties", place=place)
    if told_of is None:
        fail("unknown_record", as_json=as_json, status=UNREADABLE, id=group)
    if as_json:
        give({"ok": True, **told_of})
        return
    if rows:
        say("cli.ties.done", n=len(rows))
    _tell(told_of)


def _rows(play_off: list[str], order: str, as_json: bool) -> dict[str, str | None]:
    """code -> its number as typed; None where one is taken back."""
    if order:
        codes = order.replace(",", " ").replace("，", " ").split()
        return {code.upper(): str(i) for i, code in enumerate(codes, 1)}
    rows: dict[str, str | None] = {}
    for pair in play_off:
        code, sign, result = pair.partition("=")
        number = exact.normalise(result)
        if not sign or (number and not exact.is_number(number)):
            fail("cli.ties.pair", as_json=as_json, status=UNREADABLE, pair=pair)
        rows[code.strip().upper()] = number or None
    return rows


def _settle(
    desk: Any, place: tuple[str, str, str], by: Any, rows: dict[str, str | None], reason: str, as_json: bool
) -> None:
    """One line for each site that has some of the codes."""
    where = desk.query("ties_units", place=place, codes=list(rows))
    apart: dict[str, list[tuple[str, str | None]]] = {}
    for (code, number), at in zip(rows.items(), where, strict=True):
        if not at["unit"]:
            fail("cli.ties.unknown", as_json=as_json, unit=code)
        apart.setdefault(at["stream"], []).append((at["unit"], number))
    for stream, given in apart.items():
        settled = e.SettleTie(stream=stream, key=by, rows=tuple(given), reason=reason)
        refused(desk.do(settled, key()), as_json)


def _tell(told_of: dict[str, Any]) -> None:
    if not told_of["keys"]:
        say("cli.ties.no_keys")
    if not told_of["ties"]:
        say("cli.ties.none")
        return
    keys = told_of["keys"]
    heads = [told(f"cli.ties.{head}") for head in ("code", "place", "total")]
    heads += [told(f"explain.key.{word}") for word in keys]
    for level in told_of["ties"]:
        say("cli.ties.broken" if level["broken"] else "cli.ties.open", place=level["place"])
        rows = (
            [u["code"], str(u["place"]), u["total"], *(u.get(word, {}).get("value", "") for word in keys)]
            for u in level["units"]
        )
        table(heads, rows, range(1, len(heads)))
