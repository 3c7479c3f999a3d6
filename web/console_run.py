"""Running a stage from the console: the draw, opening marking, sessions, imported scores, locks."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import drawing, setup
from compsys import events as e
from compsys.asking import out
from compsys.events import Answer
from compsys.records import Stage, stream_name
from compsys.sessions import incomplete
from compsys.state import State, Stream
from web import console_confirm
from web.access import CODING, ORGANIZER, SUPERVISOR, actor, desk_of, get, post
from web.console_choices import entry_name
from web.console_page import (
    act,
    draw,
    key_of_form,
    made_once,
    onward,
    refused,
    text,
)
from web.console_scores import imports_shown
from web.last_words import unsent_refusal, warned
from web.render import language

READERS = ORGANIZER | SUPERVISOR
MOVES = {"planned": ("start",), "running": ("pause", "stop"), "paused": ("resume", "stop"), "stopped": ()}


# ---------------------------------------------------------------- the overview


async def overview(request: Request) -> Response:
    """Every trade's stages with how far each site is."""
    async with desk_of(request).reading() as state:
        rows = [_stage_row(state, stage) for stage in stages_in_order(state)]
    return draw(request, "console_run.html", "run", {"rows": rows})


def stages_in_order(state: State) -> list[Stage]:
    """All stages, trade by trade in their order."""
    trades = state.setup.trades
    return sorted(
        state.setup.stages.values(),
        key=lambda s: (trades[s.trade].order if s.trade in trades else 0, s.trade, s.order, s.id),
    )


def _stage_row(state: State, stage: Stage) -> dict[str, Any]:
    trade = state.setup.trades.get(stage.trade)
    sites = []
    for site in stage.sites:
        stream = state.streams.get(stream_name(stage.trade, stage.id, site))
        sites.append({"site": site, "marking": stream.marking if stream else "setup", **tally(stream)})
    return {
        "trade": stage.trade,
        "stage": stage.id,
        "name": dict(trade.name) if trade else {},
        "stage_name": dict(stage.name),
        "sites": sites,
    }


