"""A spectators' server has no holder's pages: it says where they are (the link itself never reaches it)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from web.access import ANYONE, get
from web.render import page


async def elsewhere(request: Request) -> Response:
    """Private links belong to the office's own server."""
    return page(request, "holder_calm.html", {"code": "holder.elsewhere", "again": False}, status=404)


public_routes = [get("/holder", elsewhere, ANYONE), get("/shared", elsewhere, ANYONE)]
