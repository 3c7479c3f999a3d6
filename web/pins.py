"""A judge's PIN at the tablet: whether there is one, choosing it, and the proof that it was typed.

A right PIN gives a ticket for one command: it names the key of that command, so it is used up with it, and it
needs no memory here; it says ``Call.proved``. The PIN itself comes in a body, is compared and forgotten.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import clock, pins
from compsys.events import COMPETITION, Actor, Call, LockPin, SetPin, UnlockPin
from compsys.people import MARKERS
from web.access import CHIEF, MARKING, desk_of, get, post, submit, visitor
from web.console_page import act, onward, text
from web.render import refusal

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State

TICKET_MINUTES = 15
"""A signature that waits for the line must still be proved when it goes."""
HASHED_AT_ONCE = 2

Figures = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}\Z")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]


class _Typed(msgspec.Struct, forbid_unknown_fields=True):
    """A PIN typed: of which seat ("" = the tablet's own), for which command ("" = only to unlock)."""

    pin: Figures
    seat: str = ""
    k: Key | None = None


class _Chosen(msgspec.Struct, forbid_unknown_fields=True):
    """A PIN chosen."""

    pin: Figures


@dataclass(slots=True)
class Tries:
    """Wrong tries of this process, by device and seat."""

    wrong: dict[tuple[str, str], int] = field(default_factory=dict)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))


def tries_of(request: Request) -> Tries:
    """The tries of the app."""
    state = request.app.state
    if not hasattr(state, "tries"):
        state.tries = Tries()
    found: Tries = state.tries
    return found


# ---------------------------------------------------------------- tickets


def ticket(pepper: bytes, device: str, seat: str, key: str, until: int) -> str:
    """The proof that a seat's PIN was typed at a device for the command with this key; ``until``: UTC ms.

    >>> one = ticket(b"p", "d", "a/b/s1", "0" * 32, 5000)
    >>> proved(b"p", one, "d", "a/b/s1", "0" * 32, 4999), proved(b"p", one, "d", "a/b/s1", "0" * 32, 5001)
    (True, False)
    >>> proved(b"p", one, "d", "a/b/s2", "0" * 32, 4999), proved(b"p", one, "d", "a/b/s1", "1" * 32, 4999)
    (False, False)
    """
    said = f"{device}/{seat}/{key}/{until}".encode()
    return f"{until}.{hmac.digest(pepper, b'ticket ' + said, 'sha256').hex()[:40]}"


def proved(pepper: bytes, given: str, device: str, seat: str, key: str, now: int) -> bool:
    """Whether a ticket is the one of this device, seat and command, and not too old."""
    until = given.partition(".")[0]
    if not until.isascii() or not until.isdigit() or len(until) > 15 or int(until) < now:
        return False
    return hmac.compare_digest(given.encode(), ticket(pepper, device, seat, key, int(until)).encode())


def proof(desk: Desk, given: str, device: str, seat: str, key: str) -> str:
    """``Call.proved`` of a command: its seat if the ticket proves it, else ""."""
    vault = getattr(desk, "vault", None)  # a desk to practise at has none
    if not given or vault is None:
        return ""
    return seat if proved(vault.pepper, given, device, seat, key, clock.millis(desk.now())) else ""


# ---------------------------------------------------------------- at the tablet


async def stands(request: Request) -> Response:
    """What the tablet must know: whether its seat has a PIN, whether signing asks for it, after how many
    minutes untouched it locks; and the token of its forms."""
    device = visitor(request).device
    assert device is not None, "only seats come here"
    async with desk_of(request).reading(COMPETITION) as state:
        competition = state.setup.competition
        body = {
            "set": device.seat in state.pins,
            "asked": pins.asked(state, device.seat),
            "minutes": competition.lock_minutes if competition else 0,
            "form": device.form_token,
        }
    return Response(msgspec.json.encode(body), media_type="application/json")


S = TypeVar("S", _Typed, _Chosen)


async def _said(request: Request, shape: type[S]) -> S:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(400, "malformed")  # a form: its body was read for its token
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error


def _no(code: str, params: dict[str, str] | None = None) -> Response:
    """An expected refusal is an answer like any other: the page says it where the PIN was typed."""
    body = msgspec.json.encode({"code": code, "params": params or {}})
    return Response(body, media_type="application/json")