def tally(stream: Stream | None) -> dict[str, int]:
    """How many sheets are signed, of how many: counts only, nothing of a value."""
    done = of = 0
    if stream is not None and stream.frozen:
        for unit in stream.units.values():
            for sub, component in stream.groups[unit.group].component_of.items():
                if out(unit, component):
                    continue  # absent, withdrawn, excluded or zeroed: no sheet is owed
                sheet = stream.sheets.get((unit.id, sub))
                of += 1
                done += sheet is not None and sheet.complete
    return {"done": done, "of": of, "percent": 100 * done // of if of else 0}


def word_owed(stream: Stream) -> dict[str, int]:
    """How many sheets wait for a competitor's own expert, how many disputes for an answer, how many for the
    competitor's signature: counts only."""
    held = [why for _, _, why in incomplete(stream, "stage")]
    return {
        "waiting": held.count("not_accepted"),
        "disputed": held.count("disputed"),
        "unheard": held.count("competitor_unsigned"),
    }


# ---------------------------------------------------------------- one stage


def _stage_of(request: Request, state: State) -> Stage:
    stage = state.setup.stages.get("{trade}/{stage}".format(**request.path_params))
    if stage is None:
        raise HTTPException(404, "unknown_stream")
    return stage


async def stage_page(
    request: Request, answer: Answer | None = None
) -> Response:
    """One stage: for each site what is next and what is in the way of it."""
    lang, desk = language(request), desk_of(request)
    async with desk.reading() as state:
        stage = _stage_of(request, state)
        trade = state.setup.trades[stage.trade]
        blocking = setup.opening(state, stage.trade, stage.id)
        sites = [
            _site(state, stage, site) | warned(request, state, stream_name(stage.trade, stage.id, site))
            for site in stage.sites
        ]
        imports = imports_shown(state, stage, actor(request).id, lang, desk)
        groups = [g for g in state.setup.groups.values() if (g.trade, g.stage) == (stage.trade, stage.id)]
        components = {c.id: dict(c.name) for g in groups for c in g.components if c.source == "imported"}
        wishes = console_confirm.panel(request, state, (stage.trade, stage.id))
    context = {
        "trade": stage.trade,
        "stage": stage.id,
        "name": dict(trade.name),
        "stage_name": dict(stage.name),
        "blocking": [
            {"code": p.code, "params": dict(p.params), "where": f"{p.where[0]} {p.where[1]}"}
            for p in blocking
        ],
        "sites": sites,
        "imports": imports,
        "groups": [(g.id, dict(g.name)) for g in groups],
        "components": components,
        "moves": MOVES,
        "wishes": wishes,
    }
    return draw(
        request,
        "console_stage.html",
        "run",
        context,
        answer=answer,
    )


def _site(state: State, stage: Stage, site: str) -> dict[str, Any]:
    name = stream_name(stage.trade, stage.id, site)
    stream = state.streams.get(name)
    entries = [x for x in state.setup.entries.values() if x.trade == stage.trade and x.site == site]
    found: dict[str, Any] = {
        "site": site,
        "stream": name,
        "marking": stream.marking if stream else "setup",
        "entries": len(entries),
        "units": len(stream.units) if stream else 0,
        "sessions": [],
        "missing": [],
        "owed": {},
        "locks": [],
        "frozen": False,
    }
    if stream is None or not stream.frozen:
        return found | tally(stream)
    for session in stream.sessions.values():
        found["sessions"].append(
            {
                "id": session.id,
                "name": dict(session.name),
                "batch": session.batch,
                "state": session.state,
                "started": session.started,
                "component": session.component,
                "minutes": session.minutes,
                **session_tally(stream, session.id),
            }
        )
    found["missing"] = len(incomplete(stream, "stage"))
    found["owed"] = word_owed(stream)
    found["locks"] = sorted(stream.locks)
    found["frozen"] = bool(stream.standstill)
    return found | tally(stream)


def session_tally(stream: Stream, session: str) -> dict[str, int]:
    """Signed sheets of a session, of how many; conflicts and spreads that wait (how many, not what)."""
    done = of = wait = 0
    found = stream.sessions[session]
    for unit_id in found.stations:
        unit = stream.units[unit_id]
        for sub, component in stream.groups[unit.group].component_of.items():
            if component != found.component or out(unit, component):
                continue
            sheet = stream.sheets.get((unit_id, sub))
            of += 1
            if sheet is not None:
                done += sheet.complete
                wait += bool(sheet.spread) or any(cell.others for cell in sheet.cells.values())
    return {"done": done, "of": of, "wait": wait, "percent": 100 * done // of if of else 0}


# ---------------------------------------------------------------- acts


async def do_draw(request: Request) -> Response:
    """Mint units and codes for a site's entries."""
    form = await request.form(max_files=0, max_fields=8)
    stream = text(form, "stream", 130)
    async with desk_of(request).reading() as state:
        drawn = made_once(
            request, f"draw {key_of_form(form)}", lambda: drawing.draw(state, stream, secrets.token_bytes)
        )
    answer = await act(request, drawn, form)
    back = "/console/codes" if not actor(request).roles or "organizer" not in actor(request).roles else ""
    return await _after(request, answer, "drawn", back)


async def do_open(request: Request) -> Response:
    """Open marking of a site, unless the set-up still has what keeps it from opening."""
    form = await request.form(max_files=0, max_fields=8)
    async with desk_of(request).reading() as state:
        stage = _stage_of(request, state)
        blocking = setup.opening(state, stage.trade, stage.id)
    if blocking:
        return await stage_page(request, refused("setup.blocking", count=str(len(blocking))))
    answer = await act(request, e.Open(stream=text(form, "stream", 130)), form)
    return await _after(request, answer, "opened")


async def do_session(request: Request) -> Response:
    """Start, pause, resume or stop a session."""
    form = await request.form(max_files=0, max_fields=8)
    answer = await act(request, session_move(form, text(form, "stream", 130)), form)
    return await _after(request, answer, "session")


def session_move(form: FormData, stream: str) -> e.Session:
    """The session command a form asks for; 400 for a move that there is not."""
    move: Any = text(form, "move")
    if move not in ("start", "pause", "resume", "stop"):
        raise HTTPException(400, "malformed")
    return e.Session(stream=stream, session=text(form, "session"), move=move, reason=text(form, "reason"))


async def do_lock(request: Request) -> Response:
    """Lock the whole stage of a site; with a reason where tablets say that they hold marks."""
    form = await request.form(max_files=0, max_fields=8)
    stream = text(form, "stream", 130)
    async with desk_of(request).reading() as state:
        answer = unsent_refusal(warned(request, state, stream), text(form, "reason"))
    if answer is None:
        command = e.Lock(stream=stream, scope="stage", reason=text(form, "reason"))
        answer = await act(request, command, form)
    return await _after(request, answer, "locked")


async def do_unlock(request: Request) -> Response:
    """Ask for a scope to be opened again; it happens when a second person confirms."""
    form = await request.form(max_files=0, max_fields=12)
    command = e.Unlock(
        stream=text(form, "stream", 130),
        scope=text(form, "scope") or "stage",
        reason=text(form, "reason"),
        confirmed_by="",
    )
    answer = await console_confirm.ask(request, form, command)
    return await _after(request, answer, "unlocked" if answer else "asked")


async def do_freeze(request: Request) -> Response:
    """Stop or restart the public picture."""
    form = await request.form(max_files=0, max_fields=8)
    command = e.Freeze(
        stream=text(form, "stream", 130), on=text(form, "on") == "1", reason=text(form, "reason")
    )
    return await _after(request, await act(request, command, form), "frozen" if command.on else "moving")


async def _after(request: Request, answer: Answer | None, said: str, path: str = "") -> Response:
    if answer is not None and answer.a != "accepted":
        if path:
            return draw(request, "console_codes.html", "run", await _codes(request), answer=answer)
        return await stage_page(request, answer)
    return onward(path or "/console/run/{trade}/{stage}".format(**request.path_params), said)


async def confirm(request: Request) -> Response:
    """The second person says yes to (or drops) what another has asked for."""
    form = await request.form(max_files=0, max_fields=8)
    onto = text(form, "next") if text(form, "next").startswith("/console") else "/console"
    if text(form, "say") == "drop":
        console_confirm.drop(request, form)
        return onward(onto, "dropped")
    answer = await console_confirm.confirm(request, form)
    if answer.a != "accepted":
        return draw(request, "console_refused.html", "home", {"back": onto}, answer=answer)
    return onward(onto, "confirmed")


# ---------------------------------------------------------------- codes, for the coding officer only


async def codes(request: Request) -> Response:
    """Which entry has which code: the coding officer's table, for plates and station slips."""
    return draw(request, "console_codes.html", "run", await _codes(request))


async def _codes(request: Request) -> dict[str, Any]:
    lang, desk = language(request), desk_of(request)
    async with desk.reading() as state:
        tables = []
        for stage in stages_in_order(state):
            for site in stage.sites:
                stream = state.streams.get(stream_name(stage.trade, stage.id, site))
                trade = state.setup.trades.get(stage.trade)
                entries = state.setup.entries
                rows = [
                    (unit.code, entry_name(state.setup, entries[unit.entry], desk.names, lang))
                    for unit in (sorted(stream.units.values(), key=lambda u: u.code) if stream else ())
                    if unit.entry in entries
                ]
                tables.append(
                    {
                        "trade": stage.trade,
                        "stage": stage.id,
                        "name": dict(trade.name) if trade else {},
                        "stage_name": dict(stage.name),
                        "site": site,
                        "rows": rows,
                        "stream": stream_name(stage.trade, stage.id, site),
                        "drawable": stream is None or not stream.frozen,
                    }
                )
    return {"tables": tables}


# ---------------------------------------------------------------- scores from outside


async def do_confirm_import(request: Request) -> Response:
    """The second checker's yes."""
    form = await request.form(max_files=0, max_fields=8)
    n = text(form, "n", 12)
    command = e.ConfirmScores(stream=text(form, "stream", 130), n=int(n) if n.isdigit() else 0)
    return await _after(request, await act(request, command, form), "confirmed")


STAGE = "/console/run/{trade}/{stage}"
routes = [
    get("/console/run", overview, READERS),
    get("/console/codes", codes, CODING),
    post("/console/confirm", confirm, READERS),
    post("/console/codes/{trade}/{stage}/draw", do_draw, CODING),
    get(STAGE, stage_page, READERS),
    post(f"{STAGE}/draw", do_draw, ORGANIZER),
    post(f"{STAGE}/open", do_open, ORGANIZER),
    post(f"{STAGE}/session", do_session, ORGANIZER),
    post(f"{STAGE}/lock", do_lock, ORGANIZER),
    post(f"{STAGE}/unlock", do_unlock, ORGANIZER),
    post(f"{STAGE}/freeze", do_freeze, ORGANIZER),
    post(f"{STAGE}/import/confirm", do_confirm_import, ORGANIZER),
]
