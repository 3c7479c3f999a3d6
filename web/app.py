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
``web.accounts.make_account``, ``web.live.watching_of(request).picture(topic)`` (the picture as spectators
see it).

A process serves all screens, or those of a competition's own people (``desk``: boards too, to them), or the
public ones (``public``: pictures come from Redis, and there is no desk).

A form with POST carries ``{{ p.csrf(form_token) }}`` (hidden field ``csrf``) and, to act once however often
it is sent, ``<input type="hidden" name="k" value="{{ new_key() }}">``. A script sends the token in the
header ``X-Compsys-Form``.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from compsys.bus import NotYet
from web import board, credential_public, health, holder_elsewhere, live
from web.access import ACCOUNTS, ANYONE, EXPERT, SEATS, Declared, get, mount
from web.guard import Guard
from web.live import Live
from web.logins import Logins
from web.render import page, refusal
from web.settings import Settings
from web.statics import serve as serve_static
from web.watch import Watch

if TYPE_CHECKING:
    from compsys.desk import Desk

SCREENS = (
    "practice", "console_benches", "calibration",
    "pins",
    "seat_shared", "chief_seats",
    "accounts", "enrol", "live", "health", "board", "seat", "console", "console_lists", "chief", "clerk",
    "supervisor", "ready", "console_announce", "chief_announce", "chief_incidents", "floor", "expert",
    "evidence", "credential", "holder", "holder_view",
)  # fmt: skip
"""The modules of ``web`` whose routes are served, each with a list ``routes``."""

AGAIN = 3
"""Seconds after which a page whose picture has not come yet is asked for again."""

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


def for_staff(found: list[Declared]) -> list[Declared]:
    """The same routes where spectators have servers of their own: their pages are for accounts and seats."""
    ours = {declared.path for declared in spectators(found)}
    return [replace(d, roles=ACCOUNTS | SEATS | EXPERT) if d.path in ours else d for d in found]


def spectators(found: list[Declared]) -> list[Declared]:
    """The routes of the boards."""
    paths = {declared.path for declared in (*board.routes, *live.routes) if declared.roles == ANYONE}
    return [declared for declared in found if declared.path in paths]


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


async def not_yet(request: Request, error: Exception) -> Response:
    """A page that looks again by itself, and says how far a start is; scripts are told when to."""
    desk: Desk | None = request.app.state.desk
    code, params = "picture_not_yet", dict[str, str]()
    if desk is not None and not desk.ready():
        code = "still_folding"
        params = {"folded": str(desk.folding.folded), "total": str(desk.folding.total)}
    if "text/html" in request.headers.get("accept", ""):
        return page(request, "waiting.html", {"seconds": AGAIN, "code": code, "params": params})
    found = refusal(request, 503, code, params)
    found.headers["retry-after"] = str(AGAIN)
    return found


def create_app(desk: Desk, settings: Settings) -> Starlette:
    """The app over one open desk."""
    ours, logins = Live(desk, settings), Logins(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stop = desk.listen(logins.rang)
        async with ours.running():
            yield
        stop()

    found = declarations()
    app = _app(for_staff(found) if settings.role == "desk" else found, settings, lifespan)
    app.state.desk = desk
    app.state.logins = logins
    app.state.live = ours
    return app


def create_public_app(settings: Settings) -> Starlette:
    """The spectators' app: pictures from Redis; no desk, no logins, nothing that writes."""
    watch = Watch(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with watch.running():
            yield

    public = [*spectators([*board.routes, *live.routes]), *health.public_routes]
    beside = [*holder_elsewhere.public_routes, *credential_public.routes]
    app = _app([*HERE, *public, *beside], settings, lifespan)
    app.state.desk = None
    app.state.logins = None
    app.state.live = watch
    return app


def _app(found: list[Declared], settings: Settings, lifespan: Callable[[Starlette], Any]) -> Starlette:
    app = Starlette(
        routes=mount(found),
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={HTTPException: turned_away, NotYet: not_yet},
        lifespan=lifespan,
    )
    app.state.settings = settings
    return app
