"""The last way for marks that a tablet could not send: its file of them, brought into the console by hand.

Every mark is given as its tablet would have given it: same key, same judge, same content. So what arrived
before is only found again, what differs from another tablet's is kept beside it, what comes after a lock goes
to the tray; and who brought the file stands in the closed part of each line, beside the command.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from compsys.events import COMPETITION, Actor, Answer, Call, Mark, Refused
from compsys.people import MARKERS
from web import wire
from web.access import ORGANIZER, UPLOAD, actor, desk_of, get, post
from web.console_page import draw, refused, upload_of

MOST = 5000


class Unsent(msgspec.Struct, frozen=True):
    """A tablet's file, as web/static/seat_export.js writes it."""

    compsys_unsent: int
    competition: str
    seat: str
    items: Annotated[list[wire.Item], msgspec.Meta(max_length=MOST)]


async def page(
    request: Request, answer: Answer | None = None, told: dict[str, Any] | None = None
) -> Response:
    """Where a tablet's file is brought; after that, what became of each of its marks."""
    return draw(request, "console_unsent.html", "seats", told or {"rows": None}, answer=answer)


async def bring(request: Request) -> Response:
    """Give the marks of a tablet's file; nothing of a file of another competition or of no seat here."""
    form = await request.form(max_files=1, max_fields=8)
    name, data = await upload_of(form, "file")
    try:
        found = msgspec.json.decode(data, type=Unsent)
    except msgspec.DecodeError:
        return await page(request, refused("unsent.not_one", name=name))
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        seat = state.setup.seats.get(found.seat)
        if found.competition != state.id:
            return await page(request, refused("unsent.other", name=found.competition[:60]))
        if found.compsys_unsent != 1 or seat is None or seat.role not in MARKERS:
            return await page(request, refused("unknown_seat", seat=found.seat[:60]))
    judge, by = Actor("seat", found.seat, (seat.role,)), actor(request).id
    rows: list[tuple[str, str, str, dict[str, str]]] = []
    for item in found.items:
        command = wire.command(item, seat.role)
        if isinstance(command, Refused) or not isinstance(command, Mark):
            code = command.code if isinstance(command, Refused) else "unsent.not_a_mark"
            rows.append((item.k[:8], "refused", code, {}))
            continue
        # The tablet's own key and words; who carried them stands beside, so that it may still send them.
        call = Call(item.k, judge, command, "", item.at, brought=by)
        got = await desk.submit(call)
        while got.a == "retry" and got.code == "busy":
            got = await desk.submit(call)
        what = "dup" if got.dup else got.a
        rows.append((f"{command.unit} {command.aspect}", what, got.code, got.params))
    async with desk.reading() as state:
        codes = {unit.id: unit.code for stream in state.streams.values() for unit in stream.units.values()}
    shown = [(" ".join(codes.get(word, word) for word in at.split(" ")), *rest) for at, *rest in rows]
    counts = {what: sum(row[1] == what for row in rows) for what in {row[1] for row in rows}}
    label = seat.label or seat.id
    return await page(request, told={"rows": shown, "counts": counts, "label": label, "name": name})


routes = [
    get("/console/unsent", page, ORGANIZER),
    post("/console/unsent", bring, ORGANIZER, limit=UPLOAD),
]
