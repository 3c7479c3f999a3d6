"""A holder's own pages: all credentials with their downloads, a name to correct, views shared with others.

Architecture Invariant: nothing of another holder is on these pages, and nothing that was not issued; an
address of somebody else's credential is answered as one that does not exist.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys import clock, evidence, holder_desk, holder_forms, holder_papers
from compsys import words as catalogue
from compsys.commands_holder import LeaveAsHolder, RevokeView
from compsys.events import COMPETITION, Answer
from compsys.holders import DAY
from compsys.vault_holder import Notes
from web.access import ANYONE, UPLOAD, base_of, desk_of, get, post
from web.console_page import text, upload_of
from web.enrol import qr_svg
from web.holder_sessions import Came, Refusal, calm, door, enter, inside, knock, let_in, let_out
from web.render import language, page

SHARE_DAYS = (30, 7, 90, 365)
"""How long a view may be shared; the first is offered."""
SHOWN_ONCE = 200
"""Links of shared views that this process remembers, so that a form sent twice shows the same one."""


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    """What the door's script sends: the token, and the answer once it was asked for."""

    token: str
    answer: str = ""


# ---------------------------------------------------------------- the door


async def _said(request: Request) -> _Said:
    try:
        return msgspec.json.decode(await request.body(), type=_Said)
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error


def told(request: Request, why: Refusal) -> Response:
    """A refusal as the door's script shows it: its words come with it."""
    lang = language(request)
    said = {
        "code": why.code,
        "said": catalogue.say(why.code, lang, **why.params),
        "todo": catalogue.todo(why.code, lang, **why.params),
    }
    return Response(msgspec.json.encode(said), why.status, media_type="application/json")


def _given(value: dict[str, str]) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def opened(request: Request) -> Response:
    """What is asked of whoever has this link."""
    found = await knock(request, (await _said(request)).token)
    return told(request, found) if isinstance(found, Refusal) else _given({"asks": found})


async def entered(request: Request) -> Response:
    """The right answer gives this browser its cookie."""
    said = await _said(request)
    found = await enter(request, said.token, said.answer)
    if isinstance(found, Refusal):
        return told(request, found)
    response = _given({"next": "/holder"})
    let_in(request, response, found)
    return response


async def left(request: Request, who: Came) -> Response:
    """Out of this browser."""
    command = LeaveAsHolder(person=who.person, session=who.session)
    await holder_desk.do(desk_of(request), holder_desk.holder(who.person), command)
    response = RedirectResponse("/holder", 303)
    let_out(request, response)
    return response


# ---------------------------------------------------------------- the list


async def overview(request: Request, who: Came, answer: Answer | None = None) -> Response:
    """All that was issued, what was asked for, what is shared."""
    desk = desk_of(request)
    notes = await holder_desk.notes(desk, who.person)
    async with desk.reading(COMPETITION) as state:
        papers = [holder_papers.paper(state, key) for key in holder_papers.issued(state, who.person)]
        forms = {one.key: holder_forms.forms_of(state, one.key) for one in papers}
        corrections = _corrections(state, who.person, notes)
        views = _views(state, who.person, notes, desk.now())
    context = {
        "name": who.identity.name if who.identity else {},
        "papers": papers[::-1],
        "forms": forms,
        "corrections": corrections,
        "views": views,
    }
    return _draw(request, "holder_papers.html", context, answer)


def _corrections(state: Any, person: str, notes: Notes) -> list[dict[str, Any]]:
    held = state.holders
    found = [held.corrections[one] for one in held.corrections_of.get(person, ())]
    return [
        {
            "state": one.state,
            "t": one.t,
            "settled": one.settled,
            "name": asked.name if (asked := notes.asked.get(one.id)) else {},
            "answer": asked.answer if asked and one.state != "waiting" else "",
        }
        for one in reversed(found)
    ]


def _views(state: Any, person: str, notes: Notes, now: str) -> list[dict[str, Any]]:
    held = state.holders
    found = [held.views[one] for one in held.views_of.get(person, ())]
    return [
        {"view": one, "label": notes.views.get(one.id, ""), "n": len(one.credentials)}
        for one in reversed(found)
        if not one.revoked and one.expires > now
    ]


def _draw(
    request: Request, template: str, context: dict[str, Any], answer: Answer | None = None
) -> Response:
    refused = None
    if answer is not None and answer.a != "accepted":
        refused = {"code": answer.code, "params": dict(answer.params)}
    status = 200 if refused is None else 503 if answer and answer.a == "retry" else 409
    what = request.query_params.get("done", "")
    done = f"holder.done_{what}"
    said = done if request.method == "GET" and done in catalogue.catalogue() else ""
    return page(request, template, {"refused": refused, "done": said, **context}, status=status)


async def download(request: Request, who: Came) -> Response:
    """One form of one own credential, byte for byte as the office exports it."""
    uuid, form = str(request.path_params["id"]), str(request.path_params["form"])
    desk, key = desk_of(request), uuid.replace("-", "")
    async with desk.reading(COMPETITION) as state:
        mine = key in holder_papers.issued(state, who.person)
        there = mine and form in holder_forms.forms_of(state, key)
    if not there:
        raise HTTPException(404, "unknown_page")
    found = await holder_forms.made(desk, key, form)
    if isinstance(found, holder_forms.Refused):
        raise HTTPException(409, found.code)
    headers = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.data, media_type=found.kind, headers=headers)


