"""Checking certificates at a server for spectators: the page, and what the desk published to check with.

There is no register here: a certificate's number or address cannot be looked up, and the page says so. The
signature is checked on the phone as everywhere; its status by the list that the desk signed last.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys.boards import Picture
from compsys.bus import CHECKING, NotYet
from web.access import ANYONE, get
from web.credential_page import drawn, told, worker
from web.live import watching_of


async def picture(request: Request) -> Picture:
    """What the desk published; waits a little for its first coming. Raises NotYet."""
    return await watching_of(request).picture(CHECKING)


async def check_page(request: Request) -> Response:
    """Where anybody checks a certificate; without what it checks with, where that has not come."""
    try:
        query = str((await picture(request))["query"])
    except NotYet:
        query = ""
    return drawn(request, query=query)


async def trust(request: Request) -> Response:
    """The pinned issuers as of when the desk last told them."""
    return told((await picture(request))["trust"])


async def document(request: Request) -> Response:
    """An issuer's document, a status list or a dictionary, by its address."""
    path = request.url.path
    if path.startswith("/dictionaries/"):
        path = path[: len("/dictionaries/") + 16]
    for row in (await picture(request))["rows"]:
        if row["key"] == path:
            if "text" in row:
                return Response(row["text"].encode(), media_type="application/octet-stream")
            return told(row["document"])
    raise HTTPException(404, "unknown_page")


async def elsewhere(request: Request) -> Response:
    """A certificate's own address: this server has no register."""
    if "text/html" in request.headers.get("accept", ""):
        return drawn(request, code="number_elsewhere", status=404)
    return told({"code": "check.number_elsewhere", "params": {}}, status=404)


routes = [
    get("/v", check_page, ANYONE),
    get("/v/trust.json", trust, ANYONE),
    get("/v-worker.js", worker, ANYONE),
    get("/credentials/{id}", elsewhere, ANYONE),
    get("/issuers/{slug}", document, ANYONE),
    get("/status/{slug}/{no}", document, ANYONE),
    get("/dictionaries/{name}", document, ANYONE),
]