async def choose(request: Request) -> Response:
    """The first PIN of the tablet's own seat."""
    pin = (await _said(request, _Chosen)).pin
    device, desk = visitor(request).device, desk_of(request)
    assert device is not None, "only seats come here"
    if not pins.SHAPE.match(pin):
        return _no("pin.shape")
    if pins.weak(pin):
        return _no("pin.weak")
    secret = await _hashed(request, pin)
    answer = await submit(request, SetPin(seat=device.seat, secret=secret), key=desk.fresh())
    if answer.a != "accepted":
        return _no(answer.code, answer.params)
    return Response(b"{}", media_type="application/json")


async def _hashed(request: Request, pin: str) -> str:
    salt, pepper = secrets.token_bytes(16), desk_of(request).vault.pepper
    async with tries_of(request).hashing:
        return await asyncio.to_thread(pins.hashed, pin, salt, pepper)


async def typed(request: Request) -> Response:
    """A PIN typed: a ticket for the command ``k``, or why not (and after five wrong ones, no more)."""
    said = await _said(request, _Typed)
    device, desk, tries = visitor(request).device, desk_of(request), tries_of(request)
    assert device is not None, "only seats come here"
    seat = said.seat or device.seat
    async with desk.reading(COMPETITION) as state:
        if not _may_type(state, device.seat, seat):
            return refusal(request, 403, "not_yours")
        pin = state.pins.get(seat)
        secret, locked = (pin.secret, device.id in pin.locked) if pin else ("", False)
    if pin is None:
        return _no("pin.missing")
    if locked:
        tries.wrong.pop((device.id, seat), None)  # counted from the start once it is unlocked
        return _no("pin.locked")
    # Counted as wrong before anything is awaited: tries made at once must not slip past each other.
    wrong = tries.wrong[device.id, seat] = tries.wrong.get((device.id, seat), 0) + 1
    if wrong > pins.TRIES:
        return _no("pin.locked")
    async with tries.hashing:
        right = await asyncio.to_thread(pins.right, said.pin, secret, desk.vault.pepper)
    if right:
        tries.wrong.pop((device.id, seat), None)
        until = clock.millis(desk.now()) + TICKET_MINUTES * 60_000
        made = ticket(desk.vault.pepper, device.id, seat, said.k, until) if said.k else ""
        return Response(msgspec.json.encode({"ticket": made}), media_type="application/json")
    if wrong < pins.TRIES:
        return _no("pin.wrong", {"left": str(pins.TRIES - wrong)})
    who = Actor("seat", device.seat, (device.role,))
    await desk.submit(Call(desk.fresh(), who, LockPin(seat=seat, device=device.id), device.id))
    return _no("pin.locked")


def _may_type(state: State, own: str, seat: str) -> bool:
    """A tablet takes the PIN of its own seat; the lead's one of a panel tablet those of the panel's seats."""
    if own == seat:
        return True
    mine, other = state.setup.seats.get(own), state.setup.seats.get(seat)
    if mine is None or other is None or mine.role != "lead" or other.role not in MARKERS:
        return False
    where = (mine.trade, mine.stage, mine.site, mine.panel)
    panel = state.setup.panels.get(f"{mine.trade}/{mine.stage}/{mine.panel}")
    same = where == (other.trade, other.stage, other.site, other.panel)
    return same and panel is not None and panel.mode == "panel"


async def unlock(request: Request) -> Response:
    """The chief takes a judge's PIN again."""
    form = await request.form(max_files=0, max_fields=4)
    answer = await act(request, UnlockPin(seat=text(form, "seat", 130)), form)
    if answer.a != "accepted":
        return refusal(request, 409, answer.code, answer.params)
    return onward("/chief/tray", "pin_unlocked")


def locked_pins(state: State, of: str = "") -> list[tuple[str, str]]:
    """(seat, its label) of every PIN that is locked on some device; ``of``: only a chief's own trade and
    stage."""
    chief = state.setup.seats.get(of)
    found = []
    for seat, pin in sorted(state.pins.items()):
        record = state.setup.seats.get(seat)
        if not pin.locked or record is None:
            continue
        where = (record.trade, record.stage, record.site)
        if chief is None or where == (chief.trade, chief.stage, chief.site):
            found.append((seat, record.label or record.id))
    return found


routes = [
    get("/seat/pin", stands, MARKING),
    post("/seat/pin", typed, MARKING),
    post("/seat/pin/choose", choose, MARKING),
    post("/chief/pins/unlock", unlock, CHIEF),
]
