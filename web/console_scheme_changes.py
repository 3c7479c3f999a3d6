"""A scheme's changed workbook in the console: what it changes is shown first, then taken; keys stay."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from compsys.events import COMPETITION, Answer, Define
from compsys.exchange import cis_report, cis_workbook, scheme_told
from compsys.records import SchemeRecord
from scoring_rules import scheme_data, scheme_match
from scoring_rules.scheme_model import Scheme
from web.access import ORGANIZER, actor, desk_of, post
from web.console_page import FILES, act, draw, memory_of, onward, refused, text
from web.render import language


async def first(request: Request, key: str, held: Scheme, name: str, data: bytes) -> Response | None:
    """The page of what a workbook changes of the scheme there is; None when there is none yet."""
    if await _there(request, key) is None:
        return None
    token = secrets.token_hex(16)
    files = memory_of(request).files
    files[token] = (actor(request).id, name, data)
    while len(files) > FILES:
        files.popitem(last=False)
    return await show(request, key, held, name, token)


async def show(
    request: Request, key: str, held: Scheme, name: str, token: str, answer: Answer | None = None
) -> Response:
    """What would change: aspects renamed, moved, with other marks, new, gone; guesses can be unticked."""
    lang = language(request)
    record = await _there(request, key)
    old = scheme_data.from_data(record.scheme) if record else Scheme({})
    found = await asyncio.to_thread(scheme_match.compare, old, held)
    data = memory_of(request).files[token][2]
    read = await asyncio.to_thread(cis_workbook.read, data, name)
    context: dict[str, Any] = {
        "id": key,
        "file_name": name,
        "token": token,
        "partial": "1" if held.partial else "",
        "problems": cis_report.told(read, lang),
        "changes": scheme_told.changes(found, old, lang),
        "nothing": found.same and old.partial == found.scheme.partial,
    }
    return draw(request, "console_scheme_changes.html", "setup", context, answer=answer)


async def take(request: Request) -> Response:
    """Read the waiting workbook in under the old keys; what was unticked is another aspect."""
    form = await request.form(max_files=0, max_fields=2000)
    key, token = text(form, "id", 40), text(form, "token", 64)
    who, name, data = memory_of(request).files.get(token, ("", "", b""))
    record = await _there(request, key)
    read = await asyncio.to_thread(cis_workbook.read, data, name) if who == actor(request).id else None
    if read is None or read.scheme is None or record is None:
        gone, empty = refused("scheme.expired"), {"id": key, "changes": None}
        return draw(request, "console_scheme_changes.html", "setup", empty, answer=gone)
    held = replace(read.scheme, partial=bool(text(form, "partial")))
    same = {value for value in form.getlist("same") if isinstance(value, str)}
    old = scheme_data.from_data(record.scheme)
    guessed = await asyncio.to_thread(scheme_match.compare, old, held)
    other = [m.key for m in guessed.matches if m.old and m.new and not m.sure and m.key not in same]
    found = await asyncio.to_thread(scheme_match.compare, old, held, other)
    source = f"{name} sha256:{hashlib.sha256(data).hexdigest()}"
    value = {"id": key, "scheme": scheme_data.to_data(found.scheme), "source": source}
    answer = await act(request, Define(kind="scheme", id=key, value=value), form)
    if answer.a != "accepted":
        return await show(request, key, held, name, token, answer)
    return onward(f"/console/scheme/{key}", "scheme")


async def _there(request: Request, key: str) -> SchemeRecord | None:
    async with desk_of(request).reading(COMPETITION) as state:
        record = state.setup.records.get("scheme", {}).get(key)
    return record if isinstance(record, SchemeRecord) else None


routes = [post("/console/scheme/take", take, ORGANIZER)]
