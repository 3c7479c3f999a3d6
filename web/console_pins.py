"""Judges' PINs at the console: sealed slips for chosen seats, one taken away, a locked one taken again."""

from __future__ import annotations

import asyncio
import secrets

from starlette.requests import Request
from starlette.responses import Response

from compsys import pins
from compsys.events import SetPin, UnlockPin
from compsys.exchange import paper, pin_slips
from compsys.people import MARKERS
from compsys.words import pick, say
from web import console_seats
from web.access import ORGANIZER, desk_of, post, submit
from web.console_page import act, onward, refused, text
from web.render import language


def fresh() -> str:
    """A PIN that nobody would try first."""
    while True:
        pin = f"{secrets.randbelow(1_000_000):06}"
        if not pins.weak(pin):
            return pin


async def slips(request: Request) -> Response:
    """A new PIN for each chosen judge's seat, as slips to be sealed: shown in this answer and never again."""
    form = await request.form(max_files=0, max_fields=400)
    wanted = [key for key in form.getlist("seat") if isinstance(key, str)][:200]
    lang, desk = language(request), desk_of(request)
    made: list[tuple[str, pin_slips.Slip]] = []
    async with desk.reading() as state:
        for key in wanted:
            seat = state.setup.seats.get(key)
            if seat is None or seat.role not in MARKERS:
                continue
            trade = state.setup.trades.get(seat.trade)
            name = pick(dict(trade.name), lang) if trade else seat.trade
            role = say(f"role.{seat.role}", lang)
            made.append((key, pin_slips.Slip(name, seat.label or seat.id, role, fresh())))
    if not made:
        return await console_seats.seats(request, refused("pins_nobody"))
    try:
        data = await asyncio.to_thread(pin_slips.draw, [slip for _, slip in made], lang)
    except paper.FontMissing as missing:
        return await console_seats.seats(
            request, refused("clerk.font_missing", fonts=", ".join(missing.looked[:4]))
        )
    for key, slip in made:
        pepper = desk.vault.pepper
        secret = await asyncio.to_thread(pins.hashed, slip.pin, secrets.token_bytes(16), pepper)
        answer = await submit(request, SetPin(seat=key, secret=secret))
        if answer.a != "accepted":
            return await console_seats.seats(request, answer)
    headers = {"content-disposition": 'inline; filename="pins.pdf"'}
    return Response(data, headers=headers, media_type="application/pdf")


async def clear(request: Request) -> Response:
    """A PIN that was forgotten is none any more: its judge chooses another."""
    form = await request.form(max_files=0, max_fields=8)
    answer = await act(request, SetPin(seat=text(form, "seat", 130), secret=""), form)
    if answer.a != "accepted":
        return await console_seats.seats(request, answer)
    return onward("/console/seats", "pin_cleared")


async def unlock(request: Request) -> Response:
    """A PIN that was wrong too often is taken again."""
    form = await request.form(max_files=0, max_fields=8)
    answer = await act(request, UnlockPin(seat=text(form, "seat", 130)), form)
    if answer.a != "accepted":
        return await console_seats.seats(request, answer)
    return onward("/console/seats", "pin_unlocked")


routes = [
    post("/console/seats/pins", slips, ORGANIZER),
    post("/console/seats/pins/clear", clear, ORGANIZER),
    post("/console/seats/pins/unlock", unlock, ORGANIZER),
]
