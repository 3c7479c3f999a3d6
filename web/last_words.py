"""What each tablet last said of itself, kept beyond its connection: how many marks it has not sent, and when.

A tablet that is not connected may have taken marks since it last spoke: how many it holds then is not known,
and is never called none. One process knows only the tablets that came to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from compsys.events import Answer
from compsys.people import MARKERS, stream_of_seat
from compsys.unsent import may_hold
from web.console_page import refused

if TYPE_CHECKING:
    from compsys.state import State
    from web.tablets import Tablets


@dataclass(slots=True)
class LastWords:
    """``pending``: marks not sent yet; ``heard``: seconds of the server's own clock; ``time``: the same as a
    time of day (UTC); ``battery``: percent, -1 = not told; ``skew``: milliseconds by which the server's clock
    is ahead; ``page``: the version of the page; ``has``: which of ``HAS`` it has (None = not told)."""

    pending: int = 0
    heard: float = 0.0
    time: str = ""
    battery: int = -1
    skew: int | None = None
    page: str = ""
    has: frozenset[str] | None = None


HAS = ("tls", "storage", "worker", "awake")
"""What a tablet may have, as the page where it was made ready tests it."""


def unsent(tablets: Tablets, state: State, seat: str = "", stream: str = "") -> list[dict[str, Any]]:
    """The tablets of seats that mark: of one seat, of the seats of a stream, or all; by seat, newest last.

    Each row: ``device``, ``key`` and ``seat`` (its label), ``standing`` (active, draining), ``connected``,
    ``pending`` (as last said; None = never heard here), ``sure`` (whether that is what it holds now),
    ``heard`` (time, "" = never here), ``silent`` (seconds since, 0 = never), ``battery``, ``skew``, ``page``,
    ``has``.
    """
    now, found = tablets.settings.seconds(), []
    for device in state.devices.values():
        record = state.setup.seats.get(device.seat)
        if device.revoked or record is None or record.role not in MARKERS:
            continue
        if (seat and device.seat != seat) or (stream and stream_of_seat(state, device.seat) != stream):
            continue
        said, line = tablets.words.get(device.id), tablets.by_device.get(device.id)
        found.append(
            {
                "device": device.id,
                "key": device.seat,
                "seat": record.label or record.id,
                "standing": device.standing,
                "connected": line is not None,
                "pending": said.pending if said else None,
                # A superseded one that says "none" may act no more: what it said before does not count.
                "sure": bool(line and said and (said.pending or not device.superseded)),
                "heard": said.time if said else "",
                "silent": int(now - said.heard) if said else 0,
                "battery": said.battery if said else -1,
                "skew": said.skew if said else None,
                "page": said.page if said else "",
                "has": said.has if said else None,
                "n": device.n,
            }
        )
    return sorted(found, key=lambda row: (row["key"], row["n"]))


def warned(request: Request, state: State, stream: str) -> dict[str, Any]:
    """What a page that locks says of tablets: ``unsent`` (rows of those that may hold marks that a lock would
    keep out), ``elsewhere`` (other desks may have tablets of their own)."""
    tablets: Tablets = request.app.state.live.tablets
    return warned_of(tablets, state, stream)


def warned_of(tablets: Tablets, state: State, stream: str) -> dict[str, Any]:
    """As ``warned``, of these tablets."""
    rows = may_hold(state, stream, unsent(tablets, state, stream=stream))
    return {"unsent": rows, "elsewhere": tablets.desk.journal.shared}


def unsent_refusal(found: dict[str, Any], reason: str) -> Answer | None:
    """Why nothing is locked without a reason while tablets hold marks or may; None when it may be."""
    if not found["unsent"] or reason.strip():
        return None
    seats = {row["seat"] for row in found["unsent"]}
    return refused("lock.unsent", count=str(len(found["unsent"])), seats=", ".join(sorted(seats)))
