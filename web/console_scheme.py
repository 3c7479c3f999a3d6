"""Schemes in the console: read from a workbook or JSON with every problem at once, shown as a tree."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys.events import COMPETITION, Answer, Define
from compsys.exchange import checklist, cis_report, cis_workbook, cis_writer, json_text
from compsys.exchange.paper import FontMissing
from compsys.records import SchemeRecord
from compsys.words import say
from compsys.words import todo as what_to_do
from scoring_rules import exact, scheme_data, scheme_lint
from scoring_rules.scheme_model import Scheme, criterion_total, sub_total, total
from web import console_scheme_changes
from web.access import ORGANIZER, SUPERVISOR, UPLOAD, desk_of, get, post
from web.console_choices import scheme_of, scheme_title
from web.console_page import act, draw, onward, refused, text, upload_of
from web.render import language

READERS = ORGANIZER | SUPERVISOR
SLUG = "abcdefghijklmnopqrstuvwxyz0123456789-"


async def listing(
    request: Request,
    answer: Answer | None = None,
    found: list[dict[str, str]] | None = None,
    name: str = "",
    given: str = "",
) -> Response:
    """The schemes there are, and the form that reads one; ``found``: what is wrong with a file."""
    lang = language(request)
    async with desk_of(request).reading(COMPETITION) as state:
        rows = []
        for key, record in sorted(state.setup.records.get("scheme", {}).items()):
            held = scheme_of(state.setup, key)
            used = [k for k, g in state.setup.groups.items() if g.scheme == key]
            rows.append(
                {
                    "id": key,
                    "title": scheme_title(record, lang),
                    "source": getattr(record, "source", ""),
                    "total": exact.show(total(held)) if held else "",
                    "used": used,
                }
            )
    context = {
        "rows": rows,
        "found": found or [],
        "file_name": name,
        "given": given,
        "errors": sum(p["severity"] == "error" for p in found or []),
    }
    return draw(request, "console_schemes.html", "setup", context, answer=answer, status=422 if found else 0)


async def tree(request: Request) -> Response:
    """One scheme: criteria, sub-criteria, aspects, with sums and the problems of the whole."""
    key = str(request.path_params["id"])
    async with desk_of(request).reading(COMPETITION) as state:
        record = state.setup.records.get("scheme", {}).get(key)
        if not isinstance(record, SchemeRecord):
            raise HTTPException(404, "unknown_record")
        held = scheme_of(state.setup, key)
        used = [k for k, g in state.setup.groups.items() if g.scheme == key]
    context: dict[str, Any] = {
        "id": key,
        "source": record.source,
        "scheme": held,
        "used": used,
        "problems": [],
        "sums": {},
        "whole": "",
    }
    if held is not None:
        found = scheme_lint.lint(held).problems
        context |= {"problems": found, "sums": _sums(held), "whole": exact.show(total(held))}
    return draw(request, "console_scheme.html", "setup", context)


def _sums(held: Scheme) -> dict[str, str]:
    sums = {criterion.key: exact.show(criterion_total(criterion)) for criterion in held.criteria}
    return sums | {sub.key: exact.show(sub_total(sub)) for c in held.criteria for sub in c.subs}


async def upload(request: Request) -> Response:
    """Read a scheme from a file and define it; with errors nothing is defined and all of them are shown."""
    form = await request.form(max_files=1, max_fields=8)
    name, data = await upload_of(form, "file")
    lang = language(request)
    if not data:
        return await listing(request, refused("form.no_file"))
    workbook = name.lower().endswith((".xlsx", ".xlsm", ".xls"))
    if workbook:
        read = await asyncio.to_thread(cis_workbook.read, data, name)
        found = [
            {"severity": p["severity"], "where": p["cell"], "what": p["message"]}
            for p in cis_report.told(read, lang)
        ]
        held, number = read.scheme, read.skill.number
    else:
        held, found = _from_json(data, name, lang)
        number = held.number if held else ""
    given = text(form, "id", 40)
    if held is None or any(p["severity"] == "error" for p in found):
        return await listing(request, None, found, name, given)
    key = given or slug(number or name.rsplit(".", 1)[0])
    if text(form, "partial"):
        held = replace(held, partial=True)
    if workbook:
        changed = await console_scheme_changes.first(request, key, held, name, data)
        if changed is not None:
            return changed
    source = f"{name} sha256:{hashlib.sha256(data).hexdigest()}"
    value = {"id": key, "scheme": scheme_data.to_data(held), "source": source}
    answer = await act(request, Define(kind="scheme", id=key, value=value), form)
    if answer.a != "accepted":
        return await listing(request, answer, [], name, given)
    return onward(f"/console/scheme/{key}", "scheme")


def slug(words: str) -> str:
    """An id made of a file's name or a number.

    >>> slug("ES2025 Web 17"), slug("***")
    ('es2025-web-17', 'scheme')
    """
    plain = "".join(c if c in SLUG else "-" for c in words.lower())
    parts = [part for part in plain.split("-") if part]
    return "-".join(parts)[:40].rstrip("-") or "scheme"


def _from_json(data: bytes, name: str, lang: str) -> tuple[Scheme | None, list[dict[str, str]]]:
    """A scheme in our own JSON (or TOML) form, and what is wrong with it."""
    value, problems = json_text.read(data, name)
    found = [_shown(p, lang) for p in problems]
    if value is None:
        return None, found
    try:
        held = scheme_data.from_data(value)
    except scheme_data.SchemeUnreadable as unreadable:
        return None, found + [_shown(p, lang) for p in unreadable.problems]
    return held, found + [_shown(p, lang) for p in scheme_lint.lint(held).problems]


def _shown(problem: Any, lang: str) -> dict[str, str]:
    what = say(problem.code, lang, **problem.params)
    return {
        "severity": problem.severity,
        "where": problem.where,
        "what": f"{what} {what_to_do(problem.code, lang, **problem.params)}".strip(),
    }


async def download(request: Request) -> Response:
    """The scheme as JSON, to be changed elsewhere and brought back."""
    key = str(request.path_params["id"])
    record = await _record(request, key)
    headers = {"content-disposition": f'attachment; filename="{key}.json"'}
    return Response(
        json_text.write(msgspec.to_builtins(record.scheme)), headers=headers, media_type="application/json"
    )


async def workbook_of(request: Request) -> Response:
    """The scheme as a CIS workbook; what the format cannot say is listed instead."""
    key, lang = str(request.path_params["id"]), language(request)
    record = await _record(request, key)
    held = scheme_data.from_data(record.scheme)
    found = [_shown(p, lang) for p in cis_writer.obstacles(held, lang)]
    if found:
        return await listing(request, refused("cli.scheme.cannot_write"), found, key)
    data = await asyncio.to_thread(cis_writer.write, held, lang)
    headers = {"content-disposition": f'attachment; filename="{key}.xlsx"'}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(data, headers=headers, media_type=kind)


async def checklist_of(request: Request) -> Response:
    """The check-list that the chief expert signs, as PDF."""
    key, lang = str(request.path_params["id"]), language(request)
    record = await _record(request, key)
    async with desk_of(request).reading(COMPETITION) as state:
        of, whole = checklist.used(state.setup, key)
    held = scheme_data.from_data(record.scheme)
    told = checklist.data(held, stored=record.scheme, source=record.source, of=of, expected=whole)
    try:
        drawn = await asyncio.to_thread(checklist.draw, told, lang)
    except FontMissing as missing:
        return await listing(request, refused("clerk.font_missing", fonts=", ".join(missing.looked[:4])))
    headers = {"content-disposition": f'attachment; filename="{key}-checklist.pdf"'}
    return Response(drawn, headers=headers, media_type="application/pdf")


async def _record(request: Request, key: str) -> SchemeRecord:
    async with desk_of(request).reading(COMPETITION) as state:
        record = state.setup.records.get("scheme", {}).get(key)
    if not isinstance(record, SchemeRecord):
        raise HTTPException(404, "unknown_record")
    return record


async def remove(request: Request) -> Response:
    """Take a scheme out, unless a group names it."""
    form = await request.form(max_files=0, max_fields=8)
    answer = await act(request, Define(kind="scheme", id=text(form, "id"), value=None), form)
    if answer.a != "accepted":
        return await listing(request, answer)
    return onward("/console/scheme", "removed")


routes = [
    get("/console/scheme", listing, READERS),
    get("/console/scheme/{id}", tree, READERS),
    get("/console/scheme/{id}/scheme.json", download, READERS),
    get("/console/scheme/{id}/scheme.xlsx", workbook_of, READERS),
    get("/console/scheme/{id}/checklist.pdf", checklist_of, READERS),
    post("/console/scheme/upload", upload, ORGANIZER, limit=UPLOAD),
    post("/console/scheme/remove", remove, ORGANIZER),
    *console_scheme_changes.routes,
]
