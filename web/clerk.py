"""The clerk's pages: blank sheets to print, keying filled ones in, the second person's blind reading, scores.

Every value is a Mark with via=paper under the judge's seat; a sheet so keyed can be signed only after
somebody else (another clerk or the chief) has read the paper without seeing what was keyed.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys import events as e
from compsys import views
from compsys.events import ANY_SEAT, Answer
from compsys.exchange import paper
from compsys.marking import holes
from compsys.state import Cell, GroupRules, Sheet, Stream, Unit
from compsys.words import say
from scoring_rules import exact
from scoring_rules.measurement import choices
from scoring_rules.scheme_model import Aspect
from web import clerk_paper, clerk_scores
from web.access import CHIEF, CLERK, actor, get, post
from web.chief import cell_shown, sub_titles, unit_of
from web.chief_page import here, not_open, show, stream_here
from web.clerk_paper import COMMON, own_aspects, papers
from web.console_page import act, kept, onward, text
from web.render import language


def seat_key(stream: Stream, name: str) -> str:
    """The key of a seat from its id in an address; 404 when there is none."""
    if name == COMMON:
        return ANY_SEAT
    key = f"{stream.trade}/{stream.stage}/{name}"
    if key not in stream.seats:
        raise HTTPException(404, "unknown_seat")
    return key


def place_of(request: Request, stream: Stream) -> tuple[Unit, Sheet, GroupRules]:
    """The unit, sheet and rules an address means; 404 for what is not there."""
    unit = unit_of(stream, str(request.path_params["code"]))
    sheet = stream.sheets.get((unit.id, str(request.path_params["sub"])))
    if sheet is None:
        raise HTTPException(404, "unknown_sheet")
    return unit, sheet, stream.groups[unit.group]


# ---------------------------------------------------------------- overview


async def overview(request: Request) -> Response:
    """Codes x sheets: which are keyed, checked, signed."""
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        view = views.chief_matrix(state, stream)
        titles = sub_titles(stream)
        keyed = {key for key, sheet in stream.sheets.items() if sheet.keyed}
    rows = [
        {
            "code": row["code"],
            "cells": [
                # That votes are far apart is the panel's and the chief's to know.
                (sub, cell_shown(row["cells"][sub] | {"spread": []}, late=False), (row["unit"], sub) in keyed)
                for sub in view["subs"]
            ],
        }
        for row in view["rows"]
    ]
    context = {
        "subs": [(sub, titles.get(sub, {})) for sub in view["subs"]],
        "rows": rows,
        "keyed": len(keyed),
        "sessions": view["sessions"],
        "marking": view["marking"],
    }
    return show(request, "clerk.html", "keying", context)


async def find(request: Request) -> Response:
    """The sheet that a scanned id or a typed "A17 A1" means."""
    wanted = request.query_params.get("id", "")[:160].strip()
    parts = wanted.split("/")[1:] if "/" in wanted else wanted.split()
    async with here(request) as state:
        stream = stream_here(request, state)
        code, sub = (parts[0].upper() if parts else ""), (parts[1].upper() if len(parts) > 1 else "")
        known = [key for u, key in stream.sheets if stream.by_code.get(code) == u]
    target = sub if sub in known else known[0] if known else ""
    if not target:
        raise HTTPException(404, "unknown_sheet")
    return RedirectResponse(f"/clerk/sheet/{code}/{target}", 303)


async def sheet(request: Request, answer: Answer | None = None) -> Response:
    """One sheet: for each seat whether its paper is keyed, checked, signed, and what is next."""
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, rules = place_of(request, stream)
        sub = rules.subs[found.sub]
        context = {
            "code": unit.code,
            "sub": found.sub,
            "sub_title": dict(sub.title),
            "complete": found.complete,
            "state": views.sheet_state(stream, found),
            "returned": found.returned,
            "rows": [
                _paper_row(stream, rules, found, key, actor(request).id) for key in papers(rules, found)
            ],
        }
    return show(request, "clerk_sheet.html", "keying", context, answer)


def _paper_row(stream: Stream, rules: GroupRules, found: Sheet, key: str, me: str) -> dict[str, Any]:
    own = own_aspects(rules, found, key)
    keyer = found.keyed.get(key)
    missing = len(
        set(holes(rules, found, stream, found.roster[0] if key == ANY_SEAT else key)) & {a.key for a in own}
    )
    blocked = bool(found.keyed)
    return {
        "name": COMMON if key == ANY_SEAT else key.rpartition("/")[2],
        "label": "" if key == ANY_SEAT else stream.seats[key].label,
        "aspects": len(own),
        "missing": missing,
        "keyed": keyer is not None,
        "mine": me in found.keyers.get(key, ()),
        "by": stream.seats[keyer].label if keyer in stream.seats else "",
        "signed": key in found.signed,
        "may_sign": key != ANY_SEAT and key not in found.signed,
        "blocked": blocked,
        "common": key == ANY_SEAT,
    }


def newest(found: Sheet, aspect: Aspect, key: str) -> Cell | None:
    """The newest cell of an aspect under a paper's seat (agreed values stand under the panel's)."""
    who = ANY_SEAT if aspect.method == "agreed" else key
    return found.cells.get((aspect.key, who, found.rounds.get(aspect.key, 1)))


def read_aspects(rules: GroupRules, found: Sheet, key: str) -> list[Aspect]:
    """What the second reader reads: the paper's aspects, and agreed ones that came from paper.

    Never a value that the seat gave on its own tablet: comparing with it would tell a sealed vote.
    """
    chosen = []
    for aspect in rules.subs[found.sub].aspects:
        cell = newest(found, aspect, key)
        own = (aspect.method == "agreed") == (key == ANY_SEAT)
        if (own and cell is None) or (cell is not None and cell.via == "paper" and (own or key != ANY_SEAT)):
            chosen.append(aspect)
    return chosen


# ---------------------------------------------------------------- keying


async def key_in(
    request: Request,
    answer: Answer | None = None,
    values: dict[str, list[str]] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    """The form of one paper: a field per aspect, with what is on record."""
    return await _form(request, "key", answer, values, wrong)


async def check(
    request: Request,
    answer: Answer | None = None,
    values: dict[str, list[str]] | None = None,
    differs: tuple[str, ...] = (),
) -> Response:
    """The second person's form: the same fields, all empty."""
    lang = language(request)
    return await _form(request, "check", answer, values, {key: say("clerk.differs", lang) for key in differs})


