"""Results in the console: their versions, release, corrections, annulment, downloads."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys.beside import beside, prepare
from compsys.events import COMPETITION, Annul, Answer, Publish, ResultPublished
from compsys.exchange import book, results
from compsys.exchange.paper import FontMissing
from compsys.publishing import AUDIENCES
from compsys.records import stream_name
from compsys.state import Result, State
from web import console_advance, console_awards, console_confirm
from web.access import ORGANIZER, SUPERVISOR, actor, desk_of, get, post
from web.beside import worked_out
from web.console_choices import entry_name
from web.console_page import act, draw, kept, onward, refused, text, words_of
from web.console_run import stages_in_order
from web.render import language

READERS = ORGANIZER | SUPERVISOR
ROWS = 200
"""Rows of a page."""


async def overview(request: Request) -> Response:
    """Every group of every stage: how far its marking and its result are."""
    async with desk_of(request).reading() as state:
        rows = [
            _row(state, stage.trade, stage.id, group.id)
            for stage in stages_in_order(state)
            for group in state.setup.groups.values()
            if (group.trade, group.stage) == (stage.trade, stage.id)
        ]
        wishes = console_confirm.panel(request, state)
    context = {"rows": rows, "wishes": wishes, "me": actor(request).id}
    return draw(request, "console_results.html", "results", context)


def _row(state: State, trade: str, stage: str, group: str) -> dict[str, Any]:
    result = state.results.get((trade, stage, group), Result())
    streams = [
        state.streams.get(stream_name(trade, stage, site))
        for site in state.setup.stages[f"{trade}/{stage}"].sites
    ]
    marking = [s.marking if s else "setup" for s in streams]
    latest = result.versions[-1] if result.versions else None
    return {
        "trade": trade,
        "stage": stage,
        "group": group,
        "name": dict(state.setup.trades[trade].name),
        "stage_name": dict(state.setup.stages[f"{trade}/{stage}"].name),
        "group_name": dict(state.setup.groups[f"{trade}/{stage}/{group}"].name),
        "marking": min(marking, key=("setup", "drawn", "open", "locked").index),
        "state": result.state,
        "version": latest.version if latest else "",
        "annulled": result.annulled,
        "released": {a: result.versions[i].version for a, i in result.released.items()},
    }


async def one(
    request: Request, answer: Answer | None = None, values: dict[str, list[str]] | None = None
) -> Response:
    """One group's result: its versions as values, who has which, and what can be done next."""
    trade, stage, group = (str(request.path_params[p]) for p in ("trade", "stage", "group"))
    found = await worked_out(request, lambda state: _gathered(request, state, trade, stage, group))
    context = {"audiences": AUDIENCES, "values": values or {}, "me": actor(request).id}
    return draw(request, "console_result.html", "results", found | context, answer=answer)


def _gathered(request: Request, state: State, trade: str, stage: str, group: str) -> dict[str, Any]:
    """What stands on the page of a result; 404 for a group that is not there, or a page beyond the last."""
    desk, place = desk_of(request), (trade, stage, group)
    if f"{trade}/{stage}/{group}" not in state.setup.groups:
        raise HTTPException(404, "unknown_record")
    row = _row(state, trade, stage, group)
    result = state.results.get(place, Result())
    named = console_awards.named(state, place)
    newest = result.versions[-1] if result.versions else None
    mine = console_confirm.panel(request, state, (trade, stage))
    waits = any(wish.get("awards") for wish in mine)  # then it stands beside the wish already
    return {
        "row": row,
        "versions": [_version(result, index) for index in reversed(range(len(result.versions)))],
        **_table(request, state, newest, named=named),
        "prizes": newest is not None and any(line.prize for line in newest.rows),
        "ties": console_awards.ties(state, place),
        "changes": [] if waits else console_awards.changes(state, desk, place),
        "teams": results.teams_data(state, desk.names, newest) if named and newest else [],
        "official": row["state"] == "official",
        "wishes": mine,
        "ahead": console_advance.panel(state, trade, stage, group),
    }


def _version(result: Result, index: int) -> dict[str, Any]:
    found = result.versions[index]
    return {
        "version": found.version,
        "rank": found.rank,
        "at": result.times[index],
        "reason": result.reasons[index],
        "note": dict(found.note),
        "by": found.confirmed_by,
        "rows": len(found.rows),
        "cites": [(c.stream, c.n) for c in found.cites],
    }


