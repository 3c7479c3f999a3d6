"""Draws pages: one template environment per language and time zone, and what every template may use.

Templates get from ``compsys.words.page``: ``t todo t_other when words other lang other_lang words_url
words_url_other``; from here: ``static(name)`` (a URL that may be kept for good), ``modules(script)`` (those
of a script and its imports), ``words_of(script, lang)`` (its own catalogue), ``new_key()`` (for the hidden
field ``k`` of a form, so that sending it twice acts once), ``request``, ``path``, ``visitor``,
``form_token`` (the hidden field of every form with POST).
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from compsys import words
from web.access import visitor
from web.statics import modules, static, words_of


def language(connection: HTTPConnection) -> str:
    """The language of a request: ``?lang=``, the cookie, the browser's wish, the default."""
    return words.choose(
        connection.query_params.get("lang"),
        connection.cookies.get("lang"),
        connection.headers.get("accept-language"),
    )


def new_key() -> str:
    """128 random bits, hex."""
    return secrets.token_hex(16)


@cache
def environment(lang: str, zone: str) -> Environment:
    """The templates of one language and time zone; undefined names are errors, everything is escaped."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        words.page(lang, zone), static=static, modules=modules, words_of=words_of, new_key=new_key
    )
    return made


def zone(connection: HTTPConnection) -> str:
    """The competition's time zone."""
    found: str = connection.app.state.live.zone()
    return found


def page(
    request: Request, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> Response:
    """A page drawn now. Gather its context inside ``async with desk.reading()``, draw it wherever you
    like."""
    lang = language(request)
    who = visitor(request)
    html = (
        environment(lang, zone(request))
        .get_template(template)
        .render(
            {
                "request": request,
                "path": request.url.path,
                "visitor": who,
                "form_token": who.form_token,
                **(context or {}),
            }
        )
    )
    response = HTMLResponse(html, status)
    if request.query_params.get("lang") == lang:
        response.set_cookie("lang", lang, max_age=31536000, samesite="lax")
    return response


def refusal(request: Request, status: int, code: str, params: dict[str, str] | None = None) -> Response:
    """Why not: a page for people, ``{"code", "params"}`` for scripts."""
    if "text/html" in request.headers.get("accept", ""):
        return page(request, "refused.html", {"code": code, "params": params or {}}, status=status)
    body = msgspec.json.encode({"code": code, "params": params or {}})
    return Response(body, status, media_type="application/json")
