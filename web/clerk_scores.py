"""Component scores at the clerk's seat: a file by codes, and the check of another person's."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys.events import Answer
from web.access import CLERK, actor, desk_of, get, post
from web.chief_page import not_open, show, stream_here
from web.console_page import act, onward, text
from web.console_scores import bring_scores

# ---------------------------------------------------------------- scores from outside


async def scores(
    request: Request, answer: Answer | None = None, extra: dict[str, Any] | None = None
) -> Response:
    """Component scores: a file by codes; another clerk's import to be checked."""
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
    context = {"components": components, "imports": imports, "rows_wrong": [], "file_name": ""}
    return show(
        request,
        "clerk_scores.html",
        "scores",
        context | (extra or {}),
        answer,
        status=422 if extra and extra.get("rows_wrong") else 0,
    )


async def bring(request: Request) -> Response:
    """An uploaded file of scores, by codes only."""
    async with desk_of(request).reading() as state:
        stream = stream_here(request, state).name
    answer, extra = await bring_scores(request, stream, by_code_only=True)
    if extra:
        return await scores(request, None, extra)
    if answer is not None and answer.a != "accepted":
        return await scores(request, answer)
    return onward("/clerk/scores", "imported")


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
