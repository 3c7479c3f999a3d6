"""The judge's tablet page: one page that its script fills, at the address a seat's link leads to."""

from __future__ import annotations

import gzip
import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys import words
from compsys.events import COMPETITION
from web.access import ANYONE, MARKING, SEATS, desk_of, get, over_tls, visitor
from web.enrol import HOME, at_work
from web.render import language, page
from web.statics import shelf, static, unpacks, whole, words_of

KEPT = "private, max-age=604800, immutable"


async def tablet(request: Request) -> Response:
    """The page of a seat that marks; seats of another kind are led to theirs.

    ``store`` names the tablet's own database: the competition and the seat, so that marks kept on this
    tablet are never sent for another seat or to another competition.
    """
    device = visitor(request).device
    assert device is not None, "only seats come here"
    if device.role in HOME:
        return RedirectResponse(HOME[device.role], 303)
    async with desk_of(request).reading(COMPETITION) as state:
        store = f"{state.id}/{device.seat}"
    address = "" if over_tls(request) else f"/seat/{shelf()[0]}.{language(request)}"
    response = drawn(request, store, address)
    at_work(request, response, store)
    return response


def drawn(request: Request, store: str, address: str) -> Response:
    """The page, compressed for the sake of its long list of files: nothing in it repeats what a visitor sent,
    so its length tells nothing."""
    response = page(request, "seat.html", {"store": store, "theme": "light", "cold": address})
    response.headers["vary"] = "accept-encoding"
    if unpacks(request):
        response.body = gzip.compress(bytes(response.body), mtime=0)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response


async def cold(request: Request) -> Response:
    """The same page without anything of a seat, which browsers keep: how it opens on plain http while the
    server is away. Its address names version and language; any other one leads to the page as it is now."""
    if request.path_params["page"] != f"{shelf()[0]}.{language(request)}":
        return RedirectResponse("/seat", 303)
    response = drawn(request, "", "")
    response.headers["cache-control"] = KEPT
    return response


async def worker(request: Request) -> Response:
    """The script that opens the page while the server is away (over TLS), with the list of its files. It
    stands at the root, since a worker sees only what lies below its own address."""
    names = ("compsys.css", "seat.css", "icon.svg", "icons.svg", "gate.js")
    kept = [*whole("seat.js"), *map(static, names), *(words_of("seat.js", lang) for lang in words.LANGS)]
    version, files = shelf()
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(kept)};\n".encode()
    return Response(
        head + files["worker.js"].data,
        headers={"cache-control": "no-cache"},
        media_type="text/javascript; charset=utf-8",
    )


routes = [
    get("/seat", tablet, SEATS),
    get("/seat/{page}", cold, MARKING),
    get("/seat-worker.js", worker, ANYONE),
]
