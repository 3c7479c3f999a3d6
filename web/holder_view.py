"""What an employer sees of credentials that a holder shared: each with its live verdict, while it is shared.

Architecture Invariant: only the chosen credentials, only while the holder lets it; every link that does not
work is answered in the same way.
"""

from __future__ import annotations

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys import clock, holder_desk, holder_forms
from compsys.commands_holder import OpenView
from compsys.events import COMPETITION, Actor
from web.access import ANYONE, cookie_name, desk_of, get, post
from web.holder import told
from web.holder_sessions import BAD, IN_SECONDS, LINKS_FREE, VIEW_COOKIE, calm, doors_of, let_out, slow
from web.logins import address, set_cookie
from web.render import page

ONE_OPENING = 60_000
"""Milliseconds within which a view that is opened again was opened once."""


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    """What the page's script sends."""

    token: str


async def opened(request: Request) -> Response:
    """Take the token; the browser keeps it in a cookie that no script reads. Counted for the holder."""
    throttle, name = doors_of(request).throttle, f"holder address {address(request)}"
    if (wait := throttle.wait(name)) > 0:
        return told(request, slow(wait))
    throttle.failed(name, LINKS_FREE)
    try:
        token = msgspec.json.decode(await request.body(), type=_Token).token
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        now = desk.now()
        view = state.holders.view(holder_desk.digest(token), now)
        there = view is not None and desk.names(view.person) is not None
        again = view is not None and view.last and clock.millis(now) - clock.millis(view.last) < ONE_OPENING
    if view is None or not there:
        return told(request, BAD)
    throttle.forgive(name)
    if not again:
        await holder_desk.do(desk, Actor("holder", view.id, ("holder",)), OpenView(id=view.id))
    response = Response(b'{"next":"/shared"}', media_type="application/json")
    set_cookie(request, response, VIEW_COOKIE, token, IN_SECONDS)
    return response


async def shown(request: Request) -> Response:
    """The shared credentials as they stand now; without a view that works, the door."""
    cookie = request.cookies.get(cookie_name(request, VIEW_COOKIE), "")
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        view = state.holders.view(holder_desk.digest(cookie), desk.now()) if cookie else None
        who = desk.names(view.person) if view else None
        found = [holder_forms.live(desk, state, key) for key in view.credentials] if view and who else []
    if view is None or who is None:
        response = page(request, "shared.html", {"over": bool(cookie)})
        if cookie:
            let_out(request, response, VIEW_COOKIE)
        return response
    context = {"name": who.name, "expires": view.expires, "papers": found, "now": desk.now()}
    return page(request, "shared_papers.html", context)


async def at_the_door(request: Request) -> Response:
    """The door itself, also where another view is open."""
    return page(request, "shared.html", {"over": False})


async def closed(request: Request) -> Response:
    """Forget the view in this browser."""
    response = RedirectResponse("/shared", 303)
    let_out(request, response, VIEW_COOKIE)
    return response


routes = [
    get("/shared", calm(shown), ANYONE),
    get("/shared/door", at_the_door, ANYONE),
    post("/shared/open", calm(opened), ANYONE),
    post("/shared/close", calm(closed), ANYONE),
]
