"""``compsys advance``: says who goes on from a stage's official result to a later stage, and who moves up."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from compsys import advancing, control, explain
from compsys import events as e
from compsys.commandline.access import key, office
from compsys.commandline.arguments import HERE, Folder, Group, Json, group_of, refused
from compsys.commandline.terminal import command, fail, give, line, say, told
from compsys.desk import Desk
from compsys.state import State


class Ties(StrEnum):
    """What becomes of those who tie at the edge."""

    in_ = "in"
    out = "out"


class Pool(StrEnum):
    """By what entries are put together."""

    delegation = "delegation"
    pool = "pool"


class Base(StrEnum):
    """Of what a percentage is."""

    entered = "entered"
    checked_in = "checked_in"
    started = "started"
    ranked = "ranked"


class Round(StrEnum):
    """How a share becomes a whole number."""

    floor = "floor"
    half_up = "half_up"
    ceil = "ceil"


class Carry(StrEnum):
    """What becomes of the totals in the later stage."""

    none = "none"
    raw = "raw"
    rescaled = "rescaled"
    points = "points"


To = Annotated[str, typer.Option("--to", metavar="STAGE", help=told("cli.advance.to"))]
Top = Annotated[
    int | None, typer.Option("--top", metavar="N", min=0, help=told("cli.advance.top"), show_default=False)
]
Percent = Annotated[
    str | None, typer.Option("--percent", metavar="P", help=told("cli.advance.percent"), show_default=False)
]
Of = Annotated[Base | None, typer.Option("--of", help=told("cli.advance.of"), show_default=False)]
Rounding = Annotated[
    Round | None, typer.Option("--rounding", help=told("cli.advance.rounding"), show_default=False)
]
Minimum = Annotated[
    str | None,
    typer.Option("--minimum", metavar="TOTAL", help=told("cli.advance.minimum"), show_default=False),
]
TiesOption = Annotated[Ties | None, typer.Option("--ties", help=told("cli.advance.ties"), show_default=False)]
PoolOption = Annotated[Pool | None, typer.Option("--pool", help=told("cli.advance.pool"), show_default=False)]
PerPool = Annotated[
    int | None,
    typer.Option("--per-pool", metavar="N", min=0, help=told("cli.advance.per_pool"), show_default=False),
]
Host = Annotated[
    int | None, typer.Option("--host", metavar="N", min=0, help=told("cli.advance.host"), show_default=False)
]
Reserve = Annotated[
    int | None,
    typer.Option("--reserve", metavar="N", min=0, help=told("cli.advance.reserve"), show_default=False),
]
CarryOption = Annotated[
    Carry | None, typer.Option("--carry", help=told("cli.advance.carry"), show_default=False)
]
Points = Annotated[
    str | None,
    typer.Option("--points", metavar="N,N,...", help=told("cli.advance.points"), show_default=False),
]
Seed = Annotated[
    list[str] | None,
    typer.Option("--seed", metavar="ENTRY", help=told("cli.advance.seed"), show_default=False),
]
WildCard = Annotated[
    list[str] | None,
    typer.Option("--wild-card", metavar="ENTRY", help=told("cli.advance.wild_card"), show_default=False),
]
Withdrawn = Annotated[
    str, typer.Option("--withdrawn", metavar="ENTRY", help=told("cli.advance.withdrawn"), show_default=False)
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=told("cli.advance.reason"), show_default=False)
]
Dry = Annotated[bool, typer.Option("--dry-run", help=told("cli.advance.dry_run"))]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "advance", "cli.advance")(advance)


# ---------------------------------------------------------------- what is asked of the desk


def _entries(state: State, place: dict[str, str], wanted: list[str]) -> list[str] | e.Refused:
    """The entries that codes, bibs or ids name in the earlier stage's group."""
    found = []
    for one in wanted:
        known = state.setup.entries.get(one)
        if known is not None and (known.trade, known.group) == (place["trade"], place["group"]):
            found.append(one)
            continue
        targets = explain.find(state, place["trade"], place["stage"], place["group"], one)
        if len(targets) != 1:
            return e.Refused("unknown_reference", {"key": one[:40]})
        found.append(targets[0].entry)
    return found


def wished(state: State, place: dict[str, str], given: dict[str, Any]) -> e.Advance | e.Refused:
    """The cut of the stage's rules with what was given in its stead."""
    own = advancing.from_rules(advancing.profile_of(state, place["trade"], place["stage"], place["group"]))
    count, ties, cut = own or (0, "in", e.Cut())
    parts = msgspec.to_builtins(cut) | given["cut"]
    if given["count"] is not None:
        count, parts["percent"] = given["count"], given["cut"].get("percent", "")
    elif given["cut"].get("percent"):
        count = 0
    if given["cut"].get("per_pool") == 0:
        parts["pool"] = ""
    if "carry" in given["cut"] and given["cut"]["carry"] != "points":
        parts["points"] = given["cut"].get("points", ())
    named = [_entries(state, place, given[which]) for which in ("seeded", "wild_cards")]
    for entries in named:
        if isinstance(entries, e.Refused):
            return entries
    return msgspec.convert(
        {
            **place, "count": count, "ties": given["ties"] or ties, "cut": parts,
            "seeded": named[0], "wild_cards": named[1], "reason": given["reason"],
        },
        e.Advance,
    )  # fmt: skip


def _refusal(found: e.Refused) -> dict[str, Any]:
    return {"code": found.code, "params": dict(found.params)}


