"""Several judges' seats on one tablet: which ones it holds, and giving one up."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from compsys.events import COMPETITION
from web.access import ANYONE, MARKING, desk_of, get, post, visitor
from web.enrol import give_up, hold, kept_beside
from web.live import live_of
from web.render import refusal


async def held(request: Request) -> Response:
    """The seats of this tablet: ``key``, ``store`` (its database), ``label``, ``trade`` (its name), ``role``,
    whether it has a PIN, ``standing``, and the token of its forms; none where it holds none any more."""
    found = []
    async with desk_of(request).reading(COMPETITION) as state:
        for one in visitor(request).held:
            if one.role not in MARKING:
                continue
            seat = state.setup.seats[one.seat]
            trade = state.setup.trades.get(seat.trade)
            found.append(
                {
                    "key": one.seat,
                    "store": f"{state.id}/{one.seat}",
                    "label": seat.label or seat.id,
                    "trade": dict(trade.name) if trade else {},
                    "role": one.role,
                    "pin": one.seat in state.pins,
                    "standing": state.devices[one.id].standing,
                    "form": one.form_token,
                }
            )
    return Response(msgspec.json.encode(found), media_type="application/json")


async def leave(request: Request) -> Response:
    """Take a seat off this tablet, with nothing unsent; the others stay."""
    device = visitor(request).device
    assert device is not None, "only seats come here"
    said = live_of(request).tablets.words.get(device.id)
    if said is not None and said.pending:
        return refusal(request, 409, "seat_unsent", {"n": str(said.pending)})
    beside = kept_beside(request, device.seat, device.role)
    answer = await give_up(desk_of(request), device.id, "left")
    if answer.a != "accepted":
        return refusal(request, 503, answer.code, answer.params)
    response = Response(b"{}", media_type="application/json")
    hold(request, response, beside, "")
    return response


routes = [get("/seat/tablet", held, ANYONE), post("/seat/leave", leave, MARKING)]