def _table(request: Request, state: State, newest: ResultPublished | None, *, named: bool) -> dict[str, Any]:
    """A page of a version's rows; tens of thousands on one would keep the browser and the server busy."""
    desk, lang = desk_of(request), language(request)
    given = request.query_params.get("page", "1")
    at = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0
    rows = newest.rows if newest else ()
    pages = max(1, -(-len(rows) // ROWS))
    if not 1 <= at <= pages:
        raise HTTPException(404, "unknown_page")
    table = []
    for line in rows[(at - 1) * ROWS : at * ROWS]:
        entry = state.setup.entries.get(line.entry)
        table.append(
            {
                "name": entry_name(state.setup, entry, desk.names, lang) if entry and named else "",
                "code": line.code,
                "total": line.total,
                "place": line.place,
                "tied": line.tied,
                "medal": line.medal,
                "prize": line.prize,
                "status": line.status,
            }
        )
    return {"table": table, "page": at, "pages": pages}


async def publish(request: Request) -> Response:
    """A provisional version at once; an official one, or a correction of one, with a second person."""
    form = await request.form(max_files=0, max_fields=20)
    trade, stage, group = (str(request.path_params[p]) for p in ("trade", "stage", "group"))
    rank: Any = text(form, "rank")
    audience: Any = text(form, "audience")
    if rank not in ("provisional", "official") or audience not in AUDIENCES:
        raise HTTPException(400, "malformed")
    command = Publish(
        trade=trade,
        stage=stage,
        group=group,
        rank=rank,
        audience=audience,
        reason=text(form, "reason"),
        note=words_of(form, "note"),
    )
    answer: Answer | None
    if rank == "official":
        problem = await _foreseen(request, command)
        answer = problem or await console_confirm.ask(request, form, command)
    else:
        await prepare(desk_of(request), (trade, stage, group))
        answer = await act(request, command, form)
    if answer is not None and answer.a != "accepted":
        return await one(request, answer, kept(form))
    return onward(_here(request), "published" if answer else "asked")


async def _foreseen(request: Request, command: Publish) -> Answer | None:
    """What a correction lacks, said to the first person before a second one is asked."""
    async with desk_of(request).reading() as state:
        result = state.results.get((command.trade, command.stage, command.group), Result())
        if _row(state, command.trade, command.stage, command.group)["marking"] != "locked":
            return refused("not_locked")
        corrects = any(v.rank == "official" for v in result.versions)
    release = bool(result.versions) and not command.reason and not command.note
    if corrects and not release:
        if not command.reason:
            return refused("reason_missing")
        if not command.note:
            return refused("note_missing")
    return None


async def annul(request: Request) -> Response:
    """Declare the standing result void: reason and a second person."""
    form = await request.form(max_files=0, max_fields=12)
    trade, stage, group = (str(request.path_params[p]) for p in ("trade", "stage", "group"))
    command = Annul(trade=trade, stage=stage, group=group, reason=text(form, "reason"))
    answer = await console_confirm.ask(request, form, command)
    if answer is not None and answer.a != "accepted":
        return await one(request, answer, kept(form))
    return onward(_here(request), "annulled" if answer else "asked")


def _here(request: Request) -> str:
    return "/console/results/{trade}/{stage}/{group}".format(**request.path_params)


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "pdf": "application/pdf",
}


async def download(request: Request) -> Response:
    """A group's newest result as a table, or as the printable book of how it came about."""
    trade, stage, group, form = (str(request.path_params[p]) for p in ("trade", "stage", "group", "form"))
    if form not in TYPES:
        raise HTTPException(404, "unknown_page")
    lang, desk = language(request), desk_of(request)
    async with desk.reading(COMPETITION) as state:
        if (trade, stage, group) not in state.results:
            raise HTTPException(404, "nothing_to_publish")

    def made(state: State) -> bytes:
        if form != "pdf":
            held = results.picture(state, desk.names, trade, stage, group)
            return b"+" + results.render([held], form, lang)
        try:
            return b"+" + book.pdf([book.data(state, desk.names, trade, stage, group)], lang)
        except FontMissing as missing:
            return ", ".join(missing.looked[:4]).encode()

    data = await beside(desk, made)
    if not data.startswith(b"+"):
        return await one(request, refused("clerk.font_missing", fonts=data.decode()))
    headers = {"content-disposition": f'attachment; filename="{trade}-{stage}-{group}.{form}"'}
    return Response(data[1:], headers=headers, media_type=TYPES[form])


HERE = "/console/results/{trade}/{stage}"
routes = [
    get("/console/results", overview, READERS),
    get(f"{HERE}/{{group}}.{{form}}", download, READERS),
    get(f"{HERE}/{{group}}", one, READERS),
    post(f"{HERE}/{{group}}/publish", publish, ORGANIZER),
    post(f"{HERE}/{{group}}/annul", annul, ORGANIZER),
]
