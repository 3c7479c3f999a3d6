"""What commands ask of the desk, in the server's process or in their own: queries, and actions that wait.

Importing this module makes ``compsys.control`` answer them. Everything given and returned is JSON-able.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
from typing import Any, BinaryIO

import msgspec

from compsys import control, drawing, edges, passwords, reawarding, setup
from compsys import events as e
from compsys.beside import prepare
from compsys.desk import Desk
from compsys.exchange import book, checklist, competition_file, results
from compsys.exchange.competition_file import Loaded
from compsys.journal_api import export_header, export_line
from compsys.records import Group, key_of, stream_name
from compsys.sessions import incomplete
from compsys.state import Result, Setup, State, Stream
from compsys.unsent import unheard

Params = dict[str, Any]
UNREADABLE = frozenset(
    {"file.not_utf8", "file.not_json", "file.not_toml", "file.too_deep", "file.bad_number"}
)
"""Problems of a file's text as a whole: nothing in it could be read."""

CHUNK = 2000
"""Lines of an export that are read at a time: commits come in between."""


# ---------------------------------------------------------------- queries


def trades(desk: Desk, state: State, params: Params) -> Params:
    """Every (trade, stage, group) with marking, signed sheets, result and releases, in the trades' order."""
    held = state.setup.competition
    return {
        "competition": {"id": held.id if held else state.id, "name": dict(held.name) if held else {}},
        "fault": desk.fault,
        "groups": [_group(state, group) for group in chosen(state, "")],
    }


def chosen(state: State, target: str) -> list[Group]:
    """The groups that ``TRADE[/STAGE[/GROUP]]`` names ("" = all), in the order of trades and stages."""
    known = state.setup

    def order(group: Group) -> tuple[int, str, int, str]:
        trade, stage = known.trades.get(group.trade), known.stages.get(f"{group.trade}/{group.stage}")
        return trade.order if trade else 0, group.trade, stage.order if stage else 0, group.id

    wanted = target.split("/") if target else []
    groups = [g for g in known.groups.values() if [g.trade, g.stage, g.id][: len(wanted)] == wanted]
    return sorted(groups, key=order)


def _streams(state: State, group: Group) -> dict[str, Stream | None]:
    """Site -> the stream of the group's stage there (None: nothing drawn yet)."""
    stage = state.setup.stages[f"{group.trade}/{group.stage}"]
    return {site: state.stream(stream_name(group.trade, group.stage, site)) for site in stage.sites}


def _group(state: State, group: Group) -> Params:
    streams = _streams(state, group)
    result = state.results.get((group.trade, group.stage, group.id), Result())
    signed = [_signed(stream, group.id) for stream in streams.values() if stream]
    return {
        "trade": group.trade,
        "stage": group.stage,
        "group": group.id,
        "name": dict(state.setup.trades[group.trade].name),
        "stage_name": dict(state.setup.stages[f"{group.trade}/{group.stage}"].name),
        "group_name": dict(group.name),
        "sites": {site: stream.marking if stream else "setup" for site, stream in streams.items()},
        "signed": {"done": sum(done for done, _ in signed), "of": sum(of for _, of in signed)},
        "result": {"state": result.state, "version": result.versions[-1].version if result.versions else 0},
        "released": {audience: result.versions[i].version for audience, i in sorted(result.released.items())},
    }


def _signed(stream: Stream, group: str) -> tuple[int, int]:
    """Signed sheets of a group in a stream, of how many (units with a status owe none)."""
    units = [u for u in stream.units.values() if u.group == group and not u.statuses]
    subs = len(stream.groups[group].component_of) if group in stream.groups else 0
    done = sum((s := stream.sheets.get((u.id, sub))) is not None and s.complete
               for u in units for sub in stream.groups[group].component_of)  # fmt: skip
    return done, subs * len(units)


def pictures(desk: Desk, state: State, params: Params) -> list[Params]:
    """Result versions (``target``, ``version``, 0 = newest) as ``results.picture`` says them; groups without
    one left out."""
    return [
        results.picture(state, desk.names, g.trade, g.stage, g.id, params["version"])
        for g in chosen(state, params["target"])
        if any(
            params["version"] in (0, v.version)
            for v in state.results.get((g.trade, g.stage, g.id), Result()).versions
        )
    ]


