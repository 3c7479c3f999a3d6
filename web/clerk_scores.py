"""Component scores at the clerk's seat: a file by codes, and the check of another person's."""

from __future__ import annotations

import io

from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys.events import Answer
from compsys.exchange import lists_desk, lists_fields
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_look import Wish
from web.access import CLERK, actor, desk_of, get, post
from web.chief_page import not_open, show, stream_here
from web.console_lists import putter, told_of
from web.console_page import act, done_once, key_of_form, onward, refused, text, upload_of
from web.render import language

# ---------------------------------------------------------------- scores from outside


async def scores(
    request: Request, answer: Answer | None = None, look: Look | None = None
) -> Response:
    """Component scores: a file by codes; another clerk's import to be checked. ``look``: a file that was not
    taken, for what is wrong with it."""
    if (page := await not_open(request)) is not None:
        return page
    async with desk_of(request).reading() as state:
        stream = stream_here(request, state)
        components = {
            c.id: dict(c.name) for r in stream.groups.values() for c in r.components if c.source == "imported"
        }
        imports = [
            {
                "n": n,
                "component": i.component,
                "by": i.by,
                "count": len(i.rows),
                "digest": i.digest[:16],
                "confirmed": i.confirmed_by,
                "mine": i.by == actor(request).id,
                "rows": [] if i.confirmed_by else sorted((stream.units[u].code, v, s) for u, v, s in i.rows),
            }
            for n, i in stream.imports.items()
        ]
    lang = language(request)
    wrong = [f for f in look.findings if f.severity == "error"] if look else []
    context = {
        "components": components,
        "imports": imports,
        "wrong": [told_of(f, lang) for f in wrong],
        "file_name": look.name if look else "",
    }
    return show(request, "clerk_scores.html", "scores", context, answer, status=422 if wrong else 0)


async def bring(request: Request) -> Response:
    """An uploaded list of scores, by codes only; taken whole, or not at all."""
    form, desk = await request.form(max_files=1, max_fields=12), desk_of(request)
    async with desk.reading() as state:
        here = stream_here(request, state)
        wish = Wish(
            lists_fields.SCORES, target=f"{here.trade}/{here.stage}", component=text(form, "component", 60),
            stream=here.name,
        )  # fmt: skip
    name, data = await upload_of(form, "file")
    if not data:
        return await scores(request, refused("form.no_file"))
    key = key_of_form(form)
    look: Look | None = None

    async def work() -> Answer:
        nonlocal look
        look = await lists_desk.look(desk, io.BytesIO(data), name, wish, by_code_only=True)
        if look.stopped or look.counts["error"]:
            return refused("list_not_taken")
        if not look.takes:
            return refused("lists.nothing_new")
        return (await lists_desk.take(desk, look, putter(request, key))).answer

    answer = await done_once(request, f"scores {key}", work)
    if answer.a == "accepted":
        return onward("/clerk/scores", "imported")
    return await scores(request, answer, look)


async def confirm_scores(request: Request) -> Response:
    """The second checker's yes."""
    form = await request.form(max_files=0, max_fields=8)
    async with desk_of(request).reading() as state:
        stream = stream_here(request, state).name
    n = text(form, "n", 12)
    answer = await act(request, e.ConfirmScores(stream=stream, n=int(n) if n.isdigit() else 0), form)
    return await scores(request, answer) if answer.a != "accepted" else onward("/clerk/scores", "confirmed")


routes = [
    get("/clerk/scores", scores, CLERK),
    post("/clerk/scores", bring, CLERK, limit=1024 * 1024),
    post("/clerk/scores/confirm", confirm_scores, CLERK),
]