async def _form(
    request: Request,
    step: str,
    answer: Answer | None,
    values: dict[str, list[str]] | None,
    wrong: dict[str, str] | None,
) -> Response:
    name = str(request.path_params["seat"])
    lang = language(request)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, rules = place_of(request, stream)
        key = seat_key(stream, name)
        if key not in papers(rules, found):
            raise HTTPException(404, "unknown_seat")
        chosen = own_aspects(rules, found, key) if step == "key" else read_aspects(rules, found, key)
        me = actor(request).id if step == "key" else ""
        fields = [_field(found, aspect, key, lang, me) for aspect in chosen]
        context = {
            "code": unit.code,
            "sub": found.sub,
            "sub_title": dict(rules.subs[found.sub].title),
            "step": step,
            "seat_name": name,
            "label": "" if key == ANY_SEAT else stream.seats[key].label,
            "fields": fields,
            "values": values,
            "wrong": wrong or {},
            "mine": actor(request).id in found.keyers.get(key, ()),
        }
    return show(request, "clerk_key.html", "keying", context, answer, status=422 if wrong else 0)


def _field(found: Sheet, aspect: Aspect, key: str, lang: str, me: str) -> dict[str, Any]:
    """A field; it shows what ``me`` keyed before ("" = the blind reading), never what a tablet gave."""
    cell = newest(found, aspect, key)
    mine = bool(me) and cell is not None and cell.via == "paper" and cell.by == me
    elsewhere = bool(me) and not mine and cell is not None and bool(cell.value or cell.others)
    options: list[tuple[str, str]] = []
    if aspect.method == "agreed" and (picks := choices(aspect.measure)):
        labels = aspect.measure.params.get("labels", []) if aspect.measure else []
        for i, pick in enumerate(picks):
            named = labels[i] if isinstance(labels, list) and i < len(labels) else ""
            options.append(
                (pick, say(f"cell.{pick}", lang) if pick in ("pass", "fail") else f"{pick} {named}".strip())
            )
    return {
        "key": aspect.key,
        "title": dict(aspect.title),
        "allowed": paper.allowed(aspect, lang),
        "options": options,
        "value": (cell.value or "") if cell is not None and mine else "",
        "elsewhere": elsewhere,
        # A value that this clerk has not seen is never replaced: theirs meets it, and both are kept.
        "base": cell.rev if cell and not elsewhere else 0,
        "round": found.rounds.get(aspect.key, 1),
    }