def look(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Who would go on by what is given: the command that decides it, and what it comes to; or a refusal."""
    cmd = wished(state, params["place"], params["given"])
    found = advancing.chosen(state, cmd) if isinstance(cmd, e.Advance) else cmd
    if isinstance(found, e.Refused) or isinstance(cmd, e.Refused):
        return _refusal(found if isinstance(found, e.Refused) else e.Refused("malformed"))
    return {
        "code": "", "command": msgspec.to_builtins(cmd), "version": found.version, "last": found.last,
        "on": [list(pair) for pair in found.on], "reserve": list(found.reserve),
        "edges": [list(tied) for tied in found.edges],
    }  # fmt: skip


def look_up(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Who withdraws and who would move up; or a refusal."""
    place = params["place"]
    found = _entries(state, place, [params["entry"]])
    if isinstance(found, e.Refused):
        return _refusal(found)
    gone = e.MoveUp(**place, entry=found[0], reason=params["reason"])
    joins = advancing.replacing(state, gone)
    return _refusal(joins) if isinstance(joins, e.Refused) else {
        "code": "", "left": found[0], "joins": joins
    }  # fmt: skip


control.QUERIES |= {"advance_look": look, "advance_up": look_up}


# ---------------------------------------------------------------- the command


class How(NamedTuple):
    """Where, and in which way the command speaks."""

    place: dict[str, str]
    directory: Any
    dry_run: bool
    as_json: bool


def advance(
    group: Group,
    to: To,
    top: Top = None,
    percent: Percent = None,
    of: Of = None,
    rounding: Rounding = None,
    minimum: Minimum = None,
    ties: TiesOption = None,
    pool: PoolOption = None,
    per_pool: PerPool = None,
    host: Host = None,
    reserve: Reserve = None,
    carry: CarryOption = None,
    points: Points = None,
    seed: Seed = None,
    wild_card: WildCard = None,
    withdrawn: Withdrawn = "",
    reason: Reason = "",
    directory: Folder = HERE,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Decide the cut, or only look at it; or record who withdraws."""
    place = dict(zip(("trade", "stage", "group"), group_of(group, as_json), strict=True)) | {"to": to}
    how = How(place, directory, dry_run, as_json)
    if withdrawn:
        _withdraw(how, withdrawn, reason)
        return
    cut = {
        "percent": percent, "base": of, "rounding": rounding, "minimum": minimum, "pool": pool,
        "per_pool": per_pool, "host": host, "reserve": reserve, "carry": carry,
        "points": None if points is None else points.replace(",", " ").split(),
    }  # fmt: skip
    given = {
        "count": top, "ties": ties, "cut": {k: v for k, v in cut.items() if v is not None},
        "seeded": seed or [], "wild_cards": wild_card or [], "reason": reason,
    }  # fmt: skip
    _decide(how, msgspec.to_builtins(given))


def _decide(how: How, given: dict[str, Any]) -> None:
    with office(how.directory, how.as_json) as desk:
        found = desk.query("advance_look", place=how.place, given=given)
        if found["code"]:
            _fail(found, how.as_json)
        if not how.dry_run:
            refused(desk.do(msgspec.convert(found["command"], e.Advance), key()), how.as_json)
    at_edge = max(map(len, found["edges"]), default=0)
    about = {"count": len(found["on"]), "last": found["last"], "version": found["version"]}
    about["to"] = how.place["to"]
    if how.as_json:
        ways = [{"entry": entry, "way": way} for entry, way in found["on"]]
        give({
            "ok": True, "dry_run": how.dry_run, **about, "at_edge": at_edge, "edges": found["edges"],
            "entries": [entry for entry, _ in found["on"]], "ways": ways, "reserve": found["reserve"],
            "rule": {k: found["command"].get(k, d) for k, d in (("count", 0), ("ties", "in"), ("cut", {}))},
        })  # fmt: skip
        return
    say("cli.advance.would" if how.dry_run else "cli.advance.done", **about | {"last": found["last"] or "-"})
    held = [way for _, way in found["on"]]
    line("  " + ", ".join(f"{told(f'cut.{way}')} {held.count(way)}" for way in dict.fromkeys(held)))
    for tied in found["edges"]:
        say(f"advance.edge_{found['command'].get('ties', 'in')}", n=len(tied))
    if found["reserve"]:
        say("cli.rank.reserve", entries=", ".join(found["reserve"][:20]))


def _withdraw(how: How, entry: str, reason: str) -> None:
    with office(how.directory, how.as_json) as desk:
        found = desk.query("advance_up", place=how.place, entry=entry, reason=reason)
        if found["code"]:
            fail(found["code"], found["params"], as_json=how.as_json)
        if not how.dry_run:
            gone = e.MoveUp(**how.place, entry=found["left"], reason=reason)
            refused(desk.do(gone, key()), how.as_json)
    if how.as_json:
        give({"ok": True, "dry_run": how.dry_run, "left": found["left"], "joins": found["joins"] or None})
        return
    code = "cli.advance.moved_up" if found["joins"] else "cli.advance.nobody_moved"
    say(code, left=found["left"], joins=found["joins"], to=how.place["to"])


def _fail(found: dict[str, Any], as_json: bool) -> None:
    """A refusal; a rule that names nobody says how one is named."""
    if found["code"] == "malformed" and found["params"].get("field") == "count":
        fail("cli.advance.no_rule", as_json=as_json)
    fail(found["code"], found["params"], as_json=as_json)