# ---------------------------------------------------------------- a name to correct


async def correct_page(request: Request, who: Came, answer: Answer | None = None) -> Response:
    """The form: the name as it is, as it should be, why, and what proves it."""
    assert who.identity is not None
    form = await request.form(max_files=1, max_fields=8) if request.method == "POST" else FormData()
    async with desk_of(request).reading(COMPETITION) as state:
        held = state.holders
        waits = any(one in held.waiting for one in held.corrections_of.get(who.person, ()))
    typed = {lang: text(form, f"name.{lang}") for lang in catalogue.LANGS}
    context = {"name": who.identity.name, "typed": typed, "words_typed": text(form, "words"), "waits": waits}
    return _draw(request, "holder_correct.html", context, answer)


async def correct(request: Request, who: Came) -> Response:
    """Ask an officer to correct the name."""
    form = await request.form(max_files=1, max_fields=8)
    name = {lang: text(form, f"name.{lang}", 400) for lang in catalogue.LANGS}
    _, data = await upload_of(form, "file")
    kind = holder_forms.kind_of(data)
    if data and (not kind or len(data) > evidence.LIMIT):
        return await correct_page(request, who, holder_desk.no("holder.file_bad"))
    answer = await holder_desk.ask(
        desk_of(request),
        who.person,
        {lang: said for lang, said in name.items() if said},
        text(form, "words"),
        (kind, evidence.plain(data)),
        key=text(form, "k", 64),
    )
    if answer.a != "accepted":
        return await correct_page(request, who, answer)
    return RedirectResponse("/holder?done=asked#corrections", 303)


# ---------------------------------------------------------------- shared with an employer


async def share_page(request: Request, who: Came, answer: Answer | None = None, link: str = "") -> Response:
    """The form, and after it the link, which is shown this once."""
    form = await request.form(max_files=0, max_fields=120) if request.method == "POST" else FormData()
    async with desk_of(request).reading(COMPETITION) as state:
        papers = [holder_papers.paper(state, key) for key in holder_papers.issued(state, who.person)]
    picked = {value for value in form.getlist("paper") if isinstance(value, str)}
    context = {
        "papers": papers[::-1],
        "picked": picked or ({one.key for one in papers} if not form else set()),
        "days": SHARE_DAYS,
        "day": text(form, "days") or str(SHARE_DAYS[0]),
        "label": text(form, "label"),
        "link": link,
        "qr": qr_svg(link) if link else "",
    }
    return _draw(request, "holder_share.html", context, answer)


async def share(request: Request, who: Came) -> Response:
    """Make a link for somebody else's eyes."""
    form = await request.form(max_files=0, max_fields=120)
    picked = tuple(value for value in form.getlist("paper") if isinstance(value, str))
    if not picked:
        return await share_page(request, who, holder_desk.no("holder.nothing_picked"))
    days, key, desk = text(form, "days"), text(form, "k", 64), desk_of(request)
    length = int(days) if days in map(str, SHARE_DAYS) else SHARE_DAYS[0]
    expires = clock.text(clock.millis(desk.now()) + length * DAY)
    secret, expires = _once(request, f"{who.session} {key}", (holder_desk.token(desk), expires))
    answer = await holder_desk.share(
        desk, who.person, picked, expires, text(form, "label"), secret=secret, key=key
    )
    link = f"{base_of(request)}/shared#{secret}" if answer.a == "accepted" else ""
    return await share_page(request, who, answer, link)


def _once(request: Request, key: str, made: tuple[str, str]) -> tuple[str, str]:
    """What was made for this form the first time it was sent."""
    state = request.app.state
    if not hasattr(state, "holder_once"):
        state.holder_once = {}
    kept: dict[str, tuple[str, str]] = state.holder_once
    found = kept.setdefault(key, made)
    while len(kept) > SHOWN_ONCE:
        kept.pop(next(iter(kept)))
    return found


async def unshare(request: Request, who: Came) -> Response:
    """Take a shared view back; it is gone at once."""
    command = RevokeView(id=str(request.path_params["id"]), person=who.person)
    answer = await holder_desk.do(desk_of(request), holder_desk.holder(who.person), command)
    if answer.a != "accepted":
        return await overview(request, who, answer)
    return RedirectResponse("/holder?done=unshared#views", 303)


async def at_the_door(request: Request) -> Response:
    """The door itself, also where somebody is in already: another one's link is never shown the first."""
    return door(request)


routes = [
    get("/holder", inside(overview), ANYONE),
    get("/holder/door", at_the_door, ANYONE),
    post("/holder/open", calm(opened), ANYONE),
    post("/holder/enter", calm(entered), ANYONE),
    post("/holder/leave", inside(left, erased=True), ANYONE),
    get("/holder/papers/{id}/{form}", inside(download), ANYONE),
    get("/holder/correct", inside(correct_page), ANYONE),
    post("/holder/correct", inside(correct), ANYONE, limit=UPLOAD),
    get("/holder/share", inside(share_page), ANYONE),
    post("/holder/share", inside(share), ANYONE),
    post("/holder/share/{id}/revoke", inside(unshare), ANYONE),
]