def typed_value(form: FormData, aspect: Aspect) -> str | None:
    """What was typed for an aspect, in plain digits; None = left blank."""
    value = text(form, f"v.{aspect.key}", 60)
    if not value:
        return None
    return value if choices(aspect.measure) and aspect.method == "agreed" else exact.normalise(value)


async def save(request: Request) -> Response:
    """Mark every value that differs from what the form showed, each under a key of its own."""
    form = await request.form(max_files=0, max_fields=2000)
    lang = language(request)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, rules = place_of(request, stream)
        key = seat_key(stream, str(request.path_params["seat"]))
        aspects = own_aspects(rules, found, key)
    commands = [c for a in aspects if (c := _mark(form, stream.name, unit.id, a, key)) is not None]
    answers = [await act(request, command, form, part=command.aspect) for command in commands]
    wrong = {
        command.aspect: say(answer.code or f"clerk.{answer.a}", lang, **answer.params)
        for command, answer in zip(commands, answers, strict=True)
        if answer.a != "accepted"
    }
    if wrong:
        return await key_in(request, None, kept(form), wrong)
    return onward(
        "/clerk/sheet/{code}/{sub}".format(**request.path_params), "keyed" if commands else "unchanged"
    )


def _mark(form: FormData, stream: str, unit: str, aspect: Aspect, key: str) -> e.Mark | None:
    """The mark a field asks for; None when it was left as it was drawn."""
    value = typed_value(form, aspect)
    if (value or "") == text(form, f"was.{aspect.key}", 60):
        return None
    base, round_ = text(form, f"base.{aspect.key}", 12), text(form, f"round.{aspect.key}", 4)
    return e.Mark(
        stream=stream,
        unit=unit,
        aspect=aspect.key,
        seat=ANY_SEAT if aspect.method == "agreed" else key,
        round=int(round_) if round_.isdigit() else 1,
        value=value,
        base=int(base) if base.isdigit() else 0,
        via="paper",
    )


async def save_check(request: Request) -> Response:
    """Put the second reading to the core; where the readings differ, both people look at the paper again."""
    form = await request.form(max_files=0, max_fields=2000)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, rules = place_of(request, stream)
        key = seat_key(stream, str(request.path_params["seat"]))
        aspects = read_aspects(rules, found, key)
        before = found.touched
    values = {a.key: typed_value(form, a) for a in aspects}
    command = e.ConfirmKeyed(stream=stream.name, unit=unit.id, sub=found.sub, seat=key, values=values)
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await check(request, answer, kept(form))
    async with here(request) as state:
        again = stream_here(request, state).sheets[(unit.id, found.sub)]
        differs = key in again.keyed
        told = next(
            (
                words
                for n, _, kind, _, words in stream.history[::-1]
                if kind == "keyedconfirmed" and n >= before
            ),
            "",
        )
    if differs:
        return await check(
            request,
            Answer(k="", a="refused", code="clerk.readings_differ", params={"aspects": told}),
            kept(form),
            tuple(told.split()),
        )
    home = "/clerk" if actor(request).roles == ("clerk",) else "/chief"
    return onward(f"{home}/sheet/{unit.code}/{found.sub}", "checked")


async def sign(request: Request) -> Response:
    """Sign a seat's paper that has been keyed and checked (the signature itself is on the paper)."""
    form = await request.form(max_files=0, max_fields=8)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, _ = place_of(request, stream)
        key = seat_key(stream, str(request.path_params["seat"]))
    command = e.Sign(stream=stream.name, unit=unit.id, sub=found.sub, seat=key, via="paper")
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await sheet(request, answer)
    return onward(f"/clerk/sheet/{unit.code}/{found.sub}", "signed")


HERE = "{code}/{sub}/{seat}"
routes = [
    get("/clerk", overview, CLERK),
    get("/clerk/find", find, CLERK),
    get("/clerk/sheet/{code}/{sub}", sheet, CLERK | CHIEF),
    get(f"/clerk/key/{HERE}", key_in, CLERK),
    post(f"/clerk/key/{HERE}", save, CLERK),
    get(f"/clerk/check/{HERE}", check, CLERK | CHIEF),
    post(f"/clerk/check/{HERE}", save_check, CLERK | CHIEF),
    post(f"/clerk/sign/{HERE}", sign, CLERK),
    *clerk_paper.routes,
    *clerk_scores.routes,
]