def books(desk: Desk, state: State, params: Params) -> list[Params]:
    """Result books (``target``) as ``book.data`` says them, also of groups still being marked."""
    return [
        book.data(state, desk.names, g.trade, g.stage, g.id)
        for g in chosen(state, params["target"])
        if any(s and s.frozen for s in _streams(state, g).values())
    ]


def takes(desk: Desk, state: State, params: Params) -> list[Params]:
    """What publishing a group now (``trade``, ``stage``, ``group``) would take and give since its newest
    official version, by name once that has left the office."""
    place = (params["trade"], params["stage"], params["group"])
    result = state.results.get(place, Result())
    named = bool(result.versions) and results.left_office(result, len(result.versions) - 1)
    found = reawarding.ahead(state, place)
    return [results.change_data(state, desk.names, place, change, named=named) for change in found]


def ties(desk: Desk, state: State, params: Params) -> list[Params]:
    """Ties at the edge of an award of a group (``trade``, ``stage``, ``group``), before a version is made."""
    return edges.ties(state, params["trade"], params["stage"], params["group"])


def schemes(desk: Desk, state: State, params: Params) -> Params:
    """The marking schemes of ``target`` (TRADE[/STAGE[/GROUP]], else a scheme's id) or of an ``id``.

    ``known``: whether the target names anything; ``all``: the trades; each scheme with who uses it, and what
    it must sum to.
    """
    target, ident, held = params["target"], params.get("id", ""), state.setup.records.get("scheme", {})
    groups = chosen(state, target) if target else []
    wanted = [ident] if ident else list(dict.fromkeys(g.scheme for g in groups if g.scheme))
    if not groups and not ident:
        wanted = [target]
    return {
        "known": bool(groups) or target in held or not target,
        "all": " ".join(dict.fromkeys(g.trade for g in chosen(state, ""))),
        "schemes": [_scheme(state, key, found) for key in wanted if (found := held.get(key)) is not None],
    }


def _scheme(state: State, key: str, record: Any) -> Params:
    of, whole = checklist.used(state.setup, key)
    return {"id": key, "scheme": record.scheme, "source": record.source, "max": whole, "of": of}


def export(desk: Desk, state: State, params: Params) -> str:
    """The set-up as a competition file's text; ``persons`` false: without names and identity numbers."""
    wanted = state.setup.records.get("person", {}) if params["persons"] else {}
    persons = {key: who for key in wanted if (who := desk.names(key)) is not None}
    return competition_file.dump(state.setup, persons).decode()


def streams(desk: Desk, state: State, params: Params) -> list[Params]:
    """The streams of ``target``: name, marking, what is in the way of opening or of locking it."""
    found: dict[str, Params] = {}
    for group in chosen(state, params["target"]):
        for site, stream in _streams(state, group).items():
            name = stream_name(group.trade, group.stage, site)
            missing = incomplete(stream, "stage") if stream and stream.frozen else []
            found[name] = {
                "stream": name,
                "marking": stream.marking if stream else "setup",
                "locked": bool(stream and "stage" in stream.locks),
                "blocking": [
                    {"code": p.code, "where": " ".join(p.where), "params": dict(p.params)}
                    for p in setup.opening(state, group.trade, group.stage)
                ],
                "missing": [list(hole) for hole in missing],
            }
    return list(found.values())


# ---------------------------------------------------------------- actions


async def open_stream(desk: Desk, params: Params) -> Params:
    """Draw a stream that has no units yet, then open its marking; the answer, and whether it was drawn."""
    async with desk.reading() as state:
        stream = state.stream(params["stream"])
        drawn = stream is not None and bool(stream.units)
        draw = drawing.draw(state, params["stream"], lambda n: bytes.fromhex(desk.fresh())[:n])
    if not drawn:
        answer = await _submit(desk, draw)
        if answer.a != "accepted":
            return {"answer": msgspec.to_builtins(answer), "drawn": False}
    answer = await _submit(desk, e.Open(stream=params["stream"]))
    return {"answer": msgspec.to_builtins(answer), "drawn": not drawn, "entries": len(draw.units)}


async def _submit(desk: Desk, command: e.AnyCommand) -> e.Answer:
    return await desk.submit(e.Call(key=desk.fresh(), actor=control.OFFICE, command=command))


