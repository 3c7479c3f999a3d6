"""The chief's seats: which tablets the own panel has, and a new link where one is handed over."""

from __future__ import annotations

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from compsys import clock
from compsys.events import COMPETITION, Answer
from compsys.exchange.competition_file import natural
from compsys.records import Seat
from compsys.state import State
from web.access import CHIEF, actor, base_of, desk_of, get, post, visitor
from web.chief_page import show
from web.console_page import done_once, key_of_form, onward, refused, text
from web.console_seats import seat_name, tablets
from web.enrol import LINK_MINUTES, issue_link, qr_svg
from web.waiting import waiting_of


def own(state: State, chief: str) -> dict[str, Seat]:
    """The seats that a chief may hand over: those of the own trade, stage and site, by their names."""
    me = state.setup.seats[chief]
    where = (me.trade, me.stage, me.site)
    found = {
        key: seat
        for key, seat in state.setup.seats.items()
        if (seat.trade, seat.stage, seat.site) == where and seat.role != "chief"
    }
    return dict(sorted(found.items(), key=lambda one: natural(one[0])))


async def seats(
    request: Request, answer: Answer | None = None, fresh: dict[str, Any] | None = None
) -> Response:
    """Each seat with how its tablet is; a fresh link stands on top, big, to be scanned."""
    async with desk_of(request).reading(COMPETITION) as state:
        mine = own(state, actor(request).id)
        connected = {row["key"]: row for row in tablets(request, state) if row["standing"] == "active"}
        enrolled = {device.seat for device in state.devices.values() if device.standing == "active"}
        rows = [
            {
                "key": key,
                "label": seat.label or seat.id,
                "role": seat.role,
                "tablet": connected.get(key),
                "enrolled": key in enrolled,
            }
            for key, seat in mine.items()
        ]
        waits = [
            {"id": one.id, "seat": seat_name(state, one.seat), "words": one.words}
            for one in waiting_of(request).all()
            if one.seat in mine
        ]
    context = {"rows": rows, "waits": waits, "minutes": LINK_MINUTES, "slip": None, **(fresh or {})}
    return show(request, "chief_seats.html", "seats", context, answer)


async def hand_over(request: Request) -> Response:
    """A new link of one seat, for the tablet that takes it over; sent again, the form shows the same."""
    form = await request.form(max_files=0, max_fields=8)
    seat, desk = text(form, "seat", 130), desk_of(request)
    async with desk.reading(COMPETITION) as state:
        mine = own(state, actor(request).id)
    if seat not in mine:
        return await seats(request, refused("unknown_seat", seat=seat[:60]))
    ends = clock.millis(desk.now()) + LINK_MINUTES * 60_000

    async def work() -> tuple[str, Answer, int]:
        device = visitor(request).device
        assert device is not None, "only a chief's seat comes here"
        made = await issue_link(desk, seat, actor(request), base_of(request), device=device.id)
        return (*made, ends)

    url, answer, until = await done_once(request, f"hand over {key_of_form(form)}", work)
    if not url:
        return await seats(request, answer)
    left = max(0, until - clock.millis(desk.now())) // 1000
    found = mine[seat]
    slip = {"key": seat, "seat": found.label or found.id, "url": url, "qr": qr_svg(url), "left": left}
    return await seats(request, None, {"slip": slip})


async def approve(request: Request) -> Response:
    """Let a tablet of an own seat in whose four words are the same there and here, or turn it away."""
    form = await request.form(max_files=0, max_fields=8)
    word: Literal["yes", "no"] = "yes" if text(form, "say") == "yes" else "no"
    door, name = waiting_of(request), text(form, "wait", 40)
    async with desk_of(request).reading(COMPETITION) as state:
        mine = own(state, actor(request).id)
    if not any(one.id == name and one.seat in mine for one in door.all()):
        return await seats(request, refused("enrol_over"))
    door.say(name, word, actor(request).id)
    return onward("/chief/seats", "let_in" if word == "yes" else "turned_away")


routes = [
    get("/chief/seats", seats, CHIEF),
    post("/chief/seats", hand_over, CHIEF),
    post("/chief/seats/approve", approve, CHIEF),
]
