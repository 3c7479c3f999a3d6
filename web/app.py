"""Joins the screens into one app: every route of every screen, behind the guard; nothing else is served.

A new screen is a module ``web/<screen>.py`` with a table ``routes = [...]`` (see ``web.access``) and one
name in SCREENS. Its template is ``templates/<screen>.html``, its script ``static/<screen>.js``, its test
``tests/web/test_<screen>.py``::

    async def overview(request: Request) -> Response:
        async with desk_of(request).reading() as state:
            context = {"trades": list(state.setup.trades.values())}
        return page(request, "console.html", context)

    async def save(request: Request) -> Response:
        form = await request.form()
        answer = await submit(request, Define(...), key=str(form["k"]))
        ...

    routes = [get("/console", overview, ORGANIZER), post("/console/trade", save, ORGANIZER)]

Helpers: ``web.logins.fresh_login`` (type the password again), ``web.enrol.issue_link`` and ``qr_svg``,
``web.accounts.make_account``, ``web.live.live_of(request).hub.newest(topic)`` (the picture as spectators
see it).

A form with POST carries ``{{ p.csrf(form_token) }}`` (hidden field ``csrf``) and, to act once however often
it is sent, ``<input type="hidden" name="k" value="{{ new_key() }}">``. A script sends the token in the
header ``X-Compsys-Form``.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from web.access import ANYONE, Declared, get, mount
from web.guard import Guard
from web.live import Live
from web.logins import Logins
from web.render import refusal
from web.settings import Settings
from web.statics import serve as serve_static

if TYPE_CHECKING:
    from compsys.desk import Desk

SCREENS = ("accounts", "enrol", "live", "board", "seat", "console", "chief", "clerk")
"""The modules of ``web`` whose routes are served, each with a list ``routes``."""

HERE = [
    get("/static/{name}", serve_static, ANYONE),
    get("/static/{folder}/{name}", serve_static, ANYONE),
]


def declarations() -> list[Declared]:
    """Every route there is; of two with the same path and method the first counts."""
    found = list(HERE)
    for name in SCREENS:
        found += importlib.import_module(f"web.{name}").routes
    return found


async def turned_away(request: Request, error: Exception) -> Response:
    """The page of an expected refusal: its code is the exception's detail."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = (
        {404: "unknown_page", 405: "unknown_page"}.get(error.status_code)
        if error.detail == phrase
        else error.detail
    )
    return refusal(request, error.status_code, code or "malformed")


def create_app(desk: Desk, settings: Settings) -> Starlette:
    """The app over one open desk."""
    live, logins = Live(desk, settings), Logins(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stop = desk.listen(logins.rang)
        async with live.running():
            yield
        stop()

    app = Starlette(
        routes=mount(declarations()),
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={HTTPException: turned_away},
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.settings = settings
    app.state.logins = logins
    app.state.live = live
    return app
