"""The judge's tablet page: one page that its script fills, at the address a seat's link leads to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys.events import COMPETITION
from web.access import SEATS, desk_of, get, visitor
from web.enrol import HOME
from web.render import page


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
    return page(request, "seat.html", {"store": store, "theme": "light"})


routes = [get("/seat", tablet, SEATS)]
