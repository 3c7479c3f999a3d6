"""The competition file in the console: export; import as a dry list first, then all at once."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from compsys.events import COMPETITION, Answer
from compsys.exchange import competition_file
from compsys.exchange.competition_file import Loaded, canonical
from compsys.setup_records import Overlay
from compsys.state import Setup
from compsys.words import say
from compsys.words import todo as what_to_do
from web.access import ORGANIZER, SUPERVISOR, UPLOAD, actor, desk_of, get, post, submit
from web.console_page import FILES, done_once, draw, key_of_form, memory_of, onward, refused, text, upload_of
from web.render import language

READERS = ORGANIZER | SUPERVISOR
LISTED = 400
"""Rows of the dry list that are shown; the counts count all of them."""


async def start(
    request: Request, answer: Answer | None = None, extra: dict[str, Any] | None = None
) -> Response:
    """Export and the first step of an import."""
    empty: dict[str, Any] = {
        "problems": [],
        "rows": [],
        "counts": {},
        "token": "",
        "file_name": "",
        "errors": 0,
        "only": "",
    }
    return draw(
        request,
        "console_file.html",
        "file",
        empty | (extra or {}),
        answer=answer,
        status=422 if extra and extra.get("errors") else 0,
    )


async def export(request: Request) -> Response:
    """The whole set-up as a competition file; ``?persons=0`` without names and numbers."""
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        persons = {
            key: who for key in state.setup.records.get("person", {}) if (who := desk.names(key)) is not None
        }
        if request.query_params.get("persons") == "0":
            persons = {}
        data = competition_file.dump(state.setup, persons)
        name = state.setup.competition.id if state.setup.competition else "competition"
    headers = {"content-disposition": f'attachment; filename="{name}.json"'}
    return Response(data, headers=headers, media_type="application/json")


async def check(request: Request) -> Response:
    """Look at an uploaded file: every problem at once, or what importing it would do, record by record."""
    form = await request.form(max_files=1, max_fields=8)
    name, data = await upload_of(form, "file")
    if not data:
        return await start(request, refused("form.no_file"))
    token = secrets.token_hex(16)
    files = memory_of(request).files
    files[token] = (actor(request).id, name, data)
    while len(files) > FILES:
        files.popitem(last=False)
    return await look(request, token, name, data)


async def look(
    request: Request, token: str, name: str, data: bytes, answer: Answer | None = None
) -> Response:
    """The dry list of a file."""
    lang, desk = language(request), desk_of(request)
    async with desk.reading(COMPETITION) as state:
        known = _copy(state.setup)
    loaded = await asyncio.to_thread(competition_file.load, data, name, known)
    problems = [
        {
            "severity": p.severity,
            "where": p.where,
            "what": say(p.code, lang, **p.params),
            "fix": what_to_do(p.code, lang, **p.params),
        }
        for p in loaded.problems
    ]
    rows = compared(loaded, known, {k: desk.names(k) for k in loaded.persons}) if loaded.ok else []
    counts = {state_: sum(row["state"] == state_ for row in rows) for state_ in ("new", "changed", "same")}
    extra = {
        "problems": problems,
        "rows": [r for r in rows if r["state"] != "same"][:LISTED],
        "counts": counts,
        "token": token if loaded.ok else "",
        "file_name": name,
        "errors": sum(p["severity"] == "error" for p in problems),
    }
    return await start(request, answer, extra)


def _copy(setup: Setup) -> Setup:
    """The set-up as it stands, for a thread to look at."""
    return Setup(setup.competition, {kind: dict(held) for kind, held in setup.records.items()})


def compared(loaded: Loaded, known: Setup, names: dict[str, Any]) -> list[dict[str, Any]]:
    """What importing would do with each record: new, changed (old and new fields) or same."""
    overlay = Overlay(known)
    rows = []
    for item in loaded.items:
        now = overlay.get(item.kind, item.id)
        value = item.value or {}
        changes: list[tuple[str, str, str]] = []
        if now is None:
            state = "new"
        else:
            before = canonical(now)
            changes = [
                (field, _short(before.get(field)), _short(value.get(field)))
                for field in dict.fromkeys([*before, *value])
                if before.get(field) != value.get(field)
            ]
            if (
                item.kind == "person"
                and item.id in loaded.persons
                and names.get(item.id) != loaded.persons[item.id]
            ):
                changes.append(("name", "", ""))
            state = "changed" if changes else "same"
        rows.append({"state": state, "kind": item.kind, "id": item.id, "changes": changes})
    return rows


def _short(value: Any) -> str:
    """A value in a list, at most 60 characters."""
    shown = "" if value is None else value if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 60 else shown[:59] + "…"


async def apply(request: Request) -> Response:
    """Import the file that was looked at: all of it in one command, or nothing."""
    form = await request.form(max_files=0, max_fields=8)
    token, key, desk = text(form, "token", 64), key_of_form(form), desk_of(request)
    held = memory_of(request).files.get(token)
    if held is None or held[0] != actor(request).id:
        return await start(request, refused("file.gone"))
    _, name, data = held

    async def work() -> Answer:
        async with desk.reading(COMPETITION) as state:
            known, bound = _copy(state.setup), set(state.commitments)
        loaded = await asyncio.to_thread(competition_file.load, data, name, known)
        if not loaded.ok:
            return refused("file.changed_since")
        wanted = [p for p, who in loaded.persons.items() if p not in bound or desk.names(p) != who]
        salts = {person: secrets.token_hex(16) for person in wanted}
        command = competition_file.to_commands(loaded, salts, known)
        if not command.items and not command.persons:
            return refused("file.nothing_new")
        there = set(known.records.get("person", {}))
        await desk.put_persons([(p, loaded.persons[p]) for p in wanted if p not in there])
        answer = await submit(request, command, key=key)
        if answer.a == "accepted":
            await desk.put_persons([(p, loaded.persons[p]) for p in wanted if p in there])
        return answer

    answer = await done_once(request, f"import {key}", work)
    if answer.a != "accepted":
        return await look(request, token, name, data, answer)
    return onward("/console/setup", "imported")


routes = [
    get("/console/file", start, READERS),
    get("/console/file/competition.json", export, ORGANIZER),
    post("/console/file/check", check, ORGANIZER, limit=UPLOAD),
    post("/console/file/import", apply, ORGANIZER),
]
