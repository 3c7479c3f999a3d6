"""Judges' PINs: what is kept of one, who may set and unlock it, and which signatures ask for it.

A PIN has six figures, so a hash alone would not hold: it is mixed with a key that only the server's ``keys/``
has (``pepper``) before it is hashed slowly, and after five wrong tries that device's PIN for that seat is
locked. A PIN is never in a command, a line, a log or an address; a command says by ``Call.proved`` whose PIN
was typed for it.
"""

from __future__ import annotations

import hmac
import re

from compsys import events as e
from compsys import passwords
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.people import MARKERS
from compsys.state import State, Stream
from compsys.state_access import Pin

TRIES = 5
SHAPE = re.compile(r"[0-9]{6}\Z")
_SECRET = re.compile(r"scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}\Z")
_WEAK = frozenset(str(digit) * 6 for digit in range(10)) | {"123456", "654321", "012345", "543210"}


def weak(pin: str) -> bool:
    """Whether a PIN is among the first that anybody would try.

    >>> weak("111111"), weak("123456"), weak("274913")
    (True, True, False)
    """
    return pin in _WEAK


def hashed(pin: str, salt: bytes, pepper: bytes) -> str:
    """What is kept of a PIN. ``salt``: 16 random bytes; ``pepper``: 32 bytes of the server's own."""
    return passwords.hashed(hmac.digest(pepper, pin.encode(), "sha256").hex(), salt)


def right(pin: str, secret: str, pepper: bytes) -> bool:
    """Whether the PIN is the one of ``secret``.

    >>> kept = hashed("274913", bytes(16), b"p" * 32)
    >>> right("274913", kept, b"p" * 32), right("274913", kept, b"q" * 32), right("274913", "", b"p" * 32)
    (True, False, False)
    """
    return passwords.right(hmac.digest(pepper, pin.encode(), "sha256").hex(), secret)


def asked(state: State, seat: str) -> bool:
    """Whether signatures of this seat ask for its PIN: its stage says so."""
    record = state.setup.seats.get(seat)
    stage = state.setup.stages.get(f"{record.trade}/{record.stage}") if record else None
    return stage is not None and stage.pin


def check(state: State, call: e.Call) -> e.Refused | None:
    """None, or why this signature is not taken: ``pin_needed`` where the PIN of its seat was not typed."""
    command, actor = call.command, call.actor
    if not isinstance(command, e.Sign) or actor.kind != "seat" or not set(actor.roles) & set(MARKERS):
        return None
    if not asked(state, actor.id) or call.proved == command.seat:
        return None
    return e.Refused("pin_needed", {"seat": command.seat})


def decide_set_pin(ask: Ask, cmd: e.SetPin) -> Decided:
    """A judge's first PIN, or the organizer's doing: a new one on a slip, or none."""
    seat = ask.state.setup.seats.get(cmd.seat)
    if seat is None or seat.role not in MARKERS:
        return e.Refused("unknown_seat", {"seat": cmd.seat[:60]})
    if cmd.secret and not _SECRET.match(cmd.secret):
        return e.Refused("malformed", {"field": "secret"})
    if ask.call.actor.kind == "seat":
        if ask.call.actor.id != cmd.seat or not cmd.secret:
            return e.Refused("not_yours", {"stream": cmd.seat})
        if cmd.seat in ask.state.pins:
            return e.Refused("pin_stands")
    event = e.PinSet(**ask.stamp, seat=cmd.seat, given=bool(cmd.secret))
    return [ask.line(e.COMPETITION, event, secret=cmd.secret or None)]


def decide_lock_pin(ask: Ask, cmd: e.LockPin) -> Decided:
    """The device that was wrong too often says so of itself."""
    if cmd.seat not in ask.state.pins or cmd.device != ask.call.device:
        return e.Refused("not_yours", {"stream": cmd.seat[:60]})
    return [ask.line(e.COMPETITION, e.PinLocked(**ask.stamp, seat=cmd.seat, device=cmd.device))]


def decide_unlock_pin(ask: Ask, cmd: e.UnlockPin) -> Decided:
    """The organizer's word, or the chief's in the own trade, stage and site."""
    seat = ask.state.setup.seats.get(cmd.seat)
    if seat is None:
        return e.Refused("unknown_seat", {"seat": cmd.seat[:60]})
    actor = ask.call.actor
    chief = ask.state.setup.seats.get(actor.id) if actor.kind == "seat" else None
    if chief and (chief.trade, chief.stage, chief.site) != (seat.trade, seat.stage, seat.site):
        return e.Refused("not_yours", {"stream": cmd.seat})
    return [ask.line(e.COMPETITION, e.PinUnlocked(**ask.stamp, seat=cmd.seat))]


def apply_pin_set(state: State, stream: Stream | None, n: int, event: e.PinSet, closed: e.Closed) -> Touched:
    """The PIN stands, unlocked; one whose hash was erased is one that nobody knows."""
    if event.given:
        state.pins[event.seat] = Pin(closed.secret or "", set())
    else:
        state.pins.pop(event.seat, None)
    return (("pin", event.seat),)


def apply_pin_locked(
    state: State, stream: Stream | None, n: int, event: e.PinLocked, closed: e.Closed
) -> Touched:
    """Nothing more is tried from this device."""
    if event.seat in state.pins:
        state.pins[event.seat].locked.add(event.device)
    return (("pin", event.seat),)


def apply_pin_unlocked(
    state: State, stream: Stream | None, n: int, event: e.PinUnlocked, closed: e.Closed
) -> Touched:
    """It may be tried again."""
    if event.seat in state.pins:
        state.pins[event.seat].locked.clear()
    return (("pin", event.seat),)


DECIDE: dict[type[e.Command], Decider] = {
    e.SetPin: decide_set_pin,
    e.LockPin: decide_lock_pin,
    e.UnlockPin: decide_unlock_pin,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.PinSet: apply_pin_set,
    e.PinLocked: apply_pin_locked,
    e.PinUnlocked: apply_pin_unlocked,
}
