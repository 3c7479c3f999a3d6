"""The page where anybody checks a certificate, and the worker that opens it without a network.

It knows neither a desk nor a key: what it checks with comes as data (``/v/trust.json``).
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from compsys import words
from web.render import page
from web.statics import shelf, static, whole, words_of

SOON = "no-cache"

SCRIPT = "credential.js"
PLAIN = ("/static/compsys.css", "/static/icons.svg", "/static/icon.svg")
"""Files that the page names without their hash."""


def drawn(request: Request, *, status: int = 200, **context: Any) -> Response:
    """The page; with a ``code`` why there is no certificate at this address."""
    told = {"office": "", "query": "", "code": "", **context}
    found = page(request, "credential.html", told, status=status)
    found.headers["vary"] = "accept"
    return found


def told(body: Any, cache: str = SOON, status: int = 200) -> Response:
    """JSON for anybody."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = {"cache-control": cache, "access-control-allow-origin": "*", "vary": "accept"}
    return Response(data, status, headers=headers, media_type="application/json")


def words_urls() -> tuple[str, ...]:
    """The page's own catalogues."""
    return tuple(words_of(SCRIPT, lang) for lang in words.LANGS)


async def worker(request: Request) -> Response:
    """The script that opens the page while there is no network (over TLS), with the list of its files."""
    kept = [*whole(SCRIPT), static("credential.css"), *PLAIN, *words_urls()]
    pages = [f"/v?lang={lang}" for lang in words.LANGS]
    version, files = shelf()
    told = {"VERSION": version, "FILES": kept, "PAGES": pages}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items()).encode()
    return Response(
        head + files["credential_worker.js"].data,
        headers={"cache-control": "no-cache"},
        media_type="text/javascript; charset=utf-8",
    )