async def publish(desk: Desk, params: Params) -> Params:
    """Publish (``command``); with a confirming account its ``password`` must be right first."""
    command = msgspec.convert(params["command"], e.Publish)
    if command.confirmed_by:
        async with desk.reading() as state:
            account = state.accounts.get(command.confirmed_by)
        secret = account.secret if account else ""
        if not await asyncio.to_thread(passwords.right, params["password"], secret):
            return msgspec.to_builtins(e.Answer(k="", a="refused", code="login_failed"))  # type: ignore[no-any-return]  # a struct becomes a dict
    await prepare(desk, (command.trade, command.stage, command.group))
    return msgspec.to_builtins(await _submit(desk, command))  # type: ignore[no-any-return]  # a struct becomes a dict


async def import_file(desk: Desk, params: Params) -> Params:
    """Import a competition file (``file`` its name, ``data`` base64): all its problems, or all of it."""
    name, data = params["file"], base64.b64decode(params["data"])
    async with desk.reading() as state:
        known = Setup(
            state.setup.competition, {kind: dict(held) for kind, held in state.setup.records.items()}
        )
        bound = set(state.commitments)
    loaded = await asyncio.to_thread(competition_file.load, data, name, known)
    problems = [
        {"severity": p.severity, "where": p.where, "code": p.code, "params": dict(p.params)}
        for p in loaded.problems
    ]
    told: Params = {
        "problems": problems,
        "records": len(loaded.items),
        "changed": 0,
        "persons": 0,
        "answer": None,
    }
    if not loaded.ok:
        return told | {"unreadable": not loaded.items and any(p["code"] in UNREADABLE for p in problems)}
    command, wanted = _wanted(desk, loaded, known, bound)
    if not command.items and not command.persons:
        return told
    if params.get("dry_run"):
        return told | {"changed": len(command.items), "persons": len(command.persons)}
    there = known.records.get("person", {})
    await desk.put_persons([(p, loaded.persons[p]) for p in wanted if p not in there])
    answer = await _submit(desk, command)
    if answer.a == "accepted":  # who is known already changes only once the change is recorded
        await desk.put_persons([(p, loaded.persons[p]) for p in wanted if p in there])
        told |= {"changed": len(command.items), "persons": len(command.persons)}
    return told | {"answer": msgspec.to_builtins(answer)}


def _wanted(desk: Desk, loaded: Loaded, known: Setup, bound: set[str]) -> tuple[e.DefineAll, list[str]]:
    """The command for what differs, and the persons whose identity is new or another one."""
    wanted = [p for p, who in loaded.persons.items() if p not in bound or desk.names(p) != who]
    return competition_file.to_commands(loaded, {person: desk.fresh() for person in wanted}, known), wanted


async def point(desk: Desk, params: Params) -> list[str]:
    """Let the groups of a ``trade`` that have no scheme yet use this one; their keys."""
    async with desk.reading() as state:
        groups = [g for g in chosen(state, params["trade"]) if not g.scheme]
        values = [competition_file.canonical(g) | {"scheme": params["scheme"]} for g in groups]
    items = tuple(
        e.Define(kind="group", id=key_of("group", group), value=value)
        for group, value in zip(groups, values, strict=True)
    )
    if items and (await _submit(desk, e.DefineAll(items=items))).a != "accepted":
        return []
    return [item.id for item in items]


async def journal(desk: Desk, params: Params) -> int:
    """Write the journal as JSON lines to ``path`` (a new file, for its owner only); how many lines."""
    count = 0

    def start() -> tuple[BinaryIO, int]:
        handle = os.open(params["path"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        out = os.fdopen(handle, "wb")
        out.write(export_header(desk.journal.competition))
        return out, sum(head.n for head in desk.journal.heads().values())

    out, end = await desk.in_thread(start)

    def further() -> int:
        lines = list(itertools.islice(desk.journal.read(after=count), min(CHUNK, end - count)))
        out.writelines(export_line(line) for line in lines)
        return len(lines)

    with out:
        while count < end:
            count += await desk.in_thread(further)
    return count


def unsent(desk: Desk, state: State, params: Params) -> Params:
    """The tablets that may hold marks of a ``stream``, where no server runs that might have heard them."""
    return {"unsent": unheard(state, params["stream"]), "elsewhere": False}


control.QUERIES |= {
    "trades": trades,
    "results": pictures,
    "books": books,
    "export": export,
    "streams": streams,
    "unsent": unsent,
    "schemes": schemes,
    "takes": takes,
    "edges": ties,
}
control.BESIDE |= {"results", "books", "export"}
control.ACTIONS |= {
    "open": open_stream,
    "publish": publish,
    "import_file": import_file,
    "point": point,
    "journal": journal,
}
